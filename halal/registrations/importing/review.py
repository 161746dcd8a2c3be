"""Looking through an import: counts, pages of rows, corrections, decisions, and the files to download."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select, update

from halal.errors import Conflict
from halal.extensions import db, looking
from halal.meanwhile import over_nobody
from halal.registrations.importing.checking import check_one, was_changed
from halal.registrations.importing.headings import FIELDS, KEY, NIK, PRESENT
from halal.registrations.importing.understanding import EXAMPLE_NAME, EXAMPLE_NOTE
from halal.registrations.models import ROWS_OF_A_LIST, Import, ImportRow, ImportStatus, Verdict
from halal.sheets import write_xlsx

TAKEN = "taken"
FILTERS = (Verdict.NEW, Verdict.POSSIBLE_DUPLICATE, Verdict.EXISTING, Verdict.ERROR, TAKEN)

HEADINGS = {
    "name": _l("Full name"), "phone": _l("Phone"), "email": _l("E-mail"), "business_name": _l("Business"),
    "product": _l("Product"), "nib": _l("NIB"), "region": _l("Regency or city"), "address": _l("Address"),
    "note": _l("Note"), PRESENT: _l("Present (yes or no)"), KEY: _l("Number of the registration"),
}  # fmt: skip


def counts(import_: Import) -> dict[str, int]:
    """How many rows have each verdict; the registered ones count as "taken" only. "all" is all of them."""
    query = (
        select(ImportRow.verdict, ImportRow.registration_id.is_not(None), func.count())
        .where(ImportRow.import_id == import_.id)
        .group_by(ImportRow.verdict, ImportRow.registration_id.is_not(None))
    )
    found = dict.fromkeys(("all", *FILTERS), 0)
    for verdict, taken, count in db.session.execute(query):
        found["all"] += count
        if taken or verdict:
            found[TAKEN if taken else verdict] += count
    return found


def counts_of(rows: Sequence[ImportRow]) -> dict[str, int]:
    """The same of rows that are not in the database."""
    found = dict.fromkeys(("all", *FILTERS), 0) | {"all": len(rows)}
    for row in rows:
        found[row.verdict] += 1
    return found


def rows_of(import_: Import, only: str = "") -> Select:
    """The rows with this verdict ("" for all), in the order of the file."""
    query = select(ImportRow).where(ImportRow.import_id == import_.id).order_by(ImportRow.number)
    if only == TAKEN:
        return query.where(ImportRow.registration_id.is_not(None))
    if only in FILTERS:
        return query.where(ImportRow.verdict == Verdict(only), ImportRow.registration_id.is_(None))
    return query


def undecided(import_: Import) -> int:
    """How many possible duplicates nobody has decided about."""
    query = rows_of(import_, Verdict.POSSIBLE_DUPLICATE).where(ImportRow.accepted.is_(None)).order_by(None)
    return db.session.scalar(select(func.count()).select_from(query.subquery()))


def lock_for_changes(import_: Import) -> None:
    """Hold the import until the end of the transaction. Raises Conflict while it is being worked on or is undone."""
    db.session.refresh(import_, with_for_update=True)
    if import_.status not in {ImportStatus.READY, ImportStatus.TAKEN}:
        raise Conflict(_l("This import is being worked on. Wait a moment, then reload the page."))


def shown(row: ImportRow) -> dict:
    """What a form shows of a row."""
    return {name: row.fields.get(name) or "" for name in (*FIELDS, "region_code")}


def correct(import_: Import, row: ImportRow, typed: dict, *, seen: str = "") -> None:
    """Put what a person typed in the place of what the file said, and judge the row anew. Raises ChangedMeanwhile when
    the row is not as `seen` any more. It begins with a look, so it comes before everything else that is written: with
    ten thousand rows to compare nobody waits. Whoever changes another row, or registers, between the look and the
    lock is found when rows are taken."""
    with looking():
        beside = {name: row.fields[name] for name in (KEY, PRESENT) if name in row.fields}
        corrected, *later = check_one(import_, row, {name: typed.get(name) or "" for name in FIELDS} | beside)
    lock_for_changes(import_)
    _refuse_taken(row)
    with over_nobody(seen, shown, row):
        row.accepted = None
        corrected.write(row)
        for one in later:
            other = db.session.get(ImportRow, one.copy.id, populate_existing=True)
            if other is not None and other.fields == one.before:
                one.write(other)


def bad_nibs(import_: Import) -> int:
    """How many rows have nothing wrong but a NIB that is none, where the event needs no NIB."""
    if import_.event.needs_nib and not import_.mapping.get("nib_later"):
        return 0
    wrong = db.session.scalars(
        select(ImportRow.problems).where(
            ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.ERROR, ImportRow.registration_id.is_(None)
        )
    )
    fields = ({entry["field"] for entry in problems if not entry.get("note")} for problems in wrong)
    return sum(those == {"nib"} for those in fields)


def changed_people(import_: Import) -> int:
    """How many people who are registered already the file says something else of."""
    rows = db.session.execute(
        select(ImportRow.verdict, ImportRow.matches).where(
            ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.EXISTING
        )
    )
    return sum(bool(matches and matches[0].get("changes")) for _verdict, matches in rows)


def decide(import_: Import, row: ImportRow, accepted: bool) -> None:
    """A possible duplicate is somebody else (register anyway), or the same person (leave out)."""
    lock_for_changes(import_)
    _refuse_taken(row)
    if row.verdict != Verdict.POSSIBLE_DUPLICATE:
        raise Conflict(_l("Only possible duplicates need a decision. Reload the page."))
    row.accepted = accepted


def decide_all(import_: Import, accepted: bool) -> int:
    """The same decision for all possible duplicates that nobody has decided about; how many."""
    lock_for_changes(import_)
    return db.session.execute(
        update(ImportRow)
        .where(
            ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.POSSIBLE_DUPLICATE,
            ImportRow.registration_id.is_(None), ImportRow.accepted.is_(None),
        )
        .values(accepted=accepted)
    ).rowcount  # fmt: skip


def _refuse_taken(row: ImportRow) -> None:
    db.session.refresh(row)
    if row.registration_id is not None or was_changed(row):
        raise Conflict(_l("This row is registered already. Correct it in the attendee list."))


def problem_rows_xlsx(import_: Import) -> bytes:
    """The rows that are not taken, as they came, with the reason: to be corrected and sent again. Lists of one file
    share the columns whose headings are the same."""
    lists = import_.mapping.get("lists") or [
        {"columns": import_.mapping["columns"], "headings": [column["heading"] for column in import_.columns],
         "part": range(len(import_.columns))}
    ]  # fmt: skip
    places: dict[tuple[str, int], int] = {}
    places_of: list[dict[int, int]] = []
    for one in lists:
        seen: dict[str, int] = {}
        places_of.append({})
        for column in one["part"]:
            if one["columns"][column] == NIK:
                continue
            heading = one["headings"][column] or _("Column %(number)s", number=column + 1)
            seen[heading] = seen.get(heading, 0) + 1
            places_of[-1][column] = places.setdefault((heading, seen[heading]), len(places))
    rows = db.session.scalars(
        rows_of(import_).where(
            ImportRow.registration_id.is_(None),
            ImportRow.verdict.in_((Verdict.ERROR, Verdict.POSSIBLE_DUPLICATE, Verdict.EXISTING)),
        )
    )
    lines = []
    for row in rows:
        line: list = [""] * len(places)
        for column, place in places_of[row.list_number].items():
            line[place] = _cell(row, column, lists[row.list_number]["columns"][column])
        lines.append([*line, reason(row)])
    return write_xlsx([*(heading for heading, _n in places), _("Reason")], lines, sheet_title=_("Rows not taken"))


def _cell(row: ImportRow, column: int, mapped: str):
    if row.edited and mapped in FIELDS:
        return row.fields.get(mapped, "")
    return row.cells[column] if column < len(row.cells) else ""


def reason(row: ImportRow) -> str:
    """Why a row is not taken, in one line."""
    match row.verdict:
        case Verdict.ERROR:
            return " ".join(entry["message"] for entry in row.problems if not entry.get("note"))
        case Verdict.EXISTING:
            return _("Already registered: %(names)s", names=_names(row.matches))
        case Verdict.POSSIBLE_DUPLICATE:
            return _("May be the same person as: %(names)s", names=_names(row.matches))
    return ""


def sentences(row: ImportRow) -> list[str]:
    """Everything that is said of a row: first why it has its verdict, then what was noticed while it was read."""
    why = [entry["message"] for entry in row.problems if not entry.get("note")]
    if row.verdict in {Verdict.EXISTING, Verdict.POSSIBLE_DUPLICATE}:
        why.append(reason(row))
    return why + [entry["message"] for entry in row.problems if entry.get("note")]


def changes(row: ImportRow) -> dict[str, list[str]]:
    """{field: [what is registered, what the file says]} where somebody who is registered is told of differently."""
    return row.matches[0].get("changes", {}) if row.verdict == Verdict.EXISTING and row.matches else {}


def present_people(import_: Import) -> list[uuid.UUID]:
    """Registrations of whom a column of the file says that they were present: those it brought, and those it found."""
    lists = import_.mapping.get("lists", ())
    if not any(PRESENT in one["columns"] for one in lists):
        return []
    rows = db.session.execute(
        select(ImportRow.fields, ImportRow.verdict, ImportRow.registration_id, ImportRow.matches)
        .where(ImportRow.import_id == import_.id)
        .order_by(ImportRow.number)
    )
    found = []
    for fields, verdict, registration_id, matches in rows:
        if fields.get(PRESENT) and registration_id is not None:
            found.append(registration_id)
        elif fields.get(PRESENT) and verdict == Verdict.EXISTING and matches:
            found.append(uuid.UUID(matches[0]["registration"]))
    return list(dict.fromkeys(found))


def _names(matches: Sequence[dict]) -> str:
    return ", ".join(
        _("%(name)s (row %(row)s)", name=match["name"], row=match["row"] % ROWS_OF_A_LIST)
        if "row" in match
        else match["name"]
        for match in matches
    )


def template_xlsx() -> bytes:
    """An empty list to be filled in: the headings, one row marked as an example, and what each column wants."""
    example = [
        EXAMPLE_NAME, "0812 3456 7890", "siti@contoh.id", "Kue Kering Siti", "Kue kering", "1234567890123",
        "Kab. Serang", "Jl. Raya Serang No. 1", f"{EXAMPLE_NOTE} – " + _("delete this row"),
    ]  # fmt: skip
    notes = [
        _("One row is one attendee. Only the name is needed; what is unknown may stay empty."),
        _("Full name: as it should be printed on the certificate, with degrees; at most 150 characters."),
        _("Phone: 0812…, 62812… or +62812…. Format the column as Text, so that the 0 in front stays."),
        _("NIB: 13 digits. Format the column as Text."),
        _("Regency or city: like “Kab. Serang” or “Kota Serang”."),
        _("The NIK is not needed. A column with NIKs is not read."),
        _("The example row is recognized and not taken."),
        _("At most 20,000 rows in one file."),
    ]
    widths = [32, 18, 26, 28, 24, 18, 20, 36, 28]
    return write_xlsx(
        [str(HEADINGS[name]) for name in FIELDS], [example], widths, _("Attendees"), (_("How to fill it in"), notes)
    )

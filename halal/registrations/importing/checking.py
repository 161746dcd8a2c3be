"""The verdict on every row: new, registered already, possibly registered already, or wrong.

Duplicates are looked for with the rules of registering (services.may_be), but for many rows at once: three queries
for a few hundred rows against the event, a dictionary for the rows of the file against each other.
"""

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace

from sqlalchemy import func, or_, select, update

from halal.events.models import Event
from halal.extensions import db
from halal.registrations import search
from halal.registrations.importing.headings import KEY
from halal.registrations.importing.understanding import details_from, is_wrong, judge, typed_of
from halal.registrations.models import Import, ImportRow, ImportStatus, Registration, RegistrationStatus, Verdict
from halal.registrations.services import Details, may_be
from halal.spelling import name_keys
from halal.text import name_key, similar_names

CHUNK = 100
CHANGED = "changed"  # in a match: {field: [what was registered, what the file gave]}, once that was taken
_SHOWN_MATCHES = 3
_JUDGED = ("id", "fields", "problems", "verdict", "matches", "accepted")


@dataclass(frozen=True)
class Known:
    """Somebody a row is compared with: a registration of the event, or an earlier row of the file."""

    name: str
    name_key: str
    phone: str | None
    nib: str | None
    ref: dict
    stored: dict = field(default_factory=dict)  # what is registered, by the names of Details

    def is_surely(self, other: "Known") -> bool:
        """No doubt that it is the same person: the same NIB and a similar name, or the same phone and name."""
        if other.nib and self.nib == other.nib:
            return similar_names(self.name, other.name)
        return bool(other.phone) and self.phone == other.phone and self.name_key == other.name_key

    def clues(self) -> list[tuple[str, str]]:
        """What others may share with them."""
        sounds = (("name", sound) for sound in sorted(name_keys(self.name)))
        clues = (("nib", self.nib), ("phone", self.phone), *sounds)
        return [(what, value) for what, value in clues if value]


@dataclass
class Lookup:
    """Finds, among many, those who may be the same person."""

    by: dict[tuple[str, str], list[Known]] = field(default_factory=dict)
    by_key: dict[str, Known] = field(default_factory=dict)  # by the number of a registration, cancelled ones as well

    def add(self, known: Known) -> None:
        for clue in known.clues():
            self.by.setdefault(clue, []).append(known)

    def find(self, somebody: Known) -> list[Known]:
        candidates = {id(known): known for clue in somebody.clues() for known in self.by.get(clue, ())}
        return [known for known in candidates.values() if may_be(known, somebody)]


def known_row(number: int, details: Details) -> Known:
    """Somebody as a row of the file says."""
    ref = {"row": number, "name": details.name}
    return Known(details.name, name_key(details.name), details.phone, details.nib, ref)


def registered_like(event: Event, wanted: Sequence[Known], keys: set[uuid.UUID] = frozenset()) -> Lookup:
    """The event's registrations that share a NIB, a phone or the sound of a name with any of these, or have one of
    these keys."""
    clues = []
    for column, values in (
        (Registration.nib, {one.nib for one in wanted}),
        (Registration.phone, {one.phone for one in wanted}),
        (Registration.id, search.sounding(event.id, [one.name for one in wanted]) | keys),
    ):
        if values := values - {None, ""}:
            clues.append(column.in_(values))
    lookup = Lookup()
    if clues:
        columns = ("id", "name_key", "status", *Details.__dataclass_fields__)
        found = db.session.execute(
            select(*(getattr(Registration, name) for name in columns))
            .where(Registration.event_id == event.id).where(or_(*clues))
            .order_by(Registration.id)
        )  # fmt: skip
        for row in found:
            ref = {"registration": str(row.id), "name": row.name}
            stored = {name: getattr(row, name) for name in Details.__dataclass_fields__}
            known = Known(row.name, row.name_key, row.phone, row.nib, ref, stored)
            if row.id in keys:
                lookup.by_key[str(row.id)] = known
            if row.status != RegistrationStatus.CANCELLED:
                lookup.add(known)
    return lookup


def keys_of(rows: Sequence[ImportRow]) -> set[uuid.UUID]:
    """The numbers of registrations that rows of our own list carry."""
    found = set()
    for row in rows:
        with suppress(ValueError):
            found.add(uuid.UUID(row.fields.get(KEY, "")))
    return found


def check_all(
    import_: Import, progress: Callable[[int, int], None], looking: Callable[[], AbstractContextManager] = nullcontext
) -> None:
    """Give every row without a verdict its verdict; `progress(done, total)` is called after each few hundred and may
    commit. Begins again where it was left. Rows are judged within `looking()`, which may take back a transaction, and
    written after it."""
    mine, earlier = ImportRow.import_id == import_.id, Lookup()
    with looking():
        judged = db.session.execute(
            select(ImportRow.number, ImportRow.fields, ImportRow.verdict).where(mine, ImportRow.verdict.is_not(None))
        ).all()
        for number, fields, verdict in judged:
            if verdict != Verdict.ERROR:
                earlier.add(known_row(number, details_from(fields)))
        total, done = db.session.scalar(select(func.count()).select_from(ImportRow).where(mine)), len(judged)
    waiting = select(ImportRow).where(mine, ImportRow.verdict.is_(None)).order_by(ImportRow.number).limit(CHUNK)
    while True:
        with looking():
            rows = db.session.scalars(waiting).all()
            for row in rows:
                db.session.expunge(row)  # what is found out about it outlives this look
            _check(import_, rows, earlier)
        if not rows:
            break
        db.session.execute(update(ImportRow), [{name: getattr(row, name) for name in _JUDGED} for row in rows])
        done += len(rows)
        progress(done, total)
    import_.status = ImportStatus.READY


def check_apart(import_: Import, rows: Sequence[ImportRow]) -> None:
    """The same for the rows of an import that is no more than a question: neither of them is in the database."""
    earlier = Lookup()
    for start in range(0, len(rows), CHUNK):
        _check(import_, rows[start : start + CHUNK], earlier)


def _check(import_: Import, rows: Sequence[ImportRow], earlier: Lookup) -> None:
    understood = [(row, _understand(import_, row)) for row in rows]
    right = [(row, details, known_row(row.number, details)) for row, details in understood if details is not None]
    registered = registered_like(import_.event, [somebody for _row, _details, somebody in right], keys_of(rows))
    for row, details, somebody in right:
        _compare(row, details, somebody, registered, earlier)
        earlier.add(somebody)


def _understand(import_: Import, row: ImportRow) -> Details | None:
    """Fill the row's fields and problems; its details when nothing is wrong. A corrected row keeps its correction."""
    later = bool(import_.mapping.get("nib_later"))
    if row.edited:
        typed, noticed = row.fields | {"region": row.fields.get("region", "")}, []
    else:
        typed, noticed = typed_of(row.cells, columns_of(import_, row))
        noticed += [entry for entry in row.problems if entry.get("read")]
    row.fields, row.problems = judge(
        typed, import_.event, nib_later=later, noticed=noticed, without_nib=bool(import_.mapping.get("without_nib"))
    )
    if is_wrong(row.problems):
        row.verdict, row.matches, row.accepted = Verdict.ERROR, [], None
        return None
    return details_from(row.fields)


def columns_of(import_: Import, row: ImportRow) -> list[str]:
    """The fields of the columns of the row's list."""
    lists = import_.mapping.get("lists")
    return lists[row.list_number]["columns"] if lists else import_.mapping["columns"]


def _compare(row: ImportRow, details: Details, somebody: Known, registered: Lookup, earlier: Lookup) -> None:
    own, alike = registered.by_key.get(row.fields.get(KEY, "")), registered.find(somebody)
    same = [known for known in alike if known.ref.get("registration") != str(row.registration_id)]
    twins = [known for known in earlier.find(somebody) if known.ref["row"] != row.number]
    surely = own or next((known for known in same if known.is_surely(somebody)), None)
    if surely:
        verdict = Verdict.EXISTING
        changes = _changes(surely.stored, details)
        same = [replace(surely, ref=surely.ref | ({"changes": changes} if changes else {}))]
        same += [known for known in alike if known.ref["registration"] != surely.ref["registration"]]
    elif same or twins:
        verdict = Verdict.POSSIBLE_DUPLICATE
    else:
        verdict = Verdict.NEW
    if verdict != row.verdict:
        row.accepted = None
    row.verdict, row.matches = verdict, [known.ref for known in (*same, *twins)[:_SHOWN_MATCHES]]


def _changes(stored: dict, details: Details) -> dict[str, list[str]]:
    """{field: [what is registered, what the file says]} where the file says something else; silence changes nothing,
    and the note holds what the import remarked."""
    said = {name: (stored[name] or "", value) for name, value in vars(details).items() if value and name != "note"}
    return {name: [old, new] for name, (old, new) in said.items() if old != new}


def was_changed(row: ImportRow) -> bool:
    """Whether somebody was registered before and took over what this row says."""
    return bool(row.matches) and CHANGED in row.matches[0]


@dataclass(frozen=True)
class Judged:
    """A copy of a row with its verdict, and the fields that it had `before`."""

    copy: ImportRow
    before: dict

    def write(self, row: ImportRow) -> None:
        """Give the row this verdict. A decision about it stays unless the verdict is another."""
        if row.edited != self.copy.edited or row.verdict != self.copy.verdict:
            row.accepted = None
        for name in ("fields", "problems", "verdict", "matches", "edited"):
            setattr(row, name, getattr(self.copy, name))


def check_one(import_: Import, row: ImportRow, fields: dict) -> list[Judged]:
    """The verdict on a row with what a person typed as its fields, and after it those on later rows that were compared
    with it. It compares all rows of the file and changes none, so that nobody has to wait for it."""
    corrected = Judged(_copy(row), row.fields)
    corrected.copy.fields, corrected.copy.edited = fields, True
    mine = ImportRow.import_id == import_.id
    others = db.session.execute(
        select(ImportRow.id, ImportRow.number, ImportRow.fields, ImportRow.matches)
        .where(mine, ImportRow.number != row.number, ImportRow.verdict != Verdict.ERROR)
        .order_by(ImportRow.number)
    ).all()
    earlier = Lookup()
    for other in others:
        if other.number < row.number:
            earlier.add(known_row(other.number, details_from(other.fields)))
    _check(import_, [corrected.copy], earlier)
    judged = [corrected]
    for other in (other for other in others if other.number > row.number):
        if any(match.get("row") == row.number for match in other.matches) and not was_changed(other):
            later = Judged(_copy(db.session.get(ImportRow, other.id)), other.fields)
            _check(import_, [later.copy], earlier)
            judged.append(later)
        else:
            earlier.add(known_row(other.number, details_from(other.fields)))
    return judged


def _copy(row: ImportRow) -> ImportRow:
    """One that is in no session."""
    return ImportRow(
        **{name: getattr(row, name) for name in (*_JUDGED, "number", "cells", "edited", "registration_id")}
    )

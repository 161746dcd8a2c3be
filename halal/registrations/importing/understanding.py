"""From the cells of one row to the details of one attendee, and everything that is wrong with them."""

from collections.abc import Sequence

from flask_babel import gettext as _

from halal import regions
from halal.errors import DomainError
from halal.events.models import Event
from halal.registrations.importing import cells as cell
from halal.registrations.importing.headings import FIELDS, KEY, PRESENT
from halal.registrations.services import Bounds, Details, check
from halal.sheets import Cell

EXAMPLE_NAME = "Siti Aminah, S.Pd."
EXAMPLE_NOTE = "CONTOH"


def typed_of(cells: Sequence[Cell], mapping: Sequence[str]) -> tuple[dict, list[dict]]:
    """(what each field says, {"name": …}; what was noticed on the way): numbers repaired, nothing judged yet."""
    typed, noticed = dict.fromkeys(FIELDS, ""), []
    remarks = []
    for value, name in zip(cells, mapping, strict=False):
        if name == KEY:
            typed[KEY] = cell.as_text(value)[:60]
        elif name == PRESENT:
            typed[PRESENT] = cell.is_present(value)
        if name not in FIELDS:
            continue
        if error := cell.error_of(value):
            if name == "name":
                noticed.append(problem(name, _("The cell holds an error (%(error)s). Write the name.", error=error)))
                continue
            noticed.append(note(name, _("The cell held an error (%(error)s) and counts as empty.", error=error)))
            continue
        try:
            match name:
                case "phone":
                    typed[name], remark = cell.phone(value)
                    remarks += [remark] if remark else []
                    noticed += [note(name, remark)] if remark else []
                case "nib":
                    typed[name], remark = cell.nib(value)
                    noticed += [note(name, remark)] if remark else []
                case "email":
                    typed[name] = cell.email(value)
                case _:
                    typed[name] = cell.as_text(value)
        except DomainError as error:
            typed[name] = cell.as_text(value)
            noticed.append(problem(name, error.message))
    typed["note"] = "; ".join(part for part in (typed["note"], *remarks) if part)
    return typed, noticed


def judge(
    typed: dict, event: Event, *, nib_later: bool, noticed: Sequence[dict] = (), without_nib: bool = False
) -> tuple[dict, list[dict]]:
    """(fields, problems). Fields are as they will be stored where they are right, and as typed where they are wrong.
    Problems marked "note" are remarks; any other keeps the row from being taken. `without_nib`: a NIB that is none is
    left out where none is needed, and said."""
    problems = list(noticed)
    known = {entry["field"] for entry in problems if not entry.get("note")}
    code, region_problem = region_of(typed["region"], [region.region_code for region in event.regions])
    if region_problem:
        problems.append(problem("region", region_problem))
    given = {name: "" if name in known else typed[name] for name in FIELDS if name != "region"}
    cleaned, errors = check(Details(**given, region_code=code), event, need_nib=False if nib_later else None)
    if typed["name"] == EXAMPLE_NAME and typed["note"].startswith(EXAMPLE_NOTE):
        problems.append(problem("name", _("This is the example row of the template; it is not taken.")))
    errors = errors + _bounds_problems(cleaned, event, problems)
    for error in errors:
        if error.field not in known:
            problems.append(problem(error.field or "", error.message))
    if without_nib and (nib_later or not event.needs_nib):
        problems = [
            _left_out(entry, typed) if entry["field"] == "nib" and not entry.get("note") else entry
            for entry in problems
        ]
    wrong = {entry["field"] for entry in problems if not entry.get("note")}
    fields = {name: typed[name] if name in wrong else getattr(cleaned, name) or "" for name in given}
    beside = {name: typed[name] for name in (KEY, PRESENT) if name in typed}
    return fields | {"region": typed["region"], "region_code": code or "", **beside}, problems


def _left_out(entry: dict, typed: dict) -> dict:
    return note("nib", _("The NIB “%(typed)s” was left out: %(why)s", typed=typed["nib"][:40], why=entry["message"]))


def _bounds_problems(details: Details, event: Event, problems: list[dict]) -> list[DomainError]:
    """Why the program refuses this row; or, where it admits and marks, a remark among the problems. Quotas are counted
    when the rows are taken."""
    bounds = Bounds(event)
    try:
        found = bounds.check(details, count_quota=False)
    except DomainError as error:
        return [error]
    problems += [note("region", str(bounds.sentence(bound, details.region_code))) for bound in found]
    return []


_OPTIONAL = {"phone", "email", "nib", "region_code"}


def details_from(fields: dict) -> Details:
    """The details of a row that has no problems."""
    return Details(**stored_values({name: fields.get(name) for name in Details.__dataclass_fields__}))


def stored_values(said: dict) -> dict:
    """The values as a registration stores them: nothing is None, or an empty text."""
    return {name: value or (None if name in _OPTIONAL else "") for name, value in said.items()}


def region_of(typed: str, preferred: list[str]) -> tuple[str | None, str | None]:
    """(code, what is wrong). "Serang" alone is a regency and a city: where both are invited, or neither, a person
    has to say which."""
    if not typed or cell.says_nothing(typed):
        return None, None
    found = regions.guess(typed, preferred)
    if len(found) == 1:
        return found[0].code, None
    if found:
        return None, _(
            "“%(line)s” may mean %(first)s or %(second)s. Write which.",
            line=typed[:60], first=found[0].label, second=found[1].label,
        )  # fmt: skip
    if similar := regions.similar(typed):
        return None, _(
            "“%(line)s” is no regency or city. If %(region)s is meant, write that.",
            line=typed[:60], region=similar[0].label,
        )  # fmt: skip
    return None, _("“%(line)s” is no regency or city. Write it like Kab. Serang.", line=typed[:60])


def candidates(typed: str) -> list[regions.Region]:
    """The regions a cell may mean, to choose from."""
    return regions.guess(typed) or regions.similar(typed)


def problem(field: str, message) -> dict:
    return {"field": field, "message": str(message)}


def note(field: str, message) -> dict:
    return problem(field, message) | {"note": True}


def is_wrong(problems: Sequence[dict]) -> bool:
    return any(not entry.get("note") for entry in problems)

"""An import in words for programs: what `attendees import --rows` prints beside its summary (docs/import.md)."""

from collections.abc import Sequence

from halal.registrations.importing import review
from halal.registrations.importing.headings import COUNTER, FIELDS, NIK
from halal.registrations.models import Import, ImportRow

_NAMES = {"region": "region_code"}  # in `columns` as in `values`
_MAY_BE_MISSING = {"phone", "email", "nib", "region_code"}  # registered as nothing rather than as an empty text


def columns(import_: Import) -> list[dict]:
    """{"sheet", "heading", "field"} of every column that has a heading or is taken; "field" is None where it is not."""
    found: dict[tuple, dict] = {}
    for one in import_.mapping["lists"]:
        for column in one["part"]:
            field = one["columns"][column]
            field = None if field in {"", NIK, COUNTER} else _NAMES.get(field, field)
            said = {"sheet": one["sheet"], "heading": one["headings"][column], "field": field}
            place = (one["sheet"], one["header"], column)
            if (said["heading"] or field) and (place not in found or field):
                found[place] = said
    return list(found.values())


def rows(import_: Import, those: Sequence[ImportRow]) -> list[dict]:
    """{"sheet", "row", "verdict", "reasons", "values", "changes"} of every row that was read."""
    return [
        {
            "sheet": import_.mapping["lists"][row.list_number]["sheet"], "row": row.line, "verdict": str(row.verdict),
            "reasons": review.sentences(row), "values": _values(row), "changes": review.changes(row),
        }
        for row in those
    ]  # fmt: skip


def _values(row: ImportRow) -> dict:
    """What would be registered; nothing in the place of what is wrong."""
    wrong = {entry["field"] for entry in row.problems if not entry.get("note")}
    names = [_NAMES.get(name, name) for name in FIELDS]
    values = {name: (row.fields.get(name) or "") if name not in wrong else "" for name in names}
    return {name: value or (None if name in _MAY_BE_MISSING else "") for name, value in values.items()} | {
        "present": row.fields.get("present")
    }

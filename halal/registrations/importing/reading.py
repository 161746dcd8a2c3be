"""From a stored file to rows in the database: which sheet, which heading, which cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from halal import files, sheets, text
from halal.extensions import db
from halal.registrations.importing.columns import NIK, Layout, find_layout
from halal.registrations.importing.understanding import is_empty, repeats_headings
from halal.registrations.models import Import, ImportRow, ImportStatus
from halal.sheets import Sheet

_SAMPLES = 3
_AT_ONCE = 500  # rows written between two pauses


def clean_filename(filename: str | None) -> str:
    """The name of a file as people may see it: without folders and control characters, at most 120 characters."""
    last = text.clean_line(filename).replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    return last if len(last) <= 120 else f"{last[:100]}…{last[-19:]}"


@dataclass(frozen=True)
class Read:
    """What a file says: everything an import keeps of it."""

    mapping: dict
    columns: list[dict]
    rows: list[dict]  # "number", "cells"
    has_name: bool


def understand(found: Sequence[Sheet], chosen: dict) -> Read:
    """The rows of a file and what its columns are. What a person chose (sheet, header, columns) is kept, the rest is
    found out. It asks and changes nothing in the database."""
    number, layout = _choose(found, chosen)
    rows = found[number].rows
    if chosen.get("columns") and len(chosen["columns"]) == len(layout.mapping):
        layout.mapping = list(chosen["columns"])
    mapping = chosen | {
        "sheet": number, "sheets": [sheet.title for sheet in found],
        "header": layout.header, "columns": layout.mapping,
    }  # fmt: skip
    return Read(mapping, _columns(layout, rows), _rows(layout, rows), layout.has_name)


def keep(import_: Import, read: Read, pause: Callable[[], None]) -> None:
    """Fill the import's rows from what was read; rows that a person has corrected stay, to be judged anew. Leaves the
    import CHECKING, or UPLOADED when no column holds the names. `pause` is called now and then and may commit."""
    mine = ImportRow.import_id == import_.id
    kept = set(db.session.scalars(select(ImportRow.number).where(mine, ImportRow.edited)))
    db.session.execute(delete(ImportRow).where(mine, ImportRow.edited.is_(False)))
    db.session.execute(update(ImportRow).where(mine).values(verdict=None))
    new = [{"import_id": import_.id, **row} for row in read.rows if row["number"] not in kept]
    for start in range(0, len(new), _AT_ONCE):
        db.session.execute(insert(ImportRow), new[start : start + _AT_ONCE])
        pause()
    import_.mapping, import_.columns = read.mapping, read.columns
    import_.status = ImportStatus.CHECKING if read.has_name else ImportStatus.UPLOADED


def sheets_of(key: str) -> list[Sheet]:
    """The sheets of a stored file. Raises SheetError."""
    try:
        content = files.get(key)
    except files.FileMissing:
        raise sheets.SheetError(_l("The file is no longer kept. Send it again.")) from None
    return sheets.read_sheets(content)


def _choose(found: Sequence[Sheet], chosen: dict) -> tuple[int, Layout]:
    """The sheet a person chose, or the one whose headings say most; and where its data is."""
    if chosen.get("sheet") is not None and chosen["sheet"] < len(found):
        number = chosen["sheet"]
        return number, find_layout(found[number].rows, chosen.get("header"))
    layouts = [find_layout(sheet.rows) for sheet in found]
    best = max(range(len(found)), key=lambda n: (layouts[n].has_name, len({*layouts[n].mapping} - {""}), -n))
    return best, layouts[best]


def _columns(layout: Layout, rows: dict[int, list]) -> list[dict]:
    columns = []
    for column, (heading, mapped) in enumerate(zip(layout.headings, layout.mapping, strict=True)):
        values = (
            text.clean_line(str(cells[column]))[:60]
            for number, cells in rows.items()
            if number >= layout.first and column < len(cells)
        )
        samples = [] if mapped == NIK else [value for value, _n in zip(filter(None, values), range(_SAMPLES))]  # noqa: B905
        columns.append({"heading": heading[:120], "samples": samples})
    return columns


def _rows(layout: Layout, rows: dict[int, list]) -> list[dict]:
    """The rows that may be people. A NIK is blanked before anything is stored."""
    secret = {column for column, mapped in enumerate(layout.mapping) if mapped == NIK}
    return [
        {"number": number, "cells": ["" if column in secret else cell for column, cell in enumerate(cells)]}
        for number, cells in rows.items()
        if number >= layout.first
        and not is_empty(cells, layout.mapping if layout.has_name else ["name"] * len(cells))
        and not repeats_headings(cells, layout.headings)
    ]

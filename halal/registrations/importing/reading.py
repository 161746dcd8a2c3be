"""From a stored file to rows in the database: which sheet, which heading, which cells."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from halal import files, sheets, text
from halal.extensions import db
from halal.registrations.importing.columns import NIK, Layout, find_layout
from halal.registrations.importing.understanding import is_empty, repeats_headings
from halal.registrations.models import Import, ImportRow, ImportStatus
from halal.sheets import Sheet

_SAMPLES = 3


def file_key(import_: Import) -> str:
    """Where the uploaded file is kept until its rows are taken. Its own name is for people only."""
    return f"imports/{import_.organization_id}/{import_.id}"


def clean_filename(filename: str | None) -> str:
    """The name of a file as people may see it: without folders and control characters, at most 120 characters."""
    last = text.clean_line(filename).replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    return last if len(last) <= 120 else f"{last[:100]}…{last[-19:]}"


def read(import_: Import, found: Sequence[Sheet]) -> None:
    """Fill the import's rows from its file. What a person chose in `import_.mapping` (sheet, header, columns) is kept,
    the rest is found out; rows that a person has corrected stay. Leaves the import CHECKING, or UPLOADED when no
    column holds the names."""
    chosen = dict(import_.mapping or {})
    number, layout = _choose(found, chosen)
    rows = found[number].rows
    if chosen.get("columns") and len(chosen["columns"]) == len(layout.mapping):
        layout.mapping = list(chosen["columns"])
    import_.mapping = chosen | {
        "sheet": number, "sheets": [sheet.title for sheet in found],
        "header": layout.header, "columns": layout.mapping,
    }  # fmt: skip
    import_.columns = _columns(layout, rows)
    _write_rows(import_, layout, rows)
    import_.status = ImportStatus.CHECKING if layout.has_name else ImportStatus.UPLOADED


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


def _write_rows(import_: Import, layout: Layout, rows: dict[int, list]) -> None:
    """New rows for all but the corrected ones, which are judged anew. A NIK is blanked before anything is stored."""
    mine = ImportRow.import_id == import_.id
    db.session.execute(delete(ImportRow).where(mine, ImportRow.edited.is_(False)))
    db.session.execute(update(ImportRow).where(mine).values(verdict=None))
    kept = set(db.session.scalars(select(ImportRow.number).where(mine)))
    secret = {column for column, mapped in enumerate(layout.mapping) if mapped == NIK}
    new = [
        {
            "import_id": import_.id, "number": number,
            "cells": ["" if column in secret else cell for column, cell in enumerate(cells)],
        }
        for number, cells in rows.items()
        if number >= layout.first and number not in kept
        and not is_empty(cells, layout.mapping if layout.has_name else ["name"] * len(cells))
        and not repeats_headings(cells, layout.headings)
    ]  # fmt: skip
    if new:
        db.session.execute(insert(ImportRow), new)

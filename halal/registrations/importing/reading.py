"""From a stored file to rows in the database: which sheet, which heading, which cells."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import delete, insert, select, update

from halal import files, regions, sheets, text
from halal.extensions import db
from halal.registrations.importing.cells import NIK_LEFT_OUT, as_text, is_blank, is_ditto, is_nik, without_nik
from halal.registrations.importing.columns import (
    Layout,
    fields_in,
    find_layout,
    looks_like_data,
    without_made_up_headings,
)
from halal.registrations.importing.footers import NOTHING_TAKEN, shown, sort_out
from halal.registrations.importing.headings import FIELDS, NIK, meaning
from halal.registrations.importing.understanding import note
from halal.registrations.models import ROWS_OF_A_LIST, Import, ImportRow, ImportStatus
from halal.sheets import Sheet

_SAMPLES = 3
_AT_ONCE = 500  # rows written between two pauses
_BELOW = 20  # lists below each other
_JUDGED_ROWS = 500
_NAMED_ROWS = 1000  # of a sheet that is not read
_NAMES = re.compile(r"\s*(nama|name|full ?name|peserta|pemilik|pelaku)", re.IGNORECASE)
# Sheets of these names list no attendees, whatever their headings are.
_ASIDE = {
    "panitia", "narasumber", "pemateri", "petugas", "rekap", "rekapitulasi", "contoh", "example", "petunjuk",
    "pengisian", "arsip", "batal", "referensi", "master", "pendamping", "cadangan", "dokumentasi", "lampiran",
}  # fmt: skip


def clean_filename(filename: str | None) -> str:
    """The name of a file as people may see it: without folders and control characters, at most 120 characters."""
    last = text.clean_line(filename).replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    return last if len(last) <= 120 else f"{last[:100]}…{last[-19:]}"


@dataclass(frozen=True)
class Read:
    """What a file says: everything an import keeps of it."""

    mapping: dict
    columns: list[dict]
    rows: list[dict]  # "number", "cells", "problems": what was noticed while they were read
    has_name: bool


@dataclass
class List:
    """One list of people in a file: its sheet, where it stands in it, which of the columns are its own and what they
    are. `last` is its last row when another list begins below it."""

    sheet: int
    layout: Layout
    part: set[int]
    mapping: list[str]
    last: int | None = None


def understand(found: Sequence[Sheet], chosen: dict) -> Read:
    """The rows of a file and what its columns are. What a person chose (sheet, header, columns) is kept, the rest is
    found out. Further lists, on the same sheet or another, are read as well when they hold the same; what is not read
    is said in `mapping["notes"]`. It asks and changes nothing in the database."""
    number, layout = _choose(found, chosen)
    if chosen.get("columns") and len(chosen["columns"]) == len(layout.mapping):
        layout.lists[0] = list(chosen["columns"])
    lists, notes = _lists(found, number, layout, alone=bool(chosen.get("alone")))
    for one in lists[1:]:  # what a person said of the first list counts for those of the same headings
        if chosen.get("columns") and one.layout.headings == layout.headings and one.part == lists[0].part:
            one.mapping = list(lists[0].mapping)
    rows: list[dict] = []
    for index, one in enumerate(lists):
        some, left = _rows(index, one, found[one.sheet])
        rows += some
        notes += [*left, *_names_beside(one, found[one.sheet]), *_cut_cells(one, found[one.sheet])]
    mapping = chosen | {
        "sheet": number, "sheets": [sheet.title for sheet in found],
        "header": layout.header, "columns": layout.mapping,
        "lists": [
            {
                "sheet": found[one.sheet].title, "header": one.layout.header, "columns": one.mapping,
                "headings": [heading[:120] for heading in one.layout.headings], "part": sorted(one.part),
            }
            for one in lists
        ],
        "notes": notes,
    }  # fmt: skip
    return Read(mapping, _columns(layout, found[number].rows), rows, layout.has_name)


def open_question(read: Read) -> str:
    """What has to be asked before anybody is registered, or "": a column of regions that names both kinds at once."""
    for index, one in enumerate(read.mapping["lists"]):
        if "region" not in one["columns"]:
            continue
        column = one["columns"].index("region")
        cells = (row["cells"][column : column + 1] for row in read.rows if row["number"] // ROWS_OF_A_LIST == index)
        said = [as_text(some[0]) for some in islice(cells, _JUDGED_ROWS) if some and not is_blank(some[0])]
        unsure = [typed for typed in said if regions.is_generic(typed) and len(regions.guess(typed)) > 1]
        if len(unsure) * 2 > len(said):
            found = regions.guess(unsure[0])
            return _(
                "“%(line)s” may mean %(first)s or %(second)s, and so may others in the column “%(heading)s”. "
                "Write which.",
                line=unsure[0][:60], first=found[0].label, second=found[1].label, heading=one["headings"][column],
            )  # fmt: skip
    return ""


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
    best = max(
        range(len(found)),
        key=lambda n: (layouts[n].has_name, not _is_aside(found[n].title), len(layouts[n].fields), -n),
    )
    return best, layouts[best]


def _lists(found: Sequence[Sheet], number: int, layout: Layout, *, alone: bool) -> tuple[list[List], list[dict]]:
    """(the lists that are read, what is said of the others): first those of the chosen sheet."""
    lists, notes = _lists_of(number, found[number], layout), []
    for other, sheet in enumerate(found):
        if other == number or not sheet.rows:
            continue
        further = find_layout(sheet.rows)
        same = (
            further.has_name and further.header and (further.fields <= layout.fields or layout.fields <= further.fields)
        )
        if same and layout.has_name and not alone and not _is_aside(sheet.title):
            lists += _lists_of(other, sheet, further)
        else:
            notes.append(_unread(sheet, further))
    notes += [
        {"sheet": title, "rows": [], "text": _("Sheet “%(sheet)s” is hidden and was not read.", sheet=title)}
        for title in (found[number].hidden_beside if found else ())
    ]
    return lists, notes


def _unread(sheet: Sheet, layout: Layout) -> dict:
    count = sum(row >= layout.first for row in sheet.rows) if layout.has_name else len(sheet.rows)
    return {
        "sheet": sheet.title, "rows": [number for number in sheet.rows if number >= layout.first][:_NAMED_ROWS],
        "text": ngettext(
            "Sheet “%(sheet)s” with %(num)s row was not read.", "Sheet “%(sheet)s” with %(num)s rows was not read.",
            count, sheet=sheet.title,
        ),
    }  # fmt: skip


def _is_aside(title: str) -> bool:
    """Whether a sheet says by its name that it lists no attendees."""
    return bool(_ASIDE & set(text.fold(title).split()))


def _lists_of(number: int, sheet: Sheet, layout: Layout, most: int = _BELOW) -> list[List]:
    """The lists of a sheet: beside each other, and below each other with headings of their own."""
    every = set(range(len(layout.headings)))
    own = [mapping for n, mapping in enumerate(layout.lists) if n == 0 or "name" in mapping]
    parts = [part for n, part in enumerate(layout.parts) if n == 0 or "name" in layout.lists[n]]
    every -= {c for n, part in enumerate(layout.parts) if n and part not in parts for c in part}
    lists = [
        List(number, layout, every if len(own) == 1 else part, mapping)
        for part, mapping in zip(parts, own, strict=True)
    ]
    begins = _heading_below(sheet.rows, layout) if most > 1 else None
    if begins is not None:
        for one in lists:
            one.last = begins - 1
        below = {row: cells for row, cells in sheet.rows.items() if row >= begins}
        lists += _lists_of(number, Sheet(sheet.title, below, sheet.merges), find_layout(below, begins), most - 1)
    return lists


def _names_beside(one: List, sheet: Sheet) -> list[dict]:
    """What is said of columns that hold names, too, or stand beside the list as another, and are not read."""
    layout = one.layout
    notes = []
    for column in sorted(one.part):
        if layout.named[column].field == "name" and one.mapping[column] != "name" and "name" in one.mapping:
            rows = [
                n
                for n, cells in sheet.rows.items()
                if n >= layout.first and cells[column : column + 1] not in ([], [""])
            ]
            if rows:
                said = _(
                    "The column “%(heading)s” holds names as well and was not read.", heading=layout.headings[column]
                )
                notes.append({"sheet": sheet.title, "rows": rows[:_NAMED_ROWS], "text": said})
    for part, mapping in zip(layout.parts[1:], layout.lists[1:], strict=True):
        if "name" not in mapping and one.mapping is layout.lists[0]:
            headings = ", ".join(f"“{layout.headings[c]}”" for c in sorted(part) if layout.headings[c])
            said = _("The columns %(headings)s stand beside the list and were not read.", headings=headings)
            notes.append({"sheet": sheet.title, "rows": [], "text": said})
    return notes


def _cut_cells(one: List, sheet: Sheet) -> list[dict]:
    """What is said of cells that hold more than is kept of a cell."""
    first, last = one.layout.first, one.last or max(sheet.rows)
    rows = sorted({row for row, column in sheet.cut if first <= row <= last and column in one.part})
    if not rows:
        return []
    most = f"{sheets.MAX_CELL:,}".replace(",", ".")
    said = ngettext(
        "Row %(rows)s has a cell of more than %(max)s characters; only the beginning of it was read.",
        "Rows %(rows)s have a cell of more than %(max)s characters; only the beginning of it was read.",
        len(rows), rows=shown(rows), max=most,
    )  # fmt: skip
    return [{"sheet": sheet.title, "rows": rows[:_NAMED_ROWS], "text": said}]


def _heading_below(rows: dict[int, list], layout: Layout) -> int | None:
    """The row of another list's heading further down: it names people and something else, and is not ours again."""
    if not layout.has_name or not layout.header:
        return None
    near = layout.mapping.index("name") + 4
    for number, cells in rows.items():
        names = [value for value in cells[:near] if isinstance(value, str) and _NAMES.match(value)]
        if number < layout.first or not names or looks_like_data(cells):
            continue
        if not any(meaning(as_text(value)).field == "name" for value in names):
            continue
        if len(fields_in(cells)) > 1 and not _same_headings(cells, layout):
            return number
    return None


def _same_headings(cells: Sequence, layout: Layout) -> bool:
    said = [(as_text(value).casefold(), c) for c, value in enumerate(cells) if as_text(value)]
    return all(c < len(layout.headings) and layout.headings[c].casefold().startswith(value) for value, c in said)


def _columns(layout: Layout, rows: dict[int, list]) -> list[dict]:
    columns = []
    for column, (heading, mapped) in enumerate(zip(layout.headings, layout.mapping, strict=True)):
        values = (
            "" if is_nik(cells[column]) else text.clean_line(str(cells[column]))[:60]
            for number, cells in rows.items()
            if number >= layout.first and column < len(cells)
        )
        samples = [] if mapped == NIK else [value for value, _n in zip(filter(None, values), range(_SAMPLES))]  # noqa: B905
        columns.append({"heading": heading[:120], "samples": samples})
    return columns


def _rows(index: int, one: List, sheet: Sheet) -> tuple[list[dict], list[dict]]:
    """(the rows of a list that may be people, what is said of the others). A NIK is blanked before anything is stored;
    what "sda" stands for and what a merged cell holds is written out."""
    rows = [
        (number, cells)
        for number, cells in without_made_up_headings(sheet.rows).items()
        if number >= one.layout.first and (one.last is None or number <= one.last)
    ]
    if "name" not in one.mapping:
        return [
            {"number": index * ROWS_OF_A_LIST + number, "cells": cells, "problems": []} for number, cells in rows
        ], []
    filled = _Filled(one, sheet)
    people, left = sort_out(filled.merged(rows), one.mapping, one.layout.headings, one.part)
    if len(one.layout.lists) > 1:  # whoever stands beside it is in another list
        left = [(numbers, why) for numbers, why in left if why != NOTHING_TAKEN]
    notes = [
        {
            "sheet": sheet.title, "rows": numbers,
            "text": ngettext(
                "Row %(rows)s was not read: %(why)s.", "Rows %(rows)s were not read: %(why)s.", len(numbers),
                rows=shown(numbers), why=why,
            ),
        }
        for numbers, why in left
    ]  # fmt: skip
    return [
        {"number": index * ROWS_OF_A_LIST + number, **filled.written_out(number, cells)} for number, cells in people
    ], notes


class _Filled:
    """Writes out what cells of a list only point to: the cell above, or the first of a merge."""

    def __init__(self, one: List, sheet: Sheet):
        self.one, self.rows = one, sheet.rows
        self.secret = {column for column, mapped in enumerate(one.mapping) if mapped == NIK}
        self.taken = [c for c, mapped in enumerate(one.mapping) if mapped in FIELDS]
        self.above: dict[int, object] = {}
        self.from_merge: dict[tuple[int, int], int] = {}
        for top, left, bottom, right in sheet.merges:
            for column in self.taken:
                if left <= column <= right and bottom > top and top >= one.layout.first and column == left:
                    self.from_merge |= {(number, column): top for number in range(top + 1, bottom + 1)}

    def merged(self, rows: Sequence[tuple[int, list]]) -> list[tuple[int, list]]:
        """The rows with what merged cells hold in each of them; also a row that held nothing else."""
        if not self.from_merge:
            return list(rows)
        found = dict(rows)
        for (number, column), top in self.from_merge.items():
            value = self.rows.get(top, [])[column : column + 1]
            if not value or is_blank(value[0]) or number not in found:
                continue
            cells = [*found[number], *[""] * (column + 1 - len(found[number]))]
            if is_blank(cells[column]):
                cells[column] = value[0]
                found[number] = cells
            else:
                self.from_merge[number, column] = 0
        return sorted(found.items())

    def written_out(self, number: int, cells: Sequence) -> dict:
        """{"cells", "problems"} of a row: as it is judged, and what was noticed."""
        cells, noticed = list(cells), []
        for column in self.taken:
            value = cells[column] if column < len(cells) else ""
            mapped = self.one.mapping[column]
            if is_ditto(value):
                cells[column] = self.above.get(column, "")
                words = _("“%(typed)s”: taken from the row above.", typed=as_text(value)[:20])
                if is_blank(cells[column]):
                    words = _("“%(typed)s”: nothing stands above it, so it stays empty.", typed=as_text(value)[:20])
                noticed.append(note(mapped, words) | {"read": True})
            elif self.from_merge.get((number, column)):
                noticed.append(note(mapped, _("Taken from the merged cell above.")) | {"read": True})
            elif mapped == "nib" and is_nik(value):
                cells[column] = without_nik(value)
                noticed.append(note(mapped, NIK_LEFT_OUT) | {"read": True})
            if column < len(cells):
                self.above[column] = cells[column]
        return {
            "cells": ["" if column in self.secret else cell for column, cell in enumerate(cells)], "problems": noticed,
        }  # fmt: skip

"""Reads one workbook (xlsx, xlsb, ods, xls) in a process of its own; halal.sheets starts it.

A spreadsheet from outside may be made to exhaust its reader, so it is read where memory and time are limited and
where a crash takes nobody along. This file imports nothing of the project: it is run as a script and starts in
less than a tenth of a second. In: the workbook on stdin, limits as arguments. Out: JSON on stdout,
{"sheets": [{"title", "rows"}]} or {"error": "password" | "broken" | what OverLimit says}.
"""

import html
import io
import json
import re
import resource
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta

import python_calamine

_MERGES, _HIDDEN = 20_000, 50  # what is told of them at most
_ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,60} t="e"[^>]{0,60}>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>([^<]{1,20})</v>'
)
_CELL = 16  # characters; what a cell with anything in it takes even when it says less


class OverLimit(Exception):
    """A sheet has too many "rows" or "columns", or a "sheet" or the "file" too many characters."""


class Measure:
    """Counts what a file holds while it is read."""

    def __init__(self, max_rows: int, max_columns: int, max_of_sheet: int, max_of_file: int):
        self._limits = {"rows": max_rows, "columns": max_columns, "sheet": max_of_sheet, "file": max_of_file}
        self._found = dict.fromkeys(self._limits, 0)

    def begin_sheet(self) -> None:
        self._found |= {"rows": 0, "sheet": 0}

    def add(self, cells: list) -> None:
        """One more row that holds anything. Raises OverLimit."""
        size = sum(1 if cell == "" else max(_CELL, len(cell) if isinstance(cell, str) else 0) for cell in cells)
        found = self._found
        found["rows"], found["columns"] = found["rows"] + 1, len(cells)
        found["sheet"], found["file"] = found["sheet"] + size, found["file"] + size
        for name, limit in self._limits.items():
            if found[name] > limit:
                raise OverLimit(name)


def plain(value):
    """A cell as JSON can hold it: text, or a number where the cell was one (a whole number as int)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e18 else value
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y" if value.time() == time() else "%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def read(content: bytes, max_cell: int, *limits: int) -> dict:
    """All visible sheets that hold anything, their rows by number; `limits` are those of a Measure."""
    measure = Measure(*limits)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets, hidden, errors = [], [], _errors(content)
        for meta in book.sheets_metadata:
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                hidden.append(meta.name[:100])
                continue
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            measure.begin_sheet()
            sheet = book.get_sheet_by_name(meta.name)
            if rows := _rows(sheet, max_cell, measure, errors.get(meta.name, {})):
                sheets.append({"title": meta.name, "rows": rows, "merges": _merges(sheet)})
    except OverLimit as limit:
        return {"error": str(limit)}
    except python_calamine.PasswordError:
        return {"error": "password"}
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        return {"error": "broken"}
    return {"sheets": sheets, "hidden": hidden[:_HIDDEN]}


def _merges(sheet) -> list[tuple]:
    """Merged cells as (first row from 1, first column from 0, last row, last column); of formats that tell."""
    try:
        found = sheet.merged_cell_ranges or []
    except Exception:
        return []
    return [(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in found[:_MERGES]]


def _errors(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """What failed formulas left in the cells of an .xlsx, by sheet: the reader of workbooks gives them as empty."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            relations = {}
            for part in re.findall(r"<Relationship [^>]+>", _text(archive, "xl/_rels/workbook.xml.rels")):
                given = dict(re.findall(r'(\w+)="([^"]*)"', part))
                relations[given.get("Id")] = given.get("Target", "")
            for part in re.findall(r"<(?:\w+:)?sheet [^>]+>", _text(archive, "xl/workbook.xml")):
                name, relation = re.search(r'name="([^"]*)"', part), re.search(r'r:id="([^"]+)"', part)
                target = relations.get(relation[1] if relation else "", "")
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if name and path in archive.namelist():
                    found[html.unescape(name[1])] = _errors_in(archive.read(path))
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ):
        pass  # not this kind of workbook, or a broken one: whoever reads its cells says so
    return found


def _text(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode("utf-8", "replace")


def _errors_in(sheet: bytes) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    if b't="e"' not in sheet:
        return found
    for cell in _ERROR_CELL.finditer(sheet):
        column = 0
        for letter in cell[1]:
            column = column * 26 + letter - 64
        found[int(cell[2]), column - 1] = cell[3].decode("ascii", "replace")[:20]
        if len(found) >= _MERGES:
            break
    return found


def _rows(sheet, max_cell: int, measure: Measure, errors: dict[tuple[int, int], str]) -> dict[int, list]:
    rows = {}
    wrong = {number for number, _column in errors}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [plain(value) for value in row]
        if number in wrong:
            cells = [errors.get((number, column), cell) for column, cell in enumerate(cells)]
        while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
            cells.pop()
        if cells:
            rows[number] = [cell[:max_cell] if isinstance(cell, str) else cell for cell in cells]
            measure.add(rows[number])
    return rows


if __name__ == "__main__":
    memory, seconds, *limits = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8")
    json.dump(read(sys.stdin.buffer.read(), *limits), sys.stdout, ensure_ascii=False)

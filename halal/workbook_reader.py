"""Reads one workbook (xlsx, xlsb, ods, xls) in a process of its own; halal.sheets starts it.

A spreadsheet from outside may be made to exhaust its reader, so it is read where memory and time are limited and
where a crash takes nobody along. This file imports nothing of the project: it is run as a script and starts in
less than a tenth of a second. In: the workbook on stdin, limits as arguments. Out: JSON on stdout,
{"sheets": [{"title", "rows"}]} or {"error": "password" | "broken" | what OverLimit says}.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta

import python_calamine

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
        sheets = []
        for meta in book.sheets_metadata:
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                continue
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            measure.begin_sheet()
            if rows := _rows(book.get_sheet_by_name(meta.name), max_cell, measure):
                sheets.append({"title": meta.name, "rows": rows})
    except OverLimit as limit:
        return {"error": str(limit)}
    except python_calamine.PasswordError:
        return {"error": "password"}
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        return {"error": "broken"}
    return {"sheets": sheets}


def _rows(sheet, max_cell: int, measure: Measure) -> dict[int, list]:
    rows = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [plain(value) for value in row]
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

"""Reads one workbook (xlsx, xlsb, ods, xls) in a process of its own; halal.sheets starts it.

A spreadsheet from outside may be made to exhaust its reader, so it is read where memory and time are limited and
where a crash takes nobody along. This file imports nothing of the project: it is run as a script and starts in
less than a tenth of a second. In: the workbook on stdin, limits as arguments. Out: JSON on stdout,
{"sheets": [{"title", "rows"}]} or {"error": "password" | "broken" | "rows" | "columns"}.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta

import python_calamine


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


def read(content: bytes, max_rows: int, max_columns: int, max_cell: int) -> dict:
    """All visible sheets that hold anything, their rows by number."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = []
        for meta in book.sheets_metadata:
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                continue
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            rows, width = {}, 0
            for number, row in enumerate(book.get_sheet_by_name(meta.name).iter_rows(), start=1):
                cells = [plain(value) for value in row]
                while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
                    cells.pop()
                if not cells:
                    continue
                rows[number] = [cell[:max_cell] if isinstance(cell, str) else cell for cell in cells]
                width = max(width, len(cells))
                if len(rows) > max_rows:
                    return {"error": "rows"}
                if width > max_columns:
                    return {"error": "columns"}
            if rows:
                sheets.append({"title": meta.name, "rows": rows})
    except python_calamine.PasswordError:
        return {"error": "password"}
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        return {"error": "broken"}
    return {"sheets": sheets}


if __name__ == "__main__":
    memory, seconds, *limits = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(read(sys.stdin.buffer.read(), *limits), sys.stdout)

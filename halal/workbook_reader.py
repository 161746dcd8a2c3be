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
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import python_calamine

_MERGES, _HIDDEN, _CUT = 20_000, 50, 1_000  # what is told of them at most
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
        content, errors = _told_errors(content)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets, hidden = [], []
        for meta in book.sheets_metadata:
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                hidden.append(meta.name[:100])
                continue
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            measure.begin_sheet()
            sheet = book.get_sheet_by_name(meta.name)
            rows, cut = _rows(sheet, max_cell, measure, errors.get(meta.name, {}))
            if rows:
                sheets.append({"title": meta.name, "rows": rows, "merges": _merges(sheet), "cut": cut})
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


def _told_errors(content: bytes) -> tuple[bytes, dict[str, dict[tuple[int, int], str]]]:
    """(the workbook to be read, what failed formulas left in its cells by sheet): the reader of workbooks gives them as
    empty. In an .ods they are made texts, which it gives as they are."""
    try:
        if not content.startswith(b"PK"):
            return content, _errors_of_xls(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "content.xml" in archive.namelist():
                return _ods_with_errors_as_text(archive) or content, {}
            return content, _errors_of_xlsx(archive)
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        struct.error,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ):
        return content, {}  # not this kind of workbook, or a broken one: whoever reads its cells says so


def _errors_of_xlsx(archive: zipfile.ZipFile) -> dict[str, dict[tuple[int, int], str]]:
    found: dict[str, dict[tuple[int, int], str]] = {}
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
    return found


_ODS_ERROR = re.compile(rb'<table:table-cell [^>]{0,2000}calcext:value-type="error"[^>]{0,2000}>')


def _ods_with_errors_as_text(archive: zipfile.ZipFile) -> bytes | None:
    """The same file with what its failed cells show as their text; None when none failed."""
    cells = archive.read("content.xml")
    if b'calcext:value-type="error"' not in cells:
        return None
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for name in archive.namelist():
            new.writestr(name, _ODS_ERROR.sub(_as_text, cells) if name == "content.xml" else archive.read(name))
    return target.getvalue()


def _as_text(cell: re.Match) -> bytes:
    bare = re.sub(rb' office:(?:string-value|value|value-type)="[^"]*"', b"", cell[0])
    return bare.replace(b"<table:table-cell", b'<table:table-cell office:value-type="string"', 1)


_XLS_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
               0x2A: "#N/A"}  # fmt: skip
_XLS_BEGIN, _XLS_END, _XLS_SHEET, _XLS_FORMULA, _XLS_VALUE = 0x809, 0x0A, 0x85, 0x06, 0x205


def _errors_of_xls(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Read from the records of the stream "Workbook" ([MS-XLS] 2.4: BoundSheet8, BoolErr, Formula)."""
    stream, sheets = _Ole(content).stream("Workbook", "Book"), []
    wide = struct.unpack_from("<H", stream, 4)[0] == 0x600  # Excel 97 and later
    for kind, body in _xls_records(stream, 0):
        if kind == _XLS_SHEET:
            begins, length = struct.unpack_from("<IxxB", body)
            if wide and body[7] & 1:
                name = body[8 : 8 + 2 * length].decode("utf-16-le")
            else:
                name = body[7 + wide : 7 + wide + length].decode("latin-1")
            sheets.append((begins, name))
    return {name: _errors_of_xls_sheet(stream, begins) for begins, name in sheets}


def _errors_of_xls_sheet(stream: bytes, begins: int) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for kind, body in _xls_records(stream, begins):
        row, column = struct.unpack_from("<HH", body) if len(body) >= 8 else (0, 0)
        if kind == _XLS_VALUE and body[7]:
            found[row + 1, column] = _XLS_ERRORS.get(body[6], "#N/A")
        elif kind == _XLS_FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            found[row + 1, column] = _XLS_ERRORS.get(body[8], "#N/A")
        if len(found) >= _MERGES:
            break
    return found


def _xls_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the stream, without those of charts in it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _XLS_BEGIN) - (kind == _XLS_END)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


class _Ole:
    """An OLE file ([MS-CFB] 2): streams in chains of sectors, named by a directory."""

    def __init__(self, content: bytes):
        self.content, self.size = content, 1 << struct.unpack_from("<H", content, 30)[0]
        self.count = len(content) // self.size
        self.directory, _signature, self.cutoff, self.small, _count, further = struct.unpack_from("<6I", content, 48)
        tables = list(_numbers(content[76:512]))
        while further < self.count and len(tables) <= self.count:
            *some, further = _numbers(self.sector(further))
            tables += some
        self.following = _numbers(b"".join(self.sector(number) for number in tables if number < self.count))

    def sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.size : (number + 2) * self.size]

    def stream(self, *names: str) -> bytes:
        """The first stream of one of these names. Raises ValueError."""
        entries, inside = self._large(self.directory), b""
        for at in range(0, len(entries) - 127, 128):
            begins, length = struct.unpack_from("<II", entries, at + 116)
            if at == 0:  # the root holds the small streams
                inside = self._large(begins)
            elif entries[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0] in names:
                return (self._small(begins, inside) if length < self.cutoff else self._large(begins))[:length]
        raise ValueError("no such stream")

    def _large(self, begins: int) -> bytes:
        return _chain(begins, self.following, self.sector)

    def _small(self, begins: int, inside: bytes) -> bytes:
        following = _numbers(_chain(self.small, self.following, self.sector))
        return _chain(begins, following, lambda number: inside[number * 64 : number * 64 + 64])


def _numbers(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


def _chain(number: int, following: tuple[int, ...], piece: Callable[[int], bytes]) -> bytes:
    pieces: list[bytes] = []
    while number < len(following) and len(pieces) <= len(following):
        pieces.append(piece(number))
        number = following[number]
    return b"".join(pieces)


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


def _rows(
    sheet, max_cell: int, measure: Measure, errors: dict[tuple[int, int], str]
) -> tuple[dict[int, list], list[tuple[int, int]]]:
    """(the rows by number, (row, column) of cells of which only the beginning is kept)"""
    rows, cut = {}, []
    wrong = {number for number, _column in errors}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [plain(value) for value in row]
        if number in wrong:
            cells = [errors.get((number, column), cell) for column, cell in enumerate(cells)]
        while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
            cells.pop()
        if cells:
            rows[number], too_long = shortened(cells, max_cell)
            cut += [(number, column) for column in too_long]
            measure.add(rows[number])
    return rows, cut[:_CUT]


def shortened(cells: list, max_cell: int) -> tuple[list, list[int]]:
    """(the cells with the beginning of what is too long, the columns of these)"""
    too_long = [column for column, cell in enumerate(cells) if isinstance(cell, str) and len(cell) > max_cell]
    for column in too_long:
        cells[column] = cells[column][:max_cell]
    return cells, too_long


if __name__ == "__main__":
    memory, seconds, *limits = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8")
    json.dump(read(sys.stdin.buffer.read(), *limits), sys.stdout, ensure_ascii=False)

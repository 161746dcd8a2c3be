"""Spreadsheets: reading what people send (xlsx, xlsb, ods, xls, csv), writing what they download (xlsx).

What a file is, its content says; its name is only a name. Everything that can be wrong with a file raises
SheetError with a sentence that says what to do.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from halal import apart
from halal.errors import DomainError
from halal.workbook_reader import Measure, OverLimit, shortened

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 250
MAX_CELL = 2_000  # characters kept of one cell
# Characters, as workbook_reader.Measure counts them. Twenty thousand rows of an office's longest list have 5 million.
MAX_OF_SHEET = 10_000_000
MAX_OF_FILE = 20_000_000
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_ENTRIES = 2_000
_READER_MEMORY = 1536 * 1024 * 1024
_READER_SECONDS = 30
_READER_ANSWER = 6 * MAX_OF_FILE  # bytes: letters of Asia take three or four, and marks stand between cells
_READER = Path(__file__).with_name("workbook_reader.py")

Cell = str | int | float


class SheetError(DomainError):
    """The file cannot be read; the message says why and what to do."""

    def __init__(self, message):
        super().__init__(message, "file")


class SheetTooLarge(SheetError):
    status = 413


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows` are its rows by their number in the file, from 1; empty ones are left out, and a row ends with
    its last filled cell. Cells are text, or numbers where the file held numbers."""

    title: str
    rows: dict[int, list[Cell]]
    merges: Sequence[tuple[int, int, int, int]] = ()  # first row, first column (from 0), last row, last column
    hidden_beside: Sequence[str] = ()  # titles of the sheets of the file that are hidden and were not read
    cut: Sequence[
        tuple[int, int]
    ] = ()  # (row, column from 0) of cells of which only the first MAX_CELL letters are here


_BROKEN = _l("The file is damaged and cannot be read. Open it in Excel or LibreOffice, save it again, then send that.")
_NO_SHEET = _l("This is not a spreadsheet. Send an .xlsx, .ods or .csv file; the template shows how it should look.")
_PASSWORD = _l("The file is protected by a password. Open it, remove the password, save it, then send it again.")
_TOO_MUCH = _l(
    "The file unpacks to far more than a list of attendees needs. Copy the rows into a new file and send that."
)
_EMPTY = _l("The file is empty. Check that the right file was chosen and that it was saved.")


def check(content: bytes) -> str:
    """What kind of spreadsheet this is ("workbook" or "csv"), told from its first bytes and, for packed files, from
    their table of contents. Cheap enough for a request. Raises SheetError."""
    if len(content) > MAX_BYTES:
        raise SheetTooLarge(_l("The file is too large. At most 10 MB; pictures in it can usually be removed."))
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SheetError(_EMPTY)
    if content.startswith(b"PK"):
        _check_zip(content)
        return "workbook"
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):  # OLE: an old .xls, or an encrypted .xlsx
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise SheetError(_PASSWORD)
        if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
            raise SheetError(_NO_SHEET)
        return "workbook"
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise SheetError(
            _l("This is a web page with the name of a spreadsheet. Open it in Excel, save it as .xlsx, then send that.")
        )
    if not _is_text(content):
        raise SheetError(_NO_SHEET)
    return "csv"


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
                raise SheetError(_TOO_MUCH)
            if "content.xml" in names:
                manifest = next((e for e in entries if e.filename == "META-INF/manifest.xml"), None)
                if manifest and manifest.file_size < 1_000_000 and b"encryption-data" in archive.read(manifest):
                    raise SheetError(_PASSWORD)
            elif not any(name.lower().startswith("xl/workbook.") for name in names):
                raise SheetError(_NO_SHEET)
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise SheetError(_PASSWORD)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        raise SheetError(_BROKEN) from None
    except Exception as error:  # zlib.error and friends: the contents table of a damaged file
        if isinstance(error, SheetError):
            raise
        raise SheetError(_BROKEN) from None


def read_sheets(content: bytes) -> list[Sheet]:
    """All visible sheets that hold anything; a CSV is one sheet. Raises SheetError.

    Workbooks are read by a process of its own with limited memory and time (see workbook_reader): about 0.1 s more
    than in this process, and no file can take the worker down.
    """
    sheets = [_read_csv(content)] if check(content) == "csv" else _read_workbook(content)
    if not any(sheet.rows for sheet in sheets):
        raise SheetError(_EMPTY)
    return sheets


_LIMITS = (MAX_ROWS, MAX_COLUMNS, MAX_OF_SHEET, MAX_OF_FILE)


def _over(limit: str) -> SheetError:
    match limit:
        case "rows":
            most = f"{MAX_ROWS:,}".replace(",", ".")
            return SheetError(_l("The file has more than %(max)s rows. Split it into several files.", max=most))
        case "columns":
            return SheetError(
                _l("The file has more than %(max)s columns. Delete the ones that are not needed.", max=MAX_COLUMNS)
            )
        case "sheet":
            most = MAX_OF_SHEET // 1_000_000
            return SheetError(
                _l(
                    "A sheet of the file holds more than %(max)s million characters. Delete the columns that are not "
                    "needed, or split the sheet into several files.",
                    max=most,
                )
            )
    most = MAX_OF_FILE // 1_000_000
    return SheetError(
        _l("The file holds more than %(max)s million characters. Delete the sheets that are not needed.", max=most)
    )


def _read_workbook(content: bytes) -> list[Sheet]:
    limits = (_READER_MEMORY, _READER_SECONDS, MAX_CELL, *_LIMITS)
    try:
        ended = apart.run(_READER, *limits, given=content, seconds=2 * _READER_SECONDS, most=_READER_ANSWER)
        answer = json.loads(ended.answer) if ended.code == 0 else {"error": "broken"}
    except apart.TooMuch:
        raise SheetError(_TOO_MUCH) from None
    except ValueError:
        raise SheetError(_BROKEN) from None
    if ended.code < 0:  # ended by a limit: out of memory or out of time
        raise SheetError(_TOO_MUCH)
    match answer.get("error"):
        case None:
            return [
                Sheet(
                    sheet["title"],
                    {int(number): cells for number, cells in sheet["rows"].items()},
                    [tuple(merge) for merge in sheet["merges"]],
                    answer["hidden"],
                    [tuple(cell) for cell in sheet["cut"]],
                )
                for sheet in answer["sheets"]
            ]
        case "password":
            raise SheetError(_PASSWORD)
        case "broken":
            raise SheetError(_BROKEN)
        case limit:
            raise _over(limit)


def _is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or _utf16_without_mark(content):
        return True
    sample = content[:65536]
    control = sum(byte < 9 or 13 < byte < 32 for byte in sample)
    return b"\0" not in sample and control <= len(sample) // 500


def _utf16_without_mark(content: bytes) -> str | None:
    sample = content[:2000]
    half = len(sample) // 2
    if half >= 8 and sample[1::2].count(0) > 0.9 * half and b"\0" not in sample[::2]:
        return "utf-16-le"
    if half >= 8 and sample[::2].count(0) > 0.9 * half and b"\0" not in sample[1::2]:
        return "utf-16-be"
    return None


def decode(content: bytes) -> str:
    """Text of a CSV: UTF-8 with or without mark, UTF-16, or else Windows-1252 (what Excel in Indonesia saves)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if coding := _utf16_without_mark(content):
        return content.decode(coding, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The character that splits most lines into the same number of fields; quoted fields do not count."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:50_000].splitlines()[:50]]
    lines = [line for line in lines if line.strip()]

    def score(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines if mark in line]
        usual = max(set(counts), key=lambda n: (counts.count(n), n), default=0)
        return (counts.count(usual), usual) if usual else (0, 0)

    return max(";,\t|", key=score)


def _is_one_column(text: str, delimiter: str) -> bool:
    """Whether the commas of a file stand inside its only column ("Wati Contohwati, S.Pd."): its first line has none,
    and the lines below have now one, now two, or always one with a space behind it."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:50_000].splitlines()[:200] if line.strip()]
    if (
        len(lines) < 2
        or delimiter in lines[0]
        or any(re.search(f"{re.escape(delimiter)}{{2}}|{re.escape(delimiter)}$", line) for line in lines)
    ):
        return False
    counts = [line.count(delimiter) for line in lines[1:]]
    usual = max(set(counts), key=counts.count)
    spaced = all(line.count(f"{delimiter} ") == line.count(delimiter) for line in lines[1:])
    return spaced or counts.count(usual) < 0.6 * len(counts) or usual == 0


def _read_csv(content: bytes) -> Sheet:
    text = decode(content)
    delimiter = None
    if named := re.match(r'"?sep=(.)"?\r?\n', text):  # Excel's own way to say it
        delimiter, text = named[1], "\n" + text[named.end() :]
    delimiter = delimiter or _delimiter(text)
    if _is_one_column(text, delimiter):
        delimiter = "\x1f"  # no character of a text
    _refuse_open_quote(text, delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: dict[int, list[Cell]] = {}
    cut: list[tuple[int, int]] = []
    measure = Measure(*_LIMITS)
    try:
        for number, row in enumerate(reader, start=1):
            cells, too_long = shortened([cell.replace("\0", "") for cell in row], MAX_CELL)
            cut += [(number, column) for column in too_long]
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                measure.add(cells)
                rows[number] = cells
    except csv.Error:
        raise SheetError(_BROKEN) from None
    except OverLimit as limit:
        raise _over(str(limit)) from None
    return Sheet("", rows, cut=cut)


def _refuse_open_quote(text: str, delimiter: str) -> None:
    """A quotation mark that is never closed would make one cell of all rows below it: raises SheetError."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    read = 0
    try:
        for _row in rows:
            read += 1
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return
        raise SheetError(
            _l(
                "The quotation mark in row %(row)s is never closed. Close it or delete it, then send it again.",
                row=read + 1,
            )
        ) from None


def sheet_name(title: str) -> str:
    """A title that Excel accepts for a sheet: at most 31 characters, none of []:*?/\\, no apostrophe at the ends."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ") or _("Sheet")


def write_xlsx(
    headings: Sequence[str],
    rows: Iterable[Sequence],
    widths: Sequence[int] | None = None,
    sheet_title: str = "",
    notes: tuple[str, Sequence[str]] | None = None,
) -> bytes:
    """A workbook with one table: bold frozen headings with filters; text stays text (never a formula or a link).

    Cells may be text, numbers, dates, aware moments already in local time, booleans or None. `widths` are in
    characters. `notes` is (title, lines) of a second sheet to be read by people.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "remove_timezone": True}  # fmt: skip
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(sheet_name(sheet_title))
        head = book.add_format({"bold": True, "bg_color": "#E4EFE7", "bottom": 1, "text_wrap": True, "valign": "top"})
        as_date, as_moment = (
            book.add_format({"num_format": "dd/mm/yyyy"}),
            book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        )
        as_text = book.add_format({"num_format": "@"})  # a phone or NIB typed over it later stays text, too
        for column, heading in enumerate(headings):
            width = widths[column] if widths and column < len(widths) else max(10, min(40, len(str(heading)) + 4))
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, str(heading), head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, datetime):
                    sheet.write_datetime(last, column, value, as_moment)
                elif isinstance(value, date):
                    sheet.write_datetime(last, column, value, as_date)
                elif isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(last, column, value)
                else:
                    sheet.write_string(last, column, str(value)[:32_767], as_text)
        sheet.freeze_panes(1, 0)
        if headings:
            sheet.autofilter(0, 0, last, len(headings) - 1)
        if notes:
            page = book.add_worksheet(sheet_name(notes[0]))
            page.set_column(0, 0, 100)
            wrap = book.add_format({"text_wrap": True, "valign": "top"})
            for number, line in enumerate(notes[1]):
                page.write_string(number, 0, line, wrap)
    return target.getvalue()

"""Spreadsheets for tests, made by code: good ones, odd ones, hostile ones."""

import io
import struct
import zipfile
from collections.abc import Sequence
from functools import cache

import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P


def xlsx(*sheets: Sequence[Sequence], titles: Sequence[str] = (), hidden: Sequence[int] = ()) -> bytes:
    """A workbook; each sheet is a list of rows, None leaves a cell empty, a text that begins with = is a formula
    whose kept value is 7."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        as_date = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet(titles[number] if titles else None)
            if number in hidden:
                sheet.hide()
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if value is None:
                        continue
                    if hasattr(value, "year"):
                        sheet.write_datetime(r, c, value, as_date)
                    elif isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(r, c, value, None, 7)
                    elif isinstance(value, str):
                        sheet.write_string(r, c, value)
                    else:
                        sheet.write(r, c, value)
    return target.getvalue()


def ods(rows: Sequence[Sequence], title: str = "Lembar1") -> bytes:
    document = OpenDocumentSpreadsheet()
    table = Table(name=title)
    for row in rows:
        line = TableRow()
        for value in row:
            if isinstance(value, int | float):
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string")
            cell.addElement(P(text="" if value is None else str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    target = io.BytesIO()
    document.write(target)
    return target.getvalue()


def failed_in_ods(content: bytes) -> bytes:
    """The same .ods, whose texts that begin with # are what failed formulas left, as LibreOffice writes them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        cells = archive.read("content.xml").decode()
    failed = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#'
    )
    cells = cells.replace('<table:table-cell office:value-type="string"><text:p>#', failed)
    names = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
    root = "<office:document-content"
    return changed(content, content=cells.replace(root, f'{root} xmlns:calcext="{names}"', 1))


def csv(rows: Sequence[Sequence], delimiter: str = ",", encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    return newline.join(delimiter.join("" if v is None else str(v) for v in row) for row in rows).encode(encoding)


def changed(content: bytes, /, **parts: bytes | str) -> bytes:
    """The workbook with some of its parts replaced; parts are named by the ends of their names without dots."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = name.rsplit("/", 1)[-1].split(".")[0]
            new.writestr(name, parts.get(stem, old.read(name)))
    return target.getvalue()


def archive(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


_SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>',
    b"</t></is></c></row></sheetData></worksheet>",
)


@cache
def bomb() -> bytes:
    """A workbook whose sheet unpacks to 250 MB."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx([["Nama"]]))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            if not name.endswith("sheet1.xml"):
                new.writestr(name, old.read(name))
                continue
            with new.open(name, "w") as part:
                part.write(_SHEET[0])
                for _chunk in range(250):
                    part.write(b"A" * 1024 * 1024)
                part.write(_SHEET[1])
    return target.getvalue()


def many_times(text: str, rows: int, columns: int) -> bytes:
    """A workbook all of whose cells refer to one and the same text: a few kB that unpack to as much as one likes."""
    row = '<c t="s"><v>0</v></c>' * columns
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = f"<worksheet {main}><sheetData>{f'<row>{row}</row>' * rows}</sheetData></worksheet>"
    return changed(xlsx([["x"]]), sheet1=sheet, sharedStrings=f"<sst {main}><si><t>{text}</t></si></sst>")


def lying_bomb() -> bytes:
    """The same, but its table of contents says that it is small."""
    made = bytearray(bomb())
    with zipfile.ZipFile(io.BytesIO(bytes(made))) as table:
        size = next(entry.file_size for entry in table.infolist() if entry.filename.endswith("sheet1.xml"))
    truth, said = struct.pack("<L", size), struct.pack("<L", 2000)
    return bytes(made.replace(truth, said))


def ole(*streams: str) -> bytes:
    """The beginning of an OLE file that names these streams: what an encrypted .xlsx or a broken .xls looks like."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + b"\0\0".join(s.encode("utf-16-le") for s in streams)

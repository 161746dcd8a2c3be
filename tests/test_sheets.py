import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from halal import apart, sheets
from tests import spreadsheets as make_sheet

ROWS = [["Nama", "No HP", "Usaha"], ["Siti Aminah, S.E.", "081234567890", "Kue"], ["José", "0813", "Keripik"]]


@pytest.fixture(autouse=True)
def _words(app):
    with app.test_request_context():
        yield


def rows_of(content: bytes) -> list[list]:
    return list(sheets.read_sheets(content)[0].rows.values())


@pytest.mark.parametrize(
    "content",
    [
        make_sheet.xlsx(ROWS),
        make_sheet.ods(ROWS),
        make_sheet.csv([ROWS[0], ['"Siti Aminah, S.E."', *ROWS[1][1:]], ROWS[2]]),
        *(make_sheet.csv(ROWS, mark) for mark in ";\t|"),
        *(make_sheet.csv(ROWS, ";", code) for code in ("utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be")),
        make_sheet.csv(ROWS, ";", newline="\n"),
        b"sep=;\r\n" + make_sheet.csv(ROWS, ";"),
    ],
)
def test_the_same_rows_are_read_from_every_kind_of_file(content):
    assert rows_of(content) == ROWS


def test_rows_keep_their_number_and_empty_ones_are_left_out():
    for content in (make_sheet.xlsx([[], ["a"], [None, " "], ["b", None]]), b"\n\na\n,,\nb,\n"):
        numbers = list(sheets.read_sheets(content)[0].rows.items())
        assert [cells for _number, cells in numbers] == [["a"], ["b"]]
        assert numbers[1][0] - numbers[0][0] == 2


def test_a_quotation_mark_that_is_never_closed_swallows_nobody():
    with pytest.raises(sheets.SheetError) as refused:
        sheets.read_sheets(b'Nama,HP\n"Ani",0811\n"Budi,0812\nSiti,0813\n')
    assert "3" in str(refused.value.message)
    assert len(sheets.read_sheets(b'Nama,HP\n"Ani ""Ayu""",0811\nBudi 5" x,0812\n')[0].rows) == 3


def test_a_quoted_cell_holds_delimiters_and_line_breaks():
    assert rows_of(b'Nama;Alamat\n"Budi; anak Haji";"Jl. Raya\nSerang"\n')[1] == ["Budi; anak Haji", "Jl. Raya\nSerang"]


def test_numbers_stay_numbers_dates_are_written_out_and_formulas_give_their_value():
    row = [81234567890, 1234567890123.0, 2.5, datetime(2025, 5, 15), True, "=3+4"]  # noqa: DTZ001
    assert rows_of(make_sheet.xlsx([row]))[0] == [81234567890, 1234567890123, 2.5, "15/05/2025", "TRUE", 7]


def test_hidden_and_empty_sheets_are_not_read():
    book = make_sheet.xlsx([], [["rahasia"]], [["Nama"]], titles=["Satu", "Dua", "Tiga"], hidden=[1])
    assert [sheet.title for sheet in sheets.read_sheets(book)] == ["Tiga"]


def test_an_old_xls_is_read():
    content = (Path(__file__).parent / "data" / "legacy.xls").read_bytes()
    assert rows_of(content) == [["Nama", "No HP"], ["Siti Aminah", 81234567890], ["Budi", "0813"]]


def test_errors_of_formulas_are_read_from_an_old_xls():
    daftar, rekap = sheets.read_sheets((Path(__file__).parent / "data" / "error_cells.xls").read_bytes())
    assert list(daftar.rows.values())[2:] == [[2, "#N/A", "#REF!"], [3, "Eko Umpama", "#N/A"]]
    assert (rekap.title, rekap.rows[3]) == ("Rekap ✓", ["#DIV/0!"])


def test_errors_of_formulas_are_read_from_an_ods():
    rows = [["Nama", "No HP"], ["#N/A", "#REF!"], ["Eko Umpama", "#N/A"]]
    assert rows_of(make_sheet.failed_in_ods(make_sheet.ods(rows))) == rows


@pytest.mark.parametrize("kind", [make_sheet.xlsx, make_sheet.csv, make_sheet.ods])
def test_a_cell_of_text_ends_somewhere_and_says_where(kind):
    (sheet,) = sheets.read_sheets(kind([["Nama", "Ket"], ["Siti", "x" * 5000], ["Budi", "x" * sheets.MAX_CELL]]))
    assert len(sheet.rows[2][1]) == sheets.MAX_CELL
    assert sheet.cut == [(2, 1)]


SMALL = make_sheet.xlsx([["Nama"], ["Budi"]])
HOSTILE = {
    "nothing at all": (lambda: b"", "Berkas kosong"),
    "nothing but blanks": (lambda: b"\xef\xbb\xbf\r\n \r\n", "Berkas kosong"),
    "a workbook without cells": (lambda: make_sheet.xlsx([]), "Berkas kosong"),
    "only commas": (lambda: b",,,\n,,,\n", "Berkas kosong"),
    "a renamed program": (lambda: b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(256)) * 40, "bukan berkas Excel"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "bukan berkas Excel"),
    "a document": (lambda: make_sheet.archive(word__document_dot_xml=b"<w/>"), "bukan berkas Excel"),
    "any archive": (lambda: make_sheet.archive(a=b"1"), "bukan berkas Excel"),
    "half a workbook": (lambda: SMALL[: len(SMALL) // 2], "Berkas rusak"),
    "a workbook with a broken sheet": (
        lambda: make_sheet.changed(SMALL, sheet1="<worksheet><sheetData><row"),
        "Berkas rusak",
    ),
    "a workbook of noise": (lambda: b"PK\x03\x04" + b"\x01\x02\x03" * 500, "Berkas rusak"),
    "an encrypted xlsx": (lambda: make_sheet.ole("EncryptionInfo", "EncryptedPackage"), "kata sandi"),
    "an encrypted ods": (
        lambda: make_sheet.archive(content_dot_xml=b"x", **{"META-INF__manifest_dot_xml": b"<m:encryption-data/>"}),
        "kata sandi",
    ),
    "a broken xls": (lambda: make_sheet.ole("Root Entry", "Workbook"), "Berkas rusak"),
    "another OLE file": (lambda: make_sheet.ole("WordDocument"), "bukan berkas Excel"),
    "a web page named xls": (lambda: b"<html><table><tr><td>Nama</td></tr></table></html>", "halaman web"),
    "xml named xls": (lambda: b'<?xml version="1.0"?><Workbook/>', "halaman web"),
    "a zip bomb": (lambda: make_sheet.bomb(), "jauh lebih besar"),
    "an archive of very many files": (
        lambda: make_sheet.archive(**{f"xl/a{n}": b"" for n in range(2500)}, xl__workbook_dot_xml=b""),
        "jauh lebih besar",
    ),
    "too many rows": (lambda: b"a\n" * (sheets.MAX_ROWS + 1), "lebih dari 20.000 baris"),
    "too many rows in a workbook": (
        lambda: make_sheet.xlsx([["a"]] * (sheets.MAX_ROWS + 1)),
        "lebih dari 20.000 baris",
    ),
    "a thousand columns": (lambda: make_sheet.xlsx([["a"] * 1000]), "lebih dari 250 kolom"),
    "a thousand columns of text": (lambda: b"a;" * 999 + b"a\n", "lebih dari 250 kolom"),
    "a text in very many cells": (lambda: make_sheet.many_times("ÿ" * 2000, 416, 240), "10 juta huruf"),
    "a letter in very many cells": (lambda: make_sheet.many_times("a", 4_000, 240), "10 juta huruf"),
    "very many cells of text": (lambda: (b"aa;" * 200 + b"\n") * 12_000, "10 juta huruf"),
    "sheets that are too much together": (
        lambda: make_sheet.xlsx(*[[["a" * 2000] * 249] * 19] * 3),
        "20 juta huruf",
    ),
    "cells at the ends of the earth": (
        lambda: make_sheet.changed(
            SMALL,
            sheet1=(
                '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
                '<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                "</worksheet>"
            ),
        ),
        "jauh lebih besar",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(name):
    made, words = HOSTILE[name]
    with pytest.raises(sheets.SheetError) as caught:
        sheets.read_sheets(made())
    assert words in str(caught.value.message)
    assert caught.value.status == 422


def test_a_bomb_that_lies_about_its_size_takes_nobody_along():
    with pytest.raises(sheets.SheetError):
        sheets.read_sheets(make_sheet.lying_bomb())


def test_reading_what_unpacks_without_end_takes_no_memory_of_ours():
    content = make_sheet.many_times("ÿ" * 2000, 416, 240)
    tracemalloc.start()
    try:
        with pytest.raises(sheets.SheetError):
            sheets.read_sheets(content)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys\nwhile True: sys.stdout.write('x' * 100_000)", "bytes"),
        ("import time\ntime.sleep(60)", "time"),
        ("import os, time\nos.close(1)\ntime.sleep(60)", "time"),
    ],
    ids=["answers without end", "is silent", "ends its answer and not itself"],
)
def test_a_process_beside_ours_is_ended_when_it_goes_on(tmp_path, script, reason):
    (tmp_path / "script.py").write_text(script)
    with pytest.raises(apart.TooMuch, match=reason):
        apart.run(tmp_path / "script.py", given=b"", seconds=1, most=1_000_000)


def test_fifty_megabytes_are_too_much():
    with pytest.raises(sheets.SheetTooLarge) as caught:
        sheets.check(b"a," * 25 * 1024 * 1024)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 1000 + '"><!ENTITY x "' + "&b;" * 1000 + '">]>',
    ],
)
def test_entities_of_xml_are_never_followed(doctype):
    sheet = (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'
    )
    try:
        read = str(sheets.read_sheets(make_sheet.changed(SMALL, sheet1=sheet)))
    except sheets.SheetError as error:
        read = str(error.message)
    assert "root:" not in read
    assert "haha" not in read


def test_what_is_written_is_text_where_text_was_given():
    content = sheets.write_xlsx(
        ["Nama", "Nilai"],
        [["=HYPERLINK(1)", 3], ["https://contoh.id", None], ["0812", date(2025, 5, 15)],
         ["+62", datetime(2025, 5, 15, 8, 30, tzinfo=UTC)]],
        widths=[30, 8], sheet_title="Peserta: 2025/05 yang sangat panjang sekali",
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=4)] == [
        ["=HYPERLINK(1)", 3], ["https://contoh.id", None], ["0812", datetime(2025, 5, 15)],  # noqa: DTZ001
    ]  # fmt: skip
    assert sheet["A2"].data_type == "s"
    assert sheet["A3"].hyperlink is None
    assert sheet["A4"].number_format == "@"
    assert sheet.title == "Peserta  2025 05 yang sangat pa"
    assert sheet["A1"].font.bold
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B5")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_a_list_without_rows_is_still_a_workbook():
    assert rows_of(sheets.write_xlsx(["Nama"], [])) == [["Nama"]]

"""Small lists as offices write them, each with the right result, through the command's contract (docs/import.md)."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from halal import jobs
from tests import spreadsheets as make_sheet

CASES = Path(__file__).parents[1] / "data" / "imports"


@pytest.fixture
def event(make, db):
    event = make.event(slug="sosialisasi-uji")
    db.session.commit()
    return event


@pytest.fixture
def look(app, event):
    """look(name): (exit code, the JSON of a dry run with rows or None, what was said on standard error)."""

    def look(file: Path):
        args = ["attendees", "import", event.slug, str(file), "--dry-run", "--rows"]
        result = app.test_cli_runner().invoke(args=args)
        assert "Traceback" not in result.output
        return result.exit_code, json.loads(result.stdout) if result.stdout.strip() else None, result.stderr

    return look


@pytest.fixture
def case(look):
    return lambda name: look(CASES / name)[1]


def told(answer: dict, *names: str) -> list[tuple]:
    """Of every row its number and these of its values."""
    return [(row["row"], *(row["values"][name] for name in names)) for row in answer["rows"]]


def fields(answer: dict) -> dict[str, str]:
    """What each heading that is taken is."""
    return {column["heading"]: column["field"] for column in answer["columns"] if column["field"]}


W, T, E, B, A = "Wati Contohwati", "Tuti Misalnya", "Eko Umpama", "Budi Andai", "Ani Seumpama"
PHONES = [None, *(f"+6281200000{n:03}" for n in range(1, 12))]


def test_companions_columns_are_never_the_attendees(case):
    assert told(case("f24_pendamping.xlsx"), "name", "phone", "nib") == [
        (2, W, PHONES[1], "9120000000012"), (3, T, None, "9120000000029"), (4, E, PHONES[3], "9120000000031"),
    ]  # fmt: skip


def test_exact_heading_of_a_business_wins_over_the_fuller_sector(case):
    rows = told(case("h05_nama_usaha_sektor.xlsx"), "business_name")
    assert rows == [(2, "Dapur Contoh"), (3, ""), (4, "Keripik Umpama")]


def test_nib_is_neither_its_date_nor_the_companions(case):
    assert told(case("g16_nib_two.xlsx"), "nib") == [(2, None), (3, "9120000000029")]


def test_heading_nobody_foresaw_is_a_heading(case):
    assert told(case("h01_nama_anggota.xlsx"), "name") == [(2, W), (3, T), (4, E)]
    assert sorted(name for _row, name in told(case("h03_nama12.xlsx"), "name")) == [B, E, T, W]


def test_headings_in_offices_words_are_understood(case):
    assert fields(case("m03_upper_no_nama.xlsx")) == {
        "NAMA & GELAR": "name", "INSTANSI/USAHA": "business_name", "NO. HP/WA": "phone", "KAB./KOTA": "region_code",
    }  # fmt: skip
    assert told(case("h08_camelcase.csv"), "name", "phone", "business_name", "region_code") == [
        (2, W, PHONES[1], "Dapur Contoh", "36.04"), (3, T, PHONES[2], "Warung Misal", "36.73"),
    ]  # fmt: skip


def test_footer_and_signature_are_nobody_and_said(case):
    answer = case("g02_footer_plain.xlsx")
    assert told(answer, "name") == [(3, W), (4, T)]
    assert sorted(row for note in answer["notes"] for row in note["rows"]) == [6, 7, 8, 9, 10, 11, 12]


def test_second_sheet_is_read(case):
    answer = case("f02_two_sheets.xlsx")
    assert [(row["sheet"], row["row"], row["verdict"]) for row in answer["rows"]] == [
        ("Hari 1", 2, "new"), ("Hari 1", 3, "new"),
        ("Hari 2", 2, "possible_duplicate"), ("Hari 2", 3, "new"), ("Hari 2", 4, "new"),
    ]  # fmt: skip


def test_second_list_beside_the_first_is_read(case):
    assert sorted(told(case("f21_side_by_side.xlsx"), "name", "phone")) == [
        (2, E, PHONES[3]), (2, W, PHONES[1]), (3, B, PHONES[4]), (3, T, PHONES[2]),
    ]  # fmt: skip


def test_error_cell_under_the_name_is_to_be_corrected_elsewhere_empty(case):
    rows = case("m02_error_cells.xlsx")["rows"]
    assert [(row["row"], row["verdict"], row["values"]["name"]) for row in rows] == [
        (2, "new", W), (3, "error", ""), (4, "new", E)
    ]  # fmt: skip
    assert rows[2]["values"]["phone"] is None
    assert "#N/A" in rows[2]["reasons"][0]


def test_regions_are_understood_as_offices_spell_them(case):
    right = """36.04 36.04 36.04 36.74 36.74 31.74 31.74 31.74 36.01 36.01 36.72 31.01 - 34.71 16.01 63.72 13.75
        12.10 73.72 32.73 32.73 36.73 36.04 - 36.02 36.02 71.01 12.12 76.01 73.71 73.71 31.01 19.71 21.72 92.03
        63.02 63.02 -"""
    codes = [code or "-" for _row, code in told(case("f07_kabkota.xlsx"), "region_code")]
    assert codes == right.split()


def test_region_that_names_both_kinds_is_a_question(look):
    code, answer, said = look(CASES / "g06_kabkota_generic.xlsx")
    assert code == 2
    assert "Kab. Serang atau Kota Serang" in said
    assert {(row["verdict"], row["values"]["region_code"]) for row in answer["rows"]} == {("error", None)}
    assert "Kab. Tangerang atau Kota Tangerang" in answer["rows"][2]["reasons"][0]


def test_nib_and_nik_in_one_column_are_told_apart_by_cell(case):
    answer = case("g03_nib_nik_mixed.xlsx")
    assert told(answer, "nib") == [(2, "9120000000012"), (3, None), (4, "9120000000029"), (5, None)]
    assert "NIK" in answer["rows"][1]["reasons"][0]
    assert "36040000" not in json.dumps(answer)


def test_ditto_means_the_cell_above(case):
    answer = case("g01_sda_noregion.xlsx")
    assert {row[1:] for row in told(answer, "business_name", "address", "product")} == {
        ("KUB Contoh", "Jl. Contoh 1", "Keripik")
    }  # fmt: skip
    assert [len(row["reasons"]) for row in answer["rows"]] == [0, 3, 3, 3, 3]


def test_comma_of_a_file_with_one_column_belongs_to_the_name(case):
    assert told(case("g04_names_degrees_onecolumn.csv"), "name") == [
        (2, "Wati Contohwati, S.Pd."), (3, "Tuti Misalnya, S.E., M.M."), (4, E)
    ]  # fmt: skip
    assert told(case("f13_oneline_comma.csv"), "name") == [(2, "Contohwati, Wati"), (3, "Misalnya, Tuti")]


def test_phones_are_read_as_people_write_them(case):
    answer = case("f19_date_phone.xlsx")
    assert [phone for _row, phone in told(answer, "phone")] == [
        "+62254200123", PHONES[2], PHONES[3], PHONES[4], PHONES[5], PHONES[6], PHONES[7], PHONES[8], None,
        "+60123456789", PHONES[9], PHONES[10],
    ]  # fmt: skip
    assert "a.n. Budi" in answer["rows"][6]["reasons"][0]
    assert "081200000011" in answer["rows"][11]["reasons"][0]


def test_heading_of_two_rows_is_one(case):
    assert told(case("h10_two_row_telpfax.xlsx"), "name", "business_name", "phone", "address") == [
        (3, "WATI CONTOHWATI", "DAPUR CONTOH", PHONES[1], "MULAWARMAN RT.29"),
        (4, "TUTI MISALNYA", "WARUNG MISAL", PHONES[2], "AMD III RT.30"),
    ]  # fmt: skip


def test_rejected_rows_come_back_the_same(case):
    first, again = case("h11_reject_roundtrip.xlsx"), case("h11b_rejected.xlsx")
    assert fields(first) == fields(again) == {"Nama Siswa": "name", "Lokasi Tour": "region_code"}
    assert [row["values"] for row in first["rows"]] == [row["values"] for row in again["rows"]]
    assert [row["reasons"] for row in first["rows"]] == [row["reasons"] for row in again["rows"]]
    assert [name for _row, name in told(again, "name")] == [W, T, E, B]


def test_unknown_headings_are_a_question_and_nobody(look, tmp_path):
    file = tmp_path / "siapa.csv"
    file.write_text("Yang ikut,Uraian\nWati Contohwati,Satu\nTuti Misalnya,Dua\n")
    code, answer, said = look(file)
    assert (code, answer) == (2, None)
    assert "Kolom mana" in said
    assert "“Yang ikut”" in said


# -- more of each kind -------------------------------------------------------------------------------------------------


@pytest.fixture
def people(look, tmp_path):
    """people(rows or several sheets): (names that were read, rows that were not)."""

    def people(*sheets):
        file = tmp_path / "daftar.xlsx"
        file.write_bytes(make_sheet.xlsx(*sheets))
        _code, answer, _said = look(file)
        names = [row["values"]["name"] for row in answer["rows"]]
        return names, sorted(row for note in answer["notes"] for row in note["rows"])

    return people


@pytest.mark.parametrize(
    "rows",
    [
        [["Nama", "No HP"], [W, "081200000001"], [T, "081200000002"], ["Jumlah", "2 orang"],
         ["", "Serang, 12 Mei 2025"], ["", "Ketua Panitia,"], ["", "(....................)"], ["", "H. Andai, S.E."],
         ["", "NIP. 197001011990031001"]],
        [["Nama Peserta"], [W], [T], ["Total: 2 orang"], ["Mengetahui,"], ["Camat Contoh"], ["Drs. Andai"],
         ["NIP 1970"]],
        [["No", "Nama", "Jabatan"], [1, W, "Ketua"], [2, T, ""], ["", "Serang, ....... 2025", ""],
         ["", "Plt. Kepala Dinas", ""], ["", "Andai Umpama", ""], ["", "Pembina Tk. I (IV/b)", ""]],
        [["No", "Nama"], ["A. Kecamatan Cipocok"], [1, W], ["", "Kelompok Dua"], [2, T], ["", "*) sesuai KTP"],
         ["Catatan: bawa KTP"], ["Halaman 2 dari 2"]],
        [["No", "Nama", "No HP"], [1, W, "081200000001"], ["", "Jumlah halaman ini", 1], ["", "Kepala Bidang", ""],
         ["", "Andai Umpama", ""], ["No", "Nama", "No HP"], [2, T, "081200000002"]],
        [["No", "Nama", "Usaha"], ["(1)", "(2)", "(3)"], [1, W, "A"], [2, T, "B"], ["", "", "Dibuat oleh"],
         ["", "", "Andai"]],
    ],
)  # fmt: skip
def test_what_stands_under_and_between_people_is_nobody(people, rows):
    names, left = people(rows)
    assert names == [W, T]
    assert left


def test_an_official_who_is_in_the_list_is_somebody(people):
    names, left = people(
        [["No", "Nama", "Jabatan"], [1, "Camat Serang", "Camat"], [2, W, "Kepala Desa"], [3, T, "Sekretaris"]]
    )
    assert (names, left) == (["Camat Serang", W, T], [])
    assert people([["Nama", "Jabatan"], [W, "Kepala Dinas"], [T, "Ketua Panitia"]]) == ([W, T], [])


@pytest.mark.parametrize(
    "sheets",
    [
        ([["No", "Nama", "HP", "No", "Nama", "HP"], [1, W, "081200000001", 3, E, ""], [2, T, "", 4, B, ""]],),
        ([["Nama Lengkap", "HP", "", "Nama Peserta", "HP"], [W, "", "", E, ""], [T, "", "", B, ""]],),
        ([["nama_1", "nama_2", "kelompok"], [W, E, "A"], [T, B, "B"]],),
        ([["Nama", "HP"], [W, ""], [T, ""], [], ["Nama Peserta", "Instansi"], [E, "Dinas"], [B, "Dinas"]],),
        ([["Nama", "HP"], [W, ""], [T, ""]], [["Nama", "HP"], [E, ""]], [["Nama", "HP", "Ket"], [B, "", "x"]]),
    ],
)  # fmt: skip
def test_further_lists_of_a_file_are_read(people, sheets):
    names, _left = people(*sheets)
    assert sorted(names) == [B, E, T, W]


@pytest.mark.parametrize(
    ("heading", "values", "field", "right"),
    [
        (["Nama Suami", "Nama"], ["Pak S", W], "name", W),
        (["Nama", "HP Darurat", "No. WA"], [W, "081299999999", ""], "phone", None),
        (["Nama", "Email Pendamping", "Email"], [W, "p@contoh.id", ""], "email", None),
        (["Nama", "Kelompok Usaha", "Nama Usaha"], [W, "KUB A", ""], "business_name", ""),
        (["Nama", "Kota Lahir", "Kab/Kota"], [W, "Kota Serang", ""], "region_code", None),
        (["Nama", "Status NIB", "NIB P3H", "No. NIB"], [W, "Ada", "9120000000099", ""], "nib", None),
        (["Nama", "Alamat Pendamping", "Alamat"], [W, "Jl. P", ""], "address", ""),
    ],
)  # fmt: skip
def test_a_column_of_somebody_or_something_else_is_not_taken(look, tmp_path, heading, values, field, right):
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(make_sheet.xlsx([heading, values]))
    (row,) = look(file)[1]["rows"]
    assert row["values"][field] == right


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("HP: 0812-0000-0001", "+6281200000001"), ("021-7654321; 0812 0000 0001", "+6281200000001"),
        ("0812_0000_0001", "+6281200000001"), ("+62 0812 0000 0001", "+6281200000001"), ("blm punya", None),
        ("00628120000001", "+628120000001"), ("wa.me/6281200000001", "+6281200000001"),
        ("(0812) 0000-0001", "+6281200000001"),
        ("0812 OOOO 0001", "+6281200000001"), ("081200000001 081200000002", "+6281200000001"),
    ],
)  # fmt: skip
def test_more_phones_as_people_write_them(look, tmp_path, cell, phone):
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(make_sheet.xlsx([["Nama", "No HP"], [W, cell], [T, ""]]))
    row = look(file)[1]["rows"][0]
    assert (row["verdict"], row["values"]["phone"]) == ("new", phone)


def test_merged_cells_count_for_every_row_of_the_merge(look, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (
        ["No", "Nama", "Usaha", "Kab/Kota"],
        [1, W, "KUB", "Kab. Lebak"],
        [2, T, None, None],
        [3, E, None, "Kota Serang"],
    ):
        sheet.append(line)
    sheet.merge_cells("C2:C4")
    sheet.merge_cells("D2:D3")
    target = io.BytesIO()
    book.save(target)
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(target.getvalue())
    answer = look(file)[1]
    assert told(answer, "business_name", "region_code") == [
        (2, "KUB", "36.02"), (3, "KUB", "36.02"), (4, "KUB", "36.73")
    ]  # fmt: skip
    assert [len(row["reasons"]) for row in answer["rows"]] == [0, 2, 1]


def test_own_rejected_rows_of_several_lists_come_back(client_of, look, tmp_path):
    """The file of rows not taken is read again with the same columns and the same problems."""
    file = tmp_path / "lagi.xlsx"
    file.write_bytes(client_of([["No", "Nama Siswa", "Lokasi Tour"], [1, W, "Bandung"], [2, T, "Bogor"]]))
    answer = look(file)[1]
    assert fields(answer) == {"Nama Siswa": "name", "Lokasi Tour": "region_code"}
    assert [(row["verdict"], row["values"]["name"]) for row in answer["rows"]] == [("error", W), ("error", T)]
    beside = [["Nama", "NIB", "", "Nama", "NIB"], [W, "9120001", "", E, "9120002"], [T, "9120003", "", B, "9120004"]]
    file.write_bytes(client_of(beside))
    answer = look(file)[1]
    assert fields(answer) == {"Nama": "name", "NIB": "nib"}
    assert [row["values"]["name"] for row in answer["rows"]] == [W, T, E, B]
    grouped = [
        ["PENDAMPING", "", "PESERTA", "", ""],
        ["Nama", "HP", "Nama", "HP", "NIB"],
        ["Pak D", "0812", W, "", "12"],
    ]
    file.write_bytes(client_of(grouped))
    (row,) = look(file)[1]["rows"]
    assert (row["values"]["name"], row["verdict"]) == (W, "error")


@pytest.fixture
def client_of(log_in, event, db):
    """client_of(rows): what "rows not taken" of an import of these rows downloads."""

    def download(rows):
        client = log_in("organizer", event.organization)
        base = f"/kelola/kegiatan/{event.slug}/peserta/impor"
        file = (io.BytesIO(make_sheet.xlsx(rows)), "daftar.xlsx")
        address = client.post(base, data={"file": file}).location
        jobs.run_waiting()
        return client.get(f"{address}/baris-tidak-diambil.xlsx").data

    return download

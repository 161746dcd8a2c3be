"""Small lists as offices write them, each with the right result, through the command's contract (docs/import.md)."""

import json
from pathlib import Path

import pytest

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

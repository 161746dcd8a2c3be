"""What one row says, and the verdict on it."""

import pytest

from halal import sheets
from halal.events.models import EventRegion
from halal.registrations.importing import checking, reading, review
from halal.registrations.models import Import, ImportRow, Verdict
from tests import spreadsheets as make_sheet

HEADINGS = ["Nama", "No HP", "NIB", "Usaha", "Kab/Kota", "E-mail", "Ket"]


@pytest.fixture
def check(make, app):
    """check(rows, event=…, headings=…): the import of a workbook with these rows, read and checked."""

    def check(rows, event=None, headings=HEADINGS, nib_later=False):
        event = event or make.event()
        import_ = make.add(
            Import(
                event=event, organization_id=event.organization_id, filename="a.xlsx", mapping={"nib_later": nib_later}
            )
        )
        with app.test_request_context():
            found = sheets.read_sheets(make_sheet.xlsx([headings, *rows]))
            reading.keep(import_, reading.understand(found, import_.mapping), lambda: None)
            checking.check_all(import_, lambda done, total: None)
        return import_

    return check


def rows_of(import_: Import, db) -> list[ImportRow]:
    return list(db.session.scalars(review.rows_of(import_)))


@pytest.fixture
def one(check, db):
    """one(*cells): the checked row with these cells."""

    def one(*cells, **options):
        (row,) = rows_of(check([cells], **options), db)
        return row

    return one


def messages(row) -> str:
    return " ".join(entry["message"] for entry in row.problems)


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (81234567890, "+6281234567890"), ("0812-3456 7890", "+6281234567890"), ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"), ("'081234567890", "+6281234567890"), (6281234567890, "+6281234567890"),
        ("8.1234567890E+10", "+6281234567890"), ("belum ada", ""), ("-", ""), (None, ""),
    ],
)  # fmt: skip
def test_a_phone_is_read_however_excel_and_people_write_it(one, cell, phone):
    row = one("Budi", cell)
    assert (row.verdict, row.fields["phone"]) == (Verdict.NEW, phone)


@pytest.mark.parametrize("cell", ["bukan nomor", "0812", "8,12346E+11"])
def test_a_phone_that_is_none_is_an_error_with_its_reason(one, cell):
    row = one("Budi", cell)
    assert row.verdict == Verdict.ERROR
    assert row.problems[0]["field"] == "phone"
    assert row.fields["phone"].casefold() == cell.casefold()


def test_of_two_phones_the_first_counts_and_the_other_is_noted(one):
    row = one("Budi", "0812 3456 7890 / 0813-9999-8888")
    assert row.fields["phone"] == "+6281234567890"
    assert "0813-9999-8888" in row.fields["note"]


@pytest.mark.parametrize(
    ("cell", "nib"),
    [
        (1234567890123, "1234567890123"), ("1234567890123", "1234567890123"), ("'1234567890123", "1234567890123"),
        ("1234 5678 90123", "1234567890123"), ("1.234567890123E+12", "1234567890123"), ("belum ada", ""),
        ("1234567890123.0", "1234567890123"),
    ],
)  # fmt: skip
def test_a_nib_is_read_however_excel_writes_it(one, cell, nib):
    row = one("Budi", None, cell)
    assert (row.verdict, row.fields["nib"]) == (Verdict.NEW, nib)


def test_a_lost_zero_is_put_back_and_said(one):
    row = one("Budi", None, 123456789012)
    assert (row.verdict, row.fields["nib"]) == (Verdict.NEW, "0123456789012")
    assert "dikembalikan" in messages(row)
    assert one("Budi", None, "123456789012").verdict == Verdict.ERROR  # typed as text: a digit is missing


@pytest.mark.parametrize(
    ("cell", "words"),
    [("12345", "13 angka"), ("1,23457E+12", "memendekkan"), ("abc", "angka")],
)
def test_a_wrong_nib_says_what_is_wrong(one, cell, words):
    row = one("Budi", None, cell)
    assert row.verdict == Verdict.ERROR
    assert words in messages(row)


def test_a_nik_under_nib_is_left_out_and_said(one):
    row = one("Budi", None, "3604010101800001")
    assert (row.verdict, row.fields["nib"]) == (Verdict.NEW, "")
    assert "NIK" in messages(row)
    assert "3604010101800001" not in str(row.cells)


@pytest.mark.parametrize("cell", ["0000000000000", "1111111111111", 9999999999999])
def test_a_nib_of_one_digit_repeated_is_none(one, cell):
    row = one("Budi", None, cell)
    assert (row.verdict, row.fields["nib"]) == (Verdict.NEW, "")
    assert "bukan NIB" in messages(row)


@pytest.mark.parametrize(
    "name",
    ["A", "X" * 150, 'D\'Artagnan "Si Kecil"', "<script>alert(1)</script>", "Dewi 🌶️", "محمد", "H. Asep, S.H., M.H."],
)
def test_unusual_names_are_names(one, name):
    row = one(name)
    assert (row.verdict, row.fields["name"]) == (Verdict.NEW, name)


def test_everything_that_is_wrong_is_said_at_once(one):
    row = one("X" * 151, "0812", "12", "U" * 151, "Atlantis", "bukan surel", "K" * 301)
    assert {entry["field"] for entry in row.problems} == {
        "name", "phone", "nib", "business_name", "region", "email", "note"
    }  # fmt: skip
    assert row.fields["name"] == "X" * 151


def test_a_cell_that_was_cut_is_said_with_its_row(check):
    import_ = check([["Budi"], ["Siti", None, None, None, None, None, "x" * 5000], ["Wati"]])
    (note,) = import_.mapping["notes"]
    assert note["rows"] == [3]
    assert note["text"] == "Baris 3 berisi sel dengan lebih dari 2.000 karakter; hanya bagian awalnya yang dibaca."


def test_a_row_without_a_name_is_an_error_and_one_without_anything_is_no_row(check, db):
    import_ = check([[None, "081234567890"], [None, None], ["Budi"]])
    assert [row.verdict for row in rows_of(import_, db)] == [Verdict.ERROR, Verdict.NEW]


def test_numbered_blank_rows_and_repeated_headings_are_no_rows(check, db):
    import_ = check([[1, "Budi"], ["No", "Nama"], [2, "Dewi"], [3, None], [4, None]], headings=["No", "Nama"])
    assert [row.fields["name"] for row in rows_of(import_, db)] == ["Budi", "Dewi"]


def test_regions_are_found_by_their_names_and_unclear_ones_asked_about(one, make):
    event = make.event(region_code="36.73")
    assert one("Budi", None, None, None, "Kab. Serang", event=event).fields["region_code"] == "36.04"
    assert one("Budi", None, None, None, "Kota Cilegon, Banten", event=event).fields["region_code"] == "36.72"
    unclear = one("Budi", None, None, None, "Serang", event=event)
    assert unclear.verdict == Verdict.ERROR
    assert "Kab. Serang atau Kota Serang" in messages(unclear)
    event.regions.append(EventRegion(region_code="36.04"))
    assert one("Budi", None, None, None, "Serang", event=event).fields["region_code"] == "36.04"


def test_a_missing_nib_is_an_error_where_one_is_needed_unless_it_may_follow(one, make):
    event = make.event(requires_nib=True)
    assert one("Budi", event=event).verdict == Verdict.ERROR
    assert one("Budi", event=event, nib_later=True).verdict == Verdict.NEW


def test_a_nik_is_not_even_kept(check, db):
    import_ = check([["Budi", 3604010101800001], ["Dewi", "3604010101800002"]], headings=["Nama", "No KTP"])
    assert import_.mapping["columns"] == ["name", "nik"]
    assert "36040101" not in repr([(row.cells, row.fields) for row in rows_of(import_, db)])
    assert "36040101" not in repr(import_.columns)


def test_the_same_person_is_registered_already(one, make):
    event = make.event()
    known = make.registration(event, name="Siti Nurhaliza", phone="+6281234567890", nib="1234567890123")
    by_nib = one("Hj. Siti Nurhaliza, S.E.", None, "1234567890123", event=event)
    by_phone = one("SITI NURHALIZA", "081234567890", event=event)
    assert [by_nib.verdict, by_phone.verdict] == [Verdict.EXISTING] * 2
    changes = {"name": ["Siti Nurhaliza", "Hj. Siti Nurhaliza, S.E."]}
    assert by_nib.matches == [{"registration": str(known.id), "name": "Siti Nurhaliza", "changes": changes}]


def test_somebody_alike_may_be_the_same_person(one, make):
    event = make.event()
    make.registration(event, name="Siti Nurhaliza", phone="+6281234567890", nib="1234567890123")
    another_name = one("Ahmad Fauzi", None, "1234567890123", event=event)
    same_phone = one("Siti", "081234567890", event=event)
    assert [another_name.verdict, same_phone.verdict] == [Verdict.POSSIBLE_DUPLICATE] * 2
    assert one("Ahmad", "081234567890", event=event).verdict == Verdict.NEW  # families share phones


def test_a_name_in_another_spelling_may_be_the_same_person(one, make):
    event = make.event()
    make.registration(event, name="Zainudin", phone="+6281234567890")
    make.registration(event, name="Nur Aini")
    assert one("Zaenuddin", "081234567890", event=event).verdict == Verdict.POSSIBLE_DUPLICATE
    assert one("Nuraini", "081299999999", event=event).verdict == Verdict.POSSIBLE_DUPLICATE
    assert one("Nur Aisyah", "081299999999", event=event).verdict == Verdict.NEW


def test_rows_of_the_file_are_compared_in_other_spellings_too(check, db):
    rows = rows_of(check([["Rizky Amelia"], ["Rizki Ameliya"], ["Rizal"]]), db)
    assert [row.verdict for row in rows] == [Verdict.NEW, Verdict.POSSIBLE_DUPLICATE, Verdict.NEW]


def test_a_cancelled_registration_and_another_event_do_not_count(one, make):
    event = make.event()
    make.registration(event, name="Siti", phone="+6281234567890", status="cancelled")
    make.registration(name="Siti", phone="+6281234567890")
    assert one("Siti", "081234567890", event=event).verdict == Verdict.NEW


def test_rows_of_the_file_are_compared_with_each_other(check, db):
    import_ = check([
        ["Siti", "081234567890"], ["Budi", None, "1234567890123"], ["Siti", "081234567890"],
        ["Wati", None, "1234567890123"], ["Siti", "081200000000"], ["Dewi"], ["DEWI"], ["", "", ""],
    ])  # fmt: skip
    rows = rows_of(import_, db)
    twice = Verdict.POSSIBLE_DUPLICATE
    assert [row.verdict for row in rows] == [Verdict.NEW, Verdict.NEW, twice, twice, Verdict.NEW, Verdict.NEW, twice]
    assert rows[2].matches == [{"row": 2, "name": "Siti"}]


def test_a_row_that_is_wrong_has_no_double(check, db):
    import_ = check([["Siti", "081234567890", "12"], ["Siti", "081234567890"]])
    assert [row.verdict for row in rows_of(import_, db)] == [Verdict.ERROR, Verdict.NEW]


def test_checking_begins_again_where_it_was_left(check, db, app):
    import_ = check([["Siti", "081234567890"], ["Siti", "081234567890"], ["Budi"]])
    second = rows_of(import_, db)[1]
    second.verdict = None
    with app.test_request_context():
        checking.check_all(import_, lambda done, total: None)
    assert second.verdict == Verdict.POSSIBLE_DUPLICATE

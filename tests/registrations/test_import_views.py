"""Importing through the pages: send, look, correct, decide, take, undo."""

import io
import re
from dataclasses import replace

import openpyxl
import pytest
from sqlalchemy import func, select

from halal import jobs
from halal.registrations import services
from halal.registrations.importing import checking, review
from halal.registrations.models import Attendance, Import, ImportRow, ImportStatus, Registration, Verdict
from tests import guard
from tests import spreadsheets as make_sheet

ROWS = [
    ["No", "Nama", "No HP", "NIB", "Kab/Kota"],
    [1, "Siti Aminah", "081234567890", "1234567890123", "Kab. Serang"],
    [2, "Budi", "0812", None, "Serang"],
    [3, "Siti Aminah", "081234567890", "1234567890123", "Kab. Serang"],
    [4, "Ahmad Fauzi", "081311112222", None, "Kota Cilegon"],
]

SOMEBODY_ELSE = {"name": "Orang Lain", "phone": "", "nib": "", "region_code": ""}


@pytest.fixture
def client(log_in):
    return log_in("organizer")


@pytest.fixture
def event(client, make):
    event = make.event(client.organization)
    make.registration(event, name="Ahmad Fauzi", phone="+6281311112222")
    return event


@pytest.fixture
def send(client, event, db):
    """send(content, filename): upload and let the worker work; the address of the import."""

    def send(content=None, filename="peserta.xlsx", **form):
        content = make_sheet.xlsx(ROWS) if content is None else content
        answer = client.post(base(event), data={"file": (io.BytesIO(content), filename), **form})
        assert answer.status_code == 303, answer.text
        jobs.run_waiting()
        return answer.location

    return send


def base(event) -> str:
    return f"/kelola/kegiatan/{event.slug}/peserta/impor"


def post_large(client, event, content: bytes):
    """Upload without the temporary file that the test client would leave open."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="peserta.xlsx"\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"
    return client.post(base(event), data=body, content_type="multipart/form-data; boundary=x")


def the_import(db) -> Import:
    return db.session.scalar(select(Import).order_by(Import.id.desc()))


def verdicts(db) -> list:
    return list(db.session.scalars(select(ImportRow.verdict).order_by(ImportRow.number)))


def registered(db, event) -> int:
    return db.session.scalar(select(func.count()).where(Registration.event_id == event.id))


def test_every_row_is_shown_with_its_verdict(client, event, send, db):
    page = client.get(send()).text
    assert verdicts(db) == [Verdict.NEW, Verdict.ERROR, Verdict.POSSIBLE_DUPLICATE, Verdict.EXISTING]
    for words in (
        "Baru",
        "Perlu diperbaiki",
        "Mungkin ganda",
        "Sudah terdaftar",
        "baris 2",
        "0812 bukan nomor telepon",
    ):
        assert words in page
    assert registered(db, event) == 1


def test_rows_are_filtered_by_verdict_with_counts_and_paged(client, event, send):
    address = send(make_sheet.csv([["Nama"], *([f"Peserta {n}"] for n in range(120)), ["1"]]), "a.csv")
    page = client.get(address).text
    assert "Halaman 1 dari 3" in page
    assert re.search(r"Semua <span class=\"tabs__count\">121<", page)
    assert "Peserta 60" in client.get(f"{address}?page=2").text
    errors = client.get(f"{address}?only=error").text
    assert errors.count('id="row-') == 1
    assert client.get(f"{address}?only=nonsense&page=-5").status_code == 200


def test_a_row_is_corrected_in_place(client, event, send, db):
    address = send()
    form = client.get(f"{address}/baris/3").text
    assert "0812 bukan nomor telepon" in form
    assert "“Serang”" in form
    typed = {"name": "Budi", "phone": "081299998888", "region_code": "36.04"}
    answer = client.post(f"{address}/baris/3", data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="stack" id="import-review">')
    row = db.session.scalar(select(ImportRow).where(ImportRow.number == 3))
    assert (row.verdict, row.fields["phone"], row.edited) == (Verdict.NEW, "+6281299998888", True)


def test_a_row_that_is_still_wrong_keeps_what_was_typed(client, send, db):
    address = send()
    answer = client.post(f"{address}/baris/3", data={"name": "Budi", "phone": "0899", "region_code": "Serang"})
    assert answer.status_code == 422
    assert 'value="0899"' in answer.text
    assert "0899 bukan nomor telepon" in answer.text
    assert "Kab. Serang atau Kota Serang" in answer.text


def test_correcting_works_without_javascript_and_keeps_the_filter(client, send):
    address = send()
    answer = client.post(
        f"{address}/baris/3?only=error&page=1", data={"name": "Budi", "phone": "", "region_code": "36.04"}
    )
    assert answer.status_code == 303
    assert answer.location == f"{address}?only=error&page=1"


def test_a_correction_frees_the_row_it_was_doubling(client, send, db):
    address = send()
    client.post(f"{address}/baris/2", data=SOMEBODY_ELSE)
    assert verdicts(db) == [Verdict.NEW, Verdict.ERROR, Verdict.NEW, Verdict.EXISTING]


def test_good_rows_are_taken_and_the_rest_is_left(client, event, send, db):
    address = send()
    answer = client.post(f"{address}/ambil")
    assert answer.status_code == 303
    jobs.run_waiting()
    taken = db.session.scalars(select(Registration).where(Registration.import_id.is_not(None))).all()
    assert [(r.name, r.phone, r.nib, r.region_code, r.source) for r in taken] == [
        ("Siti Aminah", "+6281234567890", "1234567890123", "36.04", "import")
    ]
    assert "1 peserta dari berkas ini sudah terdaftar" in client.get(address).text


def test_a_possible_duplicate_is_taken_only_when_somebody_says_so(client, event, send, db):
    address = send()
    answer = client.post(f"{address}/baris/4/putusan", data={"take": "1"}, headers={"HX-Request": "true"})
    assert "Akan didaftarkan" in answer.text
    client.post(f"{address}/ambil")
    jobs.run_waiting()
    assert registered(db, event) == 3
    twins = db.session.scalars(select(Registration).where(Registration.nib == "1234567890123")).all()
    assert [twin.dedupe_key is None for twin in sorted(twins, key=lambda r: r.id)].count(True) == 1


def test_only_possible_duplicates_can_be_decided(client, send):
    assert client.post(f"{send()}/baris/2/putusan", data={"take": "1"}).status_code == 409


def test_all_possible_duplicates_are_decided_at_once(client, send, db):
    address = send(make_sheet.csv([["Nama"], ["Budi"], ["Budi"], ["budi"]]), "a.csv")
    client.post(f"{address}/putusan", data={"take": "0"})
    accepted = db.session.scalars(select(ImportRow.accepted).order_by(ImportRow.number)).all()
    assert accepted == [None, False, False]


def test_nothing_to_take_is_said(client, send):
    address = send(make_sheet.csv([["Nama"], ["1"]]), "a.csv")
    answer = client.post(f"{address}/ambil")
    assert answer.status_code == 422
    assert "Tidak ada baris yang dapat didaftarkan" in answer.text


def test_bad_rows_come_back_as_a_spreadsheet_with_reasons(client, send):
    answer = client.get(f"{send()}/baris-tidak-diambil.xlsx")
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert lines[0] == ["No", "Nama", "No HP", "NIB", "Kab/Kota", "Alasan"]
    assert lines[1][:5] == [2, "Budi", "0812", None, "Serang"]
    assert "0812 bukan nomor telepon" in lines[1][5]
    assert lines[2][5] == "Mungkin orang yang sama dengan: Siti Aminah (baris 2)"
    assert lines[3][5] == "Sudah terdaftar: Ahmad Fauzi"


def test_the_rows_that_came_back_can_be_corrected_and_sent_again(client, event, send, db):
    content = client.get(f"{send()}/baris-tidak-diambil.xlsx").data
    send(content)
    assert the_import(db).mapping["columns"] == ["number", "name", "phone", "nib", "region", ""]


def test_the_template_is_understood_and_its_example_is_not_taken(client, event, send, db):
    answer = client.get(f"{base(event)[: -len('/impor')]}/impor/templat.xlsx")
    send(answer.data)
    assert the_import(db).mapping["columns"] == [
        "name", "phone", "email", "business_name", "product", "nib", "region", "address", "note"
    ]  # fmt: skip
    assert verdicts(db) == [Verdict.ERROR]


def test_a_page_of_a_sheet_with_more_columns_is_no_error(client, event, send):
    address = send(make_sheet.xlsx([["Nama", "No HP"], ["Siti", "0812"]]))
    chosen = {"sheet": "0", "header": "1", "columns-0": "name", "columns-1": "phone", "columns-9": "name"}
    assert client.post(f"{address}/kolom", data=chosen).status_code == 303


def test_columns_are_corrected_and_corrected_rows_stay(client, event, send, db):
    address = send(make_sheet.xlsx([["Nama", "Sebutan", "No HP"], ["A1", "Siti", "0812"], ["A2", "Budi", ""]]))
    client.post(f"{address}/baris/2", data={"name": "Siti Benar"})
    assert "Sebutan" in client.get(f"{address}/kolom").text
    chosen = {"sheet": "0", "header": "1", "columns-0": "", "columns-1": "name", "columns-2": "phone"}
    assert client.post(f"{address}/kolom", data=chosen).status_code == 303
    jobs.run_waiting()
    names = [row.fields["name"] for row in db.session.scalars(select(ImportRow).order_by(ImportRow.number))]
    assert names == ["Siti Benar", "Budi"]


@pytest.mark.parametrize(
    ("columns", "words"), [(("", "phone"), "Pilih kolom mana yang berisi nama"), (("name", "name"), "Pilih salah satu")]
)
def test_columns_that_cannot_work_are_refused(client, send, columns, words):
    address = send(make_sheet.xlsx([["Nama", "HP"], ["Siti", ""]]))
    chosen = {"sheet": "0", "header": "1", **{f"columns-{n}": name for n, name in enumerate(columns)}}
    answer = client.post(f"{address}/kolom", data=chosen)
    assert answer.status_code == 422
    assert words in answer.text


def test_without_a_column_of_names_a_person_is_asked(client, send, db):
    address = send(make_sheet.xlsx([["Uraian", "No HP"], ["Siti", "081234567890"]]))
    assert "Kolom nama tidak dikenali" in client.get(address).text
    client.post(f"{address}/kolom", data={"sheet": "0", "header": "1", "columns-0": "name", "columns-1": "phone"})
    jobs.run_waiting()
    assert verdicts(db) == [Verdict.NEW]


def test_another_sheet_and_another_heading_row_can_be_chosen(client, send, db):
    book = make_sheet.xlsx(
        [["Nama", "No HP"], ["Siti", ""]], [["Arsip"], ["Nama"], ["Budi"], ["Dewi"]], titles=["Satu", "Dua"]
    )
    address = send(book)
    client.post(f"{address}/kolom", data={"sheet": "1", "header": "2", "columns-0": "name", "columns-1": "phone"})
    jobs.run_waiting()
    names = [row.fields["name"] for row in db.session.scalars(select(ImportRow).order_by(ImportRow.number))]
    assert names == ["Budi", "Dewi"]


def test_a_column_of_niks_is_left_out_and_said(client, send):
    address = send(make_sheet.xlsx([["Nama", "NIK"], ["Siti", "3604010101800001"], ["Budi", "3604010101800002"]]))
    for page in (client.get(address).text, client.get(f"{address}/kolom").text):
        assert "untuk mendaftar tidak perlu NIK" in page
        assert "36040101" not in page


def test_progress_shows_while_the_worker_works_and_then_leads_on(client, event, db):
    answer = client.post(base(event), data={"file": (io.BytesIO(make_sheet.xlsx(ROWS)), "a.xlsx")})
    page = client.get(answer.location).text
    assert "hx-trigger" in page
    assert "http-equiv" in page  # without JavaScript the page reloads itself
    htmx = {"HX-Request": "true"}
    working = client.get(f"{answer.location}/kemajuan", headers=htmx)
    assert working.text.lstrip().startswith("<section")
    jobs.run_waiting()
    done = client.get(f"{answer.location}/kemajuan", headers=htmx)
    assert done.headers["HX-Redirect"] == answer.location


def test_a_job_that_broke_off_can_go_on(client, event, send, db):
    address = send()
    client.post(f"{address}/ambil")
    job = db.session.get(jobs.Job, the_import(db).job_id)
    job.status = jobs.JobStatus.FAILED
    db.session.commit()
    assert "terputus" in client.get(address).text
    client.post(f"{address}/lanjut")
    jobs.run_waiting()
    assert the_import(db).status == ImportStatus.TAKEN
    assert registered(db, event) == 2


def test_an_import_is_undone_and_only_it(client, event, send, db):
    address = send()
    client.post(f"{address}/ambil")
    jobs.run_waiting()
    assert client.post(f"{address}/batal").status_code == 303
    assert "Impor sedang dibatalkan" in client.get(address).text
    jobs.run_waiting()
    assert [r.name for r in db.session.scalars(select(Registration))] == ["Ahmad Fauzi"]
    page = client.get(address).text
    assert "dibatalkan pada" in page
    assert client.post(f"{address}/batal").status_code == 303  # twice is once
    assert client.post(f"{address}/ambil").status_code == 303
    jobs.run_waiting()
    assert registered(db, event) == 1


def test_a_file_can_be_thrown_away_before_it_is_taken(client, event, send, db, app):
    from halal import files

    address = send()
    key = the_import(db).file_key
    assert client.post(f"{address}/buang").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0
    with pytest.raises(files.FileMissing):
        files.get(key)
    assert client.get(address).status_code == 404


def test_a_taken_import_cannot_be_thrown_away(client, event, send, db):
    address = send()
    client.post(f"{address}/ambil")
    jobs.run_waiting()
    assert client.post(f"{address}/buang").status_code == 409
    assert registered(db, event) == 2


def test_a_taken_row_cannot_be_corrected_here(client, send):
    address = send()
    client.post(f"{address}/ambil")
    jobs.run_waiting()
    assert client.post(f"{address}/baris/2", data={"name": "Lain"}).status_code == 409


def test_rows_cannot_be_changed_while_they_are_taken(client, send):
    address = send()
    client.post(f"{address}/ambil")
    assert client.post(f"{address}/baris/3", data={"name": "Lain"}).status_code == 409


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "Berkas kosong"),
        (b"MZ\x90\x00" + bytes(range(256)) * 8, 422, "bukan berkas Excel"),
        (make_sheet.ole("EncryptedPackage"), 422, "kata sandi"),
        (b"x" * (11 * 1024 * 1024), 413, "Paling besar 10 MB"),
        (b"x" * (50 * 1024 * 1024), 413, "10 MB"),
    ],
    ids=["empty", "exe", "encrypted", "11 MB", "50 MB"],
)
def test_what_is_no_spreadsheet_is_refused_at_once(client, event, db, content, status, words):
    answer = post_large(client, event, content)
    assert answer.status_code == status
    assert words in answer.text
    assert the_import(db) is None


def test_a_bomb_is_refused_at_once(client, event, db):
    answer = post_large(client, event, make_sheet.bomb())
    assert answer.status_code == 422
    assert "jauh lebih besar" in answer.text


def test_no_file_is_asked_for(client, event):
    answer = client.post(base(event), data={})
    assert answer.status_code == 422
    assert "Pilih berkas dulu" in answer.text


def test_a_file_that_breaks_while_it_is_read_says_so_and_is_not_kept(client, send, db):
    broken = make_sheet.changed(make_sheet.xlsx(ROWS), sheet1="<worksheet><sheetData><row")
    page = client.get(send(broken)).text
    assert "Berkas rusak" in page
    assert "Kirim berkas lain" in page
    assert the_import(db).status == ImportStatus.FAILED


def test_a_file_with_headings_only_says_so(client, send):
    assert "Di bawah judul kolom tidak ada isi" in client.get(send(make_sheet.xlsx([["Nama", "No HP"]]))).text


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../../etc/passwd.xlsx", "passwd.xlsx"), ("C:\\Data\\peserta.xlsx", "peserta.xlsx"),
        ("<b>x</b>.xlsx", "b&gt;.xlsx"), ("x" * 300 + ".xlsx", "….xlsx"), ("", None), ("pes\x00erta.csv", "erta.csv"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_is_only_a_name(client, event, db, filename, shown):
    content = make_sheet.csv([["Nama"], ["Budi"]])
    answer = client.post(base(event), data={"file": (io.BytesIO(content), filename)})
    if shown is None:
        assert answer.status_code == 422
        return
    jobs.run_waiting()
    stored = the_import(db)
    assert "/" not in stored.filename
    assert len(stored.filename) <= 200
    assert re.fullmatch(rf"imports/{stored.organization_id}/[0-9a-zA-Z]{{26}}", stored.file_key)
    assert client.get(answer.location).status_code == 200


def test_names_are_shown_as_they_are_never_as_markup(client, send):
    page = client.get(send(make_sheet.xlsx([["Nama"], ["<script>alert(1)</script>"]]))).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_another_offices_imports_do_not_exist(client, event, send, log_in):
    address = send()
    stranger = log_in("owner")
    for path in ("", "/kemajuan", "/kolom", "/baris/2", "/baris-tidak-diambil.xlsx"):
        assert stranger.get(address + path).status_code == 404
    for path in ("/kolom", "/baris/2", "/baris/2/putusan", "/putusan", "/ambil", "/lanjut", "/batal", "/buang"):
        assert stranger.post(address + path).status_code == 404
    assert stranger.get(base(event)).status_code == 404


def test_an_import_is_found_under_its_own_event_only(client, event, send, make):
    other = make.event(client.organization)
    number = send().rsplit("/", 1)[1]
    assert client.get(f"{base(other)}/{number}").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "checkin_officer"])
def test_only_organizers_import(client, event, send, log_in, role):
    address = send()
    someone = log_in(role, client.organization)
    assert someone.get(address).status_code == 403
    assert someone.post(f"{address}/ambil").status_code == 403


# -- what an office does with a list that comes again -----------------------------------------------------------------


def test_bad_nibs_are_left_out_for_all_rows_at_once(client, event, send, db):
    rows = [["Nama", "NIB"], ["Siti", "12"], ["Budi", "1234567890123"], ["Dewi", "abc"], ["", "9120000000012"]]
    address = send(make_sheet.xlsx(rows))
    page = client.get(address).text
    assert "2 baris hanya bermasalah pada NIB" in page
    assert client.post(f"{address}/tanpa-nib").status_code == 303
    jobs.run_waiting()
    assert verdicts(db) == [Verdict.NEW, Verdict.NEW, Verdict.NEW, Verdict.ERROR]
    page = client.get(address).text
    assert "NIB “12” tidak diambil" in page
    client.post(f"{address}/ambil")
    jobs.run_waiting()
    taken = db.session.scalars(select(Registration.nib).where(Registration.import_id.is_not(None)))
    assert sorted(nib or "" for nib in taken) == ["", "", "1234567890123"]


def test_bad_nib_is_not_left_out_where_the_event_needs_one(client, make, db):
    event = make.event(client.organization, requires_nib=True)
    answer = client.post(
        base(event), data={"file": (io.BytesIO(make_sheet.csv([["Nama", "NIB"], ["A", "12"]])), "a.csv")}
    )
    jobs.run_waiting()
    assert "Daftarkan tanpa NIB" not in client.get(answer.location).text
    client.post(f"{answer.location}/tanpa-nib")
    jobs.run_waiting()
    assert verdicts(db) == [Verdict.ERROR]


def test_own_list_sent_again_shows_and_takes_what_changed(client, event, send, db):
    known = db.session.scalar(select(Registration))
    listed = client.get(f"/kelola/kegiatan/{event.slug}/peserta/unduh")
    sheet = openpyxl.load_workbook(io.BytesIO(listed.data)).active
    rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert str(known.id) in rows[1]
    rows[1][1], rows[1][7], rows[1][2] = "Ahmad Fauzan", "0812 9999 8888", "Warung Fauzan"
    address = send(make_sheet.xlsx(rows))
    assert verdicts(db) == [Verdict.EXISTING]
    page = client.get(address).text
    assert "0813-1111-2222 → <strong>0812-9999-8888</strong>" in page
    assert "Ahmad Fauzi → <strong>Ahmad Fauzan</strong>" in page
    assert registered(db, event) == 1
    assert client.post(f"{address}/perubahan").status_code == 303
    jobs.run_waiting()
    db.session.refresh(known)
    assert (known.name, known.phone, known.business_name) == ("Ahmad Fauzan", "+6281299998888", "Warung Fauzan")
    assert "Diubah sesuai berkas" in client.get(address).text
    assert client.post(f"{address}/perubahan").status_code == 422  # there is nothing left of it
    assert "Data 1 orang yang diubah berkas ini kembali seperti semula" in client.get(address).text
    services.change(known, replace(services.details_of(known), name="Ahmad F."))
    assert client.post(f"{address}/batal").status_code == 303
    jobs.run_waiting()
    db.session.refresh(known)
    assert (known.name, known.phone, known.business_name) == ("Ahmad F.", "+6281311112222", "")
    page = client.get(address).text
    assert "tidak dapat dibatalkan: Ahmad Fauzi (Nama lengkap)" in page
    assert "Hapus berkas" in page


def test_an_empty_cell_changes_nothing_of_who_is_registered(send, db):
    send(make_sheet.xlsx([["Nama", "No HP", "Usaha"], ["Ahmad Fauzi", "081311112222", ""]]))
    row = db.session.scalar(select(ImportRow))
    assert (row.verdict, "changes" in row.matches[0]) == (Verdict.EXISTING, False)


def test_an_import_broken_off_by_a_cancelled_event_is_undone_and_deleted(client, event, send, db, monkeypatch):
    address = send(make_sheet.xlsx([["Nama"], *([f"Orang Ke {n}"] for n in range(150))]))
    client.post(f"{address}/ambil")

    def cancel_after_the_first_hundred(_job, _pauses):
        def step(_done, _total):
            event.status = "cancelled"
            db.session.commit()

        return step

    with monkeypatch.context() as patch:
        patch.setattr("halal.registrations.importing.work._progress", cancel_after_the_first_hundred)
        jobs.run_waiting()
    assert (the_import(db).status, registered(db, event)) == (ImportStatus.READY, 101)
    assert "Batalkan impor ini" in client.get(address).text
    assert client.post(f"{address}/batal").status_code == 303
    jobs.run_waiting()
    assert registered(db, event) == 1
    assert "Hapus berkas" in client.get(address).text
    assert client.post(f"{address}/buang").status_code == 303
    assert client.get(address).status_code == 404


def test_two_who_correct_one_row_notice_each_other(client, send, db):
    address = send()
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', client.get(f"{address}/baris/3").text)[1]
    first = {"name": "Budi Satu", "phone": "081299998888", "region_code": "36.04", "seen": seen}
    assert client.post(f"{address}/baris/3", data=first).status_code == 303
    second = {"name": "Budi Dua", "phone": "081277776666", "region_code": "36.04", "seen": seen}
    answer = client.post(f"{address}/baris/3", data=second)
    assert answer.status_code == 409
    assert 'value="Budi Dua"' in answer.text
    assert "Budi Satu" in answer.text
    row = db.session.scalar(select(ImportRow).where(ImportRow.number == 3))
    assert row.fields["name"] == "Budi Satu"
    again = second | {"seen": re.search(r'name="seen"[^>]*value="([^"]+)"', answer.text)[1]}
    assert client.post(f"{address}/baris/3", data=again).status_code == 303
    db.session.refresh(row)
    assert row.fields["name"] == "Budi Dua"


def test_correcting_compares_rows_before_anything_is_locked(client, send, db, monkeypatch):
    address = send()
    monkeypatch.setattr(checking, "_check", guard.refusing(checking._check, "comparing rows"))
    assert client.post(f"{address}/baris/2", data=SOMEBODY_ELSE).status_code == 303
    rows = db.session.scalars(review.rows_of(the_import(db))).all()
    assert [(row.verdict, row.edited) for row in rows[:3:2]] == [(Verdict.NEW, True), (Verdict.NEW, False)]


def test_correcting_leaves_a_later_row_that_changed_since_it_was_compared(client, send, db, monkeypatch):
    address, real = send(), review.lock_for_changes

    def lock_for_changes(import_):
        real(import_)
        other = db.session.scalar(select(ImportRow).where(ImportRow.number == 4))
        other.fields = other.fields | {"name": "Siti"}
        db.session.flush()

    monkeypatch.setattr(review, "lock_for_changes", lock_for_changes)
    assert client.post(f"{address}/baris/2", data=SOMEBODY_ELSE).status_code == 303
    changed = db.session.scalar(select(ImportRow).where(ImportRow.number == 4))
    assert (changed.fields["name"], changed.verdict) == ("Siti", Verdict.POSSIBLE_DUPLICATE)


def test_correcting_keeps_a_decision_about_a_later_row_that_is_in_doubt_still(client, send, db):
    twin = ["Siti Aminah", "081234567890"]
    address = send(make_sheet.xlsx([["Nama", "No HP"], twin, twin, twin]))
    assert client.post(f"{address}/baris/4/putusan", data={"take": "1"}).status_code == 303
    assert client.post(f"{address}/baris/2", data=SOMEBODY_ELSE).status_code == 303
    rows = db.session.scalars(review.rows_of(the_import(db))).all()
    assert [(row.verdict, row.accepted) for row in rows] == [
        (Verdict.NEW, None), (Verdict.NEW, None), (Verdict.POSSIBLE_DUPLICATE, True)
    ]  # fmt: skip


def test_what_was_not_read_is_said_on_the_page(client, send):
    book = make_sheet.xlsx(
        [["No", "Nama"], [1, "Siti"], ["", "Jumlah"]],
        [["Kecamatan", "Total"], ["Serang", 5]],
        titles=["Peserta", "Rekap"],
    )
    page = client.get(send(book)).text
    assert "Baris 3 tidak dibaca: jumlah" in page
    assert "Lembar “Rekap” dengan 2 baris tidak dibaca" in page


def test_a_column_of_presence_is_recorded_for_who_is_registered(client, event, send, db):
    rows = [["Nama", "No HP", "Hadir"], ["Siti", "", "ya"], ["Budi", "", "tidak"], ["Ahmad Fauzi", "081311112222", "✓"]]
    address = send(make_sheet.xlsx(rows))
    assert "menandai 1 peserta terdaftar hadir" in client.get(address).text  # who is registered already
    client.post(f"{address}/ambil")
    jobs.run_waiting()
    assert "menandai 2 peserta terdaftar hadir" in client.get(address).text
    assert client.post(f"{address}/hadir").status_code == 303
    present = select(Registration.name).join(Attendance, Attendance.registration_id == Registration.id)
    assert set(db.session.scalars(present)) == {"Siti", "Ahmad Fauzi"}
    client.post(f"{address}/hadir")
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 2


def test_boxes_for_signatures_record_nobody(client, send):
    page = client.get(send(make_sheet.xlsx([["No", "Nama", "TTD"], [1, "Siti", "1"], [2, "Budi", "2"]]))).text
    assert "terdaftar hadir" not in page

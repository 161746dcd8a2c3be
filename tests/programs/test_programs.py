"""Programs: target, quotas, partners, events."""

from datetime import date

import pytest
from sqlalchemy import select

from halal.audit.models import AuditEntry
from halal.programs.models import Program, ProgramPartner, ProgramQuota, Route

NEW = "/kelola/program/baru"


def fields(**changes) -> dict:
    base = {"title": "Seribu Halal", "description": "", "target": "", "route": "", "starts_on": "", "deadline": "",
            "deadline_note": "", "other_regions": "", "partners": ""}  # fmt: skip
    return {**base, **changes}


def quota_rows(**rows) -> dict:
    """{"36_01": "300"} as the form's rows; "" ticks the region without a number."""
    sent = {}
    for number, (code, quota) in enumerate(rows.items()):
        sent |= {f"quotas-{number}-code": code.strip("r").replace("_", "."), f"quotas-{number}-chosen": "y",
                 f"quotas-{number}-quota": quota}  # fmt: skip
    return sent


def only_program(db) -> Program:
    return db.session.scalar(select(Program))


def test_a_program_keeps_everything_typed(log_in, db):
    client = log_in("organizer")
    answer = client.post(NEW, data=fields(
        target="1.000", route="self_declare", requires_nib="y", starts_on="2026-01-05", deadline="2026-10-17",
        deadline_note="PP 42/2024", description="Uraian **tebal**", partners="Bank Indonesia\nBank Kalsel",
        other_regions="Kota Bogor", **quota_rows(r36_01="300", r36_04=""),
    ))  # fmt: skip
    program = only_program(db)
    assert (answer.status_code, answer.location) == (303, f"/kelola/program/{program.id}")
    assert (program.target, program.route, program.requires_nib) == (1000, Route.SELF_DECLARE, True)
    assert (program.deadline, program.deadline_note) == (date(2026, 10, 17), "PP 42/2024")
    assert {q.region_code: q.quota for q in program.quotas} == {"36.01": 300, "36.04": None, "32.71": None}
    assert [p.name for p in program.partners] == ["Bank Indonesia", "Bank Kalsel"]
    page = client.get(answer.location).text
    for shown in ("1.000", "Pernyataan mandiri", "17 Oktober 2026", "PP 42/2024", "Kab. Pandeglang", "Bank Kalsel"):
        assert shown in page, shown
    again = client.get(f"/kelola/program/{program.id}/ubah").text
    for shown in ('value="2026-10-17"', 'value="300"', "Kota Bogor", "Bank Kalsel"):
        assert shown in again, shown
    assert db.session.scalar(select(AuditEntry.action)) == "program.created"


def test_a_number_alone_makes_a_region_take_part(log_in, db):
    rows = quota_rows(r36_01="7")
    del rows["quotas-0-chosen"]
    log_in("organizer").post(NEW, data=fields(**rows))
    assert {q.region_code: q.quota for q in only_program(db).quotas} == {"36.01": 7}


@pytest.mark.parametrize(
    ("target", "quotas", "sentence"),
    [
        ("1000", ("600", "500"), "Jumlah kuota melebihi target sebanyak 100."),
        ("1000", ("600", "300"), "Target sebanyak 100 belum dibagi ke kuota."),
    ],
)
def test_quotas_are_held_against_the_target(log_in, db, target, quotas, sentence):
    client = log_in("organizer")
    client.post(NEW, data=fields(target=target, **quota_rows(r36_01=quotas[0], r36_04=quotas[1])))
    assert sentence in client.get(f"/kelola/program/{only_program(db).id}").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "Isi nama program."),
        ({"title": "x" * 201}, "Paling banyak 200 karakter"),
        ({"target": "0"}, "Isi bilangan bulat mulai dari 1"),
        ({"target": "banyak"}, "Isi bilangan bulat"),
        ({"deadline": "2026-02-30"}, "Tanggal ini tidak ada."),
        ({"deadline": "9999-12-31"}, "Periksa tahun"),
        ({"starts_on": "0026-05-01"}, "Periksa tahun"),
        ({"starts_on": "2026-05-01", "deadline": "2026-04-01"}, "Tenggat lebih awal"),
        ({"other_regions": "Serang"}, "bisa berarti Kab. Serang atau Kota Serang"),
        (quota_rows(r36_01="-5"), "Isi bilangan bulat mulai dari 0"),
        (quota_rows(r99_99="5"), "dari daftar."),
        (quota_rows(r36="5"), "dari daftar."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(log_in, db, changes, sentence):
    answer = log_in("organizer").post(NEW, data=fields(deadline_note="Keputusan lama", **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Keputusan lama" in answer.text
    assert only_program(db) is None


def test_changes_replace_what_was_there(log_in, db, make):
    client = log_in("organizer")
    program = make.program(client.organization, route=Route.REGULAR, target=5)
    program.quotas = [ProgramQuota(region_code="36.01", quota=3), ProgramQuota(region_code="32.71", quota=2)]
    program.partners = [ProgramPartner(name="Bank Indonesia"), ProgramPartner(name="BNI", position=1)]
    db.session.commit()
    kept = program.quotas[1].id if program.quotas[1].region_code == "36.01" else program.quotas[0].id
    url = f"/kelola/program/{program.id}/ubah"
    assert "Kota Bogor" in client.get(url).text
    answer = client.post(url, data=fields(
        title="Baru", closed="y", partners="BNI\nBank Kalsel", **quota_rows(r36_01="4", r36_04="1")
    ))  # fmt: skip
    assert answer.status_code == 303
    db.session.expire_all()
    assert (program.title, program.closed, program.route, program.target) == ("Baru", True, None, None)
    assert {q.region_code: q.quota for q in program.quotas} == {"36.01": 4, "36.04": 1}
    assert kept in {q.id for q in program.quotas}
    assert [p.name for p in program.partners] == ["BNI", "Bank Kalsel"]
    assert db.session.scalar(select(AuditEntry.action)) == "program.closed"


def test_the_page_lists_its_events(log_in, db, make):
    client = log_in("viewer")
    program = make.program(client.organization)
    make.event(client.organization, program=program, title="Sosialisasi Pertama")
    make.event(client.organization, title="Di Luar Program")
    db.session.commit()
    page = client.get(f"/kelola/program/{program.id}").text
    assert "Sosialisasi Pertama" in page
    assert "Di Luar Program" not in page


def test_the_list_shows_running_programs_first(log_in, db, make):
    client = log_in("viewer")
    assert "Belum ada program" in client.get("/kelola/program").text
    make.program(client.organization, title="Sedang Jalan " + "panjang " * 20)
    make.program(client.organization, title="Sudah Tutup", closed=True)
    make.program(title="Kantor Lain")
    db.session.commit()
    page = client.get("/kelola/program").text
    assert page.index("Sedang Jalan") < page.index("Sudah Tutup")
    assert "Kantor Lain" not in page


def test_another_office_s_program_is_not_there(log_in, db, make):
    client, program = log_in("owner"), make.program()
    db.session.commit()
    assert client.get(f"/kelola/program/{program.id}").status_code == 404
    assert client.get(f"/kelola/program/{program.id}/ubah").status_code == 404
    assert client.post(f"/kelola/program/{program.id}/ubah", data=fields()).status_code == 404
    assert client.get("/kelola/program/99999999").status_code == 404


def test_only_organizers_change_programs(log_in, db, make):
    client = log_in("viewer")
    program = make.program(client.organization)
    db.session.commit()
    assert client.get(NEW).status_code == 403
    assert client.post(f"/kelola/program/{program.id}/ubah", data=fields()).status_code == 403
    assert "/ubah" not in client.get(f"/kelola/program/{program.id}").text


def test_a_new_event_begins_in_the_program_it_was_started_from(log_in, db, make):
    client = log_in("organizer")
    program = make.program(client.organization)
    db.session.commit()
    page = client.get(f"/kelola/kegiatan/baru?program={program.id}").text
    assert f'<option selected value="{program.id}">' in page

import re

from sqlalchemy import event as sqlalchemy_event

from halal.extensions import db as database
from halal.registrations.models import RegistrationStatus
from halal.sheets import read_sheets
from tests.reports.test_services import business, come


def report(event):
    return f"/kelola/kegiatan/{event.slug}/laporan"


def test_the_report_shows_the_same_numbers_as_the_header(log_in, make, db):
    client = log_in("viewer")
    event = make.event(client.organization, requires_nib=True)
    registrations = [make.registration(event, region_code="36.73") for _n in range(4)]
    come(db, event, registrations[0])
    make.registration(event, status=RegistrationStatus.CANCELLED)
    page = client.get(report(event))
    assert page.status_code == 200
    assert "Kota Serang" in page.text
    assert "25 %" in page.text
    assert f"/kelola/kegiatan/{event.slug}/peserta?nib=missing&amp;status=confirmed" in page.text


def test_an_event_without_anybody_says_what_comes(log_in, make):
    client = log_in("viewer")
    page = client.get(report(make.event(client.organization)))
    assert page.status_code == 200
    assert "Belum ada angka" in page.text
    assert "laporan.xlsx" not in page.text


def test_the_quota_of_the_program_is_shown(log_in, make):
    from halal.programs.models import ProgramQuota

    client = log_in("viewer")
    program = make.program(client.organization, quotas=[ProgramQuota(region_code="36.72", quota=40)])
    page = client.get(report(make.event(client.organization, program=program)))
    assert program.title in page.text
    assert "Kota Cilegon" in page.text


def test_the_sum_of_what_is_left_is_the_sum_of_its_column(log_in, make, db):
    from halal.programs.models import ProgramQuota

    client = log_in("viewer")
    program = make.program(client.organization, quotas=[ProgramQuota(region_code="36.72", quota=40)])
    event = make.event(client.organization, program=program)
    for region in ("36.72", "36.73"):
        make.registration(event, business_id=business(db, client.organization, region_code=region).id)
    table = client.get(report(event)).text.rpartition("<tfoot>")[2].partition("</tfoot>")[0]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", table) == ["40", "2", "39"]


def test_the_numbers_can_be_downloaded(log_in, make, db):
    client = log_in("viewer")
    event = make.event(client.organization)
    come(db, event, make.registration(event, region_code="36.73"))
    make.registration(event)
    response = client.get(report(event) + ".xlsx")
    assert response.headers["Content-Disposition"] == f'attachment; filename="laporan-{event.slug}.xlsx"'
    rows = list(read_sheets(response.data)[0].rows.values())
    assert rows[0] == ["Bagian", "Rincian", "Terdaftar", "Hadir"]
    assert ["Semua", "Semua", 2, 1] in rows
    assert any(row[1:] == ["Kota Serang", 1, 1] for row in rows)


def test_another_offices_report_does_not_exist(log_in, make):
    client = log_in("owner")
    event = make.event()
    assert client.get(report(event)).status_code == 404
    assert client.get(report(event) + ".xlsx").status_code == 404


def test_the_report_asks_as_often_for_many_as_for_few(log_in, make, db):
    client = log_in("viewer")
    few, many = make.event(client.organization), make.event(client.organization)
    make.registration(few, region_code="36.73")
    for number in range(30):
        come(db, many, make.registration(many, region_code=f"36.7{number % 4 + 1}"))
    assert _queries(lambda: client.get(report(many))) <= _queries(lambda: client.get(report(few)))


def _queries(action) -> int:
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    sqlalchemy_event.listen(database.engine, "before_cursor_execute", note)
    try:
        action()
    finally:
        sqlalchemy_event.remove(database.engine, "before_cursor_execute", note)
    return len([s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))])

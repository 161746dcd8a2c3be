"""The first page: today, next, and everything that waits for a person."""

import uuid
from datetime import timedelta

import pytest

from halal import clock
from halal.certificates.models import Certificate, CertificateKind
from halal.checkin.models import CheckInOp, OpKind
from halal.desk import services
from halal.desk.services import Kind
from halal.events.models import EventKind, EventSession, EventStatus
from halal.ids import uuid7
from halal.jobs import Job, JobStatus
from halal.people.models import Business
from halal.programs.models import ProgramQuota
from halal.registrations.models import Import, ImportStatus, RegistrationStatus
from tests.reports.test_services import come
from tests.reports.test_views import _queries


@pytest.fixture
def office(make):
    return make.organization()


@pytest.fixture
def now():
    return clock.now()


def found(office, kind=None, manage=True):
    attention = services.home(office, manage=manage).attention
    return attention if kind is None else [one for one in attention if one.kind is kind]


def over(make, office, now, **values):
    start = now - timedelta(days=2)
    return make.event(office, starts_at=start, ends_at=start + timedelta(hours=3), **values)


def certificate(db, event):
    db.session.add(
        Certificate(
            organization_id=event.organization_id, event_id=event.id, kind=CertificateKind.ATTENDANCE, year=2025, seq=1,
            number="1", recipient="A", issued_on=event.starts_at.date(), snapshot={}, pdf_file="x", pdf_sha256="x",
        )
    )  # fmt: skip
    db.session.flush()


def operation(db, event, kind, registration_id=None, **values):
    now = clock.now()
    db.session.add(
        CheckInOp(
            op_id=uuid7(), event_id=event.id, seq=event.next_seq, kind=kind, session_id=event.sessions[0].id,
            registration_id=registration_id, payload_hash="", client_at=now, sent_at=now, **values,
        )
    )  # fmt: skip
    event.next_seq += 1
    db.session.flush()


def test_events_are_today_or_next(make, office, now):
    today = make.event(office, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    later = make.event(office, starts_at=now + timedelta(days=9), ends_at=now + timedelta(days=10))
    sooner = make.event(office, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=4))
    make.event(office, status=EventStatus.DRAFT)
    make.event(office, status=EventStatus.CANCELLED)
    make.event()
    home = services.home(office, manage=True)
    assert home.today == [today]
    assert home.upcoming == [sooner, later]


def test_check_in_is_offered_for_the_sessions_of_the_day(make, office, now):
    start = now - timedelta(hours=1)
    days = [EventSession(title=f"Hari {n}", starts_at=start + timedelta(days=n), position=n) for n in range(2)]
    event = make.event(office, starts_at=start, ends_at=now + timedelta(days=1), sessions=days)
    assert [s.title for s in services.Home.sessions_today(event)] == ["Hari 0"]
    open_end = make.event(office)
    assert services.Home.sessions_today(open_end) == open_end.sessions


def test_a_draft_needs_attention_when_it_is_near(make, office, now):
    near = make.event(office, status=EventStatus.DRAFT, starts_at=now + timedelta(days=5), ends_at=None)
    make.event(office, status=EventStatus.DRAFT, starts_at=now + timedelta(days=50), ends_at=None)
    assert [one.about for one in found(office, Kind.DRAFT)] == [near]


def test_missing_nibs_need_attention_where_a_nib_is_needed(make, office):
    by_program = make.event(office, program=make.program(office, requires_nib=True))
    for nib in (None, None, "0000000000001"):
        make.registration(by_program, nib=nib)
    make.registration(by_program, status=RegistrationStatus.CANCELLED)
    make.registration(make.event(office))
    assert [(one.about, one.count) for one in found(office, Kind.NIB)] == [(by_program, 2)]


def test_waiting_people_need_attention_when_places_are_free(make, office):
    free, full = make.event(office, capacity=3), make.event(office, capacity=1)
    for event in (free, full):
        make.registration(event)
        make.registration(event, status=RegistrationStatus.WAITING)
    assert [(one.about, one.count, one.free) for one in found(office, Kind.WAITING)] == [(free, 1, 2)]


def test_an_event_that_is_over_needs_to_be_finished(db, make, office, now):
    event = over(make, office, now)
    come(db, event, make.registration(event))
    assert [(one.about, one.count) for one in found(office, Kind.OVER)] == [(event, 1)]


def test_a_finished_event_needs_certificates_until_it_has_some(db, make, office, now):
    event = over(make, office, now, status=EventStatus.FINISHED)
    assert found(office, Kind.CERTIFICATES) == []  # nobody came
    come(db, event, make.registration(event))
    assert [(one.about, one.count) for one in found(office, Kind.CERTIFICATES)] == [(event, 1)]
    certificate(db, event)
    assert found(office, Kind.CERTIFICATES) == []


def test_a_meeting_needs_no_certificates(db, make, office, now):
    meeting = over(make, office, now, status=EventStatus.FINISHED, kind=EventKind.COORDINATION_MEETING)
    come(db, meeting, make.registration(meeting))
    assert found(office, Kind.CERTIFICATES) == []


def test_failed_work_needs_attention_until_it_is_done_again(db, make, office, now):
    event = make.event(office)
    common = {"organization_id": office.id, "event_id": event.id, "kind": "certificates.issue"}
    failed = Job(**common, status=JobStatus.FAILED, finished_at=now, created_at=now)
    db.session.add_all([failed, Job(**common, status=JobStatus.DONE, created_at=now - timedelta(hours=1))])
    db.session.add(Job(organization_id=make.organization().id, kind="x", status=JobStatus.FAILED, finished_at=now))
    db.session.flush()
    assert [one.about for one in found(office, Kind.JOB)] == [failed]
    db.session.add(Job(**common, status=JobStatus.DONE, created_at=now + timedelta(minutes=1)))
    db.session.flush()
    assert found(office, Kind.JOB) == []


@pytest.mark.parametrize(
    ("status", "job_status", "waits"),
    [
        (ImportStatus.READY, JobStatus.DONE, True),
        (ImportStatus.UPLOADED, JobStatus.DONE, True),
        (ImportStatus.FAILED, JobStatus.DONE, True),
        (ImportStatus.TAKING, JobStatus.FAILED, True),
        (ImportStatus.CHECKING, JobStatus.RUNNING, False),
        (ImportStatus.TAKEN, JobStatus.DONE, False),
        (ImportStatus.UNDONE, JobStatus.DONE, False),
    ],
)
def test_an_import_left_in_the_middle_needs_attention_once(db, make, office, now, status, job_status, waits):
    event = make.event(office)
    job = Job(organization_id=office.id, kind="import_take", status=job_status, finished_at=now)
    db.session.add(job)
    db.session.flush()
    import_ = Import(organization_id=office.id, event=event, filename="a.xlsx", status=status, job_id=job.id)
    db.session.add(import_)
    db.session.flush()
    assert [one.about for one in found(office)] == ([import_] if waits else [])


def test_unknown_scans_need_attention_until_they_are_settled(db, make, office, now):
    event = make.event(office, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    operation(db, event, OpKind.UNKNOWN_SCAN, payload={"token_hash": "a" * 64})
    assert [(one.about, one.count) for one in found(office, Kind.SCANS)] == [(event, 1)]
    scan = db.session.query(CheckInOp).filter_by(event_id=event.id).one()
    operation(db, event, OpKind.UNDO, payload={"ops": [str(scan.op_id)]})
    assert found(office, Kind.SCANS) == []


def test_walk_ins_that_may_be_registered_need_attention(db, make, office, now):
    event = make.event(office, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    make.registration(event, name="Siti Aminah")
    walk_in = make.registration(event, name="Hj. Siti Aminah")
    operation(db, event, OpKind.WALK_IN, walk_in.id, payload={"name": walk_in.name})
    assert [(one.about, one.count) for one in found(office, Kind.DUPLICATES)] == [(event, 1)]


def test_a_reached_quota_needs_attention_while_the_program_runs(db, make, office):
    program = make.program(
        office, quotas=[ProgramQuota(region_code="36.73", quota=1), ProgramQuota(region_code="36.04", quota=5)]
    )
    business = Business(organization_id=office.id, name="Usaha", name_key="usaha", region_code="36.73")
    db.session.add(business)
    db.session.flush()
    make.registration(make.event(office, program=program), business_id=business.id)
    assert [(one.about, one.regions) for one in found(office, Kind.QUOTA)] == [(program, ["Kota Serang"])]
    program.closed = True
    db.session.flush()
    assert found(office, Kind.QUOTA) == []


def test_who_may_only_read_is_not_sent_to_work_of_organizers(db, make, office):
    event = make.event(office, requires_nib=True)
    make.registration(event)
    make.event(office, status=EventStatus.DRAFT)
    db.session.add(Import(organization_id=office.id, event=event, filename="a.xlsx"))
    db.session.flush()
    assert {one.kind for one in found(office)} == {Kind.IMPORT, Kind.DRAFT, Kind.NIB}
    assert {one.kind for one in found(office, manage=False)} == {Kind.NIB}


def test_the_page_leads_to_each_thing_in_one_tap(log_in, make, now):
    client = log_in("organizer")
    today = make.event(
        client.organization, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), requires_nib=True
    )
    make.registration(today)
    draft = make.event(client.organization, status=EventStatus.DRAFT)
    page = client.get("/kelola/").text
    assert f"/checkin/{today.slug}/{today.sessions[0].id}" in page
    assert f"/kelola/kegiatan/{today.slug}/peserta?nib=missing&amp;status=confirmed" in page
    assert f'href="/kelola/kegiatan/{draft.slug}"' in page


def test_a_new_office_is_told_its_first_steps(log_in):
    page = log_in("owner").get("/kelola/").text
    assert "Langkah pertama" in page
    assert "/kelola/kantor" in page
    assert "/kelola/kegiatan/baru" in page


def test_a_viewer_of_a_new_office_is_not_asked_to_plan(log_in):
    page = log_in("viewer").get("/kelola/").text
    assert "Langkah pertama" in page
    assert "/kelola/kegiatan/baru" not in page


def test_a_check_in_officer_goes_to_the_check_in(log_in):
    answer = log_in("checkin_officer").get("/kelola/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/checkin/")


def test_the_first_page_asks_few_questions_however_much_there_is(log_in, make, now):
    client = log_in("owner")
    for number in range(8):
        program = make.program(client.organization, quotas=[ProgramQuota(region_code="36.73", quota=1)])
        event = make.event(client.organization, program=program, requires_nib=True, capacity=9)
        finished = over(make, client.organization, now, status=EventStatus.FINISHED)
        for one in (event, finished):
            make.registration(one, nib=None if number % 2 else f"{number:013}")
    assert _queries(lambda: client.get("/kelola/")) <= 15


def test_another_offices_events_are_not_shown(log_in, make):
    client = log_in("owner")
    make.event(client.organization)
    other = make.event(title="Kegiatan Kantor Lain")
    assert other.title not in client.get("/kelola/").text


def job(db, organization, **values):
    row = Job(organization_id=organization.id, kind="certificates.issue", **values)
    db.session.add(row)
    db.session.flush()
    return row


def test_a_running_job_shows_its_progress_and_asks_again(db, log_in):
    client = log_in("viewer")
    row = job(db, client.organization, status=JobStatus.RUNNING, done=30, total=120)
    page = client.get(f"/kelola/pekerjaan/{row.id}")
    assert "Menerbitkan sertifikat" in page.text
    assert "30 / 120" in page.text
    part = client.get(f"/kelola/pekerjaan/{row.id}", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith("<section")
    assert 'hx-trigger="every 1s"' in part.text


def test_a_finished_job_asks_no_more_and_leads_back(db, log_in, make):
    client = log_in("viewer")
    event = make.event(client.organization)
    row = job(db, client.organization, status=JobStatus.DONE, done=3, total=3, event_id=event.id)
    page = client.get(f"/kelola/pekerjaan/{row.id}").text
    assert "hx-trigger" not in page
    assert f"/kelola/kegiatan/{event.slug}" in page


@pytest.mark.parametrize(("error", "shown"), [("Berkas rusak.", "Berkas rusak."), ("unexpected", "di pihak kami")])
def test_a_failed_job_says_why(db, log_in, error, shown):
    client = log_in("viewer")
    row = job(db, client.organization, status=JobStatus.FAILED, error=error)
    assert shown in client.get(f"/kelola/pekerjaan/{row.id}").text


def test_another_offices_job_does_not_exist(db, log_in, make):
    client = log_in("owner")
    row = job(db, make.organization())
    assert client.get(f"/kelola/pekerjaan/{row.id}").status_code == 404
    assert client.get(f"/kelola/pekerjaan/{uuid.uuid4()}").status_code == 404

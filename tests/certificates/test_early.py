"""Issuing before an event is over, or without some of its sessions, is asked about; practice certifies nobody."""

from datetime import timedelta

import pytest

from halal import clock, jobs
from halal.certificates import work
from halal.certificates.models import CertificateKind
from halal.certificates.services import lookup, planning
from halal.checkin import services as checkin
from halal.checkin.models import CheckInOp
from halal.errors import DomainError
from halal.events.models import EventSession
from halal.registrations import presence
from tests.certificates import hall


@pytest.fixture
def desk(log_in, make):
    return log_in("organizer", hall.office(make))


def under_way(make, office):
    now = clock.now()
    return make.event(office, starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=3))


def test_before_the_end_the_page_warns_and_asks_for_a_tick(make, db, desk):
    event = under_way(make, desk.organization)
    hall.present(make, event, "Siti")
    path = f"/kelola/kegiatan/{event.slug}/sertifikat/terbitkan/attendance"
    assert "Kegiatan belum selesai" in desk.get(path).text
    signer = str(desk.organization.signatories[0].id)
    form = {"issued_on": event.starts_at.date().isoformat(), "place": "Serang", "signatories": signer}
    refused = desk.post(path, data=form)
    assert refused.status_code == 422
    assert "Centang kotaknya" in refused.text
    assert desk.post(path, data={**form, "early": "y"}).status_code == 303


def test_after_the_end_nothing_is_asked(make, db, desk):
    event = hall.past_event(make, desk.organization)
    hall.present(make, event, "Siti")
    assert planning.early(event, CertificateKind.ATTENDANCE) == []
    work.start(event, hall.issue(), None, None)


def test_sessions_without_anybody_and_people_of_one_session_are_named(make, db, desk, app):
    event = hall.past_event(make, desk.organization)
    event.sessions.append(EventSession(title="Hari kedua", position=1))
    hall.present(make, event, "Siti")
    with app.test_request_context():
        reasons = " ".join(planning.early(event, CertificateKind.ATTENDANCE))
    assert "Hari kedua" in reasons
    assert "1 orang" in reasons
    with pytest.raises(DomainError) as caught:
        work.start(event, hall.issue(), None, None)
    assert caught.value.field == "early"
    assert planning.early(event, CertificateKind.SPEAKER) == []


def test_the_command_needs_a_flag(make, db, desk, app):
    event = under_way(make, desk.organization)
    hall.present(make, event, "Siti")
    db.session.commit()
    command = ["certificates", "issue", event.slug, "--kind", "attendance"]
    refused = app.test_cli_runner().invoke(args=command)
    assert refused.exit_code == 1
    assert "--early" in refused.output
    assert app.test_cli_runner().invoke(args=[*command, "--early"]).exit_code == 0


def received_the_day_before(event, db):
    for op in db.session.query(CheckInOp).filter_by(event_id=event.id):
        op.received_at = checkin.day_begins(event) - timedelta(hours=1)
    db.session.commit()


def test_practice_certifies_nobody_and_is_taken_back_by_one_tap(make, db, desk):
    event = under_way(make, desk.organization)
    siti = hall.present(make, event, "Siti")
    received_the_day_before(event, db)
    hall.present(make, event, "Wati")
    assert checkin.practised(event) == {siti.id}
    assert [c.name for c in planning.plan(event, hall.issue()).ready] == ["Wati"]
    board = desk.get(f"/kelola/kegiatan/{event.slug}/kehadiran").text
    assert "hanya latihan" in board
    path = f"/kelola/kegiatan/{event.slug}/kehadiran/latihan"
    assert desk.post(path).status_code == 303
    assert checkin.practised(event) == set()
    assert "hanya latihan" not in desk.get(f"/kelola/kegiatan/{event.slug}/kehadiran").text
    assert checkin.counters(event.id)["present"] == 1
    assert desk.post(path).status_code == 303  # a second tap finds it done


def test_practice_ends_by_itself_when_the_day_begins(make, db, desk):
    event = under_way(make, desk.organization)
    siti = hall.present(make, event, "Siti")
    received_the_day_before(event, db)
    event.starts_at += timedelta(days=2)  # practice goes on until the day
    event.ends_at += timedelta(days=2)
    db.session.commit()
    jobs.do_chores()
    assert checkin.practised(event) == {siti.id}
    event.starts_at -= timedelta(days=2)
    event.ends_at -= timedelta(days=2)
    db.session.commit()
    wati = hall.present(make, event, "Wati")
    db.session.commit()
    jobs.do_chores()
    assert checkin.practised(event) == set()
    assert set(db.session.scalars(presence.present_ids(event.id))) == {wati.id}
    assert checkin.counters(event.id)["present"] == 1


def test_next_steps_ask_for_no_certificate_that_is_issued(make, db, desk):
    event = hall.past_event(make, desk.organization)
    address = f"/kelola/kegiatan/{event.slug}"
    empty = desk.get(address).text
    assert "Belum ada yang tercatat hadir" in empty
    assert "semua data sudah masuk" not in empty
    hall.present(make, event, "Siti")
    db.session.commit()
    assert "1 orang hadir dan belum mendapat sertifikat" in desk.get(address).text
    hall.issue_all(event)
    assert len(lookup.valid(event, CertificateKind.ATTENDANCE)) == 1
    assert "belum mendapat sertifikat" not in desk.get(address).text


def test_a_changed_day_title_or_place_flags_what_certifies_the_old_one_and_a_replacement_says_the_new(make, db, desk):
    event = hall.past_event(make, desk.organization, title="Judul Lama", venue="Aula Lama")
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    (old,) = lookup.valid(event, CertificateKind.ATTENDANCE)
    tab = f"/kelola/kegiatan/{event.slug}/sertifikat"
    assert planning.outdated(event) == []
    event.title, event.venue = "Judul Baru", "Aula Baru"
    event.starts_at += timedelta(days=1)
    event.ends_at += timedelta(days=1)
    db.session.commit()
    assert planning.outdated(event) == [old]
    assert "1 sertifikat memuat judul, tanggal, atau tempat" in desk.get(tab).text
    new = hall.replace(old, "Siti", "", "tanggal kegiatan berubah")
    db.session.commit()
    printed = new.snapshot
    assert (printed["event"], printed["day"]) == ("Judul Baru", "Jumat, 16 Mei 2025")
    assert "Jumat, 16 Mei 2025" in printed["after"] and "Aula Baru" in printed["after"]
    assert planning.outdated(event) == []

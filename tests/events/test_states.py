"""Publishing, finishing, cancelling, reopening; copying."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from halal import clock
from halal.audit.models import AuditEntry
from halal.certificates.models import Award
from halal.errors import DomainError
from halal.events import services
from halal.events.models import Event, EventPartner, EventPerson, EventRegion, EventRole, EventSession, EventStatus
from halal.registrations.models import Registration, RegistrationStatus

DRAFT, PUBLISHED, FINISHED, CANCELLED = EventStatus
YESTERDAY = timedelta(days=-1)


def move(client, event, target, **fields):
    return client.post(f"/kelola/kegiatan/{event.slug}/status", data={"status": target, **fields})


@pytest.mark.parametrize("start", EventStatus)
@pytest.mark.parametrize("target", EventStatus)
def test_only_these_ways_lead_from_state_to_state(db, make, start, target):
    allowed = {
        (DRAFT, PUBLISHED), (PUBLISHED, FINISHED), (PUBLISHED, CANCELLED), (PUBLISHED, DRAFT),
        (FINISHED, PUBLISHED), (CANCELLED, PUBLISHED),
    }  # fmt: skip
    event = make.event(status=start, starts_at=clock.now() + YESTERDAY, ends_at=None)
    if (start, target) in allowed:
        services.set_status(event, target, reason="Banjir")
        assert event.status is target
    else:
        with pytest.raises(DomainError):
            services.set_status(event, target, reason="Banjir")
        assert event.status is start


def test_publishing_opens_the_public_page_and_is_audited(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization, status=DRAFT)
    db.session.commit()
    answer = move(client, event, "published")
    assert answer.status_code == 303
    assert "Kegiatan sudah terbit" in client.get(answer.location).text
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "event.published"))
    assert (entry.subject, entry.user_id) == (f"event:{event.id}", client.user.id)


def test_cancelling_needs_a_reason_and_keeps_it(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization)
    db.session.commit()
    for reason in ("", "   ", "x" * 301):
        refused = move(client, event, "cancelled", reason=reason)
        assert refused.status_code == 422
        db.session.expire_all()
        assert event.status is PUBLISHED
    assert "Isi alasan pembatalan" in move(client, event, "cancelled").text
    assert move(client, event, "cancelled", reason="Banjir di lokasi").status_code == 303
    db.session.expire_all()
    assert event.cancel_reason == "Banjir di lokasi"
    assert "Dibatalkan: Banjir di lokasi" in client.get(f"/kelola/kegiatan/{event.slug}").text
    move(client, event, "published")
    db.session.expire_all()
    assert (event.status, event.cancel_reason) == (PUBLISHED, "")


def test_what_has_not_begun_cannot_be_finished(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization)
    db.session.commit()
    refused = move(client, event, "finished")
    assert refused.status_code == 422
    assert "Kegiatan belum dimulai" in refused.text


def test_an_event_with_attendees_cannot_go_back_to_draft(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization)
    attendee = make.registration(event)
    db.session.commit()
    refused = move(client, event, "draft")
    assert refused.status_code == 422
    assert "Sudah ada yang terdaftar" in refused.text
    attendee.status = RegistrationStatus.CANCELLED
    db.session.commit()
    assert move(client, event, "draft").status_code == 303


def test_two_who_press_at_once_get_a_sentence(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization, status=DRAFT)
    db.session.commit()
    assert move(client, event, "published").status_code == 303
    again = move(client, event, "published")
    assert again.status_code == 422
    assert "Muat ulang halaman" in again.text


def test_an_unknown_state_is_a_bad_request(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization)
    db.session.commit()
    assert move(client, event, "exploded").status_code == 400


@pytest.mark.parametrize(
    ("status", "hours", "offered"),
    [
        (DRAFT, 48, "Terbitkan"),
        (PUBLISHED, 48, "peserta/impor"),
        (PUBLISHED, 1, "Buka layar check-in"),
        (PUBLISHED, -48, "Tandai selesai"),
        (FINISHED, -48, "Lihat angka kegiatan"),
        (CANCELLED, 48, "Kabari yang sudah terdaftar"),
    ],
)
def test_the_overview_says_what_comes_next(log_in, db, make, status, hours, offered):
    client = log_in("organizer")
    start = clock.now() + timedelta(hours=hours)
    event = make.event(client.organization, status=status, starts_at=start, ends_at=start + timedelta(hours=3))
    db.session.commit()
    assert offered in client.get(f"/kelola/kegiatan/{event.slug}").text


def test_a_viewer_sees_the_event_but_no_way_to_change_it(log_in, db, make):
    client = log_in("viewer")
    event = make.event(client.organization, status=DRAFT)
    db.session.commit()
    page = client.get(f"/kelola/kegiatan/{event.slug}")
    assert page.status_code == 200
    assert "/status" not in page.text
    assert "/salin" not in page.text
    assert move(client, event, "published").status_code == 403


def test_a_copy_has_everything_but_what_happened(log_in, db, make):
    client = log_in("organizer")
    start = datetime(2025, 5, 15, 1, 0, tzinfo=UTC)
    event = make.event(
        client.organization, title="Sosialisasi", slug="sosialisasi-2025", status=FINISHED, starts_at=start,
        ends_at=start + timedelta(hours=4), capacity=30, venue="Aula", requires_nib=True,
        registration_closes_at=start + YESTERDAY, cancel_reason="",
        program=make.program(client.organization, closed=True),
        sessions=[EventSession(title="Pagi", starts_at=start), EventSession(title="Siang", position=1)],
        people=[EventPerson(name="Agus, S.H.", title="Ketua", role=EventRole.SPEAKER)],
        regions=[EventRegion(region_code="36.01")], partners=[EventPartner(name="Bank Indonesia")],
    )  # fmt: skip
    make.registration(event)
    make.add(Award(event_id=event.id, recipient="Kota Bontang"))
    db.session.commit()
    answer = client.post("/kelola/kegiatan/sosialisasi-2025/salin")
    copy = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (answer.status_code, answer.location) == (303, f"/kelola/kegiatan/{copy.slug}/ubah")
    assert copy.slug != event.slug
    assert (copy.title, copy.status, copy.capacity, copy.venue, copy.requires_nib, copy.program_id) == (
        "Sosialisasi", DRAFT, 30, "Aula", True, None,
    )  # fmt: skip
    assert [s.title for s in copy.sessions] == ["Pagi", "Siang"]
    assert [(p.name, p.title, p.role) for p in copy.people] == [("Agus, S.H.", "Ketua", EventRole.SPEAKER)]
    assert [r.region_code for r in copy.regions] == ["36.01"]
    assert [p.name for p in copy.partners] == ["Bank Indonesia"]
    assert copy.starts_at > clock.now()
    assert (copy.starts_at - event.starts_at) % timedelta(days=7) == timedelta()
    assert copy.ends_at - copy.starts_at == timedelta(hours=4)
    assert copy.sessions[0].starts_at == copy.starts_at
    assert copy.starts_at - copy.registration_closes_at == timedelta(days=1)
    assert db.session.scalar(select(Registration.id).where(Registration.event_id == copy.id)) is None
    assert (copy.next_seq, copy.log_id != event.log_id) == (1, True)


def test_a_copy_of_what_is_to_come_is_one_week_later(db, make):
    event = make.event()
    assert services.copy_event(event).starts_at - event.starts_at == timedelta(days=7)

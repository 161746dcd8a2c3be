from datetime import UTC, datetime, timedelta

from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.events.models import EventSession
from halal.ids import uuid7
from halal.people.models import Business
from halal.registrations.models import RegistrationStatus, Source
from halal.reports import services


def come(db, event, registration, at=None, session=None):
    """Somebody is present at a session of the event."""
    at = at or event.starts_at
    op = CheckInOp(
        op_id=uuid7(), event_id=event.id, seq=event.next_seq, kind=OpKind.CHECK_IN, payload_hash="",
        session_id=(session or event.sessions[0]).id, registration_id=registration.id, client_at=at, sent_at=at,
    )  # fmt: skip
    event.next_seq += 1
    db.session.add(op)
    db.session.flush()
    db.session.add(
        Attendance(session_id=op.session_id, registration_id=registration.id, event_id=event.id, op_id=op.op_id, at=at)
    )
    db.session.flush()


def business(db, organization, **values):
    values = {"organization_id": organization.id, "name": "Usaha", "name_key": "usaha", **values}
    row = Business(**values)
    db.session.add(row)
    db.session.flush()
    return row


def test_present_counts_people_not_sessions(db, make):
    event = make.event(sessions=[EventSession(title="Pagi"), EventSession(title="Siang", position=1)])
    one, _two = make.registration(event), make.registration(event)
    for session in event.sessions:
        come(db, event, one, session=session)
    assert services.event_counts(event).present == 1
    assert services.event_numbers(event).sessions == [("Pagi", 1), ("Siang", 1)]


def test_counts_of_several_events_are_each_their_own(db, make):
    full, empty = make.event(capacity=2), make.event()
    come(db, full, make.registration(full))
    make.registration(full, status=RegistrationStatus.WAITING)
    make.registration(full, status=RegistrationStatus.CANCELLED)
    counts = services.counts_of([full, empty])
    assert (counts[full.id].registered, counts[full.id].waiting, counts[full.id].cancelled) == (1, 1, 1)
    assert counts[full.id].seats_left == 1
    assert (counts[empty.id].registered, counts[empty.id].present, counts[empty.id].seats_left) == (0, 0, None)
    assert services.counts_of([]) == {}


def test_every_part_sums_to_the_counts(db, make):
    event = make.event()
    for number, region in enumerate(["36.73", "36.73", "36.04", None]):
        registration = make.registration(event, region_code=region, source=Source.IMPORT if number else Source.PUBLIC)
        if number != 1:
            come(db, event, registration, at=event.starts_at + timedelta(hours=number))
    make.registration(event, region_code="36.01", status=RegistrationStatus.CANCELLED)
    waiting = make.registration(event, region_code="36.02", status=RegistrationStatus.WAITING)
    come(db, event, waiting)  # let in at the door, and moved back afterwards
    numbers = services.event_numbers(event)
    assert numbers.counts == services.event_counts(event)
    assert sum(r.registered for r in numbers.regions) == numbers.counts.registered == 4
    assert sum(r.present for r in numbers.regions) == numbers.counts.present == 4
    assert sum(count for _hour, count in numbers.hours) == numbers.counts.present
    assert sum(count for _source, count in numbers.sources) == numbers.counts.registered
    assert [(r.code, r.registered, r.present) for r in numbers.regions] == [
        ("36.73", 2, 1), ("36.04", 1, 1), ("36.02", 0, 1), (None, 1, 1),
    ]  # fmt: skip


def test_an_invited_region_without_anybody_is_shown_with_zero(make):
    from halal.events.models import EventRegion

    event = make.event(regions=[EventRegion(region_code="36.72")])
    assert [(r.label, r.registered) for r in services.event_numbers(event).regions] == [("Kota Cilegon", 0)]


def test_arrivals_are_counted_by_the_hour_of_the_events_zone(db, make):
    start = datetime(2024, 5, 20, 23, 50, tzinfo=UTC)  # 07.50 WITA on the 21st
    event = make.event(
        timezone="Asia/Makassar", region_code="63.72", starts_at=start, ends_at=start + timedelta(hours=9)
    )
    for minutes in (0, 9, 10, 130):
        come(db, event, make.registration(event), at=start + timedelta(minutes=minutes))
    hours = services.event_numbers(event).hours
    assert [(hour.strftime("%d %H:%M"), count) for hour, count in hours] == [
        ("21 07:00", 2), ("21 08:00", 1), ("21 09:00", 0), ("21 10:00", 1),
    ]  # fmt: skip


def test_a_night_between_two_days_is_left_out(db, make):
    event = make.event(sessions=[EventSession(title="I"), EventSession(title="II", position=1)])
    come(db, event, make.registration(event), at=event.starts_at)
    come(db, event, make.registration(event), at=event.starts_at + timedelta(days=1), session=event.sessions[1])
    assert [count for _hour, count in services.event_numbers(event).hours] == [1, 1]


def test_only_the_first_arrival_of_a_person_counts_as_an_arrival(db, make):
    event = make.event(sessions=[EventSession(title="I"), EventSession(title="II", position=1)])
    registration = make.registration(event)
    come(db, event, registration, at=event.starts_at + timedelta(hours=3), session=event.sessions[1])
    come(db, event, registration, at=event.starts_at)
    ((hour, count),) = services.event_numbers(event).hours
    assert count == 1
    assert hour <= event.starts_at < hour + timedelta(hours=1)


def test_missing_nib_counts_those_with_a_place_only(make):
    event = make.event()
    make.registration(event, nib="0000000000001")
    make.registration(event)
    make.registration(event, status=RegistrationStatus.WAITING)
    assert services.event_numbers(event).nib_missing == 1


def test_an_event_with_invented_people_is_an_example(make):
    real, example, empty = make.event(), make.event(), make.event()
    make.registration(real)
    make.registration(example, invented=True)
    assert [services.is_example(event) for event in (real, example, empty)] == [False, True, False]

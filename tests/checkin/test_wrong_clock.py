"""A tablet whose clock was wrong without network, and is right when it sends: no impossible time is believed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from halal.checkin import services
from halal.checkin.models import Attendance
from halal.clock import now, stopped_at
from halal.reports.services.event import _hours
from tests.checkin import said

NOON = now().replace(hour=5, minute=0, second=0, microsecond=0)


@pytest.fixture
def tablet(db, hall):
    """A tablet that was paired an hour before noon and asked once at noon; the event began two hours before noon."""
    hall.event.starts_at, hall.event.ends_at = NOON - timedelta(hours=2), NOON + timedelta(hours=4)
    db.session.commit()
    with stopped_at(NOON - timedelta(hours=1)):
        tablet = hall.tablet()
        tablet.sync(sent_at=(NOON - timedelta(hours=1)).isoformat(), last_dev_seq=0)
    with stopped_at(NOON):
        tablet.sync(sent_at=NOON.isoformat(), last_dev_seq=0)
    return tablet


def recorded(db, make, hall, tablet, said_at, *, dev_seq=1, last=1):
    """What is recorded of somebody whom the tablet checked in at `said_at` by its clock; it sends at one."""
    arrival = NOON + timedelta(hours=1)
    someone = make.registration(hall.event)
    with stopped_at(arrival):
        op = said.check_in(hall.session, someone, client_at=said_at.isoformat(), dev_seq=dev_seq)
        (result,) = tablet.sync(op, sent_at=arrival.isoformat(), last_dev_seq=last).json["results"]
    row = db.session.scalar(select(Attendance).where(Attendance.registration_id == someone.id))
    return row.at, row.uncertain, result["skewed"]


@pytest.mark.parametrize(
    ("hours", "at"),
    [(-3, NOON), (-0.5, NOON), (-24 * 300, NOON), (0.5, None), (1, None), (3, NOON + timedelta(hours=1))],
)
def test_a_time_before_the_last_question_or_after_the_arrival_is_flagged(db, make, hall, tablet, hours, at):
    moment = NOON + timedelta(hours=hours)
    assert recorded(db, make, hall, tablet, moment) == (at or moment, at is not None, at is not None)


def test_what_was_numbered_before_the_last_question_may_be_older_but_not_than_the_pairing(db, make, hall, tablet):
    with stopped_at(NOON + timedelta(minutes=30)):
        tablet.sync(sent_at=(NOON + timedelta(minutes=30)).isoformat(), last_dev_seq=5, unsent=5)
    for hours, at, uncertain in ((-0.5, -0.5, False), (-1.5, -1, True)):
        time, flagged, _skewed = recorded(
            db, make, hall, tablet, NOON + timedelta(hours=hours), dev_seq=4 + (hours < -1), last=5
        )
        assert (time, flagged) == (NOON + timedelta(hours=at), uncertain)


def test_a_time_long_before_the_event_is_none(db, make, hall):
    hall.event.starts_at, hall.event.ends_at = NOON, NOON + timedelta(hours=4)
    db.session.commit()
    with stopped_at(NOON - timedelta(days=5)):
        tablet = hall.tablet()  # paired in time, then switched off until its battery was empty
    at, uncertain, _skewed = recorded(db, make, hall, tablet, NOON - timedelta(days=3))
    assert (at, uncertain) == (NOON - timedelta(hours=12), True)


def test_an_uncertain_time_moves_no_charts_axis(db, make, hall, tablet):
    recorded(db, make, hall, tablet, NOON + timedelta(minutes=40), dev_seq=1)
    before = services.board(hall.event)
    hours = _hours(hall.event)
    recorded(db, make, hall, tablet, NOON - timedelta(days=200), dev_seq=2, last=2)
    after = services.board(hall.event)
    assert (after.arrivals, after.uncertain) == (before.arrivals, 1)
    assert _hours(hall.event) == hours
    assert after.counters["present"] == 2
    page = hall.organizer.get(hall.url).text
    assert "tidak pasti: jam tablet salah" in page
    assert "jam tablet salah): 1" in page


def test_what_is_sent_again_keeps_its_flag(db, make, hall, tablet):
    someone, arrival = make.registration(hall.event), NOON + timedelta(hours=1)
    op = said.check_in(hall.session, someone, client_at=(NOON - timedelta(hours=9)).isoformat(), dev_seq=1)
    with stopped_at(arrival):
        first = tablet.sync(op, sent_at=arrival.isoformat(), last_dev_seq=1).json["results"]
    with stopped_at(arrival + timedelta(hours=1)):
        again = tablet.sync(op, sent_at=(arrival + timedelta(hours=1)).isoformat(), last_dev_seq=1).json["results"]
    assert first == again
    assert first[0]["at"] == NOON.isoformat()

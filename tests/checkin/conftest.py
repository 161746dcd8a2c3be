"""Fixtures of check-in: a place to check in at, and a way to say something there."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp
from tests.checkin import said


@pytest.fixture
def door(db, make):
    """An event with one session, a user, and `door.say(op, …)` -> results as a tablet reads them."""
    event = make.event()
    user = make.user(event.organization)
    session = event.sessions[0]

    def say(*ops, **more):
        place = services.open_place(event.organization_id, event.slug, more.get("device", said.DEVICE))
        return [r.to_json() for r in services.record(place, said.read(event, *ops, **more), user_id=user.id)]

    def attendance():
        rows = db.session.scalars(select(Attendance).where(Attendance.event_id == event.id))
        return {(row.session_id, row.registration_id): row.op_id for row in rows}

    def ops():
        return db.session.scalars(select(CheckInOp).where(CheckInOp.event_id == event.id).order_by(CheckInOp.seq)).all()

    return SimpleNamespace(event=event, session=session, user=user, say=say, attendance=attendance, ops=ops)

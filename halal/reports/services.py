"""Numbers about events. Counters count rows; nothing adds one to anything."""

from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from halal.checkin.models import Attendance
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus


@dataclass(frozen=True)
class EventCounts:
    """`registered` has a place, `waiting` is on the waiting list, `present` checked in to any session."""

    registered: int
    waiting: int
    cancelled: int
    present: int
    capacity: int | None

    @property
    def seats_left(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.registered)


def event_counts(event: Event) -> EventCounts:
    """How many are registered, waiting, cancelled and present, now."""
    by_status = dict(
        db.session.execute(
            select(Registration.status, func.count())
            .where(Registration.event_id == event.id)
            .group_by(Registration.status)
        ).all()
    )
    present = db.session.scalar(
        select(func.count(distinct(Attendance.registration_id))).where(Attendance.event_id == event.id)
    )
    return EventCounts(
        registered=by_status.get(RegistrationStatus.CONFIRMED, 0),
        waiting=by_status.get(RegistrationStatus.WAITING, 0),
        cancelled=by_status.get(RegistrationStatus.CANCELLED, 0),
        present=present or 0,
        capacity=event.capacity,
    )

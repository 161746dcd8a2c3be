"""How many people events have."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from halal.events.models import Event
from halal.extensions import db
from halal.registrations import presence
from halal.registrations.models import Registration, RegistrationStatus


@dataclass(frozen=True)
class EventCounts:
    """`registered` has a place, `waiting` is on the waiting list, `present` checked in to any session; `expected` has a
    place or is present (halal/registrations/presence.py)."""

    registered: int
    waiting: int
    cancelled: int
    present: int
    expected: int
    capacity: int | None

    @property
    def seats_left(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.registered)


def event_counts(event: Event) -> EventCounts:
    """How many are registered, waiting, cancelled and present, now.

    This stands on every page of an event, so it must be quick for large ones. Few wait or are cancelled: everybody
    is counted once and they are taken off, which takes half the time of counting by status.
    """
    everybody = select(func.count()).select_from(Registration).where(Registration.event_id == event.id)
    waiting = everybody.where(Registration.status == RegistrationStatus.WAITING)
    cancelled = everybody.where(Registration.status == RegistrationStatus.CANCELLED)
    present = presence.count_present(event.id, single_session=len(event.sessions) == 1)
    counts = [count.scalar_subquery() for count in (everybody, waiting, cancelled, present)]
    total, waiting, cancelled, present = db.session.execute(select(*counts)).one()
    registered = total - waiting - cancelled
    extra = _present_without_place([event.id]).get(event.id, 0) if present and (waiting or cancelled) else 0
    return EventCounts(registered, waiting, cancelled, present, registered + extra, event.capacity)


def counts_of(events: Iterable[Event]) -> dict[int, EventCounts]:
    """The counts of several events by their ids, in three queries."""
    events = list(events)
    if not events:
        return {}
    ids = [event.id for event in events]
    by_status = {
        (event_id, status): count
        for event_id, status, count in db.session.execute(
            select(Registration.event_id, Registration.status, func.count())
            .where(Registration.event_id.in_(ids))
            .group_by(Registration.event_id, Registration.status)
        )
    }
    present = dict(db.session.execute(presence.count_present_by_event(ids)).all())
    extra = _present_without_place(ids) if present else {}
    return {
        event.id: EventCounts(
            registered=by_status.get((event.id, RegistrationStatus.CONFIRMED), 0),
            waiting=by_status.get((event.id, RegistrationStatus.WAITING), 0),
            cancelled=by_status.get((event.id, RegistrationStatus.CANCELLED), 0),
            present=present.get(event.id, 0),
            expected=by_status.get((event.id, RegistrationStatus.CONFIRMED), 0) + extra.get(event.id, 0),
            capacity=event.capacity,
        )
        for event in events
    }


def _present_without_place(event_ids: list[int]) -> dict[int, int]:
    return dict(db.session.execute(presence.present_without_place(event_ids)).all())


def is_example(event: Event) -> bool:
    """Whether the event's people are invented: the first who registered tells, so asking costs the same always."""
    first = select(Registration.invented).where(Registration.event_id == event.id).order_by(Registration.created_at)
    return bool(db.session.scalar(first.limit(1)))

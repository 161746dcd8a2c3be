"""How many places of events are taken.

Registrations know events, not the other way round. So their table is named here, not imported, and who wants to
know that an event got more places says so with `on_more_places`.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import func, select

from halal.events.models import Event
from halal.extensions import db

_listeners: list[Callable[[Event], object]] = []


def places_taken(event_ids: Iterable[int]) -> dict[int, int]:
    """Confirmed registrations by event; events without any are missing."""
    registrations = db.metadata.tables["registrations"].c
    return dict(
        db.session.execute(
            select(registrations.event_id, func.count())
            .where(registrations.event_id.in_(list(event_ids)), registrations.status == "confirmed")
            .group_by(registrations.event_id)
        ).all()
    )


def on_more_places(listener: Callable[[Event], object]) -> Callable[[Event], object]:
    """Call this function, in the same transaction, when an event's capacity grew: people may be waiting."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def announce_more_places(event: Event) -> None:
    for listener in _listeners:
        listener(event)

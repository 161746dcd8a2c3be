"""Check-ins of the days before an event: practice. They certify nobody, and are taken back all at once: by one tap, or
by the worker when the day begins.

What decides is when the server received them, for a tablet's clock may be wrong and no real arrival may be lost.
"""

import uuid
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from halal import clock, formats, ids
from halal.audit import services as audit
from halal.checkin.fold import Op
from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.checkin.services.desk import write
from halal.checkin.services.history import presences
from halal.checkin.wire import Incoming
from halal.events.models import Event, EventStatus
from halal.extensions import db

AT_ONCE = 400  # people in one part of the log's history
RECENT, LONGEST_DAY = timedelta(days=2), timedelta(hours=24)


def day_begins(event: Event) -> datetime:
    """When the day of the event begins, in its zone (UTC): with its first session, if that is on an earlier day."""
    first = min([event.starts_at, *(session.starts_at for session in event.sessions if session.starts_at)])
    day = formats.local(first, event.timezone).date()
    return datetime.combine(day, time(), ZoneInfo(event.timezone)).astimezone(UTC)


def is_practice(event: Event) -> bool:
    """Whether whoever is checked in now is checked in for practice."""
    return clock.now() < day_begins(event)


def practised(event: Event) -> set[uuid.UUID]:
    """Whose presence rests on practice alone."""
    begins = day_begins(event)
    oldest = select(CheckInOp.received_at).where(CheckInOp.event_id == event.id).order_by(CheckInOp.seq).limit(1)
    first = db.session.scalar(oldest)
    if first is None or first >= begins:
        return set()
    found = _standing(event, begins)
    real = {who for (_session, who), presence in found.items() if any(op.received_at >= begins for op in presence.live)}
    return {who for _session, who in found} - real


def events_of_today() -> list[Event]:
    """Events whose day has begun, but not long ago: those whose practice has ended."""
    now = clock.now()
    near = select(Event).where(
        Event.starts_at.between(now - RECENT, now + LONGEST_DAY), Event.status != EventStatus.DRAFT
    )
    return [event for event in db.session.scalars(near) if day_begins(event) <= now]


def take_back_practice(event: Event, *, user_id: int | None) -> int:
    """Undo every check-in and walk-in of practice; how many people that were. A second time changes nothing. Nobody is
    named as the user when the day's beginning does it."""
    begins = day_begins(event)
    back: dict[uuid.UUID, list[Op]] = {}
    for (_session, who), presence in _standing(event, begins).items():
        if ops := [op for op in presence.live if op.received_at < begins]:
            back.setdefault(who, []).extend(ops)
    undos = [
        Incoming(
            id=ids.uuid7(), kind=OpKind.UNDO, client_at=clock.now(), via="board", registration_id=who,
            undoes=tuple(sorted(op.op_id for op in ops)),
        )
        for who, ops in back.items()
    ]  # fmt: skip
    if undos:
        write(event, undos, user_id=user_id)
        audit.record(
            "checkin.practice_taken_back", organization_id=event.organization_id, user_id=user_id,
            subject=f"event:{event.id}", count=len(undos),
        )  # fmt: skip
    return len(undos)


def _standing(event: Event, begins: datetime) -> dict:
    """The presences that hold a check-in received before the day."""
    people = (
        select(Attendance.registration_id)
        .join(CheckInOp, CheckInOp.op_id == Attendance.op_id)
        .where(Attendance.event_id == event.id, CheckInOp.received_at < begins)
    )
    wanted, found = sorted(set(db.session.scalars(people))), {}
    for start in range(0, len(wanted), AT_ONCE):
        found |= presences(event.id, wanted[start : start + AT_ONCE])
    return found

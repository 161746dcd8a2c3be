"""Presence recorded at the desk for rows of the attendee list, without a tablet; and taken back."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import ids
from halal.audit import services as audit
from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services.desk import write
from halal.checkin.services.history import FROM_LIST
from halal.checkin.services.lookup import refuse_closed
from halal.checkin.wire import Incoming
from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.presence import is_present

AT_ONCE = 200  # committed together: meanwhile nobody else writes to the event


def to_record(event: Event, session_id: int, people: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Those of them who have a place and are not present at the session yet. Raises DomainError for a session that is
    not the event's, Conflict where nobody can be checked in."""
    refuse_closed(event.status)
    if session_id not in {session.id for session in event.sessions}:
        raise DomainError(_l("This session does not belong to the event. Choose it again."))
    found: set[uuid.UUID] = set()
    for some in parts(people):
        found |= set(
            db.session.scalars(
                select(Registration.id).where(
                    Registration.event_id == event.id, Registration.id.in_(some),
                    Registration.status == RegistrationStatus.CONFIRMED, ~is_present(event.id, session_id),
                )
            )
        )  # fmt: skip
    return [one for one in people if one in found]


def record_from_list(event: Event, session_id: int, people: Sequence[uuid.UUID], at: datetime, *, user_id: int) -> int:
    """Check these in, at this moment; how many. The moment also names what was done together."""
    operations = [
        Incoming(id=ids.uuid7(), kind=OpKind.CHECK_IN, session_id=session_id, registration_id=one, client_at=at,
                 via=FROM_LIST)
        for one in people
    ]  # fmt: skip
    results = write(event, operations, user_id=user_id, sent_at=at)
    return sum(result.seq is not None for result in results)


def recorded_from_list(event: Event, at: datetime, user_id: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(operation, registration) of what this user recorded from the list at this moment."""
    rows = db.session.execute(
        select(CheckInOp.op_id, CheckInOp.registration_id).where(
            CheckInOp.event_id == event.id, CheckInOp.kind == OpKind.CHECK_IN, CheckInOp.device_id.is_(None),
            CheckInOp.user_id == user_id, CheckInOp.sent_at == at,
        )
    )  # fmt: skip
    return [tuple(row) for row in rows]


def undo_from_list(
    event: Event, recorded: Sequence[tuple[uuid.UUID, uuid.UUID]], at: datetime, *, user_id: int
) -> None:
    """Take these operations back; taking them back twice changes nothing."""
    operations = [
        Incoming(id=ids.derived(at, op_id, "undo"), kind=OpKind.UNDO, registration_id=who, undoes=(op_id,),
                 client_at=at, via=FROM_LIST)
        for op_id, who in recorded
    ]  # fmt: skip
    write(event, operations, user_id=user_id)


def note_list(event: Event, action: str, count: int, user_id: int) -> None:
    """Write to the trail what was done from the list."""
    audit.record(
        f"checkin.{action}", organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}",
        count=count,
    )  # fmt: skip


def parts(rows: Sequence) -> Iterator[Sequence]:
    """In parts that are committed one after the other, so that the door does not wait for ten thousand rows."""
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))

"""How many guests one tablet may register at the door: a paired tablet in wrong hands must not invent a hall."""

import uuid

from sqlalchemy import bindparam, func, select

from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services.history import RARE
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus, Source

FEWEST = 50  # where little is known of an event, so many guests at one door are nothing strange

_registered = (
    select(func.count())
    .where(
        Registration.event_id == bindparam("event"), Registration.source != Source.WALK_IN,
        Registration.status != RegistrationStatus.CANCELLED,
    )
    .scalar_subquery()
)  # fmt: skip
_made = (
    select(func.count())
    .where(
        CheckInOp.event_id == bindparam("event"), RARE, CheckInOp.kind == OpKind.WALK_IN,
        CheckInOp.device_id == bindparam("device"),
    )
    .scalar_subquery()
)  # fmt: skip
_LEFT = select(Event.walk_in_limit, Event.capacity, _registered, _made).where(Event.id == bindparam("event"))


def left(event_id: int, device_id: uuid.UUID) -> int:
    """How many more guests this tablet may register: the event's own limit; without one, as many as the hall holds or
    as are registered. Guests do not raise it."""
    asked = {"event": event_id, "device": device_id}
    limit, capacity, registered, made = db.session.connection().execute(_LEFT, asked).one()
    return (limit or max(FEWEST, capacity or 0, registered)) - made

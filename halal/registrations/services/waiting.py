"""The waiting list: first come, first served."""

from sqlalchemy import func, select, tuple_

from halal import clock
from halal.audit import services as audit
from halal.events.models import Event, EventStatus
from halal.events.services import on_more_places
from halal.extensions import db
from halal.registrations import letters
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.services.state import lock, places_left


@on_more_places
def promote_waiting(event: Event, *, user_id: int | None = None, locked: bool = False) -> list[Registration]:
    """Give free places to those who wait, in the order of registration; who got one. They are told by e-mail.

    Nobody moves up once the event is over or cancelled.
    """
    if not locked:
        lock(event)
    if event.status in {EventStatus.CANCELLED, EventStatus.FINISHED} or clock.now() >= event.last_moment:
        return []
    free = places_left(event)
    if free == 0:
        return []
    waiting = _waiting(event).order_by(Registration.created_at, Registration.id).limit(free)
    promoted = list(db.session.scalars(waiting))
    for registration in promoted:
        registration.status = RegistrationStatus.CONFIRMED
        audit.record(
            "registration.promoted", organization_id=event.organization_id, user_id=user_id,
            subject=f"registration:{registration.id}",
        )  # fmt: skip
        letters.send_promoted(registration)
    db.session.flush()
    return promoted


def waiting_position(registration: Registration) -> int | None:
    """The place in the waiting list, from 1; None for somebody who does not wait."""
    if registration.status != RegistrationStatus.WAITING:
        return None
    earlier = tuple_(Registration.created_at, Registration.id) <= tuple_(
        db.bindparam("at", registration.created_at, Registration.created_at.type),
        db.bindparam("id", registration.id, Registration.id.type),
    )
    return db.session.scalar(select(func.count()).select_from(_waiting(registration.event).where(earlier).subquery()))


def _waiting(event: Event):
    return select(Registration).where(
        Registration.event_id == event.id, Registration.status == RegistrationStatus.WAITING
    )

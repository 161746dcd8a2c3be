"""Whether an event takes registrations, and how many places are free."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from halal import clock
from halal.events.models import Event, EventStatus
from halal.extensions import db
from halal.registrations.errors import RegistrationClosed
from halal.registrations.models import Registration, RegistrationStatus


class RegistrationState(StrEnum):
    """Whether the public may register, and if not, why."""

    OPEN = "open"
    DRAFT = "draft"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    OFFICE_ONLY = "office_only"


SENTENCES = {
    RegistrationState.DRAFT: _l("This event is not published yet."),
    RegistrationState.NOT_YET: _l("Registration has not opened yet."),
    RegistrationState.CLOSED: _l("Registration is closed. Ask the organizer whether there is still a place."),
    RegistrationState.FINISHED: _l("This event is over, so registration is closed."),
    RegistrationState.CANCELLED: _l("This event was cancelled, so nobody can register."),
    RegistrationState.OFFICE_ONLY: _l("The organizer registers the participants of this event. Ask them for a place."),
}


def registration_state(event: Event) -> RegistrationState:
    """Where public registration stands now. A full event is still open: there may be a waiting list."""
    now = clock.now()
    if event.status == EventStatus.DRAFT:
        return RegistrationState.DRAFT
    if event.status == EventStatus.CANCELLED:
        return RegistrationState.CANCELLED
    if event.status == EventStatus.FINISHED or now >= event.last_moment:
        return RegistrationState.FINISHED
    if not event.public_registration:
        return RegistrationState.OFFICE_ONLY
    if event.registration_opens_at and now < event.registration_opens_at:
        return RegistrationState.NOT_YET
    if event.registration_closes_at and now >= event.registration_closes_at:
        return RegistrationState.CLOSED
    return RegistrationState.OPEN


def refuse_closed(event: Event, *, public: bool) -> None:
    """Raises RegistrationClosed. An office may still enter people before, after and beside public registration
    (paper lists are typed in later), but nobody comes to a cancelled event."""
    state = registration_state(event)
    if state is RegistrationState.CANCELLED or (public and state is not RegistrationState.OPEN):
        raise RegistrationClosed(SENTENCES[state])


def lock(event: Event) -> None:
    """Hold the event's row until the end of the transaction, and read it anew.

    Whoever counts places and then gives one away holds this lock, so no two give away the same place. On SQLite the
    transaction itself is the lock: it began with BEGIN IMMEDIATE.
    """
    db.session.flush()  # reading anew forgets what is not written yet
    db.session.refresh(event, with_for_update={"key_share": True})  # whoever only refers to the event need not wait


def places_left(event: Event) -> int | None:
    """How many may still get a place; None without a limit. Only true for long while the event is locked."""
    if event.capacity is None:
        return None
    return max(0, event.capacity - _count(event, RegistrationStatus.CONFIRMED))


def waiting_count(event: Event) -> int:
    return _count(event, RegistrationStatus.WAITING)


def _count(event: Event, status: RegistrationStatus) -> int:
    return db.session.scalar(
        select(func.count()).select_from(Registration)
        .where(Registration.event_id == event.id, Registration.status == status)
    )  # fmt: skip

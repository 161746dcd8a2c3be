"""Registering, changing, cancelling: the only places that write registrations one by one."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from halal import clock, ids
from halal.audit import services as audit
from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.meanwhile import over_nobody
from halal.registrations import letters, search
from halal.registrations.errors import AlreadyRegistered, EventFull
from halal.registrations.models import Registration, RegistrationStatus, Source
from halal.registrations.presence import is_present
from halal.registrations.services import directory
from halal.registrations.services.bounds import Bounds, mark_anew, write_marks
from halal.registrations.services.details import Details, details_of
from halal.registrations.services.duplicates import dedupe_key, may_be, refuse_existing
from halal.registrations.services.state import lock, places_left, refuse_closed, waiting_count
from halal.registrations.services.waiting import promote_waiting
from halal.text import name_key


def register(
    event: Event,
    details: Details,
    *,
    source: Source,
    user_id: int | None = None,
    submission_id: str | None = None,
    anyway: bool = False,
    over_capacity: bool = False,
    accept_waiting: bool = True,
    person_id: int | None = None,
    import_id: int | None = None,
    invented: bool = False,
    registration_id: uuid.UUID | None = None,
    locked: bool = False,
) -> Registration:
    """Give somebody a place at the event, or a place on its waiting list. `details` come from `clean`.

    The same submission_id or registration_id again gives the same registration again. Raises RegistrationClosed,
    AlreadyRegistered (unless `anyway`), EventFull (no place, and no waiting list or not `accept_waiting`) or
    OutsideProgram (the program refuses who is outside of its bounds).
    `person_id` is the directory's person that an organizer recognized. `locked`: the caller holds `lock(event)`.
    """
    if not locked:
        lock(event)
    submission_id = submission_id and _number_of_form(event, submission_id, details)
    if (earlier := _same_form(event, submission_id, registration_id)) is not None:
        return earlier
    refuse_closed(event, public=source == Source.PUBLIC)
    bounds = Bounds(event)
    found = bounds.outside(details) if source == Source.WALK_IN or invented else bounds.check(details)
    try:
        if not anyway:
            refuse_existing(event, details)
        registration = build(
            event, details, source=source, status=_status(event, over_capacity, accept_waiting), user_id=user_id,
            anyway=anyway, id=registration_id or ids.uuid7(), submission_id=submission_id, import_id=import_id,
            invented=invented,
        )  # fmt: skip
        write_marks(registration, found)
        with db.session.begin_nested():
            db.session.add(registration)
    except (AlreadyRegistered, EventFull, IntegrityError):
        # somebody who did not hold the lock was faster; the unique constraints kept it to one
        if (earlier := _same_form(event, submission_id, registration_id)) is not None:
            return earlier
        if not anyway:
            refuse_existing(event, details)
        raise
    directory.link(registration, person_id)
    db.session.flush()
    _recorded("registration.created", registration, user_id)
    letters.send_confirmation(registration)
    return registration


def build(
    event: Event,
    details: Details,
    *,
    source: Source,
    status: RegistrationStatus,
    user_id: int | None = None,
    anyway: bool = False,
    **values,
) -> Registration:
    """A registration that is not in the session yet. Who calls this has locked the event, counted its places and
    looked for the same person; `register` does all of that for one, an import for many at once."""
    registration = Registration(
        event=event, event_id=event.id, organization_id=event.organization_id, source=source, status=status,
        created_by_id=user_id, dedupe_key=None if anyway else dedupe_key(details), **values,
    )  # fmt: skip
    registration.token = ids.token()
    registration.token_hash = ids.token_hash(registration.token)
    _write(registration, details)
    return registration


def shown(registration: Registration) -> dict:
    """What a form shows."""
    return vars(details_of(registration))


def change(
    registration: Registration, details: Details, *, seen: str = "", as_shown: Callable[[Registration], dict] = shown,
    keep: Sequence[str] = (), also: Callable[[], None] | None = None, user_id: int | None = None,
) -> None:  # fmt: skip
    """Correct what a registration says. Raises ChangedMeanwhile when it is not as `seen` any more, AlreadyRegistered
    when it would become somebody else's. `as_shown` says what a form of another shape shows, `keep` names what it
    does not ask (that stays as stored), `also` does what else belongs to it."""
    event = registration.event
    lock(event)
    db.session.refresh(registration)
    details = replace(details, **{name: getattr(registration, name) for name in keep})
    # an organizer who said "register anyway" took the key away; it does not come back by a correction
    anyway = registration.dedupe_key is None and dedupe_key(details_of(registration)) is not None
    if not anyway and registration.status != RegistrationStatus.CANCELLED:
        refuse_existing(event, details, but=registration)
        registration.dedupe_key = dedupe_key(details)
    region_before = registration.region_code
    with over_nobody(seen, as_shown, registration):
        _write(registration, details)
        if also is not None:
            also()
    mark_anew(registration, region_before)
    directory.update(registration)
    _recorded("registration.changed", registration, user_id)


def cancel(registration: Registration, *, user_id: int | None = None) -> list[Registration]:
    """Give the place back, once; those who move up from the waiting list are returned."""
    event = registration.event
    lock(event)
    db.session.refresh(registration)
    if registration.status == RegistrationStatus.CANCELLED:
        return []
    registration.status, registration.cancelled_at = RegistrationStatus.CANCELLED, clock.now()
    registration.dedupe_key = registration.submission_id = None
    db.session.flush()
    _recorded("registration.cancelled", registration, user_id)
    return promote_waiting(event, user_id=user_id, locked=True)


def restore(registration: Registration, *, user_id: int | None = None) -> None:
    """Take a cancellation back: a place if one is free or they are present, else the waiting list. Raises
    AlreadyRegistered when the same person registered again in the meantime, EventFull when there is no waiting list
    either."""
    event = registration.event
    lock(event)
    db.session.refresh(registration)
    if registration.status != RegistrationStatus.CANCELLED:
        return
    details = details_of(registration)
    refuse_existing(event, details, but=registration)
    here = db.session.scalar(select(is_present(event.id)).where(Registration.id == registration.id))
    registration.status, registration.cancelled_at = _status(event, over_capacity=here, accept_waiting=True), None
    registration.dedupe_key = dedupe_key(details)
    db.session.flush()
    _recorded("registration.restored", registration, user_id)


def give_place(registration: Registration, *, user_id: int | None = None) -> None:
    """Give somebody who waits a place out of turn. Raises DomainError when none is free."""
    event = registration.event
    lock(event)
    db.session.refresh(registration)
    if registration.status != RegistrationStatus.WAITING:
        return
    if places_left(event) == 0:
        raise DomainError(_l("All places are taken. Raise the capacity of the event first."))
    registration.status = RegistrationStatus.CONFIRMED
    db.session.flush()
    _recorded("registration.promoted", registration, user_id)
    letters.send_promoted(registration)


def _status(event: Event, over_capacity: bool, accept_waiting: bool) -> RegistrationStatus:
    if over_capacity:
        return RegistrationStatus.CONFIRMED
    free = places_left(event)
    if free != 0 and waiting_count(event):  # a place that became free belongs to those who waited for it
        promote_waiting(event, locked=True)
        free = places_left(event)
    if free != 0:
        return RegistrationStatus.CONFIRMED
    if event.waiting_list and accept_waiting:
        return RegistrationStatus.WAITING
    raise EventFull(event.waiting_list)


def _number_of_form(event: Event, submission_id: str, details: Details) -> str:
    """The number of this form. A page that the browser kept ("Back") may be sent again for somebody else: a member of
    the family, the next at the desk. That is another form, and has a number made of both."""
    earlier, key = _same_form(event, submission_id, None), name_key(details.name)
    if earlier is None or may_be(earlier, details):
        return submission_id
    return hashlib.sha256(f"{submission_id} {key} {details.phone} {details.nib}".encode()).hexdigest()[:40]


def _same_form(event: Event, submission_id: str | None, registration_id: uuid.UUID | None) -> Registration | None:
    for column, value in ((Registration.submission_id, submission_id), (Registration.id, registration_id)):
        if value is not None:
            query = select(Registration).where(Registration.event_id == event.id, column == value)
            if (found := db.session.scalar(query)) is not None:
                return found
    return None


def _write(registration: Registration, details: Details) -> None:
    for field in Details.__dataclass_fields__:
        setattr(registration, field, getattr(details, field))
    registration.name_key = name_key(details.name)[:200]


def _recorded(action: str, registration: Registration, user_id: int | None) -> None:
    audit.record(
        action, organization_id=registration.organization_id, user_id=user_id,
        subject=f"registration:{registration.id}", event_id=registration.event_id,
    )  # fmt: skip
    search.index([registration])

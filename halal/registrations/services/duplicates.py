"""Who is registered already, and who may be."""

from sqlalchemy import or_, select

from halal.events.models import Event
from halal.extensions import db
from halal.registrations.errors import AlreadyRegistered
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.services.details import Details
from halal.spelling import near_names
from halal.text import name_key, similar_names


def dedupe_key(details: Details) -> str | None:
    """What makes a second registration of the same person impossible: the NIB, or phone and name together."""
    if details.nib:
        return f"nib:{details.nib}"
    if details.phone:
        return f"phone:{details.phone}:{name_key(details.name)}"[:300]
    return None


def find_similar(event: Event, details: Details, *, but: Registration | None = None) -> list[Registration]:
    """Registrations of this event that may be the same person: same NIB, or same phone and a name that is
    similar or sounds alike.

    Whoever has neither phone nor NIB to tell by is compared by the name alone. Oldest first; cancelled ones and
    `but` are left out.
    """
    key = name_key(details.name)
    clues = [Registration.name_key == key]
    if details.nib:
        clues.append(Registration.nib == details.nib)
    if details.phone:
        clues.append(Registration.phone == details.phone)
    found = db.session.scalars(_live(event, but).where(or_(*clues)).order_by(Registration.id))
    return [r for r in found if may_be(r, details, key) or _sounds_like(r, details)]


def _sounds_like(registration: Registration, details: Details) -> bool:
    """Same phone, and the name in another spelling: enough to ask, not to decide."""
    return bool(details.phone) and registration.phone == details.phone and near_names(registration.name, details.name)


def may_be(registration: Registration, details: Details | Registration, key: str) -> bool:
    """The rule itself: whether somebody with these details (whose name compares as `key`) may be this attendee."""
    if details.nib and registration.nib == details.nib:
        return True
    if details.phone and registration.phone == details.phone:
        return similar_names(registration.name, details.name)
    # the same name: another number or NIB says that it is somebody else, silence says nothing
    return (
        registration.name_key == key
        and not (details.phone and registration.phone)
        and not (details.nib and registration.nib)
    )


def refuse_existing(event: Event, details: Details, *, but: Registration | None = None) -> None:
    """Raises AlreadyRegistered when there is no doubt: same NIB, or same phone and name."""
    if details.nib:
        same = db.session.scalar(_live(event, but).where(Registration.nib == details.nib).limit(1))
        if same is not None:
            raise AlreadyRegistered(same, "nib")
    if details.phone:
        same = db.session.scalar(
            _live(event, but)
            .where(Registration.phone == details.phone, Registration.name_key == name_key(details.name))
            .limit(1)
        )
        if same is not None:
            raise AlreadyRegistered(same, "phone")


def _live(event: Event, but: Registration | None):
    query = select(Registration).where(
        Registration.event_id == event.id, Registration.status != RegistrationStatus.CANCELLED
    )
    return query if but is None else query.where(Registration.id != but.id)

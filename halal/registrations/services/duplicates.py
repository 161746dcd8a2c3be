"""Who is registered already, and who may be."""

from sqlalchemy import or_, select

from halal.events.models import Event
from halal.extensions import db
from halal.registrations import search
from halal.registrations.errors import AlreadyRegistered
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.services.details import Details
from halal.spelling import may_be_one, same_sound
from halal.text import name_key


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
    clues = [Registration.id.in_(search.sounding(event.id, [details.name]))]
    if details.nib:
        clues.append(Registration.nib == details.nib)
    if details.phone:
        clues.append(Registration.phone == details.phone)
    found = db.session.scalars(_live(event, but).where(or_(*clues)).order_by(Registration.id))
    return [r for r in found if may_be(r, details)]


def may_be(registration: Registration, details: Details | Registration) -> bool:
    """The rule itself: whether somebody with these details may be this attendee, under another spelling of the name
    too. Enough to ask, not to decide."""
    if details.nib and registration.nib == details.nib:
        return True
    if details.phone and registration.phone == details.phone:
        return may_be_one(registration.name, details.name)
    # the same name: another number or NIB says that it is somebody else, silence says nothing
    return (
        not (details.phone and registration.phone)
        and not (details.nib and registration.nib)
        and same_sound(registration.name, details.name)
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

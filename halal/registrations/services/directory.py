"""Between a registration and the office's directory: recognizing somebody from earlier events."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload

from halal.events.models import Event
from halal.extensions import db
from halal.people import services as people
from halal.people.models import Business, Person
from halal.registrations.models import Registration
from halal.registrations.services.details import Details


@dataclass(frozen=True)
class KnownPerson:
    """Somebody of the directory who may be meant, with one business and the latest registration."""

    person: Person
    business: Business | None
    latest: Registration | None


def find_known(event: Event, details: Details) -> list[KnownPerson]:
    """People known from earlier who may be this one; a person decides."""
    return [
        KnownPerson(person, business, _latest(person))
        for person, business in people.find_known(event.organization_id, details)
    ]


def known_details(event: Event, person_id: int) -> dict[str, str]:
    """What the directory knows about one of the office's people: to fill in what was left empty in a form."""
    person = people.find_person(event.organization_id, person_id)
    if person is None:
        return {}
    known = {"phone": person.phone, "email": person.email, "region_code": person.region_code}
    business = people.latest_business(person)
    if business is not None:
        known |= {"business_name": business.name, "nib": business.nib, "product": business.product}
    return {field: value for field, value in known.items() if value}


def link(registration: Registration, person_id: int | None) -> None:
    """Write a new registration's data into the directory: about the person somebody recognized, or as a new one."""
    person = people.find_person(registration.organization_id, person_id)
    person, business = people.remember(
        registration.organization_id, registration, person=person, invented=registration.invented
    )
    registration.person_id, registration.business_id = person.id, business.id if business else None


def update(registration: Registration) -> None:
    """Carry a correction into the directory, unless a later registration has said something newer."""
    later = aliased(Registration)
    newer = exists().where(later.person_id == registration.person_id, later.created_at > registration.created_at)
    if registration.person_id is None or db.session.scalar(select(newer)):
        return
    _person, business = people.remember(
        registration.organization_id, registration, invented=registration.invented,
        person=db.session.get(Person, registration.person_id),
        business=db.session.get(Business, registration.business_id) if registration.business_id else None,
    )  # fmt: skip
    registration.business_id = business.id if business else None


def _latest(person: Person) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(Registration.person_id == person.id)
        .options(joinedload(Registration.event))
        .order_by(Registration.created_at.desc(), Registration.id.desc())
        .limit(1)
    )

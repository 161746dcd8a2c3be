"""The office's directory: recognizing people, and keeping what is known latest about them and their businesses."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased

from halal.extensions import db
from halal.in_bulk import insert_many, new_numbers, ready, values_of
from halal.people import same_business
from halal.people.models import Business, Person
from halal.spelling import may_be_one
from halal.text import name_key


class Given(Protocol):
    """What somebody said about a person and a business, cleaned."""

    name: str
    phone: str | None
    email: str | None
    region_code: str | None
    business_name: str
    product: str
    nib: str | None
    address: str


def find_known(organization_id: int, given: Given, limit: int = 5) -> list[tuple[Person, Business | None]]:
    """People of the directory who may be this person, each with one business: same NIB, or same phone and a similar
    name. Latest first. Somebody who stands there twice with the same name and phone is offered once."""
    clues = []
    if given.phone:
        clues.append(Person.phone == given.phone)
    if given.nib:
        owners = select(Business.owner_id).where(Business.organization_id == organization_id, Business.nib == given.nib)
        clues.append(Person.id.in_(owners))
    if not clues:
        return []
    business = aliased(Business)
    rows = db.session.execute(
        select(Person, business)
        .outerjoin(business, business.owner_id == Person.id)
        .where(Person.organization_id == organization_id, or_(*clues))
        .order_by(Person.id.desc(), business.id.desc())
        .limit(200)
    )
    found: dict[tuple, tuple[Person, Business | None]] = {}
    for person, owned in rows:
        same_nib = owned is not None and given.nib is not None and owned.nib == given.nib
        same_phone = given.phone is not None and person.phone == given.phone
        if same_nib or (same_phone and may_be_one(person.name, given.name)):
            key = (person.name_key, person.phone)
            if key not in found or (same_nib and found[key][1] is not None and found[key][1].nib != given.nib):
                found[key] = (person, owned)
    return list(found.values())[:limit]


def find_person(organization_id: int, person_id: int | None) -> Person | None:
    """The person with this id, if it is this office's."""
    if person_id is None or not 0 < person_id < 2**31:
        return None
    person = db.session.get(Person, person_id)
    return person if person is not None and person.organization_id == organization_id else None


def latest_business(person: Person) -> Business | None:
    return db.session.scalar(select(Business).where(Business.owner_id == person.id).order_by(Business.id.desc()))


def remember(
    organization_id: int,
    given: Given,
    *,
    person: Person | None = None,
    business: Business | None = None,
    invented: bool = False,
) -> tuple[Person, Business | None]:
    """Write down what was given: about `person` and `business` where somebody recognized them, else as new rows.

    Nobody is recognized here: two people are merged by a person's decision, never silently. What was left empty
    keeps what is known. A recognized person's business is found again by its NIB or name. A new record of a business
    that the office knows already says so (see same_business).
    """
    if person is None:
        person = Person(organization_id=organization_id, invented=invented)
        db.session.add(person)
    elif business is None:
        business = _business_of(person, given)
    _describe_person(person, given)
    db.session.flush()
    if business is None and (given.business_name or given.nib):
        business = Business(organization_id=organization_id, invented=invented)
    if business is not None:
        _describe_business(business, person, given)
        db.session.add(business)
        db.session.flush()
        same_business.link(organization_id, [business])
    return person, business


class Described(NamedTuple):
    """Somebody nobody recognized, and a business, ready to be written."""

    person: dict
    business: dict | None


def describe_new(organization_id: int, given: Given, *, invented: bool = False) -> Described:
    """What `remember_new` writes. It writes nothing and asks nothing, so nobody has to wait for it."""
    person = Person(organization_id=organization_id, invented=invented)
    _describe_person(person, given)
    if not given.business_name and not given.nib:
        return Described(ready(Person, values_of(person)), None)
    business = Business(organization_id=organization_id, invented=invented)
    _describe_business(business, person, given)
    return Described(ready(Person, values_of(person)), ready(Business, values_of(business)))


def remember_new(organization_id: int, described: Sequence[Described]) -> list[tuple[int, int | None]]:
    """What `remember` does for people nobody recognized, for many at once: one statement a table. The ids of each
    one's person and business."""
    people = new_numbers(Person, len(described))
    insert_many(Person, [row.person | {"id": id_} for row, id_ in zip(described, people, strict=True)])
    owners = [(row, id_) for row, id_ in zip(described, people, strict=True) if row.business is not None]
    businesses = [
        row.business | {"id": id_, "owner_id": owner}
        for (row, owner), id_ in zip(owners, new_numbers(Business, len(owners)), strict=True)
    ]
    insert_many(Business, businesses)
    records = [same_business.NewRecord(*(row[name] for name in _RECOGNIZED_BY)) for row in businesses]
    same_business.link(organization_id, records)
    further = [{"id": record.id, "same_as_id": record.same_as_id} for record in records if record.same_as_id]
    if further:
        db.session.execute(update(Business), further)
    of_owner = {row["owner_id"]: row["id"] for row in businesses}
    return [(id_, of_owner.get(id_)) for id_ in people]


_RECOGNIZED_BY = ("id", "name_key", "nib", "product", "region_code", "address")


def _describe_person(person: Person, given: Given) -> None:
    person.name, person.name_key = given.name, name_key(given.name)[:200]
    _keep_latest(person, given, ("phone", "email", "region_code"))


def _describe_business(business: Business, owner: Person, given: Given) -> None:
    if given.business_name or not business.name:
        business.name = given.business_name or given.name
        business.name_key = name_key(business.name)[:200]
    business.owner_id = business.owner_id or owner.id
    _keep_latest(business, given, ("nib", "product", "region_code", "address"))


def _business_of(person: Person, given: Given) -> Business | None:
    owned = db.session.scalars(select(Business).where(Business.owner_id == person.id).order_by(Business.id.desc()))
    key = name_key(given.business_name)
    for business in owned:
        if given.nib and business.nib:
            if business.nib == given.nib:
                return business
        elif key and business.name_key == key:
            return business
    return None


def _keep_latest(row: Person | Business, given: Given, fields: tuple[str, ...]) -> None:
    for field in fields:
        if value := getattr(given, field):
            setattr(row, field, value)

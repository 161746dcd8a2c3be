"""Creating and changing an event: what must hold, and how two organizers who edit at once notice each other."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from halal import clock, formats, regions, text
from halal.audit.services import record
from halal.errors import DomainError
from halal.events.details import LONGEST_NIGHT, EventDetails, PersonDetails, SessionDetails
from halal.events.models import Event, EventPartner, EventPerson, EventRegion, EventSession, EventStatus
from halal.events.services.places import announce_more_places, places_taken
from halal.extensions import db
from halal.meanwhile import hold, over_nobody
from halal.organizations.models import Organization

LONGEST = timedelta(days=31)
_PLAIN = (
    "kind", "starts_at", "ends_at", "timezone", "region_code", "capacity", "walk_in_limit", "waiting_list",
    "requires_nib", "public_registration", "registration_opens_at", "registration_closes_at",
)  # fmt: skip
_TEXTS = ("title", "summary", "venue", "address", "description")


def create_event(organization: Organization, details: EventDetails, *, user_id: int | None = None) -> Event:
    """A new draft with an address made of its title and year. Raises DomainError."""
    _check(details, organization.id)
    event = Event(organization_id=organization.id, status=EventStatus.DRAFT)
    _apply(event, details)
    add_with_slug(event)
    record("event.created", organization_id=organization.id, user_id=user_id, subject=f"event:{event.id}")
    return event


def shown(event: Event) -> dict:
    """What the form shows, and the state that decides who sees it."""
    return {
        "status": event.status,
        **{name: getattr(event, name) for name in (*_PLAIN, *_TEXTS, "program_id")},
        "sessions": [(session.title, session.starts_at, session.ends_at) for session in event.sessions],
        "people": [(person.name, person.title, person.role) for person in event.people],
        "regions": sorted(row.region_code for row in event.regions),
        "partners": [row.name for row in event.partners],
    }


def change_event(event: Event, details: EventDetails, *, seen: str = "", user_id: int | None = None) -> None:
    """Raises ChangedMeanwhile when the event is not as `seen` any more, or DomainError for a broken rule.

    The row is locked first: whoever counts places (halal/registrations) locks it too, so the capacity cannot sink
    below a registration that comes in at the same moment.
    """
    hold(event)
    _check(details, event.organization_id)
    _check_capacity(event, details.capacity)
    grew = event.capacity is not None and (details.capacity is None or details.capacity > event.capacity)
    with over_nobody(seen, shown, event):
        _drop_sessions(event, {session.id for session in details.sessions})
        _apply(event, details)
        event.version += 1
    if grew:
        announce_more_places(event)
    record("event.changed", organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}")


def add_with_slug(event: Event) -> None:
    """Add the event under the first free address. The unique constraint decides; a clash takes the next number."""
    base = _slug(event.title, formats.local(event.starts_at, event.timezone).year)
    for attempt in range(1, 1000):
        event.slug = base if attempt == 1 else f"{base}-{attempt}"
        if db.session.scalar(select(Event.id).where(Event.slug == event.slug)):
            continue
        try:
            with db.session.begin_nested():
                db.session.add(event)
                db.session.flush()
        except IntegrityError:
            if db.session.scalar(select(Event.id).where(Event.slug == event.slug)) is None:
                raise  # something else than the address
            continue
        return
    raise DomainError(_l("There are too many events with this title. Choose another one."), "title")


def _slug(title: str, year: int) -> str:
    slug = text.slugify(title)
    return slug if str(year) in slug.split("-") else f"{slug}-{year}"


def _check(details: EventDetails, organization_id: int) -> None:
    if not text.clean_line(details.title):
        raise DomainError(_l("Write the event's title."), "title")
    region = regions.find(details.region_code)
    if region is None or region.is_province:
        raise DomainError(_l("Choose a regency or city from the list."), "region_code")
    if any(regions.find(code) is None or regions.find(code).is_province for code in details.regions):
        raise DomainError(_l("Choose a regency or city from the list."), "invited")
    if details.program is not None and details.program.organization_id != organization_id:
        raise DomainError(_l("Choose a program of your office."), "program_id")
    _check_times(details)
    if not any(text.clean_line(session.title) for session in details.sessions):
        raise DomainError(_l("An event has at least one session. Write its title."), "sessions")
    for session in details.sessions:
        _check_session(session, details)
    for person in details.people:
        try:
            text.clean_name(person.name)
        except DomainError as error:
            raise DomainError(error.message, "people") from None


def _check_times(details: EventDetails) -> None:
    start, end = details.starts_at, details.ends_at
    fields = (
        ("starts_on", start),
        ("ends_on", end),
        ("opens_on", details.registration_opens_at),
        ("closes_on", details.registration_closes_at),
        *(("sessions", session.starts_at) for session in details.sessions),
    )
    for field, moment in fields:
        if moment and moment.year not in clock.YEARS:
            raise DomainError(_l("Check the year of the date."), field)
    if end is not None and end <= start:
        raise DomainError(_l("The event ends before it starts. Check the times."), "ends_time")
    if end is not None and end - start > LONGEST:
        raise DomainError(_l("An event lasts a month at most. Check the end date."), "ends_on")
    opens, closes = details.registration_opens_at, details.registration_closes_at
    if opens and closes and closes <= opens:
        raise DomainError(_l("Registration closes before it opens. Check the times."), "closes_on")
    if opens and opens >= (end or start):
        raise DomainError(_l("Registration would open after the event. Choose an earlier date."), "opens_on")


def _check_session(session: SessionDetails, details: EventDetails) -> None:
    if session.starts_at and session.ends_at and session.ends_at <= session.starts_at:
        raise DomainError(_l("Session “%(title)s” ends before it starts.", title=session.title), "sessions")

    def day(moment: datetime):
        return formats.local(moment, details.timezone).date()

    first, last = details.starts_at, details.ends_at or details.starts_at
    night = session.starts_at and session.ends_at and session.ends_at - session.starts_at <= LONGEST_NIGHT
    for moment in (session.starts_at, session.starts_at if night else session.ends_at):  # a night ends where it likes
        if moment and not day(first) <= day(moment) <= day(last):
            raise DomainError(
                _l("Session “%(title)s” is not on the day of the event. Check its date.", title=session.title),
                "sessions",
            )


def _check_capacity(event: Event, capacity: int | None) -> None:
    taken = places_taken([event.id]).get(event.id, 0)
    if capacity is not None and capacity < taken and (event.capacity is None or capacity < event.capacity):
        raise DomainError(
            _l("%(taken)s people are registered already, so the capacity cannot be lower than that.", taken=taken),
            "capacity",
        )


def _drop_sessions(event: Event, kept_ids: set[int | None]) -> None:
    """Remove sessions that the form no longer has. The foreign keys of check-ins keep those that people attended."""
    for session in [s for s in event.sessions if s.id not in kept_ids]:
        title = session.title
        try:
            with db.session.begin_nested():
                event.sessions.remove(session)
                db.session.flush()
        except IntegrityError:
            raise DomainError(
                _l("Session “%(title)s” has attendance already and cannot be removed.", title=title), "sessions"
            ) from None


def _apply(event: Event, details: EventDetails) -> None:
    for name in _PLAIN:
        setattr(event, name, getattr(details, name))
    event.program_id = details.program.id if details.program else None
    event.title, event.summary = text.clean_line(details.title), text.clean_line(details.summary)
    event.venue, event.address = text.clean_line(details.venue), text.clean_block(details.address)
    event.description = text.clean_block(details.description)
    event.sessions = _merge(event.sessions, details.sessions, EventSession, _fill_session)
    event.people = _merge(event.people, details.people, EventPerson, _fill_person)
    invited = {row.region_code: row for row in event.regions}
    event.regions = [invited.get(code) or EventRegion(region_code=code) for code in dict.fromkeys(details.regions)]
    partners = {row.name: row for row in event.partners}
    event.partners = [partners.get(name) or EventPartner(name=name) for name in details.partners]
    for rows in (event.sessions, event.people, event.partners):
        for position, row in enumerate(rows):
            row.position = position


def _merge(rows: list, typed: list, new: type, fill: Callable) -> list:
    """The rows as typed: known ones changed in place (others point at them), new ones made, the rest left out."""
    known = {row.id: row for row in rows}
    merged = []
    for details in typed:
        row = known.pop(details.id, None) if details.id is not None else None
        row = row or new()
        fill(row, details)
        merged.append(row)
    return merged


def _fill_session(row: EventSession, details: SessionDetails) -> None:
    row.title = text.clean_line(details.title) or _("Main session")
    row.starts_at, row.ends_at = details.starts_at, details.ends_at


def _fill_person(row: EventPerson, details: PersonDetails) -> None:
    row.name, row.title, row.role = text.clean_name(details.name), text.clean_line(details.title), details.role

"""From an address to an event. Another office's event looks like one that does not exist."""

from flask import abort
from sqlalchemy import select

from halal.events.models import Event, EventSession, EventStatus
from halal.extensions import db
from halal.web import current_organization, names_office


@names_office("slug")
@names_office("event")
def office_of_event(slug: str) -> int | None:
    """The office that plans the event with this slug."""
    return db.session.scalar(select(Event.organization_id).where(Event.slug == slug))


def own_event(slug: str) -> Event:
    """The event with this slug if it belongs to the office that the user works in; 404 otherwise."""
    event = db.session.scalar(select(Event).where(Event.slug == slug, Event.organization_id == current_organization.id))
    if event is None:
        abort(404)
    return event


def own_session(event: Event, session_id: int) -> EventSession:
    """The session with this id if it is one of the event's; 404 otherwise."""
    session = next((s for s in event.sessions if s.id == session_id), None)
    if session is None:
        abort(404)
    return session


def public_event(slug: str) -> Event:
    """An event that the public may see (anything but a draft); 404 otherwise."""
    event = db.session.scalar(select(Event).where(Event.slug == slug, Event.status != EventStatus.DRAFT))
    if event is None:
        abort(404)
    return event

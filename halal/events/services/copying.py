"""Copying an event: everything but what happened at it."""

from datetime import datetime, timedelta

from halal import clock
from halal.audit.services import record
from halal.events.models import Event, EventPartner, EventPerson, EventRegion, EventSession, EventStatus
from halal.events.services.editing import add_with_slug
from halal.extensions import db

_WEEK = timedelta(days=7)
_SAME = (
    "organization_id", "kind", "title", "summary", "description", "timezone", "venue", "address", "region_code",
    "capacity", "walk_in_limit", "waiting_list", "requires_nib", "public_registration",
)  # fmt: skip


def copy_event(event: Event, *, user_id: int | None = None) -> Event:
    """A draft like this event, on the same weekday and hour one week later, or as many weeks as lead to the future.

    Registrations, check-ins, certificates and articles stay where they are. A closed program is not taken along.
    """
    weeks = max(1, -(-(clock.now() - event.starts_at) // _WEEK))
    shift = weeks * _WEEK

    def later(moment: datetime | None) -> datetime | None:
        return moment + shift if moment else None

    copy = Event(status=EventStatus.DRAFT, **{name: getattr(event, name) for name in _SAME})
    copy.program_id = event.program_id if event.program and not event.program.closed else None
    for name in ("starts_at", "ends_at", "registration_opens_at", "registration_closes_at"):
        setattr(copy, name, later(getattr(event, name)))
    copy.sessions = [
        EventSession(title=s.title, starts_at=later(s.starts_at), ends_at=later(s.ends_at), position=s.position)
        for s in event.sessions
    ]
    copy.people = [EventPerson(name=p.name, title=p.title, role=p.role, position=p.position) for p in event.people]
    copy.regions = [EventRegion(region_code=r.region_code) for r in event.regions]
    copy.partners = [EventPartner(name=p.name, position=p.position) for p in event.partners]
    add_with_slug(copy)
    db.session.flush()
    record(
        "event.copied", organization_id=copy.organization_id, user_id=user_id, subject=f"event:{copy.id}",
        source=f"event:{event.id}",
    )  # fmt: skip
    return copy

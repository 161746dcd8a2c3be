"""Where check-in happens, who can be found there, who is in."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.elements import ColumnElement

from halal import clock, formats
from halal.briefly import Briefly
from halal.checkin.models import Attendance, CheckInOp, Device, OpKind
from halal.checkin.services.history import RARE
from halal.checkin.services.writes import put_device
from halal.errors import Conflict, NotFound
from halal.events.models import Event, EventSession, EventStatus
from halal.extensions import db
from halal.registrations.models import Registration
from halal.registrations.near_names import near_names, sounding_like
from halal.registrations.presence import live
from halal.registrations.search import matching
from halal.text import clean_line

LISTED = {"found": 30, "present": 50, "near": 5}  # people in a list on the screen of check-in, at most


@dataclass(frozen=True)
class Place:
    """An event as check-in needs it: one query, nothing loaded that the door does not use. `device` is the row of
    the tablet that asks, if it has one."""

    event_id: int
    organization_id: int
    slug: str
    status: EventStatus
    timezone: str
    log_id: str
    sessions: dict[int, str]
    device: object = None
    starts_at: datetime | None = None

    def title_of(self, event_id: int) -> str:
        """The title of another event of the same office; nothing of other offices' events."""
        query = select(Event.title).where(Event.id == event_id, Event.organization_id == self.organization_id)
        return db.session.scalar(query) or ""

    def device_name(self, device_id: uuid.UUID | None) -> str:
        if device_id is None:
            return ""
        if self.device is not None and self.device.id == device_id:
            return self.device.name
        return db.session.scalar(select(Device.name).where(Device.id == device_id)) or ""


_events, _sessions, _devices = Event.__table__.c, EventSession.__table__.c, Device.__table__.c
_PLACE = (
    select(
        _events.id, _events.organization_id, _events.slug, _events.status, _events.timezone, _events.log_id,
        _sessions.id.label("session_id"), _sessions.title.label("session_title"),
        _devices.id.label("device_id"), _devices.name.label("device_name"), _devices.event_id.label("device_event"),
        _devices.last_seen_at, _devices.created_at, _events.starts_at,
    )
    .join(EventSession.__table__, _sessions.event_id == _events.id)
    .outerjoin(Device.__table__, _devices.id == bindparam("device"))
    .where(_events.slug == bindparam("slug"), _events.organization_id == bindparam("organization"))
    .order_by(_sessions.position, _sessions.id)
)  # fmt: skip


@dataclass(frozen=True)
class _Device:
    id: uuid.UUID
    name: str
    last_seen_at: datetime | None
    created_at: datetime


def find_place(organization_id: int, slug: str, device_id: uuid.UUID | None = None) -> Place:
    """The office's event with this slug. Raises NotFound; Conflict when the tablet's id is taken by another event."""
    asked = {"organization": organization_id, "slug": slug, "device": device_id}
    rows = db.session.connection().execute(_PLACE, asked).all()
    if not rows:
        raise NotFound(_l("There is no such event in this office."))
    first = rows[0]
    if first.device_id is not None and first.device_event != first.id:
        raise Conflict(_l("This tablet is known to another event. Reload the page."))
    return Place(
        event_id=first.id, organization_id=first.organization_id, slug=first.slug, status=first.status,
        timezone=first.timezone, log_id=first.log_id, sessions={row.session_id: row.session_title for row in rows},
        starts_at=first.starts_at,
        device=first.device_id and _Device(first.device_id, first.device_name, first.last_seen_at, first.created_at),
    )  # fmt: skip


def known_place(organization_id: int, slug: str, device_id: uuid.UUID | None = None) -> Place:
    """The same, at most a moment old."""
    key = (organization_id, slug, device_id)
    return _places.get(key, lambda: find_place(organization_id, slug, device_id))


def open_place(organization_id: int, slug: str, device_id: uuid.UUID | None = None) -> Place:
    """The same, if people may be checked in there. Raises Conflict with the reason."""
    place = known_place(organization_id, slug, device_id)
    refuse_closed(place.status)
    return place


_places = Briefly()


CLOSED = (EventStatus.DRAFT, EventStatus.CANCELLED)


def refuse_closed(status: EventStatus) -> None:
    """Drafts and cancelled events have no door. A finished one does: tablets send late, paper is typed in later."""
    if status == EventStatus.DRAFT:
        raise Conflict(_l("This event is still a draft. Publish it first, then check people in."))
    if status == EventStatus.CANCELLED:
        raise Conflict(_l("This event was cancelled, so nobody can be checked in."))


def ensure_device(place: Place, device_id: uuid.UUID, user_id: int | None, now: datetime, name: str = "") -> None:
    """Make the row of a tablet that is new to this event: "Tablet 3" until somebody names it."""
    count = db.session.scalar(select(func.count()).select_from(Device).where(Device.event_id == place.event_id))
    put_device(
        {
            "id": device_id, "organization_id": place.organization_id, "event_id": place.event_id, "user_id": user_id,
            "name": name or f"Tablet {count + 1}", "created_at": now, "last_seen_at": now,
        }
    )  # fmt: skip


def name_device(place: Place, device_id: uuid.UUID, name: str, user_id: int | None) -> str:
    """Name a tablet, so that "where" says more than a number. An empty name leaves the present one."""
    name = clean_line(name)[:80]
    if place.device is None:
        ensure_device(place, device_id, user_id, clock.now(), name)
    elif name:
        db.session.get(Device, device_id).name = name
    db.session.flush()
    return db.session.scalar(select(Device.name).where(Device.id == device_id))


def search(place: Place, session_id: int, query: str) -> list[tuple]:
    """(registration, moment of arrival at this session or None) of those who match, by name, and after them of those
    whose names are spelled otherwise than it was typed. A guest who turned out to be somebody else is listed as that
    one."""
    most = LISTED["found"]
    found = _with_arrival(place, session_id, Registration.id.in_(matching(place.event_id, query)), most)
    if len(found) == most:
        return found
    others = sounding_like(place.event_id, place.log_id, query, {r.id for r, _at in found}, most - len(found))
    return found + _with_arrival(place, session_id, Registration.id.in_(others), most) if others else found


def near(place: Place, session_id: int, name: str) -> list[tuple]:
    """The same of those who may be somebody of this name, spelled so or otherwise: a walk-in may be registered."""
    ids = near_names(place.event_id, place.log_id, name, LISTED["near"])
    return _with_arrival(place, session_id, Registration.id.in_(ids), LISTED["near"])


def _with_arrival(place: Place, session_id: int, condition: ColumnElement[bool], most: int) -> list[tuple]:
    merged = select(CheckInOp.registration_id).where(
        CheckInOp.event_id == place.event_id, RARE, CheckInOp.kind == OpKind.MERGE
    )
    here = and_(Attendance.registration_id == Registration.id, live(place.event_id, session_id))
    statement = (
        select(Registration, Attendance.at)
        .outerjoin(Attendance, here)
        .where(condition, Registration.id.not_in(merged))
        .order_by(Registration.name_key, Registration.id)
        .limit(most)
    )
    return [tuple(row) for row in db.session.execute(statement)]


def present(place: Place, session_id: int) -> list[tuple]:
    """(registration, attendance, name of the tablet) of who is in this session, latest first."""
    statement = (
        select(Registration, Attendance, Device.name)
        .join(Attendance, Attendance.registration_id == Registration.id)
        .join(CheckInOp, CheckInOp.op_id == Attendance.op_id)
        .outerjoin(Device, Device.id == CheckInOp.device_id)
        .where(live(place.event_id, session_id), Attendance.event_id == place.event_id)
        .order_by(Attendance.at.desc(), CheckInOp.seq.desc())
        .limit(LISTED["present"])
    )
    return [tuple(row) for row in db.session.execute(statement)]


def sessions_to_choose(organization_id: int) -> dict[str, list[Event]]:
    """Published events by "today", "next" and "before": an officer at the door needs today's first.

    Today is each event's own day, by the clock on its wall; an event of several days is today's on all of them.
    """
    now = clock.now()
    events = db.session.scalars(
        select(Event)
        .where(
            Event.organization_id == organization_id, Event.status == EventStatus.PUBLISHED,
            func.coalesce(Event.ends_at, Event.starts_at) > now - timedelta(days=7),
            Event.starts_at < now + timedelta(days=31),
        )
        .order_by(Event.starts_at, Event.id)
        .options(selectinload(Event.sessions))
    ).all()  # fmt: skip
    groups: dict[str, list[Event]] = {"today": [], "next": [], "before": []}
    for event in events:
        groups[_when(event, now)].append(event)
    groups["before"].reverse()
    return groups


def _when(event: Event, now: datetime) -> str:
    today = formats.local(now, event.timezone).date()
    first = formats.local(event.starts_at, event.timezone).date()
    ends = max(
        event.last_moment, *(session.ends_at or event.last_moment for session in event.sessions)
    )  # past midnight
    last = formats.local(ends, event.timezone).date()
    return "next" if first > today else "before" if last < today else "today"

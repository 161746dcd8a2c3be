"""The list of attendees that a tablet carries, with as little of each as a door needs."""

import uuid

from sqlalchemy import bindparam, func, select

from halal import regions
from halal.briefly import Briefly
from halal.checkin.services.lookup import Place
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations.models import Registration

PAGE_MAX = 2000

_r, _events = Registration.__table__.c, Event.__table__.c
_VERSION = select(
    select(_events.version).where(_events.id == bindparam("event")).scalar_subquery(),
    select(func.count()).where(_r.event_id == bindparam("event")).scalar_subquery(),
    select(func.max(_r.updated_at)).where(_r.event_id == bindparam("event")).scalar_subquery(),
)
_PEOPLE = (
    select(_r.id, _r.token_hash, _r.name, _r.business_name, _r.region_code, _r.nib, _r.status)
    .where(_r.event_id == bindparam("event"))
    .order_by(_r.id)
)
_kept = Briefly()


def roster_version(place: Place) -> str:
    """Changes when the roster does: "event-people-moment". At most a second old."""
    return _kept.get(place.log_id, lambda: _version(place.event_id))


def _version(event_id: int) -> str:
    event, people, moment = db.session.execute(_VERSION, {"event": event_id}).one()
    return f"{event}-{people}-{int(moment.timestamp() * 1_000_000) if moment else 0}"


def roster(place: Place, *, after: uuid.UUID | None, limit: int) -> tuple[list[dict], str | None]:
    """(people, id to go on after or None), by id."""
    query = _PEOPLE.limit(limit + 1)
    if after is not None:
        query = query.where(_r.id > after)
    rows = db.session.connection().execute(query, {"event": place.event_id}).all()
    return [_person(row) for row in rows[:limit]], str(rows[limit - 1].id) if len(rows) > limit else None


def sessions_of(place: Place) -> list[dict]:
    """The event's sessions in their order."""
    rows = db.session.execute(
        select(EventSession.id, EventSession.title, EventSession.starts_at, EventSession.ends_at)
        .where(EventSession.event_id == place.event_id)
        .order_by(EventSession.position, EventSession.id)
    )
    return [
        {"id": row.id, "title": row.title, "starts_at": row.starts_at and row.starts_at.isoformat(),
         "ends_at": row.ends_at and row.ends_at.isoformat()}
        for row in rows
    ]  # fmt: skip


def event_of(place: Place) -> dict:
    """The event as its tablets name it."""
    row = db.session.execute(
        select(Event.title, Event.starts_at, Event.ends_at).where(Event.id == place.event_id)
    ).one()
    return {"slug": place.slug, "title": row.title, "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at and row.ends_at.isoformat()}  # fmt: skip


def _person(row) -> dict:
    return {
        "id": str(row.id), "h": row.token_hash, "n": row.name, "b": row.business_name,
        "r": regions.label(row.region_code) if row.region_code else "", "k": row.nib[-5:] if row.nib else "",
        "s": row.status.value,
    }  # fmt: skip

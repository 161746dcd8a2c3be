"""The list of attendees that a tablet carries, with as little of each as a door needs.

A tablet that has the list asks who changed since. What changed before that may be committed after it, so the answer
reaches back a while; and the version adds up a stamp of every row, so that the tablet, which adds up its own, notices
whatever is still missing, or was deleted: then it fetches the whole list again.
"""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, bindparam, cast, extract, func, select

from halal import regions
from halal.briefly import Briefly
from halal.checkin.services.lookup import Place
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations.models import Registration

PAGE_MAX = 2000
HASH_DIGITS = 16  # of 64: enough to tell the tickets of one event apart, and a third of the list's size
LATE = timedelta(minutes=2)  # so long may a change take from its moment to its commit

_r, _events = Registration.__table__.c, Event.__table__.c
# When a row changed, as a number that a sum over all of them stays exact with, in a tablet's JavaScript too.
_STAMP = cast(extract("epoch", _r.updated_at) * 1_000_000, BigInteger) % 1_000_000_000
_VERSION = (
    select(_events.version, func.count(_r.id), func.coalesce(func.sum(_STAMP), 0), func.max(_r.updated_at))
    .outerjoin(Registration.__table__, _r.event_id == _events.id)
    .where(_events.id == bindparam("event"))
    .group_by(_events.id)
)
_PEOPLE = (
    select(
        _r.id,
        _r.token_hash,
        _r.name,
        _r.business_name,
        _r.region_code,
        _r.nib,
        _r.status,
        _STAMP.label("stamp"),
    )
    .where(_r.event_id == bindparam("event"))
    .order_by(_r.id)
)
_kept = Briefly(times=3)
_names = Briefly()


def roster_version(place: Place) -> str:
    """Changes when the roster does: "event-people-sum-moment". A few seconds old."""
    return _kept.get(place.log_id, lambda: roster_version_now(place))


def roster_version_now(place: Place) -> str:
    """The same, not a moment old: what the people that are read beside it add up to."""
    event, people, total, moment = db.session.execute(_VERSION, {"event": place.event_id}).one()
    return f"{event}-{people}-{total}-{int(moment.timestamp() * 1_000_000) if moment else 0}"


def roster(
    place: Place, *, after: uuid.UUID | None = None, since: int | None = None, limit: int = PAGE_MAX
) -> tuple[list[dict], str | None]:
    """(people, id to go on after or None), by id. `since`: only those who changed after this second (of Unix time), or
    shortly before it."""
    query = _PEOPLE.limit(limit + 1)
    if after is not None:
        query = query.where(_r.id > after)
    if since is not None:
        moment = datetime.fromtimestamp(min(max(since, 0), 2**33), UTC)
        query = query.where(_r.updated_at > moment - LATE)
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


def names_of(place: Place) -> dict:
    """The event and its sessions as they are called by now, at most a second old."""
    return _names.get(place.log_id, lambda: {"event": event_of(place), "sessions": sessions_of(place)})


def event_of(place: Place) -> dict:
    """The event as its tablets name it."""
    row = db.session.execute(
        select(Event.title, Event.status, Event.starts_at, Event.ends_at).where(Event.id == place.event_id)
    ).one()
    return {"slug": place.slug, "title": row.title, "status": row.status.value, "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at and row.ends_at.isoformat()}  # fmt: skip


def _person(row) -> dict:
    return {
        "id": str(row.id), "h": row.token_hash[:HASH_DIGITS], "n": row.name, "b": row.business_name,
        "r": regions.label(row.region_code) if row.region_code else "", "k": row.nib[-5:] if row.nib else "",
        "s": row.status.value, "u": row.stamp,
    }  # fmt: skip

"""Which events and articles the public site lists, and in what order."""

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload

from halal import clock, regions
from halal.events.models import Event, EventRegion, EventStatus
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus


def _over() -> ColumnElement[bool]:
    return or_(Event.status == EventStatus.FINISHED, func.coalesce(Event.ends_at, Event.starts_at) < clock.now())


def is_over(event: Event) -> bool:
    """Whether an event stands among the past ones: finished, or its time is over."""
    return event.status is EventStatus.FINISHED or event.last_moment < clock.now()


def public_events(region: str = "", query: str = "") -> Select:
    """Every event but drafts: the coming ones first, soonest on top, then the past ones, latest on top.

    `region` is a province or a regency or city: events there, and events that invite businesses from there.
    """
    found = select(Event).where(Event.status != EventStatus.DRAFT).options(joinedload(Event.organization))
    if region:
        invited = select(EventRegion.event_id).where(_within(EventRegion.region_code, region))
        found = found.where(or_(_within(Event.region_code, region), Event.id.in_(invited)))
    for word in query.lower().split()[:8]:
        texts = (Event.title, Event.summary, Event.venue)
        found = found.where(or_(*(func.lower(text).contains(word, autoescape=True) for text in texts)))
    over = case((_over(), 1), else_=0)
    coming, past = case((~_over(), Event.starts_at)), case((_over(), Event.starts_at))
    return found.order_by(over, coming, past.desc(), Event.id)


def next_events(limit: int) -> list[Event]:
    """The events to come that still take place, soonest first."""
    coming = public_events().where(~_over(), Event.status == EventStatus.PUBLISHED)
    return list(db.session.scalars(coming.limit(limit)))


def taken_places(events: list[Event]) -> dict[int, int]:
    """How many have a place, by event; in one query for a whole list."""
    rows = db.session.execute(
        select(Registration.event_id, func.count())
        .where(Registration.event_id.in_([e.id for e in events]), Registration.status == RegistrationStatus.CONFIRMED)
        .group_by(Registration.event_id)
    )
    return dict(rows.all())


def regions_with_events() -> list[tuple[regions.Region, list[regions.Region]]]:
    """Provinces with public events, each with its regencies and cities that have or are invited to one."""
    public = select(Event.id).where(Event.status != EventStatus.DRAFT)
    places = select(Event.region_code).where(Event.status != EventStatus.DRAFT)
    invited = select(EventRegion.region_code).where(EventRegion.event_id.in_(public))
    codes = set(db.session.scalars(places.union(invited)))
    found = sorted(filter(None, map(regions.find, codes)), key=lambda region: region.code)
    provinces = sorted({region.province_code for region in found})
    return [
        (regions.find(code), [r for r in found if r.province_code == code and not r.is_province]) for code in provinces
    ]


def _within(column, region: str) -> ColumnElement[bool]:
    return or_(column == region, column.startswith(f"{region}.", autoescape=True))

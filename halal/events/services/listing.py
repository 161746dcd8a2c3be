"""An office's events, as its list shows them."""

from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from halal import clock, regions, text
from halal.events.labels import HALF_A_DAY
from halal.events.models import Event, EventStatus
from halal.extensions import db


class Scope(StrEnum):
    """Which part of the list."""

    UPCOMING = "upcoming"
    PAST = "past"
    DRAFTS = "drafts"
    ALL = "all"


def _within(scope: Scope) -> ColumnElement[bool]:
    draft = Event.status == EventStatus.DRAFT
    now = clock.now()
    over = or_(
        Event.status == EventStatus.FINISHED,
        Event.ends_at <= now,
        and_(Event.ends_at.is_(None), Event.starts_at <= now - HALF_A_DAY),
    )
    return {
        Scope.UPCOMING: and_(~draft, ~over),
        Scope.PAST: and_(~draft, over),
        Scope.DRAFTS: draft,
        Scope.ALL: Event.id.is_not(None),
    }[scope]


def count_by_scope(organization_id: int) -> dict[Scope, int]:
    """How many events each part of the list has."""
    return {
        scope: db.session.scalar(
            select(func.count()).select_from(Event).where(Event.organization_id == organization_id, _within(scope))
        )
        for scope in Scope
    }


def count_of(found: Select) -> Select:
    """How many rows that select has."""
    return select(func.count()).select_from(found.order_by(None).subquery())


def find_events(organization_id: int, scope: Scope, query: str = "", status: EventStatus | None = None) -> Select:
    """A select of events: what comes next first; the past and everything together newest first.

    `query` finds words anywhere in title and venue, and in the name of the regency or city.
    """
    found = select(Event).where(Event.organization_id == organization_id, _within(scope))
    if status is not None:
        found = found.where(Event.status == status)
    for word in text.clean_line(query).split()[:8]:
        codes = [region.code for region in regions.regencies() if word.casefold() in region.label.casefold()]
        found = found.where(
            or_(
                Event.title.icontains(word, autoescape=True),
                Event.venue.icontains(word, autoescape=True),
                Event.region_code.in_(codes),
            )
        )
    if scope is Scope.UPCOMING:
        return found.order_by(Event.starts_at, Event.id)
    return found.order_by(Event.starts_at.desc(), Event.id.desc())

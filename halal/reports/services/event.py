"""One event's numbers: by regency, by hour of arrival, by session, by source."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import extract, func, select

from halal import formats, regions
from halal.events.models import Event
from halal.extensions import db
from halal.registrations import presence
from halal.registrations.models import Registration, RegistrationStatus, Source
from halal.reports.services.counts import EventCounts

HOUR = 3600
_MOST_EMPTY_HOURS = 6  # a longer pause is left out of the picture: it is a night, or a late correction


@dataclass(frozen=True)
class RegionNumbers:
    """`code` is None for those who named no regency or city; `expected` has a place or is present."""

    code: str | None
    registered: int
    present: int
    expected: int

    @property
    def label(self) -> str:
        return regions.label(self.code)


@dataclass(frozen=True)
class EventNumbers:
    """Everything the report shows. Sums of parts equal the counts: regions and sources of `registered`, regions and
    hours of `present`. `hours` are (beginning of the hour in the event's zone, first arrivals in it)."""

    counts: EventCounts
    regions: list[RegionNumbers]
    hours: list[tuple[datetime, int]]
    sessions: list[tuple[str, int]]
    sources: list[tuple[Source, int]]
    nib_missing: int


def event_numbers(event: Event) -> EventNumbers:
    """The event's numbers, now."""
    by_status, registered, present, sources, nib_missing = Counter(), Counter(), Counter(), Counter(), 0
    expected: Counter[str | None] = Counter()
    for status, region, source, without_nib, count, came in db.session.execute(_cells(event)):
        by_status[status] += count
        present[region] += came
        expected[region] += count if status is RegistrationStatus.CONFIRMED else came
        if status is RegistrationStatus.CONFIRMED:
            registered[region] += count
            sources[source] += count
            nib_missing += count if without_nib else 0
    codes = {
        *registered,
        *(code for code in present if present[code]),
        *(region.region_code for region in event.regions),
    }
    numbers = [RegionNumbers(code, registered[code], present[code], expected[code]) for code in codes]
    return EventNumbers(
        counts=EventCounts(
            registered=by_status[RegistrationStatus.CONFIRMED], waiting=by_status[RegistrationStatus.WAITING],
            cancelled=by_status[RegistrationStatus.CANCELLED], present=present.total(), expected=expected.total(),
            capacity=event.capacity,
        ),
        regions=sorted(numbers, key=lambda row: (row.code is None, -row.registered, row.code or "")),
        hours=_hours(event),
        sessions=_sessions(event),
        sources=[(source, sources[source]) for source in Source if sources[source]],
        nib_missing=nib_missing,
    )  # fmt: skip


def _cells(event: Event):
    """One row for each kind of registration there is: how many, and how many of them came."""
    came = presence.present_ids(event.id).distinct().subquery()
    kind = (Registration.status, Registration.region_code, Registration.source, Registration.nib.is_(None))
    return (
        select(*kind, func.count(), func.count(came.c.registration_id))
        .outerjoin(came, came.c.registration_id == Registration.id)
        .where(Registration.event_id == event.id)
        .group_by(*kind)
    )


def _hours(event: Event) -> list[tuple[datetime, int]]:
    """First arrivals by the hour on the wall. Indonesia's zones differ by whole hours, so hours of UTC are theirs."""
    first = presence.first_arrivals(event.id).subquery()
    epoch = extract("epoch", first.c.at)
    hour = (epoch - epoch % HOUR).label("hour")
    found = {int(start): count for start, count in db.session.execute(select(hour, func.count()).group_by(hour))}
    shown: list[int] = []
    for start in sorted(found):
        pause = range(shown[-1] + HOUR, start, HOUR) if shown else ()
        shown += [*pause, start] if len(pause) <= _MOST_EMPTY_HOURS else [start]
    zero = datetime(1970, 1, 1, tzinfo=UTC)
    return [(formats.local(zero + timedelta(seconds=start), event.timezone), found.get(start, 0)) for start in shown]


def _sessions(event: Event) -> list[tuple[str, int]]:
    present = dict(db.session.execute(presence.count_by_session(event.id)).all())
    return [(session.title, present.get(session.id, 0)) for session in event.sessions]

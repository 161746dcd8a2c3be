"""What a page of the attendee list shows: registrations with their presence."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations import presence
from halal.registrations.listing import PAGE_SIZE, Choice, Listing
from halal.registrations.models import Attendance, Registration

_STEP = 500


@dataclass(frozen=True)
class Attendee:
    """One row of the list. `arrivals` are the moments of arrival by session id; None where nobody knows it, as from an
    attendance list on paper."""

    registration: Registration
    arrivals: dict[int, datetime | None]

    def at(
        self, sessions: Sequence[EventSession], session_id: int | None
    ) -> list[tuple[EventSession, datetime | None]]:
        """Where this person is present and since when: at the chosen session, or at all."""
        return [(s, self.arrivals[s.id]) for s in sessions if s.id in self.arrivals and session_id in (None, s.id)]


@dataclass(frozen=True)
class AttendeePage:
    """One page of the list. When there are `more` than the `counted`, `total` is how many are known of so far."""

    rows: list[Attendee]
    number: int
    total: int
    counted: int
    more: bool


def attendees(event: Event, ids: Sequence[uuid.UUID]) -> list[Attendee]:
    """These registrations in this order, with their presence."""
    found = {r.id: r for r in db.session.scalars(select(Registration).where(Registration.id.in_(ids)))}
    arrivals: dict[uuid.UUID, dict[int, datetime | None]] = defaultdict(dict)
    of_attendance = Attendance.registration_id, Attendance.session_id, Attendance.at, Attendance.uncertain
    present = select(*of_attendance).where(presence.live(event.id), Attendance.registration_id.in_(ids))
    for registration_id, session_id, at, uncertain in db.session.execute(present):
        arrivals[registration_id][session_id] = None if uncertain else at
    return [Attendee(found[id_], arrivals[id_]) for id_ in ids if id_ in found]


def everybody(event: Event, choice: Choice) -> Iterator[Attendee]:
    """All that the list shows on all its pages, in its order; read in steps, so that a large event fits in memory."""
    ids = Listing(event, choice).ids()
    for start in range(0, len(ids), _STEP):
        yield from attendees(event, ids[start : start + _STEP])


def page(event: Event, choice: Choice, number: int) -> AttendeePage:
    """The page with this number, or the last one if there are fewer."""
    listing = Listing(event, choice)
    counted = listing.count()
    more = counted > listing.cap
    if not more:
        number = max(1, min(number, -(-counted // PAGE_SIZE)))
    ids = listing.page_ids((number - 1) * PAGE_SIZE, PAGE_SIZE + 1)
    # beyond what is counted, the next page is known by its first row
    total = max(counted, (number - 1) * PAGE_SIZE + len(ids)) if more else counted
    return AttendeePage(attendees(event, ids[:PAGE_SIZE]), number, total, min(counted, listing.cap), more)

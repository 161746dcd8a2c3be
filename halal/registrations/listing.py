"""The attendee list: which registrations are shown, in which order, page by page.

Its first page must cost the same for 100,000 registrations as for 1,000. So nothing here counts or sorts them all:
counts stop at a cap; rows are taken in the order of an index, skipping what does not match, and only when that finds
too few within REACH rows are the matching ones collected and sorted (those of a search from the index of words).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import ColumnElement, asc, desc, func, not_, nulls_first, nulls_last, select

from halal import regions
from halal.events.models import Event
from halal.extensions import db
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.near_names import with_other_spellings
from halal.registrations.presence import is_present
from halal.registrations.services.bounds import Bound

PAGE_SIZE = 50
CAP = 1_000  # more than these found by words or presence are "more than 1,000"
CAP_OF_COLUMNS = 10_000  # counting by an index is cheaper
REACH = (200, 800, 2_000)  # rows looked at in order before the matching ones are collected instead
NO_REGION = "-"
ANY_BOUND = "any"


class Presence(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"


class Sort(StrEnum):
    NAME = "name"
    BUSINESS = "business"
    REGION = "region"
    REGISTERED = "registered"
    PRESENCE = "presence"


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see. Empty fields leave nobody out. `session_id` narrows presence to one session;
    `outside` is a Bound of the program, or ANY_BOUND."""

    query: str = ""
    status: RegistrationStatus | None = None
    region: str = ""
    presence: Presence | None = None
    session_id: int | None = None
    nib_missing: bool = False
    outside: str = ""
    sort: Sort = Sort.NAME
    descending: bool = False

    @property
    def words(self) -> list[tuple[str, ...]]:
        return search.query_words(self.query)

    @property
    def filtered(self) -> bool:
        """Whether a filter leaves somebody out; words are searched for, not filtered by."""
        return bool(self.status or self.region or self.presence or self.nib_missing or self.outside)

    @property
    def narrows(self) -> bool:
        """Whether anybody is left out."""
        return self.filtered or bool(self.words)

    @property
    def order(self) -> str:
        """The order as an address says it: "name", "-registered"."""
        return ("-" if self.descending else "") + self.sort

    def arguments(self) -> dict[str, str]:
        """As arguments of an address; only what differs from the whole list by name."""
        given = {
            "q": self.query, "status": self.status or "", "region": self.region, "presence": self.presence or "",
            "session": str(self.session_id or ""), "nib": "missing" if self.nib_missing else "",
            "outside": self.outside, "sort": "" if self.order == Sort.NAME else self.order,
        }  # fmt: skip
        return {key: str(value) for key, value in given.items() if value}

    def sorted_by(self, sort: Sort) -> "Choice":
        """The same people in another order; the present order turned around when it is chosen again."""
        return replace(self, sort=sort, descending=sort == self.sort and not self.descending)


def choose(arguments: Mapping[str, str], event: Event) -> Choice:
    """The choice that an address makes; what it says wrongly or about another event is as if it were not said."""
    order = arguments.get("sort", "")
    region, session, outside = (arguments.get(name, "") for name in ("region", "session", "outside"))
    return Choice(
        query=" ".join(arguments.get("q", "").split())[:100],
        status=_member(RegistrationStatus, arguments.get("status")),
        region=region if region == NO_REGION or regions.find(region) else "",
        presence=_member(Presence, arguments.get("presence")),
        session_id=next((s.id for s in event.sessions if str(s.id) == session), None),
        nib_missing=arguments.get("nib") == "missing",
        outside=outside if outside in (ANY_BOUND, *Bound) else "",
        sort=_member(Sort, order.removeprefix("-")) or Sort.NAME,
        descending=order.startswith("-"),
    )


def _member(kind: type[StrEnum], value: str | None):
    return kind(value) if value in {member.value for member in kind} else None


def _filters(choice: Choice, event_id: int) -> list[ColumnElement[bool]]:
    found = []
    if choice.status:
        found.append(Registration.status == choice.status)
    if choice.region == NO_REGION:
        found.append(Registration.region_code.is_(None))
    elif choice.region:
        found.append(Registration.region_code == choice.region)
    if choice.nib_missing:
        found.append(Registration.nib.is_(None))
    if choice.outside:
        found.append(Registration.outside != "")
    if choice.outside and choice.outside != ANY_BOUND:
        found.append(Registration.outside.contains(choice.outside))
    if choice.presence:
        present = is_present(event_id, choice.session_id)
        found.append(present if choice.presence is Presence.PRESENT else not_(present))
    return found


def _order(choice: Choice) -> list[ColumnElement]:
    """The columns of an index, all in one direction, so that the index is the order."""
    turn = desc if choice.descending else asc
    by_name = [turn(Registration.name_key), turn(Registration.id)]
    match choice.sort:
        case Sort.BUSINESS:
            return [turn(Registration.business_key), *by_name]
        case Sort.REGION:
            nulls = nulls_first if choice.descending else nulls_last
            return [nulls(turn(Registration.region_code)), *by_name]
        case Sort.REGISTERED:
            return [turn(Registration.created_at), turn(Registration.id)]
        case _:
            return by_name


def _segments(choice: Choice) -> list[Choice]:
    """The list in parts that follow each other, each with an index for its order: by presence there are two."""
    if choice.sort is not Sort.PRESENCE or choice.presence:
        return [choice]
    parts = [replace(choice, presence=presence, descending=False) for presence in Presence]
    return parts[::-1] if choice.descending else parts


class Listing:
    """One event's registrations as chosen."""

    def __init__(self, event: Event, choice: Choice):
        self.event, self.choice = event, choice
        self._words = choice.words
        exact = search.few(event.id, choice.query, CAP) if self._words else None
        self._few = None if exact is None else with_other_spellings(event, choice.query, exact, CAP)

    def _all_ids(self, choice: Choice):
        """Every id of the choice, to be collected and counted or sorted."""
        query = select(Registration.id).where(*_filters(choice, self.event.id))
        if self._few is not None:
            return query.where(Registration.id.in_(self._few))
        if self._words:
            return query.where(Registration.id.in_(search.matching(self.event.id, choice.query)))
        return query.where(Registration.event_id == self.event.id)

    @property
    def cap(self) -> int:
        return CAP if self._words or self.choice.presence else CAP_OF_COLUMNS

    def count(self) -> int:
        """How many are shown on all pages; cap + 1 when they are more than the cap."""
        if self._words and not self.choice.filtered:
            return CAP + 1 if self._few is None else len(self._few)
        counted = self._all_ids(self.choice).limit(self.cap + 1).subquery()
        return db.session.scalar(select(func.count()).select_from(counted))

    def ids(self) -> list[uuid.UUID]:
        """All ids in order: for a file or paper that holds exactly what the list shows on all its pages."""
        parts = _segments(self.choice)
        return [id_ for part in parts for id_ in db.session.scalars(self._all_ids(part).order_by(*_order(part)))]

    def page_ids(self, offset: int, limit: int) -> list[uuid.UUID]:
        """The ids from this place of the list on."""
        found: list[uuid.UUID] = []
        skip = offset
        for part in _segments(self.choice):
            got = self._part(part, skip, limit - len(found))
            found += got
            if len(found) >= limit:
                break
            if not got and skip:  # this part ended somewhere before the place
                total = db.session.scalar(select(func.count()).select_from(self._all_ids(part).subquery()))
                skip -= min(skip, total)
            else:
                skip = 0
        return found

    def _part(self, part: Choice, offset: int, limit: int) -> list[uuid.UUID]:
        only_words = bool(self._words) and part.sort is Sort.NAME and not part.filtered
        if self._few is not None and only_words:
            return (self._few[::-1] if part.descending else self._few)[offset : offset + limit]
        if self._few is None:
            by_name = only_words and not part.descending
            walked = self._walk(part, offset, limit, REACH[:1] if by_name else REACH)
            if walked is not None:
                return walked
            if by_name:
                return search.by_name(self.event.id, part.query, offset, limit)
        query = self._all_ids(part).order_by(*_order(part)).offset(offset).limit(limit)
        return list(db.session.scalars(query))

    def _walk(self, part: Choice, offset: int, limit: int, steps: Sequence[int]) -> list[uuid.UUID] | None:
        """Take what matches while going along the order's index, in growing steps; None when they hold too few."""
        ordered = select(Registration.id).where(Registration.event_id == self.event.id).order_by(*_order(part))
        conditions = [
            *_filters(part, self.event.id),
            *(search.has_word(Registration.id, spellings) for spellings in self._words),
        ]
        if not conditions:
            return list(db.session.scalars(ordered.offset(offset).limit(limit)))
        found, start = [], 0
        for step in steps:
            ids = db.session.scalars(ordered.offset(start).limit(step)).all()
            matching = set(db.session.scalars(select(Registration.id).where(Registration.id.in_(ids), *conditions)))
            found += [id_ for id_ in ids if id_ in matching]
            if len(found) >= offset + limit or len(ids) < step:
                return found[offset : offset + limit]
            start += step
        return None

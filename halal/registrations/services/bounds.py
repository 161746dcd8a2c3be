"""Whether a registration is outside of its program's bounds: its regions, their quotas, its deadline.

The program decides what that means: registered and marked (as long as it says nothing), or refused. Officials and
guests at meetings and ceremonies are no business of a program and have no bounds; who stands at the door already is
marked, never refused.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from halal import clock, formats, regions
from halal.errors import DomainError
from halal.events.models import FOR_BUSINESSES, Event
from halal.extensions import db
from halal.programs.models import Program
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.services.details import Details

SHOWN = 5  # regions named in a sentence


class Bound(StrEnum):
    REGION = "region"
    QUOTA = "quota"
    DEADLINE = "deadline"


_counters: list[Callable[[Program, str], int]] = []


def counts_quota(count: Callable[[Program, str], int]) -> Callable[[Program, str], int]:
    """Marks the function that says how many businesses of a region a program has. Programs' numbers know registrations,
    not the other way round (halal/facilitation/numbers.py)."""
    _counters[:] = [count]
    return count


class OutsideProgram(DomainError):
    """The program refuses who is outside of its bounds."""


class Bounds:
    """The bounds of one event's program, for one registration or for many in a row: quotas are counted once."""

    def __init__(self, event: Event):
        self.event = event
        self.program = event.program if event.kind in FOR_BUSINESSES else None
        self.quotas = {row.region_code: row.quota for row in self.program.quotas} if self.program else {}
        self._used: dict[str, int] = {}

    @property
    def refuses(self) -> bool:
        return self.program is not None and self.program.refuses_outside

    @property
    def is_late(self) -> bool:
        """Whether the deadline is over, by the calendar where the event is. A list of the event that is typed later
        is as old as the event."""
        if self.program is None or self.program.deadline is None:
            return False
        moment = min(clock.now(), self.event.last_moment)
        return formats.local(moment, self.event.timezone).date() > self.program.deadline

    def outside(self, details: Details, *, count_quota: bool = True) -> list[Bound]:
        """In what this registration would be outside. Whoever names no region is outside of none."""
        found, code = [], details.region_code
        if self.program is not None and code and self.quotas and code not in self.quotas:
            found.append(Bound.REGION)
        elif count_quota and self._is_full(details):
            found.append(Bound.QUOTA)
        return [*found, Bound.DEADLINE] if self.is_late else found

    def check(self, details: Details, *, count_quota: bool = True) -> list[Bound]:
        """The same; raises OutsideProgram where the program refuses."""
        found = self.outside(details, count_quota=count_quota)
        if found and self.refuses:
            raise OutsideProgram(self.sentence(found[0], details.region_code), _FIELDS[found[0]])
        return found

    def count(self, codes: Iterable[str | None]) -> None:
        """Count the quotas of these regions now: it takes its time, so it comes before the event is locked."""
        for code in codes:
            if code in self.quotas and code not in self._used and _counters:
                self._used[code] = _counters[0](self.program, code)

    def take(self, details: Details) -> None:
        """One more business of this region is registered."""
        if details.region_code in self._used:
            self._used[details.region_code] += 1

    def sentence(self, bound: Bound, code: str | None) -> object:
        """What to say to the person, or to the desk."""
        match bound:
            case Bound.REGION:
                names = [regions.label(code) for code in self.quotas]
                named = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
                return _l("This program is for businesses of %(regions)s.", regions=named)
            case Bound.QUOTA:
                return _l("The quota of %(region)s in this program is full.", region=regions.label(code))
        day = formats.date_only(self.program.deadline)
        return _l("The deadline of this program was %(day)s.", day=day)

    def _is_full(self, details: Details) -> bool:
        code = details.region_code
        quota = self.quotas.get(code or "")
        if self.program is None or quota is None or not _counters:
            return False
        self.count([code])
        return self._used[code] >= quota and not self._is_known(details)

    def _is_known(self, details: Details) -> bool:
        """Whether this NIB or phone is registered in the program already: then it takes no further place."""
        clues = [Registration.nib == details.nib] if details.nib else []
        clues += [Registration.phone == details.phone] if details.phone else []
        if not clues:
            return False
        ours = select(Event.id).where(Event.program_id == self.program.id, Event.kind.in_(FOR_BUSINESSES))
        known = select(Registration.id).where(
            Registration.event_id.in_(ours), Registration.status == RegistrationStatus.CONFIRMED, or_(*clues)
        )
        return db.session.scalar(known.limit(1)) is not None


_FIELDS = {Bound.REGION: "region_code", Bound.QUOTA: "region_code", Bound.DEADLINE: None}


def written(found: Sequence[Bound]) -> str:
    """The marks as a registration keeps them."""
    return " ".join(found)


def write_marks(registration: Registration, found: Sequence[Bound]) -> None:
    registration.outside = written(found)


def marks(registration: Registration) -> list[Bound]:
    """In what this registration was outside of its program when it came in."""
    return [Bound(mark) for mark in registration.outside.split()]


def mark_anew(registration: Registration, region_before: str | None) -> None:
    """After a correction: another region is judged by itself, the deadline was what it was."""
    if registration.region_code == region_before:
        return
    bounds = Bounds(registration.event)
    found = [mark for mark in bounds.outside(registration) if mark is not Bound.DEADLINE]
    late = [mark for mark in marks(registration) if mark is Bound.DEADLINE]
    write_marks(registration, [*found, *late])


def sentences(registration: Registration) -> list[object]:
    """What to say about somebody who is registered although outside of the program."""
    bounds = Bounds(registration.event)
    if bounds.program is None:
        return []
    return [bounds.sentence(mark, registration.region_code) for mark in marks(registration)]

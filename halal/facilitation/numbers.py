"""A program's numbers. Every page that says one takes it from here, and each is called what it is:

registered   businesses with a place (or present) at the program's events for businesses that were announced
present      those of them who came to one
enrolled     businesses in the program's register of facilitation
certified    those of them that have their halal certificate: the only ones that count towards the target
businesses   all that are registered or enrolled, each once (halal/people/same_business.py says which are the same);
             these use the quota of their region

Events that are drafts or cancelled count nobody; meetings and ceremonies have guests, who are no business of a program.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, case, func, literal, select, union_all

from halal import regions
from halal.events.models import FOR_BUSINESSES, Event, EventStatus
from halal.extensions import db
from halal.facilitation.models import Facilitation, Stage
from halal.people.models import Business
from halal.people.same_business import FIRST
from halal.programs.models import Program
from halal.registrations.models import Registration
from halal.registrations.presence import is_expected, is_present
from halal.registrations.services.bounds import counts_quota

ANNOUNCED = (EventStatus.PUBLISHED, EventStatus.FINISHED)


@dataclass(frozen=True)
class Counts:
    """How many businesses; see above."""

    registered: int = 0
    present: int = 0
    enrolled: int = 0
    certified: int = 0
    businesses: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self.as_row(), other.as_row(), strict=True)))

    def as_row(self) -> tuple[int, ...]:
        return self.registered, self.present, self.enrolled, self.certified, self.businesses


@dataclass(frozen=True)
class RegionNumbers:
    """`quota` is None where the program names the region only; `code` is None for businesses without a region."""

    code: str | None
    quota: int | None
    counts: Counts

    @property
    def label(self) -> str:
        return regions.label(self.code)

    @property
    def used(self) -> int:
        return self.counts.businesses

    @property
    def left(self) -> int:
        """How many of the quota are free; 0 when it is used up or exceeded."""
        return max(0, (self.quota or 0) - self.used)

    @property
    def over(self) -> int:
        """How many are above the quota."""
        return max(0, self.used - self.quota) if self.quota is not None else 0

    @property
    def reached(self) -> bool:
        return bool(self.quota) and self.used >= self.quota


@dataclass(frozen=True)
class ProgramNumbers:
    """`regions` are those of the quotas; `others` where businesses come from beside them. All of them sum to `counts`,
    and what is left or over in the regions sums to `left` and `over`."""

    target: int | None
    counts: Counts
    regions: list[RegionNumbers]
    others: list[RegionNumbers]

    @property
    def quota_sum(self) -> int:
        return sum(region.quota or 0 for region in self.regions)

    @property
    def left(self) -> int:
        return sum(region.left for region in self.regions)

    @property
    def over(self) -> int:
        return sum(region.over for region in self.regions)


def program_numbers(program: Program) -> ProgramNumbers:
    """The program's numbers, now."""
    return numbers_of_programs([program])[program.id]


def numbers_of_programs(programs: Iterable[Program]) -> dict[int, ProgramNumbers]:
    """The numbers of several programs by their ids, in one query beside the quotas."""
    programs = list(programs)
    found: dict[int, dict[str | None, Counts]] = defaultdict(dict)
    for program_id, code, *counts in db.session.execute(_by_region([p.id for p in programs])) if programs else ():
        found[program_id][code] = Counts(*counts)
    return {program.id: _numbers(program, found[program.id]) for program in programs}


@counts_quota
def used_in_region(program: Program, region_code: str) -> int:
    """How many businesses of this region are in the program."""
    one = businesses_of([program.id]).subquery()
    inside = select(func.count()).select_from(one).join(Business, Business.id == one.c.business_id)
    return db.session.scalar(inside.where(Business.region_code == region_code)) or 0


def _numbers(program: Program, found: dict[str | None, Counts]) -> ProgramNumbers:
    quotas = {quota.region_code: quota.quota for quota in program.quotas}
    others = [RegionNumbers(code, None, counts) for code, counts in found.items() if code not in quotas]
    return ProgramNumbers(
        target=program.target,
        counts=sum(found.values(), Counts()),
        regions=[RegionNumbers(code, quota, found.get(code, Counts())) for code, quota in quotas.items()],
        others=sorted(others, key=lambda region: (region.code is None, -region.used, region.code or "")),
    )


def businesses_of(program_ids: Iterable[int]) -> Select:
    """(program_id, business_id, registered, present, enrolled, certified): every business of these programs, once, by
    the first record of it; the last four are 1 or 0."""
    program_ids = list(program_ids)
    here = case((is_present(Registration.event_id), 1), else_=0)
    at_events = (
        select(
            Event.program_id.label("program_id"), FIRST.label("business_id"), literal(1).label("registered"),
            here.label("present"), literal(0).label("enrolled"), literal(0).label("certified"),
        )
        .select_from(Registration)
        .join(Event, Event.id == Registration.event_id)
        .join(Business, Business.id == Registration.business_id)
        .where(
            Event.program_id.in_(program_ids), Event.kind.in_(FOR_BUSINESSES), Event.status.in_(ANNOUNCED),
            is_expected(Registration.event_id),
        )
    )  # fmt: skip
    certified = case((Facilitation.stage == Stage.CERTIFIED, 1), else_=0)
    in_register = (
        select(Facilitation.program_id, FIRST, literal(0), literal(0), literal(1), certified)
        .join(Business, Business.id == Facilitation.business_id)
        .where(Facilitation.program_id.in_(program_ids))
    )
    each = union_all(at_events, in_register).subquery()
    return select(
        each.c.program_id, each.c.business_id,
        *(func.max(each.c[name]).label(name) for name in ("registered", "present", "enrolled", "certified")),
    ).group_by(each.c.program_id, each.c.business_id)  # fmt: skip


def _by_region(program_ids: list[int]) -> Select:
    """(program, region, registered, present, enrolled, certified, businesses): each business in the region that its
    first record names. Attendees who named no business use no quota."""
    one = businesses_of(program_ids).subquery()
    sums = (func.sum(one.c[name]) for name in ("registered", "present", "enrolled", "certified"))
    return (
        select(one.c.program_id, Business.region_code, *sums, func.count())
        .join(Business, Business.id == one.c.business_id)
        .group_by(one.c.program_id, Business.region_code)
    )

"""A program's numbers: how much of its target and of each quota is used."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import String, cast, func, select

from halal import regions
from halal.extensions import db
from halal.facilitation.services import of_programs
from halal.people.models import Business
from halal.programs.models import Program


@dataclass(frozen=True)
class RegionQuota:
    """`quota` is None where the program names the region only; `code` is None for businesses without a region."""

    code: str | None
    quota: int | None
    used: int

    @property
    def label(self) -> str:
        return regions.label(self.code)

    @property
    def reached(self) -> bool:
        return bool(self.quota) and self.used >= self.quota


@dataclass(frozen=True)
class ProgramNumbers:
    """`used` counts businesses, each once, however many of the program's events it came to (see `_used`).
    `regions` are those of the quotas; `others` where businesses come from beside them. All `used` sum to `used`."""

    target: int | None
    used: int
    regions: list[RegionQuota]
    others: list[RegionQuota]

    @property
    def quota_sum(self) -> int:
        return sum(region.quota or 0 for region in self.regions)


def program_numbers(program: Program) -> ProgramNumbers:
    """The program's numbers, now."""
    return numbers_of_programs([program])[program.id]


def numbers_of_programs(programs: Iterable[Program]) -> dict[int, ProgramNumbers]:
    """The numbers of several programs by their ids, in one query beside the quotas."""
    programs = list(programs)
    used: dict[int, dict[str | None, int]] = defaultdict(dict)
    for program_id, code, count in db.session.execute(_used([p.id for p in programs])) if programs else ():
        used[program_id][code] = count
    return {program.id: _numbers(program, used[program.id]) for program in programs}


def _numbers(program: Program, used: dict[str | None, int]) -> ProgramNumbers:
    quotas = {quota.region_code: quota.quota for quota in program.quotas}
    others = [RegionQuota(code, None, count) for code, count in used.items() if code not in quotas]
    return ProgramNumbers(
        target=program.target,
        used=sum(used.values()),
        regions=[RegionQuota(code, quota, used.get(code, 0)) for code, quota in quotas.items()],
        others=sorted(others, key=lambda region: (region.code is None, -region.used, region.code or "")),
    )


def _used(program_ids: list[int]):
    """(program, region, businesses): the businesses that belong to each program (halal/facilitation/services.py says
    which), each in the region known latest of it. A business counts once in a program, also when the directory knows
    it twice by the same NIB. Attendees who named no business use no quota.
    """
    program_id, business_id = of_programs(program_ids).subquery().c
    # people are recognized by a person's decision, so one business may stand in the directory twice: the NIB tells
    key = func.coalesce(Business.nib, cast(Business.id, String))
    once = (
        select(program_id, func.max(Business.id).label("latest"))
        .join(Business, Business.id == business_id)
        .group_by(program_id, key)
        .subquery()
    )
    return (
        select(once.c.program_id, Business.region_code, func.count())
        .join(Business, Business.id == once.c.latest)
        .group_by(once.c.program_id, Business.region_code)
    )

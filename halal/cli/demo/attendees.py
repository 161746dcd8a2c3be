"""Registrations of the demo, made by the services that real ones go through, at the moments they are told for."""

import random
import zlib
from datetime import datetime, time, timedelta

from halal import clock
from halal.cli.demo.inventing import Inventor
from halal.cli.demo.moments import at
from halal.events.models import Event
from halal.registrations import services
from halal.registrations.models import Registration, Source
from halal.registrations.services import Details

LEAD_TIME = timedelta(days=30)  # from the announcement to the event


def add(event: Event, plan: dict, flavor: str, user_id: int) -> list[Registration]:
    """Register everybody of the plan, in the order they came: numbers by region, by source, and without a NIB."""
    dice = random.Random(event.slug)  # noqa: S311 - to be repeated, not to be secret
    regions, sources = _mixed(plan["regions"], dice), [Source(name) for name in _mixed(plan["sources"], dice)]
    assert len(regions) == len(sources)
    inventor = Inventor(event.slug, flavor, zlib.crc32(event.slug.encode()) % 10_000)
    if plan.get("from_partners"):
        institutions = [partner.name for partner in event.partners]
        people = list(inventor.delegates(regions, institutions))
    else:
        people = list(inventor.people(regions, plan.get("curious_names", False)))
        _take_nibs_away(people, sources, plan.get("without_nib", 0), event.needs_nib)
    coming = [(_when(event, source, dice), n) for n, source in enumerate(sources)]
    return [_register(event, people[n], sources[n], moment, user_id) for moment, n in sorted(coming)]


def _mixed(counts: dict[str, int], dice: random.Random) -> list[str]:
    items = [name for name, count in counts.items() for _n in range(count)]
    dice.shuffle(items)
    return items


def _take_nibs_away(people: list[Details], sources: list[Source], count: int, needed: bool) -> None:
    # where a NIB is needed, only an office registers somebody without one
    may = [n for n, source in enumerate(sources) if not needed or source in {Source.DESK, Source.IMPORT}]
    for n in may[:: max(1, len(may) // count)][:count] if count else ():
        people[n] = services.Details(**{**people[n].__dict__, "nib": None})


def _when(event: Event, source: Source, dice: random.Random) -> datetime:
    latest = min(event.starts_at, clock.now())
    if source is Source.WALK_IN:
        return event.starts_at + timedelta(seconds=dice.randrange(300, 3000))
    if source is Source.IMPORT:
        return latest - timedelta(days=6)
    earlier = latest - timedelta(hours=2, seconds=dice.randrange(int(LEAD_TIME.total_seconds() * 0.8)))
    if source is Source.DESK:
        return min(at(earlier, time(dice.randrange(8, 16), dice.randrange(60)), event.timezone), latest)
    return earlier


def _register(event: Event, details: Details, source: Source, moment: datetime, user_id: int) -> Registration:
    with clock.stopped_at(moment):
        return services.register(
            event, services.clean(details, event, need_nib=False), source=source, invented=True,
            user_id=None if source is Source.PUBLIC else user_id, over_capacity=source is Source.WALK_IN, locked=True,
        )  # fmt: skip

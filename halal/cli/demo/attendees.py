"""Registrations of the demo, made by the services that real ones go through, at the moments they are told for."""

import random
import zlib
from datetime import datetime, time, timedelta

from halal import clock
from halal.cli.demo.inventing import Inventor
from halal.cli.demo.moments import at
from halal.events.models import Event
from halal.extensions import db
from halal.people import services as directory
from halal.registrations import consents, search, services
from halal.registrations.models import ConsentPurpose, Registration, RegistrationStatus, Source
from halal.registrations.services import Details

LEAD_TIME = timedelta(days=30)  # from the announcement to the event


def add(event: Event, plan: dict, flavor: str, user_id: int) -> list[Registration]:
    """Register everybody of the plan in the order they came, a spreadsheet first: by region, source, without NIB."""
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
    coming = sorted((_when(event, source, dice), n) for n, source in enumerate(sources))
    imported = [n for _moment, n in coming if sources[n] is Source.IMPORT]
    registered = _import(event, [people[n] for n in imported], coming[0][0], user_id) if imported else []
    for moment, n in coming:
        if sources[n] is not Source.IMPORT:
            registered.append(_register(event, people[n], sources[n], moment, user_id))
    return registered


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
        return latest - LEAD_TIME
    earlier = latest - timedelta(hours=2, seconds=dice.randrange(int(LEAD_TIME.total_seconds() * 0.8)))
    if source is Source.DESK:
        return min(at(earlier, time(dice.randrange(8, 16), dice.randrange(60)), event.timezone), latest)
    return earlier


def _register(event: Event, details: Details, source: Source, moment: datetime, user_id: int) -> Registration:
    public = source is Source.PUBLIC
    with clock.stopped_at(moment):
        registration = services.register(
            event, services.clean(details, event, need_nib=False), source=source, invented=True,
            user_id=None if public else user_id, over_capacity=source is Source.WALK_IN, locked=True,
        )  # fmt: skip
    if public and event.last_moment > clock.now():  # earlier the present text was not written yet
        with clock.stopped_at(moment):
            services.give_consent(registration, ConsentPurpose.REGISTRATION, f"{consents.known(None)}/id")
    return registration


def _import(event: Event, people: list[Details], moment: datetime, user_id: int) -> list[Registration]:
    """What taking a spreadsheet does: many at once, so that a thousand take a second."""
    with clock.stopped_at(moment):
        made = [
            services.build(
                event, services.clean(details, event, need_nib=False), source=Source.IMPORT, user_id=user_id,
                status=RegistrationStatus.CONFIRMED, invented=True,
            )
            for details in people
        ]  # fmt: skip
        described = [directory.describe_new(event.organization_id, one, invented=True) for one in made]
        known = directory.remember_new(event.organization_id, described)
        for registration, (person_id, business_id) in zip(made, known, strict=True):
            registration.person_id, registration.business_id = person_id, business_id
        db.session.add_all(made)
        search.index(made)
    return made

"""Arrivals of the demo: operations of tablets at the door, recorded as real ones are."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from halal import clock, ids
from halal.checkin import services
from halal.checkin.models import OpKind
from halal.checkin.wire import Batch, Incoming
from halal.cli.demo.moments import at
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus, Source

_TOGETHER = 40  # operations in one batch
_STAY = 0.92  # of those who came, who is also at the next session


def add(event: Event, plan: dict, registrations: list[Registration], user_id: int) -> None:
    """Check in the share `show_up`, most of them around the `peak`; walk-ins came when they were registered."""
    db.session.flush()
    operations = sorted(_operations(event, plan, registrations), key=lambda operation: operation.client_at)
    place = services.find_place(event.organization_id, event.slug)
    tablets = [ids.uuid7() for _n in range(3 if len(registrations) > 100 else 1)]
    for number, start in enumerate(range(0, len(operations), _TOGETHER)):
        some = tuple(operations[start : start + _TOGETHER])
        sent = some[-1].client_at
        with clock.stopped_at(sent):
            services.record(place, Batch(event.slug, tablets[number % len(tablets)], None, sent, some), user_id=user_id)
    db.session.refresh(event)


def _operations(event: Event, plan: dict, registrations: list[Registration]) -> Iterator[Incoming]:
    dice = random.Random(f"{event.slug} arrivals")  # noqa: S311 - to be repeated, not to be secret
    first, peak, last = (
        at(event.starts_at, plan[key], event.timezone).timestamp() for key in ("first", "peak", "last")
    )
    for registration in registrations:
        if registration.status is not RegistrationStatus.CONFIRMED:
            continue
        walk_in = registration.source is Source.WALK_IN
        if not walk_in and dice.random() > plan["show_up"]:
            continue
        moment = datetime.fromtimestamp(dice.triangular(first, last, peak), event.starts_at.tzinfo)
        yield _arrival(registration, event.sessions[0].id, registration.created_at if walk_in else moment, walk_in)
        for session in event.sessions[1:]:
            if dice.random() < _STAY:
                yield _arrival(registration, session.id, session.starts_at + timedelta(seconds=dice.randrange(900)))


def _arrival(registration: Registration, session_id: int, moment: datetime, walk_in: bool = False) -> Incoming:
    return Incoming(
        id=ids.uuid7(), kind=OpKind.WALK_IN if walk_in else OpKind.CHECK_IN, client_at=moment, session_id=session_id,
        registration_id=registration.id, name=registration.name if walk_in else "", via="search",
    )  # fmt: skip

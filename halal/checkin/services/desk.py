"""Operations that staff write at the desk, without a tablet: from the board, and from paper."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from halal import clock
from halal.audit import services as audit
from halal.checkin.services.log import record
from halal.checkin.services.lookup import Place
from halal.checkin.services.results import Result
from halal.checkin.wire import Batch, Incoming
from halal.events.models import Event


def write(
    event: Event, operations: Sequence[Incoming], *, user_id: int | None, sent_at: datetime | None = None
) -> list[Result]:
    """Add operations to the event's log; sent now, unless their sender names the moment that they belong to."""
    place = Place(
        event_id=event.id, organization_id=event.organization_id, slug=event.slug, status=event.status,
        timezone=event.timezone, log_id=event.log_id, sessions={s.id: s.title for s in event.sessions},
    )  # fmt: skip
    return record(place, Batch(event.slug, None, None, sent_at or clock.now(), tuple(operations)), user_id=user_id)


def note(action: str, event: Event, registration_id: uuid.UUID, user_id: int) -> None:
    """Write to the trail what was done about somebody."""
    audit.record(action, organization_id=event.organization_id, user_id=user_id,
                 subject=f"registration:{registration_id}", event_id=event.id)  # fmt: skip

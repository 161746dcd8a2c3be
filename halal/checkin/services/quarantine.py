"""Operations that tablets sent and the log did not take. Nothing that was tapped is thrown away unseen."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from halal import clock
from halal.audit import services as audit
from halal.checkin import wire
from halal.checkin.models import Device, QuarantinedOp, QuarantineReason
from halal.checkin.services.log import record
from halal.checkin.services.lookup import find_place
from halal.checkin.services.writes import put_quarantined
from halal.errors import Conflict, DomainError, NotFound
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration

LISTED = 50
log = logging.getLogger(__name__)
# Nothing that the shipped page says is half as long.
MOST_OF_AN_OP = 10_000
# A tablet in wrong hands can send for as long as it likes; what it fills ends here.
MOST_OF_A_DEVICE = 5_000


class Full(DomainError):
    """A tablet sent more than anybody can look through."""

    status = 429


def keep(event_id: int, batch: wire.Batch, items: Sequence[tuple[QuarantineReason, object]]) -> None:
    """Keep these (reason, operation as it came). Sent again, they are kept once. Raises Full."""
    of_device = select(func.count()).select_from(QuarantinedOp).where(QuarantinedOp.device_id == batch.device_id)
    if db.session.scalar(of_device) + len(items) > MOST_OF_A_DEVICE:
        log.warning("tablet %s of event %s sent too much that could not be recorded", batch.device_id, event_id)
        raise Full(_l("This tablet sent too much that could not be recorded. Ask the organizer."))
    for reason, count in Counter(reason for reason, _raw in items).items():
        log.warning("tablet %s of event %s: %s operations set aside, %s", batch.device_id, event_id, count, reason)
    now = clock.now()
    put_quarantined([_row(event_id, batch, reason, raw, now) for reason, raw in items])


def _row(event_id: int, batch: wire.Batch, reason: QuarantineReason, raw: object, now: datetime) -> dict:
    content = _written(raw)
    dev_seq = raw.get("dev_seq") if isinstance(raw, dict) else None
    return {
        "event_id": event_id, "device_id": batch.device_id, "store_id": batch.store_id, "reason": reason,
        "dev_seq": dev_seq if type(dev_seq) is int and 0 < dev_seq < 2**31 else None,
        "content": content[:MOST_OF_AN_OP], "content_hash": hashlib.sha256(content.encode()).hexdigest(),
        "sent_at": batch.sent_at, "received_at": now,
    }  # fmt: skip


def _written(raw: object) -> str:
    try:
        return json.dumps(raw, sort_keys=True)
    except RecursionError:  # it could just be read; it is nothing that anybody could look at
        return "null"


def quarantined(event: Event) -> list[tuple[QuarantinedOp, str, str]]:
    """(operation, whom it is about, tablet) of those that nobody settled, oldest first."""
    rows = db.session.execute(
        select(QuarantinedOp, Device.name)
        .join(Device, Device.id == QuarantinedOp.device_id)
        .where(QuarantinedOp.event_id == event.id, QuarantinedOp.settled_at.is_(None))
        .order_by(QuarantinedOp.id)
        .limit(LISTED)
    ).all()
    return [(row, _whom(event, row), name) for row, name in rows]


def _whom(event: Event, row: QuarantinedOp) -> str:
    """The name of whom an operation is about, as far as it says so."""
    op = _read(row)
    if op is None:
        return ""
    if op.name:
        return op.name
    of_event = select(Registration.name).where(Registration.event_id == event.id)
    if op.registration_id:
        return db.session.scalar(of_event.where(Registration.id == op.registration_id)) or ""
    return db.session.scalar(of_event.where(Registration.token_hash == op.token_hash)) or "" if op.token_hash else ""


def _read(row: QuarantinedOp) -> wire.Incoming | None:
    try:
        return wire.read_stored(json.loads(row.content))
    except (wire.Garbage, ValueError):  # the latter when it was too long to keep all of it
        return None


def accept(event: Event, row_id: int, *, user_id: int) -> None:
    """Record a kept operation after all, at the time it says. Raises NotFound, Conflict when the log refuses it."""
    row, now = _open_row(event, row_id), clock.now()
    op = _read(row)
    if op is None:
        raise Conflict(_l("This cannot be read, so it cannot be recorded. Take it off the list."))
    place = find_place(event.organization_id, event.slug, row.device_id)
    # the log corrects times by the difference between sending and arrival: keep the one of its first arrival
    batch = wire.Batch(event.slug, row.device_id, row.store_id, now - (row.received_at - row.sent_at), (op,))
    (result,) = record(place, batch, user_id=user_id)
    if result.seq is None:
        raise Conflict(result.message or _l("The log does not take this. Check the person in by hand instead."))
    _settle(event, row, user_id, "checkin.quarantine_accepted")


def dismiss(event: Event, row_id: int, *, user_id: int) -> None:
    """Take a kept operation off the list. Raises NotFound."""
    _settle(event, _open_row(event, row_id), user_id, "checkin.quarantine_dismissed")


def _open_row(event: Event, row_id: int) -> QuarantinedOp:
    row = db.session.scalar(
        select(QuarantinedOp)
        .where(QuarantinedOp.id == row_id, QuarantinedOp.event_id == event.id, QuarantinedOp.settled_at.is_(None))
        .with_for_update()
    )
    if row is None:
        raise NotFound(_l("This was settled already."))
    return row


def _settle(event: Event, row: QuarantinedOp, user_id: int, action: str) -> None:
    row.settled_at, row.settled_by_id = clock.now(), user_id
    audit.record(action, organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}",
                 quarantined=row.id, reason=row.reason.value)  # fmt: skip

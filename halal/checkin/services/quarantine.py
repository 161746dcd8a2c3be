"""Operations that tablets sent and the log did not take. Nothing that was tapped is thrown away unseen."""

import hashlib
import json
import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, select, update

from halal import clock
from halal.audit import services as audit
from halal.checkin import wire
from halal.checkin.models import Device, QuarantinedOp, QuarantineReason
from halal.checkin.services.log import record
from halal.checkin.services.lookup import find_place, refuse_closed
from halal.checkin.services.writes import put_quarantined
from halal.errors import Conflict, DomainError, NotFound
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration

LISTED = 50
MOST_DECIDED = 500  # of a tablet's, that are looked through for it
AT_ONCE = 500  # recorded with one tap; more than that with the next one
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


@dataclass(frozen=True)
class Pile:
    """How many operations wait for the same reason; of `homeless` ones the session must be chosen."""

    reason: QuarantineReason
    count: int
    homeless: bool


_TOGETHER = (QuarantineReason.SESSION_GONE, QuarantineReason.EVENT_CLOSED, QuarantineReason.TOO_MANY)


def piles(event: Event) -> list[Pile]:
    """What may be recorded together, because nothing is wrong with each of them."""
    counts = db.session.execute(
        select(QuarantinedOp.reason, func.count())
        .where(_is_open(event), QuarantinedOp.reason.in_(_TOGETHER))
        .group_by(QuarantinedOp.reason)
    )
    return [Pile(reason, count, any(_is_homeless(event, op) for op in _of_pile(event, reason)))
            for reason, count in sorted(counts, key=lambda row: row[0])]  # fmt: skip


def _of_pile(event: Event, reason: QuarantineReason) -> list[wire.Incoming]:
    rows = db.session.scalars(
        select(QuarantinedOp).where(_is_open(event), QuarantinedOp.reason == reason).limit(AT_ONCE)
    )
    return [op for row in rows if (op := _read(row)) is not None]


def _is_open(event: Event):
    return and_(QuarantinedOp.event_id == event.id, QuarantinedOp.settled_at.is_(None))


def _is_homeless(event: Event, op: wire.Incoming | None) -> bool:
    """Whether the session of an operation is gone."""
    return op is not None and op.session_id is not None and op.session_id not in {one.id for one in event.sessions}


def quarantined(event: Event) -> list[tuple[QuarantinedOp, str, str]]:
    """(operation, whom it is about, tablet) of those that nobody settled, oldest first."""
    rows = db.session.execute(
        select(QuarantinedOp, Device.name)
        .join(Device, Device.id == QuarantinedOp.device_id)
        .where(_is_open(event))
        .order_by(QuarantinedOp.id)
        .limit(LISTED)
    ).all()
    return [(row, _whom(event, row), name) for row, name in rows]


def homeless(event: Event, rows: Iterable[QuarantinedOp]) -> set[int]:
    """The numbers of those whose session is gone."""
    return {row.id for row in rows if _is_homeless(event, _read(row))}


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


def accept(event: Event, row_id: int, *, session_id: int | None = None, user_id: int) -> None:
    """Record a kept operation after all, at the time it says; at this session when its own is gone. Raises NotFound,
    Conflict when the log refuses it."""
    refuse_closed(event.status)
    row = _open_row(event, row_id)
    op = _read(row)
    if op is None:
        raise Conflict(_l("This cannot be read, so it cannot be recorded. Take it off the list."))
    (result,) = _record(event, [row], [_placed(event, op, session_id)], user_id)
    if result.seq is None:
        raise Conflict(result.message or _l("The log does not take this. Check the person in by hand instead."))
    _settle(event, row, user_id, "checkin.quarantine_accepted")


def accept_all(
    event: Event, reason: QuarantineReason, *, session_id: int | None = None, user_id: int
) -> tuple[int, int]:
    """Record what was kept for this reason; AT_ONCE at most. (how many, how many the log refuses: they stay). Raises
    Conflict."""
    refuse_closed(event.status)
    rows = db.session.scalars(
        select(QuarantinedOp)
        .where(_is_open(event), QuarantinedOp.reason == reason)
        .order_by(QuarantinedOp.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    together: dict[tuple, list] = defaultdict(list)  # what came with one question has one clock
    for row in rows:
        if (op := _read(row)) is not None:
            sent = row.device_id, row.store_id, row.received_at - row.sent_at
            together[sent].append((row, _placed(event, op, session_id)))
    recorded = 0
    for items in together.values():
        results = _record(event, [row for row, _op in items], [op for _row, op in items], user_id)
        for (row, _op), result in zip(items, results, strict=True):
            if result.seq is not None:
                recorded += 1
                _settle(event, row, user_id, "checkin.quarantine_accepted")
    return recorded, len(rows) - recorded


def _placed(event: Event, op: wire.Incoming, session_id: int | None) -> wire.Incoming:
    """An operation as it is recorded late: at a session that the event has; and without its place in the tablet's
    storage, so that the tablet, which counts it no more, hears of it as of somebody else's."""
    if not _is_homeless(event, op):
        return replace(op, dev_seq=None)
    if session_id not in {one.id for one in event.sessions}:
        raise Conflict(_l("Its session is gone. Choose the session for which it counts."))
    return replace(op, dev_seq=None, session_id=session_id)


def _record(event: Event, rows: Sequence[QuarantinedOp], ops: Sequence[wire.Incoming], user_id: int) -> list:
    first = rows[0]
    place = find_place(event.organization_id, event.slug, first.device_id)
    # the log corrects times by the difference between sending and arrival: keep the one of its first arrival
    sent_at = clock.now() - (first.received_at - first.sent_at)
    return record(place, wire.Batch(event.slug, first.device_id, first.store_id, sent_at, tuple(ops)), user_id=user_id)


def dismiss_all(event: Event, device_id: uuid.UUID, *, user_id: int) -> int:
    """Take everything that a tablet sent off the list; how much."""
    of_device = _is_open(event), QuarantinedOp.device_id == device_id
    now = clock.now()
    rows = update(QuarantinedOp).where(*of_device).values(settled_at=now, settled_by_id=user_id)
    return db.session.execute(rows.execution_options(synchronize_session=False)).rowcount


def decided(event_id: int, device_id: uuid.UUID, op_ids: Collection[str]) -> list[str]:
    """Those of a tablet's kept operations that somebody decided about, recorded or left out."""
    if not op_ids:
        return []
    of_device = QuarantinedOp.event_id == event_id, QuarantinedOp.device_id == device_id
    contents = db.session.scalars(
        select(QuarantinedOp.content)
        .where(*of_device, QuarantinedOp.settled_at.is_not(None))
        .order_by(QuarantinedOp.settled_at.desc())
        .limit(MOST_DECIDED)
    )
    return sorted({_id_of(content) for content in contents} & set(op_ids))


def _id_of(content: str) -> str:
    try:
        raw = json.loads(content)
    except ValueError:  # it was too long to keep all of it
        return ""
    return str(raw.get("id", "")) if isinstance(raw, dict) else ""


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

"""What others wrote, for a tablet that knows the log up to a number.

The numbers are in commit order, so whoever sees one sees all before it: reading on from the last one skips nothing.
"""

import logging
import uuid
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, or_, select, update

from halal import ids
from halal.checkin.fold import corrected_time
from halal.checkin.models import CheckInOp, Device
from halal.checkin.services.history import OPERATION, to_op, where_from
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration

MOST = 500
log = logging.getLogger(__name__)

_ops, _people, _devices, _events = (table.__table__ for table in (CheckInOp, Registration, Device, Event))
_AFTER = (
    select(*OPERATION, _people.c.name.label("name"), _devices.c.name.label("where"))
    .outerjoin(_people, (_people.c.id == _ops.c.registration_id) & (_people.c.event_id == _ops.c.event_id))
    .outerjoin(_devices, _devices.c.id == _ops.c.device_id)
    .where(_ops.c.event_id == bindparam("event"), _ops.c.seq > bindparam("cursor"))
    .order_by(_ops.c.seq)
    .limit(MOST)
)
_MARKS = (
    select(_events.c.log_id, _ops.c.seq, _ops.c.op_id)
    .outerjoin(_ops, and_(_ops.c.event_id == _events.c.id, or_(
        _ops.c.seq == bindparam("cursor"), _ops.c.op_id == bindparam("latest", type_=_ops.c.op_id.type))))
    .where(_events.c.id == bindparam("event"))
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    """How far a tablet has read a log: its name, the last number, the operation there (None: it did not say), and the
    tablet's own operation with the highest number (None: it has none)."""

    log_id: str | None
    cursor: int
    tail: uuid.UUID | None
    latest: uuid.UUID | None


_BEGINNING = Read(None, 0, None, None)


def recognize(event_id: int, read: Read) -> tuple[str, bool]:
    """(the log's name, whether it still holds what a tablet read in it and wrote to it).

    A server whose last commits were lost with its power, or whose database was put back by hand, goes on with the same
    log and gives its numbers anew. Only a tablet can notice: another operation stands where it stopped reading, or its
    own latest one is gone. A log loses its end, never its middle, so the latest one answers for all before it.
    """
    asked = {"event": event_id, "cursor": read.cursor, "latest": read.latest}
    rows = db.session.connection().execute(_MARKS, asked).all()
    found = {row.op_id: row.seq for row in rows}
    at_cursor = read.cursor in found.values() if read.tail is None else found.get(read.tail) == read.cursor
    known = (read.cursor == 0 or at_cursor) and (read.latest is None or read.latest in found)
    return rows[0].log_id, known and read.log_id == rows[0].log_id


def rename_log(event_id: int, log_id: str) -> str:
    """Call the log something else, once one tablet has noticed that its end is gone: then all of them send everything
    again, and read from the beginning. Of several who notice at once, the first names it."""
    new = str(ids.uuid7())
    query = update(Event).where(Event.id == event_id, Event.log_id == log_id).values(log_id=new)
    db.session.execute(query.execution_options(synchronize_session=False))
    log.error("event %s: the end of the check-in log is gone; tablets are asked for all they have", event_id)
    return db.session.scalar(select(Event.log_id).where(Event.id == event_id))


def changes(event_id: int, read: Read | None, store_id: str) -> dict:
    """What came after that this storage does not hold; from the beginning when it read nothing of this log.

    Operations without a number of the storage are not in it: they could not be written there, and came at once.
    """
    read = read or _BEGINNING
    rows = db.session.connection().execute(_AFTER, {"event": event_id, "cursor": read.cursor}).all()
    others = [_change(row) for row in rows if row.store_id != store_id or row.dev_seq is None]
    last, tail = (rows[-1].seq, rows[-1].op_id) if rows else (read.cursor, read.tail)
    return {"changes": others, "cursor": last, "tail": tail and str(tail), "more": len(rows) == MOST}


def _change(row) -> dict:
    op, payload = to_op(row), row.payload or {}
    return {
        "seq": op.seq, "id": str(op.op_id), "kind": op.kind.value, "session": op.session_id,
        "registration": op.registration_id and str(op.registration_id), "token_hash": payload.get("token_hash"),
        "at": corrected_time(op).isoformat(), "undoes": sorted(str(i) for i in op.undoes),
        "into": op.into and str(op.into), "name": row.name or payload.get("name") or "",
        "where": where_from(row.where, payload),
    }  # fmt: skip

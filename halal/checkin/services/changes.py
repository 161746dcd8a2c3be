"""What others wrote, for a tablet that knows the log up to a number.

The numbers are in commit order, so whoever sees one sees all before it: reading on from the last one skips nothing.
"""

from sqlalchemy import bindparam, select

from halal.checkin.fold import corrected_time
from halal.checkin.models import CheckInOp, Device
from halal.checkin.services.history import OPERATION, to_op, where_from
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration

MOST = 500

_ops, _people, _devices = CheckInOp.__table__, Registration.__table__, Device.__table__
_AFTER = (
    select(*OPERATION, _people.c.name.label("name"), _devices.c.name.label("where"))
    .outerjoin(_people, (_people.c.id == _ops.c.registration_id) & (_people.c.event_id == _ops.c.event_id))
    .outerjoin(_devices, _devices.c.id == _ops.c.device_id)
    .where(_ops.c.event_id == bindparam("event"), _ops.c.seq > bindparam("cursor"))
    .order_by(_ops.c.seq)
    .limit(MOST)
)


def last_seq(event_id: int) -> int:
    """The number of the event's latest operation; 0 when there is none."""
    return db.session.scalar(select(Event.next_seq - 1).where(Event.id == event_id))


def changes(event_id: int, cursor: int, store_id: str) -> tuple[list[dict], int, bool]:
    """(operations after the cursor that this storage did not send, the new cursor, whether there are more)."""
    rows = db.session.connection().execute(_AFTER, {"event": event_id, "cursor": cursor}).all()
    others = [_change(row) for row in rows if row.store_id != store_id]
    return others, rows[-1].seq if rows else cursor, len(rows) == MOST


def _change(row) -> dict:
    op, payload = to_op(row), row.payload or {}
    return {
        "seq": op.seq, "id": str(op.op_id), "kind": op.kind.value, "session": op.session_id,
        "registration": op.registration_id and str(op.registration_id), "token_hash": payload.get("token_hash"),
        "at": corrected_time(op).isoformat(), "undoes": sorted(str(i) for i in op.undoes),
        "into": op.into and str(op.into), "name": row.name or payload.get("name") or "",
        "where": where_from(row.where, payload),
    }  # fmt: skip

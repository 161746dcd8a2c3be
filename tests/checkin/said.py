"""What a tablet would say, for tests."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from halal import ids
from halal.checkin import wire
from halal.checkin.models import QuarantinedOp

DEVICE = ids.uuid7()


def now() -> str:
    return datetime.now(UTC).isoformat()


def check_in(session, registration=None, **more) -> dict:
    op = {"id": str(ids.uuid7()), "kind": "checkin", "client_at": now(), "session": getattr(session, "id", session)}
    if registration is not None:
        op["registration"] = str(getattr(registration, "id", registration))
    return {**op, **more}


def scan(session, token: str, **more) -> dict:
    return check_in(session, token=token, **more)


def walk_in(session, name="Ibu Tamu", contact="", **more) -> dict:
    return {**check_in(session, ids.uuid7()), "kind": "walkin", "name": name, "contact": contact, **more}


def undo(registration, *op_ids, **more) -> dict:
    op = {"id": str(ids.uuid7()), "kind": "undo", "client_at": now(), "ops": [str(i) for i in op_ids]}
    if registration is not None:
        op["registration"] = str(getattr(registration, "id", registration))
    return {**op, **more}


def merge(registration, into, **more) -> dict:
    op = {"id": str(ids.uuid7()), "kind": "merge", "client_at": now()}
    return {**op, "registration": str(registration), "into": str(into), **more}


def batch(event, *ops, device: UUID = DEVICE, store="store-1", sent_at=None, **more) -> dict:
    return {
        "v": 1, "event": event.slug, "device": str(device), "store_id": store, "sent_at": sent_at or now(),
        "ops": list(ops), **more,
    }  # fmt: skip


def read(event, *ops, **more) -> wire.Batch:
    return wire.read_batch(batch(event, *ops, **more))


def kept(db, event) -> list[QuarantinedOp]:
    """What lies in quarantine, settled or not, in order of arrival."""
    of_event = select(QuarantinedOp).where(QuarantinedOp.event_id == event.id)
    return db.session.scalars(of_event.order_by(QuarantinedOp.id)).all()

"""INSERT … ON CONFLICT, which both databases write alike and SQLAlchemy does not."""

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from halal.checkin.models import Attendance, Device, DeviceStore, QuarantinedOp
from halal.extensions import db
from halal.prepared import Prepared


def _insert(dialect: str):
    return {"postgresql": postgresql, "sqlite": sqlite}[dialect].insert


@Prepared
def _attendance(dialect: str):
    statement = _insert(dialect)(Attendance.__table__)
    return statement.on_conflict_do_update(
        index_elements=["session_id", "registration_id"],
        set_={name: statement.excluded[name] for name in ("op_id", "at", "uncertain")},
    )


@Prepared
def _device(dialect: str):
    return _insert(dialect)(Device.__table__).on_conflict_do_nothing(index_elements=["id"])


@Prepared
def _store(dialect: str):
    statement = _insert(dialect)(DeviceStore.__table__)
    said = statement.excluded
    last = case((said.last_dev_seq > DeviceStore.last_dev_seq, said.last_dev_seq), else_=DeviceStore.last_dev_seq)
    return statement.on_conflict_do_update(
        index_elements=["event_id", "store_id"],
        set_={
            "device_id": said.device_id, "last_dev_seq": last, "unsent": said.unsent,
            "skew_seconds": said.skew_seconds, "last_seen_at": said.last_seen_at,
        },
    )  # fmt: skip


@Prepared
def _quarantined(dialect: str):
    unique = ["device_id", "content_hash"]
    return _insert(dialect)(QuarantinedOp.__table__).on_conflict_do_nothing(index_elements=unique)


def put_attendance(rows: list[dict]) -> None:
    """Write attendance rows; those that exist get the new operation and time."""
    _attendance.insert(db.session.connection(), rows)


def put_device(row: dict) -> None:
    """Add a device, unless another request of the same tablet was faster."""
    _device.insert(db.session.connection(), [row])


def put_store(row: dict) -> None:
    """Write what a tablet says of its storage."""
    _store.insert(db.session.connection(), [row])


def put_quarantined(rows: list[dict]) -> None:
    """Keep operations that the log did not take; one that is kept already stays as it is."""
    _quarantined.insert(db.session.connection(), rows)

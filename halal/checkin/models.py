"""Check-ins: an append-only log of operations, and the attendance computed from it."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from halal import clock, ids
from halal.extensions import db
from halal.registrations.models import Attendance
from halal.types import enum_type

__all__ = ["Attendance", "CheckInOp", "Device", "OpKind"]


class OpKind(StrEnum):
    CHECK_IN = "checkin"
    UNDO = "undo"
    WALK_IN = "walkin"
    MERGE = "merge"
    UNKNOWN_SCAN = "unknown_scan"


_RARE = text("kind <> 'checkin'")


class Device(db.Model):
    """A browser that writes operations to one event: it makes its own id, and the first operation makes the row."""

    __tablename__ = "devices"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class CheckInOp(db.Model):
    """One recorded operation. Never changed, never deleted; what it means is computed by halal/checkin/fold.py.

    `op_id` (UUIDv7) is made where the tap happens, so sending it twice records it once. `seq` counts the event's
    operations without gaps, in commit order. `registration_id` is no foreign key: a tablet may know somebody
    before the server does. `payload` of an undo: {"ops": [op ids it takes back]}; of a walk-in: {"name", …};
    of a merge: {"into": registration id}; of an unknown scan: {"token_hash"}. `payload_hash` covers what the
    tablet said, so that the same id with other content is noticed.
    """

    __tablename__ = "checkin_ops"
    __table_args__ = (
        UniqueConstraint("event_id", "seq"),
        UniqueConstraint("device_id", "store_id", "dev_seq"),
        Index("ix_checkin_ops_event_id_registration_id", "event_id", "registration_id"),
        # merges, walk-ins, unknown scans: few among many check-ins, which cost this index nothing
        Index("ix_checkin_ops_event_id_kind", "event_id", "kind", postgresql_where=_RARE, sqlite_where=_RARE),
    )

    op_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    seq: Mapped[int]
    kind: Mapped[OpKind] = mapped_column(enum_type(OpKind))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("event_sessions.id"))
    registration_id: Mapped[uuid.UUID | None]
    payload: Mapped[dict] = mapped_column(JSON, default=dict)
    payload_hash: Mapped[str] = mapped_column(String(64))
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("devices.id"))
    store_id: Mapped[str | None] = mapped_column(String(40))
    dev_seq: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    client_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)

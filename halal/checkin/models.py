"""Check-ins: an append-only log of operations, and the attendance computed from it."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from halal import clock, ids
from halal.extensions import db
from halal.registrations.models import Attendance
from halal.types import enum_type

__all__ = [
    "Attendance", "CheckInOp", "Device", "DevicePairing", "DeviceStore", "DifferentPeople", "OpKind",
    "QuarantineReason", "QuarantinedOp",
]  # fmt: skip


class OpKind(StrEnum):
    CHECK_IN = "checkin"
    UNDO = "undo"
    WALK_IN = "walkin"
    MERGE = "merge"
    UNKNOWN_SCAN = "unknown_scan"


_RARE = text("kind <> 'checkin'")


class Device(db.Model):
    """A browser that writes operations to one event.

    A paired tablet has a secret (`token_hash`) and needs no log-in, until `expires_at`; an officer's browser makes its
    own id, and its first operation makes the row. Revoked: lost or stolen, nothing from it is believed any more.
    Closed: the event is over, what it still sends is recorded, but it learns nothing more.
    """

    __tablename__ = "devices"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class DevicePairing(db.Model):
    """A code that makes one tablet a device of one event, once, within minutes. Only its hash is kept."""

    __tablename__ = "device_pairings"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("devices.id"))


class DeviceStore(db.Model):
    """The storage of a tablet's operations, as the tablet last reported it.

    A tablet whose storage was wiped begins a new one; what the old one had numbered (`last_dev_seq`) and never sent is
    lost, and shows as a gap. A tablet that is paired again keeps its storage. `skew_seconds`: its clock minus ours.
    """

    __tablename__ = "device_stores"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    store_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), index=True)
    last_dev_seq: Mapped[int] = mapped_column(default=0)
    unsent: Mapped[int] = mapped_column(default=0)
    skew_seconds: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)


class QuarantineReason(StrEnum):
    """Why an operation was kept and not believed."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    CONFLICT = "conflict"
    INVALID = "invalid"
    OTHER_EVENT = "other_event"
    NOT_ALLOWED = "not_allowed"
    SESSION_GONE = "session_gone"
    EVENT_CLOSED = "event_closed"
    TOO_MANY = "too_many"


class QuarantinedOp(db.Model):
    """What a tablet sent and the log did not take: kept as it came, until an organizer decides."""

    __tablename__ = "quarantined_ops"
    __table_args__ = (
        UniqueConstraint("device_id", "content_hash"),
        Index("ix_quarantined_ops_event_id_settled_at", "event_id", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"))
    store_id: Mapped[str] = mapped_column(String(40))
    dev_seq: Mapped[int | None]
    reason: Mapped[QuarantineReason] = mapped_column(enum_type(QuarantineReason))
    content: Mapped[str] = mapped_column(Text)  # JSON, as it came
    content_hash: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DifferentPeople(db.Model):
    """An organizer said that a walk-in and whom it resembles are two people, so the board asks no more."""

    __tablename__ = "different_people"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    walk_in_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    said_at: Mapped[datetime] = mapped_column(default=clock.now)


class CheckInOp(db.Model):
    """One recorded operation. Never changed, never deleted; what it means is computed by halal/checkin/fold.py.

    `op_id` (UUIDv7) is made where the tap happens, so sending it twice records it once. `seq` counts the event's
    operations without gaps, in commit order. `registration_id` is no foreign key: a tablet may know somebody
    before the server does. `payload` of an undo: {"ops": [op ids it takes back]}; of a walk-in: {"name", …, and the
    "token_hash" of an unknown code that the guest came with}; of a merge: {"into": registration id}; of an unknown
    scan: {"token_hash"}; "earliest" where the clock was wrong. `payload_hash` covers what the tablet said, so that the
    same id with other content is noticed.
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

"""Certificates and awards. Issued means immutable: the row keeps what was printed, the file keeps the bytes."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal import clock, ids
from halal.accounts.models import User
from halal.events.models import Event
from halal.extensions import db
from halal.organizations.models import Organization
from halal.types import NEVER_AGAIN, enum_type

REASON_MAX = 300


class CertificateKind(StrEnum):
    ATTENDANCE = "attendance"
    SPEAKER = "speaker"
    AWARD = "award"


class CertificateStatus(StrEnum):
    VALID = "valid"
    REVOKED = "revoked"
    REPLACED = "replaced"


class Certificate(db.Model):
    """One issued certificate. `snapshot` holds every text printed on it; nothing is read from elsewhere later.

    `subject_key` ("registration:…", "person:…", "award:…") is unique among an event's certificates of one kind while
    the certificate is valid, and emptied when it is revoked or replaced: one valid certificate a person and kind.
    `seq` is the running number of `year` in the office, without gaps, and `number` what the office makes of it; what
    another institution issues has neither. The file is stored before the row is committed:
    a row always has its file; a file without a row is left over from an interrupted batch and known to nobody.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "subject_key"),
        UniqueConstraint("organization_id", "year", "seq"),
        UniqueConstraint("organization_id", "number"),
        Index("ix_certificates_event_id_kind_position", "event_id", "kind", "position"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    registration_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("registrations.id"), index=True)
    kind: Mapped[CertificateKind] = mapped_column(enum_type(CertificateKind))
    status: Mapped[CertificateStatus] = mapped_column(enum_type(CertificateStatus), default=CertificateStatus.VALID)
    subject_key: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(32), unique=True, default=ids.code)
    year: Mapped[int]
    seq: Mapped[int | None]
    number: Mapped[str | None] = mapped_column(String(160))
    position: Mapped[int] = mapped_column(default=0)
    recipient: Mapped[str] = mapped_column(String(200))
    issued_on: Mapped[date]
    snapshot: Mapped[dict] = mapped_column(JSON)
    pdf_file: Mapped[str] = mapped_column(String(200))
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(REASON_MAX), default="")
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"))

    event: Mapped[Event] = relationship()
    predecessor: Mapped["Certificate | None"] = relationship(back_populates="successor", uselist=False)
    successor: Mapped["Certificate | None"] = relationship(remote_side=[id], back_populates="predecessor")

    @property
    def shown_number(self) -> str:
        """The office's number, or the one that another institution has printed; perhaps none."""
        return self.number or self.snapshot.get("number", "")


class CertificateShare(db.Model):
    """That a certificate was sent in a messenger, as the person who sent it says. One a certificate."""

    __tablename__ = "certificate_shares"

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class CertificateDesign(db.Model):
    """A version of how an office's certificates of one kind look. The latest counts; rows are added, never changed."""

    __tablename__ = "certificate_designs"
    __table_args__ = (UniqueConstraint("organization_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[CertificateKind] = mapped_column(enum_type(CertificateKind))
    version: Mapped[int]
    look: Mapped[dict] = mapped_column(JSON)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    created_by: Mapped[User | None] = relationship()


class NumberSeries(db.Model):
    """The next running number of an office in one year; locked while a certificate takes it."""

    __tablename__ = "number_series"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    next_seq: Mapped[int] = mapped_column(default=1)


class Award(db.Model):
    """A planned award of an event: whom for what, in the order of honor. Issuing makes a certificate of it.

    `issuer` may be an outside body with a signatory of its own and a number of its own, or none; the office records
    that, and vouches for nothing (certificates/wording.py, outside_issuer). `number`, if given, is printed.
    `recipient_kind` is person or institution.
    """

    __tablename__ = "awards"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(200))
    recipient_kind: Mapped[str] = mapped_column(String(20), default="person")
    received_by: Mapped[str] = mapped_column(String(200), default="")
    citation: Mapped[str] = mapped_column(Text, default="")
    issuer: Mapped[str] = mapped_column(String(200), default="")
    signatory_name: Mapped[str] = mapped_column(String(150), default="")
    signatory_title: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int] = mapped_column(default=0)


_IN_USE = text("retired_at IS NULL")


class SigningKey(db.Model):
    """A key (Ed25519) with which an office signs what its QR codes say. One is in use; what earlier ones signed stays
    true, so they are published for good. `private_key` is locked (halal/vault.py), and emptied when the key retires.

    `compromised_since` is the day from which somebody else may have had the private half: then only the register says
    what the office issued, whatever day a statement names."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        Index("uq_signing_keys_in_use", "organization_id", unique=True, postgresql_where=_IN_USE, sqlite_where=_IN_USE),
    )

    kid: Mapped[str] = mapped_column(String(16), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]
    compromised_since: Mapped[date | None]

    organization: Mapped[Organization] = relationship()


class Seal(db.Model):
    """A certificate (X.509) and its key with which an office seals its PDFs. `chain` is PEM, its own certificate first;
    `private_key` is locked (halal/vault.py), and emptied when the seal retires."""

    __tablename__ = "seals"
    __table_args__ = (
        Index("uq_seals_in_use", "organization_id", unique=True, postgresql_where=_IN_USE, sqlite_where=_IN_USE),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    chain: Mapped[str] = mapped_column(Text)
    private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]

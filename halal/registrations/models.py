"""Registrations: an attendee's place at an event, with the data given for that event; imports; consent."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal import clock, ids, regions
from halal.events.models import Event
from halal.extensions import db
from halal.types import enum_type


class RegistrationStatus(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Source(StrEnum):
    """How a registration came in."""

    DESK = "desk"
    IMPORT = "import"
    PUBLIC = "public"
    WALK_IN = "walk_in"
    PAPER = "paper"


class Registration(db.Model):
    """One place at one event. Name, phone and the rest are what was given for this event; the directory
    (halal/people) holds what is known latest.

    `dedupe_key` is what makes a second registration of the same person at the same event impossible; it is empty
    when there is nothing to tell by, when the registration is cancelled, or when an organizer said "register anyway".
    `submission_id` comes with the form, so that sending it twice gives one registration.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("event_id", "dedupe_key"),
        UniqueConstraint("event_id", "submission_id"),
        CheckConstraint("nib IS NULL OR length(nib) = 13", name="nib_length"),
        Index("ix_registrations_event_id_status", "event_id", "status"),
        Index("ix_registrations_event_id_name_key_id", "event_id", "name_key", "id"),
        Index("ix_registrations_event_id_region_code", "event_id", "region_code"),
        Index("ix_registrations_event_id_nib", "event_id", "nib"),
        Index("ix_registrations_event_id_phone", "event_id", "phone"),
        Index("ix_registrations_event_id_token_hash", "event_id", "token_hash"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    business_id: Mapped[int | None] = mapped_column(ForeignKey("businesses.id"), index=True)
    status: Mapped[RegistrationStatus] = mapped_column(enum_type(RegistrationStatus))
    source: Mapped[Source] = mapped_column(enum_type(Source))
    name: Mapped[str] = mapped_column(String(150))
    name_key: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    business_name: Mapped[str] = mapped_column(String(150), default="")
    product: Mapped[str] = mapped_column(String(200), default="")
    nib: Mapped[str | None] = mapped_column(String(13))
    region_code: Mapped[str | None] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    token: Mapped[str] = mapped_column(String(40), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    dedupe_key: Mapped[str | None] = mapped_column(String(300))
    submission_id: Mapped[str | None] = mapped_column(String(40))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"), index=True)
    invented: Mapped[bool] = mapped_column(default=False)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    cancelled_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    consents: Mapped[list["Consent"]] = relationship(cascade="all, delete-orphan")

    @property
    def region_label(self) -> str:
        return regions.label(self.region_code)


class RegistrationWord(db.Model):
    """One searchable word of one registration: an index of word beginnings, so that searching does not slow down
    as an event grows. Words of name and business, the phone's digits (with 0 and from the eighth on), the NIB."""

    __tablename__ = "registration_words"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    registration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ConsentPurpose(StrEnum):
    """What a person agreed to (UU 27/2022): the registration itself, photos, broadcast messages."""

    REGISTRATION = "registration"
    PHOTOS = "photos"
    BROADCAST = "broadcast"


class Consent(db.Model):
    """That a person agreed to one purpose, to which text, when and by which channel; or withdrew it."""

    __tablename__ = "consents"
    __table_args__ = (UniqueConstraint("registration_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    purpose: Mapped[ConsentPurpose] = mapped_column(enum_type(ConsentPurpose))
    text_version: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Source] = mapped_column(enum_type(Source))
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]


class ImportStatus(StrEnum):
    """uploaded -> checking -> ready -> taking -> taken -> undone; or failed, with the reason."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    READY = "ready"
    TAKING = "taking"
    TAKEN = "taken"
    UNDONE = "undone"
    FAILED = "failed"


class Import(db.Model):
    """One uploaded spreadsheet. `columns` are its headings; `mapping` says which field each column is."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    filename: Mapped[str] = mapped_column(String(200))
    status: Mapped[ImportStatus] = mapped_column(enum_type(ImportStatus), default=ImportStatus.UPLOADED)
    columns: Mapped[list] = mapped_column(JSON, default=list)
    mapping: Mapped[dict] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(500), default="")
    job_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jobs.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    taken_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()


class Verdict(StrEnum):
    NEW = "new"
    EXISTING = "existing"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    ERROR = "error"


class ImportRow(db.Model):
    """One row of a spreadsheet: cells as read, fields as understood, and what would happen to it.

    `problems` lists {"field", "message"}; `matches` the registrations or people it may be. `accepted` is what the
    organizer decided for a possible duplicate (True: register anyway; False: leave out; None: not decided).
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_import_rows_import_id_verdict_number", "import_id", "verdict", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    number: Mapped[int]
    cells: Mapped[list] = mapped_column(JSON, default=list)
    fields: Mapped[dict] = mapped_column(JSON, default=dict)
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    problems: Mapped[list] = mapped_column(JSON, default=list)
    matches: Mapped[list] = mapped_column(JSON, default=list)
    accepted: Mapped[bool | None]
    registration_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("registrations.id", ondelete="SET NULL"))

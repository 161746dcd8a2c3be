"""Registrations: an attendee's place at an event, with the data given for that event; imports; consent."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from halal import clock, ids, regions, text
from halal.accounts.models import User
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.types import bytewise, enum_type

NO_BUSINESS = "\uffff"  # sorts after every business
ROWS_OF_A_LIST = 1_000_000  # no sheet has more rows


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
    `outside` lists in what it was outside of the program's bounds (halal/registrations/services/bounds.py).
    `submission_id` comes with the form, so that sending it twice gives one registration.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("event_id", "dedupe_key"),
        UniqueConstraint("event_id", "submission_id"),
        CheckConstraint("nib IS NULL OR length(nib) = 13", name="nib_length"),
        Index("ix_registrations_event_id_status", "event_id", "status"),
        # The attendee list walks these in order, so that its first page costs the same however long it is.
        Index("ix_registrations_event_id_name_key_id", "event_id", "name_key", "id"),
        Index("ix_registrations_event_id_business_key_name_key_id", "event_id", "business_key", "name_key", "id"),
        # With the status, so that the board's numbers by region read nothing but this.
        Index("ix_registrations_by_region", "event_id", "region_code", "name_key", "id", "status"),
        Index("ix_registrations_event_id_created_at_id", "event_id", "created_at", "id"),
        Index("ix_registrations_event_id_updated_at", "event_id", "updated_at"),  # tablets ask who changed since
        Index("ix_registrations_event_id_nib", "event_id", "nib"),
        Index("ix_registrations_event_id_phone", "event_id", "phone"),
        Index("ix_registrations_token_hash", "token_hash"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    business_id: Mapped[int | None] = mapped_column(ForeignKey("businesses.id"), index=True)
    status: Mapped[RegistrationStatus] = mapped_column(enum_type(RegistrationStatus))
    source: Mapped[Source] = mapped_column(enum_type(Source))
    name: Mapped[str] = mapped_column(String(150))
    name_key: Mapped[str] = mapped_column(bytewise(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    business_name: Mapped[str] = mapped_column(String(150), default="")
    business_key: Mapped[str] = mapped_column(bytewise(200), default=NO_BUSINESS)
    product: Mapped[str] = mapped_column(String(200), default="")
    nib: Mapped[str | None] = mapped_column(String(13))
    region_code: Mapped[str | None] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    outside: Mapped[str] = mapped_column(String(40), default="")
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

    @validates("business_name")
    def _set_business_key(self, _attribute: str, name: str) -> str:
        self.business_key = text.fold(name)[:200] or NO_BUSINESS
        return name

    @property
    def region_label(self) -> str:
        return regions.label(self.region_code)


class RegistrationWord(db.Model):
    """One searchable word of one registration: an index of word beginnings, so that searching does not slow down
    as an event grows. halal/registrations/search.py writes and reads it.

    The rows found by one word say themselves whether the registration has the other words that were typed (`words`,
    each after a space) and where it stands in the list (`name_key`): nothing else needs to be looked up.
    """

    __tablename__ = "registration_words"
    __table_args__ = (
        Index("ix_registration_words_registration_id_word", "registration_id", "word"),
        {"sqlite_with_rowid": False},  # rows are kept in the order of their key
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    word: Mapped[str] = mapped_column(bytewise(60), primary_key=True)
    name_key: Mapped[str] = mapped_column(bytewise(200), primary_key=True)
    registration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    words: Mapped[str] = mapped_column(String(1000))


class Attendance(db.Model):
    """That somebody is present at a session: one row a person and session.

    Written by check-in alone (halal/checkin/fold.py), which computes it from its operations; it lives here because
    lists, papers and reports read it as a fact about a registration. `op_id` is the operation that counts (the live
    check-in with the lowest seq), `at` its corrected time; `uncertain` when it was typed from paper or a list, or
    the tablet's clock cannot have been right.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        Index("ix_attendance_event_id_at", "event_id", "at"),
        Index("ix_attendance_event_id_registration_id", "event_id", "registration_id"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("event_sessions.id"), primary_key=True)
    registration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("registrations.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    op_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkin_ops.op_id"))
    at: Mapped[datetime]
    uncertain: Mapped[bool] = mapped_column(default=False, server_default=false())


class BulkCancellation(db.Model):
    """Many registrations cancelled at once, so that it can be taken back.

    `rows` are [registration id, status before, dedupe_key before] of each that this changed.
    """

    __tablename__ = "bulk_cancellations"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    rows: Mapped[list] = mapped_column(JSON)

    user: Mapped[User | None] = relationship()


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
    """One uploaded spreadsheet. `columns` are its headings with a few samples; `mapping` says how it is read: the
    sheet (and the titles of all sheets), the row of the headings (0: none), the field of each column, and whether
    the NIB may follow later. `file_key` is where the file is kept until its rows are taken."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    filename: Mapped[str] = mapped_column(String(200))
    file_key: Mapped[str] = mapped_column(default="")
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
    `edited` rows were corrected by a person: reading the file again leaves them as they are. `number` is the row as
    Excel numbers it, and a million more for each further list of the file (on another sheet, or beside the first).
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
    edited: Mapped[bool] = mapped_column(default=False)
    registration_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("registrations.id", ondelete="SET NULL"), index=True
    )

    @property
    def line(self) -> int:
        """The row of its sheet, as Excel numbers it."""
        return self.number % ROWS_OF_A_LIST

    @property
    def list_number(self) -> int:
        """Which list of the file it stands in, from 0."""
        return self.number // ROWS_OF_A_LIST


class PrintedSheet(db.Model):
    """One page of an attendance list as it was printed, so that the same rows open when its QR code is scanned days
    later, whoever was registered or cancelled since.

    `people` are registrations in the order of their rows, the first of which has the number `first`; `blank` empty
    rows follow. `print_hash` covers the whole list that the page belongs to: printed again unchanged, it is the same.
    Without a session it is a list of all sessions.
    """

    __tablename__ = "printed_sheets"
    __table_args__ = (UniqueConstraint("event_id", "print_hash", "page"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(26), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("event_sessions.id", ondelete="SET NULL"), index=True)
    print_hash: Mapped[str] = mapped_column(String(64))
    page: Mapped[int]
    pages: Mapped[int]
    first: Mapped[int]
    people: Mapped[list] = mapped_column(JSON)
    blank: Mapped[int]
    printed_at: Mapped[datetime] = mapped_column(default=clock.now)
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    event: Mapped[Event] = relationship()
    session: Mapped[EventSession | None] = relationship()
    printed_by: Mapped[User | None] = relationship()

    @property
    def last(self) -> int:
        """The number of the last row."""
        return self.first + len(self.people) + self.blank - 1

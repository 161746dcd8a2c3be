"""Events, their sessions, and the people and institutions printed on their programme."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal import clock, ids, regions
from halal.extensions import db
from halal.organizations.models import Organization
from halal.programs.models import Program
from halal.types import NEVER_AGAIN, enum_type


class EventKind(StrEnum):
    OUTREACH_SESSION = "outreach_session"
    COORDINATION_MEETING = "coordination_meeting"
    DRIVE_DAY = "drive_day"
    AWARD_CEREMONY = "award_ceremony"
    TRAINING = "training"


# To these come businesses. To the others come officials and guests: the institution they stand for is no business of a
# program, and has no NIB.
FOR_BUSINESSES = frozenset({EventKind.OUTREACH_SESSION, EventKind.DRIVE_DAY, EventKind.TRAINING})


class EventStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class EventRole(StrEnum):
    """What somebody does at an event."""

    OPENING = "opening"
    REPORT = "report"
    SUPPORT = "support"
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    COMMITTEE = "committee"


class Event(db.Model):
    """One event. Moments are in UTC; `timezone` is the zone its people live by.

    `version` grows with every change by an organizer, so that tablets notice it (`updated_at` moves with every
    check-in as well). `next_seq` numbers its check-in operations without gaps (taken under a row lock); `log_id` names
    that log. `walk_in_limit`: so many guests may one tablet register at the door (None: halal/checkin/services/
    walk_ins.py). Registration is open while the event is published, between the opening and closing moments where
    they are given, and before the event ends. `requires_nib` is None where the kind of event and the program decide.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        Index("ix_events_status_starts_at", "status", "starts_at"),
        Index("ix_events_organization_id_starts_at", "organization_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"), index=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind))
    status: Mapped[EventStatus] = mapped_column(enum_type(EventStatus), default=EventStatus.DRAFT)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    timezone: Mapped[str] = mapped_column(String(40))
    venue: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    region_code: Mapped[str] = mapped_column(String(5))
    capacity: Mapped[int | None]
    walk_in_limit: Mapped[int | None]
    waiting_list: Mapped[bool] = mapped_column(default=True)
    requires_nib: Mapped[bool | None]
    public_registration: Mapped[bool] = mapped_column(default=True)
    registration_opens_at: Mapped[datetime | None]
    registration_closes_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)
    next_seq: Mapped[int] = mapped_column(default=1)
    log_id: Mapped[str] = mapped_column(String(40), default=lambda: str(ids.uuid7()))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    organization: Mapped[Organization] = relationship()
    program: Mapped[Program | None] = relationship()
    sessions: Mapped[list["EventSession"]] = relationship(
        order_by="EventSession.position", cascade="all, delete-orphan", back_populates="event"
    )
    regions: Mapped[list["EventRegion"]] = relationship(
        order_by="EventRegion.region_code", cascade="all, delete-orphan"
    )
    people: Mapped[list["EventPerson"]] = relationship(order_by="EventPerson.position", cascade="all, delete-orphan")
    partners: Mapped[list["EventPartner"]] = relationship(
        order_by="EventPartner.position", cascade="all, delete-orphan"
    )

    @property
    def region_label(self) -> str:
        return regions.label(self.region_code)

    @property
    def address_line(self) -> str:
        """Address and region on one line; an address that names its region is not followed by it again."""
        lines = [line.strip() for line in self.address.splitlines() if line.strip()]
        if self.region_label.casefold() not in self.address.casefold():
            lines.append(self.region_label)
        return ", ".join(lines)

    @property
    def place(self) -> str:
        return f"{self.venue}, {self.address_line}" if self.venue else self.address_line

    @property
    def needs_nib(self) -> bool:
        """Whether an attendee must give a NIB: the event says so; or it says nothing, is for businesses, and its
        program requires it. Officials at a meeting have none."""
        if self.requires_nib is not None:
            return self.requires_nib
        return self.kind in FOR_BUSINESSES and self.program is not None and self.program.requires_nib

    @property
    def last_moment(self) -> datetime:
        return self.ends_at or self.starts_at

    @property
    def is_public(self) -> bool:
        return self.status != EventStatus.DRAFT


class EventSession(db.Model):
    """A part of an event with its own attendance. Every event has at least one."""

    __tablename__ = "event_sessions"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    title: Mapped[str] = mapped_column(String(150))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship(back_populates="sessions")


class EventRegion(db.Model):
    """A regency or city whose businesses are invited."""

    __tablename__ = "event_regions"
    __table_args__ = (UniqueConstraint("event_id", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    region_code: Mapped[str] = mapped_column(String(5))

    @property
    def label(self) -> str:
        return regions.label(self.region_code)


class EventPerson(db.Model):
    """Somebody on the programme, with title, role and place in the order."""

    __tablename__ = "event_people"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    name: Mapped[str] = mapped_column(String(150))
    title: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[EventRole] = mapped_column(enum_type(EventRole))
    position: Mapped[int] = mapped_column(default=0)


class EventPartner(db.Model):
    """An institution that takes part in the event."""

    __tablename__ = "event_partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)

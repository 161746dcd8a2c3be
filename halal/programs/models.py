"""Programs: drives with a target and quotas that span events."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal import clock, regions
from halal.extensions import db
from halal.organizations.models import Organization
from halal.types import enum_type


class Route(StrEnum):
    """The way to the halal certificate: the business's own statement, or the regular inspection."""

    SELF_DECLARE = "self_declare"
    REGULAR = "regular"


class Program(db.Model):
    """`target` counts businesses to be certified; `deadline_note` quotes the deadline's source.

    Who registers from another region than those of the quotas, over a region's quota or after the deadline is
    registered and marked, or refused where the program `refuses_outside`.
    """

    __tablename__ = "programs"
    __table_args__ = (CheckConstraint("target IS NULL OR target > 0", name="target_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    target: Mapped[int | None]
    route: Mapped[Route | None] = mapped_column(enum_type(Route))
    requires_nib: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date | None]
    deadline: Mapped[date | None]
    deadline_note: Mapped[str] = mapped_column(String(200), default="")
    closed: Mapped[bool] = mapped_column(default=False)
    refuses_outside: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organization: Mapped[Organization] = relationship()
    quotas: Mapped[list["ProgramQuota"]] = relationship(
        order_by="ProgramQuota.region_code", cascade="all, delete-orphan"
    )
    partners: Mapped[list["ProgramPartner"]] = relationship(
        order_by="ProgramPartner.position", cascade="all, delete-orphan"
    )
    # By name: events know programs, programs do not import events.
    events = relationship("Event", order_by="Event.starts_at", viewonly=True)

    @property
    def quota_sum(self) -> int:
        """All quotas together; regions without a number count nothing."""
        return sum(quota.quota or 0 for quota in self.quotas)


class ProgramQuota(db.Model):
    """How many businesses of one regency or city the program takes; None where only the region is named."""

    __tablename__ = "program_quotas"
    __table_args__ = (
        UniqueConstraint("program_id", "region_code"),
        CheckConstraint("quota IS NULL OR quota >= 0", name="quota_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    region_code: Mapped[str] = mapped_column(String(5))
    quota: Mapped[int | None]

    @property
    def region_label(self) -> str:
        return regions.label(self.region_code)


class ProgramPartner(db.Model):
    """An institution that takes part in the program."""

    __tablename__ = "program_partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)

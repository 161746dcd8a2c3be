"""Facilitation: a business's way through a program to its halal certificate."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal.extensions import db
from halal.people.models import Business
from halal.programs.models import Program
from halal.types import enum_type


class Stage(StrEnum):
    """Where a business stands on the way."""

    REGISTERED = "registered"
    NIB_READY = "nib_ready"
    SUBMITTED = "submitted"
    CERTIFIED = "certified"
    STUCK = "stuck"


class Facilitation(db.Model):
    """One business in one program. `year` is the year it was facilitated in."""

    __tablename__ = "facilitations"
    __table_args__ = (
        UniqueConstraint("program_id", "business_id"),
        Index("ix_facilitations_program_id_stage", "program_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    business_id: Mapped[int] = mapped_column(ForeignKey("businesses.id"), index=True)
    stage: Mapped[Stage] = mapped_column(enum_type(Stage), default=Stage.REGISTERED)
    year: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(300), default="")

    program: Mapped[Program] = relationship()
    business: Mapped[Business] = relationship()

"""Offices: the organizations that run programs and events."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal import clock, regions
from halal.extensions import db

DEFAULT_NUMBER_PATTERN = "{seq:03}/SERT/{month:roman}/{year}"


class Organization(db.Model):
    """A Dinas or UPTD. `parent_name` stands above its name in the letterhead; `seal_file` is its stamp, not public."""

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(80))
    parent_name: Mapped[str] = mapped_column(String(200), default="")
    region_code: Mapped[str] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    logo_file: Mapped[str | None] = mapped_column(String(200))
    seal_file: Mapped[str | None] = mapped_column(String(200))
    number_pattern: Mapped[str] = mapped_column(String(120), default=DEFAULT_NUMBER_PATTERN)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    signatories: Mapped[list["Signatory"]] = relationship(
        back_populates="organization", order_by="Signatory.position", cascade="all, delete-orphan"
    )

    @property
    def timezone(self) -> str:
        region = regions.find(self.region_code)
        return region.timezone if region else "Asia/Jakarta"


class Signatory(db.Model):
    """Somebody who signs the office's certificates, printed with title (jabatan) and, if given, NIP."""

    __tablename__ = "signatories"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    name: Mapped[str] = mapped_column(String(150))
    title: Mapped[str] = mapped_column(String(200))
    nip: Mapped[str] = mapped_column(String(30), default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    organization: Mapped[Organization] = relationship(back_populates="signatories")

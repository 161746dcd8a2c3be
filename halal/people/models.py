"""The office's directory: people and businesses it knows, across events."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from halal import clock, regions
from halal.extensions import db
from halal.types import enum_type


class Scale(StrEnum):
    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"


class Person(db.Model):
    """A person as last known to one office. Phones are not unique: families share them."""

    __tablename__ = "people"
    __table_args__ = (
        Index("ix_people_organization_id_phone", "organization_id", "phone"),
        Index("ix_people_organization_id_name_key", "organization_id", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(150))
    name_key: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    region_code: Mapped[str | None] = mapped_column(String(5))
    invented: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Business(db.Model):
    """A business as last known to one office. `nib` has 13 digits; two businesses of one person may share one.

    `same_as_id`: this is a further record of that business (halal/people/same_business.py); None for the first.
    """

    __tablename__ = "businesses"
    __table_args__ = (
        CheckConstraint("nib IS NULL OR length(nib) = 13", name="nib_length"),
        Index("ix_businesses_organization_id_nib", "organization_id", "nib"),
        Index("ix_businesses_organization_id_name_key", "organization_id", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("businesses.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(150))
    name_key: Mapped[str] = mapped_column(String(200))
    nib: Mapped[str | None] = mapped_column(String(13))
    product: Mapped[str] = mapped_column(String(200), default="")
    commodity: Mapped[str] = mapped_column(String(80), default="")
    scale: Mapped[Scale | None] = mapped_column(enum_type(Scale))
    region_code: Mapped[str | None] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(String(300), default="")
    invented: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def region_label(self) -> str:
        return regions.label(self.region_code)

"""Staff: who may log in, and what they may do in which office."""

from datetime import datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from halal import clock
from halal.extensions import db
from halal.organizations.models import Organization
from halal.types import enum_type


class Role(StrEnum):
    OWNER = "owner"
    ORGANIZER = "organizer"
    CHECKIN_OFFICER = "checkin_officer"
    VIEWER = "viewer"


# What each role may do; views name one of these in @allow(…).
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: frozenset({"staff", "read", "manage", "checkin", "own"}),
    Role.ORGANIZER: frozenset({"staff", "read", "manage", "checkin"}),
    Role.VIEWER: frozenset({"staff", "read"}),
    Role.CHECKIN_OFFICER: frozenset({"staff", "checkin"}),
}


class User(UserMixin, db.Model):
    """A person of an office's staff. `session_version` grows when the password changes: old sessions end."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(150))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_login_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", cascade="all, delete-orphan")

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}:{self.session_version}"


class Membership(db.Model):
    """A user's role in one office."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship(back_populates="memberships")
    organization: Mapped[Organization] = relationship()

    def may(self, permission: str) -> bool:
        return permission in PERMISSIONS[self.role]


class Invitation(db.Model):
    """A link that lets one person join an office. The link's token is stored as a hash only."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()

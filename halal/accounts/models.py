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
    """A person of an office's staff.

    `email` is written as `halal.text.email_key` gives it. `email_confirmed_at` says since when it is known that this
    person reads its mail: a link was sent there and opened, or the operator vouched for it on the command line.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(150))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    email_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_login_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", cascade="all, delete-orphan")

    @property
    def is_active(self) -> bool:
        return self.active


class LoginSession(db.Model):
    """One log-in of one browser. Its cookie carries the token, of which the hash is here; no row means no log-in.

    `network` is where it was begun, roughly: the first three numbers of an IPv4 address, the first three of IPv6.
    """

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(60))
    network: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship()


class PasswordLink(db.Model):
    """A link that lets one person set a new password, once: using it deletes the row. Its token is stored as a hash.

    `organization_id` names the office whose admin made it; it is empty for links by mail and from the command line.
    """

    __tablename__ = "password_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    by_mail: Mapped[bool] = mapped_column(default=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship()


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
    """A link that lets one person join an office. The link's token is stored as a hash only.

    `by_mail`: the link went to the e-mail and to nobody else, so who opens it reads that mail.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    by_mail: Mapped[bool] = mapped_column(default=False)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()

"""Log-ins are rows that can be ended; links for new passwords; counted attempts; e-mails that were confirmed

Whoever was logged in logs in again: cookies of before name no row. What they had typed is kept over that log-in.

Revision ID: 7b1e40c9a6d2
Revises: 7c1e0b64a9d2
Create Date: 2026-11-28 22:12:00

"""

import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "7b1e40c9a6d2"
down_revision = "7c1e0b64a9d2"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("network", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    op.create_index(op.f("ix_login_sessions_user_id"), "login_sessions", ["user_id"])
    op.create_table(
        "password_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_password_links_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_links_token_hash")),
    )
    op.create_index(op.f("ix_password_links_user_id"), "password_links", ["user_id"])
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_last_at"), "attempts", ["last_at"])
    op.add_column("invitations", sa.Column("by_mail", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("users", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("users", "session_version")
    with op.batch_alter_table("invitations") as batch:
        batch.alter_column("by_mail", server_default=None)
    _confirm_old_accounts()


def _confirm_old_accounts():
    """Accounts from the command line count as confirmed; those made by an invitation's link, which its inviter saw, do
    not. E-mails are written as they are looked up from now on, save where two accounts would become one."""
    connection = op.get_bind()
    users = sa.table(
        "users", sa.column("id"), sa.column("email"), sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("email_confirmed_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    invitations = sa.table("invitations", sa.column("email"), sa.column("accepted_at", sa.DateTime(timezone=True)))
    joined: dict[str, list[datetime]] = {}
    accepted = sa.select(invitations.c.email, invitations.c.accepted_at).where(invitations.c.accepted_at.is_not(None))
    for email, at in connection.execute(accepted):
        joined.setdefault(email, []).append(at)
    rows = connection.execute(sa.select(users.c.id, users.c.email, users.c.created_at).order_by(users.c.id)).all()
    taken = {row.email for row in rows}
    for row in rows:
        by_link = any(abs(at - row.created_at) < timedelta(minutes=1) for at in joined.get(row.email, ()))
        values = {} if by_link else {"email_confirmed_at": row.created_at}
        key = _key(row.email)
        if key not in taken:
            taken.add(key)
            values["email"] = key
        if values:
            connection.execute(users.update().where(users.c.id == row.id).values(values))


def _key(email):
    for _twice in range(2):
        normal = unicodedata.normalize("NFKC", email)
        email = "".join(ch for ch in normal if unicodedata.category(ch)[0] not in "CZ").casefold()
    return email


def downgrade():
    op.add_column("users", sa.Column("session_version", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("users") as batch:
        batch.alter_column("session_version", server_default=None)
    op.drop_column("users", "email_confirmed_at")
    op.drop_column("invitations", "by_mail")
    op.drop_table("attempts")
    op.drop_table("password_links")
    op.drop_table("login_sessions")

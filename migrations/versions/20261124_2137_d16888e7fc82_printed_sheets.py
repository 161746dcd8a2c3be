"""printed sheets, and who is not the same person

Revision ID: d16888e7fc82
Revises: 9c45998f7b36
Create Date: 2026-11-24 21:37:50.624537

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "d16888e7fc82"
down_revision = "9c45998f7b36"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "printed_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("print_hash", sa.String(length=64), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("blank", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_printed_sheets_event_id_events")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["users.id"], name=op.f("fk_printed_sheets_printed_by_id_users")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["event_sessions.id"],
            name=op.f("fk_printed_sheets_session_id_event_sessions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_sheets")),
        sa.UniqueConstraint("code", name=op.f("uq_printed_sheets_code")),
        sa.UniqueConstraint("event_id", "print_hash", "page", name=op.f("uq_printed_sheets_event_id_print_hash_page")),
    )
    with op.batch_alter_table("printed_sheets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printed_sheets_session_id"), ["session_id"], unique=False)

    op.create_table(
        "different_people",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("walk_in_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_different_people_event_id_events")),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["registrations.id"],
            name=op.f("fk_different_people_other_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["said_by_id"], ["users.id"], name=op.f("fk_different_people_said_by_id_users")),
        sa.ForeignKeyConstraint(
            ["walk_in_id"],
            ["registrations.id"],
            name=op.f("fk_different_people_walk_in_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("walk_in_id", "other_id", name=op.f("pk_different_people")),
    )
    with op.batch_alter_table("different_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_different_people_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_different_people_other_id"), ["other_id"], unique=False)


def downgrade():
    with op.batch_alter_table("different_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_different_people_other_id"))
        batch_op.drop_index(batch_op.f("ix_different_people_event_id"))

    op.drop_table("different_people")
    with op.batch_alter_table("printed_sheets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_printed_sheets_session_id"))

    op.drop_table("printed_sheets")

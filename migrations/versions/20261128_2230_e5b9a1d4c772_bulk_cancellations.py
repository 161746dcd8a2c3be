"""Registrations cancelled at once, so that it can be taken back

Revision ID: e5b9a1d4c772
Revises: 8d2e61b0f7a3
Create Date: 2026-11-28 22:30:00

"""

import sqlalchemy as sa
from alembic import op


revision = "e5b9a1d4c772"
down_revision = "8d2e61b0f7a3"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "bulk_cancellations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_bulk_cancellations_event_id_events"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_bulk_cancellations_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_cancellations"),
    )
    op.create_index("ix_bulk_cancellations_event_id", "bulk_cancellations", ["event_id"])


def downgrade():
    op.drop_table("bulk_cancellations")

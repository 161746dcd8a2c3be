"""Walk-ins per tablet have a limit; what is kept for a session that is gone or a closed event says so

Revision ID: 8d2e61b0f7a3
Revises: 5d20e8b7c614
Create Date: 2026-11-28 22:25:00

"""

import sqlalchemy as sa
from alembic import op

revision = "8d2e61b0f7a3"
down_revision = "5d20e8b7c614"
branch_labels = None
depends_on = None

BEFORE = ("revoked", "expired", "conflict", "invalid", "other_event", "not_allowed")
NEW = ("session_gone", "event_closed", "too_many")


def upgrade():
    op.add_column("events", sa.Column("walk_in_limit", sa.Integer(), nullable=True))
    _allow(*BEFORE, *NEW)


def downgrade():
    op.execute(
        sa.text("UPDATE quarantined_ops SET reason = 'invalid' WHERE reason IN :new").bindparams(
            sa.bindparam("new", NEW, expanding=True)
        )
    )
    _allow(*BEFORE)
    with op.batch_alter_table("events") as events:
        events.drop_column("walk_in_limit")


def _allow(*reasons):
    name = op.f("ck_quarantined_ops_quarantinereason")
    with op.batch_alter_table("quarantined_ops") as rows:
        rows.drop_constraint(name, type_="check")
        rows.create_check_constraint(name, sa.column("reason").in_(reasons))

"""An event may say that it needs no NIB although its program does; a NIB of one digit repeated is none

Revision ID: c41f7a9d02e6
Revises: 5f0c7d9be214
Create Date: 2026-11-28 22:05:00

"""

import sqlalchemy as sa
from alembic import op

revision = "c41f7a9d02e6"
down_revision = "5f0c7d9be214"
branch_labels = None
depends_on = None

REPEATED = tuple(str(digit) * 13 for digit in range(10))


def upgrade():
    with op.batch_alter_table("events") as events:
        events.alter_column("requires_nib", existing_type=sa.Boolean(), nullable=True)
    op.execute(sa.text("UPDATE events SET requires_nib = NULL WHERE NOT requires_nib"))
    for name in ("registrations", "businesses"):
        table = sa.table(name, sa.column("nib", sa.String()))
        op.execute(table.update().where(table.c.nib.in_(REPEATED)).values(nib=None))


def downgrade():
    op.execute(sa.text("UPDATE events SET requires_nib = :no WHERE requires_nib IS NULL").bindparams(no=False))
    with op.batch_alter_table("events") as events:
        events.alter_column("requires_nib", existing_type=sa.Boolean(), nullable=False)

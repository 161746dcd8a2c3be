"""An attendance says when its time is uncertain: the tablet's clock was wrong

Revision ID: 2f7b90c1d5e8
Revises: e5b9a1d4c772
Create Date: 2026-11-28 22:40:00

"""

import sqlalchemy as sa
from alembic import op

revision = "2f7b90c1d5e8"
down_revision = "e5b9a1d4c772"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("attendance", sa.Column("uncertain", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade():
    with op.batch_alter_table("attendance") as attendance:
        attendance.drop_column("uncertain")

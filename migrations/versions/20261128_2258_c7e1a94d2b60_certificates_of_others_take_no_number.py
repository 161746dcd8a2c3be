"""What another institution issues takes no number of the office's series

Revision ID: c7e1a94d2b60
Revises: 2f7b90c1d5e8
Create Date: 2026-11-28 22:58:00

"""

import sqlalchemy as sa
from alembic import op

revision = "c7e1a94d2b60"
down_revision = "2f7b90c1d5e8"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("certificates") as batch:
        batch.alter_column("seq", existing_type=sa.Integer(), nullable=True)
        batch.alter_column("number", existing_type=sa.String(160), nullable=True)


def downgrade():
    """The rows without a number would not fit: they get one that no series gives."""
    op.execute(
        "UPDATE certificates SET number = code, seq = "
        "-(SELECT count(*) FROM certificates AS other WHERE other.id <= certificates.id) WHERE seq IS NULL"
    )
    with op.batch_alter_table("certificates") as batch:
        batch.alter_column("number", existing_type=sa.String(160), nullable=False)
        batch.alter_column("seq", existing_type=sa.Integer(), nullable=False)

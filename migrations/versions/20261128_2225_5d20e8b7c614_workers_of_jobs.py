"""workers of jobs

Revision ID: 5d20e8b7c614
Revises: 7d20b8f3a641
Create Date: 2026-11-28 22:25:40.303118

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "5d20e8b7c614"
down_revision = "7d20b8f3a641"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("jobs") as batch:
        batch.add_column(sa.Column("worker", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("jobs") as batch:
        batch.alter_column("worker", server_default=None)


def downgrade():
    with op.batch_alter_table("jobs") as batch:
        batch.drop_column("worker")

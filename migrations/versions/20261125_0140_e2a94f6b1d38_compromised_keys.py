"""compromised keys

Revision ID: e2a94f6b1d38
Revises: b7e05c3d9f41
Create Date: 2026-11-25 01:40:12.604418

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "e2a94f6b1d38"
down_revision = "b7e05c3d9f41"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("signing_keys") as batch:
        batch.add_column(sa.Column("compromised_since", sa.Date(), nullable=True))


def downgrade():
    with op.batch_alter_table("signing_keys") as batch:
        batch.drop_column("compromised_since")

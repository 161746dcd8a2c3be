"""attempts of jobs and keys of imports' files

Revision ID: 7c1e9f50ab36
Revises: 7b1e40c9a6d2
Create Date: 2026-11-28 22:18:10.118203

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "7c1e9f50ab36"
down_revision = "7b1e40c9a6d2"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("jobs") as batch:
        batch.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("jobs") as batch:
        batch.alter_column("attempts", server_default=None)
    with op.batch_alter_table("imports") as batch:
        batch.add_column(sa.Column("file_key", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("imports") as batch:
        batch.alter_column("file_key", server_default=None)
    # where files were kept until now
    op.execute("UPDATE imports SET file_key = 'imports/' || organization_id || '/' || id")


def downgrade():
    with op.batch_alter_table("imports") as batch:
        batch.drop_column("file_key")
    with op.batch_alter_table("jobs") as batch:
        batch.drop_column("attempts")

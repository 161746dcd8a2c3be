"""Mails that were sent keep no text: it holds private links

Revision ID: 7c1e0b64a9d2
Revises: c41f7a9d02e6
Create Date: 2026-11-28 22:10:00

"""

from alembic import op

revision = "7c1e0b64a9d2"
down_revision = "c41f7a9d02e6"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE mails SET body = '' WHERE sent_at IS NOT NULL")


def downgrade():
    pass  # what is gone is gone

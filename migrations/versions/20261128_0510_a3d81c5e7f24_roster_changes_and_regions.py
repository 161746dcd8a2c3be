"""Who of an event changed since, and how many of a region have a place, are read from an index alone

Revision ID: a3d81c5e7f24
Revises: e2a94f6b1d38
Create Date: 2026-11-28 05:10:00

"""

from alembic import op

revision = "a3d81c5e7f24"
down_revision = "e2a94f6b1d38"
branch_labels = None
depends_on = None

_BEFORE = "ix_registrations_event_id_region_code_name_key_id"
_NOW = "ix_registrations_by_region"
_UPDATED = "ix_registrations_event_id_updated_at"


def upgrade():
    op.create_index(_UPDATED, "registrations", ["event_id", "updated_at"])
    op.create_index(_NOW, "registrations", ["event_id", "region_code", "name_key", "id", "status"])
    op.drop_index(_BEFORE, "registrations")


def downgrade():
    op.create_index(_BEFORE, "registrations", ["event_id", "region_code", "name_key", "id"])
    op.drop_index(_NOW, "registrations")
    op.drop_index(_UPDATED, "registrations")

"""SQLite gives no number of a removed session, speaker or award to the next one: tablets and certificates name them

Revision ID: 5f0c7d9be214
Revises: a3d81c5e7f24
Create Date: 2026-11-28 11:15:00

"""

from alembic import op

revision = "5f0c7d9be214"
down_revision = "a3d81c5e7f24"
branch_labels = None
depends_on = None

TABLES = ("event_sessions", "event_people", "awards")


def upgrade():
    _make_anew(sqlite_autoincrement=True)


def downgrade():
    _make_anew()


def _make_anew(**table_kwargs):
    if op.get_bind().dialect.name != "sqlite":
        return  # sequences never give a number twice
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs=table_kwargs):
            pass

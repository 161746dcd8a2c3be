"""SQLite gives no number of a removed session, speaker or award to the next one: tablets and certificates name them

Revision ID: 5f0c7d9be214
Revises: a3d81c5e7f24
Create Date: 2026-11-28 11:15:00

"""

import sqlalchemy as sa
from alembic import op

revision = "5f0c7d9be214"
down_revision = "a3d81c5e7f24"
branch_labels = None
depends_on = None

TABLES = ("event_sessions", "event_people", "awards")


# The highest number that a certificate names, though its row may be gone.
NAMED = """SELECT max(CAST(substr(json_extract(snapshot, '$.subject'), length(:kind) + 1) AS INTEGER)) FROM certificates
           WHERE json_extract(snapshot, '$.subject') LIKE :kind || '%'"""


def upgrade():
    _make_anew(sqlite_autoincrement=True)
    if op.get_bind().dialect.name == "sqlite":
        for table, kind in (("event_people", "person:"), ("awards", "award:")):
            _begin_after(table, op.get_bind().execute(sa.text(NAMED), {"kind": kind}).scalar() or 0)


def _begin_after(table, number):
    connection = op.get_bind()
    known = connection.execute(
        sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table}
    ).scalar()
    if known is None:
        connection.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:table, 0)"), {"table": table})
    if number > (known or 0):
        change = sa.text("UPDATE sqlite_sequence SET seq = :number WHERE name = :table")
        connection.execute(change, {"table": table, "number": number})


def downgrade():
    _make_anew()


def _make_anew(**table_kwargs):
    if op.get_bind().dialect.name != "sqlite":
        return  # sequences never give a number twice
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs=table_kwargs):
            pass

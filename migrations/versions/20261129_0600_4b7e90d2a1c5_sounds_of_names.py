"""Attendees are compared in other spellings: the index of words has what their whole names sound like

Revision ID: 4b7e90d2a1c5
Revises: c7e1a94d2b60
Create Date: 2026-11-29 06:00:00

"""

import sqlalchemy as sa
from alembic import op

from halal.registrations.search import sounds_of

revision = "4b7e90d2a1c5"
down_revision = "c7e1a94d2b60"
branch_labels = None
depends_on = None

_BATCH = 2_000
_people = sa.table(
    "registrations", sa.column("id", sa.Uuid()), sa.column("event_id"), sa.column("name"), sa.column("name_key")
)
_words = sa.table(
    "registration_words", sa.column("event_id"), sa.column("word"), sa.column("name_key"),
    sa.column("registration_id", sa.Uuid()), sa.column("words"),
)  # fmt: skip


def upgrade():
    connection = op.get_bind()
    query = sa.select(_people).order_by(_people.c.id).limit(_BATCH)
    rows = connection.execute(query).all()
    while rows:
        sounds = [
            {"event_id": row.event_id, "word": word, "name_key": row.name_key, "registration_id": row.id, "words": ""}
            for row in rows
            for word in sounds_of(row.name)
        ]
        connection.execute(sa.insert(_words), sounds)
        rows = connection.execute(query.where(_people.c.id > rows[-1].id)).all()


def downgrade():
    op.get_bind().execute(sa.delete(_words).where(_words.c.word.startswith("=")))

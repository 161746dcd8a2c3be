"""Which records are of the same business; whom a program admits although they are outside of its bounds

Revision ID: 7d20b8f3a641
Revises: 7c1e9f50ab36
Create Date: 2026-11-28 22:20:00

"""

import sqlalchemy as sa
from alembic import op

from halal.people.same_business import Traits, groups

revision = "7d20b8f3a641"
down_revision = "7c1e9f50ab36"
branch_labels = None
depends_on = None

_FK = "fk_businesses_same_as_id_businesses"


def upgrade():
    with op.batch_alter_table("businesses") as businesses:
        businesses.add_column(sa.Column("same_as_id", sa.Integer()))
        businesses.create_index("ix_businesses_same_as_id", ["same_as_id"])
        businesses.create_foreign_key(_FK, "businesses", ["same_as_id"], ["id"], ondelete="SET NULL")
    op.add_column("programs", sa.Column("refuses_outside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("registrations", sa.Column("outside", sa.String(40), nullable=False, server_default=""))
    connection = op.get_bind()
    for (office,) in connection.execute(sa.text("SELECT DISTINCT organization_id FROM businesses")).all():
        _recognize(connection, office)


def _recognize(connection, office):
    rows = connection.execute(
        sa.text(
            """SELECT b.id, b.name_key, b.nib, b.region_code, p.name_key, p.phone
               FROM businesses b LEFT JOIN people p ON p.id = b.owner_id
               WHERE b.organization_id = :office ORDER BY b.id"""
        ),
        {"office": office},
    )
    known = {row[0]: Traits(row[1], row[2], row[3], row[4] or "", row[5]) for row in rows}
    found = [{"id": id_, "first": first} for id_, first in groups(known).items()]
    if found:
        connection.execute(sa.text("UPDATE businesses SET same_as_id = :first WHERE id = :id"), found)


def downgrade():
    op.drop_column("registrations", "outside")
    op.drop_column("programs", "refuses_outside")
    with op.batch_alter_table("businesses") as businesses:
        businesses.drop_constraint(_FK, type_="foreignkey")
        businesses.drop_index("ix_businesses_same_as_id")
        businesses.drop_column("same_as_id")

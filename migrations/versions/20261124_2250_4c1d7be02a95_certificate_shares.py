"""certificate shares

Revision ID: 4c1d7be02a95
Revises: 6cd6222d2bc3
Create Date: 2026-11-24 22:50:12.402118

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "4c1d7be02a95"
down_revision = "6cd6222d2bc3"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "certificate_shares",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.id"],
            name=op.f("fk_certificate_shares_certificate_id_certificates"),
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["users.id"], name=op.f("fk_certificate_shares_sent_by_id_users")),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_shares")),
    )


def downgrade():
    op.drop_table("certificate_shares")

"""certificate designs

Revision ID: b7e05c3d9f41
Revises: 4c1d7be02a95
Create Date: 2026-11-24 22:58:31.117205

"""

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = "b7e05c3d9f41"
down_revision = "4c1d7be02a95"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "certificate_designs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "attendance",
                "speaker",
                "award",
                name="certificatekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("look", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_certificate_designs_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_certificate_designs_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_designs")),
        sa.UniqueConstraint(
            "organization_id", "kind", "version", name=op.f("uq_certificate_designs_organization_id_kind_version")
        ),
    )
    with op.batch_alter_table("organizations") as batch:
        batch.add_column(sa.Column("seal_file", sa.String(length=200), nullable=True))


def downgrade():
    with op.batch_alter_table("organizations") as batch:
        batch.drop_column("seal_file")
    op.drop_table("certificate_designs")

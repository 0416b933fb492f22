"""Shapes of a boundary set packed for maps, made once at import"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boundary_pack",
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("detail", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["boundary_set.id"], name=op.f("fk_boundary_pack_set_id")),
        sa.PrimaryKeyConstraint("set_id", "detail", name=op.f("pk_boundary_pack")),
    )


def downgrade() -> None:
    op.drop_table("boundary_pack")

"""Consultations: what residents are shown of the place, and when the end was announced for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consultation", sa.Column("facts", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("consultation", sa.Column("announced", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("consultation") as table:
        table.drop_column("facts")
        table.drop_column("announced")

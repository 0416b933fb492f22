"""Ranks among peers have intervals, as those on the index; runs of before have none"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("rank_low", "rank_high"):
        op.add_column("peer_rank", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("rank_high", "rank_low"):
        op.drop_column("peer_rank", name)

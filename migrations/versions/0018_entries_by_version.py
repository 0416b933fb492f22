"""Entries of the knowledge bank by their version: what is chosen by a theme or an indicator is found from its tags"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_knowledge_entry_version_id", "knowledge_entry", ["version_id"])


def downgrade() -> None:
    op.drop_index("ix_knowledge_entry_version_id", "knowledge_entry")

"""The trail by what was done: which deed changed places last is asked for by nearly every page"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_event_action_id", "audit_event", ["action", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_event_action_id", "audit_event")

"""Previews: runs that places look at before they are published, and what they object"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "preview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_preview_opened_by")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_preview_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview")),
    )
    op.create_index(op.f("ix_preview_run_id"), "preview", ["run_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("preview_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("due", moment, nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_objection_answered_by")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_objection_made_by")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_objection_place_id")),
        sa.ForeignKeyConstraint(["preview_id"], ["preview.id"], name=op.f("fk_objection_preview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    for column in ("preview_id", "place_id"):
        op.create_index(op.f(f"ix_objection_{column}"), "objection", [column], unique=False)


def downgrade() -> None:
    for table in ("objection", "preview"):
        op.drop_table(table)

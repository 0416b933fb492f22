"""Releases: marks and notes of editions, and moments at which editions come out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "edition_note",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("what_th", sa.Text(), nullable=False),
        sa.Column("what_en", sa.Text(), nullable=False),
        sa.Column("why_th", sa.Text(), nullable=False),
        sa.Column("why_en", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["corrects"], ["run.id"], name=op.f("fk_edition_note_corrects")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_edition_note_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_edition_note")),
    )
    op.create_table(
        "planned_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework", sa.String(length=64), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("publish_at", moment, nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("planned_at", moment, nullable=False),
        sa.Column("planned_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_planned_release_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_release")),
    )
    op.create_index(op.f("ix_planned_release_run_id"), "planned_release", ["run_id"], unique=False)


def downgrade() -> None:
    for table in ("planned_release", "edition_note"):
        op.drop_table(table)

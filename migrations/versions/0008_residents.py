"""Targets, consultations of residents, and what the lines of a plan serve"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORDS = ("strategy", "objective", "output", "outcome", "evidence")


def upgrade() -> None:
    _create_consultations()
    _create_voices()
    _create_targets()
    with op.batch_alter_table("improvement_action") as table:
        table.add_column(sa.Column("indicator", sa.String(length=100), nullable=True))
        table.add_column(sa.Column("target_id", sa.Integer(), nullable=True))
        for name in WORDS:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        table.create_foreign_key(op.f("fk_improvement_action_target_id"), "target", ["target_id"], ["id"])
    op.create_index(op.f("ix_improvement_action_target_id"), "improvement_action", ["target_id"], unique=False)


def _create_consultations() -> None:
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("framework", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("secret", sa.String(length=64), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_consultation_opened_by")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_consultation_place_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_consultation_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
    )
    for column in ("closes_at", "place_id", "run_id"):
        op.create_index(op.f(f"ix_consultation_{column}"), "consultation", [column], unique=False)
    op.create_table(
        "consultation_topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_consultation_topic_consultation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_topic")),
        sa.UniqueConstraint("consultation_id", "code", name=op.f("uq_consultation_topic_consultation_id_code")),
    )
    op.create_table(
        "consultation_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consultation_answer_account_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["consultation_topic.id"], name=op.f("fk_consultation_answer_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_answer")),
    )
    op.create_index(op.f("ix_consultation_answer_topic_id"), "consultation_answer", ["topic_id"], unique=False)


def _create_voices() -> None:
    op.create_table(
        "voice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_voice_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice")),
        sa.UniqueConstraint("consultation_id", "key", name=op.f("uq_voice_consultation_id_key")),
    )
    op.create_table(
        "voice_choice",
        sa.Column("voice_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["consultation_topic.id"], name=op.f("fk_voice_choice_topic_id")),
        sa.ForeignKeyConstraint(["voice_id"], ["voice.id"], name=op.f("fk_voice_choice_voice_id")),
        sa.PrimaryKeyConstraint("voice_id", "topic_id", name=op.f("pk_voice_choice")),
    )
    op.create_index(op.f("ix_voice_choice_topic_id_value"), "voice_choice", ["topic_id", "value"], unique=False)
    op.create_table(
        "voice_reason",
        sa.Column("voice_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_voice_reason_consultation_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_voice_reason_decided_by")),
        sa.ForeignKeyConstraint(["voice_id"], ["voice.id"], name=op.f("fk_voice_reason_voice_id")),
        sa.PrimaryKeyConstraint("voice_id", name=op.f("pk_voice_reason")),
    )
    state = op.f("ix_voice_reason_consultation_id_state")
    op.create_index(state, "voice_reason", ["consultation_id", "state"], unique=False)


def _create_targets() -> None:
    same = ["place_id", "framework", "code", "period", "owner"]
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("framework", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_target_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint(*same, name=op.f("uq_target_place_id_framework_code_period_owner")),
    )
    op.create_index(op.f("ix_target_code"), "target", ["code"], unique=False)
    op.create_table(
        "target_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("baseline", sa.SmallInteger(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_target_revision_account_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_target_revision_target_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["consultation_topic.id"], name=op.f("fk_target_revision_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_revision")),
        sa.UniqueConstraint("target_id", "revision", name=op.f("uq_target_revision_target_id_revision")),
    )
    op.create_index(op.f("ix_target_revision_topic_id"), "target_revision", ["topic_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_improvement_action_target_id"), table_name="improvement_action")
    with op.batch_alter_table("improvement_action") as table:
        table.drop_constraint(op.f("fk_improvement_action_target_id"), type_="foreignkey")
        for name in ("indicator", "target_id", *WORDS):
            table.drop_column(name)
    for table_name in (
        "target_revision", "target", "voice_reason", "voice_choice", "voice", "consultation_answer",
        "consultation_topic", "consultation",
    ):  # fmt: skip
        op.drop_table(table_name)

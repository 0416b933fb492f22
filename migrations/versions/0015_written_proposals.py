"""Proposals and sandboxes that places write themselves, with their versions; when a line ends, and its themes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_written()
    _create_versions()
    _create_events()
    with op.batch_alter_table("proposal") as table:
        table.add_column(sa.Column("until", sa.Date(), nullable=True))
        table.add_column(sa.Column("until_precision", sa.String(length=5), nullable=False, server_default="day"))
        table.add_column(sa.Column("themes", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("written_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("hidden", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_foreign_key(op.f("fk_proposal_written_id"), "written_proposal", ["written_id"], ["id"])
        table.create_unique_constraint(op.f("uq_proposal_written_id"), ["written_id"])


def _create_written() -> None:
    op.create_table(
        "written_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_written_proposal_created_by")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_written_proposal_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_proposal")),
    )
    op.create_index(op.f("ix_written_proposal_place_id"), "written_proposal", ["place_id"], unique=False)


def _create_versions() -> None:
    texts = ("summary", "rule", "evidence", "outcome")
    op.create_table(
        "proposal_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("written_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("title_th", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("precision", sa.String(length=5), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("until_precision", sa.String(length=5), nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["written_id"], ["written_proposal.id"], name=op.f("fk_proposal_version_written_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_proposal_version_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_version")),
        sa.UniqueConstraint("written_id", "number", name=op.f("uq_proposal_version_written_id_number")),
    )


def _create_events() -> None:
    op.create_table(
        "proposal_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_proposal_event_account_id")),
        sa.ForeignKeyConstraint(["version_id"], ["proposal_version.id"], name=op.f("fk_proposal_event_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_event")),
    )
    op.create_index(op.f("ix_proposal_event_version_id_id"), "proposal_event", ["version_id", "id"], unique=False)


def downgrade() -> None:
    written = sa.table("proposal", sa.column("id"), sa.column("written_id"))
    ids = sa.select(written.c.id).where(written.c.written_id.is_not(None)).scalar_subquery()
    changes = sa.table("proposal_change", sa.column("proposal_id"))
    op.execute(sa.delete(changes).where(changes.c.proposal_id.in_(ids)))
    op.execute(sa.delete(written).where(written.c.written_id.is_not(None)))
    with op.batch_alter_table("proposal") as table:
        table.drop_constraint(op.f("uq_proposal_written_id"), type_="unique")
        table.drop_constraint(op.f("fk_proposal_written_id"), type_="foreignkey")
        for name in ("until", "until_precision", "themes", "written_id", "hidden"):
            table.drop_column(name)
    for name in ("proposal_event", "proposal_version", "written_proposal"):
        op.drop_table(name)

"""Knowledge that places share, what the search reads of it, and the register of proposals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "knowledge_item",
    "knowledge_version",
    "knowledge_tag",
    "knowledge_file",
    "knowledge_event",
    "knowledge_thanks",
    "knowledge_entry",
    "proposal",
    "proposal_change",
)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "knowledge_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_knowledge_item_created_by")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_knowledge_item_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_item")),
    )
    op.create_index(op.f("ix_knowledge_item_place_id"), "knowledge_item", ["place_id"], unique=False)
    op.create_table(
        "knowledge_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title_th", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("summary_th", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("creator", sa.String(length=300), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("precision", sa.String(length=5), nullable=False),
        sa.Column("licence", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("innovation", sa.String(length=300), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["knowledge_item.id"], name=op.f("fk_knowledge_version_item_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_knowledge_version_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_knowledge_version_item_id_number")),
    )
    op.create_table(
        "knowledge_tag",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["knowledge_version.id"], name=op.f("fk_knowledge_tag_version_id")),
        sa.PrimaryKeyConstraint("version_id", "scheme", "code", name=op.f("pk_knowledge_tag")),
    )
    op.create_index(op.f("ix_knowledge_tag_scheme_code"), "knowledge_tag", ["scheme", "code"], unique=False)
    op.create_table(
        "knowledge_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["evidence_file.sha256"], name=op.f("fk_knowledge_file_sha256")),
        sa.ForeignKeyConstraint(["version_id"], ["knowledge_version.id"], name=op.f("fk_knowledge_file_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_file")),
        sa.UniqueConstraint("version_id", "sha256", name=op.f("uq_knowledge_file_version_id_sha256")),
    )
    op.create_index(op.f("ix_knowledge_file_sha256"), "knowledge_file", ["sha256"], unique=False)
    op.create_table(
        "knowledge_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_knowledge_event_account_id")),
        sa.ForeignKeyConstraint(["version_id"], ["knowledge_version.id"], name=op.f("fk_knowledge_event_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_event")),
    )
    op.create_index(op.f("ix_knowledge_event_version_id_id"), "knowledge_event", ["version_id", "id"], unique=False)
    op.create_table(
        "knowledge_thanks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("said_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_knowledge_thanks_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["knowledge_item.id"], name=op.f("fk_knowledge_thanks_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_thanks")),
        sa.UniqueConstraint("item_id", "account_id", name=op.f("uq_knowledge_thanks_item_id_account_id")),
    )
    op.create_table(
        "knowledge_entry",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("licence", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["knowledge_item.id"], name=op.f("fk_knowledge_entry_item_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_knowledge_entry_place_id")),
        sa.ForeignKeyConstraint(["version_id"], ["knowledge_version.id"], name=op.f("fk_knowledge_entry_version_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_knowledge_entry")),
    )
    op.create_index(op.f("ix_knowledge_entry_at_item_id"), "knowledge_entry", ["at", "item_id"], unique=False)
    op.create_index(op.f("ix_knowledge_entry_place_id"), "knowledge_entry", ["place_id"], unique=False)
    op.create_index(
        op.f("ix_knowledge_entry_words"), "knowledge_entry", ["words"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=300), nullable=False),
        sa.Column("title_th", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("precision", sa.String(length=5), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", moment, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_proposal_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("list", "code", name=op.f("uq_proposal_list_code")),
    )
    op.create_index(op.f("ix_proposal_kind_status"), "proposal", ["kind", "status"], unique=False)
    op.create_index(op.f("ix_proposal_place_id"), "proposal", ["place_id"], unique=False)
    op.create_table(
        "proposal_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_change_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_change")),
    )
    op.create_index(op.f("ix_proposal_change_proposal_id"), "proposal_change", ["proposal_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        # Words come cut already, with blanks between them; this tokenizer leaves every letter beyond ASCII alone.
        op.execute("CREATE VIRTUAL TABLE knowledge_words USING fts5(title, about, summary, tokenize = 'ascii')")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE knowledge_words")
    for table in reversed(TABLES):
        op.drop_table(table)

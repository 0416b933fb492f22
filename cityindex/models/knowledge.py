"""What places know and share: items with their versions, who gave them, and the register of proposals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class KnowledgeItem(Base):
    """Something that a place knows. What it says stands in its versions, its state is a fold over their events."""

    __tablename__ = "knowledge_item"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    demo: Mapped[bool] = mapped_column(default=False)


class KnowledgeVersion(Base):
    """What an item says, once. A version that was handed in is never changed; a change is a new one."""

    __tablename__ = "knowledge_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("knowledge_item.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(32))
    title_th: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300), default="")
    summary_th: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str] = mapped_column(Text, default="")
    creator: Mapped[str] = mapped_column(String(300))
    dated: Mapped[date | None] = mapped_column(Date)
    """When it was made, as far as `precision` (`day`, `month`, `year`) says."""
    precision: Mapped[str] = mapped_column(String(5), default="day")
    licence: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    innovation: Mapped[str] = mapped_column(String(300), default="")
    """The innovation or tool that it belongs to, in words."""
    url: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class KnowledgeTag(Base):
    """What a version speaks to: a code of a `scheme` (`theme`, `indicator`, `area` of learning cities)."""

    __tablename__ = "knowledge_tag"
    __table_args__ = (Index(None, "scheme", "code"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("knowledge_version.id"), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(100), primary_key=True)


class KnowledgeFile(Base):
    """A file of a version; it lies in the store of evidence, under the hash of its content."""

    __tablename__ = "knowledge_file"
    __table_args__ = (UniqueConstraint("version_id", "sha256"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("knowledge_version.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("evidence_file.sha256"), index=True)
    name: Mapped[str] = mapped_column(String(200))


class KnowledgeEvent(Base):
    """A deed about a version: `submitted`, `accepted`, `returned`, `withdrawn`, `hidden`, `shown`."""

    __tablename__ = "knowledge_event"
    __table_args__ = (Index(None, "version_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("knowledge_version.id"))
    deed: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")


class KnowledgeThanks(Base):
    """A contributor who wishes to be named, under the name that he gave. Taking it back deletes the row."""

    __tablename__ = "knowledge_thanks"
    __table_args__ = (UniqueConstraint("item_id", "account_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("knowledge_item.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(200))
    said_at: Mapped[datetime] = mapped_column(Moment, default=now)


class KnowledgeEntry(Base):
    """What the search reads: one row for each item that is shown, made from its version in force.

    Derived, and made again whole by `cityindex knowledge index`. On PostgreSQL `words` are the words of the version
    with their weights; on SQLite they stand in the full-text table `knowledge_words`.
    """

    __tablename__ = "knowledge_entry"
    __table_args__ = (Index(None, "words", postgresql_using="gin"), Index(None, "at", "item_id"))

    item_id: Mapped[int] = mapped_column(ForeignKey("knowledge_item.id"), primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("knowledge_version.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    first_at: Mapped[datetime] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(32))
    licence: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    year: Mapped[int | None] = mapped_column(SmallInteger)
    """When it was made, in the common era."""
    words: Mapped[Any] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), deferred=True, nullable=True)


class Proposal(Base):
    """A policy proposal, sandbox, mechanism or innovation of the register, as its list or its place gave it."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("list", "code"), Index(None, "kind", "status"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    list: Mapped[str] = mapped_column(String(200))
    """The list that it came in, by a name that stays from one import to the next."""
    code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    area: Mapped[str] = mapped_column(String(300), default="")
    """Where it is, in the words of the list; all that is known where no place was named."""
    title_th: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    rule: Mapped[str] = mapped_column(Text, default="")
    """The rule that it changes, or is an exception to."""
    status: Mapped[str] = mapped_column(String(32))
    since: Mapped[date | None] = mapped_column(Date)
    precision: Mapped[str] = mapped_column(String(5), default="day")
    until: Mapped[date | None] = mapped_column(Date)
    until_precision: Mapped[str] = mapped_column(String(5), default="day")
    themes: Mapped[str] = mapped_column(Text, default="")
    """Codes of themes, with a blank before, between and after."""
    evidence: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime] = mapped_column(Moment, default=now)
    """When the list last said so; of what a place wrote, when that was accepted."""
    demo: Mapped[bool] = mapped_column(default=False)
    written_id: Mapped[int | None] = mapped_column(ForeignKey("written_proposal.id"), unique=True)
    """What its place wrote; None for a line of a list."""
    hidden: Mapped[bool] = mapped_column(default=False)
    """Taken down by a reviewer. Only what a place wrote can be."""


class ProposalChange(Base):
    """What a later list said otherwise: the status and outcome before it, so that a history can be told."""

    __tablename__ = "proposal_change"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    status: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text)


class WrittenProposal(Base):
    """A proposal or sandbox that its place writes here itself; the register has it once a version is accepted."""

    __tablename__ = "written_proposal"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    demo: Mapped[bool] = mapped_column(default=False)


class ProposalVersion(Base):
    """What a place says of its proposal, once. A version that was handed in is never changed; a change is a new one."""

    __tablename__ = "proposal_version"
    __table_args__ = (UniqueConstraint("written_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    written_id: Mapped[int] = mapped_column(ForeignKey("written_proposal.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(32))
    title_th: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300), default="")
    summary: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str | None] = mapped_column(Text)
    since: Mapped[date | None] = mapped_column(Date)
    precision: Mapped[str] = mapped_column(String(5), default="day")
    until: Mapped[date | None] = mapped_column(Date)
    until_precision: Mapped[str] = mapped_column(String(5), default="day")
    themes: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ProposalEvent(Base):
    """A deed about a version; the deeds are those of `KnowledgeEvent`."""

    __tablename__ = "proposal_event"
    __table_args__ = (Index(None, "version_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"))
    deed: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")

"""Runs, their results, and which of them is published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class DefinitionRecord(Base):
    """A definition as it was when a run or a round used it, in canonical form."""

    __tablename__ = "definition_record"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)


class Run(Base):
    """One computation of a framework for a period. Never changed; rebuilt to the last bit from what is kept here."""

    __tablename__ = "run"
    __table_args__ = (Index(None, "framework", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    framework: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(32))
    period: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by: Mapped[str] = mapped_column(String(200))
    definition: Mapped[str] = mapped_column(ForeignKey("definition_record.fingerprint"))
    data_fingerprint: Mapped[str] = mapped_column(String(64))
    cutoff: Mapped[int] = mapped_column(Integer)
    """The last recording that the run knew: what was known when."""
    library: Mapped[str] = mapped_column(Text)
    """Versions of cityindex and NumPy, and the processor type."""
    parameters: Mapped[str] = mapped_column(Text)
    """JSON: every bound, goalpost and weight used."""
    summary: Mapped[str] = mapped_column(Text)
    """JSON: warnings, statistics, numbers of places scored and ranked."""
    demo: Mapped[bool] = mapped_column(default=False)


class RunArray(Base):
    """A result of a run for every place and node (score, rank, coverage, …), as compressed binary doubles."""

    __tablename__ = "run_array"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class RunNode(Base):
    """A node or indicator of a run's tree, in its order."""

    __tablename__ = "run_node"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(String(100))
    parent: Mapped[int | None] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    is_indicator: Mapped[bool] = mapped_column()
    weight: Mapped[float] = mapped_column(Double)
    effective_weight: Mapped[float] = mapped_column(Double)


class Score(Base):
    """The result of one place at one node above the indicators. No foreign keys, as for observations."""

    __tablename__ = "score"
    __table_args__ = (
        Index("ix_score_place", "place_id", "run_id"),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Of the node in the run's tree; 0 is the index."""
    place_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    score: Mapped[float | None] = mapped_column(Double)
    rank: Mapped[int | None] = mapped_column(Integer)
    rank_low: Mapped[int | None] = mapped_column(Integer)
    rank_high: Mapped[int | None] = mapped_column(Integer)
    coverage: Mapped[float | None] = mapped_column(Double)
    imputed: Mapped[float] = mapped_column(Double, default=0.0)
    flag: Mapped[str] = mapped_column(String(16), default="")
    band: Mapped[str | None] = mapped_column(String(32))


class PeerRank(Base):
    """The rank of a place on the index within one of its peer groups."""

    __tablename__ = "peer_rank"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    peers: Mapped[str] = mapped_column(String(32), primary_key=True)
    """What the group shares: `place_type`, `population_band`, `region` …"""
    group_code: Mapped[str] = mapped_column(String(64))
    rank: Mapped[int] = mapped_column(Integer)
    rank_low: Mapped[int | None] = mapped_column(Integer)
    rank_high: Mapped[int | None] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)


class Publication(Base):
    """A movement of the pointer that the public side reads: the newest one of a framework and period is in force."""

    __tablename__ = "publication"
    __table_args__ = (Index(None, "framework", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    framework: Mapped[str] = mapped_column(String(64))
    period: Mapped[int] = mapped_column(SmallInteger)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    """Null: withdrawn, nothing of this framework and period is public."""
    action: Mapped[str] = mapped_column(String(16))
    """`published` or `rolled-back`: a rollback undoes the publication in force, whatever run comes back by it."""
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    by: Mapped[str] = mapped_column(String(200))

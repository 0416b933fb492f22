"""Observations: every value, with where it came from, and every revision of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class IndicatorKey(Base):
    """The small number under which observations of an indicator are kept. What the indicator is, is in the files."""

    __tablename__ = "indicator_key"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(100), unique=True)


class Source(Base):
    """Where values come from, in words, as the one who brought them in wrote it."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text, unique=True)


class Recording(Base):
    """One transaction that brought observations in, through one of the three doors."""

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    recorded_by: Mapped[str] = mapped_column(String(200))
    door: Mapped[str] = mapped_column(String(16))
    """`file`, `assessment` or `exchange`."""
    source: Mapped[str | None] = mapped_column(Text)
    """Where the values come from, as the import said it; a file may name others row by row."""
    file_name: Mapped[str | None] = mapped_column(Text)
    file_hash: Mapped[str | None] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(Integer)
    demo: Mapped[bool] = mapped_column(default=False)


class Observation(Base):
    """A value of an indicator for a place in a period. The newest revision is the one nothing supersedes.

    No foreign keys: at 7.85 million rows an import would wait longer for their checks than for the rows. The one
    service that writes here takes the keys from their tables in the same transaction; `cityindex db check` looks.
    """

    __tablename__ = "observation"
    __table_args__ = (
        Index("ix_observation_place", "place_id", "indicator_id", "period"),
        {"sqlite_with_rowid": False},
    )

    indicator_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """A year of the common era: calendar or fiscal, as the indicator says."""
    place_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=0)
    value: Mapped[float | None] = mapped_column(Double)
    status: Mapped[str] = mapped_column(String(1), default="A")
    """SDMX CL_OBS_STATUS: A normal, E estimated, M missing …; a value is null only where the status says why."""
    source_id: Mapped[int] = mapped_column(Integer)
    recording_id: Mapped[int] = mapped_column(Integer)
    superseded_by: Mapped[int | None] = mapped_column(Integer)
    """The recording that brought the next revision."""

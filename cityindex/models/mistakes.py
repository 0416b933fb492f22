"""Mistakes that readers report in published figures, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Double, ForeignKey, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class Mistake(Base):
    """What somebody without an account says against a figure. Only the answer may become public, never these words."""

    __tablename__ = "mistake"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the secret in the link with which the answer is looked up."""
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    """Whose figure it is; null where it is about the indicator or framework itself."""
    code: Mapped[str] = mapped_column(String(100))
    """Of the indicator, or of the part of the framework."""
    framework: Mapped[str] = mapped_column(String(64), default="")
    """With a framework it is a score, without one a value."""
    period: Mapped[int | None] = mapped_column(SmallInteger)
    """A year of the common era."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    """The edition that was shown, of a score."""
    recording_id: Mapped[int | None] = mapped_column(Integer)
    """The recording that the value came with, as it was shown."""
    shown: Mapped[float | None] = mapped_column(Double)
    said: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(254))
    """Kept until the answer is sent."""
    language: Mapped[str] = mapped_column(String(2))
    at_place: Mapped[bool] = mapped_column(Boolean)
    """Whether it waits for the people of the place; else for whoever keeps the figures."""
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    due: Mapped[datetime] = mapped_column(Moment)
    accepted: Mapped[bool | None] = mapped_column(Boolean)
    """Null until it is answered."""
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[str | None] = mapped_column(String(200))
    tell_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the answer is to be sent next; null where nobody is to be told."""
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)

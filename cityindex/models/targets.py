"""Targets: values that a place wants to reach by a period, with every revision of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class Target(Base):
    """What a place wants to reach, and who says so. What is said stands in its newest revision."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("place_id", "framework", "code", "period", "owner"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    framework: Mapped[str] = mapped_column(String(64), default="")
    """Empty for an indicator, whose value is the same in all frameworks; named for a node, whose value is a score."""
    code: Mapped[str] = mapped_column(String(100), index=True)
    period: Mapped[int] = mapped_column(SmallInteger)
    """The year by whose end it is reached: calendar or fiscal, as the indicator is."""
    owner: Mapped[str] = mapped_column(String(16))
    """`residents`, `place`, `province` or `nation`."""
    revision: Mapped[int] = mapped_column(Integer, default=1)


class TargetRevision(Base):
    """What was said of a target, by whom and when. Only added; one without a value takes the target back."""

    __tablename__ = "target_revision"
    __table_args__ = (UniqueConstraint("target_id", "revision"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    revision: Mapped[int] = mapped_column(Integer)
    value: Mapped[float | None] = mapped_column(Double)
    """In the unit of the indicator; a score for a node."""
    reason: Mapped[str] = mapped_column(Text)
    baseline: Mapped[int | None] = mapped_column(SmallInteger)
    """The year of the newest value that was known: progress is counted from it. Null: there was none."""
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("consultation_topic.id"), index=True)
    """The outcome of a consultation that it came from."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)

"""When jobs run, and the ledger of every run that was owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now

DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"
"""How a run ends."""


class Schedule(Base):
    """When a job runs. What the job does is said in one place (`jobs/registry.py`); here it is only named."""

    __tablename__ = "schedule"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[str] = mapped_column(String(100))
    """A time of day (`07:00`), or the five fields of a crontab."""
    zone: Mapped[str] = mapped_column(String(64), default="Asia/Bangkok")
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    since: Mapped[datetime] = mapped_column(Moment, default=now)
    """No run is owed for a moment before it: it is set when the schedule is made, changed or turned on."""
    changed_by: Mapped[str] = mapped_column(String(200))


class ScheduledRun(Base):
    """A run of a job for one moment. There is one row a moment, whoever tries: a doubled run is none."""

    __tablename__ = "scheduled_run"
    __table_args__ = (UniqueConstraint("job", "scheduled_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    job: Mapped[str] = mapped_column(ForeignKey("schedule.job"))
    scheduled_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime] = mapped_column(Moment, default=now)
    """Of the newest attempt."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    attempt: Mapped[int] = mapped_column(SmallInteger, default=1)
    outcome: Mapped[str | None] = mapped_column(String(16))
    """`done`, `failed` or `interrupted`; null while it runs."""
    said: Mapped[str] = mapped_column(Text, default="")
    """What the job said it did, or why it failed."""
    runner: Mapped[str] = mapped_column(String(200))
    """The machine and the process."""

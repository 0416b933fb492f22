"""The improvement plan of a place: its lines, what they said before, and whether everybody may read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class ImprovementAction(Base):
    """One line of a place's improvement plan: what, who, with which money, when, and how far it is."""

    __tablename__ = "improvement_action"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id"), index=True)
    question: Mapped[str | None] = mapped_column(String(100))
    from_level: Mapped[int | None] = mapped_column(SmallInteger)
    to_level: Mapped[int | None] = mapped_column(SmallInteger)
    what: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(200), default="")
    """The office that does it."""
    programme: Mapped[str] = mapped_column(String(200), default="")
    """The programme of the local development plan (แผนงาน) that it stands under."""
    budgets: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: baht by fiscal year of the common era; `0` is for money whose year is not said."""
    fiscal_year: Mapped[int | None] = mapped_column(SmallInteger)
    """The common-era year in which it ends."""
    plan_reference: Mapped[str] = mapped_column(String(200), default="")
    """Project or page of the local development plan."""
    status: Mapped[str] = mapped_column(String(16), default="planned")
    """`planned`, `running`, `done` or `dropped`."""
    progress: Mapped[str] = mapped_column(Text, default="")
    indicator: Mapped[str | None] = mapped_column(String(100))
    """The indicator that it is to improve."""
    target_id: Mapped[int | None] = mapped_column(ForeignKey("target.id"), index=True)
    """The target of the place that it serves."""
    strategy: Mapped[str] = mapped_column(Text, default="")
    """Codes of strategies and master plans, separated by blanks."""
    objective: Mapped[str] = mapped_column(Text, default="")
    output: Mapped[str] = mapped_column(Text, default="")
    """What is made or done: how much of what, where."""
    outcome: Mapped[str] = mapped_column(Text, default="")
    """What is expected to come of it."""
    evidence: Mapped[str] = mapped_column(Text, default="")
    """Where to see that it was done: a document, an address."""
    revision: Mapped[int] = mapped_column(Integer, default=1)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class ActionRevision(Base):
    """What a line said before it was changed: written when another revision takes its place, and never changed."""

    __tablename__ = "action_revision"
    __table_args__ = (UniqueConstraint("action_id", "revision"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("improvement_action.id"))
    revision: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    """JSON of what people had written."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    """When it was said, not when it was replaced."""


class PlanOpening(Base):
    """A place shows its plan to everybody, or does so no longer: the newest row says which. No row: not shown."""

    __tablename__ = "plan_opening"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    shown: Mapped[bool] = mapped_column(Boolean)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)

"""What is said of an edition beside its figures, and the moments at which editions are to come out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class EditionNote(Base):
    """How sure an edition is, and what it corrects. Written with its first publication, and never changed."""

    __tablename__ = "edition_note"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(16), default="")
    """`provisional` or `final`; empty where nothing is said."""
    corrects: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    """The edition whose place it took."""
    what_th: Mapped[str] = mapped_column(Text, default="")
    what_en: Mapped[str] = mapped_column(Text, default="")
    why_th: Mapped[str] = mapped_column(Text, default="")
    why_en: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    by: Mapped[str] = mapped_column(String(200))


class PlannedRelease(Base):
    """A run that is to be published at a moment. It waits while `outcome` is null."""

    __tablename__ = "planned_release"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    framework: Mapped[str] = mapped_column(String(64))
    period: Mapped[int] = mapped_column(SmallInteger)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    before: Mapped[int | None] = mapped_column(Integer)
    """The edition in force when it was planned. Another one by then: what was approved is not what would happen."""
    publish_at: Mapped[datetime] = mapped_column(Moment)
    announced: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether the public calendar says that it comes. It never says which run."""
    terms: Mapped[str] = mapped_column(Text)
    """JSON of `services.publication.Terms`."""
    planned_at: Mapped[datetime] = mapped_column(Moment, default=now)
    planned_by: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    outcome: Mapped[str | None] = mapped_column(String(16))
    """`published`, `cancelled` or `refused`."""
    said: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused."""


class Preview(Base):
    """A run that the people of places may look at, each at their own place, before it is published."""

    __tablename__ = "preview"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    programme: Mapped[str] = mapped_column(String(64), default="")
    """Whose members look; empty for every place that the run holds."""
    until: Mapped[datetime] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment, default=now)
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class Objection(Base):
    """What a place says against a figure or score of a preview, and the answer. Nothing of it is public."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    preview_id: Mapped[int] = mapped_column(ForeignKey("preview.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    node: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    due: Mapped[datetime] = mapped_column(Moment)
    """When it is to be answered by."""
    accepted: Mapped[bool | None] = mapped_column(Boolean)
    """Null until it is answered."""
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

"""Consultations: what residents are asked, what they chose, what they said, and what the municipality answers.

Who gave a voice stands nowhere. A voice has a keyed hash of what the person was recognised by, and no time; the key is
thrown away when the consultation is over, so that nobody can tell afterwards whose voice one is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class Consultation(Base):
    """A place asks its residents which indicators matter most, and how far they should get by a period."""

    __tablename__ = "consultation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    framework: Mapped[str] = mapped_column(String(64))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    """The edition whose figures residents are shown, as it was published."""
    period: Mapped[int] = mapped_column(SmallInteger)
    """The year by whose end targets are reached."""
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    most: Mapped[int] = mapped_column(SmallInteger)
    """How many indicators a voice may choose."""
    door: Mapped[str] = mapped_column(String(16))
    """How a person is recognised: `email` or `openid`. One door only, or somebody would have two voices."""
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment, index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment, default=now)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    announced: Mapped[datetime | None] = mapped_column(Moment)
    """When it was to end, where it was ended earlier."""
    facts: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: how the place stands in the edition, and what its peers share with it."""
    secret: Mapped[str | None] = mapped_column(String(64))
    """The key of the hashes and of the links; null from the moment when the consultation is over."""
    demo: Mapped[bool] = mapped_column(default=False)


class ConsultationTopic(Base):
    """An indicator that is asked about, with what residents are shown of it."""

    __tablename__ = "consultation_topic"
    __table_args__ = (UniqueConstraint("consultation_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[str] = mapped_column(String(100))
    facts: Mapped[str] = mapped_column(Text)
    """JSON: the value and its year, the peers, and the values to choose from with what each does to the score."""


class Voice(Base):
    """One person's voice. `key` is the keyed hash; the constraint lets nobody have two."""

    __tablename__ = "voice"
    __table_args__ = (UniqueConstraint("consultation_id", "key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    key: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer, default=1)
    """Counts the changes of mind."""


class VoiceChoice(Base):
    """What a voice chose for one topic. A change of mind replaces it."""

    __tablename__ = "voice_choice"
    __table_args__ = (Index(None, "topic_id", "value"),)

    voice_id: Mapped[int] = mapped_column(ForeignKey("voice.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("consultation_topic.id"), primary_key=True)
    value: Mapped[float] = mapped_column(Double)


class VoiceReason(Base):
    """Why somebody chose as they did. Shown when a moderator has read it."""

    __tablename__ = "voice_reason"
    __table_args__ = (Index(None, "consultation_id", "state"),)

    voice_id: Mapped[int] = mapped_column(ForeignKey("voice.id"), primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    """`waiting`, `shown` or `hidden`."""
    why: Mapped[str] = mapped_column(String(32), default="")
    """Why it is not shown; a word of `consultation_rules.GROUNDS`."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class ConsultationAnswer(Base):
    """What the municipality says to the outcome of a topic. The newest is in force; none is removed."""

    __tablename__ = "consultation_answer"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("consultation_topic.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    """`adopted`, `changed` (adopted with another value) or `not-adopted`."""
    value: Mapped[float | None] = mapped_column(Double)
    reason: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)

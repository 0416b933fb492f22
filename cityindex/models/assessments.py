"""Rounds of self-assessment: what municipalities answer, what reviewers decide, and everything that happened."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Double, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class Round(Base):
    """One round of a questionnaire version for the cohort of a programme and one period."""

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("questionnaire", "programme", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(32))
    definition: Mapped[str] = mapped_column(ForeignKey("definition_record.fingerprint"))
    """The questionnaire as it was when the round was opened: a later change of the files changes no open round."""
    programme: Mapped[str] = mapped_column(String(64))
    period: Mapped[int] = mapped_column(SmallInteger)
    opened_at: Mapped[datetime] = mapped_column(Moment, default=now)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    deadline: Mapped[date] = mapped_column(Date)
    """The last day for submitting, in Thailand."""
    review_deadline: Mapped[date] = mapped_column(Date)
    appeal_days: Mapped[int] = mapped_column(SmallInteger)
    """For how many days after an approval the municipality may appeal, and the programme has to answer."""
    second_share: Mapped[float] = mapped_column(Double)
    """Share of the assessments that a second reviewer looks at, drawn by `id` of round and place."""
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    demo: Mapped[bool] = mapped_column(default=False)


class Assessment(Base):
    """One place in one round. Its state is nowhere but in its events."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("round_id", "place_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    place_type: Mapped[str] = mapped_column(String(32))
    """When the round was opened: which questions apply does not change under the hands of who answers."""
    due: Mapped[date] = mapped_column(Date)
    """The last day for answering: of the round, of an extension, or of a return."""


class AssessmentEvent(Base):
    """Something that happened to an assessment. Only added, never changed; the state is a fold over these."""

    __tablename__ = "assessment_event"
    __table_args__ = (Index(None, "assessment_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    deed: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    detail: Mapped[str] = mapped_column(Text, default="{}")
    """JSON: the reason, the run, the new deadline, the questions of an appeal."""


class Saved:
    """What one save of an answer says, by whom and when."""

    assessment_id: Mapped[int]
    question: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)
    value: Mapped[str | None] = mapped_column(Text)
    """JSON of what `assessment.answers` read; null: not answered."""
    note: Mapped[str] = mapped_column(Text, default="")
    carried: Mapped[str | None] = mapped_column(String(16))
    """Null for an answer of this round; `unconfirmed`, `still-true` or `changed` for one of the round before."""
    later: Mapped[bool] = mapped_column(default=False)
    """Marked to come back to."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Answer(Saved, Base):
    """The newest answer to a question. `revision` counts the saves: who saves over one he has not seen is told so."""

    __tablename__ = "answer"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(100), primary_key=True)


class AnswerChange(Saved, Base):
    """Every save of every answer: who changed what, when."""

    __tablename__ = "answer_change"
    __table_args__ = (UniqueConstraint("assessment_id", "question", "revision"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    question: Mapped[str] = mapped_column(String(100))


class AssessmentComment(Base):
    """What people say to each other beside a question, or about the whole (no question)."""

    __tablename__ = "assessment_comment"
    __table_args__ = (Index(None, "assessment_id", "question"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    question: Mapped[str | None] = mapped_column(String(100))
    audience: Mapped[str] = mapped_column(String(16))
    """`municipality`, `reviewers` or `all` who may see the assessment."""
    text: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Submission(Base):
    """What was submitted, frozen: answers, evidence and gaps as the approver confirmed them."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[str] = mapped_column(Text)
    """Canonical JSON."""
    sha256: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Decision(Base):
    """What a reviewer said to one answer of one submission. The newest of a part is in force; none is removed."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "submission_id", "question"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    question: Mapped[str] = mapped_column(String(100))
    part: Mapped[str] = mapped_column(String(16))
    """`first`, `second` (a sample, to see how far reviewers agree) or `appeal`."""
    verdict: Mapped[str] = mapped_column(String(16))
    value: Mapped[str | None] = mapped_column(Text)
    """JSON of the value as verified; null for an answer that is returned or that stays unanswered."""
    reason: Mapped[str] = mapped_column(Text, default="")
    looked_at: Mapped[str] = mapped_column(Text, default="")
    """Of an item that can be checked from outside: the address that the reviewer looked at."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class ReviewAssignment(Base):
    """Who reviews an assessment, where a list says so. Ended, never removed."""

    __tablename__ = "review_assignment"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    part: Mapped[str] = mapped_column(String(16))
    """`first` or `second`."""
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

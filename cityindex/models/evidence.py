"""Evidence: files and links beside the answers of an assessment."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class EvidenceFile(Base):
    """A file in the store, by the hash of its content: however often it is handed in, it is one."""

    __tablename__ = "evidence_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    media_type: Mapped[str] = mapped_column(String(100))
    """As its content was recognised."""
    locked: Mapped[bool] = mapped_column(default=False)
    """Encrypted: it may want a password."""
    stored_at: Mapped[datetime] = mapped_column(Moment, default=now)
    verdict: Mapped[str] = mapped_column(String(16))
    """Of the scanner: `unscanned`, `waiting`, `clean` or `infected`."""
    finding: Mapped[str] = mapped_column(String(200), default="")
    """What the scanner found, or why it could not look."""
    scanned_at: Mapped[datetime | None] = mapped_column(Moment)


class Evidence(Base):
    """A file or link beside one question. Removed ones stay: what was submitted with them shows them still."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'file' AND sha256 IS NOT NULL AND url IS NULL) OR "
            "(kind = 'link' AND url IS NOT NULL AND sha256 IS NULL)",
            name="kind",
        ),
        Index(None, "assessment_id", "question"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    question: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str | None] = mapped_column(ForeignKey("evidence_file.sha256"), index=True)
    url: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    dated: Mapped[date | None] = mapped_column(Date)
    """What the document itself bears, whenever it was handed in."""
    valid_until: Mapped[date | None] = mapped_column(Date)
    uploaded_at: Mapped[datetime] = mapped_column(Moment, default=now)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    carried_from: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    """The evidence of the round before that this is."""

"""Files of figures that somebody uploads by hand, and what was decided about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class Upload(Base):
    """A file and how it is to be read. Its state is a fold over its events (`queries.uploads`)."""

    __tablename__ = "upload"
    __table_args__ = (Index(None, "place_id", "id"), Index(None, "account_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    """The place that reports its own figures; null for an analyst, whose figures are of any place."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    source: Mapped[str] = mapped_column(Text)
    """Where the figures come from, in the words of who uploaded them."""
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    file_size: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))
    """`csv` or `xlsx`, by content."""
    sheet: Mapped[str | None] = mapped_column(String(200))
    """Of a workbook; null: its first."""
    era: Mapped[str | None] = mapped_column(String(2))
    """Of the years in the file; null: as the file says."""
    period: Mapped[int | None] = mapped_column(SmallInteger)
    """Common-era year of a file without a column for it."""


class UploadFile(Base):
    """The file itself, byte by byte, apart from what lists read."""

    __tablename__ = "upload_file"

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class UploadEvent(Base):
    """A deed about an upload. Each is done once at most."""

    __tablename__ = "upload_event"
    __table_args__ = (UniqueConstraint("upload_id", "deed"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"))
    deed: Mapped[str] = mapped_column(String(16))
    """`checked`, `confirmed`, `accepted`, `returned` or `withdrawn`."""
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    difference: Mapped[str | None] = mapped_column(String(64))
    """The fingerprint of what the person saw would change."""
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"))
    """What brought the figures in; null where all were stored already."""

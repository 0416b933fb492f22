"""The trail of deeds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class AuditEvent(Base):
    """Who did what to what, when. Written in the transaction of the deed itself."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "action", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str | None] = mapped_column(Text)

"""Programs that read here under a name: who asked for access, the keys that were given out, and what they read."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class Client(Base):
    """A program of some organisation. Asked for first, then granted or refused; closed for good."""

    __tablename__ = "client"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    """Who asked and keeps its keys; null for one that the operator made."""
    scopes: Mapped[str] = mapped_column(Text, default="")
    """What its keys may have, as `services.scopes` writes it: data sets x actions x places."""
    rate: Mapped[int] = mapped_column(Integer)
    """Requests a minute of each of its keys."""
    asked_at: Mapped[datetime] = mapped_column(Moment, default=now)
    granted: Mapped[bool | None] = mapped_column()
    """Null until somebody decides."""
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused, for who asked."""
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class ApiKey(Base):
    """A secret of a client. Only its hash is kept; it is random enough that none can be found from it."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    start: Mapped[str] = mapped_column(String(12))
    """The first characters, by which its owner knows it again."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256."""
    scopes: Mapped[str] = mapped_column(Text, default="")
    """What it may do: all or some of what its client may."""
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    made_by: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by: Mapped[str | None] = mapped_column(String(200))


class DataUse(Base):
    """How often something was read in a day, by key: no address, no time of day, nobody's name."""

    __tablename__ = "data_use"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    key_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """0 without a key."""
    dataset: Mapped[str] = mapped_column(String(32), primary_key=True)
    place_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, index=True)
    """The one place that was asked for; 0 where it was a list of many."""
    requests: Mapped[int] = mapped_column(Integer)

"""Exchange with partners: keys that sign, deliveries with their receipts, comments, and the unbending trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Integer, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cityindex.models.base import Base, Moment, now


class SigningKey(Base):
    """A key of this site. One signs at a time; those before it stay published for old signatures."""

    __tablename__ = "signing_key"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    """Its thumbprint (RFC 7638)."""
    content: Mapped[str] = mapped_column(Text)
    """The key as JSON (JWK); without its private part when it is retired."""
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)


class Delivery(Base):
    """Rows that were handed to a partner or came from one, as one numbered package with its signed manifest."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("agreement", "direction", "sequence"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agreement: Mapped[str] = mapped_column(String(32))
    direction: Mapped[str] = mapped_column(String(8))
    """`send` or `receive`."""
    sequence: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 … without a gap, by agreement and direction."""
    state: Mapped[str] = mapped_column(String(12))
    """`waiting`, `accepted` or `given-up` of one that is sent, `applied` of one that came."""
    manifest: Mapped[str] = mapped_column(Text)
    """Signed (JWS); what it says is read from it."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the rows as they travel."""
    rows: Mapped[int] = mapped_column(Integer)
    cutoff: Mapped[int] = mapped_column(Integer, default=0)
    """The last recording that a delivery sent from here knew; of one that came, the recording that it became (or 0)."""
    terms: Mapped[str] = mapped_column(Text, default="")
    """JSON: the indicators and periods that were looked through, to see what a changed agreement adds."""
    demo: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    """When it was built; of one that came, when its maker says it was."""
    by: Mapped[str] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its receipt was stored, or written."""
    error: Mapped[str] = mapped_column(Text, default="")
    """Why the last try failed."""
    receipt: Mapped[str | None] = mapped_column(Text)
    """Signed (JWS) by whoever applied it."""
    accepted: Mapped[int | None] = mapped_column(Integer)
    rejected: Mapped[int | None] = mapped_column(Integer)


class DeliveryFile(Base):
    """The rows of a delivery sent from here, byte by byte: what is sent again is the same."""

    __tablename__ = "delivery_file"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DeliveryPlace(Base):
    """Whose figures a delivery has looked through, and how many rows of each place it holds (0: nothing changed)."""

    __tablename__ = "delivery_place"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, index=True)
    rows: Mapped[int] = mapped_column(Integer)


class ExchangeEntry(Base):
    """Who sent or read what under which agreement. Each entry carries the hash of the one before; none is changed."""

    __tablename__ = "exchange_entry"

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(200))
    agreement: Mapped[str] = mapped_column(String(32))
    deed: Mapped[str] = mapped_column(String(32))
    delivery_id: Mapped[int | None] = mapped_column(Integer, index=True)
    detail: Mapped[str] = mapped_column(Text)
    """JSON."""
    before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class PartnerComment(Base):
    """What a partner says about a value; a task of the place until it is answered."""

    __tablename__ = "partner_comment"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agreement: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    """The partner's own name for it: said twice, it is one comment."""
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    indicator: Mapped[str] = mapped_column(String(100))
    period: Mapped[int] = mapped_column(SmallInteger)
    """A year of the common era."""
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("agreement", "reference"),)


class Change(Base):
    """What changed for readers, numbered without doubt about the order: recordings, and movements of editions."""

    __tablename__ = "change"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    """`recording` or `publication`."""
    reference: Mapped[int] = mapped_column(Integer)
    """The number of the recording or publication."""


class Pull(Base):
    """What was fetched from another service under a mapping: from which address, when, and what came of it."""

    __tablename__ = "pull"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mapping: Mapped[str] = mapped_column(String(32), index=True)
    version: Mapped[str] = mapped_column(String(32))
    """Of the mapping."""
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    by: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(16))
    """`recorded`, `unchanged`, `refused` or `unreachable`."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the answer as it came."""
    bytes: Mapped[int | None] = mapped_column(Integer)
    modified: Mapped[str | None] = mapped_column(String(200))
    """What the service said of when the data were changed."""
    recording_id: Mapped[int | None] = mapped_column(Integer)
    said: Mapped[str] = mapped_column(Text)
    """JSON: the match report, or why it was refused."""


class ReceivedScore(Base):
    """A score of an edition of a partner, as the newest delivery about it said. It is never mixed with ours."""

    __tablename__ = "received_score"

    agreement: Mapped[str] = mapped_column(String(32), primary_key=True)
    framework: Mapped[str] = mapped_column(String(64), primary_key=True)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    node: Mapped[str] = mapped_column(String(100), primary_key=True)
    place_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    score: Mapped[float | None] = mapped_column(Double)
    rank: Mapped[int | None] = mapped_column(Integer)
    rank_low: Mapped[int | None] = mapped_column(Integer)
    rank_high: Mapped[int | None] = mapped_column(Integer)
    coverage: Mapped[float | None] = mapped_column(Double)
    version: Mapped[str] = mapped_column(String(32))
    """Of the method."""
    run: Mapped[int] = mapped_column(Integer)
    """The partner's number of the edition."""
    mark: Mapped[str] = mapped_column(String(32))
    """`provisional`, `final`, `corrected` or empty."""
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)

"""People who sign in, and what they were made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cityindex.models.base import Base, Moment, now


class Account(Base):
    """One person. A closed account keeps its deeds; its e-mail address is free for whoever comes after."""

    __tablename__ = "account"
    __table_args__ = (
        Index(
            "uq_account_email_open",
            "email",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(200))
    """Folded: one person has one, however it is typed. Empty where the person was erased."""
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; null until a password is chosen."""
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret in the one-time link that lets the person choose a password."""
    link_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    """Counted up to sign the person out everywhere: a session of another epoch is over."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    grants: Mapped[list[RoleGrant]] = relationship(lazy="raise", order_by="RoleGrant.id")


class RoleGrant(Base):
    """A role given to a person, for the whole site or for one place. Grants are ended, never removed."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    granted_by: Mapped[str] = mapped_column(String(200))
    granted_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInAttempt(Base):
    """A password that was tried, kept for some minutes, so that guessing stays slow whatever process answers."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    key: Mapped[str] = mapped_column(String(64))
    """A keyed hash of where it came from, or of that and the address it was for: neither can be read from it."""


class SecondFactor(Base):
    """The secret that a person's authenticator shares with this site (RFC 6238)."""

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    """Null until a first code has shown that the authenticator has the secret: until then nobody is asked for one."""
    last_step: Mapped[int] = mapped_column(Integer, default=0)
    """The time step of the last code that was taken: a code works once."""


class RecoveryCode(Base):
    """Lets a person in who has lost the authenticator. Only its hash is kept, and it is removed when it is used."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))


class Identity(Base):
    """Who a person is at an OpenID provider."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Letter(Base):
    """A letter to a person, written in the transaction of the deed that it tells of, and sent afterwards.

    Its words are made when it is sent: until then there is no one-time link that could be read here.
    """

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_waiting", "next_try_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    """The name of its template."""
    details: Mapped[str] = mapped_column(Text, default="{}")
    """What the template tells, as JSON. Emptied when the letter has gone."""
    written_at: Mapped[datetime] = mapped_column(Moment, default=now)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment, default=now)
    """Null for a letter that waits for nothing more: it has gone, or was given up."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    handed_by: Mapped[str | None] = mapped_column(String(200))
    """Who took it out to hand it over, where no mail is sent."""
    error: Mapped[str | None] = mapped_column(String(200))
    """What the mail server said when it last refused."""

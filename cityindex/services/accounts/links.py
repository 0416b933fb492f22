"""One-time links: a secret that lets whoever holds it choose a password. Only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Account

LASTS = timedelta(days=7)
SHORT = timedelta(days=1)
"""Of a link that somebody asked for who may not be the person."""


@dataclass(frozen=True, slots=True)
class Link:
    """The secret of a one-time link."""

    token: str
    expires: datetime


def fresh_link(account: Account, at: datetime, lasts: timedelta = LASTS) -> Link:
    """A new link; the one before it no longer works."""
    link = Link(secrets.token_urlsafe(32), at + lasts)
    account.link_hash, account.link_expires_at = digest(link.token), link.expires
    return link


def holder(session: Session, token: str, at: datetime) -> Account:
    """Whose link it is. Raises `NotFound` for one that is used or too old."""
    account = session.scalar(select(Account).where(Account.link_hash == digest(token)))
    if account is None or account.link_expires_at is None or account.link_expires_at < at:
        raise NotFound("this link was used already, or it is too old")
    return account


def spend(account: Account) -> None:
    account.link_hash = account.link_expires_at = None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

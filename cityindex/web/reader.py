"""Who reads: the account behind the cookie of a request.

A page that needs nobody's name does not look at the cookie, so that an answer to a reader without one is everybody's.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app, g, request
from flask import session as cookie

from cityindex.errors import Forbidden
from cityindex.queries.accounts.accounts import AccountRecord, account
from cityindex.services.accounts.accounts import SignedIn
from cityindex.services.accounts.roles import Permission, permissions_of
from cityindex.web.session import database

IDLE = timedelta(hours=12)
HALFWAY = 600.0
"""Seconds between the password and the code."""
RENEWED_AFTER = 300.0
"""Seconds after which the cookie is written again, so that it ends 12 hours after the last page."""


@dataclass(frozen=True, slots=True)
class Reader:
    account: AccountRecord
    permissions: frozenset[Permission]


def install(app: Flask) -> None:
    app.config.update(PERMANENT_SESSION_LIFETIME=IDLE, SESSION_REFRESH_EACH_REQUEST=False)
    app.jinja_env.globals.update(signed_in=signed_in)


def has_cookie() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def signed_in() -> bool:
    """Whether the cookie says so, without asking the database: enough for a link, never for a permission."""
    return has_cookie() and "account" in cookie


def reader() -> Reader | None:
    """Who reads, if somebody is signed in. One query a request."""
    if "reader" not in g:
        g.reader = _reader() if signed_in() else None
    found: Reader | None = g.reader
    return found


def me() -> AccountRecord:
    """The account of whoever reads a page that needs somebody."""
    found = reader()
    if found is None:  # the permission was checked before: this cannot be
        raise Forbidden("nobody is signed in")
    return found.account


def enter(who: SignedIn) -> None:
    """Begin a session; nothing of the one before it is kept."""
    cookie.clear()
    cookie.permanent = True
    cookie.update(account=who.account, epoch=who.epoch, seen=time.time())


def halfway(who: SignedIn) -> None:
    """The password was right; the session begins when the code is, too (`half`)."""
    cookie.clear()
    cookie.update(half=who.account, half_epoch=who.epoch, half_at=time.time())


def half() -> SignedIn | None:
    """Whose code is awaited, for some minutes after the password."""
    if "half" not in cookie or time.time() - cookie["half_at"] > HALFWAY:
        return None
    return SignedIn(cookie["half"], cookie["half_epoch"])


def leave() -> None:
    cookie.clear()
    g.reader = None


def network_address() -> str:
    """Where a request came from: what the nearest proxy says, if there is one in this network."""
    direct = request.remote_addr or "127.0.0.1"  # a socket of this machine has no address
    told = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(told)) if ipaddress.ip_address(direct).is_private else direct
    except ValueError:
        return direct


def _reader() -> Reader | None:
    record = account(database(), cookie["account"])
    if record is None or record.closed_at is not None or record.epoch != cookie.get("epoch"):
        leave()
        return None
    if time.time() - cookie.get("seen", 0.0) > RENEWED_AFTER:
        cookie["seen"] = time.time()
    return Reader(record, permissions_of(record.held))

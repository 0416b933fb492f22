"""The key that a request may carry: whose it is and what it opens, asked anew each time, so that it ends at once."""

from __future__ import annotations

from flask import g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from cityindex.errors import Unavailable
from cityindex.queries.accounts.reach import Reach
from cityindex.services.exchange.scopes import reach_of, read_scopes
from cityindex.web import problems
from cityindex.web.session import application, database

SANDBOX_KEY = "ci_sandbox"
"""Everybody's: it opens invented data and nothing else."""
SCHEME = "Bearer"
NO_KEY = "the key is not known, has ended or was revoked: ask for another one, or leave it out for what is public"
NO_FORM = "a key is sent as `Authorization: Bearer KEY`: leave the header out for what is public"
NO_SANDBOX = "this site has no sandbox yet: its operator makes it with `cityindex client sandbox`"


def take() -> Response | None:
    """Before each request of the API: recognise the key. An answer where it is none."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != SCHEME.lower() or not secret.strip():
        return _unauthorized(NO_FORM)
    if secret.strip() == SANDBOX_KEY:
        return _sandbox()
    g.client = application().clients.identify(secret.strip())
    return None if g.client else _unauthorized(NO_KEY)


def reach(dataset: str, action: str) -> Reach:
    """Where the key of this request opens a data set for an action; nowhere without one."""
    caller = g.get("client")
    return reach_of(database(), read_scopes(caller.scopes), dataset, action) if caller else Reach()


def _sandbox() -> Response | None:
    """Everything that this request reads is invented."""
    g.sandbox = True
    try:
        g.session = application().sandbox.sessions()
    except (SQLAlchemyError, Unavailable):
        return problems.problem(503, NO_SANDBOX)
    return None


def _unauthorized(detail: str) -> Response:
    response = problems.problem(401, detail)
    response.headers["WWW-Authenticate"] = f'{SCHEME} realm="{problems.API}"'
    return response

"""The way in: the sign-in page, the page for a code, and where one goes on to."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from cityindex.services.accounts.accounts import SignedIn
from cityindex.web import kept as keeping
from cityindex.web.forms import given, own_path
from cityindex.web.kept import Kept
from cityindex.web.reader import enter, halfway
from cityindex.web.session import application

WAIT = "900"
UNFIT, BUSY = 422, 429


def target() -> str:
    """Where the reader wanted to go."""
    return own_path(request.values.get("next", "")) or url_for("account.index")


def login_page(error: str = "", status: int = 200, kept: Kept | None = None) -> ResponseReturnValue:
    page = render_template(
        "pages/account/login.html",
        next=target() if kept is None else "",
        error=error,
        email=given("email") if request.endpoint == "account.login" else "",
        kept=kept or keeping.given_back(),
        provider=application().settings.openid,
    )
    return page, status, {"Retry-After": WAIT} if status == BUSY else {}


def code_page(error: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template("pages/account/code.html", next=target(), error=error, kept=keeping.given_back())
    return page, status, {"Retry-After": WAIT} if status == BUSY else {}


def arrive(who: SignedIn) -> ResponseReturnValue:
    """Begin the session, or ask for the code of the second factor first."""
    if who.asks_code:
        halfway(who)
        return code_page()
    enter(who)
    return onward()


def onward() -> Response:
    """Signed in: send what was kept, or go where the reader wanted to."""
    kept = keeping.given_back()
    return keeping.send_page(kept) if kept else redirect(target(), 303)

"""Other ways in: the code of a second factor, a forgotten password, an OpenID provider."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from cityindex.errors import Conflict, Forbidden, NotFound, Unavailable
from cityindex.gateways.openid import Begun, Provider
from cityindex.services.accounts.attempts import TooMany
from cityindex.web.arrival import BUSY, UNFIT, arrive, code_page, onward, target
from cityindex.web.forms import given, own_path, too_many
from cityindex.web.language import language
from cityindex.web.pages.voices import came_back
from cityindex.web.permissions import PUBLIC, SIGNED_IN, needs
from cityindex.web.reader import enter, half, me, network_address, reader
from cityindex.web.session import application

sign_in = Blueprint("sign_in", __name__)
OPENID, LANGUAGE = "openid", "language"


@sign_in.route("/account/code", methods=["GET", "POST"])
@needs(PUBLIC)
def code() -> ResponseReturnValue:
    who = half()
    if who is None:
        return redirect(url_for("account.login", next=target()), 303)
    if request.method == "GET":
        return code_page()
    try:
        application().second_factor.verify(who.account, given("code"))
    except TooMany:
        return code_page(too_many(), BUSY)
    except Forbidden:
        return code_page(gettext("This code is wrong, or it was used already. Wait for the next one."), UNFIT)
    enter(who)
    return onward()


@sign_in.route("/account/forgotten", methods=["GET", "POST"])
@needs(PUBLIC)
def forgotten() -> ResponseReturnValue:
    error = ""
    if request.method == "POST":
        try:
            application().accounts.forgotten(given("email"), network_address())
        except TooMany:
            error = too_many()
    asked = request.method == "POST" and not error
    page = render_template("pages/account/forgotten.html", asked=asked, error=error, mails=_mails())
    return page, BUSY if error else 200


@sign_in.get("/account/openid")
@needs(PUBLIC)
def openid() -> Response:
    """Send the reader to the provider; from the page of a one-time link, with its `token`."""
    begun = _provider().begin(_back())
    cookie[OPENID] = {**asdict(begun), "next": target(), "token": request.args.get("token", "")}
    cookie[LANGUAGE] = language()
    return redirect(begun.url, 303)


@sign_in.get("/account/openid/back")
@needs(PUBLIC)
def openid_back() -> ResponseReturnValue:
    g.language = cookie.pop(LANGUAGE, language())  # the address that the provider knows is in one language only
    kept = cookie.pop(OPENID, None)
    if kept is not None and (asked := kept.pop("consultation", 0)):
        # Whoever takes part in a consultation needs no account, and gets none.
        return came_back(asked, Begun(**{name: kept[name] for name in Begun.__slots__}))
    if kept is None or not request.args.get("code"):
        return _not_known(gettext("Signing in was broken off. Begin again."))
    onto, token = own_path(kept.pop("next")), kept.pop("token")
    return _recognised(Begun(**kept), token, onto)


def _recognised(begun: Begun, token: str, onto: str | None) -> ResponseReturnValue:
    try:
        person = _provider().finish(begun, _back(), request.url)
        if reader():
            return _linked(person)
        return _went(arrive(application().identities.sign_in(person, token or None)), onto)
    except Conflict:
        return _not_known(gettext("This identity is linked to another account here."))
    except (Forbidden, NotFound):
        return _not_known(
            gettext("No account here is linked to this identity. Sign in with your password and link it.")
        )
    except Unavailable:
        return _not_known(gettext("The provider does not answer now. Try again later, or use your password."))


@sign_in.post("/account/openid/unlink")
@needs(SIGNED_IN)
def unlink() -> Response:
    try:
        application().identities.unlink(me().id)
        flash(gettext("The link is gone. You sign in with your password now."))
    except Conflict:
        flash(
            gettext("You have no password yet: ask for one by “Forgotten the password?”, or you could not come back.")
        )
    return redirect(url_for("account.index"), 303)


def _linked(person: object) -> Response:
    application().identities.link(me().id, person)  # type: ignore[arg-type]
    flash(gettext("It is linked. You may sign in with it from now on."))
    return redirect(url_for("account.index"), 303)


def _went(response: ResponseReturnValue, onto: str | None) -> ResponseReturnValue:
    """To the page that the reader wanted, or to the page for the code, which leads there."""
    if half() is not None:
        return redirect(url_for("sign_in.code", next=onto), 303)
    return redirect(onto, 303) if onto else response


def _not_known(words: str) -> Response:
    flash(words)
    return redirect(url_for("account.index" if reader() else "account.login"), 303)


def _provider() -> Provider:
    found = application().openid
    if found is None:
        raise NotFound("no OpenID provider is set")
    return found


def _back() -> str:
    """The one address that the provider knows."""
    return url_for("sign_in.openid_back", language="th", _external=True)


def _mails() -> bool:
    return application().settings.mail_url is not None

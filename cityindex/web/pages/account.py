"""Signing in and out, choosing a password, and who one is here."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Forbidden, NotFound
from cityindex.queries.accounts.people import ways_in
from cityindex.services.accounts.accounts import WeakPassword
from cityindex.services.accounts.attempts import TooMany
from cityindex.services.accounts.handover import HANDED
from cityindex.services.accounts.passwords import SHORTEST
from cityindex.services.accounts.roles import Permission
from cityindex.web.arrival import BUSY, UNFIT, arrive, login_page, onward
from cityindex.web.forms import WEAKNESSES, given, too_many
from cityindex.web.permissions import PUBLIC, at_place, holds, may, needs, reach
from cityindex.web.reader import enter, leave, me, network_address, reader
from cityindex.web.session import application, database

account = Blueprint("account", __name__)


@account.route("/account/login", methods=["GET", "POST"])
@needs(PUBLIC)
def login() -> ResponseReturnValue:
    if reader():
        return onward()
    if request.method == "GET":
        return login_page()
    try:
        who = application().accounts.sign_in(given("email"), given("password"), network_address())
    except TooMany:
        return login_page(too_many(), BUSY)
    except Forbidden:
        return login_page(gettext("The e-mail address or the password is wrong. Type both again."), UNFIT)
    return arrive(who)


@account.post("/account/logout")
@needs(PUBLIC)
def logout() -> ResponseReturnValue:
    leave()
    return redirect(url_for("home.index"), 303)


@account.route("/account/welcome/<token>", methods=["GET", "POST"])
@needs(PUBLIC)
def welcome(token: str) -> ResponseReturnValue:
    accounts = application().accounts
    try:
        email = accounts.invited(token)
        errors = _chosen(lambda password: accounts.choose_password(token, password)) if request.method == "POST" else {}
    except NotFound:
        return render_template("pages/account/spent.html"), 404
    if request.method == "POST" and not errors:
        leave()
        flash(gettext("Your password is saved. Sign in with it now."))
        return redirect(url_for("account.login"), 303)
    page = render_template(
        "pages/account/welcome.html",
        email=email,
        token=token,
        errors=errors,
        shortest=SHORTEST,
        provider=application().settings.openid,
    )
    return page, UNFIT if errors else 200


@account.get("/account/")
def index() -> str:
    return _index({})


@account.post("/account/password")
def password() -> ResponseReturnValue:
    accounts, mine = application().accounts, me()

    def change(new: str) -> None:
        enter(accounts.change_password(mine.id, given("old"), new, network_address()))

    try:
        errors = _chosen(change)
    except Forbidden:
        errors = {"old": gettext("This is not your present password.")}
    except TooMany:
        errors = {"old": too_many()}
    if errors:
        return _index(errors), UNFIT
    flash(gettext("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for("account.index"), 303)


@account.post("/account/sign-out-everywhere")
def everywhere() -> ResponseReturnValue:
    application().accounts.sign_out_everywhere(me().id)
    leave()
    flash(gettext("You are signed out everywhere."))
    return redirect(url_for("account.login"), 303)


def _index(errors: dict[str, str]) -> str:
    mine = me()
    return render_template(
        "pages/account/index.html",
        me=mine,
        errors=errors,
        shortest=SHORTEST,
        ways=ways_in(database(), mine.id),
        provider=application().settings.openid,
        operates=may(Permission.SEE_RECORDS),
        shares=holds(at_place(Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE)),
        proposes=holds(at_place(Permission.PROPOSE, Permission.REVIEW_PROPOSALS)),
        asks=holds(at_place(Permission.ASK_RESIDENTS, Permission.MODERATE)),
        figures=holds(at_place(Permission.UPLOAD_OBSERVATIONS, Permission.ACCEPT_OBSERVATIONS)),
        invites=bool(reach(Permission.INVITE)),
        handed=HANDED,
    )


def _chosen(save: Callable[[str], None]) -> dict[str, str]:
    """Save the password that was typed twice; what is wrong with it, by field."""
    if given("password") != given("again"):
        return {"again": gettext("The two passwords differ.")}
    try:
        save(given("password"))
    except WeakPassword as weak:
        return {"password": str(WEAKNESSES[weak.why])}
    return {}

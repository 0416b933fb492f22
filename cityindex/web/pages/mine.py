"""One's own account: the second factor, one's data, handing work over, going."""

from __future__ import annotations

import json

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.services.accounts.attempts import TooMany
from cityindex.services.accounts.handover import HANDED, Successor
from cityindex.services.accounts.invitation_rules import Inviter
from cityindex.web.arrival import BUSY, UNFIT
from cityindex.web.forms import given, too_many
from cityindex.web.own_data import legend_of, tables_of
from cityindex.web.permissions import owes_second_step
from cityindex.web.reader import leave, me
from cityindex.web.session import application, database

mine = Blueprint("mine", __name__)


@mine.get("/account/second-step")
def second_step_first() -> ResponseReturnValue:
    """Where whoever has to set a second step is led to, from every page that needs an account."""
    if me().second_factor:
        return redirect(url_for("account.index"), 303)
    return render_template("pages/account/second_step_first.html", owed=owes_second_step())


@mine.post("/account/second-step")
def second_step() -> ResponseReturnValue:
    """Begin, and take the first code of the authenticator."""
    if me().second_factor:
        return redirect(url_for("account.index"), 303)
    try:
        if given("code"):
            codes = application().second_factor.confirm(me().id, given("code"))
            return render_template("pages/account/recovery.html", codes=codes)
        return _enrolment("")
    except TooMany:
        return _enrolment(too_many()), BUSY
    except Forbidden:
        return _enrolment(gettext("This is not the code that the application shows now. Wait for the next one.")), UNFIT


@mine.post("/account/second-step/remove")
def remove_second_step() -> ResponseReturnValue:
    try:
        application().second_factor.remove(me().id, given("code"))
        flash(gettext("Only the password is asked for now."))
    except TooMany:
        flash(too_many())
    except Forbidden:
        flash(gettext("This code is wrong, or it was used already. Nothing was changed."))
    return redirect(url_for("account.index"), 303)


def _enrolment(error: str) -> str:
    enrolment = application().second_factor.begin(me().id, gettext("City Index"))
    picture = Markup(segno.make(enrolment.address).svg_inline(scale=5, border=2, omitsize=True))  # noqa: S704
    return render_template("pages/account/second_step.html", enrolment=enrolment, picture=picture, error=error)


@mine.get("/account/data")
def data() -> str:
    found = application().personal_data.export(me().id)
    return render_template("pages/account/data.html", me=me(), known=found["known_as"], tables=tables_of(found))


@mine.get("/account/data.json")
def data_file() -> Response:
    found = application().personal_data.export(me().id)
    text = json.dumps({**found, "legend": legend_of(found)}, ensure_ascii=False, indent=2, default=str)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(text, mimetype="application/json", headers=headers)


@mine.route("/account/erase", methods=["GET", "POST"])
def erase() -> ResponseReturnValue:
    error = ""
    if request.method == "POST":
        try:
            if given("email").strip().casefold() != me().email:
                raise Invalid("another address")
            application().personal_data.erase(me().id)
            leave()
            flash(gettext("Your name and e-mail address are erased. Thank you for your work."))
            return redirect(url_for("account.login"), 303)
        except Invalid:
            error = gettext("This is not the address of this account.")
        except Conflict:
            error = gettext("You are the last administrator: make somebody else one first.")
    return render_template("pages/account/erase.html", me=me(), error=error), UNFIT if error else 200


@mine.route("/account/hand-over/<place>", methods=["GET", "POST"])
def hand_over(place: str) -> ResponseReturnValue:
    found = find_place(database(), place).place
    roles = [grant.role for grant in me().grants if grant.place_id == found.id and grant.role in HANDED]
    if not roles:
        raise NotFound(f"nothing is held at place {found.id}")
    if request.method == "GET":
        return hand_over_page(found, roles)
    error = handed_over(me().id, found, Inviter(me().actor, tuple(me().held)))
    if error:
        return hand_over_page(found, roles, error), UNFIT
    return redirect(url_for("account.index"), 303)


def hand_over_page(place: PlaceRecord, roles: list[str], error: str = "", of: str = "") -> str:
    return render_template("pages/account/hand_over.html", place=place, roles=roles, error=error, of=of)


def handed_over(account_id: int, place: PlaceRecord, inviter: Inviter) -> str:
    """Hand over by the form that was sent; what is wrong with it, if anything is."""
    try:
        successor = Successor(given("email"), given("name"))
        application().handover.hand_over(account_id, place.id, successor, inviter)
    except Invalid:
        return gettext("This is not an e-mail address.")
    except Conflict:
        return gettext("The successor has to be somebody else.")
    flash(gettext("It is handed over. The successor gets a letter."))
    return ""

"""Reporting a mistake in a published figure, without an account, and looking up the answer by a secret link."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import Invalid
from cityindex.queries.participation.mistakes import Figure, by_link, waiting_about
from cityindex.services.accounts.attempts import TooMany
from cityindex.services.accounts.links import digest
from cityindex.services.participation.mistakes import ANSWERED_WITHIN, LONGEST, Report, link_for
from cityindex.web.forms import given
from cityindex.web.indicators.view import year_argument
from cityindex.web.language import language
from cityindex.web.participation.mistake_view import Asked, choices, figure_of
from cityindex.web.places.chosen import chosen_places
from cityindex.web.query import checked
from cityindex.web.reader import network_address
from cityindex.web.session import application, database

mistakes = Blueprint("mistakes", __name__)
UNFIT, BUSY = 422, 429
TRAP = "website"
"""A field that nobody sees: what is in it was written by a machine."""


class Wanted(Schema):
    """Which figure is meant. `run` is heeded by `shown_editions`."""

    class Meta:
        unknown = EXCLUDE

    place = fields.String(load_default="", validate=validate.Length(max=100))
    code = fields.String(load_default="", validate=validate.Length(max=100))
    framework = fields.String(load_default="", validate=validate.Length(max=64))
    period = fields.Function(deserialize=year_argument, load_default=None)


@mistakes.get("/mistakes/report")
def report() -> ResponseReturnValue:
    """The form. Too little said of the figure: what is missing is asked first."""
    return _form({})


@mistakes.post("/mistakes/report")
def send() -> ResponseReturnValue:
    *_, figure = _meant()
    if figure is None or given(TRAP):
        problem = gettext("This field is to stay empty: it is there for machines. Nothing was sent.")
        return _form({TRAP: problem} if given(TRAP) else {}), UNFIT
    try:
        sent = Report(figure, given("said"), given("email"), language(), network_address(), given("link"))
        secret = application().mistakes.report(sent)
    except Invalid as error:
        return _form({str(one.column): _words(str(one.column)) for one in error.problems}), UNFIT
    except TooMany:
        words = gettext("Many reports came from here within a short time. Wait a quarter of an hour and send it again.")
        return _form({"said": words}), BUSY
    flash(gettext("Thank you. Your report is with those who answer for the figure."))
    return redirect(url_for("mistakes.one", secret=secret), 303)


@mistakes.get("/mistakes/<secret>")
def one(secret: str) -> Response:
    """How a report stands, for whoever holds its link."""
    found = by_link(database(), digest(secret))
    page = render_template(
        "pages/mistakes/one.html",
        found=found,
        secret=secret,
        mails=application().settings.mail_url is not None,
    )
    return _secret(page)


@mistakes.post("/mistakes/<secret>/forget")
def forget(secret: str) -> ResponseReturnValue:
    """Forget the e-mail address of a report."""
    application().mistakes.forget_address(secret)
    flash(gettext("Your e-mail address is deleted."))
    return redirect(url_for("mistakes.one", secret=secret), 303)


def _form(errors: dict[str, str]) -> Response:
    wanted, chosen, figure = _meant()
    page = render_template(
        "pages/mistakes/report.html",
        wanted=wanted,
        chosen=chosen,
        figure=figure,
        choices=choices(wanted["framework"]),
        waiting=waiting_about(database(), figure) if figure else 0,
        errors=errors,
        written=request.form,
        link=link_for(given("link")),
        longest=LONGEST,
        days=ANSWERED_WITHIN.days,
        trap=TRAP,
        mails=application().settings.mail_url is not None,
    )
    return _secret(page)


def _meant() -> tuple[dict[str, Any], Any, Figure | None]:
    """What the address asks for, the places that it may mean, and the figure, where there is one."""
    wanted = checked(Wanted(), request.args)
    chosen = chosen_places([wanted["place"]])
    if chosen.offered:
        return wanted, chosen, None
    place = chosen.places[0] if chosen.places else None
    return wanted, chosen, figure_of(Asked(place, wanted["code"], wanted["framework"], wanted["period"]))


def _words(column: str) -> str:
    if column == "email":
        return gettext("This is not an e-mail address. Write one, or leave it empty.")
    return gettext("Say in a few words what is wrong, in at most %(count)s characters.", count=f"{LONGEST:,}")


def _secret(page: str) -> Response:
    """Kept by nobody, and not said to other sites."""
    g.private = True
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response

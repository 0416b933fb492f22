"""Opening runs for preview, and answering what places object."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.calendars import THAILAND, read_date
from cityindex.errors import Conflict, Invalid
from cityindex.models import now
from cityindex.queries.places.programmes import members_by_programme
from cityindex.queries.runs.editions import RunRecord, run_record
from cityindex.queries.runs.previews import PreviewRecord, objections, previews
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.forms import given
from cityindex.web.operations import tabs
from cityindex.web.reader import me
from cityindex.web.releases.words import title
from cityindex.web.session import application, database

previewing = Blueprint("previewing", __name__)
UNFIT, CONFLICT = 422, 409


@previewing.get("/admin/previews")
def index() -> str:
    return _list()


@previewing.route("/admin/runs/<int:run>/preview", methods=["GET", "POST"])
def begin(run: int) -> ResponseReturnValue:
    found = run_record(database(), run)
    if request.method == "GET":
        return _form(found)
    until = _end_of(given("until"))
    if until is None:
        return _form(found, gettext("Give a day to come, at most half a year away.")), UNFIT
    try:
        application().previews.open(run, until, me().id, given("programme"))
    except Invalid:
        return _form(found, gettext("Give a day to come, and a programme whose places are in this run.")), UNFIT
    except Conflict:
        return _form(found, gettext("This run was public already, is open for preview, or scores nobody.")), CONFLICT
    flash(gettext("The preview is open."))
    return redirect(url_for("previewing.index"), 303)


@previewing.post("/admin/previews/<int:number>/close")
def close(number: int) -> ResponseReturnValue:
    application().previews.close(number, me().id)
    flash(gettext("The preview is over."))
    return redirect(url_for("previewing.index"), 303)


@previewing.post("/admin/objections/<int:number>")
def answer(number: int) -> ResponseReturnValue:
    decided = given("accepted")
    if decided not in ("yes", "no"):
        return _list(number, gettext("Say whether the objection was right.")), UNFIT
    try:
        application().previews.answer(number, decided == "yes", given("answer"), me().id)
    except Invalid:
        return _list(number, gettext("Say what follows from it, or why it is not accepted: the place reads it.")), UNFIT
    flash(gettext("It is answered. The people of the place read it on their page."))
    return redirect(url_for("previewing.index"), 303)


def _list(wrong: int = 0, problem: str = "") -> str:
    found = _previews()
    names = {one.run: entry_of(one) for one in found}
    return render_template(
        "pages/admin/previews.html",
        tabs=tabs(),
        previews=found,
        objections=objections(database()),
        node_name=lambda one: translated(names[one.run].node_name(one.node)),
        title_of=title,
        programme_name=_programme_name,
        wrong=wrong,
        problem=problem,
        is_now=now(),
    )


def _previews() -> tuple[PreviewRecord, ...]:
    return previews(database(), now())


def _form(run: RunRecord, problem: str = "") -> str:
    members = members_by_programme(database())
    return render_template(
        "pages/admin/preview.html",
        run=run,
        title=title(run.framework, run.period),
        programmes=[(code, _programme_name(code)) for code in members],
        problem=problem,
        tomorrow=(now() + timedelta(days=1)).astimezone(THAILAND).date(),
    )


def _programme_name(code: str) -> str:
    known = application().catalogue.programmes
    return translated(known[code].name) if code in known else code


def _end_of(text: str) -> datetime | None:
    """The end of a day in Thailand, of either era; None for what is no day."""
    try:
        day = read_date(text)
    except Invalid:
        return None
    if day.precision != "day":
        return None
    return datetime.combine(day.first, time(23, 59, 59), THAILAND).astimezone(UTC)

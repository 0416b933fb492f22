"""Answering what readers report: by the people of the place, or by whoever keeps the figures."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.queries.accounts.accounts import actor_names
from cityindex.queries.participation.mistakes import MistakeRecord, mistake, reports
from cityindex.queries.places.places import find_place
from cityindex.services.accounts.roles import Permission
from cityindex.services.participation.mistakes import LONGEST
from cityindex.web.forms import Refused, given
from cityindex.web.operations import tabs
from cityindex.web.permissions import at_place, may, needs, reach, require
from cityindex.web.reader import me
from cityindex.web.session import application, database

answering_mistakes = Blueprint("answering_mistakes", __name__)
ANSWERS = at_place(Permission.ANSWER, Permission.PUBLISH)
UNFIT, CONFLICT = 422, 409


@answering_mistakes.get("/admin/mistakes")
@needs(Permission.PUBLISH)
def index() -> str:
    """All reports, for whoever keeps the figures."""
    return render_template("pages/mistakes/index.html", tabs=tabs(), reports=reports(database()))


@answering_mistakes.get("/account/mistakes/<int:number>")
def one(number: int) -> str:
    return _page(_mine(number))


@answering_mistakes.post("/account/mistakes/<int:number>")
def answer(number: int) -> ResponseReturnValue:
    found = _mine(number)
    if not _may_answer(found):
        raise NotFound(f"report {number} is not for this reader to answer")
    chosen = given("accepted")
    if chosen not in ("yes", "no"):
        return _page(found, gettext("Choose whether the figure is wrong.")), UNFIT
    try:
        application().mistakes.answer(number, chosen == "yes", given("answer"), me().actor)
    except Invalid:
        return _page(found, gettext("Say what follows or why not: the reader finds your words.")), UNFIT
    except Conflict:
        return _page(found, gettext("Somebody has answered it in the meantime.")), CONFLICT
    flash(gettext("Your answer is given."))
    return redirect(url_for("answering_mistakes.one", number=number), 303)


@answering_mistakes.post("/account/mistakes/<int:number>/pass-on")
def pass_on(number: int) -> ResponseReturnValue:
    """Hand it to the other side."""
    found = _mine(number)
    if not _may_answer(found):
        raise NotFound(f"report {number} is not for this reader to answer")
    try:
        application().mistakes.pass_on(number, me().actor)
    except Conflict:
        return _page(found, gettext("Somebody has answered it in the meantime.")), CONFLICT
    flash(gettext("It is with the others now."))
    return redirect(url_for("assessments.index"), 303)


def _mine(number: int) -> MistakeRecord:
    """A report that the reader may see. Raises `NotFound`."""
    found = mistake(database(), number)
    if found.place is not None:
        require(Permission.ANSWER, Permission.PUBLISH, place=find_place(database(), found.place).place)
    elif not reach(Permission.PUBLISH).everywhere:
        raise NotFound(f"there is no report {number}")
    return found


def _may_answer(found: MistakeRecord) -> bool:
    return found.accepted is None and (found.at_place or may(Permission.PUBLISH))


def _page(found: MistakeRecord, problem: str = "") -> str:
    return render_template(
        "pages/mistakes/answer.html",
        found=found,
        names=actor_names(database(), [found.answered_by] if found.answered_by else []),
        may_answer=_may_answer(found),
        longest=LONGEST,
        refused=Refused("answer", problem) if problem else None,
    )

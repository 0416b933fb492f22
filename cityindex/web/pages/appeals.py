"""Appeals: what the municipality says against the review, and the answer of the programme office to each question."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.assessment.workflow import Deed, State, Verdict
from cityindex.calendars import day_of
from cityindex.errors import Conflict, Forbidden, Invalid, NotFound
from cityindex.models import now
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.reviews import Ruling, appealed
from cityindex.web.assessments import answer_words, review_words
from cityindex.web.assessments import words as assessment_words
from cityindex.web.assessments.effect_view import BACK, asked_first
from cityindex.web.assessments.review_view import ReviewSheet, review_sheet
from cityindex.web.forms import Refused, given
from cityindex.web.reader import me
from cityindex.web.session import application, database

appeals = Blueprint("appeals", __name__)
UNFIT, CONFLICT = 422, 409
LONGEST = 4000
THEIRS, KEPT, OTHER = "theirs", "kept", "other"


@appeals.get("/reviews/<int:number>/appeal")
def one(number: int) -> str:
    return _page(_sheet(number))


@appeals.post("/reviews/<int:number>/appeal/decide")
def decide(number: int) -> ResponseReturnValue:
    found = _sheet(number)
    code, reason = given("question"), given("reason").strip()[:LONGEST]
    if not reason:
        return _page(found, {code: gettext("Say why: the municipality reads it.")}), UNFIT
    if given(BACK):
        return _page(found, {code: gettext("You went back.")})
    ruling = _ruling(found, code, reason)
    asking = asked_first(found, ruling, "appeal", url_for(".decide", number=number))
    if asking is not None:
        return asking
    try:
        application().reviews.decide(number, [ruling], me().id, "appeal")
    except Invalid:
        return _page(found, {code: gettext("Choose what holds from now on, and a value of this question.")}), UNFIT
    except Forbidden:
        return _page(found, {code: gettext("You reviewed this yourself: somebody else decides the appeal.")}), CONFLICT
    except Conflict:
        flash(gettext("The appeal is decided already."))
    return redirect(url_for(".one", number=number, _anchor="whole"), 303)


@appeals.post("/reviews/<int:number>/appeal/close")
def close(number: int) -> ResponseReturnValue:
    found = _sheet(number)
    try:
        application().reviews.decide_appeal(number, given("message")[:LONGEST], me().id)
        flash(gettext("The appeal is closed. The municipality has been told."))
    except Conflict:
        words = gettext("Not closed: some answers of the appeal are not decided yet.")
        database().rollback()
        return _page(_sheet(found.record.id), refused=Refused("close", words)), CONFLICT
    return redirect(url_for("reviews.one", number=number), 303)


def _sheet(number: int) -> ReviewSheet:
    found = review_sheet(number, Permission.RUN_ROUNDS)
    if not appealed(found.record):
        raise NotFound(f"nobody appealed in assessment {number}")
    return found


def _ruling(found: ReviewSheet, code: str, reason: str) -> Ruling:
    """The answer of the municipality stands, or the verified value, or another one."""
    choice = given("choice")
    if choice == THEIRS:
        return Ruling(code, Verdict.ACCEPT, reason=reason)
    verified = found.said["first"].get(code)
    value: Any = request.form.getlist("value") if choice == OTHER else verified.value if verified else None
    if choice == KEPT and value is None:  # it was not answered, and stays so
        return Ruling(code, Verdict.ACCEPT, reason=reason)
    return Ruling(code, Verdict.ADJUST, value if choice in (KEPT, OTHER) else None, reason)


def _page(found: ReviewSheet, errors: dict[str, str] | None = None, refused: Refused | None = None) -> str:
    record = found.record
    asked = appealed(record)
    event = next(one for one in reversed(record.events) if one.deed is Deed.APPEALED)
    return render_template(
        "pages/reviews/appeal.html",
        sheet=found,
        record=record,
        entry=found.entry,
        cards=[card for card in found.cards if card.code in asked],
        asked=asked,
        said=found.said,
        still=record.standing.state is State.APPEALED,
        until=day_of(event.at) + timedelta(days=record.round.appeal_days),
        is_today=day_of(now()),
        errors=errors or {},
        refused=refused,
        sent=request.form if errors else {},
        say=assessment_words,
        words=answer_words,
        review=review_words,
        longest=LONGEST,
    )

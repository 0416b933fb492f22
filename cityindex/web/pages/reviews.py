"""Reviewing: the queue, one submission answer by answer, and what becomes of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from werkzeug.exceptions import BadRequest

from cityindex.assessment.workflow import State, Verdict
from cityindex.calendars import day_of
from cityindex.errors import Conflict, Forbidden, Invalid
from cityindex.models import Assessment, Place, now
from cityindex.queries.accounts.tasks import names_of
from cityindex.queries.assessments.review_queue import MOST_WEIGHED, Waiting, in_province, in_queue, moved_to, weighed
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.assessments import LONGEST_COMMENT
from cityindex.services.assessments.described import read_day
from cityindex.services.assessments.reviews import Ruling
from cityindex.thai import fold
from cityindex.web.assessments import answer_words, review_words
from cityindex.web.assessments import words as assessment_words
from cityindex.web.assessments.effect_view import BACK, asked_first
from cityindex.web.assessments.review_view import TO_ALL, TO_REVIEWERS, ReviewSheet, Typed, review_sheet
from cityindex.web.forms import Refused, given
from cityindex.web.links import page_links
from cityindex.web.permissions import at_place, needs, reach
from cityindex.web.query import checked
from cityindex.web.reader import me
from cityindex.web.session import application, database

reviews = Blueprint("reviews", __name__)
SEEN = at_place(Permission.REVIEW, Permission.RUN_ROUNDS)
READERS = (Permission.REVIEW, Permission.RUN_ROUNDS)
REVIEW = at_place(Permission.REVIEW)
PAGE = 50
UNFIT, CONFLICT = 422, 409
LONGEST = {"reason": 4000, "comment": LONGEST_COMMENT}
DAYS_BACK = 14


class Wanted(Schema):
    """Which part of the queue is shown."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default=State.SUBMITTED.value, validate=validate.OneOf(list(review_words.QUEUE_STATES)))
    whose = fields.String(load_default="", validate=validate.OneOf(["", "me", "nobody", "all"]))
    province = fields.String(load_default="", validate=validate.Length(max=32))
    type = fields.String(load_default="", validate=validate.Length(max=32))
    days = fields.Integer(load_default=0, validate=validate.Range(min=0, max=3650))
    second = fields.Boolean(load_default=False)
    q = fields.String(load_default="", validate=validate.Length(max=100))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


@reviews.get("/reviews/")
@needs(SEEN)
def index() -> str:
    wanted = checked(Wanted(), request.args)
    session, rules, found = database(), review_words.rules(), _queue(wanted)
    by_reasons = len(found) <= MOST_WEIGHED
    if by_reasons:
        found = weighed(session, found, rules)
    shown = found[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]]
    if not by_reasons:
        shown = weighed(session, shown, rules)
    people = [one.first for one in shown] + [one.second for one in shown]
    return render_template(
        "pages/reviews/index.html",
        found=shown,
        total=len(found),
        by_reasons=by_reasons,
        wanted=wanted,
        pages=max(-(-len(found) // PAGE), 1),
        page_link=page_links(wanted),
        names=names_of(database(), people),
        provinces=review_words.provinces(database()),
        types=review_words.place_types(),
        me=me().id,
        say=assessment_words,
        words=review_words,
    )


@reviews.get("/reviews/<int:number>")
@needs(SEEN)
def one(number: int) -> str:
    return _page(review_sheet(number, *READERS, everything="all" in request.args))


@reviews.post("/reviews/<int:number>/decide")
@needs(REVIEW)
def decide(number: int) -> ResponseReturnValue:
    found, ruling = _mine(number), _ruling()
    part = found.part or "first"
    if given(BACK):
        return _again(number, ruling, gettext("Nothing was saved."))
    asking = asked_first(found, ruling, part, url_for(".decide", number=number))
    if asking is not None:
        return asking
    try:
        application().reviews.decide(number, [ruling], me().id, part)
    except Invalid as error:
        return _again(number, ruling, _problem(error)), UNFIT
    except (Conflict, Forbidden):
        return _again(
            number, ruling, gettext("It was submitted anew, or somebody else has it now. Look again.")
        ), CONFLICT
    database().rollback()
    after = review_sheet(number, Permission.REVIEW)
    onward = after.next_after(ruling.question)
    return redirect(url_for(".one", number=number, _anchor=f"q-{onward}" if onward else "whole"), 303)


@reviews.get("/reviews/<int:number>/accept")
@needs(REVIEW)
def accept(number: int) -> str:
    """Asks once: what is undecided, and would be accepted as it is."""
    return _page(_mine(number), "accept")


@reviews.post("/reviews/<int:number>/accept")
@needs(REVIEW)
def accept_listed(number: int) -> ResponseReturnValue:
    """Accept what the page listed, and nothing that has come since."""
    found = _mine(number)
    listed = [code for code in request.form.getlist("question") if code in found.undecided]
    rulings = [Ruling(code, Verdict.ACCEPT, submission=_submission()) for code in listed]
    try:
        application().reviews.decide(number, rulings, me().id, found.part or "first")
        flash(gettext("Accepted: %(count)s answers.", count=len(rulings)))
    except (Conflict, Forbidden, Invalid):
        flash(gettext("It was submitted anew, or somebody else has it now. Nothing was accepted."))
    return redirect(url_for(".one", number=number, _anchor="whole"), 303)


@reviews.post("/reviews/<int:number>/approve")
@needs(REVIEW)
def approve(number: int) -> ResponseReturnValue:
    found = _mine(number)
    if found.part != "first":
        raise Forbidden("the first reviewer approves")
    try:
        application().reviews.approve(number, me().id, given("note")[: LONGEST["reason"]])
        flash(gettext("Approved. The municipality has been told, and may appeal."))
    except Conflict:
        words = gettext("Not approved: some answers are not decided yet, or are returned.")
        return _refused(number, Refused("approve", words), CONFLICT)
    return redirect(url_for(".one", number=number), 303)


@reviews.post("/reviews/<int:number>/return")
@needs(REVIEW)
def give_back(number: int) -> ResponseReturnValue:
    found = _mine(number)
    if found.part != "first":
        raise Forbidden("the first reviewer returns it")
    due = _day("due")
    try:
        if due is None:
            raise Invalid("no day")
        application().reviews.return_(number, given("message")[: LONGEST["reason"]], due, me().id)
        flash(gettext("Returned. The municipality has been told what to look at, and until when."))
    except Invalid:
        words = gettext("Not returned: return one answer at least, and give a day that is to come.")
        return _refused(number, Refused("return", words), UNFIT)
    except Conflict:
        return _refused(number, Refused("return", gettext("Not returned: somebody else has it now.")), CONFLICT)
    return redirect(url_for(".one", number=number, _anchor="whole"), 303)


@reviews.post("/reviews/<int:number>/reopen")
@needs(at_place(Permission.RUN_ROUNDS))
def reopen(number: int) -> ResponseReturnValue:
    review_sheet(number, Permission.RUN_ROUNDS)
    due = _day("due")
    try:
        if due is None:
            raise Invalid("no day")
        application().reviews.reopen(number, given("reason")[: LONGEST["reason"]], due, me().id)
        flash(gettext("Opened again. It has to be submitted and approved anew."))
    except Invalid:
        words = gettext("Not opened: say why, and give a day that is to come.")
        return _refused(number, Refused("reopen", words), UNFIT)
    except Conflict:
        return _refused(number, Refused("reopen", gettext("Not opened: it is not approved now.")), CONFLICT)
    return redirect(url_for(".one", number=number), 303)


@reviews.post("/reviews/<int:number>/comments")
@needs(SEEN)
def comment(number: int) -> ResponseReturnValue:
    found = review_sheet(number, *READERS)
    audience = TO_REVIEWERS if given("audience") == TO_REVIEWERS else TO_ALL
    question = given("question") or None
    try:
        application().assessments.comment(number, given("text"), audience, me().id, question)
    except Invalid:
        words = gettext("Write something, of %(count)s characters at most.", count=f"{LONGEST_COMMENT:,}")
        return _refused(number, Refused(f"comment-{question or ''}", words), UNFIT)
    anchor = f"q-{question}" if question in found.asked else "whole"
    return redirect(url_for(".one", number=number, _anchor=anchor), 303)


def _queue(wanted: dict[str, Any]) -> list[Waiting]:
    """What is in reach of a reviewer, or of whoever runs rounds; not weighed yet."""
    own = reach(Permission.REVIEW) or reach(Permission.RUN_ROUNDS)
    state = State(wanted["state"])
    where = [own.condition(), Assessment.id.in_(moved_to(state))]
    if wanted["type"]:
        where.append(Place.place_type == wanted["type"])
    if wanted["province"]:
        where.append(in_province(wanted["province"]))
    where += [Place.name_search.contains(word, autoescape=True) for word in fold(wanted["q"]).split()]
    return in_queue(database(), where, [state], day_of(now()), lambda one: _fits(one, wanted))


def _fits(one: Waiting, wanted: dict[str, Any]) -> bool:
    own = me().id in (one.first, one.second)
    whose = {"me": own, "nobody": one.first is None, "all": True, "": own or one.first is None or wanted["second"]}
    return whose[wanted["whose"]] and one.days >= wanted["days"] and (one.drawn or not wanted["second"])


def _mine(number: int) -> ReviewSheet:
    """A sheet that the reader may decide on."""
    found = review_sheet(number, Permission.REVIEW)
    if found.part is None:
        raise Forbidden("somebody else reviews this")
    return found


def _ruling() -> Ruling:
    question, chosen = given("question"), [one for one in request.form.getlist("value") if one.strip()]
    said = given("verdict")
    if said not in set(Verdict):
        raise BadRequest  # nothing is decided without its button
    words = given("reason")[: LONGEST["reason"]]
    return Ruling(question, Verdict(said), chosen, words, given("looked_at")[:2000], _submission())


def _submission() -> int:
    sent = given("submission")
    return int(sent) if sent.isdecimal() and len(sent) < 6 else 0


def _again(number: int, ruling: Ruling, problem: str) -> str:
    database().rollback()
    typed = Typed(ruling.question, tuple(ruling.value or ()), ruling.reason, ruling.looked_at, problem)
    return _page(review_sheet(number, Permission.REVIEW, typed=typed))


def _refused(number: int, refused: Refused, status: int) -> ResponseReturnValue:
    """The page as it stands now, with the form that could not be taken."""
    database().rollback()
    return _page(review_sheet(number, *READERS), refused=refused), status


def _problem(error: Invalid) -> str:
    said = {problem.reason for problem in error.problems}
    if "no reason is given" in said:
        return gettext("Say why, in words that help the municipality. Nothing was saved.")
    return gettext("This value cannot be taken: choose what the evidence shows. Nothing was saved.")


def _day(name: str) -> date | None:
    try:
        return read_day(given(name))
    except Invalid:
        return None


def _page(found: ReviewSheet, name: str = "one", refused: Refused | None = None) -> str:
    record = found.record
    return render_template(
        f"pages/reviews/{name}.html",
        sheet=found,
        refused=refused,
        record=record,
        entry=found.entry,
        timeline=assessment_words.timeline(record, found.names),
        reviewers=found.names.get(found.held.get("first", 0), ""),
        say=assessment_words,
        words=answer_words,
        review=review_words,
        longest=LONGEST,
        suggested=day_of(now()) + timedelta(days=DAYS_BACK),
        is_today=day_of(now()),
    )

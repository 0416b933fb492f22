"""Answering for a municipality: what waits for whom, the sections of an assessment, its questions, and saving them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.assessment.answers import AnswerProblem
from cityindex.assessment.completeness import Progress
from cityindex.assessment.workflow import Deed, Holder
from cityindex.errors import Invalid, NotFound, Problem
from cityindex.models import now
from cityindex.queries.accounts import tasks
from cityindex.queries.assessments.answers import AnswerRecord
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.queries.exchange.partner_comments import waiting as waiting_comments
from cityindex.queries.participation.mistakes import waiting as waiting_mistakes
from cityindex.queries.runs.previews import objections_of, to_look_at
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.assessments import (
    LONGEST_COMMENT,
    LONGEST_NOTE,
    GivenAnswer,
    NotAnswerable,
    StaleAnswer,
    WrongAnswer,
)
from cityindex.web.assessments import answer_words
from cityindex.web.assessments import words as assessment_words
from cityindex.web.assessments.agency_forms import agency_form, offered
from cityindex.web.assessments.answering import (
    TO_ALL,
    TO_MUNICIPALITY,
    Sheet,
    Steps,
    Typed,
    fields_of,
    insider,
    near,
    sheet,
    sheet_of,
)
from cityindex.web.assessments.other_desks import other_desks
from cityindex.web.assessments.questionnaire_view import parts
from cityindex.web.forms import given, lines
from cityindex.web.kept import wants_json
from cityindex.web.page import linked
from cityindex.web.pages.places import MIME
from cityindex.web.permissions import SIGNED_IN, at_place, may, needs, reach, require
from cityindex.web.plans.view import STATUS_WORDS
from cityindex.web.reader import me
from cityindex.web.releases.exchange_status import indicator_name
from cityindex.web.releases.words import title
from cityindex.web.session import application, database

assessments = Blueprint("assessments", __name__)
QUESTION = "/assessments/<int:number>/<section>/<question>"
UNFIT, CONFLICT = 422, 409
ANSWERS_SHOWN = timedelta(days=30)
"""How long an answered objection stands among the tasks of its place."""


@dataclass(frozen=True, slots=True)
class Mine:
    """An assessment of a place that the reader answers for or advises; the counts while it is answered."""

    record: AssessmentRecord
    progress: Progress | None = None
    unconfirmed: int = 0
    returned: int = 0
    may_answer: bool = False
    may_submit: bool = False


@assessments.get("/assessments/")
@needs(SIGNED_IN)
def index() -> str:
    session = database()
    own = tasks.of_places(session, near()) if near() else ()
    shown = to_look_at(session, near(), now()) if near() else ()
    reviews = reach(Permission.REVIEW)
    office = reach(Permission.RUN_ROUNDS)
    return render_template(
        "pages/assessments/index.html",
        own=[_mine(one) for one in own],
        shown=shown,
        title_of=title,
        assigned=tasks.assigned(session, me().id) if reviews else None,
        queue=tasks.last_moved_by(session, [Deed.SUBMITTED], reviews, 5) if reviews else None,
        appealed=tasks.last_moved_by(session, [Deed.APPEALED], office) if office else None,
        reported=waiting_mistakes(session, reach(Permission.ANSWER), may(Permission.PUBLISH)),
        objected=objections_of(session, None, now()) if may(Permission.PUBLISH) else (),
        own_objections=objections_of(session, near(), now() - ANSWERS_SHOWN) if near() else (),
        asked=waiting_comments(session, reach(Permission.ANSWER)),
        approved=tasks.last_moved_by(session, [Deed.APPROVED, Deed.APPEAL_DECIDED], office, 5) if office else None,
        elsewhere=other_desks(),
        say=assessment_words,
        indicator=indicator_name,
        review_link=lambda record: linked("reviews.one", number=record.id),
    )


@assessments.get("/assessments/<int:number>/")
def hub(number: int) -> str:
    found = sheet(number)
    record = found.record
    given_to = tasks.reviewers_of(database(), number) if record.standing.holder is Holder.REVIEWER else ()
    return _page(
        "hub",
        found,
        timeline=assessment_words.timeline(record, found.names),
        reviewers=", ".join(one.name for one in given_to if one.name),
        has_results=record.standing.approved is not None and not record.standing.answerable,
        forms_of_others=offered(found),
    )


@assessments.get("/assessments/<int:number>/print")
def paper(number: int) -> str:
    """The form to print: filled with what is answered now, or blank."""
    found = sheet(number, evidence=True)
    return _page("paper", found, parts=parts(found.entry, found.record.place.place_type), blank="blank" in request.args)


@assessments.get("/assessments/<int:number>/forms/<scheme>.xlsx")
def agency_file(number: int, scheme: str) -> Response:
    """The answers so far in the order of another scheme's items, for copying into its form."""
    found = sheet(number, evidence=True)
    record = found.record
    name = f"{record.round.questionnaire}-{record.round.period}-{record.place.code}-{scheme}.xlsx"
    body = agency_form(found, scheme)
    return Response(body, mimetype=MIME["xlsx"], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@assessments.get("/assessments/<int:number>/<section>")
def section(number: int, section: str) -> str:
    return _questions(sheet(number, evidence=True), section)


@assessments.get(QUESTION)
def question(number: int, section: str, question: str) -> str:
    return _questions(sheet(number, evidence=True), section, question)


@assessments.post(QUESTION)
@needs(at_place(Permission.ANSWER))
def save(number: int, section: str, question: str) -> ResponseReturnValue:
    record = assessment(database(), number)
    who = require(Permission.ANSWER, place=record.place)
    sent = _given(question)
    try:
        saved = application().assessments.save(number, sent, who.account.id)
    except (WrongAnswer, StaleAnswer, NotAnswerable) as error:
        return _not_saved(record, section, _typed(record, sent, error))
    database().rollback()  # what was read before the deed is no longer so
    found = sheet_of(record)
    return _saved_json(found, saved) if wants_json() else redirect(_after(found, question), 303)


@assessments.post(QUESTION + "/comments")
@needs(at_place(Permission.COMMENT))
def comment(number: int, section: str, question: str) -> ResponseReturnValue:
    return _comment(number, url_for(".question", number=number, section=section, question=question), question)


@assessments.post("/assessments/<int:number>/comments")
@needs(at_place(Permission.COMMENT))
def comment_on_all(number: int) -> ResponseReturnValue:
    return _comment(number, url_for(".hub", number=number), None)


def _comment(number: int, back: str, question: str | None) -> ResponseReturnValue:
    record = assessment(database(), number)
    who = require(Permission.COMMENT, place=record.place)
    audience = TO_MUNICIPALITY if insider(record) and given("audience") == TO_MUNICIPALITY else TO_ALL
    try:
        application().assessments.comment(number, given("text"), audience, who.account.id, question)
    except Invalid:
        flash(gettext("Write something, of %(count)s characters at most.", count=f"{LONGEST_COMMENT:,}"))
    return redirect(back, 303)


def _mine(record: AssessmentRecord) -> Mine:
    """Counts are made where somebody answers; elsewhere the state says all."""
    answers, submits = (may(one, record.place) for one in (Permission.ANSWER, Permission.APPROVE_ASSESSMENT))
    if not record.standing.answerable:
        return Mine(record, may_answer=answers, may_submit=submits)
    found = sheet_of(record)
    return Mine(record, found.draft.completeness, len(found.unconfirmed), len(found.returned), answers, submits)


def _questions(found: Sheet, code: str, question: str | None = None) -> str:
    """The questions of a section, or one of them."""
    asked = next((one for one in found.entry.questionnaire.sections if one.code == code), None)
    shown = [] if asked is None else [one for one in found.cards(asked) if question in (None, one.code)]
    if not shown:
        raise NotFound(f"assessment {found.record.id} has no question {question or ''} in {code}")
    return _page("section", found, section=asked, cards=shown, alone=question is not None, steps=Steps(found))


def _page(name: str, found: Sheet, **more: Any) -> str:
    return render_template(
        f"pages/assessments/{name}.html",
        sheet=found,
        record=found.record,
        entry=found.entry,
        say=assessment_words,
        words=answer_words,
        longest={"note": LONGEST_NOTE, "comment": LONGEST_COMMENT},
        account=me().id,
        plan_statuses=STATUS_WORDS,
        **more,
    )


def _given(question: str) -> GivenAnswer:
    """The form of a question. The revision that its page had seen says whether somebody else came between."""
    clear, seen = "clear" in request.form, given("seen")
    return GivenAnswer(
        question,
        [] if clear else [lines(value) for value in request.form.getlist("value") if value.strip()],
        given("note"),
        "later" in request.form,
        int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
        "still_true" in request.form and not clear,
    )


def _typed(record: AssessmentRecord, sent: GivenAnswer, error: Exception) -> Typed:
    """What was sent, with why it is not saved."""
    typed = Typed(sent.question, tuple(sent.value), sent.note, sent.later, sent.seen)
    if isinstance(error, StaleAnswer):
        return replace(typed, theirs=error.theirs)
    if isinstance(error, WrongAnswer):
        return replace(typed, problem=_problem(error.problem))
    database().rollback()
    return replace(typed, closed=assessment_words.closed(assessment(database(), record.id)))


def _problem(problem: Problem) -> tuple[str, str]:
    """Why an answer cannot be taken, and what to do: of an answer, or of a note that is too long."""
    if isinstance(problem, AnswerProblem):
        return answer_words.refused(problem)
    return gettext("The note is too long."), gettext("Write %(count)s characters at most.", count=f"{LONGEST_NOTE:,}")


def _not_saved(record: AssessmentRecord, section: str, typed: Typed) -> ResponseReturnValue:
    status = UNFIT if typed.problem else CONFLICT
    database().rollback()
    found = sheet(record.id, Permission.ANSWER, typed=typed, evidence=not wants_json())
    if not wants_json():
        return _questions(found, section, typed.question), status
    if typed.problem:
        return jsonify(state="wrong", words=" ".join(typed.problem)), status
    if typed.theirs is None:
        return jsonify(state="closed", words=typed.closed), status
    return jsonify(state="conflict", theirs=_stored(found, typed.theirs)), status


def _stored(found: Sheet, answer: AnswerRecord) -> dict[str, Any]:
    """An answer as the script shows it and puts it into its form."""
    names = tasks.names_of(database(), [answer.by])
    return {
        "said": found.words(answer.question, answer.value),
        "value": list(fields_of(answer.value)),
        "note": answer.note,
        "later": answer.later,
        "revision": answer.revision,
        "who": assessment_words.person("editor", answer.by, names),
        "at": assessment_words.saved_at(answer),
    }


def _saved_json(found: Sheet, saved: AnswerRecord) -> ResponseReturnValue:
    """What changed by a save: the state of the question, which ones apply now, and how far the whole has come."""
    whole = found.draft.completeness
    return jsonify(
        state="saved",
        revision=saved.revision,
        at=assessment_words.saved_at(saved),
        status=assessment_words.card_state(found.question(saved.question)),
        applies=whole.questions,
        how_far={code: assessment_words.how_far(one) for code, one in whole.sections.items()},
    )


def _after(found: Sheet, question: str) -> str:
    """Where a browser without scripts goes on: to the next question, or back to this one."""
    number, steps = found.record.id, Steps(found)
    on = steps.after(question) if given("then") == "next" else question
    if on is None:
        return url_for(".hub", number=number)
    if given("from") == "section":
        return url_for(".section", number=number, section=steps.section_of(on), _anchor=f"q-{on}")
    return url_for(".question", number=number, section=steps.section_of(on), question=on)

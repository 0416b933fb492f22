"""The improvement plan of a place: the one list of what it does, read and kept by its people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from cityindex.errors import Invalid, NotFound
from cityindex.queries.accounts.tasks import names_of
from cityindex.queries.assessments.answers import answers_of
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import assessment
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.queries.plans.plans import ActionRecord, action
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.assessments import UNCONFIRMED, GivenAnswer, NotAnswerable, StaleAnswer, WrongAnswer
from cityindex.services.plans.lines import FIELDS, STATUSES, Change, flat
from cityindex.services.plans.plans import MOST_LINES, StaleAction, line_of
from cityindex.web.assessments.answering import fields_of
from cityindex.web.forms import given
from cityindex.web.language import language
from cityindex.web.participation import target_words
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.plans import view as plan_view
from cityindex.web.plans.forms import Form, for_target, form_of, refused, sent, year_of
from cityindex.web.plans.summary import summary_of
from cityindex.web.plans.view import PlanView, levels
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.take_away.paper import as_sheet

plans = Blueprint("plans", __name__)
SEES = (Permission.SEE_ASSESSMENT, Permission.REVIEW)
READ, WRITE, SHOW = at_place(*SEES), at_place(Permission.ANSWER), at_place(Permission.APPROVE_ASSESSMENT)
UNFIT, CONFLICT = 422, 409
LOOKED_UP = ("national-strategy", "master-plans", "plan-13")
"""Vocabularies whose codes a form lists; all are taken."""


@plans.get("/places/<code>/plan")
@needs(READ)
def index(code: str) -> str:
    return index_page(seen(code))


@plans.get("/places/<code>/plan/summary")
@needs(READ)
def summary(code: str) -> ResponseReturnValue:
    """The plan on one sheet of paper."""
    place = seen(code)
    view = plan_view.plan_shown(place)
    html = page("summary", place, view=view, summary=summary_of(view))
    return as_sheet(html, f"plan-{place.code}") if request.args.get("format") == "pdf" else html


@plans.get("/places/<code>/plan/new")
@needs(WRITE)
def new(code: str) -> str:
    """An empty line; for a target of the place, with what follows from it."""
    place = writable(code)
    wanted = request.args.get("target", "")
    aims = plan_view.plan_shown(place).aims
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0
    if wanted and number not in aims:
        raise NotFound(f"place {place.id} has no target {wanted[:20]}")
    return _new(place, for_target(aims.get(number)))


@plans.post("/places/<code>/plan/draw")
@needs(WRITE)
def draw(code: str) -> ResponseReturnValue:
    place = writable(code)
    try:
        when = year_of(given("fiscal_year"))
        count = application().plans.draw(place.id, plan_view.chosen(), when, me().id, language())
    except Invalid:
        words = gettext("Write a fiscal year such as 2570 or 2027. A plan has %(most)s lines at most.", most=MOST_LINES)
        return index_page(place, words), UNFIT
    flash(ngettext("%(num)s line was added to the plan.", "%(num)s lines were added to the plan.", count))
    return back(place)


@plans.post("/places/<code>/plan")
@needs(WRITE)
def add(code: str) -> ResponseReturnValue:
    place = writable(code)
    line, form = sent()
    try:
        if line is None:
            return _new(place, form), UNFIT
        application().plans.add(place.id, line, me().id)
    except Invalid as error:
        return _new(place, _with_errors(form, error)), UNFIT
    flash(gettext("The line was added."))
    return back(place)


@plans.post("/places/<code>/plan/shown")
@needs(SHOW)
def show(code: str) -> ResponseReturnValue:
    """Let everybody read the plan, or its people alone."""
    place = find_place(database(), code).place
    require(Permission.APPROVE_ASSESSMENT, place=place)
    shown = given("shown") == "yes"
    application().plans.show(place.id, me().id, shown=shown)
    flash(gettext("Everybody can read the plan now.") if shown else gettext("The plan is for its people alone again."))
    return back(place)


@plans.get("/places/<code>/plan/<int:number>")
@needs(WRITE)
def one(code: str, number: int) -> str:
    place = writable(code)
    stored = _line_of(place, number)
    return _line(place, number, form_of(stored, stored.revision))


@plans.post("/places/<code>/plan/<int:number>")
@needs(WRITE)
def save(code: str, number: int) -> ResponseReturnValue:
    place = writable(code)
    line, form = sent()
    if line is None:
        return _line(place, number, form), UNFIT
    try:
        application().plans.save(place.id, Change(line, number, form.seen), me().id)
    except Invalid as error:
        return _line(place, number, _with_errors(form, error)), UNFIT
    except StaleAction as error:
        database().rollback()
        return _line(place, number, replace(form, seen=error.theirs.revision, theirs=error.theirs)), CONFLICT
    flash(gettext("The line was saved."))
    return back(place)


@plans.post("/places/<code>/plan/<int:number>/remove")
@needs(WRITE)
def remove(code: str, number: int) -> ResponseReturnValue:
    place = writable(code)
    _, form = sent()
    try:
        application().plans.remove(place.id, number, form.seen, me().id)
    except StaleAction as error:
        database().rollback()
        return _line(place, number, form_of(error.theirs, error.theirs.revision)), CONFLICT
    flash(gettext("The line was taken out of the plan."))
    return back(place)


@plans.post("/places/<code>/plan/<int:number>/note")
@needs(WRITE)
def note(code: str, number: int) -> ResponseReturnValue:
    """Put the progress of a line into the note beside the question that it is about, after what stands there."""
    place, sent_to = writable(code), given("assessment")
    stored, record = _line_of(place, number), assessment(database(), int(sent_to) if sent_to.isdecimal() else 0)
    if stored.question is None or record.place.id != place.id:
        raise NotFound(f"line {number} is about no question of this assessment")
    answer = answers_of(database(), record.id).get(stored.question)
    written = answer.note if answer else ""
    if answer and answer.carried == UNCONFIRMED:  # saving would say that it is still true
        flash(gettext("Say first whether the answer of the round before is still true."))
    elif stored.progress not in written:
        new = GivenAnswer(
            stored.question,
            list(fields_of(answer.value)) if answer else [],
            "\n".join(filter(None, (written, stored.progress))),
            answer.later if answer else False,
            answer.revision if answer else 0,
        )
        try:
            application().assessments.save(record.id, new, me().id)
        except (WrongAnswer, StaleAnswer, NotAnswerable):
            flash(gettext("The note could not be changed now. Copy the words by hand."))
    entry = instrument(database(), record.round.definition)
    section = entry.questionnaire.section_of(stored.question).code
    back = url_for("assessments.question", number=record.id, section=section, question=stored.question)
    return redirect(back, 303)


def seen(code: str) -> PlaceRecord:
    """The place, for whoever may read its plan."""
    place = find_place(database(), code).place
    require(*SEES, place=place)
    return place


def writable(code: str) -> PlaceRecord:
    """The place, for whoever may keep its plan."""
    place = find_place(database(), code).place
    require(Permission.ANSWER, place=place)
    return place


def back(place: PlaceRecord) -> ResponseReturnValue:
    return redirect(url_for("plans.index", code=place.code), 303)


def index_page(place: PlaceRecord, problem: str = "") -> str:
    database().rollback()
    view = plan_view.plan_view(place)
    inside = may(Permission.SEE_ASSESSMENT, place)
    return page(
        "index", place, view=view, problem=problem, inside=inside, shows=may(Permission.APPROVE_ASSESSMENT, place)
    )


def _new(place: PlaceRecord, form: Form) -> str:
    database().rollback()
    return page("new", place, form=form, **_choices(plan_view.plan_shown(place), form))


def _line(place: PlaceRecord, number: int, form: Form) -> str:
    view, stored = plan_view.plan_shown(place), _line_of(place, number)
    more = _choices(view, form) | {"differs": _differing(form), "who": names_of(database(), [stored.by])}
    return page("line", place, stored=stored, form=form, **more)


def _choices(view: PlanView, form: Form) -> dict[str, Any]:
    """What a form offers: targets, indicators, codes, and a field for the money of each year."""
    known = application().catalogue
    held = {*plan_view.years_asked(()), *form.years}
    return {
        "view": view,
        "years": sorted(held, key=lambda when: (when == 0, when)),
        "indicators": [(code, one.name) for code, one in known.indicators.items()],
        "vocabularies": [known.vocabularies[name] for name in LOOKED_UP if name in known.vocabularies],
    }


def _differing(form: Form) -> list[tuple[str, Any]]:
    """What another has stored meanwhile, in the fields that say something."""
    held = flat(line_of(form.theirs)) if form.theirs else {}
    return [(name, value) for name, value in held.items() if value not in (None, "")]


def _with_errors(form: Form, error: Invalid) -> Form:
    errors = refused(error.problems) or {"what": gettext("A plan has %(most)s lines at most.", most=MOST_LINES)}
    return replace(form, errors=errors)


def _line_of(place: PlaceRecord, number: int) -> ActionRecord:
    stored = action(database(), number)
    if stored.place != place.id:
        raise NotFound(f"the plan of place {place.id} has no line {number}")
    return stored


def page(name: str, place: PlaceRecord, **more: Any) -> str:
    return render_template(
        f"pages/plans/{name}.html",
        place=place,
        writes=may(Permission.ANSWER, place),
        statuses=STATUSES,
        say=plan_view,
        aims=target_words,
        levels=levels,
        fields=FIELDS,
        **more,
    )

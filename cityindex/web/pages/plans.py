"""The improvement plan of a place: read and kept by its people, worked on in Excel, and brought back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from cityindex.errors import Invalid, NotFound, Problem
from cityindex.formats.plan_sheets import read_plan, write_plan
from cityindex.formats.uploaded import LARGEST_MEGABYTES, WrongKind, as_file, kind_of
from cityindex.queries.answers import answers_of
from cityindex.queries.instruments import instrument
from cityindex.queries.places import PlaceRecord, find_place
from cityindex.queries.plans import ActionRecord, action, plan_of
from cityindex.queries.rounds import assessment
from cityindex.services.assessments import UNCONFIRMED, GivenAnswer, NotAnswerable, StaleAnswer, WrongAnswer
from cityindex.services.plan_changes import difference
from cityindex.services.plans import FIELDS, STATUSES, Change, Line, StaleAction
from cityindex.services.roles import Permission
from cityindex.web import plan_view
from cityindex.web.answering import fields_of
from cityindex.web.forms import given
from cityindex.web.import_form import REFUSED as NOT_OURS
from cityindex.web.language import language
from cityindex.web.page import full_name
from cityindex.web.permissions import at_place, may, needs, require
from cityindex.web.plan_file_words import file_problem
from cityindex.web.plan_view import NEW, Form, form_of, levels, refused, sent
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.uploads import takes

plans = Blueprint("plans", __name__)
WRITE = at_place(Permission.ANSWER)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNFIT, CONFLICT = 422, 409


@plans.get("/places/<code>/plan")
def index(code: str) -> str:
    return _index(_seen(code))


@plans.get("/places/<code>/plan.xlsx")
def file(code: str) -> Response:
    place = _seen(code)
    title = gettext("Improvement plan: %(place)s", place=full_name(place))
    body = write_plan(plan_view.plan_view(place).rows(), language(), title)
    response = Response(body, mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=plan-{place.code}.xlsx"
    return response


@plans.post("/places/<code>/plan/draw")
@needs(WRITE)
def draw(code: str) -> ResponseReturnValue:
    place = _kept(code)
    when = plan_view.year_of(given("fiscal_year"))
    year = when if isinstance(when, int) else None
    try:
        count = application().plans.draw(place.id, plan_view.chosen(), year, me().id, language())
    except Invalid:
        return _index(place, problem=gettext("A plan has 500 lines at most.")), UNFIT
    flash(ngettext("%(num)s line was added to the plan.", "%(num)s lines were added to the plan.", count))
    return _back(place)


@plans.post("/places/<code>/plan")
@needs(WRITE)
def add(code: str) -> ResponseReturnValue:
    place = _kept(code)
    line, form = sent()
    try:
        if line is None:
            return _index(place, form), UNFIT
        application().plans.add(place.id, line, me().id)
    except Invalid as error:
        return _index(place, replace(form, errors=refused(error.problems))), UNFIT
    flash(gettext("The line was added."))
    return _back(place)


@plans.get("/places/<code>/plan/<int:number>")
@needs(WRITE)
def one(code: str, number: int) -> str:
    place = _kept(code)
    stored = _line_of(place, number)
    return _line(place, number, form_of(stored, stored.revision))


@plans.post("/places/<code>/plan/<int:number>")
@needs(WRITE)
def save(code: str, number: int) -> ResponseReturnValue:
    place = _kept(code)
    line, form = sent()
    if line is None:
        return _line(place, number, form), UNFIT
    try:
        application().plans.save(place.id, Change(line, number, form.seen), me().id)
    except Invalid as error:
        return _line(place, number, replace(form, errors=refused(error.problems))), UNFIT
    except StaleAction as error:
        database().rollback()
        return _line(place, number, replace(form, seen=error.theirs.revision, theirs=error.theirs)), CONFLICT
    flash(gettext("The line was saved."))
    return _back(place)


@plans.post("/places/<code>/plan/<int:number>/remove")
@needs(WRITE)
def remove(code: str, number: int) -> ResponseReturnValue:
    place = _kept(code)
    _, form = sent()
    try:
        application().plans.remove(place.id, number, form.seen, me().id)
    except StaleAction as error:
        database().rollback()
        return _line(place, number, form_of(error.theirs, error.theirs.revision)), CONFLICT
    flash(gettext("The line was taken out of the plan."))
    return _back(place)


@plans.post("/places/<code>/plan/<int:number>/note")
@needs(WRITE)
def note(code: str, number: int) -> ResponseReturnValue:
    """Put the progress of a line into the note beside the question that it is about, after what stands there."""
    place, sent_to = _kept(code), given("assessment")
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


@plans.post("/places/<code>/plan/file")
@needs(WRITE)
@takes(lambda _: LARGEST_MEGABYTES)
def bring(code: str) -> ResponseReturnValue:
    """What a file would change, to be looked at before anything is saved."""
    place = _kept(code)
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    try:
        kind = kind_of(content)
        with as_file(content, kind) as path:
            rows = read_plan(path)
    except WrongKind as error:
        return _index(place, problem=str(NOT_OURS[error.what])), UNFIT
    except Invalid as error:
        return _problems(place, error.problems or [Problem(str(error), gettext("Download the plan again."))])
    found = difference(plan_of(database(), place.id), rows, language())
    if found.problems:
        return _problems(place, found.problems)
    return _page("difference", place, found=found, packed=_packed)


@plans.post("/places/<code>/plan/file/changes")
@needs(WRITE)
def take(code: str) -> ResponseReturnValue:
    place = _kept(code)
    try:
        changes = [_unpacked(text) for text in request.form.getlist("change")]
        count = application().plans.apply(place.id, changes, me().id)
    except StaleAction:
        words = gettext("Somebody changed the plan in the meantime, so nothing was saved. Bring the file in again.")
        return _index(place, problem=words), CONFLICT
    except (Invalid, ValueError, TypeError, KeyError):
        words = gettext("This could not be read, so nothing was saved. Bring the file in again.")
        return _index(place, problem=words), UNFIT
    flash(ngettext("%(num)s line of the plan was changed.", "%(num)s lines of the plan were changed.", count))
    return _back(place)


def _seen(code: str) -> PlaceRecord:
    place = find_place(database(), code).place
    require(Permission.SEE_ASSESSMENT, place=place)
    return place


def _kept(code: str) -> PlaceRecord:
    place = find_place(database(), code).place
    require(Permission.ANSWER, place=place)
    return place


def _back(place: PlaceRecord) -> ResponseReturnValue:
    return redirect(url_for("plans.index", code=place.code), 303)


def _index(place: PlaceRecord, form: Form = NEW, problem: str = "") -> str:
    database().rollback()
    view = plan_view.plan_view(place)
    return _page("index", place, view=view, form=form, problem=problem, levels=levels)


def _line(place: PlaceRecord, number: int, form: Form) -> str:
    view, stored = plan_view.plan_view(place), _line_of(place, number)
    return _page("line", place, view=view, stored=stored, form=form, levels=levels)


def _line_of(place: PlaceRecord, number: int) -> ActionRecord:
    stored = action(database(), number)
    if stored.place != place.id:
        raise NotFound(f"the plan of place {place.id} has no line {number}")
    return stored


def _problems(place: PlaceRecord, problems: Any) -> ResponseReturnValue:
    return _page("problems", place, problems=[file_problem(one) for one in problems]), UNFIT


def _page(name: str, place: PlaceRecord, **more: Any) -> str:
    return render_template(
        f"pages/plans/{name}.html",
        place=place,
        writes=may(Permission.ANSWER, place),
        statuses=STATUSES,
        say=plan_view,
        fields=FIELDS,
        **more,
    )


def _packed(change: Change) -> str:
    """A change as a hidden field holds it between the difference and the confirmation; it is checked again then."""
    return json.dumps({"id": change.id, "seen": change.seen, **change.line.values()}, ensure_ascii=False)


def _unpacked(text: str) -> Change:
    said = json.loads(text)
    words = {name: str(said[name]) for name in ("what", "owner", "plan_reference", "status", "progress")}
    budget = None if said["budget"] is None else float(said["budget"])
    when = None if said["fiscal_year"] is None else int(said["fiscal_year"])
    number = None if said["id"] is None else int(said["id"])
    return Change(Line(budget=budget, fiscal_year=when, **words), number, int(said["seen"]))

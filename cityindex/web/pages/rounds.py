"""Rounds: opened, watched, assigned, extended, closed and published by the programme office."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.assessment.workflow import State
from cityindex.calendars import common_year, day_of
from cityindex.errors import CityIndexError, Conflict, Invalid, NotFound, Problem
from cityindex.formats.assignments import read_assignments, round_list
from cityindex.models import now
from cityindex.queries.accounts.tasks import names_of
from cityindex.queries.assessments.agreements import agreement_of
from cityindex.queries.assessments.round_list import Line, funnel, funnels, lines, reviewers
from cityindex.queries.assessments.rounds import RoundRecord, round_
from cityindex.queries.assessments.rounds import rounds as all_rounds
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.described import read_day
from cityindex.services.assessments.rounds import NewRound
from cityindex.thai import fold
from cityindex.web.assessments import review_words
from cityindex.web.assessments import words as assessment_words
from cityindex.web.assessments.forecast_view import as_sheet, forecast_of
from cityindex.web.assessments.round_words import export_rows, headings, notes, refused, title
from cityindex.web.forms import Refused, given
from cityindex.web.links import page_links
from cityindex.web.permissions import may, needs
from cityindex.web.query import checked
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.uploads import takes

rounds = Blueprint("rounds", __name__)
PAGE = 50
UNFIT = 422
SOON = 7
NEWEST = 12
"""Rounds whose numbers the list of rounds shows."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Wanted(Schema):
    """Which part of a round is shown."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default="", validate=validate.OneOf(["", *State]))
    province = fields.String(load_default="", validate=validate.Length(max=32))
    type = fields.String(load_default="", validate=validate.Length(max=32))
    people = fields.String(load_default="", validate=validate.OneOf(["", *review_words.PEOPLE]))
    due = fields.String(load_default="", validate=validate.OneOf(["", "over", "soon"]))
    reviewer = fields.String(load_default="", validate=validate.OneOf(["", "none"]))
    q = fields.String(load_default="", validate=validate.Length(max=100))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class Shown(Schema):
    """Which page of what publishing would show, or all of it as a file."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))
    format = fields.String(load_default="", validate=validate.OneOf(["", "xlsx"]))


@rounds.get("/rounds/")
def index() -> str:
    return _index()


@rounds.post("/rounds/")
def open_() -> ResponseReturnValue:
    """Twice: first it says how many would take part, then it opens."""
    try:
        new = _new_round()
        if "confirmed" not in request.form:
            return _index(size=application().rounds.cohort_size(new.questionnaire, new.programme))
        done = application().rounds.open(new, me().id)
    except (CityIndexError, ValueError) as error:
        database().rollback()
        return _index(problem=refused(error)), UNFIT
    flash(gettext("The round is open: %(count)s assessments.", count=done.assessments))
    return redirect(url_for(".one", number=done.round), 303)


@rounds.get("/rounds/<int:number>")
def one(number: int) -> str:
    return _page(number)


@rounds.post("/rounds/<int:number>/assign")
def assign(number: int) -> ResponseReturnValue:
    chosen, reviewer = _chosen(number), given("person")
    if not chosen or not reviewer.isdecimal():
        return _page(number, refused=Refused("assign", gettext("Choose municipalities and a reviewer first."))), UNFIT
    try:
        count = application().assigning.assign(chosen, int(reviewer), me().id, _part())
    except Invalid as error:
        return _page(number, error.problems), UNFIT
    flash(gettext("Given to the reviewer: %(count)s. The others had this reviewer already.", count=count))
    return _back(number)


@rounds.post("/rounds/<int:number>/list")
@takes(lambda _settings: 2)
def assign_list(number: int) -> ResponseReturnValue:
    round_(database(), number)
    try:
        count = application().assigning.assign_list(number, _uploaded(), me().id, _part())
    except Invalid as error:
        problems = error.problems or (Problem(gettext("This file cannot be read as a table."), ""),)
        return _page(number, problems), UNFIT
    flash(gettext("The list is taken: %(count)s changed hands.", count=count))
    return _back(number)


@rounds.post("/rounds/<int:number>/extend")
def extend(number: int) -> ResponseReturnValue:
    chosen = _chosen(number)
    try:
        until = read_day(given("until"))
        if not chosen or until is None:
            raise Invalid("nothing chosen")
        count = application().rounds.extend_all(chosen, until, given("reason"), me().id)
        flash(gettext("More time for %(count)s. The others have submitted, or are due later.", count=count))
    except Invalid:
        database().rollback()
        words = gettext("Nobody got more time: choose municipalities, a day that is to come, and say why.")
        return _page(number, refused=Refused("extend", words)), UNFIT
    return _back(number)


@rounds.post("/rounds/<int:number>/approve")
def approve(number: int) -> ResponseReturnValue:
    round_(database(), number)
    count = application().reviews.approve_decided(number, me().id)
    flash(gettext("Approved: %(count)s. In the others some answers are not decided yet, or are returned.", count=count))
    return _back(number)


@rounds.route("/rounds/<int:number>/close", methods=["GET", "POST"])
def close(number: int) -> ResponseReturnValue:
    record = round_(database(), number)
    if request.method == "GET":
        return _confirm("close", record)
    try:
        waiting = application().rounds.close(number, me().id)
        flash(gettext("The round is closed. Not submitted: %(count)s.", count=waiting))
    except Conflict:
        flash(gettext("The round was closed already."))
    return _back(number)


@rounds.route("/rounds/<int:number>/publish", methods=["GET", "POST"])
@needs(Permission.PUBLISH_RESULTS)
def publish(number: int) -> ResponseReturnValue:
    record = round_(database(), number)
    if request.method == "GET":
        return _preview(record)
    try:
        done = application().results.publish(number, me().id)
    except CityIndexError as error:
        flash(gettext("Nothing was published: %(why)s", why=str(error)))
        return _back(number)
    flash(
        gettext(
            "Published: %(all)s assessments, %(fresh)s of them new, %(out)s withdrawn.",
            all=done.assessments,
            fresh=done.published,
            out=done.withdrawn,
        )
    )
    return _back(number)


@rounds.get("/rounds/<int:number>/list.xlsx")
def export(number: int) -> Response:
    record = round_(database(), number)
    rows = export_rows(lines(database(), record), {one.account: one.email for one in reviewers(database())})
    data = round_list(headings(), rows, notes(record))
    name = f"{record.questionnaire}-{record.period}.xlsx"
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(number: int, problems: Sequence[Problem] = (), refused: Refused | None = None) -> str:
    session = database()
    record = round_(session, number)
    every = lines(session, record)
    wanted = checked(Wanted(), request.values)
    found = [line for line in every if _fits(line, wanted, _province_id(wanted["province"]))]
    shown = found[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]]
    agreed = agreement_of(session, record)
    accounts = [line.first for line in shown] + [line.second for line in shown]
    accounts += [account for pair in agreed.pairs for account in pair]
    counts = funnel(line.state for line in every)
    return render_template(
        "pages/rounds/one.html",
        record=record,
        title=title(record),
        counts=counts,
        total=len(every),
        without=sum(line.people == "none" for line in every),
        not_come=sum(line.people == "invited" for line in every),
        overdue=sum(line.overdue(day_of(now())) for line in every),
        unassigned=sum(line.first is None and line.state is State.SUBMITTED for line in every),
        found=shown,
        fitting=len(found),
        wanted=wanted,
        filters={name: value for name, value in wanted.items() if value and name != "page"},
        pages=max(-(-len(found) // PAGE), 1),
        page_link=page_links(wanted),
        agreed=agreed,
        names=names_of(session, accounts),
        reviewers=reviewers(session),
        provinces=review_words.provinces(session),
        types=review_words.place_types(),
        refused=refused,
        problems=[(one.row, one.value, review_words.problem(one.reason)) for one in problems],
        publishes=may(Permission.PUBLISH_RESULTS),
        is_today=day_of(now()),
        say=assessment_words,
        words=review_words,
    )


def _index(**more: Any) -> str:
    found = all_rounds(database())
    counts = funnels(database(), [one.id for one in found[:NEWEST]])
    catalogue = application().catalogue
    return render_template(
        "pages/rounds/index.html",
        rounds=[(one, title(one), counts.get(one.id)) for one in found],
        programmes=[(one.code, one) for one in catalogue.programmes.values() if one.questionnaire],
        questionnaires=catalogue.questionnaires,
        sent=request.form,
        size=more.get("size"),
        problem=more.get("problem", ""),
        suggested=day_of(now()) + timedelta(days=60),
        words=assessment_words,
    )


def _preview(record: RoundRecord) -> ResponseReturnValue:
    """What publishing would show, before it is done; as a file with `format=xlsx`."""
    wanted = checked(Shown(), request.args)
    try:
        seen = forecast_of(record)
    except (Conflict, Invalid):
        return _confirm("publish", record, seen=None)
    if wanted["format"] == "xlsx":
        name = f"{record.questionnaire}-{record.period}-not-published.xlsx"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(as_sheet(seen, title(record)), mimetype=XLSX, headers=headers)
    return _confirm(
        "publish",
        record,
        seen=seen,
        lines=seen.lines[PAGE * (wanted["page"] - 1) : PAGE * wanted["page"]],
        page=wanted["page"],
        pages=max(-(-len(seen.lines) // PAGE), 1),
        page_link=page_links(wanted),
    )


def _confirm(name: str, record: RoundRecord, **more: Any) -> str:
    found = lines(database(), record)
    counts = funnel(line.state for line in found)
    again = (line.record for line in found if line.record.standing.answerable)
    withdrawn = sum(any(event.deed == "published" for event in one.events) for one in again)
    return render_template(
        f"pages/rounds/{name}.html",
        record=record,
        title=title(record),
        counts=counts,
        waiting=sum(line.record.standing.answerable for line in found),
        withdrawn=withdrawn,
        words=assessment_words,
        **more,
    )


def _new_round() -> NewRound:
    programme = application().catalogue.programme(given("programme"))
    if programme.questionnaire is None:
        raise NotFound(f"{programme.code} has no questionnaire")
    deadline = _day("deadline")
    if deadline is None:
        raise Invalid(gettext("Give the last day for submitting."))
    share = int(given("second_share") or 0) / 100
    return NewRound(
        programme.questionnaire, common_year(given("period")), deadline, programme.code, _day("review_deadline"),
        int(given("appeal_days") or 15), share,
    )  # fmt: skip


def _chosen(number: int) -> list[int]:
    """The assessments that were ticked, or all that the filter shows; of this round only."""
    every = lines(database(), round_(database(), number))
    if "everything" in request.form:
        wanted = checked(Wanted(), {name: value for name, value in request.form.items() if name in Wanted().fields})
        province = _province_id(wanted["province"])
        return [line.record.id for line in every if _fits(line, wanted, province)]
    ticked = {int(one) for one in request.form.getlist("chosen") if one.isdecimal()}
    return [line.record.id for line in every if line.record.id in ticked]


def _fits(line: Line, wanted: Mapping[str, Any], province: int | None) -> bool:
    place, today = line.record.place, day_of(now())
    answers = line.record.standing.answerable
    soon = answers and 0 <= (line.record.due - today).days <= SOON
    words = fold(wanted["q"]).split()
    name = fold(f"{place.name_th} {place.name_en or ''} {place.code}")
    return all((
        wanted["state"] in ("", line.state),
        not wanted["province"] or place.province_id == province,
        wanted["type"] in ("", place.place_type),
        wanted["people"] in ("", line.people),
        {"": True, "over": line.overdue(today), "soon": soon}[wanted["due"]],
        not wanted["reviewer"] or line.first is None,
        all(word in name for word in words),
    ))  # fmt: skip


def _province_id(code: str) -> int | None:
    from cityindex.queries.places.places import find_place

    return find_place(database(), code).place.id if code else None


def _part() -> Any:
    return "second" if given("part") == "second" else "first"


def _uploaded() -> Any:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("no file", [Problem(gettext("Choose a file first."), "")])
    suffix = ".csv" if file.filename.lower().endswith(".csv") else ".xlsx"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix}"
        path.write_bytes(file.stream.read())
        return read_assignments(path)


def _day(name: str) -> date | None:
    return read_day(given(name))


def _back(number: int) -> ResponseReturnValue:
    return redirect(url_for(".one", number=number), 303)

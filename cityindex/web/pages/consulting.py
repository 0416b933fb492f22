"""Consultations for the municipality: opening, ending, answering; and the queue of those who moderate."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from cityindex.calendars import THAILAND, common_year, read_date
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.queries.participation.consultations import (
    ConsultationRecord,
    consultation,
    queue,
    require_reason,
    waiting,
)
from cityindex.queries.participation.consultations import consultations as listed
from cityindex.queries.participation.offers import Offered, askable, offered
from cityindex.queries.places.places import PlaceRecord, find_place, places_within
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.place_scores import place_editions
from cityindex.services.accounts.roles import Permission
from cityindex.services.participation.consultation_rules import (
    CHANGED,
    LONGEST,
    LONGEST_ANSWER,
    MOST_OWN,
    MOST_TOPICS,
    Answered,
    Asked,
)
from cityindex.services.participation.voices import fingerprint
from cityindex.thai import arabic_digits
from cityindex.web.filters import translated, year
from cityindex.web.forms import given
from cityindex.web.page import full_name
from cityindex.web.participation import consultation_view, target_words
from cityindex.web.participation.consultation_view import view_of
from cityindex.web.permissions import at_place, may, needs, reach, require
from cityindex.web.reader import me
from cityindex.web.session import application, database

consulting = Blueprint("consulting", __name__)
TAKES_PART = at_place(Permission.ASK_RESIDENTS, Permission.MODERATE)
ASKS = at_place(Permission.ASK_RESIDENTS)
MODERATES = at_place(Permission.MODERATE)
UNFIT, CONFLICT = 422, 409
USUAL_DAYS, USUAL_MOST = 30, 3
BETWEEN = re.compile(r",(?!\d{3}(?:\D|$))|[;/]")
"""What stands between values; a comma before three figures is within one."""


@dataclass(frozen=True)
class Form:
    """A consultation as it was typed, with what is wrong with it by field."""

    typed: Mapping[str, str] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


@consulting.get("/account/consultations")
def index() -> str:
    """Those of the places of whoever reads, with what waits for him."""
    mine = reach(Permission.ASK_RESIDENTS)
    found = [*listed(database(), reach(Permission.MODERATE).condition())] if reach(Permission.MODERATE) else []
    places = places_within(database(), mine.condition()) if mine else ()
    wait = waiting(database(), [one.id for one in found])
    listing = [(one, state, wait[one.id]) for one, state in consultation_view.with_states(found)]
    return render_template(
        "pages/consultations/mine.html",
        found=sorted(listing, key=lambda row: row[2] == 0),  # what has something to read first
        places=places,
        words=consultation_view,
    )


@consulting.get("/places/<code>/consultations/new")
@needs(ASKS)
def form(code: str) -> str:
    place = _asking(code)
    today = datetime.now(THAILAND).date()
    usual = {
        "period": year(today.year + 3),
        "most": str(USUAL_MOST),
        "opens_at": today.isoformat(),
        "closes_at": (today + timedelta(days=USUAL_DAYS)).isoformat(),
    }
    return _new(place, Form(usual))


@consulting.post("/places/<code>/consultations/new")
@needs(ASKS)
def open_(code: str) -> ResponseReturnValue:
    place = _asking(code)
    edition = _edition(place)
    typed = Form(dict(request.form.items()), request.form.getlist("topic"))
    asked, errors = _sent(place, edition)
    if asked is None:
        return _new(place, Form(typed.typed, typed.chosen, errors)), UNFIT
    try:
        number = application().consultations.open(asked, me().id)
    except Invalid as error:
        return _new(place, Form(typed.typed, typed.chosen, _refused(error.problems))), UNFIT
    flash(gettext("The consultation is set up."))
    return redirect(url_for("consulting.one", number=number), 303)


@consulting.get("/consultations/<int:number>/keep")
def one(number: int) -> str:
    asked = consultation(database(), number)
    require(Permission.ASK_RESIDENTS, Permission.MODERATE, place=asked.place)
    return _page(asked)


@consulting.post("/consultations/<int:number>/end")
@needs(ASKS)
def end(number: int) -> ResponseReturnValue:
    asked = _kept(number)
    try:
        application().consultations.end(number, me().id)
        flash(gettext("The consultation is over. That it was ended early is shown to everybody."))
    except Conflict:
        flash(gettext("It is over already."))
    return redirect(url_for("consulting.one", number=asked.id), 303)


@consulting.post("/consultations/<int:number>/topics/<int:topic>/answer")
@needs(ASKS)
def answer(number: int, topic: int) -> ResponseReturnValue:
    asked = _kept(number)
    verdict = given("verdict")
    value = _number(given("value")) if verdict == CHANGED else None
    try:
        application().consultations.answer(number, topic, Answered(verdict, value, given("reason")), me().id)
    except Invalid as error:
        return _page(asked, topic, _wrong_answer(error.problems)), UNFIT
    except Conflict:
        return _page(asked, topic, gettext("It is still open: answer when it is over.")), CONFLICT
    flash(gettext("The answer is published."))
    return redirect(url_for("consulting.one", number=number, _anchor=f"topic-{topic}"), 303)


@consulting.post("/consultations/<int:number>/reasons/<int:voice>")
@needs(MODERATES)
def moderate(number: int, voice: int) -> ResponseReturnValue:
    asked = consultation(database(), number)
    require(Permission.MODERATE, place=asked.place)
    require_reason(database(), number, voice)
    database().rollback()
    try:
        application().voices.moderate(voice, given("seen"), given("why"), me().id)
    except Conflict:
        flash(gettext("This reason was changed in the meantime: read it again."))
    except Invalid:
        flash(gettext("Choose why it is not shown."))
    return redirect(url_for("consulting.one", number=number, _anchor="reasons"), 303)


def _asking(code: str) -> PlaceRecord:
    found = find_place(database(), code).place
    require(Permission.ASK_RESIDENTS, place=found)
    return found


def _kept(number: int) -> ConsultationRecord:
    asked = consultation(database(), number)
    require(Permission.ASK_RESIDENTS, place=asked.place)
    database().rollback()
    return asked


def _edition(place: PlaceRecord) -> Edition:
    """The edition that is asked about: the newest of the framework that was chosen, else of the first one."""
    wanted, newest = request.values.get("framework", ""), _newest(place)
    if not newest:
        raise NotFound("no published edition holds this place, so there is nothing to ask about yet")
    return newest.get(wanted) or next(iter(newest.values()))


def _newest(place: PlaceRecord) -> dict[str, Edition]:
    found: dict[str, Edition] = {}
    for one in place_editions(database(), place.id):
        held = found.get(one.framework)
        if held is None or held.period < one.period:
            found[one.framework] = one.edition
    known = application().catalogue.frameworks
    return {code: found[code] for code in known if code in found}


def _new(place: PlaceRecord, typed: Form) -> str:
    database().rollback()
    edition = _edition(place)
    codes = askable(database(), edition.run, place.id)
    facts: dict[str, Offered] = offered(
        database(), application().catalogue, edition.run, place.id, {code: () for code in codes}
    )
    frameworks = application().catalogue.frameworks
    return render_template(
        "pages/consultations/new.html",
        place=place,
        heading=full_name(place),
        edition=edition,
        entry=frameworks[edition.framework],
        editions=[(code, translated(frameworks[code].name)) for code in _newest(place)],
        topics=[(code, target_words.name_of(code), facts[code]) for code in codes if code in facts],
        doors=[(door, str(target_words.DOORS[door])) for door in application().consultations.doors_for(place.demo)],
        form=typed,
        most_topics=MOST_TOPICS,
        most_own=MOST_OWN,
        longest=LONGEST,
        say=target_words,
    )


def _sent(place: PlaceRecord, edition: Edition) -> tuple[Asked | None, dict[str, str]]:
    errors: dict[str, str] = {}
    read: dict[str, Any] = {}
    for name, reader, words in (
        ("period", _year, gettext("Write a year such as 2570 or 2027.")),
        ("most", _whole, gettext("Write a number from 1 to that of the indicators.")),
        ("opens_at", _day, gettext("Write a day such as 2026-12-31 or 2569-12-31.")),
        ("closes_at", _day, gettext("Write a day such as 2026-12-31 or 2569-12-31.")),
    ):
        read[name] = reader(given(name))
        if read[name] is None:
            errors[name] = words
    topics: dict[str, list[float]] = {}
    for code in dict.fromkeys(request.form.getlist("topic")):
        values = [_number(part) for part in BETWEEN.sub(" ", given(f"own_{code}")).split()]
        topics[code] = [one for one in values if one is not None]
        if None in values:
            errors["topics"] = gettext("Write values of your own as numbers without units, with a blank between them.")
    if errors:
        return None, errors
    opens, closes = read["opens_at"], read["closes_at"] + timedelta(days=1)
    return Asked(
        place.id, edition.framework, read["period"], given("title"), given("about"), read["most"], given("door"),
        opens, closes, topics,
    ), {}  # fmt: skip


def _page(asked: ConsultationRecord, topic: int = 0, problem: str = "") -> str:
    database().rollback()
    public = url_for("consultations.one", number=asked.id, _external=True)
    return render_template(
        "pages/consultations/keep.html",
        asked=asked,
        public=public,
        picture=Markup(segno.make(public).svg_inline(scale=5, border=2, omitsize=True)),  # noqa: S704 (only rectangles)
        view=view_of(asked),
        waiting=queue(database(), asked.id),
        hidden=queue(database(), asked.id, "hidden"),
        wrong=(topic, problem),
        asks=may(Permission.ASK_RESIDENTS, asked.place),
        moderates=may(Permission.MODERATE, asked.place),
        fingerprint=fingerprint,
        words=consultation_view,
        say=target_words,
        longest=LONGEST_ANSWER,
    )


def _number(text: str) -> float | None:
    try:
        return float(arabic_digits(text.strip()).replace(",", ""))
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    written = arabic_digits(text.strip())
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 4 else None


def _year(text: str) -> int | None:
    try:
        return common_year(arabic_digits(text.strip()))
    except Invalid:
        return None


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(read_date(arabic_digits(text)).first, time(), THAILAND)
    except Invalid:
        return None


def _refused(problems: Sequence[Problem]) -> dict[str, str]:
    topics = gettext(
        "Choose 1 to %(most)s indicators, each with values that it can have and at most %(own)s of your own.",
        most=MOST_TOPICS,
        own=MOST_OWN,
    )
    which = [target_words.name_of(one.value) for one in problems if one.column in ("topics", "code") and one.value]
    if which:
        topics = gettext(
            "Look at these again: %(names)s. Each has to apply to this place and to leave a choice among values that "
            "it can have, at most %(own)s of them your own.",
            names=", ".join(dict.fromkeys(which)),
            own=MOST_OWN,
        )
    said = {
        "title": gettext("Write 1 to %(most)s characters.", most=LONGEST["title"]),
        "about": gettext("Write at most %(most)s characters.", most=f"{LONGEST['about']:,}"),
        "topics": topics,
        "most": gettext("Write a number from 1 to that of the indicators."),
        "door": gettext(
            "Choose how people are recognised. If nothing is offered, ask whoever runs this site to set up mail."
        ),
        "opens_at": gettext("Choose today or a day to come."),
        "closes_at": gettext("Leave it open for 1 to 180 days."),
        "period": gettext("Choose a year that is not over, at most 30 years ahead."),
    }  # fmt: skip
    fields = ("topics" if one.column in ("value", "code") else one.column for one in problems)
    return {name: said[name] for name in fields if name in said}


def _wrong_answer(problems: Sequence[Problem]) -> str:
    said = {
        "verdict": gettext("Choose an answer."),
        "value": gettext("Give the value that you adopt: one that the indicator can have."),
        "reason": gettext("Say why, in at most %(count)s characters.", count=f"{LONGEST_ANSWER:,}"),
        "period": gettext("The year of the target is over, so nothing can be adopted for it any more."),
    }
    return " ".join(dict.fromkeys(said.get(one.column, str(one)) for one in problems))

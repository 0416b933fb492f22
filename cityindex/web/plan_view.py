"""The improvement plan of a place as its pages show it: lines, forms as they were sent, and rows of the file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext

from cityindex.assessment.next_level import Step, steps
from cityindex.calendars import common_year
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.errors import Invalid, Problem
from cityindex.formats.numbers import plain
from cityindex.formats.plan_sheets import HEADINGS, PlanRow
from cityindex.queries.instruments import instrument
from cityindex.queries.places import PlaceRecord
from cityindex.queries.plans import ActionRecord, newest_assessment, plan_of, present_values
from cityindex.queries.rounds import AssessmentRecord
from cityindex.services.plans import FIELDS, LONGEST, PLANNED, STATUSES, Line
from cityindex.thai import arabic_digits
from cityindex.web.answer_words import numbers
from cityindex.web.filters import number, translated, year
from cityindex.web.forms import given
from cityindex.web.language import language
from cityindex.web.session import application, database

STATUS_WORDS: Mapping[str, Any] = {
    "planned": lazy_gettext("planned"),
    "running": lazy_gettext("running"),
    "done": lazy_gettext("done"),
    "dropped": lazy_gettext("dropped"),
}
REFUSED: Mapping[str, Any] = {
    "what": lazy_gettext("Say what is done, in %(most)s characters at most.", most=f"{LONGEST['what']:,}"),
    "owner": lazy_gettext("This is longer than %(most)s characters.", most=LONGEST["owner"]),
    "plan_reference": lazy_gettext("This is longer than %(most)s characters.", most=LONGEST["plan_reference"]),
    "progress": lazy_gettext("This is longer than %(most)s characters.", most=f"{LONGEST['progress']:,}"),
    "budget": lazy_gettext("Write baht as a number from 0, without a unit."),
    "fiscal_year": lazy_gettext("Write a fiscal year such as 2570 or 2027."),
    "status": lazy_gettext("Choose one of the statuses."),
}


@dataclass(frozen=True)
class PlanView:
    """A plan with the assessment that it can be drawn from. `record` and `entry` are None where there is none."""

    place: PlaceRecord
    lines: Sequence[ActionRecord]
    record: AssessmentRecord | None
    entry: QuestionnaireEntry | None
    steps: Sequence[Step]

    @property
    def open_steps(self) -> list[Step]:
        """Steps that no line of the plan is about yet."""
        there = {(one.question, one.to_level) for one in self.lines if one.status != "dropped"}
        return [step for step in self.steps if (step.question.code, step.goal) not in there]

    @property
    def budgets(self) -> list[tuple[int | None, float, int]]:
        """Money by fiscal year, of what was not given up; a year that is not said comes last."""
        kept = [one for one in self.lines if one.status != "dropped"]
        years = sorted({one.fiscal_year for one in kept}, key=lambda one: (one is None, one or 0))
        return [
            (when, sum(one.budget or 0 for one in kept if one.fiscal_year == when), _count(kept, when))
            for when in years
        ]

    def question(self, code: str | None) -> str:
        """`1.3 Does …`, also of another questionnaire; the code where all have lost it, nothing for one's own line."""
        known = application().catalogue.questionnaires.values()
        asked = next((one for one in (self.entry, *known) if one is not None and code in one.words), None)
        if code is None or asked is None:
            return code or ""
        return f"{numbers(asked.questionnaire)[code]} {translated(asked.words_of(code).text)}"

    def goal(self, step: Step) -> str:
        """What the next level asks for, in its own words."""
        return translated(self.entry.words_of(step.question.code).levels[step.goal]) if self.entry else ""

    def rows(self) -> list[PlanRow]:
        """The lines as rows of the file."""
        return [_sheet_row(one, self.question(one.question)) for one in self.lines]


@dataclass(frozen=True)
class Form:
    """A line as it was typed, with what is wrong with it by field."""

    typed: Mapping[str, str]
    seen: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: ActionRecord | None = None


def plan_view(place: PlaceRecord) -> PlanView:
    session = database()
    record = newest_assessment(session, place.id)
    if record is None:
        return PlanView(place, plan_of(session, place.id), None, None, ())
    entry = instrument(session, record.round.definition)
    found = steps(entry.questionnaire, present_values(session, record), record.place.place_type)
    return PlanView(place, plan_of(session, place.id), record, entry, found)


def _sheet_row(one: ActionRecord, question: str) -> PlanRow:
    said = {name: getattr(one, name) for name in ("id", "revision", *FIELDS)}
    return PlanRow(**said, question=question, level=levels(one))


def levels(one: ActionRecord) -> str:
    """`1 → 2`; nothing for a line in one's own words."""
    if one.to_level is None:
        return ""
    return f"{'–' if one.from_level is None else one.from_level} → {one.to_level}"


def form_of(one: ActionRecord | Line, seen: int = 0, theirs: ActionRecord | None = None) -> Form:
    """A line in a form."""
    typed = {name: getattr(one, name) or "" for name in FIELDS}
    typed["budget"] = "" if one.budget is None else number(one.budget, 0 if float(one.budget).is_integer() else 2)
    typed["fiscal_year"] = "" if one.fiscal_year is None else year(one.fiscal_year)
    return Form(typed, seen, {}, theirs)


NEW = form_of(Line("", status=PLANNED))


def sent() -> tuple[Line | None, Form]:
    """The line that was sent; None where something cannot be read, which the form says."""
    typed = {name: given(name).replace("\r\n", "\n") for name in FIELDS}
    seen = given("seen")
    errors: dict[str, str] = {}
    when, money = year_of(typed["fiscal_year"]), _money(typed["budget"])
    if isinstance(when, str):
        errors["fiscal_year"] = when
    if isinstance(money, str):
        errors["budget"] = money
    form = Form(typed, int(seen) if seen.isdecimal() and len(seen) < 10 else 0, errors)
    if errors or isinstance(when, str) or isinstance(money, str):
        return None, form
    words = {name: typed[name] for name in ("what", "owner", "plan_reference", "progress")}
    status = typed["status"] if typed["status"] in STATUSES else PLANNED
    return Line(budget=money, fiscal_year=when, status=status, **words), form


def refused(problems: Sequence[Problem]) -> dict[str, str]:
    """What is wrong, by field."""
    return {one.column: str(REFUSED[one.column]) for one in problems if one.column in REFUSED}


def shown(name: str, value: Any) -> str:
    """A field in words, for the difference between two lines."""
    if value in (None, ""):
        return gettext("(empty)")
    if name == "status":
        return str(STATUS_WORDS.get(value, value))
    if name == "fiscal_year":
        return year(value)
    return number(value) if name == "budget" else str(value)


def heading(name: str) -> str:
    """What a field is called, in the sheet and on pages alike."""
    return HEADINGS[name][language()]


def chosen() -> list[str]:
    """The questions that were ticked."""
    return request.form.getlist("question")


def year_of(text: str) -> int | str | None:
    if not text.strip():
        return None
    try:
        return common_year(arabic_digits(text.strip()))
    except Invalid:
        return str(REFUSED["fiscal_year"])


def _money(text: str) -> float | str | None:
    written = plain(text).replace(",", "").replace(" ", "")
    if not written:
        return None
    try:
        read = float(written)
    except ValueError:
        return str(REFUSED["budget"])
    return read if math.isfinite(read) else str(REFUSED["budget"])


def _count(lines: Sequence[ActionRecord], when: int | None) -> int:
    return sum(one.fiscal_year == when for one in lines)

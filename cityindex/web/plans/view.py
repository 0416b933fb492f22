"""The improvement plan of a place as its pages show it: lines, what they serve, and what they say in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext

from cityindex.assessment.next_level import Step, steps
from cityindex.calendars import show_years
from cityindex.definitions.catalogue import QuestionnaireEntry, StrategyItem
from cityindex.formats.plan_sheets import HEADINGS, heading
from cityindex.formats.plan_tables import YEARS
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord
from cityindex.queries.participation.targets import RESIDENTS
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.plans.plans import ActionRecord, is_shown, newest_assessment, plan_of, present_values
from cityindex.services.plans.lines import BUDGET, DROPPED
from cityindex.web.assessments.answer_words import numbers
from cityindex.web.filters import number, translated, year
from cityindex.web.language import language
from cityindex.web.page import full_name
from cityindex.web.participation import target_words
from cityindex.web.participation.target_view import Listed, of_place
from cityindex.web.session import application, database

STATUS_WORDS: Mapping[str, Any] = {
    "planned": lazy_gettext("planned"),
    "running": lazy_gettext("running"),
    "done": lazy_gettext("done"),
    "dropped": lazy_gettext("dropped"),
}
FIRST_PLAN = 2023
"""The fiscal year in which a five-year local development plan began (2566); others follow every five years."""
AHEAD = 6
"""Fiscal years from the present one on for which a form asks for money."""


@dataclass(frozen=True)
class PlanView:
    """A plan with the assessment that it can be drawn from. `record` and `entry` are None where there is none."""

    place: PlaceRecord
    lines: Sequence[ActionRecord]
    shown: bool
    record: AssessmentRecord | None = None
    entry: QuestionnaireEntry | None = None
    steps: Sequence[Step] = ()

    @property
    def open_steps(self) -> list[Step]:
        """Steps that no line of the plan is about yet."""
        there = {(one.question, one.to_level) for one in self.kept}
        return [step for step in self.steps if (step.question.code, step.goal) not in there]

    @property
    def kept(self) -> list[ActionRecord]:
        """The lines that were not given up."""
        return [one for one in self.lines if one.status != DROPPED]

    @cached_property
    def aims(self) -> Mapping[int, Listed]:
        """The targets of the place, by number."""
        return {one.state.target.id: one for one in of_place(self.place)}

    @property
    def unserved(self) -> list[Listed]:
        """Targets that somebody answers for and no line serves yet."""
        served = {one.target for one in self.kept}
        found = self.aims.values()
        return [one for one in found if one.state.target.owner != RESIDENTS and one.state.target.id not in served]

    @property
    def budgets(self) -> list[tuple[int, float, int]]:
        """Fiscal year, baht and number of lines, of what was not given up; money of no year (0) comes last."""
        said = {when for one in self.kept for when, _ in one.budgets}
        years = sorted(said, key=lambda when: (when == 0, when))
        return [(when, *self.money_of((when,))) for when in years]

    def money_of(self, years: Collection[int]) -> tuple[float, int]:
        """Baht of some fiscal years, and how many lines say any; of what was not given up."""
        said = [[baht for when, baht in one.budgets if when in years] for one in self.kept]
        return sum(map(sum, said)), sum(map(bool, said))

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

    def aim(self, number: int | None) -> str:
        """A target in words; of one that was taken back, its number only. Nothing for none."""
        if number is None:
            return ""
        return aim_words(self.aims[number]) if number in self.aims else gettext("target %(number)s", number=number)


def plan_view(place: PlaceRecord) -> PlanView:
    """The plan with what it can be drawn from: for its people."""
    session, held = database(), plan_shown(place)
    record = newest_assessment(session, place.id)
    if record is None:
        return held
    entry = instrument(session, record.round.definition)
    found = steps(entry.questionnaire, present_values(session, record), record.place.place_type)
    return PlanView(place, held.lines, held.shown, record, entry, found)


def plan_shown(place: PlaceRecord) -> PlanView:
    """The plan alone."""
    return PlanView(place, plan_of(database(), place.id), is_shown(database(), place.id))


def levels(one: ActionRecord) -> str:
    """`1 → 2`; nothing for a line in one's own words."""
    if one.to_level is None:
        return ""
    return f"{'–' if one.from_level is None else one.from_level} → {one.to_level}"


def aim_words(one: Listed) -> str:
    """`PM2.5: at most 25 µg/m³, by 2570`."""
    target = one.state.target
    value = target_words.aim_words(target.value, target.code, one.state.better, target.framework)
    by = gettext("by %(period)s", period=target_words.by_words(target))
    return f"{one.name}: {value}, {by}"


def indicator_name(code: str) -> str:
    return target_words.name_of(code) if code else ""


def strategies(codes: str) -> list[StrategyItem]:
    """The items of some codes; codes that are defined no longer are left out."""
    known = {code: item for one in application().catalogue.vocabularies.values() for code, item in one.items.items()}
    return [known[code] for code in codes.split() if code in known]


def now_year() -> int:
    """The present fiscal year, of the common era."""
    return application().plans.fiscal_year()


def years_asked(lines: Sequence[Any]) -> list[int]:
    """The fiscal years with a field for money: the present one, those after it, and those that lines have."""
    held = {when for one in lines for when, _ in one.budgets}
    return sorted({*range(now_year(), now_year() + AHEAD), *held}, key=lambda when: (when == 0, when))


def period_of(when: int) -> int:
    """The first year of the five-year plan that a fiscal year lies in."""
    return FIRST_PLAN + (when - FIRST_PLAN) // YEARS * YEARS


def period_words(first: int) -> str:
    return show_years(range(first, first + YEARS), language())


def shown(name: str, value: Any) -> str:
    """A field in words, for the difference between two lines."""
    if value in (None, ""):
        return gettext("(empty)")
    if name == "status":
        return str(STATUS_WORDS.get(value, value))
    if name == "fiscal_year":
        return year(value)
    if name == "indicator":
        return f"{indicator_name(value)} ({value})"
    return baht(value) if name.startswith(BUDGET) else str(value)


def baht(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 2)


def field_name(name: str) -> str:
    """What a field is called, in the sheet and on pages alike; a heading that is none of ours as it stands."""
    return heading(name, language()) if name in HEADINGS or name.startswith(BUDGET) else name


def chosen() -> list[str]:
    """The questions that were ticked."""
    return request.form.getlist("question")


def link_of(text: str) -> str | None:
    """The address, where an evidence is one that may be followed."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return first if first.startswith(("https://", "http://")) else None


def source_words(place: PlaceRecord) -> str:
    return gettext("%(place)s: what it has written in its plan on this site", place=full_name(place))

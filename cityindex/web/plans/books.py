"""The plan of a place as files: the workbook to work on, and tables to print in the columns of form ผ.02."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext

from cityindex.formats.plan_sheets import PlanRow, PlanSheet
from cityindex.formats.plan_tables import Period, PlanBook, Project
from cityindex.models import now
from cityindex.queries.plans.plans import ActionRecord
from cityindex.services.plans.lines import flat
from cityindex.services.plans.plans import line_of
from cityindex.web.filters import show_date, show_time, translated
from cityindex.web.page import full_name
from cityindex.web.plans.view import (
    PlanView,
    aim_words,
    indicator_name,
    levels,
    now_year,
    period_of,
    years_asked,
)
from cityindex.web.session import application

LISTED = ("national-strategy", "master-plans", "plan-13", "master-plan-targets", "sdg")


def sheet_of(view: PlanView) -> PlanSheet:
    """The workbook: all lines, also those that were given up."""
    title = gettext("Improvement plan: %(place)s", place=full_name(view.place))
    rows = [
        PlanRow(one.id, one.revision, flat(line_of(one)), view.question(one.question), levels(one))
        for one in view.lines
    ]
    return PlanSheet(title, rows, years_asked(view.lines), book_of(view), _facts(view), list(_codes(view)))


def book_of(view: PlanView) -> PlanBook:
    """The tables to print, one for each five-year plan that a line speaks of; without what was given up."""
    periods = sorted({first for one in view.kept for first in _periods(one)}) or [period_of(now_year())]
    form = gettext(
        "The columns follow form ผ.02 as it is commonly used; they have not been compared with the newest circular."
    )
    return PlanBook(full_name(view.place), [_period(view, first) for first in periods], (*_facts(view), form))


def _facts(view: PlanView) -> list[str]:
    said = [
        gettext(
            "Made on %(day)s, %(time)s, from the plan of the place on this site.",
            day=show_date(now()),
            time=show_time(now()),
        )
    ]
    if view.place.demo:
        said.insert(0, gettext("Demo data: this municipality does not exist, and nothing here is planned by anybody."))
    return said


def _periods(one: ActionRecord) -> set[int]:
    """The five-year plans that a line belongs to: those of its money, or of its year; else the present one."""
    years = {when for when, _ in one.budgets if when} or {one.fiscal_year or now_year()}
    return {period_of(when) for when in years}


def _period(view: PlanView, first: int) -> Period:
    lines = [one for one in view.kept if first in _periods(one)]
    programmes = sorted({one.programme for one in lines}, key=lambda name: (not name, name))
    return Period(
        first, [(name, [_project(view, one, first) for one in lines if one.programme == name]) for name in programmes]
    )


def _project(view: PlanView, one: ActionRecord, first: int) -> Project:
    money = dict(one.budgets)
    return Project(
        name=one.what,
        objective=one.objective,
        output=one.output,
        money=[money.get(when) for when in Period(first, ()).years],
        kpi=indicator_name(one.indicator),
        outcome=one.outcome,
        owner=one.owner,
        notes=list(_notes(view, one)),
    )


def _notes(view: PlanView, one: ActionRecord) -> Iterator[str]:
    if one.target is not None:
        yield gettext("Target: %(aim)s", aim=view.aim(one.target))
    if one.strategy:
        yield gettext("Codes: %(codes)s", codes=one.strategy)
    if 0 in dict(one.budgets):
        yield gettext("%(money)s baht more whose year is not said", money=f"{dict(one.budgets)[0]:,.2f}")


def _codes(view: PlanView) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    aims = [(str(number), aim_words(one)) for number, one in view.aims.items()]
    yield gettext("Targets of this place"), aims
    known = application().catalogue
    for name in LISTED:
        if name in known.vocabularies:
            found = known.vocabularies[name]
            yield (
                translated(found.name),
                [(code, _item(item.name, item.verified)) for code, item in found.items.items()],
            )
    yield gettext("Indicators"), [(code, translated(one.name)) for code, one in known.indicators.items()]


def _item(name: object, verified: object) -> str:
    words = translated(name)
    return words if verified else gettext("%(name)s (not yet verified)", name=words)

"""A line of a plan as a form: as it is stored, as it was sent, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext

from cityindex.calendars import common_year
from cityindex.errors import Invalid, Problem
from cityindex.formats.numbers import baht
from cityindex.queries.plans.plans import ActionRecord
from cityindex.services.plans.lines import BUDGET, LONGEST, PLANNED, STATUSES, Line
from cityindex.thai import arabic_digits
from cityindex.web.filters import year
from cityindex.web.forms import given
from cityindex.web.participation.target_view import Listed
from cityindex.web.plans.view import baht as baht_words
from cityindex.web.session import application

WORDS = (
    "what", "programme", "objective", "output", "outcome", "owner", "plan_reference", "progress", "evidence",
    "indicator", "strategy",
)  # fmt: skip
LONG = lazy_gettext("This is too long, or has signs of HTML, or is a formula. Write it as plain text.")
REFUSED: Mapping[str, Any] = {
    **dict.fromkeys(LONGEST, LONG),
    "what": lazy_gettext(
        "Say what is done, in plain text of %(most)s characters at most.", most=f"{LONGEST['what']:,}"
    ),
    "budget": lazy_gettext("Write baht as a number from 0, without a unit."),
    "fiscal_year": lazy_gettext("Write a fiscal year such as 2570 or 2027."),
    "status": lazy_gettext("Choose one of the statuses."),
    "indicator": lazy_gettext("Choose an indicator of the list."),
    "target": lazy_gettext("Choose a target of this place that is in force."),
    "strategy": lazy_gettext("Write codes of the list below, with blanks between them."),
}


@dataclass(frozen=True)
class Form:
    """A line as it was typed, by the names of its fields, with what is wrong with it."""

    typed: Mapping[str, str]
    seen: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: ActionRecord | None = None

    @property
    def years(self) -> list[int]:
        """The fiscal years that money was typed for, 0 being none."""
        return [int(name.removeprefix(BUDGET)) for name in self.typed if name.startswith(BUDGET)]


def form_of(one: ActionRecord | Line, seen: int = 0, theirs: ActionRecord | None = None) -> Form:
    """A line in a form."""
    typed = {name: str(getattr(one, name) or "") for name in (*WORDS, "status", "target")}
    typed["fiscal_year"] = "" if one.fiscal_year is None else year(one.fiscal_year)
    typed |= {f"{BUDGET}{when}": baht_words(sum_) for when, sum_ in one.budgets}
    return Form(typed, seen, {}, theirs)


def for_target(aim: Listed | None) -> Form:
    """A new line; for a target, with the year, the indicator and its codes of strategies already said."""
    if aim is None:
        return form_of(Line("", status=PLANNED))
    target = aim.state.target
    known = application().catalogue.indicators
    indicator = target.code if not target.framework and target.code in known else ""
    strategy = " ".join(known[indicator].aligned_to) if indicator else ""
    return form_of(Line("", fiscal_year=target.period, target=target.id, indicator=indicator, strategy=strategy))


def sent() -> tuple[Line | None, Form]:
    """The line that was sent; None where something cannot be read, which the form says."""
    names = [name for name in request.form if name.startswith(BUDGET) and name.removeprefix(BUDGET).isdecimal()][:30]
    typed = {name: given(name) for name in (*WORDS, "status", "target", "fiscal_year", *names)}
    seen = given("seen")
    errors: dict[str, str] = {}
    said: dict[str, Any] = {}
    for name, read in {"fiscal_year": year_of, "target": _target, **dict.fromkeys(names, baht)}.items():
        try:
            said[name] = read(typed[name])
        except Invalid:
            errors[name] = str(REFUSED["budget" if name in names else name])
    form = Form(typed, int(seen) if seen.isdecimal() and len(seen) < 10 else 0, errors)
    if errors:
        return None, form
    money = tuple((int(name.removeprefix(BUDGET)), said[name]) for name in names if said[name] is not None)
    status = typed["status"] if typed["status"] in STATUSES else PLANNED
    words = {name: typed[name] for name in WORDS}
    line = Line(**words, budgets=money, fiscal_year=said["fiscal_year"], target=said["target"], status=status)
    return line.cleaned(), form


def refused(problems: Sequence[Problem]) -> dict[str, str]:
    """What is wrong, by field."""
    kinds = {one.column: BUDGET[:-1] if one.column.startswith(BUDGET) else one.column for one in problems}
    return {name: str(REFUSED[kind]) for name, kind in kinds.items() if kind in REFUSED}


def year_of(text: str) -> int | None:
    """The common-era year; None for nothing. Raises `Invalid`."""
    return common_year(arabic_digits(text.strip())) if text.strip() else None


def _target(text: str) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 10):
        raise Invalid(gettext("Choose a target of this place that is in force."))
    return int(text)

"""What codes of definitions and results mean, in the language of the reader."""

from __future__ import annotations

import re

from flask import url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape

from cityindex.definitions.catalogue import CodelistItem, IndicatorEntry
from cityindex.scoring.matrix import CellStatus
from cityindex.scoring.plan import Column
from cityindex.web.filters import number, translated
from cityindex.web.session import application

DIRECTIONS = {"higher": lazy_gettext("higher is better"), "lower": lazy_gettext("lower is better")}
STATUSES = {
    "scored": lazy_gettext("in use"),
    "pilot": lazy_gettext("pilot: shown, without weight"),
    "retired": lazy_gettext("retired"),
}
FREQUENCIES = {"annual": lazy_gettext("every year")}
KINDS = {
    "measured": lazy_gettext("reported figure"),
    "derived": lazy_gettext("calculated from other indicators"),
    "rubric": lazy_gettext("level of a self-assessment"),
    "yes-no": lazy_gettext("yes or no"),
}
FLAGS = {
    "": "",
    "missing": lazy_gettext("no data"),
    "low-coverage": lazy_gettext("too few figures"),
    "no-variation": lazy_gettext("all places have the same value"),
    "not-applicable": lazy_gettext("does not apply to this place"),
    "inherited": lazy_gettext("figure of the province"),
    "filled": lazy_gettext("carried forward from an earlier year"),
    "imputed": lazy_gettext("estimated from other places"),
    "pilot": lazy_gettext("pilot: shown, without weight"),
}
CELLS = {
    CellStatus.NORMAL: "",
    CellStatus.ESTIMATED: lazy_gettext("estimate"),
    CellStatus.INHERITED: lazy_gettext("figure of the province"),
    CellStatus.FILLED: lazy_gettext("carried forward from an earlier year"),
    CellStatus.IMPUTED: lazy_gettext("estimated from other places"),
}
TAGS = {
    "DCCE": lazy_gettext("Sustainable environmental city (DCCE)"),
    "depa": lazy_gettext("Smart city (depa)"),
    "HAI": lazy_gettext("Human Achievement Index (NESDC)"),
    "ISO37120": "ISO 37120",
    "LPA": lazy_gettext("Local performance assessment (LPA)"),
    "BMN": lazy_gettext("Basic minimum needs"),
    "GNLC": lazy_gettext("UNESCO learning cities"),
    "LOSI": lazy_gettext("UN Local Online Service Index"),
}
POPULATION = "population"
_TOKEN = re.compile(r"[a-z_][a-z0-9_]*|\d+(?:\.\d+)?|\*\*|[-+*/(),]")
LEVEL = "level"
SIGNS = {"*": "×", "/": "÷", "-": "\u2212", "**": "^"}


def unit_name(entry: IndicatorEntry) -> str:
    unit = _unit(entry)
    return translated(unit.name) if unit else entry.unit or ""


def unit_short(entry: IndicatorEntry) -> str:
    unit = _unit(entry)
    return translated(unit.short or unit.name) if unit else entry.unit or ""


def result_unit(entry: IndicatorEntry) -> str:
    """The unit of what is scored: of a count, after it is divided."""
    indicator = entry.indicator
    if indicator.denominator is None:
        return unit_short(entry)
    unit, per = unit_short(entry), number(indicator.per)
    if indicator.denominator == POPULATION:
        return gettext("%(unit)s per %(per)s people", unit=unit, per=per)
    known = application().catalogue.indicators
    name = translated(known[indicator.denominator].name) if indicator.denominator in known else indicator.denominator
    return gettext("%(unit)s per %(per)s of %(name)s", unit=unit, per=per, name=name)


def _unit(entry: IndicatorEntry) -> CodelistItem | None:
    return application().catalogue.codelist("units").items.get(entry.unit or "")


def value(amount: float | None, entry: IndicatorEntry) -> str:
    """An indicator's value with its own decimals."""
    return number(amount, entry.indicator.decimals)


def result(amount: float | None, entry: IndicatorEntry) -> str:
    """A value as it is scored: of a count, after it is divided, so its decimals are not those of the count."""
    return number(amount) if entry.indicator.denominator else value(amount, entry)


def in_words(amount: float | None, entry: IndicatorEntry) -> str:
    """`level 3`, `yes, it has`: what is no number of a unit. Empty for all others.

    Between no and yes lies nothing but the median of as many of one as of the other.
    """
    if amount is None:
        return ""
    if entry.indicator.type == "yes-no":
        return gettext("half of them have it") if 0 < amount < 1 else _yes_or_no(amount)
    level = number(amount, 0 if amount == round(amount) else 1)
    return gettext("level %(level)s", level=level) if entry.unit == LEVEL else ""


def _yes_or_no(amount: float) -> str:
    return gettext("yes, it has") if amount else gettext("no, it has not")


def with_unit(amount: float | None, entry: IndicatorEntry) -> str:
    """`32.8%`, `0.95 kg/person/day`, `level 3`."""
    if said := in_words(amount, entry):
        return said
    short = result_unit(entry)
    return f"{result(amount, entry)}{'' if short == '%' else ' '}{short}"


def amount(at: float, entry: IndicatorEntry) -> str:
    """A round number of a definition (a bound, a goalpost) with the unit: `0.5 kg/person/day`, `45%`, `level 5`."""
    if entry.unit == LEVEL:
        return in_words(at, entry)
    short = result_unit(entry)
    return f"{number(at)}{'' if short == '%' else ' '}{short}"


def formula(entry: IndicatorEntry) -> Markup:
    """A formula with names for codes: `100 × own-collected revenue ÷ total revenue`; each name leads to its page."""
    pieces = (_piece(token) for token in _TOKEN.findall(entry.indicator.formula or ""))
    return Markup(" ").join(pieces)


def _piece(token: str) -> Markup:
    known = application().catalogue.indicators
    if token in known:
        link = url_for("indicators.profile", code=token)
        return Markup('<a href="{}">{}</a>').format(link, translated(known[token].name))
    if token[0].isdigit():
        return escape(number(float(token)))
    return escape(SIGNS.get(token, token))


def divided(entry: IndicatorEntry) -> str:
    """What a reported count is divided by: `divided by registered population, per 100,000`; empty where by nothing."""
    indicator = entry.indicator
    if indicator.denominator is None:
        return ""
    known = application().catalogue.indicators
    by = translated(known[indicator.denominator].name) if indicator.denominator in known else indicator.denominator
    if indicator.per == 1:
        return gettext("the reported count divided by: %(name)s", name=by)
    return gettext("the reported count divided by: %(name)s, per %(per)s", name=by, per=number(indicator.per))


def posts(entry: IndicatorEntry, scale: tuple[float, float] = (0.0, 100.0)) -> str:
    """Goalposts in words: which value gets the lowest and which the highest score; empty where there are none."""
    rule = entry.indicator.normalise
    if rule is None or rule.method != "goalposts" or "low" not in rule.options:
        return ""
    return ladder(entry, rule.options["low"], rule.options["high"], scale)


def ladder(entry: IndicatorEntry, low: float, high: float, scale: tuple[float, float]) -> str:
    if entry.indicator.type == "yes-no":
        return gettext("“no” scores %(foot)s and “yes” scores %(head)s", foot=number(scale[0]), head=number(scale[1]))
    worst, best = (low, high) if entry.indicator.direction == "higher" else (high, low)
    said = gettext(
        "%(worst)s scores %(foot)s and %(best)s scores %(head)s",
        worst=amount(worst, entry),
        best=amount(best, entry),
        foot=number(scale[0]),
        head=number(scale[1]),
    )
    if entry.indicator.transform in ("log", "log10"):
        return gettext("%(posts)s, on a logarithmic scale: each doubling counts the same", posts=said)
    if entry.indicator.transform == "sqrt":
        return gettext("%(posts)s, on the scale of the square root", posts=said)
    return gettext("%(posts)s, in a straight line between", posts=said)


def interval(bounds: tuple[float | None, float | None] | None, entry: IndicatorEntry) -> str:
    """`from 0 to 100%`; empty where there is none."""
    if bounds is None or bounds == (None, None):
        return ""
    low, high = bounds
    if high is None:
        return gettext("from %(low)s", low=_counted(low or 0, entry))
    if low is None:
        return gettext("up to %(high)s", high=_counted(high, entry))
    return gettext("from %(low)s to %(high)s", low=number(low), high=_counted(high, entry))


def _counted(at: float, entry: IndicatorEntry) -> str:
    """Bounds of what is reported as a count, and divided later, have no unit of the result."""
    return number(at) if entry.indicator.denominator else amount(at, entry)


def rule_of(column: Column, entry: IndicatorEntry, scale: tuple[float, float]) -> str:
    """How an indicator's value becomes a score, in words."""
    rule = column.normalise
    options = rule.options
    if rule.method == "goalposts" and "low" in options:
        return ladder(entry, options["low"], options["high"], scale)
    if rule.method == "distance-to-target":
        return gettext("by how near it comes to the target of %(target)s", target=amount(options["target"], entry))
    return str(METHODS.get(rule.method, rule.method))


METHODS = {
    "min-max": lazy_gettext("between the lowest and the highest value found"),
    "goalposts": lazy_gettext("between goalposts that differ by group of places"),
    "z-score": lazy_gettext("by standard deviations from the mean"),
    "percentile-rank": lazy_gettext("by the share of places that it does better than"),
    "rank": lazy_gettext("by its rank"),
    "borda": lazy_gettext("by the number of places that it does better than"),
    "exponential-rank": lazy_gettext("by its rank, stretched at the top"),
    "distance-to-reference": lazy_gettext("by its distance from a reference place"),
    "distance-to-best": lazy_gettext("by its distance from the best value"),
    "ratio": lazy_gettext("as a ratio to a reference value"),
    "above-mean": lazy_gettext("above or below the mean"),
    "ladder": lazy_gettext("by levels with fixed thresholds"),
    "none": lazy_gettext("taken as it is"),
}

"""How the profile of a place says what a figure is: its value, its state, its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext
from markupsafe import Markup

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.web.filters import number, period, translated
from cityindex.web.session import application
from cityindex.web.words import FLAGS, in_words, result_unit, unit_short, value

if TYPE_CHECKING:
    from cityindex.queries.runs.behind import Behind
    from cityindex.queries.runs.scores import NodeResult
    from cityindex.web.places.view import Line

NORMAL = "A"


def scored_value(amount: float | None, entry: IndicatorEntry) -> Markup:
    """The value that was scored, or the median of several, in the indicator's own unit."""
    if amount is None:
        return Markup("{}").format(number(None))
    if said := in_words(amount, entry):
        return Markup("{}").format(said)
    shown = number(amount) if entry.indicator.denominator else value(amount, entry)
    return _with_unit(shown, result_unit(entry))


def reported_value(amount: float | None, entry: IndicatorEntry | None) -> Markup:
    """A value as it was reported: a count, too, where the count is divided before it is scored."""
    if amount is None or entry is None:
        return Markup("{}").format(number(amount))
    if said := in_words(amount, entry):
        return Markup("{}").format(said)
    return _with_unit(value(amount, entry), unit_short(entry))


def state(line: Line) -> str:
    """Of which period the figure is, and what is particular about it."""
    when = [period(line.behind.period, kind_of(line.behind, line.indicator))] if line.behind and line.indicator else []
    return " · ".join([*when, *remarks(line.behind, line.result)])


def condition(line: Line) -> str:
    """What is particular about a figure, or that nothing is."""
    said = remarks(line.behind, line.result)
    return " · ".join(said) or (status(NORMAL) if line.result.value is not None else "")


def remarks(behind: Behind | None, result: NodeResult) -> list[str]:
    """What is particular about a value: the status of its figure, what stands in for it, whether it was revised."""
    said = []
    if behind and not behind.calculated and behind.figures[0].seen.status != NORMAL:
        said.append(status(behind.figures[0].seen.status))
    if result.cell.flag and (result.cell.flag != "missing" or behind is None):
        said.append(str(FLAGS.get(result.cell.flag, result.cell.flag)))
    if behind and behind.revised:
        said.append(gettext("revised since this was computed"))
    return said


def kind_of(behind: Behind, indicator: IndicatorEntry) -> str:
    """Fiscal or calendar: of what is computed, as the first figure that it is computed from."""
    known = application().catalogue.indicators
    first = known.get(behind.figures[0].seen.indicator) if behind.calculated else None
    of = indicator.indicator.period or (first.indicator.period if first else None)
    return of or "calendar-year"


def calculated(line: Line) -> bool:
    """Whether the value was computed from other figures of the place."""
    return bool(line.indicator and line.indicator.indicator.formula and line.result.value is not None)


def sources_of(line: Line) -> str:
    """Where a value comes from, in words for a file."""
    said = "; ".join(text for text in line.behind.sources if text) if line.behind else ""
    if not calculated(line):
        return said
    return gettext("calculated from: %(sources)s", sources=said) if said else gettext("calculated")


def status(code: str) -> str:
    """The name of a status of an observation."""
    items = application().catalogue.codelist("observation-status").items
    return translated(items[code].name) if code in items else code


def flag(code: str) -> str:
    return str(FLAGS.get(code, code))


def _with_unit(shown: str, unit: str) -> Markup:
    return (
        Markup("{}%").format(shown)
        if unit == "%"
        else Markup('{} <span class="small quiet">{}</span>').format(shown, unit)
    )

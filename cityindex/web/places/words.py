"""How the profile of a place says what a figure is: its value, its state, its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext
from markupsafe import Markup

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.web.filters import number, period, translated
from cityindex.web.session import application
from cityindex.web.words import FLAGS, result_unit, unit_short, value

if TYPE_CHECKING:
    from cityindex.web.places.view import Line

NORMAL = "A"


def scored_value(amount: float | None, entry: IndicatorEntry) -> Markup:
    """The value that was scored, in the indicator's own unit."""
    if amount is None:
        return Markup("{}").format(number(None))
    if entry.indicator.type == "yes-no" and amount in (0, 1):
        return Markup("{}").format(gettext("yes, it has") if amount else gettext("no, it has not"))
    shown = number(amount) if entry.indicator.denominator else value(amount, entry)
    return _with_unit(shown, result_unit(entry))


def reported_value(amount: float | None, entry: IndicatorEntry | None) -> Markup:
    """A value as it was reported: a count, too, where the count is divided before it is scored."""
    if amount is None or entry is None:
        return Markup("{}").format(number(amount))
    if entry.indicator.type == "yes-no":
        return scored_value(amount, entry)
    return _with_unit(value(amount, entry), unit_short(entry))


def state(line: Line) -> str:
    """Of which period the figure is, and what is particular about it."""
    said = []
    if line.figure is not None and line.indicator is not None:
        said.append(period(line.figure.period, line.indicator.indicator.period or "calendar-year"))
        said.append(status(line.figure.status) if line.figure.status != NORMAL else "")
    if line.result.cell.flag != "missing" or line.figure is None:
        said.append(str(FLAGS.get(line.result.cell.flag, line.result.cell.flag)))
    return " · ".join(part for part in said if part)


def calculated(line: Line) -> bool:
    """Whether the value was computed from other figures of the place."""
    return bool(line.indicator and line.indicator.indicator.formula and line.result.value is not None)


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

"""What would move a place up, as the page shows it: changes in each indicator's own unit, or why none does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry
from cityindex.queries.runs.ways_up import WaysUp
from cityindex.scoring.targets import Target
from cityindex.web.editions.explain_view import kind_of
from cityindex.web.filters import number
from cityindex.web.places.view import name_in
from cityindex.web.places.words import scored_value
from cityindex.web.words import result, result_unit

REASONS = {
    "cap": lazy_gettext("Its score is at its end before that."),
    "bounds": lazy_gettext("It is at the last value that it can have before that."),
    "rule": lazy_gettext("A part above it does not pass on more: its weakest or middle part is another one."),
    "not-monotone": lazy_gettext("A part above it takes away for unevenness, so that more can be less."),
    "no-weight": lazy_gettext("It has no weight in this score."),
    "not-applicable": lazy_gettext("It does not apply to this place."),
    "missing": lazy_gettext("It has no value to start from."),
}


@dataclass(frozen=True)
class Change:
    """One indicator: from which value to which, what that is in words, and the rank it leads to."""

    name: str
    code: str
    before: Markup
    after: Markup
    words: str
    rank: int


@dataclass(frozen=True)
class Up:
    """All ways up. `cannot` pairs an indicator's name with the reason why it does not do it alone.

    `linked` pairs the names of indicators that share figures with the names of these figures.
    """

    found: WaysUp
    alone: Sequence[Change]
    cannot: Sequence[tuple[str, str]]
    together: Sequence[Change]
    peers: str
    linked: Sequence[tuple[Sequence[str], Sequence[str]]]

    @property
    def ranks(self) -> int:
        """How many ranks up the goal is: fewer than asked for near the top."""
        return self.found.rank - self.found.goal


def up_of(found: WaysUp, entry: FrameworkEntry) -> Up:
    """What `ways_up` found, in the words of the framework that the run used."""
    mix = found.mix.changes if found.mix else ()
    return Up(
        found=found,
        alone=[_change(way.target, way.better, entry) for way in found.ways if way.target.feasible],
        cannot=[
            (name_in(entry, way.target.indicator), str(REASONS.get(way.target.why, way.target.why)))
            for way in found.ways
            if not way.target.feasible
        ],
        together=[_change(one, found.betters[one.indicator], entry) for one in mix],
        peers=kind_of(found.peers),
        linked=[
            ([name_in(entry, code) for code in one.indicators], [name_in(entry, code) for code in one.figures])
            for one in found.linked
        ],
    )


def outward(value: float, entry: IndicatorEntry, better: float) -> float:
    """A value rounded to the decimals that pages show, to the better side: what is written down reaches the goal."""
    factor = 10 ** _decimals(value, entry)
    scaled = value * factor
    near = round(scaled)
    if math.isclose(scaled, near, rel_tol=1e-12):
        return near / factor
    return (math.ceil(scaled) if better > 0 else math.floor(scaled)) / factor


def _decimals(value: float, entry: IndicatorEntry) -> int:
    own = None if entry.indicator.denominator else entry.indicator.decimals
    if own is not None:
        return own
    return 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2


def _change(target: Target, better: float, entry: FrameworkEntry) -> Change:
    indicator = entry.indicators[target.indicator]
    after = outward(target.value, indicator, better)
    return Change(
        name=name_in(entry, target.indicator),
        code=target.indicator,
        before=_bare(target.before, indicator),
        after=_bare(after, indicator),
        words=_words(target.before, after, indicator),
        rank=target.rank,
    )


def _bare(value: float, entry: IndicatorEntry) -> Markup:
    """A value without its unit, which stands in the words beside it; a phone has no room for it in every column."""
    if entry.indicator.type == "yes-no" or result_unit(entry) == "%":
        return scored_value(value, entry)
    return Markup("{}").format(result(value, entry))


def _words(before: float, after: float, entry: IndicatorEntry) -> str:
    if entry.indicator.type == "yes-no":
        return gettext("begin to have it") if after > before else gettext("no longer have it")
    decimals = _decimals(after, entry)
    unit = result_unit(entry)
    by = number(abs(round(after, decimals) - round(before, decimals)), decimals)
    named = {"by": by, "unit": gettext("percentage points") if unit == "%" else unit}
    return gettext("%(by)s %(unit)s more", **named) if after > before else gettext("%(by)s %(unit)s less", **named)

"""What the figures of an edition are like, in words: what stands out in them, and what the parts really count for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.queries.runs.diagnostics import Alpha, Diagnostics, diagnostics
from cityindex.queries.runs.editions import Edition
from cityindex.scoring.correlations import Relation
from cityindex.scoring.multivariate import Importance, RankShift
from cityindex.scoring.sensitivity import FactorIndices
from cityindex.scoring.statistics import Statistic
from cityindex.web.editions.interval_words import factor_name
from cityindex.web.editions.structure import Element, Structure, structure
from cityindex.web.editions.view import entry_of
from cityindex.web.session import database

FLAGS: Mapping[str, object] = {
    "availability": lazy_gettext("fewer than 65% of the places have a figure"),
    "zeros": lazy_gettext("more than half of the figures are 0"),
    "unique": lazy_gettext("many places have the same figure"),
    "outliers": lazy_gettext("a few places lie far from all others"),
}
MORE, LESS = 1.5, 1 / 1.5
"""From these ratios of effective to nominal weight on, a part counts for more or less than it should."""
ALPHAS = (
    (0.9, lazy_gettext("nearly the same thing, told several times")),
    (0.7, lazy_gettext("fit together well")),
    (0.5, lazy_gettext("fit together loosely")),
    (0.0, lazy_gettext("tell of different things")),
)
"""From which alpha on the parts of a node are said to be what."""


@dataclass(frozen=True, slots=True)
class Figures:
    """An indicator with the statistics of its values; `remarks` say what to be careful about."""

    element: Element
    line: Statistic
    remarks: str


@dataclass(frozen=True, slots=True)
class Weighing:
    """A part or indicator beside the one above it; what it should count for, and what it does."""

    element: Element
    relation: Relation | None
    importance: Importance | None
    remark: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the children of a node fit together."""

    element: Element
    alpha: Alpha
    remark: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything about an edition; `pairs` are siblings that say nearly the same, by name, with r and n."""

    edition: Edition
    entry: FrameworkEntry
    found: Diagnostics
    figures: tuple[Figures, ...]
    weighings: tuple[Weighing, ...]
    fits: tuple[Fit, ...]
    pairs: tuple[tuple[Element, Element, float, int], ...]
    left_out: tuple[tuple[Element, RankShift], ...]
    """The indicator without which ranks move most comes first."""
    factors: tuple[tuple[str, FactorIndices], ...]
    """Choices of the plan in words with their Sobol' indices, the one that explains most first."""


def quality(edition: Edition) -> Quality:
    """The diagnostics of an edition with the names of the framework that it was made with."""
    entry = entry_of(edition)
    tree, found = structure(entry), diagnostics(database(), edition.run)
    return Quality(
        edition=edition,
        entry=entry,
        found=found,
        figures=tuple(Figures(tree.by_code[one.indicator], one, _remarks(one)) for one in found.statistics),
        weighings=tuple(_weighings(tree, found)),
        fits=tuple(Fit(tree.by_code[one.code], one, _fit(one.alpha)) for one in found.alphas),
        left_out=tuple(_left_out(tree, found.dependence.left_out if found.dependence else ())),
        factors=tuple(_factors(entry, found.dependence.factors if found.dependence else ())),
        pairs=tuple((tree.by_code[one.one], tree.by_code[one.other], one.r, one.n) for one in found.pairs),
    )


def _left_out(tree: Structure, found: Sequence[RankShift]) -> Iterator[tuple[Element, RankShift]]:
    for one in sorted((one for one in found if one.n), key=lambda one: -one.mean):
        yield tree.by_code[one.indicator], one


def _factors(entry: FrameworkEntry, found: Sequence[FactorIndices]) -> Iterator[tuple[str, FactorIndices]]:
    for one in sorted((one for one in found if not math.isnan(one.st)), key=lambda one: -one.st):
        yield factor_name(entry, one.factor), one


def _remarks(line: Statistic) -> str:
    return "; ".join(str(FLAGS[flag]) for flag in line.flags)


def _weighings(tree: Structure, found: Diagnostics) -> Iterator[Weighing]:
    for element in tree.elements:
        if element.level > 0:
            relation, counted = found.relations.get(element.code), found.importance.get(element.code)
            yield Weighing(element, relation, counted, _remark(element, relation, counted))


def _remark(element: Element, relation: Relation | None, counted: Importance | None) -> str:
    if element.pilot:
        return gettext("pilot: counts for nothing yet")
    if relation is None or counted is None or math.isnan(counted.share):
        return gettext("too little varies to say")
    if relation.flag == "conflict":
        return gettext("pulls against the part it belongs to")
    ratio = counted.share / counted.weight
    if ratio >= MORE:
        return gettext("counts for more than its weight")
    return gettext("counts for less than its weight") if ratio <= LESS else ""


def _fit(alpha: float | None) -> str:
    if alpha is None:
        return gettext("cannot be computed: too few places have all parts, or one does not vary")
    return next((str(said) for start, said in ALPHAS if alpha >= start), gettext("pull in opposite directions"))

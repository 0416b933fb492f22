"""A score worked out for one place from stored results, so that a reader can follow the sums with a calculator."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.observations.indicator_tables import places_by_id
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import find_place
from cityindex.queries.runs.edition_facts import middle_place
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import NodeResult, place_results
from cityindex.web import words
from cityindex.web.editions.structure import Element, Structure, structure
from cityindex.web.filters import number, translated
from cityindex.web.session import database

AGREES = 1e-9


@dataclass(frozen=True)
class Line:
    """An element of the tree with its result; `used` is its weight after gaps are shared out, None for a gap."""

    element: Element
    result: NodeResult
    used: float | None

    @property
    def part(self) -> float | None:
        """What it adds to the score of its part."""
        score = self.result.cell.score
        return None if score is None or self.used is None else self.used * score


@dataclass(frozen=True)
class Example:
    """`sum` is the index as the lines give it; it is the stored one."""

    place: Named
    edition: Edition
    lines: tuple[Line, ...]
    sum: float
    normalised: str


def worked_example(entry: FrameworkEntry, edition: Edition, code: str = "") -> Example | None:
    """The example for the place with `code`, or for one in the middle; None where the sums are not that simple.

    Raises `NotFound` for a place that the edition does not hold.
    """
    tree = structure(entry)
    place_id = find_place(database(), code).place.id if code else middle_place(database(), edition.run)
    if place_id is None or not _simple(tree):
        return None
    results = place_results(database(), edition.run, place_id)
    if results is None:
        raise NotFound(f"the edition does not hold place {code}")
    by_code = {result.node.code: result for result in results.nodes}
    lines = tuple(Line(one, by_code[one.code], used) for one, used in _used(tree, by_code))
    total = sum(line.part or 0.0 for line in lines if line.element.level == 1)
    stored = by_code[tree.index.code].cell.score
    if stored is None or abs(total - stored) > AGREES * max(abs(stored), 1):
        return None
    place = places_by_id(database(), [place_id])[place_id]
    return Example(place, edition, lines, total, _normalised(entry, lines))


def _simple(tree: Structure) -> bool:
    """Only weighted averages in which the others share the weight of a gap."""
    return all(
        branch.aggregate.method == "arithmetic"
        and branch.missing == "renormalise"
        and branch.node.rescale is None
        and branch.node.round is None
        and branch.node.direction == "higher"
        for branch in tree.plan.branches
    )


def _used(tree: Structure, results: dict[str, NodeResult]) -> list[tuple[Element, float | None]]:
    """Each element with its weight among those of its siblings that have a score."""
    shares: dict[str, float | None] = {}
    for parent in tree.elements:
        there = [tree.by_code[code] for code in parent.children if results[code].cell.score is not None]
        total = sum(child.share for child in there)
        shares |= {child.code: child.share / total for child in there if child.share > 0}
    return [(element, 1.0 if element.level == 0 else shares.get(element.code)) for element in tree.elements]


def _normalised(entry: FrameworkEntry, lines: tuple[Line, ...]) -> str:
    """One indicator's score, with its sum; empty where none is a plain share of the way between goalposts."""
    for line in lines:
        indicator, value, score = line.element.indicator, line.result.value, line.result.cell.score
        rule = indicator.indicator.normalise if indicator else None
        if indicator is None or rule is None or value is None or score is None or not line.used:
            continue
        low, high = entry.framework.scale
        plain = rule.method == "goalposts" and "low" in rule.options and indicator.indicator.transform == "none"
        if plain and low < score < high:
            return _between(entry, line, value, score)
    return ""


def _between(entry: FrameworkEntry, line: Line, value: float, score: float) -> str:
    indicator = line.element.indicator
    assert indicator is not None and indicator.indicator.normalise is not None  # noqa: PT018, S101
    options = indicator.indicator.normalise.options
    low, high = options["low"], options["high"]
    foot, head = entry.framework.scale
    start, end = (low, high) if indicator.indicator.direction == "higher" else (high, low)
    written = words.result(value, indicator)
    return gettext(
        "%(name)s: (%(value)s − %(start)s) ÷ (%(end)s − %(start)s) × %(width)s = %(score)s",
        name=translated(indicator.name),
        value=written,
        start=number(start),
        end=number(end),
        width=number(head - foot),
        score=number(score - foot, 1),
    )

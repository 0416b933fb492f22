"""The table of compared places: every result and figure beside each other, the best marked, the peers' median last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry
from cityindex.queries.runs.arrays import TreeNode
from cityindex.queries.runs.behind import Behind
from cityindex.queries.runs.comparison import Comparison, Middle, Side
from cityindex.queries.runs.scores import NodeResult
from cityindex.web.filters import number, period, score
from cityindex.web.places.view import name_in
from cityindex.web.places.words import flag, kind_of, remarks, scored_value

PILOT = "pilot"
BEST, TIED = "best", "tied"
TWO_SIDED = ("distance-to-target", "distance-to-reference")
"""Ways of scoring under which neither more nor less of a value is better: there the best is the best score."""

Figures = Mapping[tuple[int, str], Behind]


@dataclass(frozen=True)
class Box:
    """A cell: what it shows, what is said about it, which sources it has (their numbers), and its mark."""

    shown: str
    notes: Sequence[str] = ()
    sources: Sequence[int] = ()
    best: str = ""
    there: bool = True


@dataclass(frozen=True)
class Line:
    """A row: a node or an indicator. `middle` is the peers' median with how many there are."""

    node: TreeNode
    name: str
    indicator: IndicatorEntry | None
    boxes: Sequence[Box]
    middle: str
    n: int
    pilot: bool = False
    """Whether it is shown without weight: said once, of the row."""


@dataclass(frozen=True)
class Table:
    """All rows in the order of the tree, and the sources that cells name by their number."""

    lines: Sequence[Line]
    sources: Sequence[str]


def table_of(found: Comparison, entry: FrameworkEntry, figures: Figures) -> Table:
    """What `comparison` found in the words of the framework; `figures` are what the values rest on."""
    sources = list(dict.fromkeys(text for one in figures.values() for text in one.sources if text))
    maker = _Maker(found, entry, figures, {text: at for at, text in enumerate(sources, start=1)})
    return Table([maker.line(node) for node in found.tree], sources)


class _Maker:
    def __init__(self, found: Comparison, entry: FrameworkEntry, figures: Figures, sources: Mapping[str, int]) -> None:
        self.found, self.entry, self.figures, self.sources = found, entry, figures, sources

    def line(self, node: TreeNode) -> Line:
        indicator = self.entry.indicators.get(node.code) if node.is_indicator else None
        results = [side.nodes[node.position] if side else None for side in self.found.sides]
        shown = [self._shown(one, indicator) for one in results]
        marks = _marks(results, shown, indicator)
        boxes = [
            self._box(side, one, text, mark, indicator)
            for side, one, text, mark in zip(self.found.sides, results, shown, marks, strict=True)
        ]
        middle = self.found.middle[node.position]
        pilot = any(one is not None and one.cell.flag == PILOT for one in results)
        return Line(node, name_in(self.entry, node.code), indicator, boxes, *_middle(middle, indicator), pilot)

    def _shown(self, result: NodeResult | None, indicator: IndicatorEntry | None) -> str:
        if result is None:
            return number(None)
        return score(result.cell.score) if indicator is None else scored_value(result.value, indicator)

    def _box(
        self, side: Side | None, result: NodeResult | None, shown: str, mark: str, indicator: IndicatorEntry | None
    ) -> Box:
        if side is None or result is None:
            return Box(shown, there=False)
        figure = self.figures.get((side.place_id, result.node.code)) if indicator else None
        there = (result.cell.score if indicator is None else result.value) is not None
        notes = [text for text in remarks(figure, result) if text != flag(PILOT)]
        if indicator is not None and indicator.indicator.formula and result.value is not None:
            notes.insert(0, gettext("calculated"))
        if indicator is not None and figure is not None:
            notes.insert(0, period(figure.period, kind_of(figure, indicator)))
        numbers = [self.sources[text] for text in figure.sources if text] if figure else []
        return Box(shown, notes, numbers, mark, there)


def _marks(results: Sequence[NodeResult | None], shown: Sequence[str], indicator: IndicatorEntry | None) -> list[str]:
    """Which of at least two values is the best. Those that read the same are the same; where all are, none is best."""
    keys = [None if one is None else _key(one, indicator) for one in results]
    there = [key for key in keys if key is not None]
    if len(there) < 2:
        return [""] * len(keys)
    best = shown[keys.index(max(there))]
    among = [text for key, text in zip(keys, shown, strict=True) if key is not None]
    if among.count(best) == len(among):
        return [""] * len(keys)
    mark = TIED if among.count(best) > 1 else BEST
    return [mark if key is not None and text == best else "" for key, text in zip(keys, shown, strict=True)]


def _key(result: NodeResult, indicator: IndicatorEntry | None) -> float | None:
    """What is compared, so that more is better."""
    rule = indicator.indicator.normalise if indicator else None
    if indicator is None or (rule is not None and rule.method in TWO_SIDED):
        return result.cell.score
    if result.value is None:
        return None
    return -result.value if indicator.indicator.direction == "lower" else result.value


def _middle(middle: Middle, indicator: IndicatorEntry | None) -> tuple[str, int]:
    if indicator is None:
        return score(middle.score), middle.n
    return scored_value(middle.value, indicator), middle.n_values

"""How the results of a place went over the editions of a framework: pictures, and the same as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.queries.runs.place_scores import NodeScore, PlaceEdition
from cityindex.queries.runs.scores import Cell
from cityindex.web.filters import number, period, rank, score, year
from cityindex.web.places.view import name_in


@dataclass(frozen=True)
class Series:
    """One result over the editions: its picture, and its cell in each edition."""

    name: str
    title: str
    chart: Markup
    cells: Sequence[Cell | None]


@dataclass(frozen=True)
class History:
    """`editions` from the oldest to the newest; `scores` are of the index and its children, empty where scores of
    different periods may not be compared. `ranks` are those of the index, with their intervals.
    """

    editions: Sequence[PlaceEdition]
    scores: Sequence[Series]
    ranks: Series

    @property
    def versions(self) -> int:
        """How many versions of the method they were made by."""
        return len({one.version for one in self.editions})

    @property
    def intervals(self) -> bool:
        return any(one.index.rank_low is not None for one in self.editions)


def history_of(entry: FrameworkEntry, editions: Sequence[PlaceEdition], fixed: bool) -> History | None:
    """The editions of one framework in any order; None where there is one only. `fixed` is `place_view.comparable`."""
    if len(editions) < 2:
        return None
    ordered = sorted(editions, key=lambda one: one.period)
    nodes = [node for node in ordered[-1].nodes if node.level < 2] if fixed else []
    return History(ordered, [_scores(entry, node, ordered) for node in nodes], _ranks(entry, ordered))


def _scores(entry: FrameworkEntry, node: NodeScore, editions: Sequence[PlaceEdition]) -> Series:
    name = name_in(entry, node.code)
    cells = [one.cell(node.code) for one in editions]
    points = [_score_point(one.period, cell) for one, cell in zip(editions, cells, strict=True)]
    title = gettext("Score over the years: %(name)s", name=name)
    said = "; ".join(
        f"{period(one.period, entry.framework.period)} {point.shown}"
        for one, point in zip(editions, points, strict=True)
    )
    chart = charts.line(points, charts.Caption(title, said), scale=entry.framework.scale)
    return Series(name, title, Markup(chart), cells)  # noqa: S704


def _ranks(entry: FrameworkEntry, editions: Sequence[PlaceEdition]) -> Series:
    name = name_in(entry, editions[-1].nodes[0].code)
    title = gettext("Rank over the years: %(name)s", name=name)
    said = "; ".join(f"{period(one.period, entry.framework.period)} {rank_words(one)}" for one in editions)
    chart = charts.line([_rank_point(one) for one in editions], charts.Caption(title, said), upward=False)
    return Series(name, title, Markup(chart), [one.index for one in editions])  # noqa: S704


def _score_point(when: int, cell: Cell | None) -> charts.Point:
    value = cell.score if cell else None
    return charts.Point(year(when), value, gettext("no data") if value is None else score(value))


def _rank_point(edition: PlaceEdition) -> charts.Point:
    cell = edition.index
    shown = gettext("no rank") if cell.rank is None else number(cell.rank)
    return charts.Point(year(edition.period), cell.rank, shown, low=cell.rank_low, high=cell.rank_high)


def rank_words(edition: PlaceEdition) -> str:
    """`58 (40–87) of 378`, or that there is no rank."""
    if edition.index.rank is None:
        return gettext("no rank")
    return gettext("%(rank)s of %(size)s", rank=rank(edition.index), size=number(edition.ranked))

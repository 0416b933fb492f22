"""Places of one run beside each other, beside the middle of their peers, and what makes the gap between two of them.

Results are read as they were published; the gap is taken apart with the run's own parameters and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Publication, Run, Score
from cityindex.queries.runs.arrays import RunArrays, TreeNode, tree_of
from cityindex.queries.runs.explanations import medians, number
from cityindex.queries.runs.frozen_runs import FrozenRun, frozen_run
from cityindex.queries.runs.once_per_run import OncePerRun
from cityindex.queries.runs.scores import INDEX, NO_INTERVAL, Cell, NodeResult, cell_of, node_result
from cityindex.scoring.explain import gap
from cityindex.scoring.whatif import ordinal

ARRAYS = ("place_id", "score", "rank", "coverage", "flag", "imputed", "values")


@dataclass(frozen=True, slots=True)
class IndexResult:
    """What a published edition says of a place at its index."""

    place_id: int
    framework: str
    version: str
    period: int
    run: int
    demo: bool
    cell: Cell


@dataclass(frozen=True, slots=True)
class Side:
    """All that a run says of one place, in the order of its tree."""

    place_id: int
    band: str | None
    nodes: tuple[NodeResult, ...]


@dataclass(frozen=True, slots=True)
class Middle:
    """The peers' medians at a node: of `n` scores and, in the indicator's own unit, of `n_values` values."""

    score: float | None
    n: int
    value: float | None
    n_values: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`sides` are in the order asked for, None where the run does not hold the place; `middle` by position."""

    tree: tuple[TreeNode, ...]
    sides: tuple[Side | None, ...]
    middle: tuple[Middle, ...]
    peers: int
    """How many of the peers the run holds."""


@dataclass(frozen=True, slots=True)
class GapPart:
    """What goes through a node of the gap, and what of that comes from one place having figures the other lacks."""

    node: TreeNode
    effect: float
    coverage: float


@dataclass(frozen=True, slots=True)
class GapParts:
    """The difference of two scores taken apart: `parts` in the order of the tree, the index first."""

    gap: float
    parts: tuple[GapPart, ...]

    def children(self, of: GapPart) -> tuple[GapPart, ...]:
        """Right below: their effects and the `coverage` of `of` sum to its effect."""
        return tuple(one for one in self.parts if one.node.parent == of.node.position)

    def indicators(self, of: GapPart) -> tuple[GapPart, ...]:
        if of.node.is_indicator:
            return (of,)
        return tuple(indicator for child in self.children(of) for indicator in self.indicators(child))

    def different(self, of: GapPart) -> float:
        """All that comes from different figures being there, in a node and below it."""
        return of.coverage + sum(self.different(child) for child in self.children(of))


def index_results(session: Session, place_ids: Collection[int]) -> tuple[IndexResult, ...]:
    """The index of some places in every published edition, by framework, the newest period first. One query."""
    newest = select(func.max(Publication.id)).group_by(Publication.framework, Publication.period)
    query: Select[*tuple[Any, ...]] = (
        select(
            Score.place_id, Run.framework, Run.version, Run.period, Run.id, Run.demo,
            Score.score, Score.rank, Score.rank_low, Score.rank_high, Score.coverage, Score.flag,
        )
        .join(Publication, Publication.run_id == Run.id)
        .join(Score, Score.run_id == Run.id)
        .where(Publication.id.in_(newest), Score.place_id.in_(place_ids), Score.position == INDEX)
        .order_by(Run.framework, Run.period.desc(), Score.place_id)
    )  # fmt: skip
    return tuple(
        IndexResult(row.place_id, row.framework, row.version, row.period, row.id, row.demo, cell_of(row))
        for row in session.execute(query)
    )


def comparison(session: Session, run_id: int, place_ids: Sequence[int], peer_ids: Collection[int]) -> Comparison:
    """The results of some places in a run, and the medians of others. Raises `NotFound` for an unknown run."""
    arrays = RunArrays(session, run_id)
    arrays.prefetch(*ARRAYS)
    tree = tree_of(session, run_id)
    query = select(Score.place_id, Score.band, Score.rank_low, Score.rank_high)
    own = query.where(Score.run_id == run_id, Score.position == INDEX, Score.place_id.in_(place_ids))
    facts = {place: (band, (low, high)) for place, band, low, high in session.execute(own)}
    peers = np.flatnonzero(np.isin(arrays["place_id"], list(peer_ids)))
    scores, values = (medians(arrays[name][peers]) for name in ("score", "values"))
    counts, value_counts = ((~np.isnan(arrays[name][peers])).sum(axis=0) for name in ("score", "values"))
    return Comparison(
        tree=tree,
        sides=tuple(_side(arrays, tree, place, facts) for place in place_ids),
        middle=tuple(
            Middle(
                number(scores[node.position]),
                int(counts[node.position]),
                None if node.column is None else number(values[node.column]),
                0 if node.column is None else int(value_counts[node.column]),
            )
            for node in tree
        ),
        peers=len(peers),
    )


def _scored(session: Session, run_id: int) -> Mapping[str, int]:
    run = frozen_run(session, run_id)
    ids = {code: place for place, code in run.codes.items()}
    there = ~np.isnan(run.results.score[0, :, INDEX])
    return {code: ids[code] for code, known in zip(run.results.places, there, strict=True) if known}


scored_places = OncePerRun(_scored)
"""The places that have a score at the index of a run: ids by code. Raises `NotFound`."""


def gaps(session: Session, run_id: int, first: int, others: Sequence[int]) -> tuple[GapParts | None, ...]:
    """What makes the index of `first` differ from that of each other place: effects and coverage sum to the gap.

    None where one of the two has no score, or where a node compares all places with each other.
    """
    run = frozen_run(session, run_id)
    return tuple(_gap(run, first, other) for other in others)


def _side(arrays: RunArrays, tree: Sequence[TreeNode], place_id: int, facts: Mapping[int, Any]) -> Side | None:
    row = arrays.row(place_id)
    if row is None or place_id not in facts:
        return None
    band, interval = facts[place_id]
    nodes = (node_result(arrays, row, node, interval if node.position == INDEX else NO_INTERVAL) for node in tree)
    return Side(place_id, band, tuple(nodes))


def _gap(run: FrozenRun, first: int, other: int) -> GapParts | None:
    try:
        one, two = run.row(first), run.row(other)
    except NotFound:
        return None
    if np.isnan(one.score[INDEX]) or np.isnan(two.score[INDEX]) or ordinal(run.frozen):
        return None
    found = gap(run.frozen, one, two)
    parts = zip(run.tree, found.effect.tolist(), found.coverage.tolist(), strict=True)
    return GapParts(found.gap, tuple(GapPart(node, effect, coverage) for node, effect, coverage in parts))

"""Why a place has its score: what every node and indicator gave to it, beside places of its kind.

Everything comes from one run and its frozen parameters; nothing is scored anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import Score
from cityindex.queries.runs.arrays import TreeNode
from cityindex.queries.runs.frozen_runs import FrozenRun, frozen_run
from cityindex.queries.runs.scores import INDEX
from cityindex.scoring.explain import contributions
from cityindex.scoring.frozen import Row
from cityindex.scoring.matrix import Floats
from cityindex.scoring.peers import Standpoint, standpoints
from cityindex.scoring.results import FLAG_NAMES
from cityindex.scoring.whatif import ordinal

KINDS = (("place_type", "population_band"), ("place_type",), ())
"""What peers share with a place, the closest first; the last are all places of the run."""
FEWEST = 5
"""Peers that a median is taken of, at least; where there are fewer, the next wider kind is taken."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The other places of a kind: codes, and what they share with the place (attribute, its value)."""

    codes: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A node or indicator in the score of a place.

    `weight` is its weight in this score, where the weight of missing siblings went to the others, `contribution` its
    part of the score. `median` and `value_median` are those of the `n` peers with a score and a value there;
    `difference` is the score less the median, `effect` what that gives or takes in the index.
    """

    node: TreeNode
    score: float | None
    weight: float
    contribution: float
    flag: str
    value: float | None
    value_median: float | None
    median: float | None
    difference: float | None
    effect: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The score of a place taken apart; `pieces` are in the order of the tree, the index first."""

    score: float
    rank: int
    peers: Peers
    pieces: tuple[Piece, ...]

    def children(self, of: Piece) -> tuple[Piece, ...]:
        """The pieces right below one: their contributions sum to its own."""
        return tuple(one for one in self.pieces if one.node.parent == of.node.position)

    def indicators(self, of: Piece) -> tuple[Piece, ...]:
        """The indicators below a piece: their contributions sum to its own."""
        found = [indicator for child in self.children(of) for indicator in self.indicators(child)]
        return (of,) if of.node.is_indicator else tuple(found)


def explanation(session: Session, run_id: int, place_id: int) -> Explanation | None:
    """Why a place has its score; None where it has none, or where a node compares all places with each other.

    Raises `NotFound` for an unknown run, or one that does not hold the place.
    """
    run = frozen_run(session, run_id)
    row = run.row(place_id)
    if np.isnan(row.score[0]) or ordinal(run.frozen):
        return None
    parts = contributions(run.frozen, row)
    peers = peers_of(run, row)
    beside = {one.code: one for one in standpoints(run.frozen, run.results, row, peers.codes)} if peers.codes else {}
    medians = _value_medians(run, peers.codes)
    pieces = [
        _piece(node, row, beside.get(node.code), medians, (parts.effective[k], parts.contribution[k]))
        for k, node in enumerate(run.tree)
    ]
    return Explanation(float(row.score[0]), row.rank, peers, tuple(pieces))


def interval_of(session: Session, run_id: int, place_id: int) -> tuple[int | None, int | None]:
    """Between which ranks a place stays in 90 of 100 repetitions; nothing where the run has none."""
    query = select(Score.rank_low, Score.rank_high).filter_by(run_id=run_id, place_id=place_id, position=INDEX)
    found = session.execute(query).first()
    return (found.rank_low, found.rank_high) if found else (None, None)


def peers_of(run: FrozenRun, row: Row) -> Peers:
    """Ranked places of the same kind, as near as there are enough of them."""
    ranked = run.results.rank[0, :, 0] > 0
    found = Peers((), ())
    for kind in KINDS:
        if any(row.attributes.get(name) is None for name in kind):
            continue
        same = [np.array(run.attributes[name], dtype=object) == row.attributes[name] for name in kind]
        positions = np.flatnonzero(np.logical_and.reduce([ranked, *(each.astype(np.bool_) for each in same)]))
        codes = tuple(run.results.places[k] for k in positions if run.results.places[k] != row.place)
        found = Peers(codes, tuple((name, str(row.attributes[name])) for name in kind))
        if len(codes) >= FEWEST:
            break
    return found


def _value_medians(run: FrozenRun, peers: Sequence[str]) -> Floats:
    """The peers' median of every indicator's value; NaN where none of them has one."""
    wanted = frozenset(peers)
    rows = [k for k, code in enumerate(run.results.places) if code in wanted]
    return medians(run.results.values[0, rows])


def medians(rows: Floats) -> Floats:
    """The median of every column over what is there; NaN where nothing is."""
    found = np.full(rows.shape[1], np.nan)
    known = ~np.isnan(rows).all(axis=0)
    if known.any():
        found[known] = np.nanmedian(rows[:, known], axis=0)
    return found


def _piece(node: TreeNode, row: Row, beside: Standpoint | None, medians: Floats, parts: tuple[float, float]) -> Piece:
    column = node.column
    return Piece(
        node=node,
        score=number(row.score[node.position]),
        weight=float(parts[0]),
        contribution=float(parts[1]),
        flag=FLAG_NAMES[row.flag[node.position]],
        value=None if column is None else number(row.values[column]),
        value_median=None if column is None else number(medians[column]),
        median=None if beside is None else beside.median,
        difference=None if beside is None else beside.difference,
        effect=None if beside is None else number(beside.contribution),
        n=0 if beside is None else beside.n,
    )


def number(value: float) -> float | None:
    """A number of an array; None where it holds none."""
    return None if np.isnan(value) else float(value)

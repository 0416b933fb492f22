"""Scores of a run line by line, in pages that are the same whenever they are asked for: a run never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.formats.arrays import unpack_json
from cityindex.models import Place, RunArray, Score
from cityindex.queries.runs.arrays import RunArrays, TreeNode, node_of, tree_of
from cityindex.queries.runs.once_per_run import OncePerRun
from cityindex.queries.runs.scores import INDEX, NO_INTERVAL, Interval
from cityindex.scoring.results import FLAG_NAMES

TOP = "index"
Rows = NDArray[np.intp]
Numbers = tuple[float, float, int, float, int]
"""Value, score, rank, coverage and flag as they stand in the arrays."""


@dataclass(frozen=True, slots=True)
class ScoreWish:
    """Which lines of a run: of a node or indicator (its code), of places (rows), of a type, in a province (a code)."""

    node: str | None = None
    place_ids: tuple[int, ...] | None = None
    place_type: str | None = None
    province: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One place at one node or indicator of a run. `value` is an indicator's, in its own unit; nodes have none.

    Code, type and province are those that the run knew.
    """

    place: str
    name_th: str
    name_en: str | None
    place_type: str
    province: str | None
    node: str
    level: int
    is_indicator: bool
    value: float | None
    score: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    coverage: float | None
    flag: str
    band: str | None


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """A run as lines are cut from it: rows are places in the order of the arrays, columns nodes in that of the tree."""

    tree: tuple[TreeNode, ...]
    ids: NDArray[np.int32]
    codes: Sequence[str]
    names: Mapping[int, tuple[str, str | None]]
    place_type: NDArray[np.object_]
    province: NDArray[np.object_]
    index: Mapping[int, tuple[Interval, str | None]]
    """By place: the interval of its rank on the index, and its band."""

    @cached_property
    def ordered(self) -> Rows:
        """Rows by the code of the place."""
        return np.array(sorted(range(len(self.codes)), key=self.codes.__getitem__), np.intp)


def _read(session: Session, run_id: int) -> ScoreTable:
    ids = RunArrays(session, run_id)["place_id"]
    packed = select(RunArray.data).where(RunArray.run_id == run_id, RunArray.name == "inputs")
    inputs = unpack_json(session.execute(packed).scalar_one())
    at = {place: position for position, place in enumerate(inputs["ids"])}
    rows = [at[place] for place in ids.tolist()]
    columns = (Score.place_id, Score.rank_low, Score.rank_high, Score.band, Place.name_th, Place.name_en)
    query = select(*columns).join(Place, Place.id == Score.place_id)
    found = session.execute(query.where(Score.run_id == run_id, Score.position == INDEX)).all()
    return ScoreTable(
        tree=tree_of(session, run_id),
        ids=ids,
        codes=[inputs["places"][row] for row in rows],
        names={row.place_id: (row.name_th, row.name_en) for row in found},
        place_type=np.array([inputs["attributes"]["place_type"][row] for row in rows], dtype=object),
        province=np.array([inputs["attributes"]["province"][row] for row in rows], dtype=object),
        index={row.place_id: ((row.rank_low, row.rank_high), row.band) for row in found},
    )


score_table = OncePerRun(_read)
"""`score_table(session, run_id)`: read once for each run. Raises `NotFound`."""


def score_page(
    session: Session, run_id: int, wish: ScoreWish, offset: int, limit: int
) -> tuple[tuple[ScoreLine, ...], int]:
    """Lines from `offset` on, node by node and in each by the code of the place; and how many there are in all.

    Raises `NotFound` for a node that the run does not have.
    """
    table = score_table(session, run_id)
    nodes = table.tree if wish.node is None else (_node(table.tree, wish.node),)
    rows = _rows(table, wish)
    total = len(nodes) * rows.size
    arrays = RunArrays(session, run_id)
    arrays.prefetch("score", "rank", "coverage", "flag", "values")
    cut = np.arange(offset, min(offset + limit, total))
    wanted = [nodes[at] for at in (cut // max(rows.size, 1)).tolist()]
    return _lines(table, arrays, wanted, rows[cut % max(rows.size, 1)]), total


def has_node(session: Session, run_id: int, code: str) -> bool:
    """Whether a run has a node or indicator of this code."""
    try:
        _node(tree_of(session, run_id), code)
    except NotFound:
        return False
    return True


def _node(tree: tuple[TreeNode, ...], code: str) -> TreeNode:
    """By its code; `index` is the top of every tree, whatever it is called there."""
    return tree[INDEX] if code == TOP else node_of(tree, code)


def _rows(table: ScoreTable, wish: ScoreWish) -> Rows:
    wanted = np.ones(len(table.ids), np.bool_)
    if wish.place_ids is not None:
        wanted &= np.isin(table.ids, wish.place_ids)
    if wish.place_type:
        wanted &= table.place_type == wish.place_type
    if wish.province:
        wanted &= table.province == wish.province
    return table.ordered[wanted[table.ordered]]


def _lines(table: ScoreTable, arrays: RunArrays, nodes: Sequence[TreeNode], rows: Rows) -> tuple[ScoreLine, ...]:
    """Whole columns at once: numbers are fetched from arrays one by one a hundred times as slowly."""
    at = rows, np.array([node.position for node in nodes], np.intp)
    columns = np.array([-1 if node.column is None else node.column for node in nodes], np.intp)
    values = arrays["values"][rows, columns] if arrays["values"].shape[1] else np.full(rows.size, np.nan)
    numbers = zip(
        np.where(columns < 0, np.nan, values).tolist(),
        *(arrays[name][at].tolist() for name in ("score", "rank", "coverage", "flag")),
        strict=True,
    )
    found = zip(nodes, rows.tolist(), numbers, strict=True)
    return tuple(_line(table, node, row, some) for node, row, some in found)


def _line(table: ScoreTable, node: TreeNode, row: int, numbers: Numbers) -> ScoreLine:
    place, (value, score, rank, coverage, flag) = int(table.ids[row]), numbers
    interval, band = table.index[place] if node.position == INDEX else (NO_INTERVAL, None)
    name, known = FLAG_NAMES[flag], _number(score)
    return ScoreLine(
        table.codes[row],
        *table.names[place],
        table.place_type[row],
        table.province[row],
        node.code,
        node.level,
        node.is_indicator,
        _number(value),
        known,
        rank or None,
        *interval,
        _number(coverage),
        name,
        band,
    )


def _number(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124  (only NaN is unequal)

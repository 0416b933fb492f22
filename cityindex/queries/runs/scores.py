"""Scores of a run: the ranking, how scores are spread, one place's results, one node over the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import Invalid, Problem
from cityindex.models import Membership, PeerRank, Place, Publication, Run, RunNode, Score
from cityindex.queries.places.directory import Named, directory
from cityindex.queries.runs.arrays import RunArrays, TreeNode, node_of, tree_of
from cityindex.scoring.results import FLAG_NAMES
from cityindex.thai import fold

INDEX = 0
SORTS = ("rank", "name", "score", "coverage")
Interval = tuple[int | None, int | None]
"""Between which ranks a place stays in 90 % of the replications; of the index only, where there is a plan."""
NO_INTERVAL: Interval = (None, None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a ranking, in which order, from where on. `sort` is one of `SORTS` or the code of a node."""

    place_type: str | None = None
    province: str | None = None
    provinces: tuple[str, ...] = ()
    """Any of these, as a region has them."""
    programme: str | None = None
    """Members of a programme or network only."""
    groups: tuple[tuple[str, str], ...] = ()
    """Peer groups of the run, which hold ranked places: what they share and which, such as `("region", "north")`."""
    places: tuple[int, ...] | None = None
    """These places only."""
    search: str = ""
    sort: str = "rank"
    descending: bool = False
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A place's result at one node; a score that is None says why in `flag`."""

    score: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    coverage: float | None
    flag: str


@dataclass(frozen=True, slots=True)
class PeerPlace:
    """A rank among places that share something, with its interval: `peers` says what, `group` which."""

    peers: str
    group: str
    rank: int
    rank_low: int | None
    rank_high: int | None
    size: int


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A place in a ranking; `nodes` holds the children of the index by code."""

    place_id: int
    code: str
    place_type: str
    name_th: str
    name_en: str | None
    province_code: str | None
    province_th: str | None
    province_en: str | None
    demo: bool
    index: Cell
    band: str | None
    nodes: Mapping[str, Cell]
    peers: tuple[PeerPlace, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A page of a ranking, and how many rows there are in all. `nodes` are the children of the index, in order."""

    rows: tuple[RankingRow, ...]
    total: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many places have a score between `edges[i]` and `edges[i + 1]` (the last includes its end)."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class NodeResult:
    """A place's result at a node or indicator. `value` is in the indicator's own unit; nodes have none."""

    node: TreeNode
    cell: Cell
    imputed: float
    value: float | None


@dataclass(frozen=True, slots=True)
class PlaceResults:
    """All results of a place in a run, in the order of the tree."""

    run: int
    band: str | None
    percentile: float | None
    peers: tuple[PeerPlace, ...]
    nodes: tuple[NodeResult, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A place's result at a node in a published edition."""

    run: int
    version: str
    period: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class MapValue:
    """What the map needs of a place: its score, and for an indicator the value in its own unit."""

    value: float | None
    score: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    coverage: float | None
    flag: str


_province = aliased(Place)
_index = aliased(Score)
_CELL = ("score", "rank", "rank_low", "rank_high", "coverage", "flag")


def ranking(session: Session, run_id: int, wanted: Wanted | None = None) -> Ranking:
    """A page of a run's ranking. Raises `NotFound` for an unknown run and `Invalid` for an unknown order."""
    wanted = wanted or Wanted()
    tree = tree_of(session, run_id)
    query = _filtered(_ranked_places(run_id), wanted)
    page = _ordered(query.add_columns(func.count().over().label("total")), tree, wanted)
    rows = session.execute(page.limit(wanted.limit).offset(wanted.offset)).all()
    total = rows[0].total if rows else wanted.offset and session.scalar(query.with_only_columns(func.count()))
    nodes = [node for node in tree if node.level == 1 and not node.is_indicator]
    ids = [row.id for row in rows]
    cells, peers = _cells(RunArrays(session, run_id), nodes, ids), _peers(session, run_id, ids)
    named = directory(session).named
    return Ranking(
        rows=tuple(_row(named[row.id], row, cells[row.id], peers) for row in rows),
        total=total or 0,
        nodes=tuple(node.code for node in nodes),
    )


def distribution(session: Session, run_id: int, code: str | None = None, bins: int = 20) -> Histogram:
    """How the scores of the index, or of another node, are spread over `bins` classes of equal width.

    From 0 to 100 where all scores are in it, else from the lowest to the highest.
    """
    arrays = RunArrays(session, run_id)
    position = INDEX if code is None else node_of(tree_of(session, run_id), code).position
    scores = arrays["score"][:, position]
    present = scores[~np.isnan(scores)]
    usual = present.size == 0 or (present.min() >= 0 and present.max() <= 100)
    counts, edges = np.histogram(present, bins, (0, 100) if usual else None)
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), int(scores.size - present.size))


def place_results(session: Session, run_id: int, place_id: int) -> PlaceResults | None:
    """Everything that a run says about a place; None where the run does not hold the place."""
    arrays = RunArrays(session, run_id)
    arrays.prefetch("place_id", "score", "rank", "coverage", "flag", "imputed", "values", "percentile")
    row = arrays.row(place_id)
    if row is None:
        return None
    tree = tree_of(session, run_id)
    columns = select(Score.band, Score.rank_low, Score.rank_high)
    index = session.execute(
        columns.where(Score.run_id == run_id, Score.position == INDEX, Score.place_id == place_id)
    ).one()
    return PlaceResults(
        run=run_id,
        band=index.band,
        percentile=_number(arrays["percentile"][row]),
        peers=peer_ranks(session, run_id, place_id),
        nodes=tuple(
            node_result(arrays, row, node, (index.rank_low, index.rank_high) if node.position == INDEX else NO_INTERVAL)
            for node in tree
        ),
    )


def history(session: Session, framework: str, place_id: int, code: str | None = None) -> tuple[Past, ...]:
    """A place's results at the index or another node above the indicators over all editions, oldest first."""
    newest = select(func.max(Publication.id)).group_by(Publication.framework, Publication.period)
    node = and_(RunNode.run_id == Run.id, RunNode.code == code if code else RunNode.position == INDEX)
    query = (
        select(Run.id, Run.version, Run.period, *(getattr(Score, name) for name in _CELL))
        .join(Publication, Publication.run_id == Run.id)
        .join(RunNode, node)
        .join(Score, and_(Score.run_id == Run.id, Score.position == RunNode.position, Score.place_id == place_id))
        .where(Publication.id.in_(newest), Run.framework == framework)
        .order_by(Run.period)
    )
    return tuple(Past(row.id, row.version, row.period, cell_of(row)) for row in session.execute(query))


def map_values(session: Session, run_id: int, code: str | None = None) -> dict[str, MapValue]:
    """The results of all places at the index, another node or an indicator, by the code of the place."""
    tree = tree_of(session, run_id)
    node = tree[INDEX] if code is None else node_of(tree, code)
    arrays = RunArrays(session, run_id)
    scored = (
        select(Place.id, Place.code, Score.rank_low, Score.rank_high)
        .join(Score, Score.place_id == Place.id)
        .where(Score.run_id == run_id, Score.position == INDEX)
    )
    places = {place: (code, (low, high)) for place, code, low, high in session.execute(scored)}
    at = node.position
    values = np.full(len(arrays["place_id"]), np.nan) if node.column is None else arrays["values"][:, node.column]
    columns = zip(
        arrays["place_id"].tolist(),
        values.tolist(),
        arrays["score"][:, at].tolist(),
        arrays["rank"][:, at].tolist(),
        arrays["coverage"][:, at].tolist(),
        arrays["flag"][:, at].tolist(),
        strict=True,
    )
    found = {}
    for place, value, score, rank, coverage, flag in columns:
        code, interval = places[place]
        known = interval if at == INDEX else NO_INTERVAL
        found[code] = MapValue(
            _number(value), _number(score), rank or None, *known, _number(coverage), FLAG_NAMES[flag]
        )
    return found


def _ranked_places(run_id: int) -> Select[Any]:
    cell = [getattr(_index, name) for name in (*_CELL, "band")]
    query = select(Place.id, *cell).join(Place, Place.id == _index.place_id)
    return query.where(_index.run_id == run_id, _index.position == INDEX)


def _filtered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.place_type:
        query = query.where(Place.place_type == wanted.place_type)
    if wanted.province:
        query = query.where(_within([wanted.province]))
    if wanted.provinces:
        query = query.where(_within(wanted.provinces))
    if wanted.programme:
        members = select(Membership.place_id).where(Membership.programme == wanted.programme, Membership.left.is_(None))
        query = query.where(Place.id.in_(members))
    for peers, group in wanted.groups:
        alike = select(PeerRank.place_id).where(
            PeerRank.run_id == _index.run_id, PeerRank.peers == peers, PeerRank.group_code == group
        )
        query = query.where(_index.place_id.in_(alike))
    if wanted.places is not None:
        query = query.where(Place.id.in_(wanted.places))
    for word in fold(wanted.search).split():
        query = query.where(Place.name_search.contains(word, autoescape=True))
    return query


def _within(provinces: Sequence[str]) -> ColumnElement[bool]:
    return Place.province_id.in_(select(_province.id).where(_province.code.in_(provinces)))


def _ordered(query: Select[Any], tree: Sequence[TreeNode], wanted: Wanted) -> Select[Any]:
    """In the wanted order: what is missing comes last either way, and names decide between equals."""
    column: ColumnElement[Any]
    name = Place.name_sort.expression
    if wanted.sort == "name":
        return query.order_by(name.desc() if wanted.descending else name, Place.code)
    if wanted.sort in SORTS:
        column = getattr(_index, wanted.sort)
    else:
        query, column = _by_node(query, tree, wanted.sort)
    return query.order_by(column.is_(None), column.desc() if wanted.descending else column, name, Place.code)


def _by_node(query: Select[Any], tree: Sequence[TreeNode], code: str) -> tuple[Select[Any], ColumnElement[Any]]:
    node = next((node for node in tree if node.code == code and not node.is_indicator), None)
    if node is None:
        sorts = ", ".join((*SORTS, *(node.code for node in tree if not node.is_indicator)))
        problem = Problem("a ranking is not sorted by it", f"give one of {sorts}", column="sort", value=code)
        raise Invalid(str(problem), [problem])
    other = aliased(Score)
    same = and_(other.run_id == _index.run_id, other.position == node.position, other.place_id == _index.place_id)
    return query.join(other, same), other.score.expression


def _cells(arrays: RunArrays, nodes: Sequence[TreeNode], ids: list[int]) -> dict[int, dict[str, Cell]]:
    """By place and node. From memory: a page of a ranking has some 700 of them."""
    names = ("score", "rank", "coverage", "flag")
    arrays.prefetch("place_id", *names)
    at = np.flatnonzero(np.isin(arrays["place_id"], ids))
    positions = [node.position for node in nodes]
    columns = [arrays[name][at][:, positions].tolist() for name in names]
    codes = [node.code for node in nodes]
    return {
        place: {
            code: Cell(_number(score), rank or None, *NO_INTERVAL, _number(coverage), FLAG_NAMES[flag])
            for code, score, rank, coverage, flag in zip(codes, *cells, strict=True)
        }
        for place, *cells in zip(arrays["place_id"][at].tolist(), *columns, strict=True)
    }


def peer_ranks(session: Session, run_id: int, place_id: int) -> tuple[PeerPlace, ...]:
    """The ranks of a place in its groups of peers."""
    return _peers(session, run_id, [place_id]).get(place_id, ())


def _peers(session: Session, run_id: int, ids: list[int]) -> dict[int, tuple[PeerPlace, ...]]:
    query = (
        select(
            PeerRank.place_id,
            PeerRank.peers,
            PeerRank.group_code,
            PeerRank.rank,
            PeerRank.rank_low,
            PeerRank.rank_high,
            PeerRank.size,
        )
        .where(PeerRank.run_id == run_id, PeerRank.place_id.in_(ids))
        .order_by(PeerRank.place_id, PeerRank.peers)
    )
    return {
        place: tuple(PeerPlace(*row[1:]) for row in rows)
        for place, rows in groupby(session.execute(query), key=lambda row: row[0])
    }


def cell_of(row: Any) -> Cell:
    return Cell(*(getattr(row, name) for name in _CELL))


def _row(place: Named, row: Any, nodes: Mapping[str, Cell], peers: Mapping[int, tuple[PeerPlace, ...]]) -> RankingRow:
    return RankingRow(
        place_id=row.id,
        code=place.code,
        place_type=place.place_type,
        name_th=place.name_th,
        name_en=place.name_en,
        province_code=place.province_code,
        province_th=place.province_th,
        province_en=place.province_en,
        demo=place.demo,
        index=cell_of(row),
        band=row.band,
        nodes=nodes,
        peers=peers.get(row.id, ()),
    )


def node_result(arrays: RunArrays, row: int, node: TreeNode, interval: Interval) -> NodeResult:
    at = row, node.position
    rank = int(arrays["rank"][at]) or None
    score, coverage = _number(arrays["score"][at]), _number(arrays["coverage"][at])
    cell = Cell(score, rank, *interval, coverage, FLAG_NAMES[arrays["flag"][at]])
    value = None if node.column is None else _number(arrays["values"][row, node.column])
    return NodeResult(node, cell, _number(arrays["imputed"][at]) or 0.0, value)


def _number(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124  (only NaN is unequal)

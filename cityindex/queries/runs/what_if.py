"""The ranking of a run as it would be with other weights of the parts of its index. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from cityindex.errors import Invalid, Problem
from cityindex.models import Place, Score
from cityindex.queries.runs.arrays import RunArrays
from cityindex.queries.runs.frozen_runs import frozen_run
from cityindex.scoring.matrix import Bools, Floats, Ints
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.reweigh import reweigh
from cityindex.thai import fold

INDEX = 0
SORTS = ("rank", "up", "down")
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Part:
    """A child of the index with its published weight, as a share among those that have one."""

    code: str
    share: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows, in which order (`SORTS`: by the new rank, or by who climbs or falls most), from where on."""

    search: str = ""
    sort: str = "rank"
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """A place with rank, score and band as they would be, and as they are published (`was_…`); None for what it lacks.

    `up` is by how many ranks it climbs; negative where it falls, None where one of the ranks is missing.
    """

    code: str
    place_type: str
    name_th: str
    name_en: str | None
    province_th: str | None
    province_en: str | None
    demo: bool
    rank: int | None
    score: float | None
    was_rank: int | None
    was_low: int | None
    was_high: int | None
    was_score: float | None
    up: int | None
    band: str | None
    was_band: str | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`ranked` places have both ranks; `changed` of them another one, by `shift` ranks on average over all of them.

    `total` rows fit what was asked. `highest` and `lowest` are how far a place climbs or falls at most.
    """

    rows: tuple[Moved, ...]
    total: int
    ranked: int
    changed: int
    shift: float
    highest: int
    lowest: int


def parts(session: Session, run_id: int) -> tuple[Part, ...]:
    """The children of a run's index that count, in the order of the tree."""
    results = frozen_run(session, run_id).results
    rows = zip(results.nodes, results.parents, results.weights.tolist(), strict=True)
    return tuple(Part(code, share) for code, parent, share in rows if parent == INDEX and share > 0)


def what_if(session: Session, run_id: int, weights: Mapping[str, float], asked: Asked | None = None) -> WhatIf:
    """A page of the ranking with other `weights`, by code.

    Raises `Invalid` for weights that cannot be, and for an unknown order.
    """
    asked = asked or Asked()
    if asked.sort not in SORTS:
        problem = Problem(
            "a what-if is not sorted by it", f"give one of {', '.join(SORTS)}", column="sort", value=asked.sort
        )
        raise Invalid(str(problem), [problem])
    stored = frozen_run(session, run_id)
    new = reweigh(stored.frozen.framework, stored.results, weights, stored.attributes)
    ranks, was = new.rank[0, :, INDEX], stored.results.rank[0, :, INDEX]
    both = (ranks > UNRANKED) & (was > UNRANKED)
    up = np.where(both, was - ranks, 0)
    ids = RunArrays(session, run_id)["place_id"]
    order = _order(ranks, up, both, asked.sort)
    if asked.search:
        order = order[np.isin(ids[order], _found(session, asked.search))]
    page = order[asked.offset : asked.offset + asked.limit]
    scores = new.score[0, :, INDEX], stored.results.score[0, :, INDEX]
    bands = [
        [results.bands[band] if band >= 0 else None for band in results.band[0, page].tolist()]
        for results in (new, stored.results)
    ]
    return WhatIf(
        rows=tuple(_rows(session, run_id, ids[page].tolist(), _cells(page, (ranks, was), scores, bands))),
        total=order.size,
        ranked=int(both.sum()),
        changed=int((up != 0).sum()),
        shift=float(np.abs(up[both]).mean()) if both.any() else 0.0,
        highest=int(up.max(initial=0)),
        lowest=int(-up.min(initial=0)),
    )


def _order(ranks: Ints, up: Ints, both: Bools, sort: str) -> Positions:
    """Ranked places first; equals by their new rank and then by their code, in which order places come."""
    last = np.where(ranks > UNRANKED, ranks, ranks.size + 1)
    if sort == "rank":
        return np.argsort(last, kind="stable")
    return np.lexsort((last, -up if sort == "up" else up, ~both))


def _found(session: Session, search: str) -> list[int]:
    query = select(Place.id)
    for word in fold(search).split():
        query = query.where(Place.name_search.contains(word, autoescape=True))
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class _Cell:
    rank: int | None
    was_rank: int | None
    score: float | None
    was_score: float | None
    band: str | None
    was_band: str | None

    @property
    def up(self) -> int | None:
        return None if self.rank is None or self.was_rank is None else self.was_rank - self.rank


def _cells(
    page: Positions, ranks: tuple[Ints, Ints], scores: tuple[Floats, Floats], bands: Sequence[Sequence[str | None]]
) -> list[_Cell]:
    columns = [[rank or None for rank in column[page].tolist()] for column in ranks]
    numbers = [[None if np.isnan(score) else float(score) for score in column[page]] for column in scores]
    return [_Cell(*cells) for cells in zip(*columns, *numbers, *bands, strict=True)]


def _rows(session: Session, run_id: int, ids: Sequence[int], cells: Sequence[_Cell]) -> list[Moved]:
    province = aliased(Place)
    names = (Place.code, Place.place_type, Place.name_th, Place.name_en)
    of_province = (province.name_th.label("province_th"), province.name_en.label("province_en"))
    query = (
        select(Place.id, *names, *of_province, Place.demo, Score.rank_low, Score.rank_high)
        .outerjoin(province, province.id == Place.province_id)
        .join(Score, Score.place_id == Place.id)
        .where(Place.id.in_(ids), Score.run_id == run_id, Score.position == INDEX)
    )
    places = {row.id: row for row in session.execute(query)}
    return [_moved(places[place], cell) for place, cell in zip(ids, cells, strict=True)]


def _moved(place: Any, cell: _Cell) -> Moved:
    names = ("code", "place_type", "name_th", "name_en", "province_th", "province_en", "demo")
    return Moved(
        **{name: getattr(place, name) for name in names},
        rank=cell.rank,
        score=cell.score,
        was_rank=cell.was_rank,
        was_low=place.rank_low,
        was_high=place.rank_high,
        was_score=cell.was_score,
        up=cell.up,
        band=cell.band,
        was_band=cell.was_band,
    )

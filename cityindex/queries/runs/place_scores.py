"""Everything that is published of one place: all frameworks, all periods, all nodes above the indicators."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.models import EditionNote, Publication, Run, RunNode, Score
from cityindex.queries.runs.arrays import RunArrays, know
from cityindex.queries.runs.editions import Edition, edition_of
from cityindex.queries.runs.once_per_run import OncePerRun
from cityindex.queries.runs.scores import INDEX, Cell

BAND_SHARE = "band_share"


@dataclass(frozen=True, slots=True)
class NodeScore:
    """A place's result at a node; level 0 is the index."""

    code: str
    level: int
    position: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class PlaceEdition:
    """What one published edition says of a place. `ranked` is out of how many the rank is."""

    framework: str
    version: str
    period: int
    run: int
    definition: str
    ranked: int
    demo: bool
    band: str | None
    nodes: tuple[NodeScore, ...]
    bands: tuple[str, ...]
    repetitions: int
    """How many other rankings its intervals and shares of bands are of; 0 where it has none."""
    earlier_method: Mapping[str, Any] | None
    """As in `Edition`."""
    edition: Edition
    """The whole edition, as others cite it."""

    @property
    def index(self) -> Cell:
        return self.nodes[INDEX].cell

    def cell(self, code: str) -> Cell | None:
        return next((node.cell for node in self.nodes if node.code == code), None)


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What a place's results are seen against: index scores counted in equal classes over `scale`, and the median of
    every node by its position, over all places with a score there.
    """

    counts: tuple[int, ...]
    scale: tuple[float, float]
    medians: Mapping[int, float]


def backdrop(session: Session, run_id: int, scale: tuple[float, float], classes: int = 50) -> Backdrop:
    """The results of all places of a run; index scores are counted into `classes` over `scale`."""
    index = RunArrays(session, run_id)["score"][:, INDEX]
    counts, _ = np.histogram(index[~np.isnan(index)], classes, scale)
    return Backdrop(tuple(counts.tolist()), scale, node_medians(session, run_id))


def _medians(session: Session, run_id: int) -> Mapping[int, float]:
    scores = RunArrays(session, run_id)["score"]
    columns = ((position, scores[~np.isnan(scores[:, position]), position]) for position in range(scores.shape[1]))
    return {position: float(np.median(column)) for position, column in columns if column.size}


node_medians = OncePerRun(_medians)
"""The median score of every node of a run by its position; nodes without any score are left out."""


def band_shares(session: Session, edition: PlaceEdition, place_id: int) -> tuple[tuple[str, float], ...]:
    """In which share of the repetitions a place is in each band, the most frequent one first; bands it never has are
    left out. Empty where there are no repetitions or no bands, and where the place is not ranked.
    """
    if not edition.repetitions or not edition.bands or edition.index.rank is None:
        return ()
    arrays = RunArrays(session, edition.run)
    arrays.prefetch("place_id", BAND_SHARE)
    at = arrays.row(place_id)
    if at is None:
        return ()
    shares = zip(edition.bands, arrays[BAND_SHARE][at].tolist(), strict=True)
    return tuple(sorted(((band, share) for band, share in shares if share > 0), key=lambda one: -one[1]))


def place_editions(session: Session, place_id: int, runs: Sequence[int] = ()) -> tuple[PlaceEdition, ...]:
    """The editions in force that hold a place, by framework, the newest period first; of some `runs`, where given."""
    newest = select(func.max(Publication.id)).group_by(Publication.framework, Publication.period)
    if runs:
        published = select(func.max(Publication.id)).where(Publication.run_id.in_(runs))
        newest = published.where(Publication.action == "published").group_by(Publication.run_id)
    query = (
        select(
            Run.id, Run.framework, Run.version, Run.period, Run.definition, Run.demo, Run.summary,
            Run.created_at, Run.data_fingerprint, Publication.at, EditionNote,
            RunNode.code, RunNode.level, RunNode.position,
            Score.score, Score.rank, Score.rank_low, Score.rank_high, Score.coverage, Score.flag, Score.band,
        )
        .join(Publication, Publication.run_id == Run.id)
        .outerjoin(EditionNote, EditionNote.run_id == Run.id)
        .join(Score, Score.run_id == Run.id)
        .join(RunNode, (RunNode.run_id == Run.id) & (RunNode.position == Score.position))
        .where(Publication.id.in_(newest), Score.place_id == place_id)
        .order_by(Run.framework, Run.period.desc(), RunNode.position)
    )  # fmt: skip
    by_run: dict[int, list[Any]] = {}
    for row in session.execute(query):
        by_run.setdefault(row.id, []).append(row)
    for run_id, (first, *_) in by_run.items():
        know(session, run_id, first.created_at, first.data_fingerprint)
    return tuple(_edition(rows) for rows in by_run.values())


def index_of(session: Session, run_id: int, place_id: int) -> Cell | None:
    """The result of a place on the index in a run; None where the run does not hold it."""
    query = select(Score).where(Score.run_id == run_id, Score.place_id == place_id, Score.position == INDEX)
    found = session.scalar(query)
    return _cell(found) if found else None


def _edition(rows: Sequence[Any]) -> PlaceEdition:
    first = rows[0]
    summary = json.loads(first.summary)
    sure = summary.get("uncertainty") or {}
    return PlaceEdition(
        framework=first.framework,
        version=first.version,
        period=first.period,
        run=first.id,
        definition=first.definition,
        ranked=summary["ranked"],
        demo=first.demo,
        band=first.band,
        nodes=tuple(NodeScore(row.code, row.level, row.position, _cell(row)) for row in rows),
        bands=tuple(summary["bands"]),
        earlier_method=summary.get("earlier_method"),
        repetitions=sure.get("repetitions", sure.get("replications", 0)),
        edition=edition_of(first),
    )


def _cell(row: Any) -> Cell:
    return Cell(row.score, row.rank, row.rank_low, row.rank_high, row.coverage, row.flag)

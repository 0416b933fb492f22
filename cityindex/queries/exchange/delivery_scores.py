"""The scores that go into a delivery: editions of an agreement that the partner does not have yet, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.definitions.agreements import Agreement
from cityindex.formats.score_rows import SCHEMA
from cityindex.models import Place, RunNode, Score
from cityindex.queries.exchange.delivery_rows import cohort
from cityindex.queries.runs.editions import Edition, Note, current_editions


@dataclass(frozen=True, slots=True)
class KnownEditions:
    """What the partner has: runs by `framework/period`, and the places that were looked through."""

    runs: Mapping[str, int]
    places: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class ChangedScores:
    """The rows, the row of each one's place, the editions in force, and those that are public no more."""

    rows: pl.DataFrame
    place_ids: NDArray[np.int64]
    places: Mapping[int, str]
    editions: tuple[Edition, ...]
    withdrawn: tuple[str, ...]

    @property
    def runs(self) -> dict[str, int]:
        return {key_of(one): one.run for one in self.editions}

    @property
    def anything(self) -> bool:
        return bool(len(self.rows) or self.withdrawn)


def key_of(edition: Edition) -> str:
    return f"{edition.framework}/{edition.period}"


def mark_of(note: Note) -> str:
    """`provisional`, `final`, with `corrected` beside it where the edition corrects another one."""
    return " ".join(filter(None, (note.mark, "corrected" if note.what and note.corrects else "")))


def changed_scores(session: Session, agreement: Agreement, known: KnownEditions) -> ChangedScores:
    """Editions with another run than the partner has come whole, others for places that came into the cohort."""
    places = {row[0]: row[1] for row in session.execute(cohort(agreement))}
    nodes = {one.framework: one.nodes for one in agreement.scores}
    editions = tuple(
        one
        for one in current_editions(session)
        if one.framework in nodes and agreement.in_period(one.period) and one.demo == agreement.demo
    )
    fresh = [place for place in places if place not in known.places]
    ids, frames = [], []
    for one in editions:
        wanted = fresh if known.runs.get(key_of(one)) == one.run else list(places)
        found, frame = _rows(session, one, nodes[one.framework], np.array(wanted, np.int64), places)
        ids.append(found)
        frames.append(frame)
    there = {key_of(one) for one in editions}
    gone = tuple(sorted(key for key in known.runs if key not in there))
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
    return ChangedScores(rows, np.concatenate([np.array([], np.int64), *ids]), places, editions, gone)


def _rows(
    session: Session, edition: Edition, nodes: tuple[str, ...], wanted: NDArray[np.int64], places: Mapping[int, str]
) -> tuple[NDArray[np.int64], pl.DataFrame]:
    query = (
        select(Score.place_id, RunNode.code, Score.score, Score.rank, Score.rank_low, Score.rank_high, Score.coverage)
        .join(RunNode, (RunNode.run_id == Score.run_id) & (RunNode.position == Score.position))
        .join(Place, Place.id == Score.place_id)
        .where(Score.run_id == edition.run)
        .order_by(Place.code, Score.position)
    )
    if nodes:
        query = query.where(RunNode.code.in_(nodes))
    inside = set(wanted.tolist())
    rows = [row for row in session.execute(query) if row[0] in inside] if inside else []
    same = {"framework": edition.framework, "period": edition.period, "version": edition.version}
    same |= {"run": edition.run, "mark": mark_of(edition.note)}
    names = ("node", "score", "rank", "rank_low", "rank_high", "coverage")
    lines = [{"place": places[row[0]], **dict(zip(names, row[1:], strict=True)), **same} for row in rows]
    return np.array([row[0] for row in rows], np.int64), pl.DataFrame(lines, SCHEMA).select(SCHEMA.names())

"""Scores as frames with the columns of their data structure, in batches of limited size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.formats.sdmx.score_rows import Scores, score_frame
from cityindex.models import EditionNote, Place, Publication, Run, Score
from cityindex.queries.runs.arrays import RunArrays, tree_of
from cityindex.queries.runs.scores import NO_INTERVAL
from cityindex.queries.sdmx.wishes import KEY, Wish, trimmed, written

BLOCK = 40_000
"""Rows of scores in a batch, about."""


@dataclass(frozen=True, slots=True)
class Release:
    """A run that is or was public, from when, and until when where another followed it or it was taken back."""

    run: int
    version: str
    period: int
    since: datetime
    until: datetime | None
    demo: bool
    mark: str
    """`provisional` or `final`; empty where nothing is said."""


def score_frames(session: Session, framework: str, wish: Wish) -> Iterator[pl.DataFrame]:
    """The published scores of a framework by place, node and period."""
    releases = [one for one in _releases(session, framework) if _wanted(one, wish)]
    if not releases:
        return
    codes = _codes(session, wish.areas)
    held = {
        code for one in releases for code in map(codes.get, RunArrays(session, one.run)["place_id"].tolist()) if code
    }
    places = sorted(held)
    columns = [_Columns(session, one, {code: key for key, code in codes.items()}, wish) for one in releases]
    step = max(1, BLOCK // max(1, sum(len(one.nodes) for one in columns)))
    for start in range(0, len(places), step):
        block = places[start : start + step]
        frame = pl.concat([one.frame(block) for one in columns])
        yield trimmed(frame.sort([*KEY, "TIME_PERIOD"], maintain_order=True), wish)


class _Columns:
    """The arrays of one release, and where its places are in them."""

    def __init__(self, session: Session, release: Release, ids: Mapping[str, int], wish: Wish) -> None:
        self.release, self.ids, self.history = release, ids, wish.history
        self.arrays = RunArrays(session, release.run)
        self.arrays.prefetch("place_id", "score", "rank", "coverage", "flag")
        tree = tree_of(session, release.run)
        self.nodes = [node for node in tree if wish.indicators is None or node.code in wish.indicators]
        self.row_of = {place: row for row, place in enumerate(self.arrays["place_id"].tolist())}
        columns = (Score.place_id, Score.rank_low, Score.rank_high)
        query = select(*columns).where(Score.run_id == release.run, Score.position == 0, Score.rank_low.is_not(None))
        self.intervals = {place: (low, high) for place, low, high in session.execute(query)}

    def frame(self, places: Sequence[str]) -> pl.DataFrame:
        """All nodes of the places that the release holds."""
        here = [code for code in places if self.ids[code] in self.row_of]
        rows = np.array([self.row_of[self.ids[code]] for code in here], np.intp)
        at = np.array([node.position for node in self.nodes], np.intp)
        cell, one = np.ix_(rows, at), self.release
        scores = Scores(
            period=one.period,
            version=one.version,
            demo=one.demo,
            mark=one.mark,
            places=here,
            nodes=[node.code for node in self.nodes],
            top=at == 0,
            score=self.arrays["score"][cell],
            coverage=self.arrays["coverage"][cell],
            rank=self.arrays["rank"][cell],
            flag=self.arrays["flag"][cell],
            intervals=[self.intervals.get(self.ids[code], NO_INTERVAL) for code in here],
        )
        return score_frame(scores).with_columns(**self._validity(len(here) * len(at)))

    def _validity(self, count: int) -> dict[str, pl.Series]:
        if not self.history:
            return {}
        since, until = self.release.since, self.release.until
        return {"VALID_FROM": _moment(since, count), "VALID_TO": _moment(until, count)}


def _releases(session: Session, framework: str) -> list[Release]:
    """What was public of a framework, period by period, in the order of publication."""
    query = (
        select(
            Publication.period,
            Publication.run_id,
            Publication.at,
            Run.version,
            Run.demo,
            EditionNote.mark,
        )
        .outerjoin(Run, Run.id == Publication.run_id)
        .outerjoin(EditionNote, EditionNote.run_id == Run.id)
        .where(Publication.framework == framework)
        .order_by(Publication.period, Publication.id)
    )
    rows = session.execute(query).all()
    followed = [*rows[1:], None]
    return [
        Release(
            run=row.run_id,
            version=row.version,
            period=row.period,
            since=row.at,
            until=after.at if after and after.period == row.period else None,
            demo=row.demo,
            mark=row.mark or "",
        )
        for row, after in zip(rows, followed, strict=True)
        if row.run_id is not None
    ]


def _wanted(release: Release, wish: Wish) -> bool:
    fresh = wish.updated_after is None or release.since > wish.updated_after
    return release.period in wish.years and fresh and (wish.history or release.until is None)


def _moment(moment: datetime | None, count: int) -> pl.Series:
    return pl.repeat(written(moment), count, eager=True, dtype=pl.String)


def _codes(session: Session, areas: frozenset[str] | None) -> dict[int, str]:
    query = select(Place.id, Place.code)
    if areas is not None:
        query = query.where(Place.code.in_(areas))
    return {key: code for key, code in session.execute(query)}

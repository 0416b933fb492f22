"""Scores and observations as frames with the columns of their data structures, in batches of limited size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from cityindex.definitions.catalogue import Catalogue
from cityindex.formats.exports import MISSING, NORMAL, SDMX_STATUS
from cityindex.models import EditionNote, IndicatorKey, Observation, Place, Publication, Recording, Run, Score, Source
from cityindex.queries.observation_arrays import observation_rows
from cityindex.queries.run_arrays import RunArrays, tree_of
from cityindex.scoring.results import FLAG_NAMES

BLOCK = 40_000
"""Rows of scores in a batch, about."""
EVER = range(1800, 2201)
KEY = ("REF_AREA", "INDICATOR")
Key = tuple[frozenset[str] | None, frozenset[str] | None]
"""Codes of areas and of indicators; None means all."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a query asks for; None means everything. Years are of the common era, both ends included."""

    areas: frozenset[str] | None = None
    indicators: frozenset[str] | None = None
    keys: tuple[Key, ...] = ()
    """Where there are several: what is wanted fits one of them."""
    years: Sequence[int] = EVER
    first: int | None = None
    """Of so many periods of each series at most, the earliest."""
    last: int | None = None
    updated_after: datetime | None = None
    history: bool = False
    """Earlier editions and revisions, too."""


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
        yield _trimmed(pl.concat([one.frame(block) for one in columns]), wish)


def observation_frames(session: Session, catalogue: Catalogue, wish: Wish) -> Iterator[pl.DataFrame]:
    """The observations in force, or every revision, an indicator at a time."""
    query = select(IndicatorKey.code, IndicatorKey.id).order_by(IndicatorKey.code)
    if wish.indicators is not None:
        query = query.where(IndicatorKey.code.in_(wish.indicators))
    codes, sources = _codes(session, wish.areas), _Sources(session)
    read = _Reading(session, codes, wish)
    for code, key in session.execute(query).all():
        frame = read.revisions(key) if wish.history else read.in_force(key)
        if not frame.height:
            continue
        unit = catalogue.indicators[code].unit if code in catalogue.indicators else None
        named = frame.with_columns(
            pl.col("place").replace_strict(codes, default=None, return_dtype=pl.String).alias("REF_AREA"),
            pl.lit(code).alias("INDICATOR"),
            pl.lit(unit, pl.String).alias("UNIT_MEASURE"),
            sources.texts(frame["source"]),
        )
        yield _trimmed(named.filter(pl.col("REF_AREA").is_not_null()).drop("place", "source"), wish)


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
        cell = np.ix_(rows, at)
        count, width = len(here), len(at)
        index = np.tile(at == 0, count)
        low, high = (self._interval_ends(here, end, width) for end in (0, 1))
        nodes = pl.Series([node.code for node in self.nodes], dtype=pl.String)
        flags = self.arrays["flag"][cell].ravel().astype(np.uint32)
        return pl.DataFrame(
            {
                "REF_AREA": pl.Series(here, dtype=pl.String).gather(np.repeat(np.arange(count), width)),
                "INDICATOR": nodes.gather(np.tile(np.arange(width), count)),
                "TIME_PERIOD": pl.Series(np.full(count * width, self.release.period, np.int32)),
                "OBS_VALUE": pl.Series(self.arrays["score"][cell].ravel()).fill_nan(None),
                "OBS_STATUS": pl.Series(_statuses(self.release.mark), dtype=pl.String).gather(flags),
                "COVERAGE": pl.Series(self.arrays["coverage"][cell].ravel()).fill_nan(None),
                "RANK": pl.Series(self.arrays["rank"][cell].ravel().astype(np.int64)),
                "RANK_LOW": pl.Series(np.where(index, low, 0)),
                "RANK_HIGH": pl.Series(np.where(index, high, 0)),
                "EDITION": pl.repeat(self.release.version, count * width, eager=True, dtype=pl.String),
                "DEMO": _demo(self.release.demo, count * width),
                **self._validity(count * width),
            }
        ).with_columns(
            *(pl.when(pl.col(name) > 0).then(pl.col(name)) for name in ("RANK", "RANK_LOW", "RANK_HIGH")),
            pl.when(pl.col("OBS_VALUE").is_null() & (pl.col("OBS_STATUS") != "M"))
            .then(pl.lit(MISSING))
            .otherwise(pl.col("OBS_STATUS"))
            .alias("OBS_STATUS"),
        )

    def _validity(self, count: int) -> dict[str, pl.Series]:
        if not self.history:
            return {}
        since, until = self.release.since, self.release.until
        return {"VALID_FROM": _moment(since, count), "VALID_TO": _moment(until, count)}

    def _interval_ends(self, places: Sequence[str], end: int, width: int) -> Any:
        ends = [self.intervals.get(self.ids[code], (0, 0))[end] or 0 for code in places]
        return np.repeat(np.array(ends, np.int64), width)


def _statuses(mark: str) -> list[str]:
    """By flag."""
    known = {name: NORMAL.get(mark, letter) if letter == "A" else letter for name, letter in SDMX_STATUS.items()}
    return [known.get(name, MISSING) for name in FLAG_NAMES]


class _Sources:
    """The texts of sources, read as they come up."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[int, str] = {}

    def texts(self, keys: pl.Series) -> pl.Series:
        missing = set(keys.unique().to_list()) - self.known.keys()
        if missing:
            query = select(Source.id, Source.text).where(Source.id.in_(missing))
            self.known |= {key: text for key, text in self.session.execute(query)}
        return keys.replace_strict(self.known, default=None, return_dtype=pl.String).alias("SOURCE")


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


def _codes(session: Session, areas: frozenset[str] | None) -> dict[int, str]:
    query = select(Place.id, Place.code)
    if areas is not None:
        query = query.where(Place.code.in_(areas))
    return {key: code for key, code in session.execute(query)}


def _first_recording(session: Session, after: datetime | None) -> int | None:
    """The first recording after a moment; a number beyond all of them where there is none."""
    if after is None:
        return None
    found = session.scalar(select(Recording.id).where(Recording.recorded_at > after).order_by(Recording.id).limit(1))
    return found if found is not None else 2**31 - 1


class _Reading:
    """Reads the observations of an indicator as a wish has them; generated ones apart, where there are any."""

    def __init__(self, session: Session, codes: Mapping[int, str], wish: Wish) -> None:
        self.session, self.wish = session, wish
        self.places = list(codes) if wish.areas is not None else None
        self.since = _first_recording(session, wish.updated_after)
        generated = session.scalar(select(exists().where(Recording.demo)))
        self.kinds = (True, False) if generated else (None,)

    def in_force(self, key: int) -> pl.DataFrame:
        return pl.concat([self._in_force(key, demo) for demo in self.kinds])

    def _in_force(self, key: int, demo: bool | None) -> pl.DataFrame:
        rows = observation_rows(
            self.session, [key], self.wish.years, since=self.since, demo=demo, place_ids=self.places
        )
        return pl.DataFrame(
            {
                "place": rows["place_id"],
                "TIME_PERIOD": rows["period"].astype(np.int32),
                "OBS_VALUE": pl.Series(rows["value"]).fill_nan(None),
                "OBS_STATUS": pl.Series(_LETTERS, dtype=pl.String).gather(rows["status"].astype(np.uint32)),
                "source": rows["source_id"],
                "DEMO": _demo(demo is True, len(rows)),
            }
        )

    def revisions(self, key: int) -> pl.DataFrame:
        """Every revision of an indicator that was recorded after the moment asked for."""
        rows = self.session.execute(self._revisions(key)).all()
        columns = list(zip(*rows, strict=True)) or [()] * 8
        return pl.DataFrame(
            {
                "place": pl.Series(columns[0], dtype=pl.Int32),
                "TIME_PERIOD": pl.Series(columns[1], dtype=pl.Int32),
                "OBS_VALUE": pl.Series(columns[2], dtype=pl.Float64),
                "OBS_STATUS": pl.Series(columns[3], dtype=pl.String),
                "source": pl.Series(columns[4], dtype=pl.Int32),
                "DEMO": pl.Series(["true" if one else None for one in columns[5]], dtype=pl.String),
                "VALID_FROM": pl.Series([_written(one) for one in columns[6]], dtype=pl.String),
                "VALID_TO": pl.Series([_written(one) for one in columns[7]], dtype=pl.String),
            }
        )

    def _revisions(self, key: int) -> Any:
        later = aliased(Recording)
        columns = (
            Observation.place_id, Observation.period, Observation.value, Observation.status, Observation.source_id,
            Recording.demo, Recording.recorded_at, later.recorded_at,
        )  # fmt: skip
        query: Any = (
            select(*columns)
            .join(Recording, Recording.id == Observation.recording_id)
            .outerjoin(later, later.id == Observation.superseded_by)
            .where(Observation.indicator_id == key, Observation.period.in_(self.wish.years))
            .order_by(Observation.place_id, Observation.period, Observation.revision)
        )
        if self.wish.updated_after is not None:
            query = query.where(Recording.recorded_at > self.wish.updated_after)
        return query


_LETTERS = [chr(number) for number in range(128)]


def _trimmed(frame: pl.DataFrame, wish: Wish) -> pl.DataFrame:
    """In the order of series and time, with at most as many observations of each series as are wanted."""
    chosen = frame.filter(_of_keys(wish.keys)) if wish.keys else frame
    ordered = chosen.sort([*KEY, "TIME_PERIOD"], maintain_order=True)
    if wish.first is None and wish.last is None:
        return ordered
    number = pl.col("TIME_PERIOD").rank("dense").over(KEY)  # revisions of an observation count as one
    early = number <= wish.first if wish.first is not None else pl.lit(False)
    late = number > number.max().over(KEY) - wish.last if wish.last is not None else pl.lit(False)
    return ordered.filter(early | late)


def _of_keys(keys: Sequence[Key]) -> pl.Expr:
    """Rows that fit one of the keys."""
    return pl.any_horizontal(_within("REF_AREA", areas) & _within("INDICATOR", codes) for areas, codes in keys)


def _within(name: str, codes: Collection[str] | None) -> pl.Expr:
    return pl.lit(True) if codes is None else pl.col(name).is_in(list(codes))


def _demo(demo: bool, count: int) -> pl.Series:
    """Says what is generated; of what is not, nothing is said."""
    return pl.repeat("true" if demo else None, count, eager=True, dtype=pl.String)


def _moment(moment: datetime | None, count: int) -> pl.Series:
    return pl.repeat(_written(moment), count, eager=True, dtype=pl.String)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

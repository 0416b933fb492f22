"""Observations as frames with the columns of their data structure, in batches of limited size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from cityindex.definitions.catalogue import Catalogue
from cityindex.models import IndicatorKey, Observation, Place, Recording, Source
from cityindex.queries.observations.arrays import observation_rows
from cityindex.queries.sdmx.wishes import Wish, trimmed, written

BLOCK = 60_000
"""Rows of a batch, about."""

KINDS = {"place_id": "i4", "indicator_id": "i4", "period": "i4", "value": "f8", "status": "i2", "source_id": "i4"}


def observation_frames(session: Session, catalogue: Catalogue, wish: Wish) -> Iterator[pl.DataFrame]:
    """The observations in force, or every revision: a few indicators at a time, the first alone, as it comes sooner."""
    indicators = _indicators(session, catalogue, wish)
    read = _Reading(session, wish, indicators)
    keys, width = list(indicators), 1
    while keys:
        now, keys = keys[:width], keys[width:]
        frame = read.frame(now)
        width = max(1, min(4 * width, BLOCK * width // max(frame.height, 1)))  # they differ: not at once from 1 to all
        yield trimmed(frame, wish)


class _Texts:
    """Texts by number, given for whole columns at once."""

    def __init__(self, known: Mapping[int, str | None]) -> None:
        self.numbers = np.array([*known, -1], np.int64)  # the last stands for what is not known
        self.texts = pl.Series([*known.values(), None], dtype=pl.String)
        self.order = np.argsort(self.numbers, kind="stable")
        self.sorted = self.numbers[self.order]

    def rows(self, numbers: NDArray[Any]) -> NDArray[np.uint32]:
        """Where each is in `texts`."""
        at = np.minimum(np.searchsorted(self.sorted, numbers), len(self.sorted) - 1)
        found = self.order[at]
        return np.where(self.numbers[found] == numbers, found, len(self.numbers) - 1).astype(np.uint32)

    def of(self, numbers: NDArray[Any]) -> pl.Series:
        return self.texts.gather(self.rows(numbers))

    def known(self, numbers: NDArray[Any]) -> NDArray[np.bool_]:
        return self.rows(numbers) < len(self.numbers) - 1


class _Reading:
    """Reads observations as a wish has them, generated ones apart, where there are any.

    `indicators` gives code and unit by key, in the order of the codes.
    """

    def __init__(self, session: Session, wish: Wish, indicators: Mapping[int, tuple[str, str | None]]) -> None:
        self.session, self.wish = session, wish
        areas = _areas(session, wish)
        self.places = list(areas) if wish.areas is not None else None
        self.areas = _Texts(areas)
        self.codes = _Texts({key: code for key, (code, _) in indicators.items()})
        self.units = _Texts({key: unit for key, (_, unit) in indicators.items()})
        self.sources: dict[int, str] = {}
        self.since = _first_recording(session, wish.updated_after)
        generated = session.scalar(select(exists().where(Recording.demo)))
        self.kinds = (True, False) if generated else (None,)

    def frame(self, keys: Sequence[int]) -> pl.DataFrame:
        """What there is of some indicators, in the order of series and time."""
        return self._revisions(keys) if self.wish.history else self._in_force(keys)

    def _in_force(self, keys: Sequence[int]) -> pl.DataFrame:
        wish = self.wish
        parts = [
            observation_rows(self.session, keys, wish.years, since=self.since, demo=demo, place_ids=self.places)
            for demo in self.kinds
        ]
        demo = np.repeat([kind is True for kind in self.kinds], [len(part) for part in parts])
        rows = np.concatenate(parts)
        order = self._order(rows)
        return self._columns(rows[order]).with_columns(
            pl.Series(_MARKS, dtype=pl.String).gather(demo[order].astype(np.uint32)).alias("DEMO")
        )

    def _order(self, rows: Any) -> NDArray[np.intp]:
        """Rows of known places by area, indicator and period; what is equal stays as it came."""
        areas = self.areas.rows(rows["place_id"])
        order = np.lexsort((rows["period"], self.codes.rows(rows["indicator_id"]), areas))
        return order[: np.count_nonzero(self.areas.known(rows["place_id"]))]  # unknown ones are the last

    def _columns(self, rows: Any) -> pl.DataFrame:
        """All columns but DEMO, of `place_id`, `indicator_id`, `period`, `value`, `status` and `source_id`."""
        return pl.DataFrame(
            {
                "REF_AREA": self.areas.of(rows["place_id"]),
                "INDICATOR": self.codes.of(rows["indicator_id"]),
                "TIME_PERIOD": rows["period"].astype(np.int32),
                "OBS_VALUE": pl.Series(rows["value"]).fill_nan(None),
                "UNIT_MEASURE": self.units.of(rows["indicator_id"]),
                "OBS_STATUS": pl.Series(_LETTERS, dtype=pl.String).gather(rows["status"].astype(np.uint32)),
                "SOURCE": self._source_texts(rows["source_id"]),
            }
        )

    def _source_texts(self, numbers: NDArray[Any]) -> pl.Series:
        """The texts of sources, read as they come up."""
        missing = set(np.unique(numbers).tolist()) - self.sources.keys()
        if missing:
            query = select(Source.id, Source.text).where(Source.id.in_(missing))
            self.sources |= {key: text for key, text in self.session.execute(query)}
        return _Texts(self.sources).of(numbers)

    def _revisions(self, keys: Sequence[int]) -> pl.DataFrame:
        """Every revision that was recorded after the moment asked for."""
        found = self.session.execute(self._revisions_of(keys)).all()
        columns = list(zip(*found, strict=True)) or [()] * 9
        columns[3] = tuple(np.nan if one is None else one for one in columns[3])
        columns[4] = tuple(ord(one) for one in columns[4])
        rows = {name: np.array(column, kind) for (name, kind), column in zip(KINDS.items(), columns[:6], strict=True)}
        order = self._order(rows)
        told = {
            "DEMO": ["true" if one else None for one in columns[6]],
            "VALID_FROM": [written(one) for one in columns[7]],
            "VALID_TO": [written(one) for one in columns[8]],
        }
        return self._columns({name: column[order] for name, column in rows.items()}).with_columns(
            pl.Series(name, texts, pl.String).gather(order.astype(np.uint32)) for name, texts in told.items()
        )

    def _revisions_of(self, keys: Sequence[int]) -> Any:
        later = aliased(Recording)
        columns = (
            Observation.place_id, Observation.indicator_id, Observation.period, Observation.value, Observation.status,
            Observation.source_id, Recording.demo, Recording.recorded_at, later.recorded_at,
        )  # fmt: skip
        query: Any = (
            select(*columns)
            .join(Recording, Recording.id == Observation.recording_id)
            .outerjoin(later, later.id == Observation.superseded_by)
            .where(Observation.indicator_id.in_(keys), Observation.period.in_(self.wish.years))
            .order_by(Observation.revision)
        )
        if self.wish.updated_after is not None:
            query = query.where(Recording.recorded_at > self.wish.updated_after)
        return query


# Lists, not series: Polars at work before the server forks would hang in its children.
_MARKS = [None, "true"]
"""Says what is generated; of what is not, nothing is said."""
_LETTERS = [chr(number) for number in range(128)]


def _indicators(session: Session, catalogue: Catalogue, wish: Wish) -> dict[int, tuple[str, str | None]]:
    """Code and unit of the indicators wanted, by key, in the order of the codes."""
    query = select(IndicatorKey.code, IndicatorKey.id)
    if wish.indicators is not None:
        query = query.where(IndicatorKey.code.in_(wish.indicators))
    units = {code: one.unit for code, one in catalogue.indicators.items()}
    return {key: (code, units.get(code)) for code, key in sorted((row.code, row.id) for row in session.execute(query))}


def _areas(session: Session, wish: Wish) -> dict[int, str]:
    """Codes of the places wanted, in their order."""
    query = select(Place.id, Place.code)
    if wish.areas is not None:
        query = query.where(Place.code.in_(wish.areas))
    return dict(sorted(((key, code) for key, code in session.execute(query)), key=lambda pair: pair[1]))


def _first_recording(session: Session, after: datetime | None) -> int | None:
    """The first recording after a moment; a number beyond all of them where there is none."""
    if after is None:
        return None
    found = session.scalar(select(Recording.id).where(Recording.recorded_at > after).order_by(Recording.id).limit(1))
    return found if found is not None else 2**31 - 1

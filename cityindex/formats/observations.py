"""Files of observations: long, wide and SDMX-CSV, read into columns of numbers that are ready to score or to store."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.formats.observation_cells import Cells, read_cells
from cityindex.formats.observation_checks import find_duplicates, resolve_periods
from cityindex.formats.observation_layout import ReadOptions, plan_layout, understood
from cityindex.formats.personal_tables import Guarded
from cityindex.formats.tables import Reader, no_rows, open_table

__all__ = ["UNDATED", "ObservationTable", "ReadOptions", "observations_from", "read_observations"]

CHUNK = 1 << 19
UNDATED = 0
"""The period of a file that has no column for it, where none was given either."""


@dataclass(frozen=True, eq=False)
class ObservationTable:
    """The values of a file, one entry a cell, in columns of equal length.

    `place`, `indicator` and `source` are positions in `places`, `indicators` and `sources` (the first two sorted).
    `period` is a common-era year, or `UNDATED`. `value` is NaN where missing. `status` is the byte of the letter of
    SDMX CL_OBS_STATUS: A where a value came without, 0 where there is neither value nor reason. `line` is the line of
    the file. Missing cells are among the entries, so that every place of the file is there.
    """

    places: tuple[str, ...]
    indicators: tuple[str, ...]
    sources: tuple[str, ...]
    place: NDArray[np.int32]
    indicator: NDArray[np.int16]
    period: NDArray[np.int16]
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    source: NDArray[np.int32] | None
    """None where the file has no such column; -1 where the cell is empty."""
    line: NDArray[np.int32]
    scheme: str
    """The scheme of the place codes, as the column map said; empty where they are the places' own."""
    notes: tuple[str, ...]
    """What the reader decided and a person should see: the era guessed, columns left out."""

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def periods(self) -> tuple[int, ...]:
        """The common-era years of the file, ascending."""
        return tuple(int(year) for year in np.flatnonzero(np.bincount(self.period)))

    def cube(self) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Values (NaN where missing) and statuses, each (periods, places, indicators)."""
        shape = (len(self.periods), len(self.places), len(self.indicators))
        values, status = np.full(shape, np.nan), np.zeros(shape, np.uint8)
        for start in range(0, len(self), CHUNK):
            part = slice(start, start + CHUNK)
            where = np.searchsorted(self.periods, self.period[part]), self.place[part], self.indicator[part]
            values[where], status[where] = self.value[part], self.status[part]
        return values, status


def read_observations(path: Path, options: ReadOptions | None = None) -> ObservationTable:
    """Read a file of observations: `.csv`, `.csv.gz`, `.parquet`, `.xlsx`, or `.xml` with an SDMX-ML data message.

    Long: `place,period,indicator,value[,status][,source]`. Wide: `place[,period][,source],<indicator>,…`. SDMX-CSV:
    `REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,…`, read as long, and so is SDMX-ML. Which one it is follows from the
    header.

    Years are read in the era that the header (`period_be`, `ปี พ.ศ.`, `year_ce`) or `options.era` says; without either
    the guess is in `notes`, and a file that mixes both is refused. Empty, `NA`, `-` and `..` are missing. See
    `numbers.read_numbers` for how numbers are written. Raises `Invalid` with all problems at once: columns and
    indicators that are not known, cells that are no numbers or read two ways, doubled cells (both lines named),
    statuses that contradict the value, and whatever `tables.read_table` refuses; where `options.guarded`, first of all
    `AboutPersons`.
    """
    options = options or ReadOptions()
    return observations_from(open_table(path, sheet=options.sheet), path, options)


def observations_from(reader: Reader, path: Path, options: ReadOptions) -> ObservationTable:
    """The same over a reader of rows that came from a file at `path`."""
    if options.guarded:
        reader = Guarded(reader, understood(reader.header, options))
    problems = reader.problems
    layout = plan_layout(reader.header, options, problems)
    if not layout.usable:
        problems.raise_if_any()
    cells = read_cells(reader, layout, options)
    if not len(cells.line):
        problems.raise_if_any()
        raise no_rows(path)
    period, notes = resolve_periods(cells, layout, UNDATED if options.period is None else options.period, problems)
    find_duplicates(cells, period, problems)
    problems.raise_if_any()
    return _expand(cells, period, layout.scheme, (*reader.notes, *notes, *cells.notes))


def _expand(cells: Cells, period: NDArray[np.int16], scheme: str, notes: tuple[str, ...]) -> ObservationTable:
    """One entry a cell: a wide file's rows are repeated for each of its indicators."""
    places, place = _in_order(cells.places, cells.place)
    width = cells.value.shape[1]
    if cells.indicator is None:
        indicators, columns = _in_order(cells.indicators, np.arange(width, dtype=np.int16))
        indicator = np.tile(columns, len(place))
    else:
        indicators, indicator = _in_order(cells.indicators, cells.indicator)
    value = cells.value.ravel()
    letter = np.full(len(value), ord("A"), np.uint8)
    letter[np.isnan(value)] = 0
    return ObservationTable(
        places=places,
        indicators=indicators,
        sources=cells.sources,
        place=np.repeat(place, width),
        indicator=indicator,
        period=np.repeat(period, width),
        value=value,
        status=letter if cells.status is None else np.where(cells.status, cells.status, letter),
        source=None if cells.source is None else np.repeat(cells.source, width),
        line=np.repeat(cells.line, width),
        scheme=scheme,
        notes=notes,
    )


def _in_order(names: tuple[str, ...], codes: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Names sorted, and the codes that point to them: the same content gives the same table."""
    order = sorted(range(len(names)), key=names.__getitem__)
    position = np.empty(len(names), codes.dtype)
    position[order] = np.arange(len(names), dtype=codes.dtype)
    return tuple(names[i] for i in order), position[codes]

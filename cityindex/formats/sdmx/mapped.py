"""Rows of another service's data flow as rows of ours: the columns that a mapping names, line by line as they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.definitions.mappings import Mapping, Series
from cityindex.formats.delimited import Batch
from cityindex.formats.sdmx.artefacts import VALUE
from cityindex.formats.tables import Reader, as_text

STATUS, ACTION = "OBS_STATUS", "ACTION"
READ_ACTIONS = ("", "I", "A", "R", "M")
COLUMNS = ("place", "period", "indicator", "value", "status")
LABEL = ": "
"""Between a code and its name, where a service writes both (`58: Mae Hong Son`)."""
MOST_SHIFT = 15
NO_NUMBER = "?"
MISSING = ("NaN", "nan")
"""How SDMX writes that there is no value."""
Mask = NDArray[np.bool_]


@dataclass
class Left:
    """How many rows were left out, and why: of other series than the mapping names, of places that it leaves out."""

    series: int = 0
    places: int = 0
    by_indicator: dict[str, int] = field(default_factory=dict)
    """How many rows were taken."""


class Mapped:
    """A reader over another one. `left` is whole when the batches were read."""

    separator = None
    header = COLUMNS

    def __init__(self, inner: Reader, mapping: Mapping) -> None:
        self.inner, self.mapping, self.problems = inner, mapping, inner.problems
        self.left = Left(by_indicator={one.indicator: 0 for one in mapping.series})
        self._check_header()

    @property
    def notes(self) -> tuple[str, ...]:
        return self.inner.notes

    def batches(self) -> Iterator[Batch]:
        """The rows that the mapping names, with the lines that they had."""
        for batch in self.inner.batches():
            frame = batch.frame.select(_codes(batch.frame[name]) for name in batch.frame.columns)
            yield self._batch(Batch(batch.lines, frame))

    def _check_header(self) -> None:
        needed = {self.mapping.place.dimension, self.mapping.period.dimension, VALUE}
        for series in self.mapping.series:
            needed |= series.where.keys() | series.unit.keys()
        there = ", ".join(self.inner.header[:20])
        for name in sorted(needed - set(self.inner.header)):
            self.problems.add("the data have no such component", f"they have {there}: correct the mapping", column=name)
        self.problems.raise_if_any()

    def _batch(self, batch: Batch) -> Batch:
        rule, frame = self.mapping.place, batch.frame
        self._check_actions(batch)
        outside = frame[rule.dimension].is_in(sorted(rule.leave_out)).fill_null(value=False).to_numpy()
        taken = np.zeros(len(frame), np.int16)
        for number, series in enumerate(self.mapping.series, start=1):
            taken[_fits(frame, series) & ~outside] = number
        self.left.places += int(outside.sum())
        self.left.series += int(((taken == 0) & ~outside).sum())
        parts = [self._part(batch, taken == number, series) for number, series in enumerate(self.mapping.series, 1)]
        lines = np.concatenate([part.lines for part in parts])
        order = np.argsort(lines, kind="stable")
        return Batch(lines[order], pl.concat(part.frame for part in parts)[order])

    def _part(self, batch: Batch, mask: Mask, series: Series) -> Batch:
        """The rows of one indicator."""
        frame, lines = batch.frame.filter(pl.Series(mask)), batch.lines[mask]
        self.left.by_indicator[series.indicator] += len(lines)
        for name, unit in series.unit.items():
            wrong = np.flatnonzero((frame[name] != unit).fill_null(value=True).to_numpy())
            self._say(Batch(lines, frame), name, wrong, ("the unit is another one", f"the mapping says {unit}"))
        place = frame[self.mapping.place.dimension]
        made = pl.DataFrame(
            {
                "place": place.replace(self.mapping.place.codes) if self.mapping.place.codes else place,
                "period": frame[self.mapping.period.dimension],
                "indicator": pl.Series([series.indicator] * len(lines), dtype=pl.String),
                "value": self._values(Batch(lines, frame), series),
                "status": self._statuses(frame),
            },
            schema=dict.fromkeys(COLUMNS, pl.String),
        )
        return Batch(lines, made)

    def _values(self, batch: Batch, series: Series) -> pl.Series:
        """Exactly: multiplied as they are written, not as the machine would round them."""
        written, shifts = batch.frame[VALUE], self._shifts(batch)
        if shifts is None and series.multiplier == 1:
            return written
        by_row = shifts or [0] * len(written)
        made = [_times(text, series, shift) for text, shift in zip(written, by_row, strict=True)]
        wrong = [row for row, text in enumerate(made) if text == NO_NUMBER]
        self._say(batch, VALUE, np.array(wrong, np.int64), ("is no number as SDMX writes it", "write it as 1234.5"))
        return pl.Series([None if text == NO_NUMBER else text for text in made], dtype=pl.String)

    def _shifts(self, batch: Batch) -> list[int] | None:
        """The power of ten of each row, where the data name one."""
        name = self.mapping.multiplier
        if name not in batch.frame.columns:
            return None
        text = batch.frame[name].fill_null("0")
        powers = text.cast(pl.Int8, strict=False)
        wrong = (powers.is_null() | (powers.abs() > MOST_SHIFT)).to_numpy()
        self._say(batch, name, np.flatnonzero(wrong), ("is no power of ten", "ask the service for a whole number"))
        found: list[int] = powers.fill_null(0).clip(-MOST_SHIFT, MOST_SHIFT).to_list()
        return found

    def _statuses(self, frame: pl.DataFrame) -> pl.Series:
        if STATUS not in frame.columns:
            return pl.Series([None] * len(frame), dtype=pl.String)
        codes = self.mapping.status_codes
        return frame[STATUS].replace(codes) if codes else frame[STATUS]

    def _check_actions(self, batch: Batch) -> None:
        if ACTION in batch.frame.columns:
            wrong = ~batch.frame[ACTION].fill_null("").is_in(READ_ACTIONS).to_numpy()
            self._say(batch, ACTION, np.flatnonzero(wrong), ("is not read", "ask for data, not for what to delete"))

    def _say(self, batch: Batch, column: str, rows: NDArray[np.int64], why: tuple[str, str]) -> None:
        described = rows[: self.problems.room]
        for row in described.tolist():
            text = str(batch.frame[column][row] or "")
            self.problems.add(*why, row=int(batch.lines[row]), column=column, value=text)
        self.problems.count_more(len(rows) - len(described))


def _codes(column: pl.Series) -> pl.Series:
    """Cells without their labels."""
    text = as_text(column)
    if column.name == VALUE:
        return text.replace(dict.fromkeys(MISSING))
    return text.str.split(LABEL).list.first()


def _fits(frame: pl.DataFrame, series: Series) -> Mask:
    mask = np.ones(len(frame), bool)
    for name, code in series.where.items():
        mask &= (frame[name] == code).fill_null(value=False).to_numpy()
    return mask


def _times(text: str | None, series: Series, shift: int) -> str | None:
    """A number, multiplied exactly; `NO_NUMBER` for what is none."""
    if text is None:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return NO_NUMBER
    return format(found * series.multiplier * Decimal(10) ** shift, "f") if found.is_finite() else NO_NUMBER

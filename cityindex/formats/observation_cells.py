"""The cells of a file of observations, turned into numbers batch by batch, so that text is never held as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.errors import Invalid
from cityindex.formats.delimited import MAXIMUM_COLUMNS, Batch
from cityindex.formats.numbers import Numbers, fault, plain, read_numbers
from cityindex.formats.observation_layout import SDMX_FIXED, Layout, ReadOptions
from cityindex.formats.problems import Problems
from cityindex.formats.tables import Reader, as_text, nearest

VALUED, VALUELESS = "ABDEFGINPSUVW", "HJKLMOQ"
"""SDMX CL_OBS_STATUS: letters of a value, and letters that say why there is none."""
SHOWN_LINES = 40
NONE, BAD, UNKNOWN = -1, -2, -3
"""Codes of what is not a name: an empty cell, one that was refused, one that is left out."""


@dataclass(frozen=True)
class Cells:
    """A file's cells; rows of `value` are rows of the file, its columns are one (long) or the indicators (wide)."""

    places: tuple[str, ...]
    years: tuple[str, ...]
    """As written; `year` points to them."""
    indicators: tuple[str, ...]
    sources: tuple[str, ...]
    line: NDArray[np.int32]
    place: NDArray[np.int32]
    year: NDArray[np.int32] | None
    indicator: NDArray[np.int16] | None
    value: NDArray[np.float64]
    status: NDArray[np.uint8] | None
    source: NDArray[np.int32] | None
    notes: tuple[str, ...]


class _Names:
    """Gives each distinct text of a column a number; `read` says what a text stands for, or that it stands for none."""

    def __init__(self, read: Callable[[str], str | int]) -> None:
        self._read = read
        self._seen: dict[str, int] = {}
        self.names: dict[str, int] = {}

    def encode(self, column: pl.Series) -> NDArray[np.int32]:
        text = column.cast(pl.String) if column.dtype == pl.String else as_text(column)
        text = text.fill_null("")
        distinct = text.unique()
        codes = [self._code(each) for each in distinct]
        return text.replace_strict(distinct, pl.Series(codes, dtype=pl.Int32), return_dtype=pl.Int32).to_numpy()

    def _code(self, text: str) -> int:
        if text not in self._seen:
            name = self._read(text.strip())
            self._seen[text] = name if isinstance(name, int) else self.names.setdefault(name, len(self.names))
        return self._seen[text]


def read_cells(reader: Reader, layout: Layout, options: ReadOptions) -> Cells:
    """Read every batch of `reader`; what is wrong goes to its `problems`, and the rows concerned are kept out."""
    cells = _Cells(reader.problems, layout, options)
    for batch in reader.batches():
        cells.add(batch)
    return cells.finish()


class _Cells:
    def __init__(self, problems: Problems, layout: Layout, options: ReadOptions) -> None:
        self.problems, self.layout, self.options = problems, layout, options
        self.places = _Names(lambda text: text or NONE)
        self.years = _Names(lambda text: plain(text) or NONE)
        self.indicators = _Names(self._indicator)
        self.statuses = _Names(_status)
        self.sources = _Names(lambda text: text or NONE)
        self.parts: dict[str, list[NDArray[Any]]] = {}
        self.decimals: dict[str, list[int]] = {}
        self.left_out = 0
        self.placeless: list[int] = []

    def add(self, batch: Batch) -> None:
        """Take the rows of one batch."""
        if self.layout.sdmx:
            self._check_fixed(batch)
        part: dict[str, NDArray[Any]] = {"line": batch.lines, "place": self._places(batch)}
        if column := self.layout.roles.get("source"):
            part["source"] = self.sources.encode(batch.frame[column])
        if "period" in self.layout.roles:
            part["year"] = self._named(batch, "period", self.years)
        part |= self._long(batch) if self.layout.long else self._wide(batch)
        keep = part["place"] >= 0
        for name in ("year", "indicator"):
            keep = keep & (part[name] >= 0) if name in part else keep
        for name, array in part.items():
            self.parts.setdefault(name, []).append(array if keep.all() else array[keep])

    def finish(self) -> Cells:
        """Everything that was taken, in one piece."""
        self._check_decimals()
        arrays = {name: np.concatenate(self.parts.pop(name)) for name in list(self.parts)}
        names = self.indicators.names if self.layout.long else self.layout.wide.values()
        return Cells(
            places=tuple(self.places.names),
            years=tuple(self.years.names),
            indicators=tuple(names),
            sources=tuple(self.sources.names),
            line=arrays.get("line", np.array([], np.int32)),
            place=arrays.get("place", np.array([], np.int32)),
            year=arrays.get("year"),
            indicator=arrays.get("indicator"),
            value=arrays.get("value", np.empty((0, len(self.layout.wide) or 1))),
            status=arrays.get("status"),
            source=arrays.get("source"),
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterable[str]:
        if self.layout.left_out:
            yield f"columns left out: {', '.join(self.layout.left_out)}"
        for column, (comma, _) in self.decimals.items():
            if comma:
                yield f"decimal commas were read in {column} (line {comma})"
        if self.left_out:
            yield f"rows of unknown indicators left out: {self.left_out}"
        if self.placeless:
            more = " …" if len(self.placeless) > SHOWN_LINES else ""
            lines = ", ".join(map(str, self.placeless[:SHOWN_LINES]))
            yield f"rows without a place left out: {len(self.placeless)} (lines {lines}{more})"

    def _places(self, batch: Batch) -> NDArray[np.int32]:
        if not self.options.ignore_unknown:
            return self._named(batch, "place", self.places)
        codes = self.places.encode(batch.frame[self.layout.roles["place"]])
        self.placeless += batch.lines[codes == NONE].tolist()
        return codes

    def _named(self, batch: Batch, role: str, names: _Names) -> NDArray[np.int32]:
        """Codes of a column that may not be empty."""
        column = self.layout.roles[role]
        codes = names.encode(batch.frame[column])
        self._say(batch, column, codes == NONE, (f"there is no {role}", "fill the cell, or delete the row"))
        return codes

    def _long(self, batch: Batch) -> dict[str, NDArray[Any]]:
        column = self.layout.roles["indicator"]
        indicator = self._named(batch, "indicator", self.indicators)
        if len(self.indicators.names) > MAXIMUM_COLUMNS:
            raise Invalid(
                f"{self.problems.file}: more than {MAXIMUM_COLUMNS} different indicators: is «{column}» right?"
            )
        self.left_out += int((indicator == UNKNOWN).sum())
        self._say(batch, column, indicator == BAD, self._unknown)
        value, bad = self._numbers(batch, self.layout.roles["value"])
        part: dict[str, NDArray[Any]] = {"indicator": indicator.astype(np.int16), "value": value[:, None]}
        if column := self.layout.roles.get("status", ""):
            part["status"] = self._statuses(batch, column, value, bad)
        return part

    def _wide(self, batch: Batch) -> dict[str, NDArray[Any]]:
        columns = [self._numbers(batch, column)[0] for column in self.layout.wide]
        return {"value": np.column_stack(columns)}

    def _numbers(self, batch: Batch, column: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        numbers = read_numbers(batch.frame[column], nan=self.layout.sdmx)
        bad = np.zeros(len(numbers.values), bool)
        bad[numbers.bad] = True
        self._say(batch, column, bad, fault)
        self._note_decimals(batch, column, numbers)
        return numbers.values, numbers.bad

    def _statuses(
        self, batch: Batch, column: str, value: NDArray[np.float64], bad: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        codes = self.statuses.encode(batch.frame[column])
        letters = np.array([ord(name) for name in self.statuses.names] + [0, 0], np.uint8)[codes]
        fine = np.ones(len(value), bool)
        fine[bad] = False
        cure = f"write one letter of CL_OBS_STATUS: {VALUED} with a value, {VALUELESS} without"
        self._say(batch, column, codes == BAD, ("is not an observation status", cure))
        missing = np.isnan(value) & fine
        without = missing & np.isin(letters, list(VALUED.encode()))
        self._say(batch, column, without, ("the status is that of a value, and the value is missing", cure))
        despite = ~missing & fine & np.isin(letters, list(VALUELESS.encode()))
        self._say(batch, column, despite, ("the status says that there is no value, and there is one", cure))
        return letters

    def _check_fixed(self, batch: Batch) -> None:
        for column, allowed in SDMX_FIXED.items():
            if column in batch.frame.columns:
                text = as_text(batch.frame[column])
                wrong = (~text.is_in(allowed)).fill_null(value=False).to_numpy()
                self._say(batch, column, wrong, ("is not read", f"only {' '.join(allowed)} is; convert the file"))

    def _indicator(self, text: str) -> str | int:
        if not text:
            return NONE
        if self.options.indicators is None or text in self.options.indicators:
            return text
        return UNKNOWN if self.options.ignore_unknown else BAD

    def _unknown(self, text: str) -> tuple[str, str]:
        like = nearest(text, sorted(self.options.indicators or ()))
        hint = f"did you mean {like}? Otherwise " if like else ""
        return "no indicator of this name is known", f"{hint}leave out what is unknown with --ignore-unknown"

    def _note_decimals(self, batch: Batch, column: str, numbers: Numbers) -> None:
        """Remember the first line with a decimal comma, and the first with what such a column means by 1.234."""
        first = self.decimals.setdefault(column, [0, 0])
        for i, positions in enumerate((numbers.commas, numbers.points)):
            if len(positions) and not first[i]:
                first[i] = int(batch.lines[positions[0]])

    def _check_decimals(self) -> None:
        for column, (comma, point) in self.decimals.items():
            if comma and point:
                reason = f"could mean thousands or a fraction, since decimals have a comma on line {comma}"
                self.problems.add(reason, "write all decimals of the column one way", row=point, column=column)

    def _say(
        self,
        batch: Batch,
        column: str,
        wrong: NDArray[np.bool_],
        why: tuple[str, str] | Callable[[str], tuple[str, str]],
    ) -> None:
        """A problem for each row that is `wrong`: `why` is reason and cure, or finds them from the text of the cell."""
        rows = np.flatnonzero(wrong)
        described = rows[: self.problems.room]
        for row in described:
            cell = batch.frame[column][int(row)]
            text = "" if cell is None else str(cell)
            reason, cure = why(text) if callable(why) else why
            self.problems.add(reason, cure, row=int(batch.lines[row]), column=column, value=text)
        self.problems.count_more(len(rows) - len(described))


def _status(text: str) -> str | int:
    letter = text.upper()
    if not letter:
        return NONE
    return letter if len(letter) == 1 and letter in VALUED + VALUELESS else BAD

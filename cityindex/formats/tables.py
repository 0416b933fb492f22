"""Tables from files: CSV, packed CSV, Parquet and XLSX, with the line of every row and limits on what is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.errors import Invalid, NotFound, Problem
from cityindex.formats.delimited import MAXIMUM_COLUMNS, Batch, Delimited, Lines
from cityindex.formats.problems import Problems
from cityindex.formats.sdmx.read_ml import SdmxMl
from cityindex.formats.workbook import Workbook

PARQUET_ROWS = 500_000
MAXIMUM_CELLS = 1 << 28
"""Of a Parquet file, whose size says nothing about what it unpacks to."""
KINDS = ".csv, .csv.gz, .parquet, .xlsx, or .xml (SDMX-ML)"


class Reader(Protocol):
    """What reads a file row by row: `header` first, then `batches()` once. Bad rows go to `problems`."""

    problems: Problems

    @property
    def header(self) -> tuple[str, ...]: ...

    @property
    def separator(self) -> str | None: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def batches(self) -> Iterator[Batch]: ...


@dataclass(frozen=True)
class Table:
    """A whole file: `frame` holds text (null where a cell is empty), `lines` the line of the file of each row."""

    path: Path
    header: tuple[str, ...]
    frame: pl.DataFrame
    lines: Lines
    separator: str | None
    """Of the cells; None for Parquet and XLSX."""
    notes: tuple[str, ...] = ()
    """What the reader decided and a person should see: which sheet it read."""

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row as `(line, {column: text})`; empty cells are empty text."""
        for line, row in zip(self.lines.tolist(), self.frame.iter_rows(named=True), strict=True):
            yield line, {name: text or "" for name, text in row.items()}


def read_table(path: Path, *, sheet: str | None = None) -> Table:
    """Read a whole file as text: names and cells stripped, empty cells null, blank rows skipped.

    The header is line 1. UTF-8 with or without BOM; comma, semicolon or tab, as the header shows. Limits: 1 GiB
    unpacked, 1 MiB a row, 10,000 columns. Raises `NotFound` where there is no such file or sheet, `Invalid` with all
    problems otherwise: encoding, damaged or oversized files, names that are missing or doubled, rows that do not fit
    the header, a file without rows.
    """
    reader = open_table(path, sheet=sheet)
    batches = list(reader.batches())
    reader.problems.raise_if_any()
    if not batches:
        raise no_rows(path)
    frame = pl.concat([batch.frame.select(as_text(column) for column in batch.frame) for batch in batches])
    lines = np.concatenate([batch.lines for batch in batches])
    return Table(path, reader.header, frame, lines, reader.separator, reader.notes)


def open_table(path: Path, *, sheet: str | None = None) -> Reader:
    """Read a file in batches of rows, for what would be too large as a whole; limits and errors as `read_table`.

    Cells are raw: text that may need stripping, or, from Parquet, numbers. The caller looks at `problems` at the end.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    problems = Problems(path.name)
    reader: Reader
    match "".join(path.suffixes[-2:]).lower():
        case suffix if suffix.endswith((".csv", ".csv.gz")):
            reader = Delimited(path, problems)
        case suffix if suffix.endswith(".xlsx"):
            reader = Workbook(path, sheet, problems)
        case suffix if suffix.endswith(".parquet"):
            reader = _Parquet(path, problems)
        case suffix if suffix.endswith(".xml"):
            reader = SdmxMl(path, problems)
        case _:
            raise Invalid(f"{path.name} is of no kind that is read: write {KINDS}")
    _check_header(path, reader.header)
    return reader


def file_hash(path: Path) -> str:
    """SHA-256 of a file as it is."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_columns(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays of equal length as a CSV file (UTF-8 with BOM, so that Excel shows Thai; NaN as an empty cell)."""
    pl.DataFrame(dict(columns)).fill_nan(None).write_csv(path, include_bom=True)


def no_rows(path: Path) -> Invalid:
    return Invalid(f"{path.name} has a header and no rows")


def as_text(column: pl.Series) -> pl.Series:
    """A column as stripped text, null where empty; whole numbers of Parquet files without a point."""
    if column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        text = pl.select(pl.when(whole == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String)))
        return text.to_series().alias(column.name)
    text_column = column.cast(pl.String).str.strip_chars()
    return text_column.set(text_column == "", None)


def nearest(name: str, known: tuple[str, ...] | list[str]) -> str:
    """The known name most like `name`, or empty text where none is."""
    lowered = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else ""


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    if len(header) > MAXIMUM_COLUMNS:
        raise Invalid(f"{path.name} has {len(header)} columns: at most {MAXIMUM_COLUMNS} are read")
    problems = Problems(path.name)
    for position, name in enumerate(header, start=1):
        if not name:
            problems.add(f"column {position} has no name", "name it, or delete it", row=1)
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        problems.add("the name stands over two columns", "rename or delete one of them", row=1, column=name)
    problems.raise_if_any()


class _Parquet:
    """A `.parquet`, by slices. A row's line is its number counted as if a header were line 1."""

    separator = None
    notes = ()

    def __init__(self, path: Path, problems: Problems) -> None:
        self.problems = problems
        self._path = path
        self._scan = pl.scan_parquet(path)
        try:
            self._schema = self._scan.collect_schema()
            self._height = self._scan.select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._damaged(error) from error
        self.header = tuple(name.strip() for name in self._schema.names())
        if self._height * len(self.header) > MAXIMUM_CELLS:
            raise Invalid(f"{path.name} has more than {MAXIMUM_CELLS} cells: split it")
        if nested := [name for name, kind in self._schema.items() if kind.is_nested() or kind == pl.Binary]:
            reason = "the column holds lists, structures or bytes"
            raise Invalid(
                f"{path.name}: {reason}", [Problem(reason, "write one value a cell", 1, name) for name in nested]
            )

    def batches(self) -> Iterator[Batch]:
        """The rows, once."""
        for start in range(0, self._height, PARQUET_ROWS):
            try:
                frame = self._scan.slice(start, PARQUET_ROWS).collect()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise self._damaged(error) from error
            frame.columns = list(self.header)
            yield Batch(np.arange(start + 2, start + 2 + frame.height, dtype=np.int32), frame)

    def _damaged(self, error: Exception) -> Invalid:
        return Invalid(f"{self._path.name} is damaged or cut off ({error}): write it again")

"""XLSX: read as the text that a person sees in the cells."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice, repeat
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import polars as pl

from cityindex.errors import Invalid, NotFound
from cityindex.formats.delimited import MAXIMUM_BYTES, Batch
from cityindex.formats.problems import Problems

ROWS = 20_000
SUSPICIOUS_BYTES, SUSPICIOUS_RATIO = 64 << 20, 200
"""Beyond this size, a workbook that packs better than this is a bomb: real sheets pack ten- to fiftyfold."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, ParseError, OSError, IndexError, TypeError)
FORMULA = re.compile(rb"<f[\s/>]")
LEADING_ZEROS = re.compile(r"0{2,}")
warnings.filterwarnings("ignore", module="openpyxl")  # what it warns of in somebody's workbook is nobody's business


class Workbook:
    """A sheet of an `.xlsx` (the first, or the one named). `header` is known at once; `batches()` reads the rows.

    Cells are text: whole numbers without a point, other numbers with every digit, numbers shown with leading zeros
    (format `0000000`) with them, per cents with their sign, dates as `YYYY-MM-DD`. A formula is its result; one that
    nothing has computed yet is its own text: refused, not taken for an empty cell. Rows without any cell are skipped.
    """

    separator = None

    def __init__(self, path: Path, sheet: str | None, problems: Problems) -> None:
        self.problems = problems
        self._path = path
        self.sheets = sheet_names(path)
        self.sheet = _chosen(path, self.sheets, sheet)
        self._rows = self._guarded(sheet_rows(path, self.sheet))
        self._line, cells = next(self._rows, (1, []))
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            raise Invalid(f"{path.name} is empty")
        self.header = tuple("" if cell is None else cell.strip() for cell in cells)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which sheet was read, where there are several."""
        others = [name for name in self.sheets if name != self.sheet]
        return (f"the sheet «{self.sheet}» was read; others: {', '.join(others)}",) if others else ()

    def batches(self) -> Iterator[Batch]:
        """The rows, once."""
        while rows := list(islice(self._rows, ROWS)):
            fitting = [(line, self._fit(line, cells)) for line, cells in rows]
            lines = np.array([line for line, _ in fitting], np.int32)
            cells = [cells for _, cells in fitting]
            yield Batch(lines, pl.DataFrame(cells, dict.fromkeys(self.header, pl.String), orient="row"))

    def _fit(self, line: int, cells: list[str | None]) -> list[str | None]:
        width = len(self.header)
        if any(cell is not None for cell in cells[width:]):
            self.problems.add(
                f"the row has cells beyond the last of the {width} columns that have a name",
                "name the column, or empty the cells",
                row=line,
            )
        return (cells + [None] * (width - len(cells)))[:width]

    def _guarded(self, rows: Iterable[tuple[int, list[str | None]]]) -> Iterator[tuple[int, list[str | None]]]:
        with _reading(self._path):
            yield from rows


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets of an `.xlsx` that hold cells, in their order. Raises `Invalid` where it is none, or damaged."""
    from openpyxl import load_workbook

    _check_archive(path)
    with _reading(path):
        book = load_workbook(path, read_only=True)
        try:
            names = tuple(page.title for page in book.worksheets)
        finally:
            book.close()
    if not names:
        raise Invalid(f"{path.name} is empty")
    return names


def _chosen(path: Path, sheets: tuple[str, ...], wanted: str | None) -> str:
    if wanted is not None and wanted not in sheets:
        raise NotFound(f"{path.name} has no sheet «{wanted}»: it has {', '.join(sheets)}")
    return wanted or sheets[0]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """What stops the reader of workbooks is a damaged file."""
    try:
        yield
    except DAMAGED as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> Invalid:
    return Invalid(f"{path.name} is damaged or cut off ({error}): open it in Excel and save it again")


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except DAMAGED as error:
        raise _damaged(path, error) from error
    size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if size > MAXIMUM_BYTES:
        raise Invalid(f"{path.name} holds more than 1 GiB unpacked: split it")
    if size > SUSPICIOUS_BYTES and size > SUSPICIOUS_RATIO * max(packed, 1):
        raise Invalid(f"{path.name} unpacks to {size // max(packed, 1)} times its size: save the data as CSV")


def sheet_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str | None]]]:
    """The rows of a sheet that have any cell, with their lines."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        page = book[sheet]
        page.reset_dimensions()
        formulas = _formulas(path, page.title) if _has_formulas(path) else repeat(())
        for line, (row, written) in enumerate(zip(page.iter_rows(), formulas, strict=False), start=1):
            cells = [_text(cell) for cell in row]
            for i, formula in enumerate(written):
                if formula and row[i].value is None and row[i].data_type == "n":  # text may well be empty
                    cells[i] = formula
            if any(cell is not None for cell in cells):
                yield line, cells
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as stream:
                    before = b""
                    while part := stream.read(1 << 20):
                        if FORMULA.search(before + part):
                            return True
                        before = part[-2:]
    return False


def _formulas(path: Path, sheet: str) -> Iterator[list[str | None]]:
    """Each row's formulas, None where a cell has none."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    try:
        page = book[sheet]
        page.reset_dimensions()
        for row in page.iter_rows():
            yield [str(cell.value) if cell.data_type == "f" else None for cell in row]
    finally:
        book.close()


def _text(cell: Any) -> str | None:
    value = cell.value
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime) and value.time().isoformat() == "00:00:00":
        value = value.date()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _number(value: int | float, shown: str) -> str:
    if "%" in shown:
        return f"{value * 100:.15g}%"
    whole = float(value).is_integer() and abs(value) < 1e15
    if whole and LEADING_ZEROS.fullmatch(shown):
        return str(int(value)).zfill(len(shown))
    return str(int(value)) if whole else repr(value)

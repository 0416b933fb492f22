"""Delimited text, read in blocks of whole rows: a large file needs little memory, and a bad one does little harm."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem
from cityindex.formats.problems import Problems

BLOCK = 16 << 20
MAXIMUM_BYTES = 1 << 30
MAXIMUM_LINE = 1 << 20
MAXIMUM_COLUMNS = 10_000
SEPARATORS = (",", ";", "\t")
SAVE_AS_UTF8 = "save it again as «CSV UTF-8»"
QUOTE, NEWLINE, RETURN = 34, 10, 13

Lines = NDArray[np.int32]


@dataclass(frozen=True)
class Batch:
    """Some rows of a table: the line of the file where each begins, and their cells."""

    lines: Lines
    frame: pl.DataFrame


class Delimited:
    """A `.csv` or `.csv.gz`. `header` and `separator` are known at once; `batches()` reads the rows.

    Rows with too few or too many cells go to `problems` and are left out of the batches; blank lines are skipped.
    Raises `Invalid` for what makes the whole file unreadable: encoding, size, a damaged archive.
    """

    def __init__(self, path: Path, problems: Problems) -> None:
        self.problems = problems
        self._path = path
        self._records = _records(path)
        head, self._line, self._rest = _first_record(next(self._records, b""))
        if not head:
            raise Invalid(f"{path.name} is empty")
        self.separator = _separator(head)
        self.header = _names(path, head, self.separator)

    notes = ()

    def batches(self) -> Iterator[Batch]:
        """The rows, once."""
        if self._rest:
            yield from self._batch(self._rest)
        for block in self._records:
            yield from self._batch(block)

    def _batch(self, data: bytes) -> Iterator[Batch]:
        marks = _marks(data, self.separator)
        lines = self._line + marks.line
        self._line += data.count(b"\n")
        blank = marks.blank(data)
        ragged = (marks.fields != len(self.header)) & ~blank
        for number, found in zip(lines[ragged], marks.fields[ragged], strict=True):
            self._say_ragged(int(number), int(found))
        keep = ~(ragged | blank)
        if not keep.any():
            return
        yield Batch(lines[keep], self._frame(data if keep.all() else marks.select(data, keep), lines[keep]))

    def _say_ragged(self, line: int, found: int) -> None:
        cells = "1 cell" if found == 1 else f"{found} cells"
        self.problems.add(
            f"the row has {cells}, the header {len(self.header)}", "give the row as many cells as the header", row=line
        )

    def _frame(self, data: bytes, lines: Lines) -> pl.DataFrame:
        try:
            frame = pl.read_csv(
                data,
                has_header=False,
                new_columns=list(self.header),
                separator=self.separator,
                infer_schema=False,
            )
        except pl.exceptions.PolarsError as error:
            raise self._bad_quotes(lines) from error
        if frame.height != len(lines):
            raise self._bad_quotes(lines)
        return frame

    def _bad_quotes(self, lines: Lines) -> Invalid:
        reason = f"a quotation mark between lines {lines[0]} and {lines[-1]} is not closed, or stands inside a cell"
        cure = 'write a cell with quotation marks as "…", each mark inside it twice'
        return Invalid(f"{self._path.name}: {reason}", [Problem(reason, cure, row=int(lines[0]))])


@dataclass(frozen=True)
class _Marks:
    """Where the rows of a block begin and end, how many cells each has, and how many lines precede it."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    line: Lines

    def blank(self, data: bytes) -> NDArray[np.bool_]:
        size = self.ends - self.starts
        empty: NDArray[np.bool_] = size == 0
        single = np.flatnonzero(size == 1)
        empty[single] = np.frombuffer(data, np.uint8)[self.starts[single]] == RETURN
        # Excel leaves rows of separators where something was deleted.
        bare = (size > 0) & (size <= self.fields)
        for i in np.flatnonzero(bare & ~empty):
            cells = data[self.starts[i] : self.ends[i]].strip(b"\r")
            empty[i] = len(cells) == self.fields[i] - 1 and len(set(cells)) <= 1
        return empty

    def select(self, data: bytes, keep: NDArray[np.bool_]) -> bytes:
        wanted = np.repeat(keep, self.ends - self.starts + 1)
        return np.frombuffer(data, np.uint8)[wanted].tobytes()


def _marks(data: bytes, separator: str) -> _Marks:
    """The structure of a block that ends with a newline outside quotation marks."""
    raw = np.frombuffer(data, np.uint8)
    where = np.flatnonzero((raw == NEWLINE) | (raw == ord(separator)) | (raw == QUOTE))
    kind = raw[where]
    newline, cut = kind == NEWLINE, kind == ord(separator)
    every_newline = where[newline]
    if b'"' in data:
        outside = (np.cumsum(kind == QUOTE) & 1) == 0
        newline &= outside
        cut &= outside
    ends = where[newline]
    starts = np.concatenate(([0], ends[:-1] + 1))
    fields = np.diff(np.cumsum(cut)[newline], prepend=0) + 1
    line = np.searchsorted(every_newline, starts).astype(np.int32)
    return _Marks(starts, ends, fields, line)


def _records(path: Path) -> Iterator[bytes]:
    """Blocks of whole rows, checked: UTF-8, without the BOM, no longer than allowed, ending with a newline."""
    rest, line, first = b"", 1, True
    for piece in _pieces(path):
        data = rest + piece
        if first:
            data, first = _without_bom(path, data), False
        cut = _last_row_end(data)
        whole, rest = data[:cut], data[cut:]
        if whole:
            _check(path, whole, line)
            line += whole.count(b"\n")
            yield whole
        if len(rest) > MAXIMUM_LINE:
            raise _too_long(path, line)
    if rest.strip():
        _check(path, rest, line)
        if rest.count(b'"') % 2:
            reason = "a quotation mark is opened and not closed"
            raise Invalid(f"{path.name}: {reason}", [Problem(reason, "close it, or delete it", row=line)])
        yield rest + b"\n"


def _pieces(path: Path) -> Iterator[bytes]:
    total = 0
    try:
        with _open(path) as stream:
            while piece := stream.read(BLOCK):
                total += len(piece)
                if total > MAXIMUM_BYTES:
                    raise Invalid(f"{path.name} holds more than 1 GiB unpacked: split it")
                yield piece
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Invalid(f"{path.name} is damaged or cut off ({error}): copy or download it again") from error


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _without_bom(path: Path, data: bytes) -> bytes:
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\xd0\xcf\x11\xe0")):
        raise Invalid(f"{path.name} is not text: name it for what it is (.xlsx, .csv.gz, .parquet)")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        reason = "the file is not UTF-8 but UTF-16, or no text at all"
        raise Invalid(f"{path.name}: {reason}", [Problem(reason, SAVE_AS_UTF8, row=1)])
    return data.removeprefix(b"\xef\xbb\xbf")


def _last_row_end(data: bytes) -> int:
    """Behind the last newline that is not inside quotation marks; 0 where there is none."""
    end = data.rfind(b"\n") + 1
    if b'"' not in data:
        return end
    if data.count(b'"', 0, end) % 2 == 0:
        return end
    marks = _marks(data[:end], ",")
    return int(marks.ends[-1]) + 1 if len(marks.ends) else 0


def _check(path: Path, data: bytes, line: int) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        row = line + data.count(b"\n", 0, error.start)
        thai = all(byte < 0x80 or 0xA1 <= byte <= 0xFB for byte in data[error.start : error.start + 200])
        guess = "looks like TIS-620 or Windows-874" if thai else "is in another encoding, or damaged"
        reason = f"the text is not UTF-8: it {guess}"
        raise Invalid(f"{path.name}: {reason}", [Problem(reason, SAVE_AS_UTF8, row=row)]) from error
    if (nul := data.find(b"\0")) >= 0:
        reason = "the text holds a zero byte"
        row = line + data.count(b"\n", 0, nul)
        raise Invalid(f"{path.name}: {reason}", [Problem(reason, SAVE_AS_UTF8, row=row)])
    _check_lengths(path, data, line)


def _check_lengths(path: Path, data: bytes, line: int) -> None:
    at = 0
    while len(data) - at > MAXIMUM_LINE:
        end = data.rfind(b"\n", at, at + MAXIMUM_LINE + 1)
        if end < 0:
            raise _too_long(path, line + data.count(b"\n", 0, at))
        at = end + 1


def _too_long(path: Path, line: int) -> Invalid:
    reason = "a row is longer than 1 MiB, or a quotation mark is not closed"
    return Invalid(f"{path.name}: {reason}", [Problem(reason, "look at the quotation marks", row=line)])


def _first_record(data: bytes) -> tuple[str, int, bytes]:
    """The header (the first row that is not blank), the line after it, and what follows."""
    end = 0
    while end < len(data):
        end = data.find(b"\n", end) + 1
        head = data[:end]
        if head.count(b'"') % 2 == 0 and head.strip():
            return head.decode().strip("\r\n"), head.count(b"\n") + 1, data[end:]
    return "", 1, b""


def _separator(head: str) -> str:
    """The separator that the header uses most, outside quotation marks; a comma where it has one column."""
    bare = "".join(head.split('"')[::2])
    return max(SEPARATORS, key=bare.count)


def _names(path: Path, head: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(name.strip() for name in next(csv.reader(io.StringIO(head), delimiter=separator)))
    except csv.Error as error:
        raise Invalid(f"{path.name}: the header cannot be read ({error})") from error

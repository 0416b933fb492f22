"""Packages of deliveries: one line with the signed manifest, then the rows as a file (gzipped CSV, or Parquet).

A package is the same whether it is pushed over HTTPS or carried as a file.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cityindex.errors import Invalid

MEDIA_TYPE = "application/vnd.cityindex.delivery"
LONGEST_MANIFEST = 16_384
CHUNK = 1 << 18
SUFFIXES = {"csv": ".csv.gz", "parquet": ".parquet"}
UNREADABLE = "the package cannot be read: it begins with one line, the signed manifest"


class Source(Protocol):
    """What is read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, eq=False)
class DeliveryRows:
    """Values to hand on, one entry a row: positions in the lists of words, years of the common era, NaN for no value.

    `status` is the byte of the letter of SDMX CL_OBS_STATUS.
    """

    places: Sequence[str]
    indicators: Sequence[str]
    sources: Sequence[str]
    place: NDArray[np.int32]
    indicator: NDArray[np.int32]
    source: NDArray[np.int32]
    period: NDArray[np.int16]
    value: NDArray[np.float64]
    status: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.value)


def write_rows(rows: DeliveryRows, kind: str) -> bytes:
    """The rows as a file: `place,period,indicator,value,status,source`. The same rows give the same bytes."""
    return write_frame(_frame(rows), kind)


def write_frame(frame: pl.DataFrame, kind: str) -> bytes:
    """A table as a file: gzipped CSV, or Parquet. The same table gives the same bytes."""
    written = io.BytesIO()
    if kind == "parquet":
        frame.write_parquet(written, compression="zstd")
        return written.getvalue()
    frame.write_csv(written)
    # Fast, and without the time of day, which would be another file each time.
    return gzip.compress(written.getbuffer(), compresslevel=1, mtime=0)


def _frame(rows: DeliveryRows) -> pl.DataFrame:
    letters = [chr(code) for code in range(128)]
    return pl.DataFrame(
        {
            "place": _words(rows.places, rows.place),
            "period": rows.period,
            "indicator": _words(rows.indicators, rows.indicator),
            "value": pl.Series(rows.value).fill_nan(None),
            "status": _words(letters, rows.status),
            "source": _words(rows.sources, rows.source),
        }
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A package that was put on disk: its manifest as it was signed, and the hash and size of the rows."""

    manifest: str
    sha256: str
    size: int


def take(source: Source, target: Path, most: int) -> Taken:
    """Stream the rows of a package to `target`. Raises `Invalid` for one that is none, or of more than `most` bytes."""
    first, rest = _first_line(source)
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as file:
        while rest:
            size += len(rest)
            if size > most:
                raise Invalid(f"the package is larger than {most // 1_000_000} MB: agree on smaller ones")
            digest.update(rest)
            file.write(rest)
            rest = source.read(CHUNK)
    return Taken(first, digest.hexdigest(), size)


def package(manifest: str, content: bytes) -> Iterator[bytes]:
    """The bytes of a package, in parts."""
    yield manifest.encode() + b"\n"
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _first_line(source: Source) -> tuple[str, bytes]:
    held = b""
    while b"\n" not in held:
        part = source.read(LONGEST_MANIFEST)
        if not part or len(held) > LONGEST_MANIFEST:
            raise Invalid(UNREADABLE)
        held += part
    first, _, rest = held.partition(b"\n")
    if len(first) > LONGEST_MANIFEST or not first.isascii():
        raise Invalid(UNREADABLE)
    return first.decode(), rest or source.read(CHUNK)


def _words(words: Sequence[str], positions: NDArray[Any]) -> pl.Series:
    return pl.Series(list(words), dtype=pl.String).gather(positions)

"""Packages of deliveries: what is written is what is read, byte by byte the same each time."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.formats.packages import LONGEST_MANIFEST, SUFFIXES, DeliveryRows, package, take, write_rows

ROWS = DeliveryRows(
    places=["4500101", "4500102"],
    indicators=["air", "roads"],
    sources=["หนังสือ, ที่ 1", "own books"],
    place=np.array([0, 1, 0, 1], np.int32),
    indicator=np.array([0, 0, 1, 1], np.int32),
    source=np.array([0, 1, 1, 0], np.int32),
    period=np.array([2022, 2022, 2023, 2023], np.int16),
    value=np.array([0.1 + 0.2, np.nan, -1e-17, 12345678.9]),
    status=np.frombuffer(b"AMEA", np.uint8),
)


@pytest.mark.parametrize("kind", list(SUFFIXES))
def test_rows_come_back_as_they_went(tmp_path: Path, kind: str) -> None:
    content = write_rows(ROWS, kind)
    assert content == write_rows(ROWS, kind)
    file = tmp_path / f"rows{SUFFIXES[kind]}"
    file.write_bytes(content)
    table = read_observations(file, ReadOptions(era="ce", indicators=("air", "roads")))
    assert table.source is not None
    columns = (table.place, table.indicator, table.period, table.value, table.status, table.source)
    found = {
        (table.places[place], table.indicators[indicator], year): (value, chr(status), table.sources[source])
        for place, indicator, year, value, status, source in zip(*(one.tolist() for one in columns), strict=True)
    }
    assert found["4500101", "air", 2022] == (0.1 + 0.2, "A", "หนังสือ, ที่ 1"), "to the last bit"
    assert found["4500101", "roads", 2023] == (-1e-17, "E", "own books")
    assert found["4500102", "roads", 2023] == (12345678.9, "A", "หนังสือ, ที่ 1")
    missing = found["4500102", "air", 2022]
    assert (np.isnan(missing[0]), missing[1:]) == (True, ("M", "own books"))


def test_a_package_is_taken_apart_as_it_was_made(tmp_path: Path) -> None:
    content = bytes(range(256)) * 3000
    made = b"".join(package("a.b.c", content))
    taken = take(io.BytesIO(made), tmp_path / "rows", len(content))
    assert (taken.manifest, taken.size) == ("a.b.c", len(content))
    assert taken.sha256 == hashlib.sha256(content).hexdigest()
    assert (tmp_path / "rows").read_bytes() == content
    with pytest.raises(Invalid, match="larger than"):
        take(io.BytesIO(made), tmp_path / "rows", len(content) - 1)


@pytest.mark.parametrize("bad", [b"", b"no line", b"x" * (LONGEST_MANIFEST + 2) + b"\n", "ก.ข.ค\n".encode()])
def test_what_is_no_package_is_refused(tmp_path: Path, bad: bytes) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        take(io.BytesIO(bad), tmp_path / "rows", 1000)

"""Storing many observations: the two databases' fastest ways, fed from arrays in the order of the primary key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite

CHUNK = 100_000
ROW = np.dtype(
    [
        ("indicator_id", "i4"),
        ("period", "i2"),
        ("place_id", "i4"),
        ("revision", "i2"),
        ("value", "f8"),
        ("status", "u1"),
        ("source_id", "i4"),
    ]
)
"""An observation to store; `value` is NaN where it is null, `status` the byte of the SDMX letter."""
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"


def lock_for_writing(session: Session) -> None:
    """Keep other writers of observations out until the end of the transaction; readers go on."""
    connection = session.connection()
    if not is_sqlite(connection):
        connection.exec_driver_sql("LOCK TABLE observation IN SHARE ROW EXCLUSIVE MODE")


def insert_rows(session: Session, chunks: Iterator[NDArray[Any]], recording_id: int) -> None:
    """Store chunks of `ROW`."""
    connection = session.connection()
    cursor: Any = connection.connection.cursor()
    try:
        if is_sqlite(connection):
            for chunk in chunks:
                cursor.executemany(*_sqlite_insert(chunk, recording_id))
            return
        columns = "indicator_id, period, place_id, revision, status, source_id, recording_id, value"
        with cursor.copy(f"COPY observation ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(COPY_HEADER)
            for chunk in chunks:
                for data in _packed(chunk, recording_id):
                    copy.write(data)
            copy.write(COPY_TRAILER)
        # A reader that comes before the server has looked by itself would be planned for an empty table.
        cursor.execute("ANALYZE observation")
    finally:
        cursor.close()


def supersede_rows(session: Session, chunks: Iterator[NDArray[Any]], recording_id: int) -> None:
    """Mark the rows whose keys (of `ROW`) are given as superseded by a recording."""
    connection = session.connection()
    for chunk in chunks:
        keys = {name: chunk[name].tolist() for name in ("indicator_id", "period", "place_id", "revision")}
        cursor: Any = connection.connection.cursor()
        try:
            if is_sqlite(connection):
                cursor.executemany(SQLITE_SUPERSEDE, zip(repeat(recording_id), *keys.values(), strict=False))
            else:
                cursor.execute(POSTGRES_SUPERSEDE, (recording_id, *keys.values()))
        finally:
            cursor.close()


SQLITE_SUPERSEDE = (
    "UPDATE observation SET superseded_by = ? WHERE indicator_id = ? AND period = ? AND place_id = ? AND revision = ?"
)
POSTGRES_SUPERSEDE = """
UPDATE observation SET superseded_by = %s
FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS old (indicator_id, period, place_id, revision)
WHERE observation.indicator_id = old.indicator_id AND observation.period = old.period
AND observation.place_id = old.place_id AND observation.revision = old.revision
"""


def _sqlite_insert(chunk: NDArray[Any], recording_id: int) -> tuple[str, Iterator[tuple[Any, ...]]]:
    values = chunk["value"].astype(object)
    values[np.isnan(chunk["value"])] = None
    letters = np.array([chr(code) for code in range(128)], object)[chunk["status"]]
    keys = (chunk[name].tolist() for name in ("indicator_id", "period", "place_id", "revision"))
    rows = zip(*keys, values.tolist(), letters.tolist(), chunk["source_id"].tolist(), strict=True)
    columns = "indicator_id, period, place_id, revision, value, status, source_id, recording_id"
    return f"INSERT INTO observation ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, {int(recording_id)})", rows  # noqa: S608


def _packed(chunk: NDArray[Any], recording_id: int) -> Iterator[bytes]:
    """Rows for PostgreSQL's binary COPY: those with a value and those without differ in length."""
    missing = np.isnan(chunk["value"])
    for rows, fields in ((chunk[~missing], {"value": ">f8"}), (chunk[missing], {})):
        if len(rows):
            yield _pack(rows, recording_id, fields)


FIXED: Mapping[str, str] = {
    "indicator_id": ">i4",
    "period": ">i2",
    "place_id": ">i4",
    "revision": ">i2",
    "status": "u1",
    "source_id": ">i4",
    "recording_id": ">i4",
}


def _pack(rows: NDArray[Any], recording_id: int, last: Mapping[str, str]) -> bytes:
    fields = {**FIXED, **last}
    layout = [("fields", ">i2")]
    for name, kind in fields.items():
        layout += [(f"{name} length", ">i4"), (name, kind)]
    if not last:
        layout.append(("null", ">i4"))
    packed = np.empty(len(rows), layout)
    packed["fields"] = len(FIXED) + 1
    for name, kind in fields.items():
        packed[f"{name} length"] = np.dtype(kind).itemsize
        packed[name] = recording_id if name == "recording_id" else rows[name]
    if not last:
        packed["null"] = -1
    return packed.tobytes()

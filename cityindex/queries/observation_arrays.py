"""Many observations at once as arrays: over a hundred times what goes through mapped classes in the same time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite

FIELDS = {"place_id": "i4", "indicator_id": "i4", "period": "i2", "value": "f8", "status": "i2", "revision": "i2"}
ROW = np.dtype([(name, kind) for name, kind in FIELDS.items()])
"""A row of the arrays. `status` is the byte of the SDMX letter; `value` is NaN where it is null."""
PACKED = np.dtype(
    [("", ">i2")] + [part for name, kind in FIELDS.items() for part in ((f"_{name}", ">i4"), (name, f">{kind}"))]
)
"""A row of PostgreSQL's binary COPY: the number of fields, then each field after its length."""
COPY_HEADER, COPY_TRAILER = 19, 2
FEW_PLACES = 200


def observation_rows(
    session: Session,
    indicator_ids: Collection[int],
    periods: Collection[int],
    *,
    cutoff: int | None = None,
    place_ids: Collection[int] | None = None,
) -> NDArray[Any]:
    """The observations in force, or those that were at recording `cutoff`, as a structured array of `ROW`."""
    if not indicator_ids or not periods:
        return np.empty(0, ROW)
    where = [f"indicator_id IN ({_numbers(indicator_ids)})", f"period IN ({_numbers(periods)})", _known(cutoff)]
    if place_ids is not None and len(place_ids) <= FEW_PLACES:
        where.append(f"place_id IN ({_numbers(place_ids) or 'NULL'})")
    condition = " AND ".join(where)
    connection = session.connection()
    return _from_sqlite(connection, condition) if is_sqlite(connection) else _from_postgres(connection, condition)


def _known(cutoff: int | None) -> str:
    """What was in force at a recording: it was there, and what superseded it, if anything, came later."""
    if cutoff is None:
        return "superseded_by IS NULL"
    return f"recording_id <= {int(cutoff)} AND (superseded_by IS NULL OR superseded_by > {int(cutoff)})"


def _numbers(values: Collection[int]) -> str:
    return ", ".join(str(int(value)) for value in sorted(values))


def _from_sqlite(connection: Connection, condition: str) -> NDArray[Any]:
    query = (
        f"SELECT place_id, indicator_id, period, value, unicode(status), revision FROM observation WHERE {condition}"  # noqa: S608 (numbers only)
    )
    cursor = connection.connection.cursor()
    try:
        cursor.execute(query)
        rows = cursor.fetchall()
    finally:
        cursor.close()
    found = np.empty(len(rows), ROW)
    for name, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        found[name] = np.array(column, float) if name == "value" else column
    return found


def _from_postgres(connection: Connection, condition: str) -> NDArray[Any]:
    fields = "place_id, indicator_id, period, COALESCE(value, 'NaN'), ascii(status)::int2, revision"
    query = f"COPY (SELECT {fields} FROM observation WHERE {condition}) TO STDOUT (FORMAT BINARY)"  # noqa: S608 (numbers only)
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(query) as copy:
            data = b"".join(copy)
    finally:
        cursor.close()
    packed = np.frombuffer(data[COPY_HEADER : len(data) - COPY_TRAILER], PACKED)
    found = np.empty(len(packed), ROW)
    for name in FIELDS:
        found[name] = packed[name]
    return found

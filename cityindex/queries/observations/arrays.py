"""Many observations at once as arrays: over a hundred times what goes through mapped classes in the same time."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from cityindex.database import is_sqlite

FIELDS = {
    "place_id": "i4", "indicator_id": "i4", "period": "i2", "value": "f8", "status": "i2", "revision": "i2",
    "source_id": "i4",
}  # fmt: skip
ROW = np.dtype([(name, kind) for name, kind in FIELDS.items()])
"""A row of the arrays. `status` is the byte of the SDMX letter; `value` is NaN where it is null."""
EMPTY = "9e999"
"""Stands for null on the way out of SQLite, which knows no NaN; an infinite value is never stored."""
ARRAYS = {
    "place_id": ("place_id", ">i4"),
    "value": ("COALESCE(value, 'NaN')", ">f8"),
    "status": ("ascii(status)", ">i4"),
    "revision": ("revision", ">i2"),
    "source_id": ("source_id", ">i4"),
}
"""What comes out of PostgreSQL as arrays, and as what."""
ARRAY_HEADER = 20
"""Bytes of PostgreSQL's binary form of an array before its elements, each of which comes after its length."""
FEW_PLACES = 200
GENERATED = {
    True: "recording_id IN (SELECT id FROM recording WHERE demo)",
    False: "recording_id NOT IN (SELECT id FROM recording WHERE demo)",
}


def observation_rows(  # noqa: PLR0913 (each leaves out more)
    session: Session,
    indicator_ids: Collection[int],
    periods: Collection[int],
    *,
    cutoff: int | None = None,
    since: int | None = None,
    demo: bool | None = None,
    place_ids: Collection[int] | None = None,
) -> NDArray[Any]:
    """The observations in force, or those that were at recording `cutoff`, as a structured array of `ROW`.

    With `since`, only those that this recording or a later one brought; with `demo`, only those of recordings that
    are generated, or that are not. More than `FEW_PLACES` are not looked for
    one by one: then all places are given.
    """
    if not indicator_ids or not periods:
        return np.empty(0, ROW)
    where = [f"indicator_id IN ({_numbers(indicator_ids)})", _within(periods), _known(cutoff)]
    if place_ids is not None and len(place_ids) <= FEW_PLACES:
        where.append(f"place_id IN ({_numbers(place_ids) or 'NULL'})")
    if since is not None:
        where.append(f"recording_id >= {int(since)}")
    if demo is not None:
        where.append(GENERATED[demo])
    condition = " AND ".join(where)
    connection = session.connection()
    return _from_sqlite(connection, condition) if is_sqlite(connection) else _from_postgres(connection, condition)


def _known(cutoff: int | None) -> str:
    """What was in force at a recording: it was there, and what superseded it, if anything, came later."""
    if cutoff is None:
        return "superseded_by IS NULL"
    return f"recording_id <= {int(cutoff)} AND (superseded_by IS NULL OR superseded_by > {int(cutoff)})"


def _within(periods: Collection[int]) -> str:
    if isinstance(periods, range):
        return f"period BETWEEN {periods[0]} AND {periods[-1]}"
    return f"period IN ({_numbers(periods)})"


def _numbers(values: Collection[int]) -> str:
    return ", ".join(str(int(value)) for value in sorted(values))


def _from_sqlite(connection: Connection, condition: str) -> NDArray[Any]:
    fields = f"place_id, indicator_id, period, ifnull(value, {EMPTY}), unicode(status), revision, source_id"
    cursor = connection.connection.cursor()
    try:
        rows = cursor.execute(f"SELECT {fields} FROM observation WHERE {condition}")  # noqa: S608 (numbers only)
        # Row by row into one array: a list of all rows takes twice as long, and much memory.
        flat = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, len(FIELDS))
    finally:
        cursor.close()
    found = np.empty(len(flat), ROW)
    for column, name in enumerate(FIELDS):
        found[name] = flat[:, column]
    found["value"][np.isinf(found["value"])] = np.nan
    return found


def _from_postgres(connection: Connection, condition: str) -> NDArray[Any]:
    # One row an indicator and period, its columns as binary arrays: a row each costs four times as much.
    arrays = ", ".join(f"array_send(array_agg({expression}))" for expression, _ in ARRAYS.values())
    query = f"SELECT indicator_id, period, {arrays} FROM observation WHERE {condition} GROUP BY 1, 2"  # noqa: S608 (numbers only)
    with connection.connection.driver_connection.cursor(binary=True) as cursor:  # type: ignore[union-attr]
        groups = cursor.execute(query).fetchall()
    return np.concatenate([np.empty(0, ROW), *(_block(*group) for group in groups)])


def _block(indicator: int, period: int, *packed: bytes) -> NDArray[Any]:
    """The rows of one indicator and period."""
    columns = {name: _elements(data, kind) for (name, (_, kind)), data in zip(ARRAYS.items(), packed, strict=True)}
    block = np.empty(len(columns["place_id"]), ROW)
    block["indicator_id"], block["period"] = indicator, period
    for name, column in columns.items():
        block[name] = column
    return block


def _elements(data: bytes, kind: str) -> NDArray[Any]:
    """The elements of an array without nulls in PostgreSQL's binary form."""
    return np.frombuffer(data, np.dtype([("length", ">i4"), ("value", kind)]), offset=ARRAY_HEADER)["value"]

"""Rows of an answer in JSON, as a table: what a service gives, read like a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cityindex.errors import Invalid

LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Records:
    """The rows of an answer: `header` are all keys in their first order; rows are counted from 1."""

    header: tuple[str, ...]
    listed: tuple[Mapping[str, str], ...]

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        for at, row in enumerate(self.listed, start=1):
            yield at, {name: row.get(name, "") for name in self.header}


def read_records(path: Path, under: str) -> Records:
    """The rows that stand under a key (levels parted by full stops), or the whole where it is a list. `Invalid`."""
    if path.stat().st_size > LARGEST:
        raise Invalid(f"{path.name} is larger than {LARGEST // 1024 // 1024} MB: ask for fewer rows at once")
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{path.name} is no JSON (line {error.lineno}): save the answer again") from None
    for key in filter(None, under.split(".")):
        found = found.get(key) if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Invalid(f"{path.name} has no list of rows under `{under}`: correct `records` of the feed")
    header = tuple(dict.fromkeys(str(key) for row in found for key in row))
    return Records(header, tuple({str(key): _text(value) for key, value in row.items()} for row in found))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value)

"""Small frameworks and panels for tests, and the shared data where they are."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import Panel

OPEN = Rule("weight", {"share": 0.0})
ANY = Rule("share", {"coverage": 0})
SHARED = Path(os.environ.get("CITYINDEX_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")


def flat(
    indicators: Sequence[Indicator | str],
    *,
    weights: Sequence[float] | None = None,
    node: Mapping[str, Any] | None = None,
    **options: Any,
) -> Framework:
    """A framework of one node; no gate of coverage unless `method` has one."""
    made = [item if isinstance(item, Indicator) else Indicator(item) for item in indicators]
    shares = weights or [1.0] * len(made)
    leaves = tuple(Leaf(item.code, weight) for item, weight in zip(made, shares, strict=True))
    options.setdefault("method", method())
    return Framework("test", Node("index", leaves, **(node or {})), {item.code: item for item in made}, **options)


def method(**options: Any) -> Method:
    """The defaults without gates of coverage."""
    return Method(**{"coverage": OPEN, "screen": ANY, **options})


def panel(
    columns: Mapping[str, Any], *, places: Sequence[str] | None = None, periods: Sequence[int] = (2023,), **options: Any
) -> Panel:
    """A panel from columns, each (places) or (periods, places)."""
    arrays = [np.asarray(column, dtype=np.float64) for column in columns.values()]
    values = np.stack([array.reshape(len(periods), -1) for array in arrays], axis=-1)
    names = tuple(places or [f"p{place:04d}" for place in range(values.shape[1])])
    return Panel(names, tuple(periods), tuple(columns), values, **options)


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """The rows of a CSV file, packed or not."""
    content = Path(path).read_bytes()
    text = gzip.decompress(content) if str(path).endswith(".gz") else content
    return list(csv.DictReader(text.decode("utf-8-sig").splitlines()))


def number(cell: str) -> float:
    return float(cell) if cell not in ("", "NA") else np.nan


def columns_of(path: str | Path, key: str) -> tuple[list[str], dict[str, list[float]]]:
    """The names and the numeric columns of a CSV file."""
    rows = read_rows(path)
    names = [row.pop(key) for row in rows]
    return names, {name: [number(row[name]) for row in rows] for name in rows[0]}

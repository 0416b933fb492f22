"""The values of a map for the way: columns of whole numbers, sorted so that neighbours are alike and pack small."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

MORE = 2
"""Decimals beyond the ones that are shown."""
FAINT = 0.75
"""Below this coverage a place is drawn faint."""
STANDING_IN = ("inherited", "filled", "imputed")
"""Flags of values that stand in for one: the province's, an earlier year's, a computed one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a map shows of a place: its value, its rank with the ends of its interval, and how far to trust it.

    `coverage` is the share of weight with a figure, from 0 to 1; None where it is not known.
    """

    value: float | None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    coverage: float | None = None
    flag: str = ""

    @property
    def standing_in(self) -> bool:
        return self.value is not None and self.flag in STANDING_IN

    @property
    def faint(self) -> bool:
        return self.value is not None and self.coverage is not None and self.coverage < FAINT


def grid(value: float, decimals: int) -> int:
    """A value in steps of the `decimals` that are sent, cut and not rounded: it never reaches a break from below."""
    # The small addend keeps what is a whole step but for the last bit of a float.
    return math.floor(value * float(10**decimals) + 1e-6)


def on_grid(value: float, decimals: int) -> float:
    return grid(value, decimals) / float(10**decimals)


def decimals_of(values: Iterable[float | None], shown: int) -> int:
    """The decimals to send: `shown` and `MORE`, or fewer where all values are whole steps already."""
    present = np.array([value for value in values if value is not None], dtype=float)
    enough = (
        decimals
        for decimals in range(shown + MORE)
        if np.array_equal(np.round(present, decimals), present)  # bit by bit: nothing is lost
    )
    return next(enough, shown + MORE)


def best_first(cells: Mapping[str, Cell]) -> list[str]:
    """Codes by rank, then by value from the highest down, those without either last."""
    return sorted(cells, key=lambda code: _place_in_order(code, cells[code]))


def packed(cells: Mapping[str, Cell], decimals: int) -> bytes:
    """JSON of columns that `static/js/map-data.js` reads.

    `codes` in order of their letters, a number being the step from the code before; `order`: positions in `codes`, best
    first. All others follow `order`: `values` as steps from the one before (null: none) in units of
    `1 / 10 ** decimals`, `ranks` as rank less position (null: none), `lows` and `highs` as distance from the rank,
    `coverage` in percent; `standing` holds positions in `order`. A column that says nothing is left out.
    """
    codes = sorted(cells)
    at = {code: number for number, code in enumerate(codes)}
    order = best_first(cells)
    rows = [cells[code] for code in order]
    body: dict[str, Any] = {
        "decimals": decimals,
        "codes": packed_codes(codes),
        "order": [at[code] for code in order],
        "values": _steps([None if row.value is None else grid(row.value, decimals) for row in rows]),
        "ranks": [None if row.rank is None else row.rank - number for number, row in enumerate(rows, 1)],
        "lows": [_away(row.rank, row.rank_low) for row in rows],
        "highs": [_away(row.rank_high, row.rank) for row in rows],
        "coverage": [None if row.coverage is None else math.floor(row.coverage * 100 + 1e-9) for row in rows],
        "standing": [number for number, row in enumerate(rows) if row.standing_in],
    }
    always = ("decimals", "codes", "order", "values")
    return orjson.dumps({name: column for name, column in body.items() if name in always or _says(column)})


def packed_codes(codes: Sequence[str]) -> list[str | int]:
    """Codes in order of their letters; a number is the step from the code before, with as many digits."""
    return list(_code_steps(codes))


def _says(column: Any) -> bool:
    return any(item is not None for item in column)


def _place_in_order(code: str, cell: Cell) -> tuple[bool, int, bool, float, str]:
    return cell.rank is None, cell.rank or 0, cell.value is None, -(cell.value or 0.0), code


def _steps(values: Sequence[int | None]) -> list[int | None]:
    steps: list[int | None] = []
    before = 0
    for value in values:
        steps.append(None if value is None else value - before)
        before = before if value is None else value
    return steps


def _code_steps(codes: Sequence[str]) -> Iterator[str | int]:
    before = ""
    for code in codes:
        alike = code.isascii() and code.isdigit() and before.isdigit() and len(code) == len(before)
        yield int(code) - int(before) if alike else code
        before = code if code.isascii() else ""


def _away(upper: int | None, lower: int | None) -> int | None:
    return None if upper is None or lower is None else upper - lower

"""Values come out of their columns as they went in, cut to the grid, and never reach a break from below."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cityindex.maps.columns import Cell, best_first, decimals_of, grid, on_grid, packed, packed_codes

VALUES = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False))
CODES = st.one_of(st.from_regex(r"[0-9]{7}", fullmatch=True), st.from_regex(r"[A-Z]{1,4}[0-9]{0,4}", fullmatch=True))


def unpacked_codes(steps: list[Any]) -> list[str]:
    """What `static/js/map-data.js` does."""
    found: list[str] = []
    for step in steps:
        found.append(str(int(found[-1]) + step).zfill(len(found[-1])) if isinstance(step, int) else step)
    return found


def unpacked(body: bytes) -> dict[str, tuple[float | None, int | None, int | None, int | None]]:
    said = json.loads(body)
    codes, total, found = unpacked_codes(said["codes"]), 0, {}
    for at, position in enumerate(said["order"]):
        step = said["values"][at]
        total += step or 0
        rank = said["ranks"][at] if "ranks" in said else None
        rank = None if rank is None else rank + at + 1
        low = said["lows"][at] if rank and "lows" in said else None
        high = said["highs"][at] if rank and "highs" in said else None
        found[codes[position]] = (
            None if step is None else total / 10 ** said["decimals"],
            rank,
            None if low is None or rank is None else rank - low,
            None if high is None or rank is None else rank + high,
        )
    return found


@given(st.lists(CODES, unique=True, max_size=40))
def test_codes_come_out_as_they_went_in(codes: list[str]) -> None:
    assert unpacked_codes(packed_codes(sorted(codes))) == sorted(codes)


@given(st.dictionaries(CODES, VALUES, max_size=30), st.integers(0, 4))
def test_values_come_out_cut_to_the_grid(values: dict[str, float | None], decimals: int) -> None:
    cells = {code: Cell(value) for code, value in values.items()}
    expected = {code: (None if v is None else on_grid(v, decimals), None, None, None) for code, v in values.items()}
    assert unpacked(packed(cells, decimals)) == expected


def test_ranks_come_with_their_intervals() -> None:
    cells = {
        "1000001": Cell(50.0, 2, 1, 3, 0.9),
        "1000002": Cell(50.0, 2, 2, 4, 1.0),
        "1000003": Cell(70.5, 1, 1, 2, 0.5),
        "BMA": Cell(None, flag="missing"),
    }
    assert best_first(cells) == ["1000003", "1000001", "1000002", "BMA"]
    body = packed(cells, 1)
    assert unpacked(body) == {
        "1000003": (70.5, 1, 1, 2),
        "1000001": (50.0, 2, 1, 3),
        "1000002": (50.0, 2, 2, 4),
        "BMA": (None, None, None, None),
    }
    assert json.loads(body)["coverage"] == [50, 90, 100, None]


def test_what_stands_in_and_what_is_faint() -> None:
    assert Cell(1.0, flag="inherited").standing_in
    assert not Cell(None, flag="inherited").standing_in
    assert Cell(1.0, coverage=0.7).faint
    assert not Cell(1.0, coverage=0.75).faint
    assert json.loads(packed({"a": Cell(1.0), "b": Cell(2.0, flag="filled")}, 0))["standing"] == [0]


@given(st.floats(0, 1e6, allow_nan=False), st.integers(0, 4), st.integers(0, 10**6))
def test_a_value_never_reaches_a_break_from_below(value: float, decimals: int, steps: int) -> None:
    cut = steps / 10**decimals
    assert (grid(value, decimals) >= steps) == (value >= cut or grid(value, decimals) == steps)
    assert on_grid(cut, decimals) == cut
    assert on_grid(value, decimals) <= value + 2e-6


def test_whole_numbers_are_sent_as_whole_numbers() -> None:
    assert decimals_of([1.0, 25_000.0, None], 0) == 0
    assert decimals_of([1.5, 2.25], 1) == 2
    assert decimals_of([1 / 3], 1) == 3

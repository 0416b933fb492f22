"""Two variables in one map: every place is in one of nine cells or in one of three rows of gaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cityindex.maps.crossed import crossed
from cityindex.maps.palettes import BIVARIATE

VALUES = st.dictionaries(st.sampled_from("abcdefghij"), st.one_of(st.none(), st.floats(0, 10)))


@given(VALUES, VALUES)
def test_every_place_is_counted_once(first: dict[str, float | None], second: dict[str, float | None]) -> None:
    grid = crossed(first, second, ([3, 6], [4, 8]))
    counted = sum(sum(row) for row in grid.counts) + grid.only_first + grid.only_second + grid.neither
    assert counted == len(first)


def test_counts_by_hand_and_looks_that_agree() -> None:
    first = {"a": 1.0, "b": 3.0, "c": 9.0, "d": None, "e": 5.0, "f": None}
    second = {"a": 9.0, "b": 3.9, "c": 8.0, "d": 1.0, "f": None}
    grid = crossed(first, second, ([3, 6], [4, 8]))
    assert grid.counts == ((0, 0, 1), (1, 0, 0), (0, 0, 1))
    assert (grid.only_first, grid.only_second, grid.neither) == (1, 1, 1)
    assert grid.look(1.0, 9.0).fill == BIVARIATE[0][2]
    assert [grid.look(*pair).hatch for pair in ((5.0, None), (None, 1.0), (None, None))] == ["first", "second", "none"]


def test_ties_leave_fewer_classes() -> None:
    grid = crossed({"a": 1.0, "b": 1.0}, {"a": 2.0, "b": 5.0}, ([], [5]))
    assert grid.counts[0] == (1, 1, 0)

"""Every place is in one class or among the missing, and breaks lie where they are said to lie."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.maps.classes import (
    METHODS,
    Shades,
    classify,
    deviation_breaks,
    equal_breaks,
    natural_breaks,
    quantile_breaks,
    through,
)

VALUES = st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60)
NUMBERS = [3.0, 4.0, 4.5, 9.0, 10.0, 10.5, 30.0, 31.0, 32.5, 60.0, 61.0, 95.0]


@given(VALUES, st.integers(2, 7))
def test_every_place_is_counted_once(values: list[float | None], count: int) -> None:
    for breaks in (*(method(values, count) for method in METHODS.values()), [20, 40, 60, 80]):
        scale = classify(values, breaks)
        assert sum(item.count for item in scale.classes) + scale.missing == len(values)
        assert scale.missing == values.count(None)


@given(VALUES, st.integers(2, 7))
def test_breaks_grow_and_are_no_more_than_asked_for(values: list[float | None], count: int) -> None:
    for method in METHODS.values():
        breaks = method(values, count)
        assert breaks == sorted(set(breaks))
        assert len(breaks) < count


@given(VALUES)
def test_quantile_breaks_are_values_that_occurred(values: list[float | None]) -> None:
    assert set(quantile_breaks(values)) <= set(values)


def test_a_value_on_a_break_is_in_the_higher_class() -> None:
    assert [item.count for item in classify([20.0, 19.9, 100.0], [20, 50], ends=(0, 100)).classes] == [1, 1, 1]


def test_the_ends_of_the_scale_are_shown_where_they_are_known() -> None:
    scale = classify([30.0], [20, 50], ["C", "B", "A"], (0, 100))
    assert [(item.low, item.high, item.name) for item in scale.classes] == [(0, 20, "C"), (20, 50, "B"), (50, 100, "A")]


def test_breaks_outside_of_the_values_make_empty_classes() -> None:
    scale = classify([5.0, 6.0], [0.0, 10.0])
    assert [(item.low, item.high, item.count) for item in scale.classes] == [(0, 0, 0), (0, 10, 2), (10, 10, 0)]


def test_equal_values_need_no_breaks() -> None:
    for method in METHODS.values():
        assert method([3.0, 3.0, 3.0], 5) == []
    assert [item.count for item in classify([3.0, 3.0, None], []).classes] == [2]


def test_no_values_make_no_classes() -> None:
    assert classify([None, None], []).classes == ()


def test_colours_belong_to_classes() -> None:
    scale = classify([1.0, 5.0, 9.0], [4, 8])
    assert [scale.colour_of(value) for value in (1.0, 4.0, 8.0)] == [item.colour for item in scale.classes]
    assert classify([1.0], [0.5], shades=Shades("greys")).classes[1].colour == "#252525"


@pytest.mark.parametrize("count", [2, 3, 4])
def test_natural_breaks_are_the_best_there_are(count: int) -> None:
    """By hand: all ways to cut the numbers are tried."""
    numbers = np.array(NUMBERS)

    def within(cuts: tuple[int, ...]) -> float:
        return sum(float(((part - part.mean()) ** 2).sum()) for part in np.split(numbers, cuts))

    best = min(combinations(range(1, len(numbers)), count - 1), key=within)
    assert natural_breaks(NUMBERS, count) == [NUMBERS[at] for at in best]


@pytest.mark.filterwarnings("ignore:Numba not installed")
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=8, max_size=40, unique=True), st.integers(3, 5))
def test_natural_breaks_agree_with_mapclassify(numbers: list[int], count: int) -> None:
    from mapclassify import FisherJenks

    theirs = FisherJenks(np.array(numbers, dtype=float), k=count)
    breaks = natural_breaks([float(one) for one in numbers], count)
    ordered = np.sort(numbers)
    ours = np.split(ordered, np.searchsorted(ordered, breaks))
    others = np.split(ordered, np.searchsorted(ordered, theirs.bins[:-1], side="right"))
    spread = [sum(float(((part - part.mean()) ** 2).sum()) for part in parts if len(part)) for parts in (ours, others)]
    assert spread[0] <= spread[1] + 1e-6


def test_equal_and_deviation_breaks_by_hand() -> None:
    assert equal_breaks([0.0, 10.0], 5) == pytest.approx([2, 4, 6, 8])
    numbers = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]  # mean 5, standard deviation 2.138
    assert deviation_breaks(numbers, 5) == pytest.approx([5 - 0.5 * 2.13809, 5 + 0.5 * 2.13809, 5 + 1.5 * 2.13809])
    assert deviation_breaks(numbers, 4) == pytest.approx([5 - 2.13809, 5, 5 + 2.13809])


def test_a_break_moves_to_the_middle() -> None:
    assert through([10.0, 20.0, 30.0], 21) == [10, 21, 30]
    assert through([], 21) == [21]

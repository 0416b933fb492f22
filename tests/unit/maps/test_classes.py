"""Every place is in one class or among the missing, and breaks lie where they are said to lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.maps.classes import COLOURS, classify, equal_breaks, quantile_breaks, spread

VALUES = st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60)


@given(VALUES)
def test_every_place_is_counted_once(values: list[float | None]) -> None:
    for breaks in (quantile_breaks(values), equal_breaks(values), [20, 40, 60, 80]):
        scale = classify(values, breaks)
        assert sum(item.count for item in scale.classes) + scale.missing == len(values)
        assert scale.missing == values.count(None)


@given(VALUES)
def test_quantile_breaks_are_values_that_occurred(values: list[float | None]) -> None:
    breaks = quantile_breaks(values)
    assert breaks == sorted(set(breaks))
    assert set(breaks) <= set(values)


def test_a_value_on_a_break_is_in_the_higher_class() -> None:
    assert [item.count for item in classify([20.0, 19.9, 100.0], [20, 50], ends=(0, 100)).classes] == [1, 1, 1]


def test_the_ends_of_the_scale_are_shown_where_they_are_known() -> None:
    scale = classify([30.0], [20, 50], ["C", "B", "A"], (0, 100))
    assert [(item.low, item.high, item.name) for item in scale.classes] == [(0, 20, "C"), (20, 50, "B"), (50, 100, "A")]


def test_equal_values_need_no_breaks() -> None:
    assert quantile_breaks([3.0, 3.0, 3.0]) == equal_breaks([3.0, 3.0]) == []
    assert [item.count for item in classify([3.0, 3.0, None], []).classes] == [2]


def test_no_values_make_no_classes() -> None:
    assert classify([None, None], []).classes == ()


@pytest.mark.parametrize("count", range(2, len(COLOURS) + 1))
def test_few_classes_use_the_whole_range_of_colours(count: int) -> None:
    colours = spread(count)
    assert colours[0] == COLOURS[0]
    assert colours[-1] == COLOURS[-1]
    assert len(set(colours)) == count

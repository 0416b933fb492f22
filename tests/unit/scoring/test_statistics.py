"""Statistics and ranks against plain definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.scoring import rank, statistics
from cityindex.scoring.framework import Bands
from cityindex.scoring.pipeline import FLAG_NAMES, Flag, score
from tests.unit.scoring.frames import flat, panel

GAP = np.nan
numbers = st.lists(
    st.one_of(st.integers(-9, 9).map(float), st.floats(-1e9, 1e9), st.just(GAP)), min_size=1, max_size=40
)


@settings(max_examples=150, deadline=None)
@given(numbers)
def test_ranks_are_one_more_than_the_places_ahead(values: list[float]) -> None:
    scores = np.array(values)
    expected = [0 if np.isnan(x) else 1 + int((scores > x).sum()) for x in scores]
    assert rank.competition_ranks(scores).tolist() == expected


def test_ranks_tell_doubles_apart_that_differ_in_the_last_bit() -> None:
    rng = np.random.default_rng(3)
    scores = 1 + rng.integers(0, 40, 500) * np.finfo(float).eps
    expected = [1 + int((scores > x).sum()) for x in scores]
    assert rank.competition_ranks(scores).tolist() == expected


def test_zeros_of_either_sign_tie() -> None:
    assert rank.competition_ranks(np.array([0.0, -0.0, -1.0])).tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("ties", "expected"), [("min", [1, 2, 2, 4, GAP]), ("max", [1, 3, 3, 4, GAP]), ("average", [1, 2.5, 2.5, 4, GAP])]
)
def test_ties(ties: str, expected: list[float]) -> None:
    np.testing.assert_array_equal(rank.ascending_ranks(np.array([1.0, 5, 5, 7, GAP]), ties), expected)


def test_nobody_to_rank() -> None:
    assert rank.competition_ranks(np.full((2, 3), GAP)).tolist() == [[0, 0, 0]] * 2
    assert np.isnan(rank.percentiles(np.zeros((1, 3), dtype=np.int32))).all()
    assert rank.percentiles(np.array([1, 0], dtype=np.int32))[0] == 100


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-20, 20).map(float), min_size=5, max_size=30))
def test_moments_are_those_of_their_definition(values: list[float]) -> None:
    x = np.array(values)
    skew, kurtosis = (float(moment) for moment in statistics.shape(x))
    if x.min() == x.max():
        assert np.isnan(skew)
        assert np.isnan(kurtosis)
        return
    n, c = x.size, x - x.mean()
    g1 = n**0.5 * (c**3).sum() / (c**2).sum() ** 1.5
    r = n * (c**4).sum() / (c**2).sum() ** 2
    assert skew == pytest.approx(g1 * (n * (n - 1)) ** 0.5 / (n - 2), abs=1e-9)
    assert kurtosis == pytest.approx(((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3)), abs=1e-9)


def test_missing_values_are_left_out() -> None:
    with_gaps = np.array([[1.0, GAP, 2.0, 5.0, GAP, 7.0, 11.0]])
    without = with_gaps[~np.isnan(with_gaps)][None]
    for function in (statistics.mean, statistics.sd, statistics.median, lambda x: np.array(statistics.shape(x))):
        np.testing.assert_allclose(function(with_gaps), function(without))


def test_the_table() -> None:
    values: Any = [0.0, 0.0, 0.0, 3.0, GAP, GAP]
    [line] = score(flat(["x"]), panel({"x": values})).statistics
    assert (line.indicator, line.period, line.n, line.min, line.max) == ("x", 2023, 4, 0, 3)
    assert (line.mean, line.median, line.sd, line.largest_tie) == (0.75, 0, 1.5, 3)
    assert (line.availability, line.nonzero, line.unique) == (4 / 6, 0.25, 0.5)
    assert line.flags == ("zeros",)  # a skew of exactly 2 passes


def test_the_table_of_nothing() -> None:
    [line] = score(flat(["x"]), panel({"x": [GAP, GAP]})).statistics
    assert (line.n, line.availability, line.largest_tie, line.flags) == (0, 0, 0, ("availability",))
    assert np.isnan([line.min, line.mean, line.median, line.sd, line.skew]).all()


def test_the_limits_of_the_test_of_outliers() -> None:
    """|skew| < 2 or kurtosis < 3.5 passes; who reaches both limits fails, and only who exceeds both is flagged."""
    skew, kurtosis = np.array([2.0, 1.999, 2.0, -2.0, GAP]), np.array([3.5, 9.0, 3.499, 4.0, GAP])
    assert statistics.outlying(skew, kurtosis).tolist() == [True, False, False, True, False]
    assert statistics.outlying(skew, kurtosis, 1.5, 9.0).tolist() == [False, True, False, False, False]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-9, 7.7e15])
@pytest.mark.parametrize("n", [3, 7, 10, 49])
def test_a_constant_has_no_shape_whatever_rounding_leaves(value: float, n: int) -> None:
    assert np.isnan(statistics.shape(np.full(n, value))).all()


def test_moments_begin_with_three_and_four_values() -> None:
    for values, defined in (([1.0, 2], (False, False)), ([1.0, 2, 4], (True, False)), ([1.0, 2, 4, 5], (True, True))):
        assert tuple(not np.isnan(moment) for moment in statistics.shape(np.array(values))) == defined


def test_many_columns_are_as_each_alone() -> None:
    columns = np.random.default_rng(4).lognormal(0, 1, (37, 25))
    columns[columns < 0.3] = GAP
    together = statistics.shape(columns)
    for row, column in enumerate(columns):
        for found, alone in zip(together, statistics.shape(column), strict=True):
            assert found[row] == pytest.approx(float(alone), rel=1e-12)


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ([1.0, 2, 3, 4] * 5, ("unique",)),
        ([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10] * 2, ()),
        ([0.0] * 10 + list(range(1, 11)), ()),
        ([0.0] * 11 + list(range(1, 10)), ("zeros",)),
        ([GAP] * 7 + list(range(1, 14)), ()),
        ([GAP] * 8 + list(range(1, 13)), ("availability",)),
        ([*range(1, 20), 400], ("outliers",)),
        ([*range(-19, 0), -400], ("outliers",)),
    ],
)
def test_flags(values: list[float], flags: tuple[str, ...]) -> None:
    [line] = statistics.describe(np.array(values).reshape(1, -1, 1), ("x",), (2023,))
    assert line.flags == flags


def test_lines_come_by_indicator_and_then_by_period() -> None:
    cube = np.arange(24.0).reshape(2, 4, 3)
    lines = statistics.describe(cube, ("a", "b", "c"), (2022, 2023))
    assert [(line.indicator, line.period, line.min) for line in lines] == [
        ("a", 2022, 0), ("a", 2023, 12), ("b", 2022, 1), ("b", 2023, 13), ("c", 2022, 2), ("c", 2023, 14),
    ]  # fmt: skip


def test_shares_of_bands_are_of_those_ranked_in_the_period() -> None:
    scores = np.array([[9.0, 8, 7, 6], [9.0, 8, GAP, GAP]])
    chosen = Bands(("A", "B"), share=(0.5, 0.5))
    assert rank.bands(chosen, scores, rank.competition_ranks(scores)).tolist() == [[0, 0, 1, 1], [0, 1, -1, -1]]


def test_every_flag_has_its_name() -> None:
    assert list(FLAG_NAMES[1:]) == [flag.name.lower().replace("_", "-") for flag in list(Flag)[1:]]
    assert FLAG_NAMES[Flag.NONE] == ""

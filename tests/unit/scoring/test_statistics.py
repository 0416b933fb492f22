"""Statistics and ranks against plain definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.scoring import rank, statistics
from cityindex.scoring.pipeline import score
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

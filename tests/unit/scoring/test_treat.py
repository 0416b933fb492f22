"""Treatment of outliers and imputation: by hand, by brute force, and their edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.scoring import statistics
from cityindex.scoring.framework import Indicator, Leaf, Node, Rule
from cityindex.scoring.matrix import CellStatus
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.winsorise import winsor_bounds
from tests.unit.scoring.frames import flat, method, panel

GAP = np.nan
LIMITS = (2.0, 3.5)


def slowly(values: Any, cap: int) -> Any:
    """The definition, word by word: recompute everything after each step."""
    treated = values.copy()
    high, low = set[int](), set[int]()
    while True:
        skew, kurtosis = (float(moment) for moment in statistics.shape(treated))
        if abs(skew) < LIMITS[0] or kurtosis < LIMITS[1] or len(high) + len(low) >= cap:
            return treated
        before = treated.copy()
        if skew >= 0:
            held, next_ = treated == treated.max(), treated[treated < treated.max()].max()
            high |= set(np.flatnonzero(held).tolist())
        else:
            held, next_ = treated == treated.min(), treated[treated > treated.min()].min()
            low |= set(np.flatnonzero(held).tolist())
        treated[held] = next_
        if treated.min() == treated.max():
            return before


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.booleans(), st.integers(0, 3))
def test_winsorising_is_what_its_definition_says(seed: int, cap: int, rounded: bool, low_tail: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(0, 1.5, 60)
    values[:low_tail] = -rng.lognormal(3, 1, low_tail)
    values = np.round(values) if rounded else values
    low, high, _ = winsor_bounds(np.sort(values), cap, LIMITS)
    np.testing.assert_array_equal(np.clip(values, low, high), slowly(values, cap))


def test_an_outlier_of_any_size_leaves_no_rounding_error_behind() -> None:
    values = np.append(np.arange(50.0), 1e12)
    low, high, passed = winsor_bounds(values, 5, LIMITS)
    assert (low, high, passed) == (0, 49, True)


def run(values: Any, rule: Rule, *, periods: tuple[int, ...] = (2023,), **options: Any) -> ScoreSet:
    made = flat([Indicator("x", **options)], method=method(normalise=Rule("none"), treat=rule))
    return score(made, panel({"x": values}, periods=periods))


SKEWED = np.append(np.arange(40.0), [1000.0])


def test_what_was_done_is_written_down() -> None:
    [line] = run(SKEWED, Rule("winsorise", {"cap": 0.05})).treated
    assert (line.indicator, line.period, line.method, line.points, line.low, line.high) == (
        "x",
        2023,
        "winsorise",
        1,
        0,
        39,
    )
    assert line.skew_before > 2 > abs(line.skew_after)
    assert line.kurtosis_before > 3.5 > line.kurtosis_after


@pytest.mark.parametrize(
    ("values", "how", "expected"),
    [
        (SKEWED, "log", lambda x: np.log(x + 10)),
        (SKEWED, "log-directed", lambda x: np.log(x + 10)),
        (-SKEWED, "log-directed", lambda x: -np.log(10 - x)),
        (SKEWED, "log-plus-one", lambda x: np.log(x + 1)),
        (SKEWED, "box-cox", lambda x: ((x + 1) ** 0.5 - 1) / 0.5),
        (SKEWED, "none", lambda x: x),
    ],
)
def test_a_cap_of_0_goes_straight_to_the_alternative(values: Any, how: str, expected: Any) -> None:
    results = run(values, Rule("winsorise", {"cap": 0, "otherwise": how}))
    np.testing.assert_allclose(results.score[0, :, 1], expected(values))
    assert results.values[0, :, 0].tolist() == values.tolist()


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (np.append(np.arange(17.0), 1000), {}),
        (np.append(np.zeros(50), [1, 2, 900]), {}),
        (SKEWED, {"type": "rubric"}),
        (np.append(np.zeros(50), 1), {"type": "yes-no"}),
        (np.full(40, 3.0), {}),
        (np.arange(40.0), {}),
    ],
)
def test_exempt(values: Any, options: Any) -> None:
    results = run(values, Rule("winsorise", {"cap": 0.1}), **options)
    assert results.score[0, :, 1].tolist() == values.tolist()
    assert all(line.method == "none" for line in results.treated)


MOST_ALIKE = np.append(np.zeros(40), [1.0, 2, 4, 8, 100])


@pytest.mark.parametrize("sign", [1, -1])
def test_winsorising_never_makes_all_places_alike(sign: int) -> None:
    """Five of 45 are all that differ: were they moved in one after another, nothing would be left."""
    values = np.sort(sign * MOST_ALIKE)
    assert winsor_bounds(values, 22, LIMITS) == (values[0], values[-1], False)
    assert winsor_bounds(values, 4, LIMITS)[2] is False


@pytest.mark.parametrize(
    "rule",
    [Rule("winsorise", {"cap": 0.5, "otherwise": "none"}), Rule("clip", {"low": 0.2, "high": 0.8})],
)
def test_what_would_leave_fewer_than_two_values_is_not_done_and_said(rule: Rule) -> None:
    results = run(MOST_ALIKE, rule)
    [line] = results.treated
    assert (line.method, line.points, line.low) == ("untreated", 0, None)
    assert line.skew_after == line.skew_before
    np.testing.assert_array_equal(results.score[0, :, 1], MOST_ALIKE)
    again = score(flat([Indicator("x", treat=rule)], method=method(normalise=Rule("none"))),
                  panel({"x": MOST_ALIKE}), results.parameters)  # fmt: skip
    np.testing.assert_array_equal(again.score, results.score)


def test_percentiles_clip() -> None:
    results = run(np.arange(101.0), Rule("clip", {"low": 0.025, "high": 0.975}))
    assert (results.score[0, 0, 1], results.score[0, 50, 1], results.score[0, 100, 1]) == (2.5, 50, 97.5)
    assert results.treated[0].points == 6


def test_pooled_bounds_hold_for_every_period() -> None:
    both = np.stack((SKEWED, SKEWED * 0.9))
    results = run(both, Rule("winsorise", {"cap": 0.05, "over": "pooled"}), periods=(2022, 2023))
    [line] = results.treated
    assert (line.period, line.points, line.high) == (None, 2, 39)
    assert results.score[:, -1, 1].tolist() == [39, 39]


def test_frozen_bounds_are_applied_to_new_data() -> None:
    made = flat(["x"], method=method(normalise=Rule("none"), treat=Rule("winsorise", {"cap": 0.05})))
    first = score(made, panel({"x": SKEWED}))
    later = score(made, panel({"x": [5.0, 70.0, -3.0]}, periods=(2024,)), first.parameters)
    assert later.score[0, :, 1].tolist() == [5, 39, 0]


def test_a_frozen_logarithm_ends_where_its_reference_does() -> None:
    made = flat(["x"], method=method(normalise=Rule("none"), treat=Rule("winsorise", {"cap": 0})))
    first = score(made, panel({"x": SKEWED}))
    later = score(made, panel({"x": [-500.0, 0.0, 2000.0]}, periods=(2024,)), first.parameters)
    np.testing.assert_allclose(later.score[0, :, 1], np.log([10, 10, 2010]))


def imputed(rule: Rule, columns: Any, **options: Any) -> ScoreSet:
    made = flat(list(columns), method=method(normalise=Rule("none"), impute=rule))
    return score(made, panel(columns, **options))


def test_imputed_values_are_flagged_and_raw_ones_kept() -> None:
    results = imputed(Rule("mean"), {"x": [1.0, GAP, 6.0]})
    assert results.score[0, :, 1].tolist() == [1, 3.5, 6]
    assert results.status[0, :, 0].tolist() == [CellStatus.NORMAL, CellStatus.IMPUTED, CellStatus.NORMAL]
    assert np.isnan(results.values[0, 1, 0])
    assert results.imputed[0, :, 0].tolist() == [0, 1, 0]


def test_a_reference_without_gaps_imputes_later_data() -> None:
    made = flat(["x"], method=method(normalise=Rule("none"), impute=Rule("mean")))
    first = score(made, panel({"x": [1.0, 3.0]}))
    assert score(made, panel({"x": [9.0, GAP]}), first.parameters).score[0, :, 1].tolist() == [9, 2]


def test_an_empty_group_falls_back_to_all_and_says_so() -> None:
    columns = {"x": [1.0, GAP, 3.0, GAP, 8.0, GAP]}
    groups = {"region": ("n", "n", "n", "s", "w", None)}
    results = imputed(Rule("median", {"by": "region"}), columns, attributes=groups)
    assert results.score[0, :, 1].tolist() == [1, 2, 3, 3, 8, 3]
    assert any("1 groups by «region»" in warning for warning in results.warnings)


def test_an_empty_column_stays_empty() -> None:
    assert np.isnan(imputed(Rule("mean"), {"x": [GAP, GAP]}).score[0]).all()


def test_row_means_stay_inside_a_node() -> None:
    tree = Node("index", (Node("a", (Leaf("x"), Leaf("y"))), Node("b", (Leaf("z"),))))
    columns = {"x": [0.0, 10.0, GAP], "y": [4.0, 0.0, 1.0], "z": [1.0, 2.0, 3.0]}
    made = flat(list(columns))
    chosen = method(normalise=Rule("none"), impute=Rule("row-mean"))
    items = {**made.indicators, "y": Indicator("y", direction="lower")}
    results = score(type(made)("test", tree, items, method=chosen), panel(columns))
    assert results.score[0, 2, results.row("x")] == 7.5

"""Contributions and gaps: they sum, they are the known formulas where there are some, and say what cannot be said."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring import explain
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.shares import subsets
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.worlds import NAMES, PLACES, World, worlds

QUICK = settings(max_examples=60, deadline=None)
PLACE = st.integers(0, PLACES - 1)


def row_of(world: World, place: int, period: int = 2023) -> Row:
    return Row.of(world.results, NAMES[place], period, {"group": "ab"[place % 2]})


@QUICK
@given(worlds(), PLACE)
def test_children_sum_to_their_parent_down_to_the_indicators(world: World, place: int) -> None:
    row, frozen = row_of(world, place), Frozen.of(world.framework, world.results, 2023)
    assume(not np.isnan(row.score[0]))
    found = explain.contributions(frozen, row)
    assert found.contribution[0] == row.score[0]
    for branch in frozen.plan.branches:
        if not np.isnan(row.score[branch.row]) and found.effective[branch.row] > 0:
            parts = found.contribution[list(branch.children)]
            assert abs(parts.sum() - found.contribution[branch.row]) <= 1e-9 * max(1, np.abs(parts).sum())
            assert found.effective[list(branch.children)].sum() == pytest.approx(found.effective[branch.row])


@QUICK
@given(worlds(), PLACE, PLACE)
def test_effects_and_coverage_sum_to_the_gap(world: World, place: int, other: int) -> None:
    frozen = Frozen.of(world.framework, world.results, 2023)
    one, two = row_of(world, place), row_of(world, other)
    assume(not np.isnan(one.score[0]) and not np.isnan(two.score[0]))
    found = explain.gap(frozen, one, two)
    leaves = frozen.plan.leaf_rows
    scale = max(1.0, float(np.abs(found.effect).sum() + np.abs(found.coverage).sum()))
    total = found.effect[0]
    assert total == found.gap
    for branch in frozen.plan.branches:
        if np.isnan(one.score[branch.row]) or np.isnan(two.score[branch.row]):
            continue
        below = found.effect[list(branch.children)].sum() + found.coverage[branch.row]
        assert abs(below - found.effect[branch.row]) <= 1e-9 * scale
    if np.array_equal(np.isnan(one.score), np.isnan(two.score)):
        assert not found.coverage.any()
        assert abs(found.effect[leaves].sum() - total) <= 1e-9 * scale


@QUICK
@given(worlds(), PLACE)
def test_a_place_does_not_differ_from_itself(world: World, place: int) -> None:
    row, frozen = row_of(world, place), Frozen.of(world.framework, world.results, 2023)
    assume(not np.isnan(row.score[0]))
    found = explain.gap(frozen, row, row)
    assert not found.effect.any()
    assert not found.coverage.any()


def made(rule: Rule, values: dict[str, Any], weights: list[float], **node: Any) -> tuple[Framework, ScoreSet]:
    chosen = method(normalise=Rule("none"))
    framework = flat(list(values), weights=weights, method=chosen, node={"aggregate": rule, **node}, scale=(0, 100))
    return framework, score(framework, panel(values))


def test_arithmetic_contributions_are_weight_times_score() -> None:
    framework, results = made(Rule("arithmetic"), {"a": [10, 1], "b": [40, 2], "c": [np.nan, 3]}, [1, 3, 4])
    found = explain.contributions(Frozen.of(framework, results, 2023), Row.of(results, "p0000", 2023))
    assert found.contribution.tolist() == [32.5, 2.5, 30.0, 0.0]
    assert found.effective.tolist() == [1.0, 0.25, 0.75, 0.0]


def test_geometric_contributions_share_what_is_above_1_by_logarithms() -> None:
    framework, results = made(Rule("geometric"), {"a": [4, 1], "b": [64, 2]}, [1, 1])
    found = explain.contributions(Frozen.of(framework, results, 2023), Row.of(results, "p0000", 2023))
    logs = 0.5 * np.log([4, 64])
    np.testing.assert_allclose(found.contribution[1:], 0.5 + 15 * logs / logs.sum())


def test_a_geometric_gap_is_the_logarithmic_mean_of_the_two() -> None:
    framework, results = made(Rule("geometric"), {"a": [4, 9], "b": [64, 4]}, [1, 3])
    frozen = Frozen.of(framework, results, 2023)
    found = explain.gap(frozen, Row.of(results, "p0000", 2023), Row.of(results, "p0001", 2023))
    one, two = results.score[0, :, 0]
    mean = (one - two) / np.log(one / two)
    np.testing.assert_allclose(found.effect[1:], mean * np.array([0.25, 0.75]) * np.log([4 / 9, 64 / 4]))


def test_shapley_is_the_mean_over_all_orders() -> None:
    framework, results = made(Rule("harmonic"), {"a": [2, 5], "b": [3, 7], "c": [6, 4]}, [1, 2, 3])
    frozen = Frozen.of(framework, results, 2023)
    found = explain.gap(frozen, Row.of(results, "p0000", 2023), Row.of(results, "p0001", 2023))
    weights, start, end = np.array([1, 2, 3]) / 6, np.array([5.0, 7, 4]), np.array([2.0, 3, 6])
    expected = np.zeros(3)
    for order in permutations(range(3)):
        now = start.copy()
        for child in order:
            before = 1 / (weights / now).sum()
            now[child] = end[child]
            expected[child] += (1 / (weights / now).sum() - before) / 6
    np.testing.assert_allclose(found.effect[1:], expected)


def test_the_weakest_link_takes_from_the_top() -> None:
    framework, results = made(Rule("minimum"), {"a": [100, 1], "b": [40, 2]}, [1, 1])
    found = explain.contributions(Frozen.of(framework, results, 2023), Row.of(results, "p0000", 2023))
    np.testing.assert_allclose(found.contribution, [40, 50, -10])


def test_many_children_still_sum() -> None:
    values = {f"c{k}": [10.0 + k, 30.0 - k] for k in range(14)}
    framework, results = made(Rule("harmonic"), values, [1.0 + k % 3 for k in range(14)])
    frozen = Frozen.of(framework, results, 2023)
    one, two = Row.of(results, "p0000", 2023), Row.of(results, "p0001", 2023)
    assert explain.contributions(frozen, one).contribution[1:].sum() == pytest.approx(one.score[0], abs=1e-9)
    found = explain.gap(frozen, one, two)
    assert found.effect[1:].sum() == pytest.approx(found.gap, abs=1e-9)


def test_factors_of_subsets_are_a_mean_over_orders() -> None:
    inside, factors = subsets(4)
    np.testing.assert_allclose(np.where(inside, factors, 0).sum(axis=1), 1)
    np.testing.assert_allclose(factors.sum(axis=1), 0, atol=1e-15)


def test_what_only_one_place_has_is_coverage() -> None:
    framework, results = made(Rule("arithmetic"), {"a": [10, 20], "b": [np.nan, 60]}, [1, 1])
    frozen = Frozen.of(framework, results, 2023)
    found = explain.gap(frozen, Row.of(results, "p0000", 2023), Row.of(results, "p0001", 2023))
    assert found.effect.tolist() == [-30.0, -10.0, 0.0]
    assert found.coverage.tolist() == [-20.0, 0.0, 0.0]


def test_opposite_effects_inside_an_equal_node_are_shown() -> None:
    inner = Node("inner", (Leaf("a"), Leaf("b")), aggregate=Rule("arithmetic"))
    tree = Node("index", (inner, Leaf("c")), aggregate=Rule("harmonic"))
    framework = Framework(
        "t", tree, {code: Indicator(code) for code in "abc"}, method=method(normalise=Rule("none")), scale=(0, 100)
    )
    results = score(framework, panel({"a": [10, 30], "b": [30, 10], "c": [20, 50]}))
    frozen = Frozen.of(framework, results, 2023)
    found = explain.gap(frozen, Row.of(results, "p0000", 2023), Row.of(results, "p0001", 2023))
    a, b = found.effect[frozen.row("a")], found.effect[frozen.row("b")]
    assert a < -1
    assert a == pytest.approx(-b)


def test_no_score_and_no_node_are_refused() -> None:
    framework, results = made(Rule("arithmetic"), {"a": [10, np.nan], "b": [1, np.nan]}, [1, 1])
    frozen = Frozen.of(framework, results, 2023)
    with pytest.raises(Invalid, match="p0001 has no score in 2023: missing"):
        explain.contributions(frozen, Row.of(results, "p0001", 2023))
    with pytest.raises(Invalid, match="is not in the framework"):
        explain.contributions(frozen, Row.of(results, "p0000", 2023), "nothing")


def test_copeland_is_refused() -> None:
    framework, results = made(Rule("copeland"), {"a": [10, 3], "b": [1, 9]}, [1, 1])
    with pytest.raises(Invalid, match="Copeland"):
        explain.contributions(Frozen.of(framework, results, 2023), Row.of(results, "p0000", 2023))

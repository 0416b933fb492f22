"""Mixes of least effort: they reach their goal, nothing cheaper does, and what is out of reach is said to be."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.mixes import least_effort
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.targets import REASONS, Aim, Goal
from cityindex.scoring.whatif import Standing, rescore
from tests.unit.scoring.frames import flat, method, panel

QUICK = settings(max_examples=40, deadline=None)
CODES = ("a", "b", "c", "d")


def tree(rule: str, weights: list[float], **options: Any) -> Framework:
    posts = Rule("goalposts", {"low": 0, "high": 100})
    inner = Node("inner", (Leaf("a", weights[0]), Leaf("b", weights[1])), weights[4])
    root = Node("index", (inner, Leaf("c", weights[2]), Leaf("d", weights[3])))
    chosen = method(aggregate=Rule(rule), normalise=posts, **options)
    return Framework("t", root, {code: Indicator(code) for code in CODES}, method=chosen, scale=(1, 100))


def aim_of(framework: Framework, results: ScoreSet, goal: Goal, place: str = "p0000") -> Aim:
    row = Row.of(results, place, 2023)
    return Aim(Frozen.of(framework, results, 2023), Standing.of(framework, results, 2023), row, goal)


def reached(aim: Aim, changes: dict[str, float]) -> Any:
    return rescore(aim.frozen, aim.standing, aim.row, changes)


WEIGHTS = st.lists(st.integers(1, 5).map(float), min_size=5, max_size=5)
VALUES = st.lists(st.integers(1, 60).map(float), min_size=4, max_size=4)
COSTS = st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=4, max_size=4)


@QUICK
@given(st.sampled_from(["arithmetic", "geometric"]), WEIGHTS, VALUES, COSTS, st.floats(0.5, 30))
def test_the_mix_reaches_and_nothing_cheaper_does(
    rule: str, weights: list[float], values: list[float], costs: list[float], more: float
) -> None:
    framework = tree(rule, weights)
    results = score(framework, panel({code: [value, 90] for code, value in zip(CODES, values, strict=True)}))
    aim = aim_of(framework, results, Goal(score=float(results.score[0, 0, 0] + more)))
    limits, priced = dict.fromkeys(CODES, 80.0), dict(zip(CODES, costs, strict=True))
    found = least_effort(aim, limits, priced)
    everything = reached(aim, limits).score[0]
    assert found.feasible == (everything >= aim.needed)
    changed = {one.indicator: one.value for one in found.changes}
    assert all(values[CODES.index(code)] < value <= 80 for code, value in changed.items())
    again = reached(aim, changed) if changed else None
    assert again is None or (again.score[0], again.rank) == (found.score, found.rank)
    assume(found.feasible)
    assert found.score >= aim.needed
    moved = sum(priced[one.indicator] * one.points for one in found.changes)
    assert found.effort == pytest.approx(moved)
    assert found.effort <= cheapest(aim, priced) * (1 + 1e-6) + 1e-9


def cheapest(aim: Aim, costs: dict[str, float]) -> float:
    """The least effort of mixes found by hand: some at their limit, or part of the way, and one for the rest."""
    now = {code: float(aim.row.score[aim.frozen.row(code)]) for code in CODES}
    most, best = 1 + 0.99 * 80, np.inf
    for part in (1.0, 0.8, 0.6, 0.4, 0.2):
        for count in range(4):
            for full in combinations(CODES, count):
                for last in set(CODES) - set(full):
                    points = {code: (most - now[code]) * part for code in full}
                    rest = _rest(aim, now, points, last)
                    if rest <= most - now[last] + 1e-9:
                        effort = sum(costs[code] * move for code, move in points.items()) + costs[last] * max(rest, 0)
                        best = min(best, effort)
    return best


def _rest(aim: Aim, now: dict[str, float], points: dict[str, float], last: str) -> float:
    """How many points of the last one are still needed."""
    weights = {"index": 1.0}
    for branch in aim.frozen.plan.branches:
        given_weights = aim.frozen.weights[branch.node.code]
        for row, weight in zip(branch.children, given_weights, strict=True):
            weights[aim.frozen.plan.codes[row]] = weights[branch.node.code] * weight / sum(given_weights)
    after = {code: now[code] + points.get(code, 0.0) for code in CODES}
    if aim.frozen.plan.branches[0].aggregate.method == "arithmetic":
        index = sum(weights[code] * after[code] for code in CODES)
        return (aim.needed - index) / weights[last]
    logs = sum(weights[code] * np.log(after[code]) for code in CODES)
    return float(after[last] * np.exp((np.log(aim.needed) - logs) / weights[last]) - after[last])


def test_the_largest_weight_for_its_cost_goes_first() -> None:
    framework = flat(["a", "b", "c"], weights=[1, 2, 3], method=method(normalise=Rule("none")), scale=(0, 100))
    results = score(framework, panel({"a": [10, 50], "b": [10, 50], "c": [10, 50]}))
    found = least_effort(aim_of(framework, results, Goal(score=20)), {"a": 50, "b": 50, "c": 20}, {"b": 1.0})
    assert [(one.indicator, one.value) for one in found.changes] == [("b", pytest.approx(25)), ("c", 20.0)]
    assert found.effort == pytest.approx(25)
    ranked = least_effort(aim_of(framework, results, Goal(rank=1)), {"c": 90, "b": 90})
    assert ranked.feasible
    assert ranked.rank == 1


def test_geometric_effort_evens_out_what_weighs_alike() -> None:
    chosen = method(normalise=Rule("none"), aggregate=Rule("geometric"))
    framework = flat(["a", "b"], method=chosen, scale=(1, 100))
    results = score(framework, panel({"a": [4, 50], "b": [16, 50]}))
    found = least_effort(aim_of(framework, results, Goal(score=20)), {"a": 50, "b": 50})
    assert {one.indicator: one.value for one in found.changes} == {"a": pytest.approx(20), "b": pytest.approx(20)}


def test_what_cannot_take_part_is_named_and_the_limits_are_told() -> None:
    items = [Indicator("a"), Indicator("b", normalise=Rule("percentile-rank")), Indicator("c")]
    framework = flat(items)
    results = score(framework, panel({"a": [10, 50, 90], "b": [10, 50, 90], "c": [10, 50, 90]}))
    found = least_effort(aim_of(framework, results, Goal(score=90)), {"a": 50, "b": 90, "c": 5})
    assert not found.feasible
    assert [(one.indicator, one.value) for one in found.changes] == [("a", 50.0)]
    assert found.left_out == {"b": "its score moves in steps", "c": "it is at its limit already"}
    nothing = least_effort(aim_of(framework, results, Goal(score=90)), {"c": 5})
    assert (nothing.feasible, nothing.changes, nothing.effort) == (False, (), 0.0)


def test_a_goal_that_is_reached_costs_nothing() -> None:
    framework = flat(["a", "b"])
    results = score(framework, panel({"a": [10, 50, 90], "b": [10, 50, 90]}))
    found = least_effort(aim_of(framework, results, Goal(score=10), "p0001"), {"a": 90})
    assert (found.feasible, found.changes, found.effort, found.score) == (True, (), 0.0, 50.0)


def test_other_trees_and_wrong_limits_are_refused() -> None:
    framework = flat(["a", "b"], node={"aggregate": Rule("harmonic")}, scale=(1, 100))
    results = score(framework, panel({"a": [10, 50, 90], "b": [10, 50, 90]}))
    with pytest.raises(Invalid) as caught:
        least_effort(aim_of(framework, results, Goal(score=10)), {"a": np.inf, "x": 3}, {"b": 0})
    assert [problem.column for problem in caught.value.problems] == ["x", "a", "b", "tree"]


POSTS = Rule("goalposts", {"low": 0, "high": 100})


@pytest.mark.parametrize(
    ("node", "options"),
    [
        ({"round": 2}, {}),
        ({"rescale": POSTS}, {}),
        ({"missing": "zero"}, {}),
        ({"direction": "lower"}, {}),
        ({}, {"impute": Rule("row-mean")}),
        ({}, {"screen": Rule("share", {"coverage": 0, "zeros": 0.9})}),
    ],
)
def test_trees_that_no_mix_is_computed_for(node: dict[str, Any], options: dict[str, Any]) -> None:
    framework = flat(["a", "b"], node=node, method=method(**options))
    results = score(framework, panel({"a": [10, 50, 90], "b": [10, 50, 90]}))
    with pytest.raises(Invalid, match="no mix is computed") as caught:
        least_effort(aim_of(framework, results, Goal(score=40)), {"a": 90})
    assert [problem.column for problem in caught.value.problems] == ["tree"]


def test_only_a_ranked_place_that_can_get_there_has_a_mix() -> None:
    framework = flat(["a", "b"], method=method(screen=Rule("share", {"coverage": 0.9})))
    results = score(framework, panel({"a": [10, 50, 90], "b": [np.nan, 50, 90]}))
    for place, goal in (("p0000", Goal(score=40)), ("p0001", Goal(rank=2))):
        with pytest.raises(Invalid) as caught:
            least_effort(aim_of(framework, results, goal, place), {"a": 90})
        assert caught.value.problems[0].column == "place"


@pytest.mark.parametrize(
    "rule",
    [
        Rule("z-score"),
        Rule("none"),
        Rule("ratio"),
        Rule("distance-to-best"),
        Rule("distance-to-target", {"target": 200}),
        Rule("distance-to-reference", {"place": "p0002"}),
    ],
)
def test_whatever_has_no_steps_takes_part(rule: Rule) -> None:
    framework = flat([Indicator("a", normalise=rule), Indicator("b", normalise=rule)])
    results = score(framework, panel({"a": [10, 50, 90], "b": [10, 50, 90]}))
    now, best = (float(results.score[0, place, 0]) for place in (0, 2))
    found = least_effort(aim_of(framework, results, Goal(score=now + 0.4 * (best - now))), {"a": 90, "b": 90})
    assert found.feasible
    assert not found.left_out
    assert found.score == pytest.approx(now + 0.4 * (best - now))


def test_rounded_indicators_move_in_steps_and_pilots_not_at_all() -> None:
    items = [Indicator("a", round=1), Indicator("b", status="pilot"), Indicator("c"), Indicator("d")]
    framework = flat(items)
    columns = {code: [10.0, 50, 90] for code in "abcd"} | {"d": [np.nan, 50, 90]}
    results = score(framework, panel(columns))
    found = least_effort(aim_of(framework, results, Goal(score=20)), dict.fromkeys("abcd", 80.0))
    assert list(found.left_out) == ["a", "b", "d"]
    assert found.left_out["b"] == REASONS["no-weight"]
    assert found.left_out["d"] == REASONS["missing"]


def test_a_geometric_mix_leaves_out_what_is_not_above_0() -> None:
    chosen = method(normalise=Rule("none"), aggregate=Rule("geometric"), nonpositive=Rule("floor", {"floor": 1.0}))
    framework = flat(["a", "b"], method=chosen, scale=(1, 100))
    results = score(framework, panel({"a": [-2, 50], "b": [16, 50]}))
    found = least_effort(aim_of(framework, results, Goal(score=5)), {"a": 50, "b": 50})
    assert found.left_out == {"a": "its score is not above 0"}
    assert found.score == pytest.approx(5)

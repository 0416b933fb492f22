"""Aggregation: every mean by hand, gaps, coverage, weights, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.errors import DefinitionError, Invalid
from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.pipeline import Flag, ScoreSet, score
from tests.unit.scoring.frames import ANY, OPEN, flat, method, panel

GAP = np.nan
OWN = Rule("none")
X = {"x": [10.0, 20.0, GAP], "y": [40.0, GAP, GAP], "z": [5.0, 80.0, GAP]}
WEIGHTS = [1.0, 2.0, 1.0]


def index(rule: Rule, columns: Any = None, **options: Any) -> ScoreSet:
    chosen = method(normalise=OWN, aggregate=rule, **options)
    data = columns or X
    return score(flat(list(data), weights=WEIGHTS[: len(data)], method=chosen), panel(data))


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        (Rule("arithmetic"), (10 + 80 + 5) / 4, 50),
        (Rule("geometric"), (10 * 40 * 40 * 5) ** 0.25, 40),
        (Rule("harmonic"), 4 / (1 / 10 + 2 / 40 + 1 / 5), 32),
        (Rule("power", {"p": 2}), ((100 + 2 * 1600 + 25) / 4) ** 0.5, (3400) ** 0.5),
        (Rule("power", {"p": 0}), (10 * 40 * 40 * 5) ** 0.25, 40),
        (Rule("power", {"p": -1}), 4 / (1 / 10 + 2 / 40 + 1 / 5), 32),
        (Rule("power", {"p": 0.5}), ((10**0.5 + 2 * 40**0.5 + 5**0.5) / 4) ** 2, 45),
        (Rule("sum"), 55, 100),
        (Rule("product"), 2000, 1600),
        (Rule("minimum"), 5, 20),
        (Rule("median"), 10, 50),
        (Rule("mazziotta-pareto"), 23.75 - (13.75**2 + 2 * 16.25**2 + 18.75**2) / 4 / 23.75, 50 - 900 / 50),
        (
            Rule("mazziotta-pareto", {"sign": 1}),
            23.75 + (13.75**2 + 2 * 16.25**2 + 18.75**2) / 4 / 23.75,
            50 + 900 / 50,
        ),
    ],
)
def test_means(rule: Rule, first: float, second: float) -> None:
    found = index(rule, nonpositive=Rule("refuse")).score[0, :, 0]
    np.testing.assert_allclose(found, [first, second, GAP])


def test_copeland_counts_duels() -> None:
    columns = {"x": [3.0, 2.0, 1.0], "y": [1.0, 2.0, 2.0]}
    # Weights 1 and 2: the second beats the first by y, ties the third in y and beats it by x.
    assert index(Rule("copeland"), columns).score[0, :, 0].tolist() == [-2, 2, 0]


def test_a_mean_of_equal_children_is_their_value_to_the_bit() -> None:
    columns = {name: [0.1, 7.3, 100.0] for name in "abc"}
    for name in ("arithmetic", "geometric", "harmonic"):
        chosen = method(normalise=OWN, aggregate=Rule(name))
        results = score(flat(list(columns), weights=[0.1, 0.2, 0.3], method=chosen), panel(columns))
        assert results.score[0, :, 0].tolist() == [0.1, 7.3, 100.0]


def test_missing_children() -> None:
    columns = {"x": [10.0, 20.0, GAP], "y": [40.0, GAP, GAP]}
    found = {rule: index(Rule("arithmetic"), columns, missing=rule) for rule in ("renormalise", "propagate", "zero")}
    np.testing.assert_allclose(found["renormalise"].score[0, :, 0], [30, 20, GAP])
    np.testing.assert_allclose(found["propagate"].score[0, :, 0], [30, GAP, GAP])
    np.testing.assert_allclose(found["zero"].score[0, :, 0], [30, 20 / 3, GAP])
    assert found["propagate"].flag[0, :, 0].tolist() == [Flag.NONE, Flag.MISSING, Flag.MISSING]


@pytest.mark.parametrize(
    ("rule", "shares", "scored"),
    [
        (Rule("weight", {"share": 0.5}), [1, 0.5, 0], [True, True, False]),
        (Rule("weight", {"share": 0.51}), [1, 0.5, 0], [True, False, False]),
        (Rule("count", {"share": 2 / 3}), [1, 2 / 3, 0], [True, True, False]),
        (Rule("count", {"share": 0.7}), [1, 2 / 3, 0], [True, False, False]),
    ],
)
def test_coverage(rule: Rule, shares: list[float], scored: list[bool]) -> None:
    results = index(Rule("arithmetic"), coverage=rule)
    np.testing.assert_allclose(results.coverage[0, :, 0], shares)
    assert (~np.isnan(results.score[0, :, 0])).tolist() == scored
    low = Flag.NONE if scored[1] else Flag.LOW_COVERAGE
    assert results.flag[0, :, 0].tolist() == [Flag.NONE, low, Flag.MISSING]


def test_a_share_that_rounding_misses_passes() -> None:
    columns = {f"c{i}": [1.0, GAP if i >= 6 else 1.0] for i in range(10)}
    framework = flat(
        list(columns), weights=[0.1] * 10, method=method(normalise=OWN, coverage=Rule("weight", {"share": 0.6}))
    )
    assert not np.isnan(score(framework, panel(columns)).score[0, 1, 0])


def test_a_parent_says_low_coverage_where_its_children_do() -> None:
    tree = Node("index", (Node("part", (Leaf("x"), Leaf("y"), Leaf("z"))),))
    chosen = Method(screen=ANY, normalise=OWN, coverage=Rule("weight", {"share": 0.5}))
    columns = {"x": [1.0, 1.0], "y": [1.0, GAP], "z": [1.0, GAP]}
    results = score(Framework("test", tree, {k: Indicator(k) for k in columns}, method=chosen), panel(columns))
    assert results.flag[0, 1, :2].tolist() == [Flag.LOW_COVERAGE] * 2


def test_rules_of_a_node_come_before_those_of_the_framework() -> None:
    tree = Node(
        "index",
        (Node("a", (Leaf("x"), Leaf("y")), aggregate=Rule("minimum")), Node("b", (Leaf("z"),), round=0)),
        coverage=Rule("weight", {"share": 1.0}),
        aggregate=Rule("sum"),
    )
    columns = {"x": [1.0, 2.0], "y": [3.0, 1.0], "z": [2.6, GAP]}
    framework = Framework("test", tree, {k: Indicator(k) for k in columns}, method=method(normalise=OWN))
    results = score(framework, panel(columns))
    assert results.nodes == ("index", "a", "x", "y", "b", "z")
    assert results.levels == (0, 1, 2, 2, 1, 2)
    assert results.parents == (-1, 0, 1, 1, 0, 4)
    np.testing.assert_allclose(results.score[0, :, [0, 1, 4]], [[4, GAP], [1, 1], [3, GAP]])


def test_rescaled_sums() -> None:
    tree = Node("index", (Node("theme", (Leaf("x"), Leaf("y")), rescale=Rule("percentile-rank")),))
    columns = {"x": [1.0, 2.0, 3.0], "y": [1.0, 1.0, 5.0]}
    chosen = method(normalise=OWN, aggregate=Rule("sum"))
    framework = Framework("test", tree, {k: Indicator(k) for k in columns}, method=chosen, scale=(0, 1))
    results = score(framework, panel(columns))
    assert results.score[0, :, 1].tolist() == [0, 0.5, 1]
    assert results.parameters.fits["rescale"]["theme"]


def test_a_node_whose_rescaled_scores_do_not_vary_leaves_the_tree() -> None:
    tree = Node("index", (Node("theme", (Leaf("x"), Leaf("y")), rescale=Rule("min-max")), Leaf("z")))
    columns = {"x": [1.0, 2.0], "y": [2.0, 1.0], "z": [1.0, 2.0]}
    framework = Framework("test", tree, {k: Indicator(k) for k in columns}, method=method(normalise=OWN))
    results = score(framework, panel(columns))
    assert results.flag[0, :, 1].tolist() == [Flag.NO_VARIATION] * 2
    assert results.score[0, :, 0].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["geometric", "harmonic"])
def test_what_a_mean_cannot_take_is_refused_by_name(name: str) -> None:
    with pytest.raises(Invalid, match="x") as refused:
        index(Rule(name), {"x": [0.0, 1.0], "y": [1.0, 1.0]}, nonpositive=Rule("refuse"))
    problem = refused.value.problems[0]
    assert "p0000" in problem.reason
    assert "p0001" not in problem.reason
    assert problem.column == "index"


def test_a_penalised_mean_takes_0_but_nothing_below() -> None:
    rule = Rule("mazziotta-pareto")
    scores = index(rule, {"x": [0.0, 0.0], "y": [40.0, 0.0]}).score[0, :, 0]
    mean = 80 / 3  # of 0 once and 40 twice
    assert scores.tolist() == pytest.approx([mean - (mean**2 + 2 * (40 - mean) ** 2) / 3 / mean, 0])
    with pytest.raises(Invalid, match="p0000"):
        index(rule, {"x": [-1.0, 4.0], "y": [4.0, 4.0]})


def test_a_fractional_power_takes_0_but_nothing_below() -> None:
    rule = Rule("power", {"p": 0.5})
    assert index(rule, {"x": [0.0, 4.0], "y": [4.0, 4.0]}).score[0, 0, 0] == pytest.approx(16 / 9)
    with pytest.raises(Invalid, match="p0000"):
        index(rule, {"x": [-1.0, 4.0], "y": [4.0, 4.0]})


def test_nonpositive_by_choice() -> None:
    columns = {"x": [0.0, 4.0], "y": [4.0, 4.0]}
    zero = index(Rule("geometric"), columns, nonpositive=Rule("zero"))
    floor = index(Rule("geometric"), columns, nonpositive=Rule("floor", {"floor": 0.5}))
    assert zero.score[0, :, 0].tolist() == [0, 4]
    np.testing.assert_allclose(floor.score[0, :, 0], [(0.5 * 16) ** (1 / 3), 4])


@pytest.mark.parametrize(
    ("rule", "normalise", "scale", "written", "refused"),
    [
        (Rule("geometric"), Rule("min-max"), (0, 100), None, True),
        (Rule("geometric"), Rule("min-max"), (1, 100), None, False),
        (Rule("geometric"), Rule("min-max"), (0, 100), Rule("zero"), False),
        (Rule("harmonic"), Rule("min-max"), (-1, 1), None, True),
        (Rule("power", {"p": -2}), Rule("min-max"), (0, 100), None, True),
        (Rule("power", {"p": 0.5}), Rule("min-max"), (0, 100), None, False),
        (Rule("power", {"p": 0.5}), Rule("min-max"), (-1, 100), None, True),
        (Rule("geometric"), Rule("z-score"), (0, 100), Rule("zero"), True),
        (Rule("geometric"), Rule("z-score", {"mean": 100, "sd": 10}), (0, 100), None, False),
        (Rule("geometric"), Rule("z-score", {"mean": 30, "sd": 10}), (0, 100), None, True),
        (Rule("arithmetic"), Rule("z-score"), (0, 100), None, False),
    ],
)
def test_means_that_cannot_work_are_refused_before_any_work(
    rule: Rule, normalise: Rule, scale: Any, written: Rule | None, refused: bool
) -> None:
    chosen = method(normalise=normalise, aggregate=rule, nonpositive=written)
    framework = flat(["x", "y"], method=chosen, scale=scale)
    data = panel({"x": [1, 2, 3, 4], "y": [2, 3, 1, 4]})
    if refused:
        with pytest.raises(DefinitionError, match="mean over"):
            score(framework, data)
    else:
        assert not np.isnan(score(framework, data).score[0, 1:, 0]).any()


def test_effective_weights_are_products_of_shares() -> None:
    tree = Node("index", (Node("a", (Leaf("x", 3), Leaf("y", 1)), 2), Leaf("z", 3)))
    framework = Framework("test", tree, {k: Indicator(k) for k in "xyz"}, method=Method(screen=ANY, coverage=OPEN))
    results = score(framework, panel({k: [1, 2] for k in "xyz"}))
    np.testing.assert_allclose(results.effective[0], [1, 0.4, 0.3, 0.1, 0.6])
    np.testing.assert_allclose(results.weights, [1, 0.4, 0.75, 0.25, 0.6])

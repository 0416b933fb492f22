"""What lies exactly on a boundary, what an option means that is left out, and the numbers that are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cityindex.errors import DefinitionError, Invalid
from cityindex.scoring import grammar, means, plan_check, screen, targets
from cityindex.scoring.check import COMPUTED, mixed_scales
from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.explain import contributions
from cityindex.scoring.framework import Bands, Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import OF_SDMX, CellStatus
from cityindex.scoring.pipeline import score
from cityindex.scoring.rank import bands, percentiles
from cityindex.scoring.results import FLAG_NAMES, Flag
from cityindex.scoring.tally import nearest
from cityindex.scoring.targets import Aim, Goal, target
from cityindex.scoring.weigh import EACH, EIGENVALUE, TOGETHER, kept_components
from cityindex.scoring.whatif import Standing
from cityindex.scoring.winsorise import PowerSums, winsor_bounds
from tests.unit.scoring.frames import flat, method, panel

GAP = np.nan
OWN = method(normalise=Rule("none"))


def test_the_numbers_that_are_stored_stay() -> None:
    """Cells and scores of years ago are read by them."""
    assert {one.name: one.value for one in CellStatus} == {
        "NORMAL": 0, "ESTIMATED": 1, "INHERITED": 2, "FILLED": 3, "IMPUTED": 4, "NOT_APPLICABLE": 5,
        "NOT_COLLECTED": 6, "SUPPRESSED": 7, "REJECTED": 8,
    }  # fmt: skip
    assert {one.name: one.value for one in Flag} == {
        "NONE": 0, "MISSING": 1, "LOW_COVERAGE": 2, "NO_VARIATION": 3, "NOT_APPLICABLE": 4, "INHERITED": 5,
        "FILLED": 6, "IMPUTED": 7, "PILOT": 8,
    }  # fmt: skip
    assert FLAG_NAMES == (
        "", "missing", "low-coverage", "no-variation", "not-applicable", "inherited", "filled", "imputed", "pilot",
    )  # fmt: skip
    letters = {chr(letter): CellStatus(OF_SDMX[letter]).name for letter in range(256) if OF_SDMX[letter]}
    assert letters == {
        "E": "ESTIMATED", "F": "ESTIMATED", "I": "IMPUTED", "M": "NOT_APPLICABLE", "H": "NOT_COLLECTED",
        "J": "NOT_COLLECTED", "K": "NOT_COLLECTED", "L": "NOT_COLLECTED", "Q": "SUPPRESSED",
    }  # fmt: skip


def test_what_definitions_may_ask_for() -> None:
    known = {step: {name: set(options) for name, options in methods.items()} for step, methods in COMPUTED.items()}
    fits = known.pop("normalise")
    age, ties = {"max_age"}, {"ties", "over"}
    assert known == {
        "screen": {"share": {"coverage", "dimension", "zeros"}},
        "fill": {"none": set(), "latest": age, "constant": age, "linear": age, "linear-constant": age},
        "treat": {
            "none": set(),
            "winsorise": {"cap", "skew", "kurtosis", "otherwise", "lambda", "over"},
            "clip": {"low", "high", "over"},
        },
        "impute": {"none": {"limit"}, "mean": {"by", "limit"}, "median": {"by", "limit"}, "row-mean": {"limit"}},
        "aggregate": {name: set() for name in means.RULES} | {"power": {"p"}, "mazziotta-pareto": {"sign"}},
        "coverage": {"weight": {"share"}, "count": {"share"}},
        "nonpositive": {"refuse": set(), "zero": set(), "floor": {"floor", "value"}},
        "rank": {"min": {"decimals"}, "max": {"decimals"}},
        "weights": {"equal": set(), "pca": {"variant", "negative"}, "optimise": {"variant"}},
    }
    assert set(known["aggregate"]) == {
        "arithmetic", "geometric", "harmonic", "power", "sum", "product", "minimum", "median", "mazziotta-pareto",
        "copeland",
    }  # fmt: skip
    assert fits == {
        "min-max": {"over"},
        "goalposts": {"clip", "goalposts", "low", "high"},
        "z-score": {"mean", "sd", "over"},
        "percentile-rank": {*ties, "variant", "reverse_after_rank"},
        "rank": ties,
        "borda": ties,
        "exponential-rank": {"factor", "over"},
        "distance-to-target": {"cap", "target", "over"},
        "distance-to-reference": {"cap", "place", "over"},
        "distance-to-best": {"over"},
        "ratio": {"to", "over"},
        "above-mean": {"band", "over"},
        "ladder": {"on", "thresholds", "levels", "boundary", "over"},
        "none": set(),
    }


def test_formulas_up_to_their_limits() -> None:
    deepest = "+".join(["a"] * (grammar.DEEPEST + 1))  # the innermost operand of a sum lies deepest
    assert grammar.names(deepest) == ("a",)
    with pytest.raises(Invalid, match="nested deeper than 200"):
        grammar.names(deepest + "+a")
    longest = "a".ljust(grammar.LONGEST - 1, "b") + "c"
    assert grammar.names(longest) == (longest,)
    with pytest.raises(Invalid, match="longer than 2000"):
        grammar.names(longest + "d")
    assert grammar.names("min(a, b)") == ("a", "b")


def test_a_place_to_which_nothing_applies_lacks_nothing() -> None:
    values, nothing = np.array([[1.0, GAP], [GAP, GAP]]), np.zeros((2, 2), dtype=bool)
    assert screen.available_share(values, nothing).tolist() == [1, 1]
    assert screen.available_share(values, ~nothing).tolist() == [0.5, 0]
    assert screen.zero_share(np.array([[0.0, GAP], [2.0, GAP]])).tolist() == [0.5, 0]


SKEWED = np.sort(np.append(np.random.default_rng(2).lognormal(0, 1.6, 40), [200.0, 210.0]))


def moments(low: int, high: int) -> tuple[float, float]:
    sums = PowerSums(SKEWED, 30)
    skew, kurtosis = sums.moments(np.array([low]), np.array([high]))
    return float(skew[0]), float(kurtosis[0])


@pytest.mark.parametrize("moved", [0, 1, 2, 3, 5])
def test_a_moment_equal_to_its_limit_does_not_pass(moved: int) -> None:
    """|skew| < limit or kurtosis < limit, after whatever was moved in."""
    skew, kurtosis = moments(0, moved)
    assert skew > 0
    states = [moments(0, high) for high in range(moved)]
    hard = -1e9
    for limits, others in (((skew, hard), 0), ((hard, kurtosis), 1)):
        if any(state[others] < (skew, kurtosis)[others] for state in states):
            continue  # it would have ended before
        _, high, passed = winsor_bounds(SKEWED, 30, limits)
        assert passed
        assert high < SKEWED[-1 - moved]
        beyond = tuple(float(np.nextafter(limit, np.inf)) for limit in limits)
        assert winsor_bounds(SKEWED, 30, beyond)[:2] == (SKEWED[0], SKEWED[-1 - moved])


def test_the_cap_counts_what_was_moved() -> None:
    never = (-1.0, -1e9)
    for cap in (1, 2, 3, 7):
        low, high, passed = winsor_bounds(SKEWED, cap, never)
        assert not passed
        assert int((low > SKEWED).sum() + (high < SKEWED).sum()) == cap


def test_how_many_components_lie_on_the_edge() -> None:
    assert (EIGENVALUE, EACH, TOGETHER) == (0.85, 0.10, 0.60)
    assert kept_components(np.array([3.0, 0.85, 0.65, 0.3, 0.2])) == 2
    assert kept_components(np.array([7.0, 1.0, 0.9, 0.6, 0.5])) == 2  # a tenth of 10 is enough
    assert kept_components(np.array([6.0, 2.0, 1.0, 1.0]) / 10) == 1  # 60 percent together are enough
    assert kept_components(np.array([5.9, 2.1, 1.0, 1.0]) / 10) == 2


def test_bands_and_percentiles_on_the_edge() -> None:
    scores = np.array([[80.0, 60.0, 59.9, 40.0, 10.0]])
    ranks = np.array([[1, 2, 3, 4, 5]], dtype=np.int32)
    assert bands(Bands(("A", "B", "C"), cuts=(60, 40)), scores, ranks).tolist() == [[0, 0, 1, 1, 2]]
    assert bands(Bands(("A", "B", "C"), share=(0.2, 0.4, 0.4)), scores, ranks).tolist() == [[0, 1, 1, 2, 2]]
    assert percentiles(ranks).tolist() == [[100, 75, 50, 25, 0]]
    assert percentiles(np.array([[0, 1, 0]], dtype=np.int32))[0, 1] == 100
    assert [nearest(share, np.array([20, 1, 4])).tolist() for share in (5, 50, 95)] == [
        [1, 1, 1],
        [10, 1, 2],
        [19, 1, 4],
    ]


def test_a_coverage_equal_to_its_gate_is_enough() -> None:
    data = panel({"x": [1.0, 1, 1], "y": [2.0, 2, GAP], "z": [3.0, GAP, GAP]})
    for rule in (Rule("weight", {"share": 2 / 3}), Rule("count", {"share": 2 / 3})):
        found = score(flat(["x", "y", "z"], method=method(coverage=rule, normalise=Rule("none"))), data)
        assert np.isnan(found.score[0, :, 0]).tolist() == [False, False, True]
        assert found.flag[0, 2, 0] == Flag.LOW_COVERAGE
    screened = method(screen=Rule("share", {"coverage": 2 / 3}), normalise=Rule("none"))
    assert (score(flat(["x", "y", "z"], method=screened), data).rank[0, :, 0] > 0).tolist() == [True, True, False]
    zeros = method(screen=Rule("share", {"coverage": 0, "zeros": 0.5}), normalise=Rule("none"))
    data = panel({"x": [0.0, 0, 1], "y": [2.0, 0, 3]})
    assert (score(flat(["x", "y"], method=zeros), data).rank[0, :, 0] > 0).tolist() == [True, False, True]


def test_a_share_of_imputed_values_equal_to_its_limit_is_not_flagged() -> None:
    data = panel({"x": [1.0, GAP, 3, 5], "y": [2.0, 1, GAP, 4], "z": [1.0, GAP, 2, 3], "w": [1.0, 2, 3, 4]})
    rule = Rule("mean", {"limit": 0.25})
    found = score(flat(["x", "y", "z", "w"], method=method(impute=rule, normalise=Rule("none"))), data)
    assert found.imputed[0, :, 0].tolist() == [0, 0.5, 0.25, 0]
    assert found.flag[0, :, 0].tolist() == [Flag.NONE, Flag.IMPUTED, Flag.NONE, Flag.NONE]


@pytest.mark.parametrize("options", [{"value": 2.0}, {"floor": 2.0}, {"floor": 2.0, "value": 9.0}])
def test_a_floor_by_either_name(options: dict[str, float]) -> None:
    node = {"aggregate": Rule("geometric"), "nonpositive": Rule("floor", options)}
    found = score(flat(["x", "y"], node=node, method=OWN), panel({"x": [-1.0, 8, 1], "y": [8.0, 2, 2]}))
    assert found.score[0, :, 0] == pytest.approx([4, 4, 2])


def test_scales_that_meet() -> None:
    assert mixed_scales(flat(["x", "y"])) is None
    assert mixed_scales(flat([Indicator("x", normalise=Rule("rank")), Indicator("y", normalise=Rule("rank"))])) is None
    said = mixed_scales(flat([Indicator("x", normalise=Rule("rank")), "y", "z"]))
    assert said is not None
    assert "rank (e.g. x), the framework's scale (e.g. y)" in said


def aim_at(goal: Goal, values: dict[str, Any], **indicator: Any) -> Aim:
    made = flat([Indicator("a", **indicator), Indicator("b")], method=method(normalise=Rule("min-max")))
    results = score(made, panel(values))
    row = Row.of(results, "p0000", 2023)
    return Aim(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, goal)


def test_no_value_is_tried_beyond_the_end_of_an_indicator() -> None:
    """A first step would leave the numbers that a logarithm takes."""
    values = {"a": [0.0005, 2.0, 9.0, 0.0001], "b": [1.0, 5.0, 9.0, 3.0]}
    aim = aim_at(Goal(score=45.0), values, direction="lower", transform="log")
    found = target(aim, "a")
    assert found.why in ("", "cap")
    bounded = target(aim_at(Goal(score=48.0), values, direction="lower", transform="log", bounds=(0.0004, 10.0)), "a")
    assert bounded.why in ("", "bounds")


def test_guesses_lie_around_the_answer_and_before_the_end() -> None:
    values = {"a": [10.0, 0, 100, 40], "b": [50.0, 0, 100, 80]}
    for direction, before in (("higher", 10.0), ("lower", 10.0)):
        aim = aim_at(Goal(score=32.0 if direction == "higher" else 71.0), values, direction=direction)
        end = aim.end(0)
        [(low, high)] = targets._guesses(aim, 0, before, end)
        answer = target(aim, "a").value
        near, far = sorted((low, high))
        assert near < answer < far
        assert far - near < 1e-6
        assert (low - before) * aim.sense(0) > 0
        assert targets._guesses(aim, 0, before, answer) == []  # the interval would pass the end
        assert targets._guesses(aim, 0, before, before) == []
        assert targets._guesses(aim, 0, answer, end) == []  # nor may it begin before the start


def refusals(plan: UncertaintyPlan, **options: Any) -> list[tuple[str, str]]:
    made = flat(["x", "y"], method=method(**options))
    with pytest.raises(DefinitionError) as refused:
        plan_check.check_uncertainty(made, plan, (2023,))
    return [(problem.column, problem.reason) for problem in refused.value.problems]


@pytest.mark.parametrize("step", ["treat", "impute", "normalise"])
def test_a_rule_of_a_plan_that_is_not_computed_is_named(step: str) -> None:
    good = {"treat": Rule("winsorise"), "impute": Rule("mean"), "normalise": Rule("min-max")}[step]
    plan = UncertaintyPlan(**{step: (good, Rule("guess"))})
    found = refusals(plan)
    assert found
    assert all(column.startswith(f"plan.{step}[2] guess") for column, _ in found)


@pytest.mark.parametrize(
    ("plan", "column"),
    [
        (UncertaintyPlan(noise={"x": -0.1}), "plan.noise.x"),
        (UncertaintyPlan(noise={"x": float("inf")}), "plan.noise.x"),
        (UncertaintyPlan(weights=Weighting("noise", 1.01)), "plan.weights.noise"),
        (UncertaintyPlan(weights=Weighting("noise", -0.01)), "plan.weights.noise"),
        (UncertaintyPlan(weights=Weighting("dirichlet", 0.0)), "plan.weights.dirichlet"),
        (UncertaintyPlan(weights=Weighting("dirichlet", float("inf"))), "plan.weights.dirichlet"),
        (UncertaintyPlan(weights=Weighting("noise", 0.1, (0,))), "plan.weights.levels"),
        (UncertaintyPlan(weights=Weighting("noise", 0.1, (2,))), "plan.weights.levels"),
        (UncertaintyPlan(weights=Weighting("sets", sets=({"x": 0.0, "y": 0.0},))), "plan.weights.sets[1]"),
    ],
)
def test_amounts_of_a_plan_just_outside(plan: UncertaintyPlan, column: str) -> None:
    assert [found for found, _ in refusals(plan)] == [column]


def test_amounts_of_a_plan_just_inside() -> None:
    made = flat(["x", "y"])
    for weights in (
        Weighting("noise", 0.0), Weighting("noise", 1.0), Weighting("noise", 0.5, (1,)),
        Weighting("dirichlet", 1e-9), Weighting("sets", sets=({"x": 0.0},)),
    ):  # fmt: skip
        plan_check.check_uncertainty(made, UncertaintyPlan(weights=weights, noise={"x": 0.0}), (2023,))
    plan_check.check_uncertainty(made, UncertaintyPlan(leave_out=True), (2023,))
    assert [column for column, _ in refusals(UncertaintyPlan(leave_out=True), screen=Rule("share"), order=(
        "normalise", "aggregate"))] == ["order"]  # fmt: skip
    alone = flat(["x"])
    with pytest.raises(DefinitionError, match="nothing would be left"):
        plan_check.check_uncertainty(alone, UncertaintyPlan(leave_out=True), (2023,))


def test_copeland_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(means, "LARGEST_COPELAND", 3)
    plan = UncertaintyPlan(aggregate={"index": (Rule("copeland"),)})
    plan_check.check_places(plan, 3)
    with pytest.raises(DefinitionError, match="each of 4 places"):
        plan_check.check_places(plan, 4)
    made = flat(["x", "y"], node={"aggregate": Rule("copeland")}, method=OWN)
    assert score(made, panel({"x": [1.0, 2, 3], "y": [1.0, 2, 3]})).score[0, :, 0].tolist() == [-2, 0, 2]
    with pytest.raises(Invalid, match="up to 3 places"):
        score(made, panel({"x": [1.0, 2, 3, 4], "y": [1.0, 2, 3, 4]}))


def test_rules_over_children_at_the_edge_of_what_they_take() -> None:
    assert means.floor_of("power", {"p": 0}) == (0.0, False) == means.floor_of("geometric", {})
    assert means.floor_of("power", {"p": -0.5}) == (0.0, False) == means.floor_of("harmonic", {})
    assert means.floor_of("power", {"p": 0.5}) == (0.0, True) == means.floor_of("mazziotta-pareto", {})
    assert means.floor_of("power", {"p": 1}) is None
    assert means.floor_of("arithmetic", {}) is None
    node = {"aggregate": Rule("power", {"p": 0.5}), "nonpositive": Rule("refuse")}
    found = score(flat(["x", "y"], node=node, method=OWN), panel({"x": [0.0, 4], "y": [4.0, 4]}))
    assert found.score[0, :, 0] == pytest.approx([1, 4])
    with pytest.raises(Invalid, match="p0000"):
        score(flat(["x", "y"], node=node, method=OWN), panel({"x": [-1e-9, 4], "y": [4.0, 4]}))


def test_parameters_of_another_framework_are_refused_and_of_another_version_remarked_on() -> None:
    made, data = flat(["x", "y"]), panel({"x": [1.0, 2, 3], "y": [3.0, 1, 2]})
    parameters = score(made, data).parameters
    with pytest.raises(Invalid, match="they are of «other», not of «test»") as refused:
        score(made, data, replace(parameters, framework="other"))
    assert [problem.column for problem in refused.value.problems] == ["parameters"]
    said = score(made, data, replace(parameters, version="0")).warnings
    assert said == ("the frozen parameters are of version 0, the framework is 1",)
    assert score(made, data, parameters).warnings == ()


def test_below_a_node_with_a_score_of_0_parts_go_by_weight() -> None:
    inner = Node("inner", (Leaf("a", 1.0), Leaf("b", 3.0)))
    tree = Node("index", (inner, Leaf("c")), aggregate=Rule("minimum"))
    made = Framework("t", tree, {code: Indicator(code) for code in "abc"}, method=OWN)
    results = score(made, panel({"a": [-6.0, 5], "b": [2.0, 5], "c": [50.0, 60]}))
    found = contributions(Frozen.of(made, results, 2023), Row.of(results, "p0000", 2023))
    given = dict(zip(found.nodes, found.contribution.tolist(), strict=True))
    assert results.score[0, 0, 1] == 0
    assert given["inner"] != 0
    assert [given[code] / given["inner"] for code in "ab"] == pytest.approx([0.25, 0.75])
    assert given["inner"] + given["c"] == pytest.approx(given["index"], abs=1e-9)

"""What is refused names the place in the input, the reason and the cure, wherever in the engine it is found out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.scoring import workers
from cityindex.scoring.changes import State, change
from cityindex.scoring.choices import UncertaintyPlan, Weighting, framework_of
from cityindex.scoring.explain import contributions
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import CellStatus
from cityindex.scoring.multivariate import principal_components
from cityindex.scoring.peers import frontier, standpoints
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.results import FLAG_NAMES, Flag
from cityindex.scoring.study import written
from cityindex.scoring.targets import Aim, Goal, climb, target
from cityindex.scoring.uncertainty import uncertainty
from cityindex.scoring.whatif import Standing, observed, rescore
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.studies import FULL, framework
from tests.unit.scoring.studies import panel as studied

OWN = method(normalise=Rule("none"))
GAP = np.nan


def world(**node: Any) -> tuple[Framework, ScoreSet, Frozen, Standing]:
    made = flat(["a", "b"], method=OWN, node=node)
    results = score(made, panel({"a": [1.0, 2, 3, GAP], "b": [3.0, 2, 2, GAP]}))
    return made, results, Frozen.of(made, results, 2023), Standing.of(made, results, 2023)


def column_of(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        call()
    assert refused.value.problems
    assert all(problem.reason and (problem.cure or "(" in str(refused.value)) for problem in refused.value.problems)
    return [problem.column for problem in refused.value.problems]


def test_by_what_they_are_about() -> None:
    made, results, frozen, standing = world()
    row, nobody = (Row.of(results, place, 2023) for place in ("p0000", "p0003"))
    data = panel({"a": [1.0], "b": [2.0]})
    asked: list[tuple[Callable[[], Any], list[str]]] = [
        (lambda: Row.of(results, "nowhere", 2023), ["place"]),
        (lambda: Row.of(results, "p0000", 1999), ["place"]),
        (lambda: frozen.row("zz"), ["zz"]),
        (lambda: contributions(frozen, row, "zz"), ["zz"]),
        (lambda: contributions(frozen, nobody), ["index"]),
        (lambda: contributions(frozen, nobody, "a"), ["a"]),
        (lambda: rescore(frozen, standing, row, {"zz": 1.0, "a": float("inf")}), ["zz", "a"]),
        (lambda: target(Aim(frozen, standing, row, Goal(score=1)), "zz"), ["zz"]),
        (lambda: climb(frozen, standing, nobody), ["place"]),
        (Goal, ["goal"]),
        (lambda: standpoints(frozen, results, row, ["p0000"]), ["peers"]),
        (lambda: frontier(made, results, 2023, ["nowhere", "p0001", "neither"]), ["place", "place"]),
        (lambda: change(State(frozen, row), State(frozen, row), ("values",)), ["order"]),
        (lambda: change(State(frozen, row), State(frozen, nobody)), ["order"]),
        (lambda: principal_components(np.ones((5, 1))), [""]),
        (lambda: observed(made, data, results.parameters, place="x", period=2023, observations={}), ["place"]),
        (lambda: observed(made, data, results.parameters, place="p0000", period=1999, observations={}), ["place"]),
        (lambda: observed(made, data, results.parameters, place="p0000", period=2023, observations={"z": 1}), ["z"]),
        (lambda: uncertainty(made, data, FULL, 4, -1), ["seed"]),
        (lambda: uncertainty(made, data, FULL, 4, 1, jobs=0), ["jobs"]),
    ]
    for call, columns in asked:
        assert column_of(call) == columns


def test_what_compares_all_places_cannot_be_taken_apart() -> None:
    _, results, frozen, standing = world(aggregate=Rule("copeland"))
    row = Row.of(results, "p0000", 2023)
    calls: list[Callable[[], Any]] = [
        lambda: contributions(frozen, row),
        lambda: rescore(frozen, standing, row, {"a": 1.0}),
        lambda: Aim(frozen, standing, row, Goal(score=1)),
        lambda: change(State(frozen, row), State(frozen, row)),
    ]
    for call in calls:
        assert column_of(call) == ["index"]


def test_the_value_that_was_asked_for_is_told_back() -> None:
    _, results, frozen, standing = world()
    with pytest.raises(Invalid) as refused:
        rescore(frozen, standing, Row.of(results, "p0000", 2023), {"zz": 1.5})
    assert refused.value.problems[0].value == "1.5"


@pytest.mark.parametrize(
    ("rule", "columns", "key"),
    [
        (Rule("ratio", {"to": "mean"}), {"x": [1.0, 2, 3], "y": [3.0, 1, 0]}, "y.normalise.ratio"),
        (Rule("ratio", {"to": "worst"}), {"x": [1.0, 2, 0], "y": [3.0, 1, 2]}, "x.normalise.to"),
        (Rule("above-mean"), {"x": [1.0, 2, 0], "y": [-3.0, 1, 2]}, "y.normalise.above-mean"),
        (Rule("distance-to-reference", {"place": "p0000"}), {"x": [5.0, 2, 1], "y": [3.0, 2, 2]}, "y.normalise.place"),
        (Rule("distance-to-reference", {"place": "nowhere"}), {"x": [1.0, 2], "y": [3.0, 2]}, "x.normalise.place"),
        (Rule("distance-to-target", {"target": 2.5}), {"x": [1.0, 2, 0], "y": [2.0, 1, 2]}, "y.normalise.target"),
    ],
)
def test_normalisations_that_the_data_do_not_allow(rule: Rule, columns: Any, key: str) -> None:
    """`y` is better where it is lower. One period is enough to refuse."""
    made = flat([Indicator("x"), Indicator("y", direction="lower")], method=method(normalise=rule))
    good = {"x": [1.0, 5, 3][: len(columns["x"])], "y": [2.0, 9, 4][: len(columns["x"])]}
    if rule.options.get("place") == "p0000":
        good["x"] = [5.0, 1, 3]
    data = {code: [good[code], good[code], column] for code, column in columns.items()}
    with pytest.raises(Invalid) as refused:
        score(made, panel(data, periods=(2021, 2022, 2023)))
    assert refused.value.problems[0].column == key
    if rule.method != "distance-to-reference" or rule.options["place"] == "p0000":
        assert not np.isnan(score(made, panel(good)).score).any()


def test_a_failed_replication_is_named_by_its_choices() -> None:
    made = framework({"nonpositive": Rule("refuse")}, {"nonpositive": Rule("refuse")})
    plan = UncertaintyPlan(
        normalise=(Rule("none"),),
        treat=(Rule("none"),),
        impute=(Rule("none"),),
        aggregate={"index": (Rule("geometric"),)},
        leave_out=True,
    )
    data = studied(gaps=0.0)
    data.values[...] = -data.values
    with pytest.raises(Invalid, match=r"replication \d+ \(normalise 1, treat 1, impute 1, aggregate:index 1"):
        uncertainty(made, data, plan, 3, 7)
    named = next(uncertainty(framework(), studied(), replace(FULL, aggregate={}), 1, 7).choices())
    assert written(replace(named, left_out="i3")).endswith("without i3")
    assert written(type(named)()) == "its weights"


def test_blocks_are_big_enough_and_not_too_big() -> None:
    assert workers.blocks(1000, 2) == [(start, min(start + 125, 1000)) for start in range(0, 1000, 125)]
    assert workers.blocks(100, 2)[0] == (0, 32)
    assert workers.blocks(100_000, 2)[0] == (0, 2048)
    assert workers.blocks(5000, 1) == [(0, 2048), (2048, 4096), (4096, 5000)]


def test_blocks_come_in_order_with_a_few_under_way() -> None:
    waiting: deque[int] = deque()
    most = []

    class Promise:
        def __init__(self, start: int) -> None:
            self.start = start
            waiting.append(start)
            most.append(len(waiting))

        def result(self) -> int:
            assert waiting.popleft() == self.start
            return self.start

    spans = [(start, start + 1) for start in range(9)]
    assert list(workers._in_order(lambda start, _: Promise(start), spans, 3)) == list(range(9))
    assert max(most) == 3


def test_a_dirichlet_distribution_spreads_by_its_concentration() -> None:
    """The variance of a share m is m (1 - m) / (amount + 1)."""
    result = uncertainty(framework(), studied(), UncertaintyPlan(weights=Weighting("dirichlet", 30.0, (1,))), 1500, 3)
    drawn = np.array([[choice.weights[code] for code in ("one", "two", "i8")] for choice in result.choices()])
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    mean = np.array([1, 3, 0.5]) / 4.5
    np.testing.assert_allclose(shares.mean(axis=0), mean, atol=0.01)
    np.testing.assert_allclose(shares.var(axis=0), mean * (1 - mean) / 31, rtol=0.12)


def test_parameters_are_kept_by_step_indicator_and_reference() -> None:
    rng = np.random.default_rng(1)
    chosen = method(
        treat=Rule("winsorise", {"cap": 0.1}), impute=Rule("median", {"by": "kind"}), normalise=Rule("z-score")
    )
    columns = {code: rng.lognormal(0, 2, (2, 40)) for code in "ab"}
    data = panel(columns, periods=(2022, 2023), attributes={"kind": tuple("xy" * 20)})
    fits = score(flat(["a", "b"], method=chosen, node={"rescale": Rule("min-max")}), data).parameters.to_json()["fits"]
    assert {step: sorted(codes) for step, codes in fits.items()} == {
        "treat": ["a", "b"], "impute": ["a", "b"], "normalise": ["a", "b"], "rescale": ["index"],
    }  # fmt: skip
    assert sorted(fits["treat"]["a"]) == ["2022", "2023"]
    assert sorted(fits["treat"]["a"]["2022"]) == ["high", "low", "method"]
    assert sorted(fits["impute"]["a"]["2022"]) == ["centre", "centre:x", "centre:y"]
    assert sorted(fits["normalise"]["b"]["2023"]) == ["mean", "method", "sd", "varies"]
    assert sorted(fits["rescale"]["index"]["2023"]) == ["best", "method", "varies", "worst"]


@pytest.mark.parametrize(("n", "distinct", "treated"), [(20, 20, True), (19, 19, False), (30, 5, True), (30, 4, False)])
def test_from_how_many_values_on_outliers_are_treated(n: int, distinct: int, treated: bool) -> None:
    values = [float(k % (distinct - 1)) for k in range(n - 1)] + [1e6]
    results = score(flat(["x"], method=method(treat=Rule("winsorise", {"cap": 0.1}))), panel({"x": values}))
    assert (results.treated[0].method == "winsorise") == treated


def test_what_is_derived_is_not_said_to_be_missing() -> None:
    made = flat([Indicator("x", formula="2 * y"), "y", "z"])
    results = score(made, panel({"y": [1.0, 2.0]}))
    assert [warning for warning in results.warnings if "no data at all" in warning] == ["no data at all for z"]


def test_ranks_among_peers_count_the_way_the_index_does() -> None:
    values = panel({"x": [1.0, 2, 3, 4]}, attributes={"group": ("a", "a", "b", "b")})
    made = flat(["x"], node={"direction": "lower"}, peers=("group",))
    assert score(made, values).peer_ranks["group"].rank[0].tolist() == [1, 2, 1, 2]
    assert score(replace(made, tree=replace(made.tree, direction="higher")), values).peer_ranks["group"].rank[
        0
    ].tolist() == [2, 1, 2, 1]


def test_parameters_are_kept_by_the_name_of_their_step() -> None:
    made = flat(["x", "y"], method=method(impute=Rule("row-mean"), treat=Rule("winsorise", {})))
    fits = score(made, panel({"x": [1.0, 2, 3], "y": [2.0, np.nan, 1]})).parameters.fits
    assert set(fits) == {"treat", "impute", "normalise"}
    assert all(sorted(codes) == ["x", "y"] for codes in fits.values())


def test_observations_of_nowhere_are_refused_by_place() -> None:
    made, values = flat(["x"]), panel({"x": [1.0, 2.0]})
    parameters = score(made, values).parameters
    for place, period in (("nowhere", 2023), ("p0000", 1999)):
        with pytest.raises(Invalid) as refused:
            observed(made, values, parameters, place=place, period=period, observations={"x": 1.0})
        assert [(problem.column, problem.value) for problem in refused.value.problems] == [("place", place)]


def test_a_part_that_does_not_vary_is_out_of_every_replication() -> None:
    """Also where nodes are scored once more, for which replications take the slow way."""
    tree = Node("index", (Node("part", (Leaf("x"), Leaf("y")), rescale=Rule("min-max")), Leaf("z")))
    made = Framework("t", tree, {code: Indicator(code) for code in "xyz"}, method=method())
    values = panel({"x": [1.0, 5, 2, 8], "y": [3.0] * 4, "z": [9.0, 1, 4, 2]})
    found = uncertainty(made, values, UncertaintyPlan(leave_out=True), 12, 5)
    assert found.ranks is not None
    for number, choice in enumerate(found.choices()):
        expected = score(framework_of(made, UncertaintyPlan(leave_out=True), choice), values).rank[0, :, 0]
        assert found.ranks[number].tolist() == expected.tolist()


def test_what_a_normalisation_or_transform_cannot_take_is_named_with_its_places() -> None:
    data = panel({"x": [4.0, 0, 2, 0, -1]}, places=["a", "b", "c", "d", "e"])
    for item, said in (
        (Indicator("x", direction="lower", normalise=Rule("ratio")), "a value of 0 has no ratio: b, d (take"),
        (Indicator("x", transform="log"), "log cannot take values <= 0: «x»: b (2023), d (2023), e (2023)"),
        (Indicator("x", transform="sqrt"), "sqrt cannot take values < 0: «x»: e (2023)"),
    ):
        with pytest.raises(Invalid) as refused:
            score(flat([item]), data)
        assert said in str(refused.value)


def test_codes_that_runs_keep_stay_as_they_are() -> None:
    assert {status.name.lower(): status.value for status in CellStatus} == {
        "normal": 0, "estimated": 1, "inherited": 2, "filled": 3, "imputed": 4, "not_applicable": 5,
        "not_collected": 6, "suppressed": 7, "rejected": 8,
    }  # fmt: skip
    assert [flag.name.lower().replace("_", "-") for flag in Flag] == ["none", *FLAG_NAMES[1:]]
    assert [flag.value for flag in Flag] == list(range(9))


@pytest.mark.parametrize("step", ["normalise", "treat", "impute"])
def test_a_rule_of_a_plan_that_is_not_known_is_named_by_its_place_in_the_list(step: str) -> None:
    plan = UncertaintyPlan(**{step: (Rule("none"), Rule("none", {"shine": 1}))})
    with pytest.raises(Invalid) as refused:
        uncertainty(flat(["x", "y"]), panel({"x": [1.0, 2, 3], "y": [3.0, 1, 2]}), plan, 3, 1)
    assert {problem.column.split(":")[0] for problem in refused.value.problems} == {f"plan.{step}[2] none"}
    assert all("has no option «shine»" in problem.reason for problem in refused.value.problems)


def test_what_frozen_parameters_have_settled_is_not_varied() -> None:
    made, values = flat(["x", "y"]), panel({"x": [1.0, 2, 3], "y": [3.0, 1, 2]})
    plan = UncertaintyPlan(normalise=(Rule("min-max"),), leave_out=True)
    with pytest.raises(Invalid) as refused:
        uncertainty(made, values, plan, 3, 1, parameters=score(made, values).parameters)
    assert [problem.column for problem in refused.value.problems] == ["plan"]

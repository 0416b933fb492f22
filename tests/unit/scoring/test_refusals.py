"""What is refused before any work: for every key of the method, with the key, the reason and the cure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cityindex.errors import DefinitionError, Invalid
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.matrix import SHOWN, some
from cityindex.scoring.pipeline import score
from cityindex.scoring.plan_check import check_replications
from cityindex.scoring.winsorise import capped
from tests.unit.scoring.frames import flat, method, panel

DATA = {"x": [1.0, 2.0, 3.0], "y": [3.0, 1.0, 2.0]}
GUESS = Rule("guess")
ODD = {
    "screen": Rule("share", {"odd": 1}),
    "fill": Rule("latest", {"odd": 1}),
    "treat": Rule("clip", {"odd": 1}),
    "impute": Rule("median", {"odd": 1}),
    "normalise": Rule("rank", {"odd": 1}),
    "aggregate": Rule("minimum", {"odd": 1}),
    "nonpositive": Rule("zero", {"odd": 1}),
    "coverage": Rule("count", {"odd": 1}),
    "rank": Rule("max", {"odd": 1}),
}


def refusal(made: Framework, periods: Any = (2023,)) -> list[tuple[str, str]]:
    values = {code: [column] * len(periods) for code, column in DATA.items()}
    with pytest.raises(DefinitionError) as refused:
        score(made, panel(values, periods=periods))
    assert all(problem.cure for problem in refused.value.problems)
    return [(problem.column, problem.reason) for problem in refused.value.problems]


@pytest.mark.parametrize("step", list(ODD))
def test_a_method_of_the_framework_that_is_not_known(step: str) -> None:
    assert refusal(flat(["x", "y"], method=method(**{step: GUESS}))) [0] == (
        f"method.{step}", "«guess» is not computed",
    )  # fmt: skip
    [(column, reason)] = refusal(flat(["x", "y"], method=method(**{step: ODD[step]})))
    assert (column, reason) == (f"method.{step}", f"{ODD[step].method} has no option «odd»")


@pytest.mark.parametrize("step", ["fill", "treat", "impute", "normalise"])
def test_a_method_of_an_indicator_that_is_not_known(step: str) -> None:
    made = flat([Indicator("x", **{step: ODD[step]}), "y"])  # type: ignore[arg-type]
    with pytest.raises(DefinitionError) as refused:
        score(made, panel(DATA))
    assert refused.value.problems[0].value == "odd"
    assert refusal(made)[0] == (f"x.{step}", f"{ODD[step].method} has no option «odd»")


@pytest.mark.parametrize("step", ["aggregate", "coverage", "nonpositive", "weights"])
def test_a_method_of_a_node_that_is_not_known(step: str) -> None:
    assert refusal(flat(["x", "y"], node={step: GUESS}))[0] == (f"index.{step}", "«guess» is not computed")


def test_other_keys_of_nodes_and_indicators() -> None:
    assert refusal(flat(["x", "y"], node={"rescale": Rule("rank", {"odd": 1})})) == [
        ("index.rescale", "rank has no option «odd»")
    ]
    assert refusal(flat(["x", "y"], node={"missing": "ignore"})) == [("index.missing", "«ignore» is not known")]
    assert refusal(flat(["x", "y"], method=method(missing="ignore"))) == [("method.missing", "«ignore» is not known")]
    odd = Indicator("x", transform="cube")  # type: ignore[arg-type]
    assert refusal(flat([odd, "y"])) == [("x.transform", "«cube» is not known")]
    assert refusal(flat([Indicator("x", status="retired"), "y"])) == [("x", "is retired")]
    assert refusal(flat(["x", "y"], scale=(5, 5)))[0] == ("scale", "scale [5, 5]")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Rule("goalposts", {"low": 1}), "goalposts without low and high"),
        (Rule("goalposts", {"low": 2, "high": 2}), "goalposts 2 to 2"),
        (Rule("goalposts", {"goalposts": {"a": {"low": 1, "high": 2}}}), "goalposts by group without `by`"),
        (Rule("goalposts", {"goalposts": {"by": "kind", "a": {"low": 3, "high": 2}}}), "goalposts 3 to 2"),
        (Rule("distance-to-target"), "distance-to-target without `target`"),
        (Rule("distance-to-reference"), "distance-to-reference without `place`"),
        (Rule("ladder", {"on": "value"}), "ladder without `thresholds`"),
        (Rule("ladder", {"thresholds": (1,), "levels": (1, 2, 3)}), "3 levels for 1 thresholds"),
        (Rule("distance-to-reference", {"place": "p0000", "over": "pooled"}), "a reference place over several periods"),
        (
            Rule("distance-to-reference", {"place": "p0000", "over": {"base": [2022, 2023]}}),
            "a reference place over several periods",
        ),
    ],
)
def test_normalisations_that_cannot_be(rule: Rule, reason: str) -> None:
    found = refusal(flat([Indicator("x", normalise=rule), "y"]), (2022, 2023))
    assert found == [("x.normalise", reason)]


def test_base_years_must_be_there() -> None:
    base = Rule("min-max", {"over": {"base": [2019, 2023]}})
    made = flat([Indicator("x", normalise=base), "y"], method=method(normalise=base), node={"rescale": base})
    assert refusal(made) == [
        (key, "no data for the base year 2019") for key in ("method.normalise", "x.normalise", "index.rescale")
    ]
    one_of_them = Rule("min-max", {"over": {"base": 2023}})
    assert score(flat([Indicator("x", normalise=one_of_them), "y"]), panel(DATA)).rank[0, :, 1].tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("options", "refused"),
    [({}, True), ({"sd": 0.2}, True), ({"mean": 30}, False), ({"mean": 3}, True), ({"mean": 3, "sd": 0.9}, False)],
)
def test_z_scores_under_a_mean_of_positive_numbers(options: dict[str, float], refused: bool) -> None:
    made = flat(["x", "y"], method=method(normalise=Rule("z-score", options), aggregate=Rule("geometric")))
    if refused:
        assert refusal(made) == [("index.aggregate", "a geometric mean over z-scores that reach 0")]
    else:
        assert (score(made, panel(DATA)).score > 0).all()


def test_what_stands_below_a_mean_of_positive_numbers_decides() -> None:
    """Leaves below other nodes count too, unless a node on the way is rescaled."""
    shares = Rule("z-score", {"mean": 100, "sd": 10})
    inner = Node("inner", (Leaf("x"), Leaf("y")), aggregate=Rule("arithmetic"))
    made = Framework(
        "test",
        Node("index", (inner,), aggregate=Rule("harmonic")),
        {code: Indicator(code) for code in DATA},
        method=method(),
    )
    assert refusal(made) == [("index.aggregate", "a harmonic mean over a scale that reaches 0")]
    rescaled = replace(made, tree=replace(made.tree, children=(replace(inner, rescale=shares),)))
    assert (score(rescaled, panel(DATA)).score[..., 0] > 0).all()


def test_trees_that_cannot_be() -> None:
    assert refusal(Framework("t", Node("index", (Node("empty", ()), Leaf("x"))), {"x": Indicator("x")})) == [
        ("empty", "has no children")
    ]
    assert refusal(Framework("t", Node("index", (Leaf("x"), Leaf("y"))), {"x": Indicator("x")})) == [
        ("tree", "no definition of «y»")
    ]
    twice = Node("index", (Leaf("x"), Node("x", (Leaf("y"),))))
    assert refusal(Framework("t", twice, {code: Indicator(code) for code in "xy"})) == [
        ("tree", "«x» is 2 times in the tree")
    ]
    assert refusal(flat(["x", "y"], weights=[float("inf"), 1.0])) == [("x", "weight inf")]
    assert refusal(flat(["x", "y"], weights=[float("nan"), 1.0]))[0] == ("x", "weight nan")
    zero = Node("index", (Node("part", (Leaf("x", 0.0),)), Leaf("y")))
    assert refusal(Framework("t", zero, {code: Indicator(code) for code in "xy"})) == [
        ("part", "all its children have weight 0")
    ]


@pytest.mark.parametrize(
    ("count", "sobol", "reason"),
    [
        (0, False, "nothing to compute"),
        (0, True, "nothing to compute"),
        (-1, True, "nothing to compute"),
        (1, True, "powers of 2 only"),
        (3, True, "powers of 2 only"),
    ],
)
def test_counts_of_replications(count: int, sobol: bool, reason: str) -> None:
    with pytest.raises(Invalid, match=reason) as refused:
        check_replications(count, sobol)
    [problem] = refused.value.problems
    assert (problem.column, problem.value) == ("replications", str(count))


def test_counts_of_replications_that_can_be() -> None:
    for count, sobol in ((1, False), (3, False), (2, True), (64, True)):
        check_replications(count, sobol)


def test_a_message_names_a_few_places_and_how_many_more_there_are() -> None:
    assert some(["a"] * SHOWN) == ", ".join("a" * 5)
    assert some(["a"] * (SHOWN + 2)).startswith(", ".join("a" * 5))
    assert "2" in some(["a"] * (SHOWN + 2))


def test_shares_of_places_are_rounded_down_but_for_the_last_bit() -> None:
    assert [capped(share, 100) for share in (0.29, 0.57, 0.01, 0.019, 0)] == [29, 57, 1, 1, 0]
    assert capped({"count": 5}, 3) == 5

"""Edges of the engine that no other test comes to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.scoring import means
from cityindex.scoring.choices import Choice, UncertaintyPlan, Weighting, framework_of
from cityindex.scoring.correlations import kendall, pearson, spearman
from cityindex.scoring.explain import gap
from cityindex.scoring.framework import Bands, Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.grammar import names
from cityindex.scoring.matrix import OF_SDMX, CellStatus, Panel
from cityindex.scoring.pipeline import score
from cityindex.scoring.plan_check import without_fits
from cityindex.scoring.results import Flag, Parameters
from cityindex.scoring.reweigh import reweigh
from cityindex.scoring.targets import Aim, Goal, target
from cityindex.scoring.uncertainty import uncertainty
from cityindex.scoring.whatif import Standing
from tests.unit.scoring.frames import flat, method, panel

GAP = np.nan
OWN = Rule("none")


def test_a_place_that_stays_unranked_reaches_nothing() -> None:
    made = flat(["a", "b", "c"], method=method(normalise=OWN, screen=Rule("share", {"coverage": 0.6})))
    results = score(made, panel({"a": [1.0, 2, 3], "b": [GAP, 2, 3], "c": [GAP, 2, 3]}))
    frozen, standing = Frozen.of(made, results, 2023), Standing.of(made, results, 2023)
    found = target(Aim(frozen, standing, Row.of(results, "p0000", 2023), Goal(score=2)), "a")
    assert (found.feasible, found.rank, found.why) == (False, 0, "rule")
    assert np.isnan(found.score)


def test_weight_below_a_node_without_weight_is_none() -> None:
    tree = Node("index", (Node("part", (Leaf("a"),), 0.0), Leaf("b")))
    made = Framework("t", tree, {code: Indicator(code) for code in "ab"}, method=method(normalise=OWN))
    results = score(made, panel({"a": [1.0, 2], "b": [1.0, 2]}))
    aim = Aim(
        Frozen.of(made, results, 2023),
        Standing.of(made, results, 2023),
        Row.of(results, "p0000", 2023),
        Goal(score=1.5),
    )
    assert target(aim, "a").why == "no-weight"
    assert target(aim, "b").why == ""


@pytest.mark.parametrize("variant", ["first", "oecd"])
def test_no_weights_come_from_a_child_that_does_not_vary(variant: str) -> None:
    rng = np.random.default_rng(2)
    columns = {"x": rng.normal(size=30), "y": rng.normal(size=30), "z": np.full(30, 4.0)}
    made = flat(list(columns), node={"weights": Rule("pca", {"variant": variant})}, method=method(normalise=OWN))
    with pytest.raises(Invalid, match="z does not vary over the places that have all children"):
        score(made, panel(columns))


def dust() -> Any:
    """0.1 w / w: a tenth for everybody, but for the last bit of some."""
    w = np.arange(100.0, 160.0) * 7 + 1
    rates = (0.1 * w) / w
    assert rates.max() > rates.min()
    return rates


@pytest.mark.parametrize(
    "rule",
    [Rule("min-max"), Rule("z-score"), Rule("percentile-rank"), Rule("rank"), Rule("distance-to-best"), Rule("ratio")],
)
def test_what_only_rounding_tells_apart_does_not_vary(rule: Rule) -> None:
    """It would be blown up to the whole scale, and the last bit would decide who is first."""
    other = np.linspace(0, 10, 60)
    treat = Rule("winsorise", {"cap": 0})
    made = flat(["a", "b"], method=method(normalise=rule, treat=treat))
    results = score(made, panel({"a": dust(), "b": other}))
    alone = score(flat(["b"], method=method(normalise=rule, treat=treat)), panel({"b": other}))
    assert set(results.flag[0, :, results.row("a")].tolist()) == {int(Flag.NO_VARIATION)}
    assert results.score[0, :, 0].tolist() == alone.score[0, :, 0].tolist()
    assert next(line for line in results.treated if line.indicator == "a").method == "none"


def test_what_only_rounding_tells_apart_goes_together_with_nothing() -> None:
    other = np.linspace(0, 10, 60)
    assert all(np.isnan(correlation(dust(), other)) for correlation in (pearson, spearman, kendall))


@pytest.mark.parametrize("rule", [Rule("minimum"), Rule("median"), Rule("harmonic"), Rule("product")])
def test_ten_children_are_treated_alike_in_a_gap(rule: Rule) -> None:
    """Shapley's value gives the same to whoever does the same; orders by turns would not."""
    codes = [f"i{k}" for k in range(10)]
    one, other = [3.0, 3.0, 1.5, 2.0, 6.0, 7.0, 1.2, 5.0, 2.5, 3.0], [1.0, 1.0, 2.5, 4.0, 2.0, 3.0, 4.2, 1.0, 7.5, 1.0]
    made = flat(codes, node={"aggregate": rule}, method=method(normalise=OWN), scale=(1, 100))
    results = score(made, panel({code: [one[k], other[k]] for k, code in enumerate(codes)}))
    rows = [Row.of(results, place, 2023) for place in ("p0000", "p0001")]
    found = gap(Frozen.of(made, results, 2023), *rows)
    alike = [found.effect[results.row(codes[k])] for k in (0, 1, 9)]
    assert alike == pytest.approx([alike[0]] * 3, rel=1e-9)
    assert sum(found.effect[results.row(code)] for code in codes) == pytest.approx(found.gap)


REFERENCES: list[dict[str, Any]] = [
    {"treat": Rule("clip", {"low": 0.2, "high": 0.8, "over": "pooled"})},
    {"normalise": Rule("min-max", {"over": "pooled"})},
    {"normalise": Rule("min-max", {"over": {"base": 2021}})},
    {"normalise": Rule("z-score", {"over": {"base": [2021, 2022]}})},
]


@pytest.mark.parametrize("options", [*REFERENCES, {}])
def test_years_that_are_not_reported_are_references_still(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(9)
    columns = {code: rng.lognormal(0, 1, (3, 25)) for code in "ab"}
    data = panel(columns, periods=(2021, 2022, 2023))
    node = {} if options else {"rescale": Rule("z-score", {"over": "pooled"})}
    made = flat(["a", "b"], node=node, method=method(**options))
    whole, last = score(made, data), score(made, data, report_periods=(2023,))
    assert last.periods == (2023,)
    np.testing.assert_array_equal(last.score[0], whole.score[2])
    np.testing.assert_array_equal(last.rank[0], whole.rank[2])


def test_values_of_what_is_derived_are_not_used_and_that_is_said() -> None:
    made = flat([Indicator("x", type="derived", formula="2 * y"), "y"], method=method(normalise=OWN))
    results = score(made, panel({"x": [7.0, GAP], "y": [1.0, 2.0]}))
    assert results.score[0, :, 1].tolist() == [2, 4]
    assert any("«x» is derived: 1 values" in warning for warning in results.warnings)
    quiet = score(made, panel({"y": [1.0, 2.0]}))
    assert not any("derived" in warning for warning in quiet.warnings)


def test_parameters_that_are_not_alike_are_refused() -> None:
    made = flat(["x", "y"], method=method())
    results = score(made, panel({"x": [1.0, 2.0], "y": [1.0, 3.0]}))
    kept = results.parameters.to_json()
    for code in "xy":
        changed = {key: dict(entry) for key, entry in kept["fits"]["normalise"][code].items()}
        changed["2023"]["more"] = 1.0
        fits = {"normalise": {**kept["fits"]["normalise"], code: changed}}
        with pytest.raises(Invalid, match="not alike"):
            score(made, panel({"x": [1.0, 2.0], "y": [1.0, 3.0]}), replace(results.parameters, fits=fits))


def test_computed_weights_stay_where_a_choice_draws_none_of_theirs() -> None:
    computed = Rule("optimise", {"variant": "balance"})
    part = Node("part", (Leaf("x"), Leaf("y")), weights=computed)
    made = Framework("t", Node("index", (part, Leaf("z"))), {code: Indicator(code) for code in "xyz"})
    plan = UncertaintyPlan()
    assert framework_of(made, plan, Choice(weights={"z": 3.0})).nodes[1].weights == computed
    assert framework_of(made, plan, Choice(weights={"x": 3.0})).nodes[1].weights is None
    assert framework_of(made, plan, Choice()) is made


def test_scores_alone_are_no_values_and_have_no_rank() -> None:
    made = flat(["x", "y"], method=method(normalise=OWN))
    results = score(made, panel({"x": [1.0, 2.0], "y": [1.0, 3.0]}))
    found = Frozen.of(made, results, 2023).of_scores(Row.of(results, "p0000", 2023), np.array([10.0, GAP]))
    assert np.isnan(found.values).all()
    assert (found.rank, found.score[0], found.coverage[0], found.flag.tolist()) == (0, 10.0, 0.5, [0, 0, 1])


@pytest.mark.parametrize(("largest", "refused"), [(3, False), (2, True)])
def test_copeland_is_for_so_many_places(largest: int, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(means, "LARGEST_COPELAND", largest)
    made = flat(["x"], node={"aggregate": Rule("copeland")}, method=method(normalise=OWN))
    if refused:
        with pytest.raises(Invalid, match="up to 2 places"):
            score(made, panel({"x": [1.0, 2.0, 3.0]}))
    else:
        assert score(made, panel({"x": [1.0, 2.0, 3.0]})).score[0, :, 0].tolist() == [-2, 0, 2]


def test_codes_of_cells() -> None:
    """They are stored: a number never gets another meaning."""
    assert [status.value for status in CellStatus] == list(range(9))
    letters = {letter: CellStatus(OF_SDMX[ord(letter)]).name for letter in "AEFIMHJKLQ"}
    assert letters == {
        "A": "NORMAL", "E": "ESTIMATED", "F": "ESTIMATED", "I": "IMPUTED", "M": "NOT_APPLICABLE",
        "H": "NOT_COLLECTED", "J": "NOT_COLLECTED", "K": "NOT_COLLECTED", "L": "NOT_COLLECTED", "Q": "SUPPRESSED",
    }  # fmt: skip


def test_what_does_not_fit_in_a_panel_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        Panel(
            ("a", "a"), (2023, 2022), ("x", "x"), np.zeros((1, 2, 2)), np.zeros((2, 2, 1), np.uint8), {"kind": ("t",)}
        )
    named = [problem.column for problem in refused.value.problems]
    assert named == ["values", "status", "kind", "places", "indicators", "periods"]
    assert all(problem.cure for problem in refused.value.problems)


def test_what_is_derived_is_as_good_as_the_worst_of_its_operands() -> None:
    made = flat([Indicator("x", type="derived", formula="a + b")], method=method(normalise=OWN))
    values = np.array([[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]])
    status = np.array([[[0, 1], [2, 0], [0, 0]]], dtype=np.uint8)
    results = score(made, Panel(("p", "q", "r"), (2023,), ("a", "b"), values, status))
    assert results.status[0, :, 0].tolist() == [CellStatus.ESTIMATED, CellStatus.INHERITED, CellStatus.NORMAL]


def test_what_is_missing_all_over_is_said() -> None:
    made = flat([Indicator("x", denominator="people"), Indicator("y", type="derived", formula="z / 2")])
    made = replace(made, places=("town",))
    warnings = "\n".join(score(made, panel({"x": [1.0, 2.0]})).warnings)
    for said in ("«people» is in a formula", "«z» is in a formula", "without `place_type`", "no denominator people"):
        assert said in warnings


def test_a_box_cox_without_a_power_is_one_of_a_half() -> None:
    values = [float(k) for k in range(1, 30)] + [900.0]
    rules = [Rule("winsorise", {"cap": 0, "otherwise": "box-cox", **power}) for power in ({}, {"lambda": 0.5})]
    found = [score(flat(["x"], method=method(normalise=OWN, treat=rule)), panel({"x": values})) for rule in rules]
    np.testing.assert_array_equal(found[0].score, found[1].score)
    assert found[0].treated == found[1].treated
    assert found[0].score[0, 29, 1] == pytest.approx((900**0.5 - 1) / 0.5)


def test_a_branch_of_pilots_weighs_nothing() -> None:
    inner = Node("inner", (Node("deep", (Leaf("a"), Leaf("b"))),), 0.0)
    pilots = {code: Indicator(code, status="pilot") for code in "ab"}
    tree = Node("index", (Node("trial", (inner,)), Leaf("c")))
    made = Framework("t", tree, {**pilots, "c": Indicator("c")}, method=method(normalise=OWN))
    results = score(made, panel({"a": [9.0, 9], "b": [9.0, 8], "c": [1.0, 2]}))
    assert results.score[0, :, 0].tolist() == [1, 2]
    assert results.weights[[results.row(code) for code in ("trial", "inner", "a", "c")]].tolist() == [0, 0, 0, 1]
    assert results.effective[0, results.row("a")] == 0


def test_frozen_parameters_settle_what_they_hold_and_nothing_else() -> None:
    weighed = flat(["x", "y"], node={"weights": Rule("equal")})
    plan = UncertaintyPlan(leave_out=True, normalise=(Rule("min-max"),))
    assert without_fits(weighed, plan) == UncertaintyPlan(leave_out=True)
    assert without_fits(weighed, UncertaintyPlan(treat=(OWN,))) is None
    for node in ({"weights": Rule("pca", {"variant": "first"})}, {"rescale": Rule("min-max")}):
        assert without_fits(flat(["x", "y"], node=node), plan) is None


def test_a_formula_that_is_refused_is_told_back() -> None:
    with pytest.raises(Invalid) as refused:
        names("a +")
    assert (refused.value.problems[0].column, refused.value.problems[0].value) == ("formula", "a +")


def test_a_rank_that_is_not_always_there_has_no_indices() -> None:
    columns = {"x": [1.0, 5, 2, 9], "y": [4.0, 1, 8, GAP], "z": [3.0, 7, 1, 2]}
    made = flat(["x", "y", "z"], method=method(coverage=Rule("weight", {"share": 0.6})))
    plan = UncertaintyPlan(weights=Weighting("noise", 0.9), normalise=(Rule("min-max"), Rule("rank")), sobol=True)
    result = uncertainty(made, panel(columns), plan, 64, 7)
    assert 0 < result.ranked[3] < 1
    first, total = result.place_sensitivity()
    assert first.shape == total.shape == (len(result.sensitivity), 4)
    assert np.isnan(first[:, 3]).all()
    assert not np.isnan(total[:, :3]).any()


def test_infinities_are_refused_with_the_first_thousand_named() -> None:
    values = np.full(1001, np.inf)
    with pytest.raises(
        Invalid, match=r"^1001 infinite values, the first: x: infinite value of p0000 in 2023"
    ) as refused:
        score(flat(["x"]), panel({"x": values}))
    assert len(refused.value.problems) == 1000


def test_what_a_framework_has_that_says_nothing() -> None:
    """The defaults of definition files."""
    made = Framework("t", Node("index", (Leaf("x"),)), {"x": Indicator("x")})
    assert (made.period, made.version, made.scale) == ("calendar-year", "1", (0, 100))
    usual = made.method
    assert (usual.screen.options["coverage"], usual.coverage.options["share"], usual.missing) == (
        0.65,
        0.66,
        "renormalise",
    )
    assert [usual.fill.method, usual.treat.method, usual.impute.method, usual.aggregate.method, usual.rank.method] == [
        "none",
        "none",
        "none",
        "arithmetic",
        "min",
    ]
    assert Weighting("sets").amount == 0


def test_of_a_hundred_places_one_is_pulled_in_unless_the_rule_says_how_many() -> None:
    values = np.append(np.linspace(1, 2, 297), [1e3, 2e3, 3e3])
    [line] = score(
        flat(["x"], method=method(treat=Rule("winsorise", {"otherwise": "none"}))), panel({"x": values})
    ).treated
    assert (line.points, line.high) == (3, 2)
    [line] = score(
        flat(["x"], method=method(treat=Rule("winsorise", {"otherwise": "none"}))), panel({"x": values[100:]})
    ).treated
    assert line.points == 2


def test_under_equal_weights_each_child_has_weight_1() -> None:
    made = flat(["x", "y"], weights=[3.0, 4.0], node={"weights": Rule("equal")})
    assert score(made, panel({"x": [1.0, 2], "y": [3.0, 1]})).parameters.weights == {"index": {"x": 1.0, "y": 1.0}}


def test_groups_without_a_value_are_counted() -> None:
    rule = Rule("mean", {"by": "group"})
    made = flat(["x", "y"], method=method(impute=rule, normalise=OWN))
    groups = {"group": ("a", "a", "b", "c", None)}
    results = score(made, panel({"x": [1.0, 3, GAP, GAP, GAP], "y": [1.0] * 5}, attributes=groups))
    assert results.score[0, :, 1].tolist() == [1, 3, 2, 2, 2]
    assert "2 groups by «group» have no value to impute from: that of all places is taken" in results.warnings


def test_a_group_without_a_value_falls_back_to_the_next_wider_one() -> None:
    rule = Rule("median", {"by": ("district", "province", "colour")})
    made = flat(["x"], method=method(impute=rule, normalise=OWN))
    where = {"district": ("d1", "d1", "d2", "d3", "d1"), "province": ("p", "p", "p", "q", None)}
    results = score(made, panel({"x": [1.0, GAP, GAP, GAP, 9]}, attributes=where))
    # The second has its district's median, the third its province's, the fourth has no wider group with a value.
    assert results.score[0, :, 1].tolist() == [1, 5, 1, 5, 9]
    assert "imputed without a group: they do not have «colour»" in results.warnings
    assert any("3 groups by «district, province, colour»" in warning for warning in results.warnings)
    changed = panel({"x": [2.0, GAP, GAP, GAP, 9]}, attributes=where)
    assert score(made, changed, results.parameters).score[0, :, 1].tolist() == [2, 5, 1, 5, 9]


def test_a_dimension_with_too_little_keeps_a_place_from_being_ranked() -> None:
    tree = Node("index", (Node("one", (Leaf("a"), Leaf("b"))), Node("two", (Leaf("c"), Leaf("d"))), Leaf("e")))
    columns = {code: [1.0, 2, 3, 4] for code in "abde"} | {"c": [1.0, GAP, GAP, 2]}
    columns["d"], columns["e"] = [1.0, 2, GAP, 3], [1.0, 2, 3, GAP]
    made = Framework("t", tree, {code: Indicator(code) for code in "abcde"}, method=method())
    ranks = {}
    for least in (0.5, 0.51):
        screened = replace(made, method=method(screen=Rule("share", {"coverage": 0.2, "dimension": least})))
        ranks[least] = score(screened, panel(columns)).rank[0, :, 0].tolist()
    # The third place lacks one of the two wholly; what stands right below the index is no dimension.
    assert [rank > 0 for rank in ranks[0.5]] == [True, True, False, True]
    assert [rank > 0 for rank in ranks[0.51]] == [True, False, False, True]


def test_values_are_shown_after_the_last_of_the_steps_that_make_them() -> None:
    item = Indicator("x", denominator="population", per=10, transform="log")
    made = flat([item], method=method(order=("denominate", "transform", "normalise", "aggregate", "rank")))
    people = {"population": (10, 20, 5)}
    assert score(made, panel({"x": [10.0, 10, 10]}, attributes=people)).values[0, :, 0].tolist() == [10, 5, 20]


def test_one_ranked_place_alone_is_behind_all_the_shares() -> None:
    bands = Bands(("A", "B"), share=(0.5, 0.5))
    made = flat(["x"], method=method(normalise=Rule("goalposts", {"low": 0, "high": 1})), bands=bands)
    assert score(made, panel({"x": [0.5, GAP]})).band[0].tolist() == [1, -1]


def test_other_weights_ask_for_no_types_of_places() -> None:
    made = flat([Indicator("x", applies_to=("city",)), "y"])
    given = panel({"x": [1.0, 2, 3], "y": [3.0, 1, 2]}, attributes={"place_type": ("city", "town", "city")})
    results = score(made, given)
    found = reweigh(made, results, {"y": 3.0})
    assert not found.warnings
    assert found.score[0, :, 0].tolist() == pytest.approx([75, 0, 62.5])


def test_effects_of_a_gap_of_nothing_are_those_of_its_parts() -> None:
    """Two places with the same score for opposite reasons."""
    made = flat(["x", "y"], node={"aggregate": Rule("median")}, method=method(normalise=OWN))
    results = score(made, panel({"x": [60.0, 40, 1], "y": [40.0, 60, 2]}))
    one, other = (Row.of(results, place, 2023) for place in ("p0000", "p0001"))
    assert gap(Frozen.of(made, results, 2023), one, other).effect.tolist() == [0, 10, -10]


@pytest.mark.parametrize("rule", [Rule("geometric"), Rule("harmonic"), Rule("power", {"p": 0.5})])
def test_a_part_that_counts_as_0_does_so_in_every_replication(rule: Rule) -> None:
    """One of the scores of one of two nodes is below what the mean above can take."""
    rng = np.random.default_rng(4)
    columns = {code: rng.normal(50, 20, 30) for code in "abcd"}
    columns["c"][7] = columns["d"][7] = -40
    tree = Node("index", (Node("p", (Leaf("a"), Leaf("b"))), Node("q", (Leaf("c"), Leaf("d")))), aggregate=rule)
    made = Framework(
        "t",
        tree,
        {code: Indicator(code) for code in "abcd"},
        method=method(normalise=OWN, nonpositive=Rule("zero")),
    )
    plan = UncertaintyPlan(weights=Weighting("noise", 0.25))
    found = uncertainty(made, panel(columns), plan, 12, 3)
    assert found.ranks is not None
    for number, choice in enumerate(found.choices()):
        expected = score(framework_of(made, plan, choice), panel(columns)).rank[0, :, 0]
        assert found.ranks[number].tolist() == expected.tolist()


@pytest.mark.parametrize("name", ["min-max", "percentile-rank", "z-score"])
@pytest.mark.parametrize("over", ["period", "pooled", {"base": 2022}])
def test_a_place_scored_alone_has_the_tree_of_its_run(over: Any, name: str) -> None:
    """What does not vary left the run's tree: also for a place that has no value of it, and one of another year."""
    rule = Rule(name, {"over": over})
    made = flat(["x", "y"], method=method(normalise=rule, coverage=Rule("weight", {"share": 0.66})))
    columns = {"x": [[1.0, 2, 3], [4, 5, 6]], "y": [[7.0, 7, GAP], [7, 7, GAP]]}
    results = score(made, panel(columns, periods=(2022, 2023)))
    assert results.coverage[:, 2, 0].tolist() == [1, 1]
    third = panel({code: np.array(cells)[:, 2] for code, cells in columns.items()}, places=["p0002"],
                  periods=(2022, 2023))  # fmt: skip
    alone = score(made, third, Parameters.from_json(json.loads(json.dumps(results.parameters.to_json()))))
    for part in ("score", "coverage", "flag"):
        np.testing.assert_array_equal(getattr(alone, part)[:, 0], getattr(results, part)[:, 2], err_msg=part)

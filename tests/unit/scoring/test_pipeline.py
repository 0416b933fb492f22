"""The pipeline: derived and denominated values, fill, screening, flags, ranks, peers, bands, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.errors import DefinitionError, Invalid
from cityindex.scoring.framework import Bands, Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import CellStatus, Panel
from cityindex.scoring.pipeline import FLAG_NAMES, Flag, score
from tests.unit.scoring.frames import OPEN, flat, method, panel

GAP = np.nan
OWN = method(normalise=Rule("none"))


def derived(code: str, formula: str, **options: Any) -> Indicator:
    return Indicator(code, type="derived", formula=formula, **options)


def framework(leaves: list[str], indicators: list[Indicator], **options: Any) -> Framework:
    options.setdefault("method", OWN)
    tree = Node("index", tuple(Leaf(code) for code in leaves))
    return Framework("test", tree, {item.code: item for item in indicators}, **options)


def test_derived_indicators() -> None:
    made = framework(
        ["share"], [derived("share", "100 * own / total"), derived("total", "own + other"), Indicator("own")]
    )
    data = panel({"own": [1, 2, 0, GAP], "other": [3, GAP, 0, 1]})
    results = score(made, data)
    np.testing.assert_array_equal(results.values[0, :, 0], [25, GAP, GAP, GAP])
    assert any("«share»" in warning and "1 cells" in warning for warning in results.warnings)


def test_formulas_in_a_circle_are_refused() -> None:
    made = framework(["a"], [derived("a", "b + 1"), derived("b", "a + 1")])
    with pytest.raises(DefinitionError, match="a -> b -> a"):
        score(made, panel({"x": [1, 2]}))


def test_a_name_is_the_observation_first_and_then_the_attribute() -> None:
    made = framework(["rate"], [Indicator("rate", denominator="population", per=1000)])
    data = panel({"rate": [5, 5, 5], "population": [100, GAP, 0]}, attributes={"population": (1, 250, 1)})
    results = score(made, data)
    np.testing.assert_allclose(results.values[0, :, 0], [50, 20, GAP])
    assert results.lookups["population"] == {"observation": 2, "attribute": 1}
    assert any("is 0 in 1 cells" in warning for warning in results.warnings)


def test_a_denominator_may_be_of_an_earlier_period() -> None:
    items = [Indicator("rate", denominator="people"), Indicator("people", fill=Rule("latest", {"max_age": 1}))]
    data = panel({"rate": [[4], [6], [8]], "people": [[2], [GAP], [GAP]]}, periods=(2021, 2022, 2023))
    results = score(framework(["rate"], items), data)
    np.testing.assert_array_equal(results.values[:, 0, 0], [2, 3, GAP])
    assert results.lookups["people"]["earlier"] == 1
    assert results.flag[1, 0, 1] == Flag.FILLED


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("none"), [GAP, 2, GAP, GAP, 8, GAP]),
        (Rule("latest"), [GAP, 2, 2, 2, 8, 8]),
        (Rule("latest", {"max_age": 1}), [GAP, 2, 2, GAP, 8, 8]),
        (Rule("constant"), [2, 2, 2, 2, 8, 8]),
        (Rule("linear"), [GAP, 2, 4, 6, 8, GAP]),
        (Rule("linear-constant"), [2, 2, 4, 6, 8, 8]),
    ],
)
def test_fill(rule: Rule, expected: list[float]) -> None:
    values = np.array([[GAP], [2], [GAP], [GAP], [8], [GAP]])
    made = flat(["x"], method=method(normalise=Rule("none"), fill=rule))
    results = score(made, panel({"x": values}, periods=range(2018, 2024)))
    np.testing.assert_allclose(results.values[:, 0, 0], expected)
    filled = np.isnan(values[:, 0]) & ~np.isnan(expected)
    assert (results.flag[:, 0, 1] == Flag.FILLED).tolist() == filled.tolist()
    assert results.imputed[:, 0, 0].tolist() == filled.astype(float).tolist()


def test_fill_looks_back_beyond_what_is_reported() -> None:
    made = flat(["x"], method=method(normalise=Rule("none"), fill=Rule("latest", {"max_age": 2})))
    results = score(made, panel({"x": [[7], [GAP]]}, periods=(2021, 2023)), report_periods=(2023,))
    assert results.periods == (2023,)
    assert results.values.tolist() == [[[7]]]


def test_years_and_not_rows_are_the_age() -> None:
    made = flat(["x"], method=method(normalise=Rule("none"), fill=Rule("latest", {"max_age": 1})))
    results = score(made, panel({"x": [[7], [GAP]]}, periods=(2021, 2023)))
    assert np.isnan(results.values[1, 0, 0])


def test_a_place_below_the_screen_is_shown_but_not_ranked_and_in_no_reference() -> None:
    made = flat(["x", "y"], method=Method(screen=Rule("share", {"coverage": 0.6}), coverage=OPEN))
    results = score(made, panel({"x": [0, 10, 20], "y": [0, 10, GAP]}))
    assert results.rank[0, :, 0].tolist() == [2, 1, 0]
    assert results.score[0, :, 0].tolist() == [0, 100, 200]
    assert results.flag[0, 2, 0] == Flag.LOW_COVERAGE


def test_too_many_zeros_are_screened_too() -> None:
    made = flat(["x", "y"], method=method(screen=Rule("share", {"coverage": 0, "zeros": 0.5}), normalise=Rule("none")))
    results = score(made, panel({"x": [0, 0, 1], "y": [0, 1, 1]}))
    assert results.rank[0, :, 0].tolist() == [0, 2, 1]


def test_a_pilot_is_shown_and_weighs_nothing() -> None:
    made = framework(["x", "y"], [Indicator("x"), Indicator("y", status="pilot")], method=Method())
    results = score(made, panel({"x": [1, 2, 3], "y": [3, GAP, 1]}))
    assert results.score[0, :, 0].tolist() == [0, 50, 100]
    assert results.score[0, :, 2][[0, 2]].tolist() == [100, 0]
    assert results.flag[0, :, 2].tolist() == [Flag.PILOT] * 3
    assert results.effective[0].tolist() == [1, 1, 0]
    assert results.coverage[0, :, 0].tolist() == [1, 1, 1]


def test_what_does_not_apply_to_a_place_does_not_count_against_it() -> None:
    made = framework(["x", "y"], [Indicator("x"), Indicator("y", applies_to=("city-municipality",))], method=Method())
    data = panel({"x": [1, 2, 3], "y": [1, 2, 9]}, attributes={"place_type": ("city_municipality",) * 2 + ("sao",)})
    results = score(made, data)
    assert results.coverage[0, :, 0].tolist() == [1, 1, 1]
    assert results.flag[0, :, 2].tolist() == [Flag.NONE, Flag.NONE, Flag.NOT_APPLICABLE]
    assert np.isnan(results.values[0, 2, 1])
    assert any("do not apply" in warning for warning in results.warnings)


def test_a_place_to_which_nothing_applies() -> None:
    made = framework(["x"], [Indicator("x", applies_to=("a",))], method=Method())
    results = score(made, panel({"x": [1, 2, 3]}, attributes={"place_type": ("a", "a", "b")}))
    assert results.flag[0, 2].tolist() == [Flag.NOT_APPLICABLE] * 2
    assert results.rank[0, :, 0].tolist() == [2, 1, 0]


def test_the_status_of_cells_becomes_their_flag() -> None:
    status = np.array(
        [[[CellStatus.INHERITED], [CellStatus.IMPUTED], [CellStatus.NOT_APPLICABLE], [CellStatus.SUPPRESSED]]]
    )
    data = Panel(
        ("a", "b", "c", "d"), (2023,), ("x",), np.array([[[1.0], [2.0], [GAP], [GAP]]]), status.astype(np.uint8)
    )
    results = score(flat(["x"]), data)
    names = [FLAG_NAMES[flag] for flag in results.flag[0, :, 1]]
    assert names == ["inherited", "imputed", "not-applicable", "missing"]
    assert results.imputed[0, :, 0].tolist() == [0, 1, 0, 0]


def test_only_the_types_of_the_framework_are_scored() -> None:
    made = flat(["x"], places=("city-municipality",))
    data = panel({"x": [5, 1, 3]}, attributes={"place_type": ("sao", "city-municipality", "city-municipality")})
    results = score(made, data)
    assert results.places == ("p0001", "p0002")
    assert results.score[0, :, 0].tolist() == [0, 100]
    with pytest.raises(Invalid, match="no place to score"):
        score(made, panel({"x": [1]}, attributes={"place_type": ("sao",)}))


def test_ranks_peers_percentiles_and_bands() -> None:
    made = flat(["x"], method=OWN, peers=("region", "nothing"), bands=Bands(("A", "B", "C"), cuts=(50, 20)))
    data = panel({"x": [50, 20, 20, 10, GAP]}, attributes={"region": ("n", "s", "n", None, "n")})
    results = score(made, data)
    assert results.rank[0, :, 0].tolist() == [1, 2, 2, 4, 0]
    np.testing.assert_allclose(results.percentile[0], [100, 200 / 3, 200 / 3, 0, GAP])
    assert results.band[0].tolist() == [0, 1, 1, 2, -1]
    peers = results.peer_ranks["region"]
    assert peers.groups == ("n", "s", "n", None, "n")
    assert peers.rank[0].tolist() == [1, 1, 2, 0, 0]
    assert peers.size[0].tolist() == [2, 1, 2, 0, 2]
    assert any("nothing" in warning for warning in results.warnings)


def test_bands_by_share_keep_ties_together() -> None:
    made = flat(["x"], method=OWN, bands=Bands(("A", "B"), share=(0.1, 0.9)))
    results = score(made, panel({"x": [9, 9, *range(8)]}))
    assert results.band[0].tolist() == [0, 0, *[1] * 8]


def test_declared_decimals_make_ties() -> None:
    made = flat(["x"], method=method(normalise=Rule("none"), rank=Rule("min", {"decimals": 1})))
    assert score(made, panel({"x": [1.01, 1.02, 1.2]})).rank[0, :, 0].tolist() == [2, 2, 1]


def test_a_node_where_lower_is_better_ranks_upwards() -> None:
    made = flat(["x"], method=OWN, node={"direction": "lower"})
    assert score(made, panel({"x": [1, 2, 3]})).rank[0, :, 0].tolist() == [1, 2, 3]


def test_without_the_step_nobody_is_ranked() -> None:
    made = flat(["x"], method=method(order=("normalise", "aggregate")))
    assert not score(made, panel({"x": [1, 2, 3]})).rank.any()


def test_infinite_values_are_refused_by_name() -> None:
    with pytest.raises(Invalid, match=r"p0001 in 2023") as refused:
        score(flat(["x"]), panel({"x": [1, np.inf]}))
    assert refused.value.problems[0].column == "x"


def test_periods_that_are_not_there_are_refused() -> None:
    with pytest.raises(Invalid, match="2030"):
        score(flat(["x"]), panel({"x": [1, 2]}), report_periods=(2030,))


def test_an_indicator_without_data_is_said() -> None:
    results = score(flat(["x", "y"]), panel({"x": [1, 2]}))
    assert any("y" in warning for warning in results.warnings)
    assert results.flag[0, :, results.row("y")].tolist() == [Flag.MISSING] * 2


def test_nodes_above_the_limit_of_imputed_weight_are_flagged() -> None:
    rule = Rule("median", {"limit": 0.4})
    made = flat(["x", "y"], method=method(impute=rule))
    results = score(made, panel({"x": [1, 2, 3], "y": [1, GAP, 3]}))
    assert results.flag[0, :, 0].tolist() == [Flag.NONE, Flag.IMPUTED, Flag.NONE]
    assert results.imputed[0, :, 0].tolist() == [0, 0.5, 0]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (flat(["x"], method=method(normalise=Rule("minmax"))), "minmax"),
        (flat(["x"], method=method(normalise=Rule("min-max", {"oder": 1}))), "oder"),
        (flat(["x"], method=method(treat=Rule("trim"))), "trim"),
        (flat(["x"], method=method(impute=Rule("knn"))), "knn"),
        (flat(["x"], method=method(aggregate=Rule("power"))), "power without"),
        (flat(["x"], method=method(missing="ignore")), "ignore"),
        (flat(["x"], method=method(order=("normalise", "rank"))), "aggregate"),
        (flat(["x"], method=method(order=("aggregate", "normalise"))), "aggregates before"),
        (flat(["x"], method=method(order=("normalise", "derive", "aggregate"))), "not there yet"),
        (flat(["x"], method=method(order=("normalise", "normalise", "aggregate"))), "twice"),
        (flat(["x"], scale=(1, 1)), "scale"),
        (flat(["x"], weights=[-1.0]), "weight -1"),
        (flat(["x"], weights=[0.0]), "weight 0"),
        (flat(["x", "x"]), "2 times"),
        (flat([Indicator("x", status="retired")]), "retired"),
        (flat([Indicator("x", normalise=Rule("goalposts", {"low": 5, "high": 1}))]), "5 to 1"),
        (flat([Indicator("x", normalise=Rule("goalposts"))]), "without low and high"),
        (flat([Indicator("x", normalise=Rule("distance-to-target"))]), "without `target`"),
        (flat([Indicator("x", normalise=Rule("ladder", {"thresholds": (1,), "levels": (1, 2, 3)}))]), "3 levels"),
        (flat(["x"], node={"weights": Rule("pca", {"variant": "second"})}), "second"),
        (Framework("test", Node("index", (Leaf("x"),)), {}), "no definition"),
    ],
)
def test_what_cannot_be_computed_is_refused_before_any_work(made: Framework, reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason) as refused:
        score(made, panel({"x": [1, 2]}))
    assert all(problem.cure and problem.column for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"places": ("a", "a")}, "twice"),
        ({"places": ("a",)}, "shape"),
        ({"periods": (2023, 2022)}, "ascending"),
        ({"attributes": {"region": ("n",)}}, "1 entries"),
    ],
)
def test_a_panel_that_does_not_fit_together_is_refused(change: dict[str, Any], reason: str) -> None:
    given = {"places": ("a", "b"), "periods": (2023,), "indicators": ("x",), "values": np.zeros((1, 2, 1)), **change}
    if "periods" in change:
        given["values"] = np.zeros((2, 2, 1))
    with pytest.raises(Invalid, match=reason):
        Panel(**given)

"""Replications: each is what the pipeline gives with its choices, whoever computes it and in whatever order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.errors import DefinitionError, Invalid
from cityindex.scoring.choices import Choice, UncertaintyPlan, Weighting, framework_of
from cityindex.scoring.framework import Bands, Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import score, weights_of
from cityindex.scoring.plan import make_plan
from cityindex.scoring.plan_check import without_fits
from cityindex.scoring.results import Parameters
from cityindex.scoring.tally import Tally
from cityindex.scoring.uncertainty import PERCENTILES, UncertaintyResult, uncertainty
from tests.unit.scoring.frames import flat, method
from tests.unit.scoring.frames import panel as columns
from tests.unit.scoring.studies import (
    ARITHMETIC,
    CODES,
    FULL,
    GEOMETRIC,
    MINMAX,
    NOISE,
    SHARES,
    framework,
    panel,
)

COUNT = 24


def alike(made: Framework, data: Panel, plan: UncertaintyPlan, count: int = COUNT) -> UncertaintyResult:
    """Every replication, rebuilt by the whole pipeline from its choices, gives the same ranks."""
    result = uncertainty(made, data, plan, count, 7)
    assert result.ranks is not None
    for number, choice in enumerate(result.choices()):
        alone = score(framework_of(made, plan, choice), data, report_periods=(result.period,))
        np.testing.assert_array_equal(alone.rank[0, :, 0], result.ranks[number], err_msg=str(choice))
    return result


LOWER = {"direction": "lower"}
MEANS = (Rule("minimum"), Rule("median"), Rule("sum"), Rule("mazziotta-pareto"), Rule("power", {"p": -2}))


@pytest.mark.parametrize(
    ("node", "root", "options"),
    [
        ({}, {}, {}),
        ({"missing": "propagate"}, {}, {"coverage": Rule("weight", {"share": 0.0})}),
        ({"missing": "zero"}, {}, {}),
        ({"coverage": Rule("count", {"share": 0.75})}, {}, {"screen": Rule("share", {"coverage": 0.8})}),
        ({"nonpositive": Rule("floor", {"floor": 30.0})}, {"nonpositive": Rule("floor", {"floor": 50.0})}, {}),
        ({"round": 0}, {"round": 0, **LOWER}, {"rank": Rule("max", {"decimals": 0})}),
        ({"rescale": SHARES}, {}, {}),
        ({"weights": Rule("equal")}, {}, {"impute": Rule("row-mean")}),
        ({}, {}, {"screen": Rule("share", {"coverage": 0.6, "zeros": 0.3})}),
        ({}, {}, {"normalise": Rule("min-max", {"over": "pooled"}), "treat": Rule("winsorise", {"over": "pooled"})}),
        ({}, {}, {"order": ("treat", "screen", "impute", "normalise", "aggregate", "rank")}),
        ({}, {}, {"order": ("screen", "fill", "treat", "impute", "normalise", "aggregate", "rank")}),
    ],
)
@pytest.mark.parametrize("not_applicable", [0.0, 0.1])
def test_a_replication_is_what_the_pipeline_gives(node: Any, root: Any, options: Any, not_applicable: float) -> None:
    alike(framework(node, root, **options), panel(not_applicable=not_applicable), FULL)


@pytest.mark.parametrize("rule", [*MEANS, Rule("copeland")])
def test_every_rule_of_aggregation(rule: Rule) -> None:
    plan = UncertaintyPlan(aggregate={"index": (rule, ARITHMETIC), "sub": (rule, GEOMETRIC)}, weights=NOISE)
    alike(framework(), panel(gaps=0.3), plan, 12)


@pytest.mark.parametrize("gaps", [0.0, 0.5])
def test_few_and_many_gaps(gaps: float) -> None:
    alike(framework(), panel(gaps=gaps), FULL)


def test_computed_weights_are_those_of_each_replication() -> None:
    made = framework({"weights": Rule("optimise", {"variant": "balance"})})
    plan = UncertaintyPlan(normalise=(MINMAX, SHARES), weights=Weighting("noise", 0.2, (1,)), leave_out=True)
    alike(made, panel(gaps=0.05), plan, 12)


def test_varied_weights_go_before_computed_ones() -> None:
    made = framework({"weights": Rule("optimise", {"variant": "balance"})})
    result = alike(made, panel(gaps=0.05), UncertaintyPlan(weights=Weighting("noise", 0.0)), 2)
    assert result.mean_shift == 0


SETS = Weighting("sets", sets=({"i0": 5.0}, {"one": 0.0, "i4": 0.0}, {"two": 9.0}))
WAYS = (Weighting("dirichlet", 20.0), Weighting("dirichlet", 0.01, (1,)), Weighting("noise", 1.0, (3,)), SETS)


@pytest.mark.parametrize("weights", WAYS)
def test_every_way_to_vary_weights(weights: Weighting) -> None:
    result = alike(framework(), panel(), replace(FULL, weights=weights))
    drawn = [choice.weights for choice in result.choices()]
    assert len({tuple(weights.values()) for weights in drawn}) > 2


def test_weights_vary_where_the_plan_says() -> None:
    result = uncertainty(framework(), panel(), UncertaintyPlan(weights=Weighting("noise", 0.25, (2,))), 50, 7)
    assert result.design.weighted == ("sub", "single", "i4", "i5", "i6", "i7")
    drawn = np.array([list(choice.weights.values()) for choice in result.choices()])
    nominal = np.array([2.0, 1, 1, 1, 1, 1])
    assert (np.abs(drawn / nominal - 1) <= 0.25).all()
    assert (np.abs(drawn / nominal - 1).max(axis=0) > 0.2).all()


def test_sibling_shares_of_a_dirichlet_keep_their_mean() -> None:
    result = uncertainty(framework(), panel(), UncertaintyPlan(weights=Weighting("dirichlet", 20, (1,))), 400, 7)
    drawn = np.array([list(choice.weights.values()) for choice in result.choices()])
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), np.array([1, 3, 0.5]) / 4.5, atol=0.015)


def test_every_indicator_is_left_out_now_and_then_and_sometimes_none() -> None:
    result = alike(framework(), panel(), UncertaintyPlan(leave_out=True), 120)
    assert {choice.left_out for choice in result.choices()} == {None, *CODES}


def test_measurement_errors_are_of_the_values() -> None:
    plan = UncertaintyPlan(noise={"i0": 0.2, "i5": 0.1}, normalise=(MINMAX, SHARES), leave_out=True)
    for options in ({}, {"impute": Rule("row-mean")}, {"screen": Rule("share", {"coverage": 0.8})}):
        made, data = framework({}, {}, **options), panel(periods=(2023,))
        result = uncertainty(made, data, plan, 8, 7)
        by_code = np.argsort(data.places)
        for number, choice in enumerate(result.choices()):
            errors = result.design.errors(choice.errors or 0, (2, 1, len(data.places)))
            values = data.values.copy()
            for code, share, error in (("i0", 0.2, errors[0]), ("i5", 0.1, errors[1])):
                values[0, by_code, data.indicators.index(code)] *= 1 + share * error[0]
            alone = score(framework_of(made, plan, choice), replace(data, values=values))
            np.testing.assert_array_equal(alone.rank[0, :, 0], result.ranks[number])  # type: ignore[index]


def test_measurement_errors_stay_within_bounds() -> None:
    """The best place by far can only tie with others, because nobody has more than 10."""
    rated = Indicator("x", bounds=(0, 10), normalise=Rule("goalposts", {"low": 0, "high": 10, "clip": "none"}))
    data = columns({"x": [10.0] * 5 + [1.0] * 5})
    ranks = uncertainty(flat([rated], method=method()), data, UncertaintyPlan(noise={"x": 0.2}), 20, 7).ranks
    assert ranks is not None
    assert ((ranks[:, :5] == 1).sum(axis=1) > 1).any()


def test_nothing_varied_gives_the_nominal_ranks() -> None:
    result = alike(framework(), panel(), UncertaintyPlan(), 3)
    np.testing.assert_array_equal(result.percentiles, np.repeat(result.nominal[None], 5, axis=0))
    assert result.mean_shift == 0
    assert next(iter(result.choices())).weights == {}


def test_the_choice_that_a_framework_has_made_already_is_nominal() -> None:
    """A listed rule takes what it does not say from the framework's own."""
    winsorised = Rule("winsorise", {"cap": 0.05, "otherwise": "none"})
    made = framework(normalise=Rule("min-max", {"over": "pooled"}), treat=winsorised)
    plan = UncertaintyPlan(normalise=(MINMAX,), treat=(Rule("winsorise", {"cap": 0.05}),))
    assert uncertainty(made, panel(), plan, 1, 7).mean_shift == 0


def test_own_rules_give_way_but_exemptions_stand() -> None:
    posts = Indicator("x", normalise=Rule("goalposts", {"low": 0, "high": 10}), treat=Rule("none"))
    made = flat([posts, Indicator("y", treat=Rule("winsorise"))])
    chosen = framework_of(made, FULL, Choice(normalise=1, treat=1))
    assert chosen.indicators["x"].treat == Rule("none")
    assert chosen.indicators["y"].treat == Rule("winsorise", {"cap": 0.05})
    assert chosen.indicators["x"].normalise == Rule("percentile-rank", {"over": "period"}) == chosen.method.normalise


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 2**32), st.floats(0, 0.9), st.floats(0, 0.5), st.sampled_from(["renormalise", "propagate", "zero"])
)
def test_whatever_the_data(seed: int, gaps: float, not_applicable: float, missing: str) -> None:
    made = framework({}, {}, missing=missing, screen=Rule("share", {"coverage": 0.4}))
    alike(made, panel(seed, gaps=gaps, not_applicable=not_applicable), FULL, 4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(1, 40), st.booleans())
def test_percentiles_are_ranks_that_occurred_in_order(seed: int, count: int, keeps: bool) -> None:
    result = uncertainty(framework(), panel(gaps=0.3), FULL, count, seed)
    ranks = result.ranks
    assert ranks is not None
    assert (np.diff(result.percentiles, axis=0) >= 0).all()
    for place, column in enumerate(ranks.T):
        there = np.sort(column[column > 0])
        expected = [
            there[int(np.ceil(share * there.size / 100 - 1e-9)) - 1] if there.size else 0
            for share in (5, 25, 50, 75, 95)
        ]
        assert result.percentiles[:, place].tolist() == expected
        assert result.ranked[place] == there.size / count
        assert np.isnan(result.mean[place]) if not there.size else result.mean[place] == pytest.approx(there.mean())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.permutations(range(40)))
def test_the_order_of_places_changes_nothing(seed: int, order: list[int]) -> None:
    data = panel()
    turned = Panel(
        tuple(data.places[i] for i in order), data.periods, data.indicators, data.values[:, order], None,
        {"region": tuple(data.attributes["region"][i] for i in order)},
    )  # fmt: skip
    plan = replace(FULL, noise={"i1": 0.1})
    one, other = (uncertainty(framework(), given, plan, 6, seed) for given in (data, turned))
    np.testing.assert_array_equal(one.ranks[:, order], other.ranks)  # type: ignore[index]
    np.testing.assert_array_equal(one.percentiles[:, order], other.percentiles)


def test_a_replication_does_not_depend_on_how_many_there_are() -> None:
    few, many = (uncertainty(framework(), panel(), FULL, count, 7) for count in (5, 20))
    np.testing.assert_array_equal(few.ranks, many.ranks[:5])  # type: ignore[index]
    assert list(few.choices()) == list(many.choices())[:5]


def test_another_seed_gives_other_choices() -> None:
    assert list(uncertainty(framework(), panel(), FULL, 5, 7).choices()) != list(
        uncertainty(framework(), panel(), FULL, 5, 8).choices()
    )


def test_processes_give_the_same_bits() -> None:
    plan = replace(FULL, noise={"i1": 0.1}, sobol=True)
    one, two = (uncertainty(framework(), panel(), plan, 16, 7, jobs=jobs) for jobs in (1, 2))
    for name in ("ranks", "percentiles", "mean", "shift", "ranked", "top"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert one.sensitivity == two.sensitivity


def test_ranks_that_are_not_kept_are_counted() -> None:
    made = replace(framework(), bands=Bands(("A", "B", "C"), share=(0.1, 0.4, 0.5)))
    result = uncertainty(made, panel(gaps=0.3), FULL, 30, 7)
    assert result.ranks is not None
    kept, counted = (Tally(result.nominal, 30, 30, made.bands, limit) for limit in (2**20, 0))
    from cityindex.scoring.study import Block

    for tally in (kept, counted):
        for start in (0, 10, 20):
            tally.add(Block(start, result.ranks[start : start + 10], np.zeros((0, 40), dtype=np.int32)))
    assert (kept.keeps, counted.keeps) == (True, False)
    for name, value in kept.summary().items():
        np.testing.assert_array_equal(value, counted.summary()[name], err_msg=name)


@pytest.mark.parametrize(
    "bands", [Bands(("A", "B", "C"), cuts=(60, 40)), Bands(("A", "B", "C"), share=(0.1, 0.4, 0.5))]
)
def test_the_share_of_each_band(bands: Bands) -> None:
    made, data = replace(framework(), bands=bands), panel(gaps=0.3)
    result = uncertainty(made, data, FULL, 20, 7)
    times = np.zeros((3, len(data.places)))
    for choice in result.choices():
        found = score(framework_of(made, FULL, choice), data, report_periods=(2023,)).band[0]
        for band in range(3):
            times[band] += found == band
    ranked = times.sum(axis=0)
    assert (ranked > 0).any()
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(result.band_share, times / ranked)


def test_the_best_tenth_and_who_outranks_whom() -> None:
    result = uncertainty(framework(), panel(gaps=0.0), FULL, 60, 7)
    assert result.ranks is not None
    np.testing.assert_allclose(result.top, (result.ranks <= 4).mean(axis=0))
    pairs = result.outranking(result.places)
    np.testing.assert_allclose(pairs + pairs.T, 1)
    twins = result.places.index(result.places[0]), 20
    assert pairs[twins] == 0.5
    one, other = result.ranks[:, 1], result.ranks[:, 2]
    assert pairs[1, 2] == pytest.approx((one < other).mean() + (one == other).mean() / 2)


def test_ranks_inside_groups_are_those_of_every_replication() -> None:
    data = panel(gaps=0.3)
    kinds = tuple(None if place % 7 == 0 else "town" if place % 3 else "city" for place in range(len(data.places)))
    made, data = replace(framework(), peers=("kind",)), replace(data, attributes={"kind": kinds})
    result = uncertainty(made, data, FULL, 20, 7)
    ranks = np.array(
        [
            score(framework_of(made, FULL, choice), data, report_periods=(2023,)).peer_ranks["kind"].rank[0]
            for choice in result.choices()
        ]
    )
    found = result.within(kinds)
    assert {kind for kind, low in zip(kinds, found[0], strict=True) if low} == {"town", "city"}
    for place, column in enumerate(ranks.T):
        there = sorted(rank for rank in column.tolist() if rank)
        wanted = [there[max(math.ceil(share / 100 * len(there)), 1) - 1] if there else 0 for share in PERCENTILES]
        assert found[:, place].tolist() == wanted


def test_ranks_that_were_not_kept_have_no_groups() -> None:
    result = replace(uncertainty(framework(), panel(), FULL, 1, 7), ranks=None)
    with pytest.raises(Invalid, match="too many ranks"):
        result.within([None] * len(result.places))


def test_a_place_that_is_not_there_cannot_be_compared() -> None:
    with pytest.raises(Invalid, match="nowhere"):
        uncertainty(framework(), panel(), FULL, 1, 7).outranking(("nowhere",))


def test_the_shift_of_ranks() -> None:
    result = uncertainty(framework(), panel(gaps=0.3), FULL, 10, 7)
    assert result.ranks is not None
    for ranks, shift in zip(result.ranks, result.shift, strict=True):
        both = (ranks > 0) & (result.nominal > 0)
        assert shift == pytest.approx(np.abs(ranks[both].astype(int) - result.nominal[both]).mean())
    assert result.mean_shift == pytest.approx(result.shift.mean())


def test_places_that_the_framework_is_for() -> None:
    data = panel()
    kinds = tuple("town" if place % 3 else "city" for place in range(len(data.places)))
    typed = replace(data, attributes={**data.attributes, "place_type": kinds})
    result = alike(replace(framework(), places=("town",)), typed, FULL, 6)
    assert result.places == tuple(name for name, kind in zip(data.places, kinds, strict=True) if kind == "town")


def test_the_period_is_the_latest_unless_said() -> None:
    data = panel()
    latest, asked = uncertainty(framework(), data, FULL, 2, 7), uncertainty(framework(), data, FULL, 2, 7, period=2022)
    assert (latest.period, asked.period) == (2023, 2022)
    np.testing.assert_array_equal(asked.nominal, score(framework(), data).rank[0, :, 0])


def test_a_failed_replication_fails_the_run_and_is_named() -> None:
    tree = Node("index", (Leaf("x"), Leaf("y")))
    made = Framework(
        "test",
        tree,
        {code: Indicator(code) for code in "xy"},
        method=method(nonpositive=Rule("refuse")),
        scale=(0, 100),
    )
    plan = UncertaintyPlan(aggregate={"index": (ARITHMETIC, GEOMETRIC)})
    with pytest.raises(
        Invalid, match=r"replication \d+ \(aggregate:index 2\) fails: node «index»: .*«x \(2023\)» of p0000"
    ) as caught:
        uncertainty(made, columns({"x": [1, 2, 3], "y": [3, 1, 4]}), plan, 20, 7)
    assert caught.value.problems[0].cure
    assert (
        uncertainty(made, columns({"x": [1, 2, 3], "y": [3, 1, 4]}), replace(plan, aggregate={}), 20, 7).mean_shift == 0
    )


def frozen_years() -> tuple[Framework, Panel, Parameters]:
    """A framework scaled over all years, with two years of data and the parameters that the first of them gave."""
    pooled = Rule("min-max", {"over": "pooled"})
    made = framework(normalise=pooled)
    data = panel(periods=(2022, 2023))
    first = Panel(data.places, (2022,), data.indicators, data.values[:1], None, data.attributes)
    return made, data, score(made, first).parameters


@pytest.mark.parametrize("screen", [Rule("share", {"coverage": 0.0}), Rule("share", {"coverage": 0.8})])
def test_with_frozen_parameters_a_replication_fits_nothing(screen: Rule) -> None:
    made, data, parameters = frozen_years()
    made = replace(made, method=replace(made.method, screen=screen))
    plan = UncertaintyPlan(weights=Weighting("noise", 0.5), leave_out=True, noise={CODES[0]: 0.2})
    result = uncertainty(made, data, plan, COUNT, 7, period=2023, parameters=parameters)
    fresh = uncertainty(made, data, plan, COUNT, 7, period=2023)
    assert result.ranks is not None
    assert fresh.ranks is not None
    assert not np.array_equal(result.ranks, fresh.ranks), "the second year would change the scales"
    quiet = replace(plan, noise={})
    result = uncertainty(made, data, quiet, COUNT, 7, period=2023, parameters=parameters)
    assert result.ranks is not None
    for number, choice in enumerate(result.choices()):
        other = framework_of(made, quiet, choice)
        known = replace(parameters, weights=weights_of(make_plan(other)))
        alone = score(other, data, known, (2023,))
        np.testing.assert_array_equal(alone.rank[0, :, 0], result.ranks[number], err_msg=str(choice))


def test_what_is_frozen_is_not_varied() -> None:
    made, data, parameters = frozen_years()
    plan = UncertaintyPlan(normalise=(MINMAX, Rule("z-score")), leave_out=True)
    with pytest.raises(DefinitionError, match="frozen"):
        uncertainty(made, data, plan, 4, 7, period=2023, parameters=parameters)
    assert without_fits(made, plan) == UncertaintyPlan(leave_out=True)
    assert without_fits(made, replace(plan, leave_out=False)) is None
    computed = replace(made, tree=replace(made.tree, rescale=SHARES))
    assert without_fits(computed, plan) is None

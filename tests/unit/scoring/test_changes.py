"""Changes between periods and versions: the effects sum, and each cause alone is told from the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.changes import ORDER, State, change
from cityindex.scoring.framework import Framework, Indicator, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.pipeline import score
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.worlds import NAMES, PLACES, World, worlds

QUICK = settings(max_examples=60, deadline=None)


def state(framework: Framework, data: Any, place: str = "p0000", period: int = 2023, **attributes: Any) -> State:
    results = score(framework, data)
    return State(Frozen.of(framework, results, period), Row.of(results, place, period, attributes))


def of_world(world: World, place: int, period: int) -> State:
    row = Row.of(world.results, NAMES[place], period, {"group": "ab"[place % 2]})
    return State(Frozen.of(world.framework, world.results, period), row)


@QUICK
@given(worlds(), st.integers(0, PLACES - 1), st.permutations(ORDER))
def test_effects_sum_to_the_change_between_periods(world: World, place: int, order: list[str]) -> None:
    before, after = (of_world(world, place, period) for period in (2022, 2023))
    assume(not np.isnan(before.row.score[0]) and not np.isnan(after.row.score[0]))
    try:
        found = change(before, after, tuple(order))
    except Invalid:
        assume(False)
    assert found.before == before.row.score[0]
    assert found.after == after.row.score[0]
    assert abs(sum(found.effects.values()) - (found.after - found.before)) <= 1e-9 * max(1, abs(found.after))
    assert found.effects["weights"] == 0.0


@QUICK
@given(worlds(gaps=False, normalised=[Rule("goalposts", {"low": -60, "high": 60})], plain=True))
def test_between_fixed_posts_and_weights_everything_is_values(world: World) -> None:
    found = change(of_world(world, 0, 2022), of_world(world, 0, 2023))
    whole = found.after - found.before
    assert found.effects == {"values": whole, "weights": 0.0, "parameters": 0.0, "coverage": 0.0}
    assert abs(sum(found.of_values.values()) - whole) <= 1e-9 * max(1, abs(whole), *map(abs, found.of_values.values()))


OWN = method(normalise=Rule("none"))


def test_new_weights_are_a_weight_effect() -> None:
    data = panel({"a": [10, 20], "b": [50, 60]})
    found = change(*(state(flat(["a", "b"], weights=weights, method=OWN), data) for weights in ([1, 1], [3, 1])))
    assert found.effects == {"values": 0.0, "weights": -10.0, "parameters": 0.0, "coverage": 0.0}


def test_new_goalposts_are_a_parameter_effect() -> None:
    def posted(high: float) -> Framework:
        return flat([Indicator("a", normalise=Rule("goalposts", {"low": 0, "high": high}))])

    data = panel({"a": [10, 20]})
    found = change(state(posted(100), data), state(posted(40), data))
    assert found.effects == {"values": 0.0, "weights": 0.0, "parameters": 15.0, "coverage": 0.0}


def test_a_value_that_went_missing_is_coverage() -> None:
    framework = flat(["a", "b"], method=OWN)
    both, one = panel({"a": [10, 20], "b": [50, 60]}), panel({"a": [30, 20], "b": [np.nan, 60]})
    found = change(state(framework, both), state(framework, one))
    assert found.effects == {"values": 10.0, "weights": 0.0, "parameters": 0.0, "coverage": -10.0}
    assert found.of_values == {"a": 10.0, "b": 0.0}


def test_an_indicator_that_came_is_taken_from_the_side_that_has_it() -> None:
    data = panel({"a": [10, 20], "b": [50, 60]})
    found = change(state(flat(["a"], method=OWN), data), state(flat(["a", "b"], method=OWN), data))
    assert (found.before, found.after) == (10.0, 30.0)
    assert found.effects == {"values": 0.0, "weights": 20.0, "parameters": 0.0, "coverage": 0.0}


def test_the_order_is_declared_and_matters() -> None:
    one, two = flat(["a", "b"], weights=[1, 1], method=OWN), flat(["a", "b"], weights=[3, 1], method=OWN)
    ends = state(one, panel({"a": [10, 20], "b": [50, 60]})), state(two, panel({"a": [30, 20], "b": [50, 60]}))
    first, second = change(*ends), change(*ends, ("weights", "values", "parameters", "coverage"))
    assert (first.effects["values"], first.effects["weights"]) == (10.0, -5.0)
    assert (second.effects["weights"], second.effects["values"]) == (-10.0, 15.0)
    with pytest.raises(Invalid, match="name each of values, weights, parameters, coverage once"):
        change(*ends, ("values",))


def test_states_without_a_score_are_refused() -> None:
    framework = flat(["a"], method=OWN)
    with pytest.raises(Invalid, match="has no score before or after"):
        change(state(framework, panel({"a": [10, 20]})), state(framework, panel({"a": [np.nan, 20]})))


def test_what_others_have_moves_the_parameters() -> None:
    """Min-max over other places moves the score of a place that stands still."""
    framework = flat(["a"])
    found = change(state(framework, panel({"a": [10, 0, 20]})), state(framework, panel({"a": [10, 0, 40]})))
    assert found.effects == {"values": 0.0, "weights": 0.0, "parameters": -25.0, "coverage": 0.0}

"""Other weights of the parts: to the bit what a full rebuild with those weights gives; what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.framework import Rule
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.reweigh import reweigh
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.worlds import GROUPS, World, worlds

SAME = ("score", "rank", "coverage", "imputed", "flag", "weights", "effective", "percentile", "band")


def same(one: ScoreSet, other: ScoreSet) -> None:
    for name in SAME:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@settings(max_examples=80, deadline=None)
@given(worlds(), st.data())
def test_it_agrees_with_a_full_rebuild_to_the_bit(world: World, data: st.DataObject) -> None:
    framework, results, index = world.framework, world.results, world.framework.tree.code
    own = results.parameters.weights[index]
    weights = {code: float(data.draw(st.integers(0, 9))) for code, weight in own.items() if weight > 0}
    if not any(weights.values()):
        reject()
    moved = {**results.parameters.weights, index: {**own, **weights}}
    try:
        rebuilt = score(framework, world.panel, replace(results.parameters, weights=moved))
    except Invalid:
        reject()
    same(reweigh(framework, results, weights, {"group": GROUPS}), rebuilt)


def test_places_below_the_screen_stay_without_a_rank() -> None:
    made = flat(["a", "b"], method=method(screen=Rule("share", {"coverage": 0.65})))
    results = score(made, panel({"a": [0, 5, 10, 20], "b": [9, 1, 2, np.nan]}))
    assert results.rank[0, :, 0].tolist() == [2, 3, 1, 0]
    found = reweigh(made, results, {"a": 0.0, "b": 7.0})
    assert found.rank[0, :, 0].tolist() == [1, 3, 2, 0]
    assert found.weights.tolist() == [1.0, 0.0, 1.0]
    same(reweigh(made, results, {}), results)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"a": -1.0}, "a «-1.0»: is no weight"),
        ({"a": float("nan")}, "is no weight"),
        ({"b": float("inf")}, "is no weight"),
        ({"a": 0.0, "b": 0.0}, "all weights are 0"),
        ({"roads": 1.0}, "name one of a, b"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights: dict[str, float], said: str) -> None:
    made = flat(["a", "b"])
    results = score(made, panel({"a": [0, 5, 10], "b": [9, 1, 2]}))
    with pytest.raises(Invalid, match=said) as refused:
        reweigh(made, results, weights)
    assert all(problem.cure for problem in refused.value.problems)

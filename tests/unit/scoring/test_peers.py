"""A place beside its peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.framework import Framework, Indicator, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.peers import frontier, standpoints
from cityindex.scoring.pipeline import ScoreSet, score
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.worlds import NAMES, World, worlds

OWN = method(normalise=Rule("none"))


def four() -> tuple[Framework, ScoreSet]:
    made = flat([Indicator("a"), Indicator("b", direction="lower")], weights=[3, 1], method=OWN)
    data: dict[str, Any] = {"a": [50, 10, 20, 50], "b": [-5, -1, -9, np.nan]}
    return made, score(made, panel(data, places=["x", "y", "z", "w"]))


def test_strengths_come_first_with_what_they_give() -> None:
    made, results = four()
    found = standpoints(Frozen.of(made, results, 2023), results, Row.of(results, "x", 2023), ["x", "y", "z", "w"])
    by_code = {item.code: item for item in found}
    assert [item.code for item in found] == ["a", "index", "b"]
    assert (by_code["a"].median, by_code["a"].n, by_code["b"].n) == (20.0, 3, 2)
    assert by_code["a"].percentile == pytest.approx(100 * 2.5 / 3)
    assert by_code["b"].percentile == 50.0
    assert by_code["a"].difference == 30.0
    assert by_code["a"].contribution == 22.5
    assert by_code["b"].contribution == 0.0


@settings(max_examples=40, deadline=None)
@given(worlds(gaps=False), st.integers(1, 7))
def test_contributions_of_indicators_sum_to_the_gap_to_the_median_peer(world: World, place: int) -> None:
    row = Row.of(world.results, NAMES[0], 2023, {"group": "a"})
    frozen = Frozen.of(world.framework, world.results, 2023)
    found = {item.code: item for item in standpoints(frozen, world.results, row, NAMES[: place + 1])}
    assume("index" in found)
    leaves = [found[item.code].contribution for item in frozen.plan.columns if item.code in found]
    whole = found["index"].contribution
    assert abs(sum(leaves) - whole) <= 1e-9 * max(1.0, *map(abs, leaves))


def test_without_an_index_the_scores_still_compare() -> None:
    made = flat(["a", "b"], method=method(normalise=Rule("none"), coverage=Rule("weight", {"share": 0.9})))
    results = score(made, panel({"a": [5, 1, 2], "b": [np.nan, 1, 2]}, places=["x", "y", "z"]))
    (found,) = standpoints(Frozen.of(made, results, 2023), results, Row.of(results, "x", 2023), ["y", "z"])
    assert (found.code, found.difference) == ("a", 3.5)
    assert np.isnan(found.contribution)


def test_the_frontier_is_the_better_end() -> None:
    made, results = four()
    first, second = frontier(made, results, 2023, ["x", "y", "z"])
    assert (first.indicator, first.best, first.upper, first.median, first.n) == ("a", 50.0, 35.0, 20.0, 3)
    assert (second.indicator, second.best, second.upper, second.n) == ("b", -9.0, -7.0, 3)
    assert frontier(made, results, 2023)[0].n == 4


def test_unknown_and_missing_peers_are_refused() -> None:
    made, results = four()
    row, frozen = Row.of(results, "x", 2023), Frozen.of(made, results, 2023)
    with pytest.raises(Invalid, match="x has no peers"):
        standpoints(frozen, results, row, ["x"])
    with pytest.raises(Invalid, match="is not among the places"):
        standpoints(frozen, results, row, ["nobody"])
    with pytest.raises(Invalid, match="is not among the places"):
        frontier(made, results, 2023, ["nobody"])


def test_everybody_ranked_is_a_peer_unless_said() -> None:
    made = flat(["a", "b"], method=method(normalise=Rule("none"), screen=Rule("share", {"coverage": 0.9})))
    results = score(made, panel({"a": [1, 2, 3, 99], "b": [4, 5, 6, np.nan]}))
    found = {item.indicator: (item.best, item.median, item.n) for item in frontier(made, results, 2023)}
    assert found == {"a": (3.0, 2.0, 3), "b": (6.0, 5.0, 3)}

"""What-if: to the bit what a full rebuild with the same parameters gives; what cannot be asked is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import Parameters, score
from cityindex.scoring.whatif import Standing, observed, rescore
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.worlds import CODES, GROUPS, NAMES, PERIODS, PLACES, World, worlds

QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(worlds(), st.integers(0, PLACES - 1), st.dictionaries(st.sampled_from(CODES), st.integers(-70, 70), min_size=1))
def test_it_agrees_with_a_full_rebuild_to_the_bit(world: World, place: int, changes: dict[str, int]) -> None:
    framework, results = world.framework, world.results
    frozen, standing = Frozen.of(framework, results, 2023), Standing.of(framework, results, 2023)
    row = Row.of(results, NAMES[place], 2023, {"group": GROUPS[place]})
    wanted: dict[str, float] = {code: value for code, value in changes.items() if frozen.fitted(frozen.column[code])}
    changed = world.panel.values.copy()
    for code, value in wanted.items():
        changed[1, place, CODES.index(code)] = value
    rebuilt = score(framework, Panel(NAMES, PERIODS, CODES, changed, attributes={"group": GROUPS}), results.parameters)
    found = rescore(frozen, standing, row, wanted)
    assert np.array_equal(found.score, rebuilt.score[1, place], equal_nan=True)
    assert np.array_equal(found.coverage, rebuilt.coverage[1, place], equal_nan=True)
    assert np.array_equal(found.imputed, rebuilt.imputed[1, place])
    assert np.array_equal(found.flag, rebuilt.flag[1, place])
    assert found.rank == rebuilt.rank[1, place, 0]
    assert found.rank_before == results.rank[1, place, 0]


def three() -> tuple[Framework, Any]:
    made = flat([Indicator("a", bounds=(0, 100)), Indicator("b", direction="lower")])
    return made, score(made, panel({"a": [0, 50, 100], "b": [10, 20, 30]}, places=["x", "y", "z"]))


def test_a_change_moves_the_path_and_the_rank() -> None:
    made, results = three()
    row = Row.of(results, "y", 2023)
    found = rescore(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, {"a": 80})
    assert found.touched == ("index", "a")
    assert found.score.tolist() == [65.0, 80.0, 50.0]
    assert (found.rank_before, found.rank) == (1, 1)
    worse = rescore(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, {"a": 0, "b": 30})
    assert worse.score[0] == 0.0
    assert worse.rank == 3


@pytest.mark.parametrize("normalise", ["min-max", "percentile-rank", "z-score"])
def test_stored_parameters_serve_as_well(normalise: str) -> None:
    treated = {"treat": Rule("winsorise", {"cap": 0.1}), "normalise": Rule(normalise)}
    made = flat([Indicator("a", **treated), Indicator("b")], method=method(impute=Rule("mean")))
    skewed = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 900, 1000]
    results = score(made, panel({"a": skewed, "b": [np.nan, *range(20)]}))
    stored = Parameters.from_json(json.loads(json.dumps(results.parameters.to_json())))
    row, standing = Row.of(results, "p0000", 2023), Standing.of(made, results, 2023)
    found = [
        rescore(frozen, standing, row, {"a": 14.5})
        for frozen in (Frozen.of(made, results, 2023), Frozen(made, stored, 2023))
    ]
    assert np.array_equal(found[0].score, found[1].score)
    assert found[0].score[1] != row.score[1]


def test_every_change_that_cannot_be_made_is_named() -> None:
    made, results = three()
    row, frozen = Row.of(results, "y", 2023), Frozen.of(made, results, 2023)
    with pytest.raises(Invalid) as caught:
        rescore(frozen, Standing.of(made, results, 2023), row, {"a": 101, "nothing": 1, "b": np.inf})
    assert [problem.column for problem in caught.value.problems] == ["a", "nothing", "b"]
    assert "out of bounds 0 to 100" in str(caught.value)


def test_copeland_is_refused() -> None:
    made = flat(["a", "b"], node={"aggregate": Rule("copeland")})
    results = score(made, panel({"a": [1, 2, 3], "b": [3, 1, 2]}))
    row = Row.of(results, "p0000", 2023)
    with pytest.raises(Invalid, match="Copeland compares all places"):
        rescore(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, {"a": 2})


def test_a_place_of_no_run_is_refused() -> None:
    _, results = three()
    with pytest.raises(Invalid, match="no results of w in 2023"):
        Row.of(results, "w", 2023)


def test_scores_above_the_place_are_ranked_without_itself() -> None:
    made, results = three()
    standing = Standing.of(made, results, 2023)
    assert standing.ranked.tolist() == [50.0, 50.0, 50.0]
    assert standing.ranks(np.array([60.0, 50.0, 40.0, np.nan]), 50.0).tolist() == [1, 1, 3, 0]
    assert standing.ranks(np.array([60.0, 50.0, 40.0]), None).tolist() == [1, 1, 4]


def test_observations_change_what_is_computed_from_them() -> None:
    rate = Indicator("rate", denominator="people", per=1000)
    share = Indicator("share", type="derived", formula="cases / beds")
    made = flat([rate, share, Indicator("other")])
    data = panel(
        {"rate": [10, 20, 30], "cases": [1, 2, 3], "beds": [10, 10, 10], "other": [1, 2, 3]},
        places=["x", "y", "z"],
        attributes={"people": (1000, 2000, 3000)},
    )
    results = score(made, data)
    asked: dict[str, Any] = {"place": "y", "period": 2023}
    assert observed(made, data, results.parameters, **asked, observations={"cases": 5.0}) == {"share": 0.5}
    assert observed(made, data, results.parameters, **asked, observations={"people": 4000.0}) == {"rate": 5.0}
    with pytest.raises(Invalid, match="neither an indicator nor an attribute"):
        observed(made, data, results.parameters, **asked, observations={"what": 1.0})


def test_a_value_that_its_transform_cannot_take_is_refused() -> None:
    made = flat([Indicator("a", transform="log"), "b"])
    results = score(made, panel({"a": [1, 2, 3], "b": [3, 1, 2]}))
    row = Row.of(results, "p0000", 2023)
    with pytest.raises(Invalid, match="log cannot take this value"):
        rescore(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, {"a": 0})


def test_a_place_below_the_screen_is_ranked_once_it_has_enough() -> None:
    made = flat(["a", "b"], method=method(screen=Rule("share", {"coverage": 0.9})))
    results = score(made, panel({"a": [1, 2, 3, np.nan], "b": [1, 2, 3, 2]}))
    row = Row.of(results, "p0003", 2023)
    found = rescore(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, {"a": 3})
    assert (found.rank_before, found.rank) == (0, 2)


def test_without_the_step_of_ranks_there_is_none() -> None:
    order = ("screen", "normalise", "aggregate")
    made = flat(["a"], method=method(order=order))
    results = score(made, panel({"a": [1, 2, 3]}))
    row, standing = Row.of(results, "p0000", 2023), Standing.of(made, results, 2023)
    found = rescore(Frozen.of(made, results, 2023), standing, row, {"a": 2})
    assert (found.score[0], found.rank) == (50.0, 0)


def test_a_constant_column_tells_nothing_of_a_screened_place() -> None:
    """It is imputed from its other indicators: an infinite share of a range of 0 is none of them."""
    chosen = method(impute=Rule("row-mean"), screen=Rule("share", {"coverage": 0.6}))
    made = flat(["a", "same", "c"], method=chosen)
    data = panel({"a": [0, 10, 5, np.nan], "same": [7, 7, 7, 9], "c": [0, 10, np.nan, np.nan]})
    results = score(made, data)
    found = rescore(
        Frozen.of(made, results, 2023), Standing.of(made, results, 2023), Row.of(results, "p0002", 2023), {"same": 9}
    )
    assert found.score[0] == 50.0


def test_what_is_imputed_by_row_follows() -> None:
    made = flat(["a", "b", "c"], method=method(impute=Rule("row-mean")))
    results = score(made, panel({"a": [0, 10, 5], "b": [0, 10, np.nan], "c": [0, 10, 5]}))
    row, standing = Row.of(results, "p0002", 2023), Standing.of(made, results, 2023)
    found = rescore(Frozen.of(made, results, 2023), standing, row, {"a": 9})
    assert found.score.tolist() == pytest.approx([70.0, 90.0, 70.0, 50.0])


def test_what_left_the_tree_stays_out() -> None:
    leaves = (Leaf("a"), Leaf("same"))
    made = Framework("t", Node("index", leaves), {c: Indicator(c) for c in ("a", "same")}, method=method())
    results = score(made, panel({"a": [1, 2, 3], "same": [7, 7, np.nan]}))
    for place in ("p0000", "p0002"):
        row = Row.of(results, place, 2023)
        found = rescore(Frozen.of(made, results, 2023), Standing.of(made, results, 2023), row, {"same": 9, "a": 2})
        assert found.score[0] == 50.0
        assert found.coverage[0] == 1.0

"""Targets reach what they say, a hair less does not, and what cannot be reached really cannot."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.doubles import first_holding
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.targets import REASONS, Aim, Goal, Why, climb, target
from cityindex.scoring.whatif import Standing, rescore
from tests.unit.scoring.frames import flat, method, panel
from tests.unit.scoring.worlds import CODES, MEANS, NAMES, PLACES, World, worlds

QUICK = settings(max_examples=60, deadline=None)
PLACE, CODE = st.integers(0, PLACES - 1), st.sampled_from(CODES)


def aim_of(framework: Framework, results: ScoreSet, place: str, goal: Goal, **attributes: Any) -> Aim:
    row = Row.of(results, place, 2023, attributes)
    return Aim(Frozen.of(framework, results, 2023), Standing.of(framework, results, 2023), row, goal)


def check(aim: Aim, code: str) -> str:
    """That the target holds what it says; why it cannot be reached."""
    found = target(aim, code)

    def reaches(value: float) -> bool:
        again = rescore(aim.frozen, aim.standing, aim.row, {code: value})
        if aim.goal.rank is not None:
            return 0 < again.rank <= aim.goal.rank
        return bool(again.rank > 0 and again.score[0] >= aim.goal.score)

    if found.why == "":
        assert reaches(found.value)
        assert found.change == found.value - found.before
        assert not reaches(float(np.nextafter(found.value, found.before)))
    elif found.why not in ("there", "missing", "no-weight", "not-monotone"):
        sense = aim.sense(aim.frozen.column[code])
        assert not any(reaches(found.before + sense * far) for far in (0, 1, 50, 1e4, 1e9))
    return found.why


@QUICK
@given(worlds(), PLACE, CODE, st.integers(1, PLACES))
def test_a_rank_is_reached_by_the_least_change(world: World, place: int, code: str, rank: int) -> None:
    aim = aim_of(world.framework, world.results, NAMES[place], Goal(rank=rank), group="ab"[place % 2])
    assume(aim.frozen.fitted(aim.frozen.column[code]))
    check(aim, code)


@QUICK
@given(worlds(means=MEANS[:9]), PLACE, CODE, st.floats(0, 40))
def test_a_score_is_reached_by_the_least_change(world: World, place: int, code: str, more: float) -> None:
    index = world.results.score[1, place, 0]
    assume(not np.isnan(index))
    goal = Goal(score=float(index + more))
    aim = aim_of(world.framework, world.results, NAMES[place], goal, group="ab"[place % 2])
    assume(aim.frozen.fitted(aim.frozen.column[code]) and aim.row.rank > 0)
    check(aim, code)


def ready(**indicator: Any) -> tuple[Framework, ScoreSet]:
    made = flat([Indicator("a", **indicator), Indicator("b")])
    data: dict[str, Any] = {"a": [10, 0, 100, 40], "b": [50, 0, 100, 80]}
    return made, score(made, panel(data, places=["x", "low", "high", "y"]))


def test_a_straight_line_is_solved() -> None:
    made, results = ready()
    found = target(aim_of(made, results, "x", Goal(score=45)), "a")
    assert (found.before, found.why, found.score) == (10.0, "", 45.0)
    assert found.value == pytest.approx(40, rel=1e-12)
    assert found.points == pytest.approx(30)
    ranked = target(aim_of(made, results, "x", Goal(rank=2)), "a")
    assert (ranked.rank, ranked.value) == (2, pytest.approx(70))


def test_where_lower_is_better_less_is_the_change() -> None:
    made, results = ready(direction="lower")
    found = target(aim_of(made, results, "y", Goal(score=75)), "a")
    assert (found.value, found.change) == (pytest.approx(30), pytest.approx(-10))


def test_below_a_node_that_is_turned_round_less_is_better() -> None:
    turned = Rule("goalposts", {"low": 0, "high": 100})
    inner = Node("pressure", (Leaf("a"),), direction="lower", rescale=turned)
    items = {code: Indicator(code) for code in "ab"}
    made = Framework("t", Node("index", (inner, Leaf("b"))), items, method=method(normalise=Rule("none")))
    results = score(made, panel({"a": [60, 20], "b": [50, 50]}))
    found = target(aim_of(made, results, "p0000", Goal(score=50)), "a")
    assert (found.before, found.value) == (60.0, pytest.approx(50))


def test_the_reason_is_said() -> None:
    posts = Rule("goalposts", {"low": 0, "high": 60})
    reasons = {
        "there": target(aim_of(*ready(), "x", Goal(score=20)), "a"),
        "bounds": target(aim_of(*ready(bounds=(0, 30)), "x", Goal(score=45)), "a"),
        "cap": target(aim_of(*ready(normalise=posts), "x", Goal(score=90)), "a"),
        "no-weight": target(aim_of(*ready(status="pilot"), "x", Goal(score=90)), "a"),
    }
    for why, found in reasons.items():
        assert found.why == why
        assert found.feasible == (why == "there")
    made = flat(["a", "b"], node={"aggregate": Rule("minimum")})
    results = score(made, panel({"a": [10, 0, 100], "b": [5, 0, 100], "c": [0, 0, 0]}))
    assert target(aim_of(made, results, "p0000", Goal(score=8)), "a").why == "rule"
    uneven = flat(["a", "b"], node={"aggregate": Rule("mazziotta-pareto")}, scale=(1, 100))
    results = score(uneven, panel({"a": [10, 0, 100], "b": [5, 0, 100]}))
    assert target(aim_of(uneven, results, "p0000", Goal(score=8)), "a").why == "not-monotone"
    towns = flat([Indicator("a", applies_to=("town",)), "b"])
    results = score(
        towns, panel({"a": [10, 0, 100], "b": [5, 0, 100]}, attributes={"place_type": ("city", "town", "town")})
    )
    assert target(aim_of(towns, results, "p0000", Goal(score=8), place_type="city"), "a").why == "not-applicable"
    gap = flat(["a", "b"])
    results = score(gap, panel({"a": [np.nan, 0, 100], "b": [5, 0, 100]}))
    assert target(aim_of(gap, results, "p0000", Goal(score=8)), "a").why == "missing"


def test_climbing_names_the_smallest_move_first() -> None:
    made = flat(["a", "b"], weights=[1, 3])
    values = {"a": [float(10 * k) for k in range(11)], "b": [float(k) for k in range(11)]}
    results = score(made, panel(values))
    standing, frozen = Standing.of(made, results, 2023), Frozen.of(made, results, 2023)
    found = climb(frozen, standing, Row.of(results, "p0003", 2023))
    assert [(item.indicator, item.rank) for item in found] == [("b", 3), ("a", 3)]
    assert found[0].points == pytest.approx(50 / 0.75)
    with pytest.raises(Invalid, match="cannot climb 0 ranks"):
        climb(frozen, standing, Row.of(results, "p0003", 2023), 0)


def test_goals_and_indicators_must_be() -> None:
    with pytest.raises(Invalid, match="no goal"):
        Goal()
    with pytest.raises(Invalid, match="no goal"):
        Goal(rank=0)
    with pytest.raises(Invalid, match="is no indicator"):
        target(aim_of(*ready(), "x", Goal(score=1)), "nothing")


@QUICK
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.sampled_from([1, 64]))
def test_the_first_double_is_found(start: float, end: float, edge: float, sections: int) -> None:
    low, high = sorted((start, end))
    assume(low < edge <= high)
    assert first_holding(lambda x: x >= edge, low, high, sections) == edge
    assert first_holding(lambda x: x < edge, high, low, sections) == np.nextafter(edge, -np.inf)


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(get_args(Why))
    assert all(words for why, words in REASONS.items() if why)


def looks(aim: Aim, code: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the index is computed on the way to a target."""
    counted, usual = [], Aim.index

    def counting(self: Aim, column: int, values: Any) -> Any:
        counted.append(values.size)
        return usual(self, column, values)

    monkeypatch.setattr(Aim, "index", counting)
    assert target(aim, code).why == ""
    return sum(counted)


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_straight_line_is_not_searched_from_end_to_end(direction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, results = ready(direction=direction)
    now = float(results.score[0, 3, 0])
    straight = looks(aim_of(made, results, "y", Goal(score=now + 5)), "a", monkeypatch)
    made, results = ready(normalise=Rule("percentile-rank"))
    stepped = looks(aim_of(made, results, "x", Goal(score=float(results.score[0, 0, 0]) + 10)), "a", monkeypatch)
    # Doubles are searched 64 at a time: six bits a round, of which a straight line leaves a few to find.
    assert straight < 400
    assert stepped > 600


def test_what_cannot_get_there_ends_where_its_numbers_do() -> None:
    for indicator, end in (
        ({"direction": "lower", "normalise": Rule("ratio")}, 0.0),
        ({"direction": "lower", "transform": "log"}, 0.0),
        ({"direction": "lower", "transform": "log10"}, 0.0),
        ({"direction": "lower", "transform": "sqrt"}, 0.0),
        ({"direction": "lower"}, -1e29),
        ({}, 1e29),
    ):
        made = flat([Indicator("a", **indicator), "b"])
        results = score(made, panel({"a": [10.0, 5, 100, 40], "b": [50.0, 0, 100, 80]}))
        aim = aim_of(made, results, "p0000", Goal(score=45))
        farthest = aim.end(0)
        assert abs(farthest - end) < 1e-20 if end == 0 else farthest / end == pytest.approx(10), indicator
        assert np.isfinite(aim.points(0, [farthest])).all()
        assert (farthest > 0) == (indicator.get("transform") in ("log", "log10") or "normalise" in indicator or end > 0)


def test_bounds_end_it_before() -> None:
    made, results = ready(bounds=(2, 60))
    aim = aim_of(made, results, "x", Goal(score=45))
    assert (aim.end(0), aim.end(0, bounded=False)) == (60.0, 1e30)
    made, results = ready(bounds=(2, 60), direction="lower")
    assert aim_of(made, results, "x", Goal(score=45)).end(0) == 2.0


def test_the_place_to_catch_up_with() -> None:
    made, results = ready()
    scores = sorted(results.score[0, :, 0], reverse=True)
    assert scores == [100, 60, 30, 0]
    assert [aim_of(made, results, "x", Goal(rank=rank)).needed for rank in (1, 2)] == scores[:2]
    assert aim_of(made, results, "x", Goal(rank=3)).needed == 0
    assert np.isnan(aim_of(made, results, "x", Goal(rank=4)).needed)
    assert aim_of(made, results, "x", Goal(score=12.5)).needed == 12.5
    with pytest.raises(Invalid, match="no goal"):
        Goal(score=1, rank=1)
    with pytest.raises(Invalid, match="no goal"):
        Goal(score=float("inf"))


def test_a_climb_never_asks_for_more_than_the_top() -> None:
    made, results = ready()
    frozen, standing = Frozen.of(made, results, 2023), Standing.of(made, results, 2023)
    found = climb(frozen, standing, Row.of(results, "y", 2023), 9)
    assert {one.rank for one in found if one.feasible} == {1}
    made = flat(["a", "b"], method=method(screen=Rule("share", {"coverage": 0.9})))
    results = score(made, panel({"a": [1, 2, 3], "b": [np.nan, 1, 2]}))
    frozen, standing = Frozen.of(made, results, 2023), Standing.of(made, results, 2023)
    with pytest.raises(Invalid, match="p0000 cannot climb"):
        climb(frozen, standing, Row.of(results, "p0000", 2023), 1)

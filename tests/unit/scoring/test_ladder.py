"""Rungs of a maturity ladder and average levels, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cityindex.scoring.framework import Framework, Indicator, Leaf, Level, Method, Node, Rule
from cityindex.scoring.ladder import average_level, standing, top_level

LEVELS = (Level("none", 0), Level("initial", 10), Level("defined", 50))
GOALPOSTS = Rule("goalposts", {"low": 0, "high": 5})


def framework(*rules: Rule, weight: float = 1.0, kind: str = "rubric") -> Framework:
    codes = [f"q{number}" for number in range(len(rules))]
    indicators = {
        code: Indicator(code, type=kind, normalise=rule)  # type: ignore[arg-type]
        for code, rule in zip(codes, rules, strict=True)
    }
    return Framework("f", Node("index", tuple(Leaf(code, weight) for code in codes)), indicators)


@pytest.mark.parametrize(
    ("score", "number", "missing"), [(0, 0, 10), (9.9, 0, 0.1), (10, 1, 40), (49, 1, 1), (50, 2, 0), (100, 2, 0)]
)
def test_a_score_stands_on_the_highest_rung_that_it_reaches(score: float, number: int, missing: float) -> None:
    found = standing(LEVELS, score)
    assert found is not None
    assert found.number == number
    assert found.missing == pytest.approx(missing)
    assert (found.above is None) == (number == 2)


@pytest.mark.parametrize("score", [None, math.nan])
def test_without_a_score_there_is_no_rung(score: float | None) -> None:
    assert standing(LEVELS, score) is None
    assert average_level(framework(GOALPOSTS), score) is None


def test_without_a_ladder_there_is_no_rung() -> None:
    assert standing((), 50) is None


def test_below_the_first_rung_one_stands_on_it() -> None:
    found = standing((Level("initial", 10), Level("defined", 50)), 5)
    assert found is not None
    assert found.number == 0


def test_a_score_of_rubrics_alone_is_an_average_level() -> None:
    assert top_level(framework(GOALPOSTS, GOALPOSTS)) == 5
    assert average_level(framework(GOALPOSTS), 58) == pytest.approx(2.9)


def test_other_scores_are_no_average_level() -> None:
    other = Rule("goalposts", {"low": 0, "high": 4})
    assert top_level(framework(GOALPOSTS, other)) is None
    assert top_level(framework(Rule("goalposts", {"low": 1, "high": 5}))) is None
    assert top_level(framework(Rule("min-max"))) is None
    assert top_level(framework(GOALPOSTS, kind="measured")) is None
    geometric = replace(framework(GOALPOSTS), method=Method(aggregate=Rule("geometric")))
    assert top_level(geometric) is None
    assert average_level(geometric, 58) is None


def test_what_has_no_weight_does_not_count() -> None:
    beside = Node("beside", (Leaf("d"),), weight=0.0)
    tree = Node("index", (Leaf("a"), Leaf("b", 0.0), Leaf("c"), beside))
    indicators = {
        "d": Indicator("d", type="yes-no", normalise=Rule("goalposts", {"low": 0, "high": 1})),
        "a": Indicator("a", type="rubric", normalise=GOALPOSTS),
        "b": Indicator("b", normalise=Rule("min-max")),
        "c": Indicator("c", status="pilot", normalise=Rule("min-max")),
    }
    assert top_level(Framework("f", tree, indicators)) == 5

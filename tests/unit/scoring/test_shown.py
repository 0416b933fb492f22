"""Values as pages show them, with the parameters of the run, give the scores of the run: for all kinds of methods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.scoring.framework import STEPS, Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.shown import as_shown
from tests.unit.scoring.frames import OPEN, method

PERIODS, PLACES = (2021, 2022, 2023), tuple(f"p{place:02d}" for place in range(30))
BASE = {"over": {"base": 2021}}
LATE_SCREEN = (
    "derive",
    "denominate",
    "fill",
    "transform",
    "treat",
    "screen",
    "impute",
    "normalise",
    "aggregate",
    "rank",
)
EARLY_SCREEN = ("screen", *(step for step in STEPS if step != "screen"))
IMPUTED_FIRST = ("derive", "denominate", "fill", "impute", "transform", "treat", "normalise", "aggregate", "rank")


def framework(order: tuple[str, ...], **options: Any) -> Framework:
    made = [
        Indicator("share", type="derived", formula="100 * part / whole", transform="sqrt"),
        Indicator("rate", denominator="people", per=1000, normalise=Rule("min-max", BASE), direction="lower"),
        Indicator("count", treat=Rule("winsorise", {"cap": 0.1, "over": "pooled"}), fill=Rule("latest")),
        Indicator("whole"),
    ]
    inner = Node("inner", (Leaf("share"), Leaf("rate")), rescale=Rule("min-max", BASE))
    tree = Node("index", (inner, Leaf("count"), Leaf("whole")), rescale=Rule("z-score", BASE))
    chosen = method(order=order, screen=Rule("share", {"coverage": 0.7}), coverage=OPEN, **options)
    every = {item.code: item for item in (*made, Indicator("part"))}
    return Framework("test", tree, every, method=chosen)


def data() -> Panel:
    rng = np.random.default_rng(5)
    values = rng.lognormal(2, 1, (3, 30, 4))
    values[rng.random(values.shape) < 0.15] = np.nan
    people = tuple(rng.integers(100, 9000, 30).tolist())
    return Panel(PLACES, PERIODS, ("part", "whole", "rate", "count"), values, None, {"people": people})


def again(made: Framework, results: ScoreSet, period: int) -> ScoreSet:
    """The period alone, from what is shown of it."""
    when = PERIODS.index(period)
    shown = Panel(PLACES, (period,), results.indicators, results.values[[when]], results.status[[when]])
    return score(as_shown(made), shown, results.parameters)


@pytest.mark.parametrize("order", [STEPS, LATE_SCREEN, IMPUTED_FIRST])
@pytest.mark.parametrize("impute", [Rule("none"), Rule("median")])
@pytest.mark.parametrize("period", [2021, 2023])
def test_shown_values_give_the_scores_of_the_run(order: tuple[str, ...], impute: Rule, period: int) -> None:
    made = framework(order, impute=impute, treat=Rule("clip", {"low": 0.1, "high": 0.9, "over": "pooled"}))
    results = score(made, data())
    found, when = again(made, results, period), PERIODS.index(period)
    assert np.isnan(results.score[when, :, 0]).sum() < 20
    np.testing.assert_array_equal(found.score[0], results.score[when])
    np.testing.assert_array_equal(found.rank[0], results.rank[when])
    np.testing.assert_array_equal(found.flag[0], results.flag[when])


def test_the_steps_that_made_the_values_are_over() -> None:
    shown = as_shown(framework(STEPS, fill=Rule("linear"), normalise=Rule("min-max", {"over": "pooled"})))
    assert shown.method.order == STEPS[3:]
    assert (shown.method.fill, shown.method.normalise) == (Rule("none"), Rule("min-max"))
    assert {item.fill for item in shown.indicators.values()} == {None}
    assert {item.formula for item in shown.indicators.values()} == {None}
    assert {item.denominator for item in shown.indicators.values()} == {None}
    assert {node.rescale.options.get("over") for node in shown.nodes if node.rescale} == {None}


def test_who_is_screened_by_what_came_before_stays_screened_by_it() -> None:
    shown = as_shown(framework(EARLY_SCREEN))
    assert shown.method.order == ("screen", *EARLY_SCREEN[4:])
    without = as_shown(framework(tuple(step for step in STEPS if step != "screen")))
    assert "screen" not in without.method.order

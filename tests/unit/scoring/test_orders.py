"""The order of the steps is configuration: what each step does where others come before it, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from cityindex.errors import DefinitionError
from cityindex.scoring.framework import STEPS, Indicator, Rule
from cityindex.scoring.pipeline import score
from tests.unit.scoring.frames import flat, method, panel

GAP = np.nan


def order(*, without: tuple[str, ...] = (), last: str = "") -> tuple[str, ...]:
    kept = [step for step in STEPS if step not in (*without, last)]
    return (*kept[:-2], last, *kept[-2:]) if last else tuple(kept)


def test_goalposts_are_transformed_only_if_values_are() -> None:
    income = Indicator("x", transform="log", normalise=Rule("goalposts", {"low": 1, "high": 100}))
    values = panel({"x": [1.0, 10.0, 100.0]})
    with_logs, without = (
        score(flat([income], method=method(order=order(without=left_out))), values).score[0, :, 0]
        for left_out in ((), ("transform",))
    )
    np.testing.assert_allclose(with_logs, [0, 50, 100])
    np.testing.assert_allclose(without, [0, 100 * 9 / 99, 100])


def test_scores_of_a_place_are_averaged_as_they_are() -> None:
    made = [Indicator("x"), Indicator("y", direction="lower"), Indicator("z", direction="lower")]
    chosen = method(order=order(last="impute"), impute=Rule("row-mean"))
    results = score(flat(made, method=chosen), panel({"x": [0, 5, 10], "y": [8, GAP, 0], "z": [4, 1, 0]}))
    # The middle place has 50 in x and 75 in z.
    np.testing.assert_allclose(results.score[0, 1], [62.5, 50, 62.5, 75])


def test_what_does_not_vary_is_not_made_up_from_scores() -> None:
    chosen = method(order=order(last="impute"), impute=Rule("row-mean"))
    results = score(flat(["x", "y"], method=chosen), panel({"x": [0, 5, 10], "y": [7, 7, GAP]}))
    assert np.isnan(results.score[0, :, 2]).all()
    assert results.score[0, :, 0].tolist() == [0, 50, 100]


def test_before_scores_are_made_a_row_is_averaged_between_0_and_1() -> None:
    made = [Indicator("x"), Indicator("y", direction="lower"), Indicator("z")]
    results = score(
        flat(made, method=method(impute=Rule("row-mean"))), panel({"x": [0, 3, 10], "y": [8, GAP, 0], "z": [0, 1, 10]})
    )
    # 0.3 and 0.1 of their ranges: y is as good as 0.2 of its own, which is 6.4 and scores 20.
    np.testing.assert_allclose(results.score[0, 1], [20, 30, 20, 10])


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (("normalise", "rank"), "leaves out"),
        (("aggregate", "normalise"), "before other steps"),
        (("rank", "aggregate"), "before other steps"),
        (("normalise", "fill", "aggregate"), "not there yet"),
        (("normalise", "derive", "aggregate"), "not there yet"),
        (("transform", "denominate", "aggregate"), "not there yet"),
        (("treat", "fill", "aggregate"), "not there yet"),
        (("normalise", "treat", "aggregate"), "not there yet"),
        (("treat", "transform", "aggregate"), "not there yet"),
        (("normalise", "normalise", "aggregate"), "twice"),
        (("normalise", "polish", "aggregate"), "unknown"),
    ],
)
def test_orders_that_cannot_be(steps: tuple[str, ...], reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason) as refused:
        score(flat(["x", "y"], method=method(order=steps)), panel({"x": [1, 2], "y": [2, 1]}))
    assert {problem.column for problem in refused.value.problems} == {"order"}


def test_a_ladder_of_percentiles_needs_somebody_to_compare_with() -> None:
    ladder = Rule("ladder", {"on": "percentile", "thresholds": [50], "levels": [0, 100]})
    chosen = method(screen=Rule("share", {"coverage": 0.9}), normalise=ladder)
    results = score(flat(["x", "y"], method=chosen), panel({"x": [1.0, 2.0], "y": [GAP, GAP]}))
    assert np.isnan(results.score).all()

"""Every normalisation against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.errors import DefinitionError, Invalid
from cityindex.scoring.framework import Indicator, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import Flag, ScoreSet, score
from tests.unit.scoring.frames import flat, method, panel

VALUES = [2.0, 4.0, 4.0, 10.0]
GAP = np.nan
E = np.exp(-100 / 23)


def run(
    rule: Rule, values: Any = VALUES, *, direction: str = "higher", scale: tuple[float, float] = (0, 100)
) -> ScoreSet:
    indicator = Indicator("x", direction=direction)  # type: ignore[arg-type]
    return score(flat([indicator], method=method(normalise=rule), scale=scale), panel({"x": values}))


def leaf(results: ScoreSet) -> Any:
    return results.score[0, :, results.row("x")]


@pytest.mark.parametrize(
    ("rule", "higher", "lower"),
    [
        (Rule("min-max"), [0, 25, 25, 100], [100, 75, 75, 0]),
        (Rule("distance-to-best"), [0, 25, 25, 100], [100, 75, 75, 0]),
        (Rule("goalposts", {"low": 0, "high": 8}), [25, 50, 50, 100], [75, 50, 50, 0]),
        (Rule("goalposts", {"low": 0, "high": 8, "clip": "none"}), [25, 50, 50, 125], [75, 50, 50, -25]),
        (Rule("goalposts", {"low": 4, "high": 8, "clip": "lower"}), [0, 0, 0, 150], [150, 100, 100, 0]),
        (Rule("goalposts", {"low": 4, "high": 8, "clip": "upper"}), [-50, 0, 0, 100], [100, 100, 100, -50]),
        (Rule("percentile-rank"), [0, 100 / 3, 100 / 3, 100], [100, 100 / 3, 100 / 3, 0]),
        (Rule("percentile-rank", {"ties": "average"}), [0, 50, 50, 100], [100, 50, 50, 0]),
        (Rule("percentile-rank", {"variant": "r/n"}), [25, 50, 50, 100], [100, 50, 50, 25]),
        (Rule("percentile-rank", {"variant": "r-0.5/n"}), [12.5, 37.5, 37.5, 87.5], [87.5, 37.5, 37.5, 12.5]),
        (Rule("percentile-rank", {"reverse_after_rank": True}), [0, 100 / 3, 100 / 3, 100], [100, 200 / 3, 200 / 3, 0]),
        (Rule("rank"), [1, 2, 2, 4], [4, 2, 2, 1]),
        (Rule("rank", {"ties": "average"}), [1, 2.5, 2.5, 4], [4, 2.5, 2.5, 1]),
        (Rule("borda"), [0, 1, 1, 3], [3, 1, 1, 0]),
        (Rule("distance-to-target", {"target": 6}), [0, 50, 50, 200], None),
        (Rule("distance-to-target", {"target": 6, "cap": True}), [0, 50, 50, 100], None),
        (Rule("distance-to-target", {"target": 6}), None, [200, 150, 150, 0]),
        (Rule("distance-to-reference", {"place": "p0001"}), [0, 100, 100, 400], [400 / 3, 100, 100, 0]),
        (Rule("distance-to-reference", {"place": "p0001", "cap": True}), [0, 100, 100, 100], [100, 100, 100, 0]),
        (Rule("ratio"), [0.2, 0.4, 0.4, 1], [1, 0.5, 0.5, 0.2]),
        (Rule("ratio", {"to": "mean"}), [0.4, 0.8, 0.8, 2], [2.5, 1.25, 1.25, 0.5]),
        (Rule("ratio", {"to": "worst"}), [1, 2, 2, 5], [5, 2.5, 2.5, 1]),
        (Rule("above-mean", {"band": 0.2}), [-1, 0, 0, 1], [1, 0, 0, -1]),
        (Rule("above-mean"), [-1, -1, -1, 1], [1, 1, 1, -1]),
        (Rule("ladder", {"on": "value", "thresholds": [4, 8]}), [0, 0, 0, 2], [2, 1, 1, 0]),
        (Rule("ladder", {"on": "value", "thresholds": [4, 8], "boundary": "upper"}), [0, 1, 1, 2], [2, 2, 2, 0]),
        (Rule("ladder", {"on": "value", "thresholds": [4], "levels": [10, 20]}), [10, 10, 10, 20], [20, 10, 10, 10]),
        (Rule("ladder", {"on": "percentile", "thresholds": [30, 60]}), [0, 1, 1, 2], [2, 1, 1, 0]),
        (Rule("none"), [2, 4, 4, 10], [-2, -4, -4, -10]),
        (Rule("exponential-rank"), [-23 * np.log(1 - r * (1 - E)) for r in (0.25, 0.75, 0.75, 1)],
         [-23 * np.log(1 - r * (1 - E)) for r in (1, 0.75, 0.75, 0.25)]),
    ],
)  # fmt: skip
def test_methods(rule: Rule, higher: list[float] | None, lower: list[float] | None) -> None:
    for direction, expected in (("higher", higher), ("lower", lower)):
        if expected is not None:
            np.testing.assert_allclose(leaf(run(rule, direction=direction)), expected, atol=1e-12)


def test_z_scores_take_the_sample_deviation() -> None:
    results = run(Rule("z-score", {"mean": 100, "sd": 10}))
    np.testing.assert_allclose(leaf(results), 100 + 10 * (np.array(VALUES) - 5) / np.std(VALUES, ddof=1))


def test_the_scale_is_the_frameworks() -> None:
    np.testing.assert_allclose(leaf(run(Rule("min-max"), scale=(1, 100))), [1, 25.75, 25.75, 100])


@pytest.mark.parametrize(
    "name", ["min-max", "z-score", "percentile-rank", "rank", "borda", "distance-to-best", "ratio"]
)
@pytest.mark.parametrize("values", [[3.0, 3.0, 3.0], [3.0, GAP, GAP]])
def test_a_constant_leaves_the_tree_with_a_flag(name: str, values: list[float]) -> None:
    results = run(Rule(name), values)
    assert np.isnan(leaf(results)).all()
    here = ~np.isnan(values)
    assert (results.flag[0, here, results.row("x")] == Flag.NO_VARIATION).all()
    assert (results.flag[0, ~here, results.row("x")] == Flag.MISSING).all()
    assert (results.flag[0, :, 0] == Flag.NO_VARIATION).all()


def test_a_constant_does_not_count_against_coverage() -> None:
    framework = flat(["x", "y"])
    results = score(framework, panel({"x": [5, 5, 5], "y": [1, 2, 3]}))
    assert results.score[0, :, 0].tolist() == [0, 50, 100]
    assert results.coverage[0, :, 0].tolist() == [1, 1, 1]
    assert results.effective[0].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "rule", [Rule("goalposts", {"low": 0, "high": 10}), Rule("distance-to-target", {"target": 10})]
)
def test_fixed_posts_score_a_constant(rule: Rule) -> None:
    assert not np.isnan(leaf(run(rule, [5.0, 5.0]))).any()


@pytest.mark.parametrize(
    ("rule", "values", "direction", "reason"),
    [
        (Rule("distance-to-target", {"target": 2}), VALUES, "higher", "target"),
        (Rule("distance-to-target", {"target": 12}), VALUES, "lower", "target"),
        (Rule("distance-to-reference", {"place": "nowhere"}), VALUES, "higher", "not among"),
        (Rule("distance-to-reference", {"place": "p0000"}), VALUES, "higher", "worst"),
        (Rule("distance-to-reference", {"place": "p0000"}), [GAP, 1, 2], "higher", "no value"),
        (Rule("ratio", {"to": "worst"}), [0.0, 1.0], "higher", "is 0"),
        (Rule("ratio"), [0.0, 1.0, 2.0], "lower", "0"),
        (Rule("above-mean"), [-2.0, 1.0], "higher", "not positive"),
    ],
)
def test_what_has_no_answer_is_refused(rule: Rule, values: Any, direction: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason) as refused:
        run(rule, values, direction=direction)
    assert refused.value.problems[0].cure
    assert refused.value.problems[0].column.startswith("x.normalise")


def test_goalposts_by_group() -> None:
    posts = {"by": "sex", "female": {"low": 0, "high": 10}, "male": {"low": 0, "high": 20}}
    framework = flat(["x"], method=method(normalise=Rule("goalposts", {"goalposts": posts})))
    data = panel({"x": [5, 5]}, attributes={"sex": ("female", "male")})
    results = score(framework, data)
    assert leaf(results).tolist() == [50, 25]
    assert np.array_equal(score(framework, data, results.parameters).score, results.score)
    with pytest.raises(Invalid, match="no goalposts for sex «other»: p"):
        score(framework, panel({"x": [5, 5]}, attributes={"sex": ("female", "other")}))
    with pytest.raises(Invalid, match="places do not have"):
        score(framework, panel({"x": [5, 5]}))


def test_goalposts_are_transformed_with_the_values() -> None:
    rule = Rule("goalposts", {"low": 100, "high": 75_000})
    framework = flat([Indicator("x", transform="log", normalise=rule)], scale=(0, 1))
    income = 10_000.0
    expected = (np.log(income) - np.log(100)) / (np.log(75_000) - np.log(100))
    assert leaf(score(framework, panel({"x": [income]})))[0] == expected
    with pytest.raises(DefinitionError, match="cannot be transformed"):
        score(flat([Indicator("x", transform="log", normalise=Rule("goalposts", {"low": 0, "high": 1}))]),
              panel({"x": [1.0]}))  # fmt: skip


@pytest.mark.parametrize(("transform", "values"), [("log", [1, 0]), ("log10", [1, -1]), ("sqrt", [1, -0.5])])
def test_a_transform_refuses_what_it_cannot_take(transform: Any, values: list[float]) -> None:
    with pytest.raises(Invalid, match="p0001"):
        score(flat([Indicator("x", transform=transform)]), panel({"x": values}))


def test_references() -> None:
    data = panel({"x": [[0, 10], [5, 20]]}, periods=(2022, 2023))

    def scores(over: Any) -> list[list[float]]:
        results = score(flat(["x"], method=method(normalise=Rule("min-max", {"over": over}))), data)
        return results.score[:, :, 0].tolist()

    assert scores("period") == [[0, 100], [0, 100]]
    assert scores("pooled") == [[0, 50], [25, 100]]
    assert scores({"base": 2022}) == [[0, 100], [50, 200]]
    assert scores({"base": (2022, 2023)}) == scores("pooled")
    only = score(flat(["x"], method=method(normalise=Rule("min-max", {"over": {"base": 2022}}))), data, None, (2023,))
    assert only.score[:, :, 0].tolist() == [[50, 200]]
    with pytest.raises(DefinitionError, match="base year 2020"):
        scores({"base": 2020})


def test_parameters_are_on_the_natural_scale() -> None:
    results = run(Rule("min-max"), direction="lower")
    kept = results.parameters.to_json()["fits"]["normalise"]["x"]["2023"]
    assert kept == {"method": "min-max", "worst": 10.0, "best": 2.0, "varies": True}


def test_parameters_of_another_method_are_refused() -> None:
    first = score(flat(["x"]), panel({"x": [1, 2]}))
    with pytest.raises(Invalid, match="another method"):
        score(flat(["x"], method=method(normalise=Rule("z-score"))), panel({"x": [1, 2]}), first.parameters)


def test_new_data_are_measured_by_frozen_parameters() -> None:
    framework = flat(["x"])
    first = score(framework, panel({"x": [0, 10]}))
    later = score(framework, panel({"x": [5, 20]}, periods=(2024,)), first.parameters)
    assert later.score[0, :, 0].tolist() == [50, 200]
    assert any("2024 is scored with the frozen parameters of 2023" in warning for warning in later.warnings)


def test_values_outside_a_frozen_reference_of_ranks_stay_within_it() -> None:
    framework = flat(["x"], method=method(normalise=Rule("percentile-rank")))
    first = score(framework, panel({"x": [1, 2, 3]}))
    later = score(framework, panel({"x": [0, 2, 9]}), first.parameters)
    assert later.score[0, :, 0].tolist() == [0, 50, 100]


def test_parameters_of_another_framework_are_refused() -> None:
    first = score(flat(["x"]), panel({"x": [1, 2]}))
    with pytest.raises(Invalid, match="do not fit"):
        score(flat(["y"]), panel({"y": [1, 2]}), first.parameters)


def test_columns_with_different_rules_do_not_disturb_each_other() -> None:
    posts = Rule("goalposts", {"low": 0, "high": 10})
    framework = flat([Indicator("x"), Indicator("y", normalise=posts), Indicator("z", direction="lower")])
    data = Panel(("a", "b"), (2023,), ("z", "x", "y"), np.array([[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]]))
    results = score(framework, data)
    assert results.score[0, :, 1:].tolist() == [[0, 10, 100], [100, 20, 0]]


def test_scales_that_mix_are_warned_about() -> None:
    framework = flat([Indicator("x"), Indicator("y", normalise=Rule("rank"))])
    assert any(
        "different scales" in warning for warning in score(framework, panel({"x": [1, 2], "y": [1, 2]})).warnings
    )

"""The whole grammar of methods in definitions.md is taken, and becomes the engine's rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.definitions.loader import load_framework
from cityindex.scoring.framework import Framework, Method, Rule
from tests.unit.definitions.examples import ALONE, alone, problems_of

NORMALISATIONS = [
    ("min-max", Rule("min-max")),
    ("{method: min-max, over: pooled}", Rule("min-max", {"over": "pooled"})),
    ("{method: min-max, over: {base: 2023}}", Rule("min-max", {"over": {"base": 2023}})),
    ("{method: goalposts, low: 0, high: 60, clip: upper}", Rule("goalposts", {"low": 0, "high": 60, "clip": "upper"})),
    (
        "{method: goalposts, goalposts: {by: sex, female: {low: 22.5, high: 87.5}, male: {low: 17.5, high: 82.5}}}",
        Rule(
            "goalposts",
            {"goalposts": {"by": "sex", "female": {"low": 22.5, "high": 87.5}, "male": {"low": 17.5, "high": 82.5}}},
        ),
    ),
    (
        "{method: percentile-rank, variant: r-0.5/n, ties: average, reverse_after_rank: true}",
        Rule("percentile-rank", {"variant": "r-0.5/n", "ties": "average", "reverse_after_rank": True}),
    ),
    ("{method: distance-to-target, target: 90, cap: true}", Rule("distance-to-target", {"target": 90, "cap": True})),
    ("{method: distance-to-reference, place: BMA}", Rule("distance-to-reference", {"place": "BMA"})),
    ("distance-to-best", Rule("distance-to-best")),
    ("{method: z-score, mean: 100, sd: 10}", Rule("z-score", {"mean": 100, "sd": 10})),
    ("{method: rank, ties: average}", Rule("rank", {"ties": "average"})),
    ("borda", Rule("borda")),
    ("{method: ratio, to: mean}", Rule("ratio", {"to": "mean"})),
    ("{method: above-mean, band: 0.2}", Rule("above-mean", {"band": 0.2})),
    (
        "{method: ladder, on: percentile, thresholds: [5, 15], levels: [0, 20, 40], boundary: upper}",
        Rule("ladder", {"on": "percentile", "thresholds": (5, 15), "levels": (0, 20, 40), "boundary": "upper"}),
    ),
    ("{method: exponential-rank, factor: 23}", Rule("exponential-rank", {"factor": 23})),
    ("none", Rule("none")),
]
STEPS = [
    ("treat: none", "treat", Rule("none")),
    (
        "treat: {method: winsorise, cap: 0.01, skew: 2, kurtosis: 3.5, otherwise: log, over: period}",
        "treat",
        Rule("winsorise", {"cap": 0.01, "skew": 2, "kurtosis": 3.5, "otherwise": "log", "over": "period"}),
    ),
    ("treat: {method: winsorise, cap: {count: 5}}", "treat", Rule("winsorise", {"cap": {"count": 5}})),
    ("treat: {method: clip, low: 0.025, high: 0.975}", "treat", Rule("clip", {"low": 0.025, "high": 0.975})),
    (
        "impute: {method: median, by: place_type, limit: 0.3}",
        "impute",
        Rule("median", {"by": "place_type", "limit": 0.3}),
    ),
    ("impute: {limit: 0.3}", "impute", Rule("none", {"limit": 0.3})),
    ("impute: row-mean", "impute", Rule("row-mean")),
    ("fill: {method: linear-constant, max_age: 3}", "fill", Rule("linear-constant", {"max_age": 3})),
    ("aggregate: {method: power, p: 0.5}", "aggregate", Rule("power", {"p": 0.5})),
    ('aggregate: {method: mazziotta-pareto, sign: "-"}', "aggregate", Rule("mazziotta-pareto", {"sign": -1})),
    ("aggregate: copeland", "aggregate", Rule("copeland")),
    ("coverage: 0.5", "coverage", Rule("weight", {"share": 0.5})),
    ("coverage: {count: 0.5}", "coverage", Rule("count", {"share": 0.5})),
    ("screen: {coverage: 0}", "screen", Rule("share", {"coverage": 0})),
    ("screen: {zeros: 0.9}", "screen", Rule("share", {"coverage": 0.65, "zeros": 0.9})),
    ("screen: {dimension: 0.5}", "screen", Rule("share", {"coverage": 0.65, "dimension": 0.5})),
    ("impute: {method: mean, by: [district, region]}", "impute", Rule("mean", {"by": ("district", "region")})),
    ("nonpositive: zero", "nonpositive", Rule("zero")),
    ("nonpositive: {floor: 1e-6}", "nonpositive", Rule("floor", {"floor": 1e-6})),
    ("rank: {ties: max, decimals: 2}", "rank", Rule("max", {"decimals": 2})),
    ("missing: propagate", "missing", "propagate"),
    ("order: [normalise, aggregate]", "order", ("normalise", "aggregate")),
]


def framework(folder: Path, text: str) -> Framework:
    return load_framework(alone(folder, text)).framework


@pytest.mark.parametrize(("written", "rule"), NORMALISATIONS, ids=[written for written, _ in NORMALISATIONS])
def test_every_normalisation(tmp_path: Path, written: str, rule: Rule) -> None:
    text = ALONE.replace("{code: a}", f"{{code: a, normalise: {written}}}")
    assert framework(tmp_path, text).indicators["a"].normalise == rule


@pytest.mark.parametrize(("written", "step", "rule"), STEPS, ids=[written for written, _, _ in STEPS])
def test_every_step(tmp_path: Path, written: str, step: str, rule: object) -> None:
    assert getattr(framework(tmp_path, f"{ALONE}method: {{{written}}}\n").method, step) == rule


@pytest.mark.parametrize("name", ["arithmetic", "product", "sum", "minimum", "median"])
def test_every_plain_mean_of_a_node(tmp_path: Path, name: str) -> None:
    text = ALONE.replace("  code: index\n", f"  code: index\n  aggregate: {name}\n")
    assert framework(tmp_path, text).tree.aggregate == Rule(name)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("equal", Rule("equal")),
        ("{pca: oecd}", Rule("pca", {"variant": "oecd"})),
        ("{pca: first, negative: zero}", Rule("pca", {"variant": "first", "negative": "zero"})),
        ("{optimise: balance}", Rule("optimise", {"variant": "balance"})),
    ],
)
def test_every_rule_of_weights(tmp_path: Path, written: str, rule: Rule) -> None:
    text = ALONE.replace("  code: index\n", f"  code: index\n  weights: {written}\n").replace(", weight: 2", "")
    assert framework(tmp_path, text).tree.weights == rule


@pytest.mark.parametrize(
    "written",
    [
        "pca",
        "{pca: second}",
        "{pca: first, optimise: balance}",
        "{negative: zero}",
        "{optimise: balance, negative: zero}",
    ],
)
def test_rules_of_weights_that_there_are_not(tmp_path: Path, written: str) -> None:
    text = ALONE.replace("  code: index\n", f"  code: index\n  weights: {written}\n").replace(", weight: 2", "")
    assert {problem.column for problem in problems_of(alone(tmp_path, text))} & {"weights", "pca", "negative"}


@pytest.mark.parametrize(
    "written",
    [
        "impute: {method: mean, by: []}",
        "screen: {dimension: 2}",
        "treat: {method: winsorise, cap: 0.9}",
        "treat: {method: clip, low: 0.9, high: 0.1}",
        "treat: {method: clip}",
        "impute: {method: mean, within: x}",
        "aggregate: power",
        "aggregate: {method: arithmetic, p: 1}",
        "aggregate: [arithmetic]",
        "normalise: {method: min-max, low: 0}",
        "normalise: {over: period}",
        "normalise: {method: z-score, sd: 0}",
        "normalise: {method: ladder, on: value, thresholds: [2, 1]}",
        "normalise: {method: ladder, on: value, thresholds: [1], levels: [0, 1, 2]}",
        "normalise: {method: distance-to-target}",
        "normalise: {method: percentile-rank, variant: r}",
        "normalise: {method: goalposts, goalposts: {by: sex}}",
        "nonpositive: {floor: 0}",
        "missing: ignore",
        "rank: {ties: random}",
        "coverage: yes",
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, written: str) -> None:
    problems = problems_of(alone(tmp_path, f"{ALONE}method: {{{written}}}\n"))
    assert {problem.row for problem in problems} == {10}, problems


def test_what_a_file_leaves_out_is_as_the_engine_has_it(tmp_path: Path) -> None:
    read = framework(tmp_path, ALONE)
    assert (read.method, read.scale, read.version) == (Method(), (0.0, 100.0), "1")
    assert [leaf.weight for leaf in read.leaves] == [2, 1]


def test_a_plan_of_uncertainty(tmp_path: Path) -> None:
    plan = (
        "{weights: {noise: 0.25, levels: [1]}, normalise: [min-max, percentile-rank], treat: [none, {cap: 0.01}],"
        " impute: [none, {method: median, by: t}], aggregate: {index: [arithmetic, geometric]}, leave_out: indicators,"
        " noise: {a: 0.1}, sobol: true}"
    )
    read = framework(
        tmp_path, f"{ALONE}scale: [1, 100]\nuncertainty: {{plan: {plan}, replications: 1024, seed: 2569}}\n"
    ).uncertainty
    assert read["seed"] == 2569
    assert read["plan"]["treat"] == ({"method": "none"}, {"cap": 0.01, "method": "winsorise"})

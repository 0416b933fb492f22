"""What the engine says today about small cases of every kind: `recorded.json`, which later versions must say too.

A published edition is rebuilt from its definitions and data years later; whatever changes a figure on the way must be
meant. After a change that is meant, `python -m tests.unit.scoring.recorded` writes the file anew, and its difference
is what a reviewer reads. Numbers of an array are told as how many there are, how many are missing, and a weighted sum.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from cityindex.errors import Invalid
from cityindex.scoring.changes import State, change
from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.correlations import METHODS, between_siblings, correlate, with_family
from cityindex.scoring.explain import contributions, gap
from cityindex.scoring.framework import Bands, Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Panel
from cityindex.scoring.mixes import least_effort
from cityindex.scoring.multivariate import cronbach, importance, leave_one_out, principal_components
from cityindex.scoring.peers import frontier, standpoints
from cityindex.scoring.pipeline import score
from cityindex.scoring.reweigh import reweigh
from cityindex.scoring.targets import Aim, Goal, climb, target
from cityindex.scoring.uncertainty import UncertaintyResult, uncertainty
from cityindex.scoring.weigh import balanced, components, first_component, oecd_components, varimax
from cityindex.scoring.whatif import Standing, all_steps, observed, rescore
from tests.unit.scoring import studies
from tests.unit.scoring.studies import ARITHMETIC, FULL, GEOMETRIC, MINMAX, NOISE, SHARES, ZERO

FILE = Path(__file__).with_name("recorded.json")
LONG = 6
POOLED = {"over": "pooled"}
EQUAL_BANDS = Bands(("A", "B", "C"), share=(0.2, 0.3, 0.5))
CUTS = Bands(("A", "B", "C"), cuts=(60, 40))


def told(value: Any) -> Any:  # noqa: PLR0911  (a line for each kind)
    """A result as plain JSON."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: told(getattr(value, field.name)) for field in fields(value) if field.name != "design"}
    if isinstance(value, Mapping):
        return {str(key): told(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _list(list(value))
    if isinstance(value, Enum | np.generic):
        return told(value.item() if isinstance(value, np.generic) else value.value)
    if isinstance(value, float):
        return None if np.isnan(value) else float(f"{value:.12g}")
    return value


def _list(values: list[Any]) -> Any:
    """Long lists of numbers as an array is told, long lists of records field by field."""
    if len(values) > LONG and all(is_dataclass(one) for one in values):
        names = [field.name for field in fields(values[0])]
        return {name: _list([getattr(one, name) for one in values]) for name in names}
    if len(values) > LONG and all(isinstance(one, int | float | None) for one in values):
        return _array(np.array([np.nan if one is None else one for one in values], dtype=np.float64))
    if len(values) > LONG and all(isinstance(one, str) for one in values):
        return " ".join(values)
    return [told(one) for one in values]


def _array(values: Any) -> list[Any]:
    if values.dtype.kind not in "biuf":
        return [told(item) for item in values.tolist()]
    numbers = values.astype(np.float64).ravel()
    weights = 1 + np.modf(np.arange(numbers.size) * 0.618_033_988_749_895)[0]
    missing = np.isnan(numbers)
    total = float((np.where(missing, 0.0, numbers) * weights).sum())
    return [numbers.size, int((missing * weights).sum() * 1e6), float(f"{total:.12g}")]


def _alike(**more: Any) -> Framework:
    return studies.framework(**more)


SCORED: Mapping[str, Callable[[], tuple[Framework, Panel]]] = {
    "as it is": lambda: (replace(_alike(), bands=EQUAL_BANDS, peers=("region",)), studies.panel()),
    "lower is better": lambda: (
        replace(_alike(root={"direction": "lower"}), bands=CUTS, peers=("region", "nothing")),
        studies.panel(2, not_applicable=0.1),
    ),
    "missing counts as 0": lambda: (_alike(missing="zero", screen=Rule("share", {"zeros": 0.1})), studies.panel(3)),
    "missing is passed on": lambda: (
        _alike(missing="propagate", coverage=Rule("count", {"share": 0.5})), studies.panel(4, gaps=0.05),
    ),
    "rescaled and rounded": lambda: (
        _alike(node={"rescale": Rule("min-max", POOLED), "round": 1}, rank=Rule("max", {"decimals": 1})),
        studies.panel(5, not_applicable=0.05),
    ),
    "filled, treated, imputed": lambda: (
        _alike(
            fill=Rule("linear-constant", {"max_age": 1}),
            treat=Rule("winsorise", {"cap": 0.05, "otherwise": "box-cox", "lambda": 0.3, **POOLED}),
            impute=Rule("median", {"by": "region", "limit": 0.2}),
            normalise=Rule("min-max", {"over": {"base": 2022}}),
        ),
        studies.panel(6, gaps=0.3),
    ),
    "rows imputed": lambda: (
        _alike(impute=Rule("row-mean"), treat=Rule("clip", {"low": 0.05, "high": 0.9})), studies.panel(7, gaps=0.3),
    ),
    "imputed last": lambda: (
        _alike(
            impute=Rule("row-mean"),
            order=("screen", "treat", "normalise", "impute", "aggregate", "rank"),
            normalise=Rule("percentile-rank", {"ties": "average", "variant": "r-0.5/n", "reverse_after_rank": True}),
        ),
        studies.panel(8, gaps=0.3),
    ),
    "computed weights": lambda: (
        _alike(
            node={"weights": Rule("optimise", {"variant": "balance"})}, screen=Rule("share", {"coverage": 0.9})
        ),
        studies.panel(9, gaps=0.05),
    ),
    "geometric, floored": lambda: (
        _alike(aggregate=GEOMETRIC, nonpositive=Rule("floor", {"floor": 2.5}), normalise=Rule("exponential-rank")),
        studies.panel(10),
    ),
    "harmonic of scores": lambda: (
        _alike(aggregate=Rule("harmonic"), normalise=Rule("z-score", {"mean": 100, "sd": 10})), studies.panel(11),
    ),
    "uneven": lambda: (
        _alike(aggregate=Rule("mazziotta-pareto", {"sign": 1}), normalise=Rule("distance-to-best")), studies.panel(12),
    ),
    "every pair": lambda: (
        _alike(root={"aggregate": Rule("copeland")}, screen=Rule("share", {"coverage": 0.8})), studies.panel(13),
    ),
    "a column that does not vary": lambda: (_alike(), _still(studies.panel(14), "i8", "i3")),
    "each its own way": lambda: (
        _each(_alike(fill=Rule("linear"), treat=Rule("clip", {"low": 0.1, "high": 0.8})), WAYS[:9]),
        studies.panel(16, (2020, 2021, 2023), gaps=0.3),
    ),
    "other ways": lambda: (_each(_alike(fill=Rule("constant", {"max_age": 2})), WAYS[9:]),
                           studies.panel(17, (2020, 2021, 2023), gaps=0.3)),
    "derived": lambda: _derived(),  # noqa: PLW0108  (it stands below)
}  # fmt: skip
"""Scored in two periods; the frameworks of `studies`, which have three levels."""


GROUPED = {"by": "region", "a": {"low": 1, "high": 9}, "b": {"low": 0.5, "high": 20}}
WAYS = (
    Rule("goalposts", {"low": 0.5, "high": 8}), Rule("goalposts", {"low": 1, "high": 6, "clip": "lower"}),
    Rule("goalposts", {"low": 1, "high": 6, "clip": "upper"}),
    Rule("goalposts", {"goalposts": GROUPED, "clip": "none"}),
    Rule("z-score", {"mean": 50, "sd": 9}), Rule("percentile-rank"), Rule("percentile-rank", {"variant": "r/n"}),
    Rule("rank", {"ties": "average"}), Rule("borda", {"ties": "max"}), Rule("exponential-rank", {"factor": 15}),
    Rule("distance-to-target", {"target": 30}), Rule("distance-to-target", {"target": 9, "cap": True}),
    Rule("ratio"), Rule("ratio", {"to": "mean"}), Rule("above-mean", {"band": 0.2}), Rule("distance-to-best"),
    Rule("ladder", {"on": "value", "thresholds": (1, 3, 9), "boundary": "upper"}),
    Rule("ladder", {"on": "percentile", "thresholds": (25, 50, 75), "levels": (0, 10, 40, 100)}),
)  # fmt: skip


def _each(made: Framework, ways: tuple[Rule, ...]) -> Framework:
    """The framework with a normalisation of its own for each indicator, every third where lower is better."""
    items = dict(made.indicators)
    for k, (code, way) in enumerate(zip(studies.CODES, ways, strict=True)):
        lower = k % 3 == 1 and way.method not in ("distance-to-target", "goalposts")
        items[code] = replace(items[code], normalise=way, direction="lower" if lower else "higher")
    return replace(made, indicators=items)


def _still(data: Panel, *codes: str) -> Panel:
    values = data.values.copy()
    for code in codes:
        column = values[..., data.indicators.index(code)]
        column[~np.isnan(column)] = 4.0
    return replace(data, values=values)


def _derived() -> tuple[Framework, Panel]:
    items = {
        "share": Indicator("share", formula="part / (part + log(rest + 1))", transform="sqrt", bounds=(0, 1)),
        "beds": Indicator("beds", denominator="people", per=1000.0, fill=Rule("latest", {"max_age": 1})),
        "fees": Indicator("fees", denominator="area", direction="lower", round=2),
        "part": Indicator("part"),
        "rest": Indicator("rest"),
        "people": Indicator("people", fill=Rule("latest", {"max_age": 1})),
        "absent": Indicator("absent"),
        "towns": Indicator("towns", applies_to=("town",)),
    }
    tree = Node("index", (Leaf("share", 2.0), Leaf("beds"), Leaf("fees"), Leaf("absent"), Leaf("towns", 0.5)))
    method = studies.framework(coverage=Rule("weight", {"share": 0.3}), screen=Rule("share", {"coverage": 0.2})).method
    rng = np.random.default_rng(15)
    codes = ("part", "rest", "beds", "fees", "people", "share", "towns")
    values = np.round(rng.lognormal(1, 1, (3, 12, len(codes))), 1)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[:, :, codes.index("share")] = np.where(rng.random((3, 12)) < 0.9, np.nan, 1.0)
    values[1, 3, codes.index("people")] = 0.0
    attributes = {
        "people": tuple([None, "many", *range(100, 110)]),
        "area": (0, None, *np.linspace(1, 9, 10)),
        "place_type": tuple(["town", "city_of_old", "city-of-old"][k % 3] for k in range(12)),
    }
    data = Panel(tuple(f"p{k:02d}" for k in range(12)), (2020, 2021, 2023), codes, values, None, attributes)
    return Framework("test", tree, items, method=method, scale=(1.0, 100.0)), data


def scored(name: str) -> Any:
    framework, data = SCORED[name]()
    results = score(framework, data)
    later = replace(data, periods=tuple(period + 5 for period in data.periods), values=data.values[:, ::-1] * 1.1)
    try:
        frozen = told(score(framework, later, results.parameters)) | {"parameters": None}
    except Invalid as refused:
        frozen = {"refused": str(refused), "columns": [problem.column for problem in refused.problems]}
    return {
        "results": told(results) | {"parameters": told(results.parameters.to_json())},
        "statistics": told(results.statistics),
        "frozen": frozen,
        "family": [told(with_family(results, data.periods[-1], method)) for method in METHODS],
        "siblings": told(between_siblings(results, data.periods[0])),
        "importance": told(importance(results, data.periods[-1])),
    }


def explained(name: str) -> Any:
    """Two places taken apart, compared, changed, and brought to a goal."""
    framework, data = SCORED[name]()
    results = score(framework, data)
    period = data.periods[-1]
    frozen, standing = Frozen.of(framework, results, period), Standing.of(framework, results, period)
    ranks = results.rank[-1, :, 0]
    order = [results.places[k] for k in np.argsort(ranks, kind="stable") if ranks[k]]
    group = dict(zip(results.places, data.attributes.get("region", ("",) * len(results.places)), strict=True))

    def row(place: str, when: int = period) -> Row:
        return Row.of(results, place, when, {"region": group[place]})

    own, other = row(order[len(order) // 2]), row(order[2])
    states = [State(frozen if when == period else Frozen.of(framework, results, when), row(own.place, when))
              for when in (data.periods[-2], period)]  # fmt: skip
    aims = [Aim(frozen, standing, own, goal) for goal in (Goal(rank=3), Goal(score=float(own.score[0]) + 2))]
    codes = [code for code in results.indicators if not np.isnan(own.values[frozen.column[code]])]
    aimed = codes[:2] if all_steps(frozen, own) else codes  # every step of the engine anew takes its time
    doubled = {code: float(own.values[frozen.column[code]]) * 2 + 1 for code in codes[:3]}
    return {
        "contributions": _or_refused(lambda: contributions(frozen, own)),
        "of a part": _or_refused(lambda: contributions(frozen, own, framework.nodes[1].code)),
        "gap": _or_refused(lambda: gap(frozen, own, other)),
        "change": _or_refused(lambda: change(*states)),
        "standpoints": _or_refused(lambda: standpoints(frozen, results, own, order[:9])),
        "frontier": told(frontier(framework, results, period)),
        "frontier of some": told(frontier(framework, results, period, order[3:9])),
        "what if": [_or_refused(lambda part=part: rescore(frozen, standing, own, part))  # type: ignore[misc]
                    for part in (doubled, dict(list(doubled.items())[:1]))],
        "targets": [[_or_refused(lambda aim=aim, code=code: target(aim, code)) for code in aimed] for aim in aims],  # type: ignore[misc]
        "climb": None if aimed != codes else _or_refused(lambda: climb(frozen, standing, own, 4)),
        "reweighed": told(reweigh(framework, results, {framework.tree.children[0].code: 2.5}, data.attributes).rank),
    }  # fmt: skip


def _or_refused(make: Callable[[], Any]) -> Any:
    try:
        return told(make())
    except Invalid as refused:
        return {"refused": [[problem.column, problem.reason, problem.cure] for problem in refused.problems]}


EXPLAINED = ("as it is", "lower is better", "missing counts as 0", "rescaled and rounded", "geometric, floored",
             "harmonic of scores", "uneven", "rows imputed", "filled, treated, imputed")  # fmt: skip

POWER = Rule("power", {"p": -2})
PLANS: Mapping[str, tuple[dict[str, Any], UncertaintyPlan, int]] = {
    "everything": ({}, replace(FULL, noise={"i1": 0.1, "i5": 0.3, "i8": 0.2}), 12),
    "everything by Sobol'": ({}, replace(FULL, noise={"i1": 0.1}, sobol=True), 8),
    "errors over pooled periods": (
        {"normalise": Rule("min-max", POOLED), "impute": Rule("median", {"by": "region"})},
        UncertaintyPlan(noise={"i0": 0.2, "i4": 0.1}, normalise=(MINMAX, SHARES), weights=NOISE), 10,
    ),
    "errors before rows": (
        {"impute": Rule("row-mean"), "screen": Rule("share", {"coverage": 0.8, "zeros": 0.2})},
        UncertaintyPlan(noise={"i0": 0.2, "i4": 0.1}, leave_out=True), 10,
    ),
    "means of every kind": (
        {"missing": "zero"},
        UncertaintyPlan(aggregate={"index": (POWER, ARITHMETIC, GEOMETRIC), "sub": (Rule("harmonic"), Rule("minimum")),
                                   "two": (Rule("mazziotta-pareto"), POWER)}, weights=Weighting("dirichlet", 9.0)), 14,
    ),
    "slowly": (
        {"node": {"rescale": SHARES}, "nonpositive": ZERO},
        UncertaintyPlan(leave_out=True, normalise=(MINMAX, SHARES), weights=Weighting("noise", 0.5, (1, 3))), 8,
    ),
    "sets": (
        {"root": {"direction": "lower"}, "rank": Rule("max", {"decimals": 1})},
        UncertaintyPlan(weights=Weighting("sets", sets=({"i0": 5.0}, {"one": 0.0, "i4": 0.0}, {"two": 9.0}))), 9,
    ),
}  # fmt: skip


def varied(name: str) -> Any:
    options, plan, count = PLANS[name]
    made = replace(studies.framework(**options), bands=CUTS if plan.noise else EQUAL_BANDS)
    data = _still(studies.panel(21, gaps=0.2, not_applicable=0.05), "i3")
    result: UncertaintyResult = uncertainty(made, data, plan, count, 11)
    found = told(result) | {"outranking": told(result.outranking(result.places[:6]))}
    found["choices"] = [told(choice) for choice in list(result.choices())[:4]]
    if plan.sobol:
        found["places"] = told(result.place_sensitivity())
    return found


def computed() -> Any:
    """What is made of plain columns."""
    rng = np.random.default_rng(31)
    common = rng.normal(size=(30, 2))
    values = common[:, [0, 0, 0, 1, 1, 0]] + rng.normal(size=(30, 6)) * [0.3, 0.5, 0.9, 0.4, 0.7, 1.2]
    columns = {f"c{k}": np.where(rng.random(30) < 0.1, np.nan, values[:, k]).round(1) for k in range(6)}
    eigenvalues, vectors = components(values)
    made, data = _derived()
    results = score(made, data)
    place = data.places[4]
    seen = {"people": 500.0, "rest": 3.0, "beds": 8.0}
    return {
        "first": told(first_component(values)),
        "oecd": told(oecd_components(values)),
        "balanced": [told(balanced(np.abs(values) + 1, rule)) for rule in (ARITHMETIC, GEOMETRIC, POWER)],
        "turned": told(np.abs(varimax(vectors[:, :3] * np.sqrt(eigenvalues[:3])))),
        "correlations": [told(correlate(columns, method)) for method in METHODS],
        "some": told(correlate(columns, "kendall", ("c1", "c4"))),
        "cronbach": told(cronbach(np.column_stack(list(columns.values())))),
        "components": told(principal_components(np.column_stack(list(columns.values())))),
        "left out": told(leave_one_out(studies.framework(), studies.panel(32), 2023)),
        "observed": told(observed(made, data, results.parameters, place=place, period=2023, observations=seen)),
    }


def mixed() -> Any:
    """Mixes of least effort, reachable and not."""
    found = []
    for rule in (ARITHMETIC, GEOMETRIC):
        made = replace(studies.framework(aggregate=rule, nonpositive=Rule("refuse")), places=None)
        data = studies.panel(41, gaps=0.1)
        results = score(made, data)
        frozen, standing = Frozen.of(made, results, 2023), Standing.of(made, results, 2023)
        best = {one.indicator: one.best for one in frontier(made, results, 2023)}
        for place in results.places[:6]:
            row = Row.of(results, place, 2023, {"region": "a"})
            for goal in (Goal(rank=5), Goal(score=99.0)):
                aim = Aim(frozen, standing, row, goal)
                costs = {"i0": 2.0, "i5": 0.25}
                found.append(_or_refused(lambda aim=aim, best=best, costs=costs: least_effort(aim, best, costs)))  # type: ignore[misc]
    return found


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every case by its name."""
    yield from ((f"scored: {name}", lambda name=name: scored(name)) for name in SCORED)  # type: ignore[misc]
    yield from ((f"explained: {name}", lambda name=name: explained(name)) for name in EXPLAINED)  # type: ignore[misc]
    yield from ((f"varied: {name}", lambda name=name: varied(name)) for name in PLANS)  # type: ignore[misc]
    yield "computed", computed
    yield "mixed", mixed


def main() -> None:
    """Write the file anew."""
    found = {name: json.loads(json.dumps(make())) for name, make in cases()}
    lines = [f"{json.dumps(name)}: {json.dumps(found[name], ensure_ascii=False)}" for name in sorted(found)]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

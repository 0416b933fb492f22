"""The engine against the method written a second time (`oracle`), over random configurations of everything."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring.framework import STEPS, Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import CellStatus, Panel
from cityindex.scoring.pipeline import ScoreSet, score
from tests.unit.scoring.oracle import Oracle

PERIODS = (2020, 2021, 2024)
PLACES = tuple(f"p{place:02d}" for place in range(24))
CODES = tuple(f"i{column}" for column in range(6))
FEW = settings(max_examples=60, deadline=None)


def rules(method: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[Rule]:
    """A rule with any of its options left out."""
    return st.fixed_dictionaries({}, optional=options).map(lambda chosen: Rule(method, chosen))


def whole(method: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[Rule]:
    """A rule with all of its options."""
    return st.fixed_dictionaries(options).map(lambda chosen: Rule(method, chosen))


NONE = Rule("none")
OVER = st.sampled_from(["period", "pooled", {"base": 2021}])
TIES = st.sampled_from(["min", "average"])
POSTS = {"by": "group", "a": {"low": 1, "high": 50}, "b": {"low": 0.5, "high": 200}}
UNITS = [
    rules("min-max", over=OVER),
    whole("goalposts", low=st.sampled_from([0.5, 2]), high=st.sampled_from([20, 90]),
          clip=st.sampled_from(["both", "upper", "lower", "none"])),
    st.just(Rule("goalposts", {"goalposts": POSTS})),
    rules("percentile-rank", variant=st.sampled_from(["r-1/n-1", "r/n", "r-0.5/n"]), ties=TIES,
          reverse_after_rank=st.booleans(), over=OVER),
    rules("distance-to-best", over=OVER),
    whole("distance-to-target", target=st.sampled_from([0.5, 40, 2000]), cap=st.booleans(), over=OVER),
    whole("distance-to-reference", place=st.just("p03"), cap=st.booleans(),
          over=st.sampled_from(["period", {"base": 2021}])),
]  # fmt: skip
OTHERS = [
    rules("z-score", mean=st.just(100), sd=st.just(10), over=OVER),
    rules("rank", ties=TIES, over=OVER),
    rules("borda", ties=TIES, over=OVER),
    rules("ratio", to=st.sampled_from(["best", "mean", "worst"]), over=OVER),
    rules("above-mean", band=st.just(0.2), over=OVER),
    whole("ladder", on=st.just("value"), thresholds=st.just([2, 9, 40]), boundary=st.sampled_from(["lower", "upper"])),
    whole("ladder", on=st.just("percentile"), thresholds=st.just([25, 75]), levels=st.just([0, 50, 100]), over=OVER),
    rules("exponential-rank", factor=st.just(30), over=OVER),
    st.just(NONE),
]
NORMALISED = st.one_of(*UNITS, *OTHERS)
CAPS = st.sampled_from([0, 0.05, 0.1, {"count": 3}])
TREATED = st.one_of(
    st.just(NONE),
    rules("winsorise", cap=CAPS, over=st.sampled_from(["period", "pooled"]), skew=st.just(1), kurtosis=st.just(2),
          otherwise=st.sampled_from(["log", "log-directed", "log-plus-one", "box-cox", "none"]),
          **{"lambda": st.sampled_from([0, 0.5])}),
    whole("clip", low=st.just(0.1), high=st.just(0.9), over=st.sampled_from(["period", "pooled"])),
)  # fmt: skip
GROUPS = st.sampled_from(["group", ("corner", "group")])
IMPUTED = st.one_of(st.just(NONE), rules("mean", by=GROUPS), rules("median", by=GROUPS), st.just(Rule("row-mean")))
FILLED = st.one_of(
    st.just(NONE),
    st.builds(lambda name, age: Rule(name, {} if age is None else {"max_age": age}),
              st.sampled_from(["latest", "constant", "linear", "linear-constant"]), st.sampled_from([None, 1, 2, 3])),
)  # fmt: skip
MEANS = [Rule(name) for name in ("arithmetic", "geometric", "harmonic", "sum", "product", "minimum", "median")]
MEANS += [Rule("power", {"p": p}) for p in (0, 0.5, 2, 3, -1.5)]
MEANS += [Rule("mazziotta-pareto"), Rule("mazziotta-pareto", {"sign": 1}), Rule("copeland")]
POLICIES = [Rule("zero"), Rule("floor", {"floor": 0.5}), Rule("refuse"), None]
COVERED = st.builds(
    lambda kind, share: Rule(kind, {"share": share}), st.sampled_from(["weight", "count"]),
    st.sampled_from([0.0, 0.5, 2 / 3, 1.0]),
)  # fmt: skip
MISSING = st.sampled_from(["renormalise", "propagate", "zero"])


@st.composite
def orders(draw: Any) -> tuple[str, ...]:
    """Steps as `check` allows them: raw values first, aggregation and ranks last, screening and imputing anywhere."""
    steps = [step for step in STEPS if step not in ("derive", "screen", "impute", "aggregate", "rank")]
    for step in ("screen", "impute"):
        if draw(st.sampled_from([True, True, True, False])):
            steps.insert(draw(st.integers(0, len(steps))), step)
    left_out = draw(st.sampled_from([None, None, "denominate", "fill", "transform", "treat"]))
    return (*(step for step in steps if step != left_out), "aggregate", "rank")


@st.composite
def nodes(draw: Any, code: str, children: tuple[Node | Leaf, ...], fine: bool) -> Node:
    return Node(
        code,
        children,
        float(draw(st.sampled_from([0, 1, 2, 5]))) if code == "first" else 2.0,
        weights=draw(st.sampled_from([None, None, None, Rule("equal")])),
        aggregate=draw(st.one_of(st.none(), st.sampled_from(MEANS))),
        coverage=draw(st.one_of(st.none(), COVERED)),
        missing=draw(st.one_of(st.none(), MISSING)),
        nonpositive=draw(st.sampled_from(POLICIES)),
        direction=draw(st.sampled_from(["higher", "higher", "lower"])),
        round=draw(st.sampled_from([None, None, None, 3])) if fine else None,
        rescale=draw(st.one_of(st.none(), st.none(), st.none(), UNITS[0], UNITS[4], OTHERS[0])) if fine else None,
    )


@st.composite
def indicators(draw: Any, code: str, fine: bool) -> Indicator:
    return Indicator(
        code,
        direction=draw(st.sampled_from(["higher", "lower"])),
        status=draw(st.sampled_from(["scored"] * 9 + ["pilot"])),
        denominator=draw(st.sampled_from([None, None, "population"])),
        per=draw(st.sampled_from([1.0, 1000.0])),
        transform=draw(st.sampled_from(["none", "none", "log", "log10", "sqrt"])) if fine else "none",
        fill=draw(st.one_of(st.none(), FILLED)),
        treat=draw(st.one_of(st.none(), TREATED)),
        impute=draw(st.one_of(st.none(), IMPUTED)),
        normalise=draw(st.one_of(st.none(), NORMALISED)),
        round=draw(st.sampled_from([None, None, None, 2])) if fine else None,
    )


@st.composite
def frameworks(draw: Any, fine: bool) -> Framework:
    """What is `fine` rounds and rescales, over values that hardly tie: on equal sums the last bit would decide."""
    leaves = [
        Leaf(code, float(draw(st.sampled_from([0, 1, 1, 2, 3] if code == "i1" else [1, 2, 3])))) for code in CODES
    ]
    inner = draw(nodes("inner", tuple(leaves[3:5]), fine))
    first = draw(nodes("first", tuple(leaves[:3]), fine))
    tree = draw(nodes("index", (first, draw(nodes("second", (inner, leaves[5]), fine))), fine))
    method = Method(
        order=draw(orders()),
        screen=Rule("share", {"coverage": draw(st.sampled_from([0, 0.5, 2 / 3, 0.8]))}
                    | draw(st.sampled_from([{}, {"zeros": 0.2}, {"dimension": 0.5}]))),
        fill=draw(FILLED),
        treat=draw(TREATED),
        impute=draw(IMPUTED),
        normalise=draw(st.one_of(*UNITS)),
        aggregate=draw(st.sampled_from(MEANS)),
        nonpositive=draw(st.sampled_from(POLICIES)),
        coverage=draw(COVERED),
        missing=draw(MISSING),
        rank=Rule(draw(st.sampled_from(["min", "max"])), {"decimals": draw(st.sampled_from([None, 3]))}),
    )  # fmt: skip
    made = {code: draw(indicators(code, fine)) for code in CODES}
    scale = draw(st.sampled_from([(0.0, 100.0), (1.0, 100.0), (0.0, 1.0)]))
    return Framework("test", tree, made, method=method, scale=scale)


@st.composite
def panels(draw: Any, fine: bool) -> Panel:
    """Values above 0, some of them skewed; not fine, they tie and few are 0; gaps, and cells that do not apply.

    Those that tie are whole or quarters: their sums are exact, so no last bit decides whether a mean ties with a value.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = len(PERIODS), len(PLACES), len(CODES)
    values = rng.lognormal(1, draw(st.sampled_from([0.1, 0.7, 1.5])), shape)
    if not fine:
        parts = draw(st.sampled_from([1, 4]))
        values = np.round(values * parts) / parts
        values[(values == 0) & (rng.random(shape) < 0.8)] = 1.0
    values[:, :, draw(st.integers(0, 5))] *= draw(st.sampled_from([1.0, 1.0, 0.0 if not fine else 1.0, np.nan]))
    values[rng.random(shape) < draw(st.sampled_from([0.0, 0.1, 0.4]))] = np.nan
    outside = rng.random(shape) < draw(st.sampled_from([0.0, 0.0, 0.1]))
    status = np.where(outside, np.uint8(CellStatus.NOT_APPLICABLE), np.uint8(CellStatus.NORMAL))
    people = [None, 0, *rng.integers(1, 5000, len(PLACES) - 2).tolist()]
    attributes = {
        "corner": tuple("mnop"[place * 4 // len(PLACES)] for place in range(len(PLACES))),
        "group": tuple("ab"[place % 2] for place in range(len(PLACES))),
        "population": tuple(people),
    }
    return Panel(PLACES, PERIODS, CODES, values, status, attributes)


cases = st.booleans().flatmap(lambda fine: st.tuples(frameworks(fine), panels(fine)))


@FEW
@given(cases)
def test_the_engine_is_what_the_formulas_say(case: tuple[Framework, Panel]) -> None:
    framework, panel = case
    try:
        results = score(framework, panel)
    except Invalid:
        reject()
    compare(framework, results, Oracle(framework, panel).run())


def compare(framework: Framework, results: ScoreSet, oracle: Oracle) -> None:
    for when, period in enumerate(PERIODS):
        for row, (item, _) in reversed(list(enumerate(framework.tree.walk()))):
            found = oracle.results[period][item.code]
            name = f"{item.code} {period}"
            expected = array(found.score)
            where = ~np.isnan(expected)
            tolerance = dict(rtol=1e-7, atol=1e-7, err_msg=name)
            np.testing.assert_allclose(results.score[when, :, row], expected, **tolerance)
            if not found.gone and getattr(framework.indicators.get(item.code), "status", None) != "pilot":
                np.testing.assert_allclose(results.coverage[when, :, row], array(found.coverage), **tolerance)
                imputed = np.where(where, array(found.imputed), 0)
                np.testing.assert_allclose(np.where(where, results.imputed[when, :, row], 0), imputed, **tolerance)
            scored = results.score[when, :, row].tolist()
            exact = {p: None if math.isnan(value) else value for p, value in zip(PLACES, scored, strict=True)}
            ranks = oracle.ranks(item, period, exact)
            assert results.rank[when, :, row].tolist() == list(ranks.values()), name


def array(cells: Any) -> Any:
    return np.array([np.nan if cell is None else cell for cell in cells.values()], dtype=np.float64)

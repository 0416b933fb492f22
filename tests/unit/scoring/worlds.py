"""Random frameworks of every kind, with data: what the properties of explanations and what-ifs are searched over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cityindex.errors import Invalid
from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import ScoreSet, score

PERIODS = (2022, 2023)
PLACES, COLUMNS = 8, 6
CODES = tuple(f"i{column}" for column in range(COLUMNS))
NAMES = tuple(f"p{place}" for place in range(PLACES))
GROUPS = tuple("ab"[place % 2] for place in range(PLACES))

MEANS = [
    Rule("arithmetic"),
    Rule("geometric"),
    Rule("harmonic"),
    Rule("power", {"p": 0.5}),
    Rule("power", {"p": -2}),
    Rule("sum"),
    Rule("product"),
    Rule("minimum"),
    Rule("median"),
    Rule("mazziotta-pareto"),
]
PLAIN = MEANS[:5]
SMOOTH = [Rule("min-max"), Rule("goalposts", {"low": -60, "high": 60}), Rule("distance-to-best")]
NORMALISED = [*SMOOTH, Rule("percentile-rank"), Rule("min-max", {"over": "pooled"})]
TREATED = [Rule("none"), Rule("winsorise", {"cap": 0.3}), Rule("clip", {"low": 0.1, "high": 0.9})]
IMPUTED = [Rule("none"), Rule("median", {"by": "group", "limit": 0.3}), Rule("row-mean")]


@dataclass(frozen=True)
class World:
    framework: Framework
    panel: Panel
    results: ScoreSet = field(repr=False)


def cells(gaps: bool = True) -> st.SearchStrategy[Any]:
    whole = st.integers(-50, 50).map(float)
    return hnp.arrays(
        np.float64, (2, PLACES, COLUMNS), elements=st.one_of(whole, whole, st.just(np.nan)) if gaps else whole
    )


@st.composite
def nodes(draw: Any, code: str, children: tuple[Node | Leaf, ...], means: list[Rule], plain: bool = False) -> Node:
    weight = float(draw(st.integers(1, 5)))
    rule = draw(st.sampled_from(means))
    if plain:
        return Node(code, children, weight, aggregate=rule)
    return Node(
        code,
        children,
        weight,
        aggregate=rule,
        coverage=Rule(draw(st.sampled_from(["weight", "count"])), {"share": draw(st.sampled_from([0.0, 0.4]))}),
        missing=draw(st.sampled_from([None, None, "zero", "propagate"])),
        round=draw(st.sampled_from([None, None, None, 1])),
        rescale=draw(st.sampled_from([None, None, None, Rule("goalposts", {"low": 0, "high": 120})])),
        nonpositive=Rule("floor", {"floor": 1.0}),
    )


@st.composite
def frameworks(draw: Any, means: list[Rule] = MEANS, normalised: list[Rule] = NORMALISED, **plain: Any) -> Framework:
    simple = bool(plain)
    leaves = [Leaf(code, float(draw(st.integers(1, 5)))) for code in CODES]
    inner = draw(nodes("inner", tuple(leaves[3:5]), means, simple))
    first = draw(nodes("first", tuple(leaves[:3]), means, simple))
    second = draw(nodes("second", (inner, leaves[5]), means, simple))
    indicators = {
        code: Indicator(
            code,
            direction=draw(st.sampled_from(["higher", "lower"])),
            normalise=draw(st.sampled_from(normalised)),
            treat=Rule("none") if simple else draw(st.sampled_from(TREATED)),
        )
        for code in CODES
    }
    chosen = Method(
        impute=Rule("none") if simple else draw(st.sampled_from(IMPUTED)),
        screen=Rule("share", {"coverage": 0 if simple else draw(st.sampled_from([0, 0.5]))}),
        coverage=Rule("weight", {"share": 0.0}),
        rank=Rule("min") if simple else Rule(draw(st.sampled_from(["min", "max"]))),
    )
    tree = draw(nodes("index", (first, second), means, simple))
    return Framework("test", tree, indicators, method=chosen, scale=(1.0, 100.0))


@st.composite
def worlds(draw: Any, gaps: bool = True, **kinds: Any) -> World:
    framework = draw(frameworks(**kinds))
    panel = Panel(NAMES, PERIODS, CODES, draw(cells(gaps)), attributes={"group": GROUPS})
    try:
        results = score(framework, panel)
    except Invalid:
        # A mean that cannot take what a sum or a rescaled node gives it: not what is looked for here.
        reject()
    return World(framework, panel, results)

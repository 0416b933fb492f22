"""The grammar of methods: which each step of scoring knows, and with which options."""

from __future__ import annotations

from typing import Any

from cityindex.definitions.findings import At, Findings
from cityindex.definitions.shapes import (
    WRONG,
    Keys,
    Methods,
    Reader,
    boolean,
    integer,
    list_of,
    mapping_or,
    nullable,
    number,
    one_of,
    words,
)
from cityindex.definitions.yaml_ import Block
from cityindex.scoring.framework import STEPS

SHARE = number(0, 1)
TIES = one_of("min", "average")
SIGNS = {"+": 1, "-": -1, 1: 1, -1: -1}


def year(value: Any, at: At, findings: Findings) -> Any:
    """A common-era year; a Buddhist-era one is refused, because definition files never use it."""
    if isinstance(value, int) and 2400 <= value <= 2700:
        findings.refuse(at, f"{value} is a Buddhist-era year", f"write {value - 543}: years here are common era")
        return WRONG
    return integer(1900, 2399)(value, at, findings)


def sign(value: Any, at: At, findings: Findings) -> Any:
    """+1 or -1: on which side of the mean a penalty falls."""
    if not isinstance(value, Block | list) and value in SIGNS:
        return SIGNS[value]
    return one_of("+", "-")(value, at, findings)


def computed_weights(value: Any, at: At, findings: Findings) -> Any:
    """`{pca: first}`, `{pca: oecd}`, also with `negative: zero`, or `{optimise: balance}`."""
    ways = {"pca": one_of("first", "oecd"), "optimise": one_of("balance")}
    block = Keys(optional={**ways, "negative": one_of("refuse", "zero")})(value, at, findings)
    if isinstance(block, Block) and sum(way in value for way in ways) != 1:
        findings.refuse(at, "names no way to weigh, or two", f"write one of {', '.join(ways)}")
        return WRONG
    if isinstance(block, Block) and "optimise" in block and "negative" in block:
        findings.refuse(block.at("negative"), "is about loadings, which `optimise` has none of", "remove it")
        return WRONG
    return block


def grouped_goalposts(value: Any, at: At, findings: Findings) -> Any:
    """Goalposts for each group: `by` names an attribute of places, every other key a group."""
    posts = Keys({"low": number(), "high": number()})
    groups = [key for key in value if key != "by"] if isinstance(value, Block) else []
    if isinstance(value, Block) and not groups:
        findings.refuse(at, "names no group", "write {by: sex, female: {low: 22.5, high: 87.5}, …}")
    return Keys({"by": words, **dict.fromkeys(groups, posts)})(value, at, findings)


def list_or(reader: Reader) -> Reader:
    """What `reader` reads, or a list of it."""
    several = list_of(reader, least=1)
    return lambda value, at, findings: (several if isinstance(value, list) else reader)(value, at, findings)


FITTED: dict[str, Reader] = {"over": mapping_or(one_of("period", "pooled"), Keys({"base": year}))}

NORMALISE = Methods(
    {
        "min-max": Keys(optional=FITTED),
        "goalposts": Keys(
            optional={
                "low": number(),
                "high": number(),
                "clip": one_of("both", "upper", "lower", "none"),
                "goalposts": grouped_goalposts,
            }
        ),
        "percentile-rank": Keys(
            optional={
                "variant": one_of("r-1/n-1", "r/n", "r-0.5/n"),
                "ties": TIES,
                "reverse_after_rank": boolean,
                **FITTED,
            }
        ),
        "distance-to-target": Keys({"target": number()}, {"cap": boolean, **FITTED}),
        "distance-to-reference": Keys({"place": words}, {"cap": boolean, **FITTED}),
        "distance-to-best": Keys(optional=FITTED),
        "z-score": Keys(optional={"mean": number(), "sd": number(above=0), **FITTED}),
        "rank": Keys(optional={"ties": TIES, **FITTED}),
        "borda": Keys(optional={"ties": TIES, **FITTED}),
        "ratio": Keys(optional={"to": one_of("best", "mean", "worst"), **FITTED}),
        "above-mean": Keys(optional={"band": number(0), **FITTED}),
        "ladder": Keys(
            {"on": one_of("value", "percentile"), "thresholds": list_of(number(), least=1)},
            {"levels": list_of(number(), least=2), "boundary": one_of("lower", "upper"), **FITTED},
        ),
        "exponential-rank": Keys(optional={"factor": number(above=0), **FITTED}),
        "none": Keys(),
    }
)
ON_THE_SCALE = (
    "min-max",
    "goalposts",
    "percentile-rank",
    "distance-to-target",
    "distance-to-reference",
    "distance-to-best",
)
"""Normalisations that put values on the framework's scale; the others give values of their own."""

TREAT = Methods(
    {
        "none": Keys(),
        "winsorise": Keys(
            optional={
                "cap": mapping_or(number(0, 0.5), Keys({"count": integer(0)})),
                "skew": number(0),
                "kurtosis": number(),
                "otherwise": one_of("log", "log-directed", "log-plus-one", "box-cox", "none"),
                "lambda": number(),
                "over": one_of("period", "pooled"),
            }
        ),
        "clip": Keys({"low": SHARE, "high": SHARE}, {"over": one_of("period", "pooled")}),
    },
    default="winsorise",
)

_LIMIT: dict[str, Reader] = {"limit": SHARE}
_GROUPS = list_or(words)
IMPUTE = Methods(
    {
        "none": Keys(optional=_LIMIT),
        "mean": Keys(optional={"by": _GROUPS, **_LIMIT}),
        "median": Keys(optional={"by": _GROUPS, **_LIMIT}),
        "row-mean": Keys(optional=_LIMIT),
    },
    default="none",
)

_AGE: dict[str, Reader] = {"max_age": integer(0, 100)}
FILL = Methods(
    {
        "none": Keys(),
        "latest": Keys(optional=_AGE),
        "constant": Keys(optional=_AGE),
        "linear": Keys(optional=_AGE),
        "linear-constant": Keys(optional=_AGE),
    }
)

AGGREGATE = Methods(
    {
        **{name: Keys() for name in ("arithmetic", "geometric", "harmonic", "product", "sum", "minimum", "median")},
        "power": Keys({"p": number()}),
        "mazziotta-pareto": Keys(optional={"sign": sign}),
        "copeland": Keys(),
    }
)

WEIGHTS = mapping_or(one_of("equal"), computed_weights)
COVERAGE = mapping_or(SHARE, Keys({"count": SHARE}))
MISSING = one_of("renormalise", "propagate", "zero")
NONPOSITIVE = mapping_or(one_of("refuse", "zero"), Keys({"floor": number(above=0)}))
SCREEN = Keys(optional={"coverage": SHARE, "dimension": SHARE, "zeros": SHARE})
RANK = Keys(optional={"ties": one_of("min", "max"), "decimals": nullable(integer(0, 15))})

METHOD = Keys(
    optional={
        "order": list_of(one_of(*STEPS), least=1),
        "screen": SCREEN,
        "fill": FILL,
        "treat": TREAT,
        "impute": IMPUTE,
        "normalise": NORMALISE,
        "aggregate": AGGREGATE,
        "nonpositive": NONPOSITIVE,
        "coverage": COVERAGE,
        "missing": MISSING,
        "rank": RANK,
    }
)

"""What the engine computes with: the frozen classes of a framework.

`cityindex.definitions` reads files into these classes; anything else may build them by hand. They hold what changes a
number and nothing else: names, sources and alignment stay with the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Direction = Literal["higher", "lower"]
IndicatorType = Literal["measured", "derived", "rubric", "yes-no"]
Status = Literal["scored", "pilot", "retired"]
PeriodKind = Literal["fiscal-year", "calendar-year"]

STEPS = (
    "derive",
    "denominate",
    "fill",
    "screen",
    "transform",
    "treat",
    "impute",
    "normalise",
    "aggregate",
    "rank",
)
"""Every step of the method, in the default order."""

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """A method of a step with its options, for instance `Rule("goalposts", {"low": 0, "high": 60, "clip": "both"})`."""

    method: str
    options: Mapping[str, Any] = field(default_factory=lambda: NO_OPTIONS)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One column of the data: what it is to the engine. `None` for a rule means: the framework's default."""

    code: str
    direction: Direction = "higher"
    type: IndicatorType = "measured"
    status: Status = "scored"
    formula: str | None = None
    denominator: str | None = None
    per: float = 1.0
    decimals: int | None = None
    bounds: tuple[float | None, float | None] | None = None
    expected: tuple[float | None, float | None] | None = None
    transform: Literal["none", "log", "log10", "sqrt"] = "none"
    fill: Rule | None = None
    treat: Rule | None = None
    impute: Rule | None = None
    normalise: Rule | None = None
    round: int | None = None
    period: PeriodKind | None = None
    applies_to: tuple[str, ...] | None = None
    inherits_from: str | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """An indicator's place in the tree."""

    indicator: str
    weight: float = 1.0

    @property
    def code(self) -> str:
        return self.indicator


@dataclass(frozen=True, slots=True)
class Node:
    """A named group of indicators or of further nodes. `None` means: as the framework's method says."""

    code: str
    children: tuple[Node | Leaf, ...]
    weight: float = 1.0
    weights: Rule | None = None
    aggregate: Rule | None = None
    coverage: Rule | None = None
    missing: str | None = None
    nonpositive: Rule | None = None
    direction: Direction = "higher"
    round: int | None = None
    rescale: Rule | None = None

    def walk(self, level: int = 0) -> Iterator[tuple[Node | Leaf, int]]:
        """This node and all below it, parents first, siblings in the order of the file, each with its level."""
        yield self, level
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk(level + 1)
            else:
                yield child, level + 1


@dataclass(frozen=True, slots=True)
class Method:
    """The defaults of a framework, step by step."""

    order: tuple[str, ...] = STEPS
    screen: Rule = Rule("share", MappingProxyType({"coverage": 0.65}))
    fill: Rule = Rule("none")
    treat: Rule = Rule("none")
    impute: Rule = Rule("none")
    normalise: Rule = Rule("min-max", MappingProxyType({"over": "period"}))
    aggregate: Rule = Rule("arithmetic")
    nonpositive: Rule | None = None
    coverage: Rule = Rule("weight", MappingProxyType({"share": 0.66}))
    missing: Literal["renormalise", "propagate", "zero"] = "renormalise"
    rank: Rule = Rule("min", MappingProxyType({"decimals": None}))


@dataclass(frozen=True, slots=True)
class Bands:
    """Names for ranges of the index: by score (`cuts`, descending) or by share of the ranked places (`share`)."""

    names: tuple[str, ...]
    cuts: tuple[float, ...] | None = None
    share: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A rung of a maturity ladder: from which score on."""

    code: str
    start: float


@dataclass(frozen=True, slots=True)
class Framework:
    """A versioned tree with its method and the indicators that it needs, those that formulas name among them."""

    code: str
    tree: Node
    indicators: Mapping[str, Indicator]
    version: str = "1"
    method: Method = Method()
    scale: tuple[float, float] = (0.0, 100.0)
    period: PeriodKind = "calendar-year"
    places: tuple[str, ...] | None = None
    peers: tuple[str, ...] = ()
    bands: Bands | None = None
    levels: tuple[Level, ...] = ()
    weights_file: str | None = None
    uncertainty: Mapping[str, Any] = field(default_factory=lambda: NO_OPTIONS)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(item for item, _ in self.tree.walk() if isinstance(item, Leaf))

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(item for item, _ in self.tree.walk() if isinstance(item, Node))

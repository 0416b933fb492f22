"""What may be done otherwise: the plan of an uncertainty analysis, and the framework that a choice of it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from cityindex.scoring.check import COMPUTED
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule

RULED = ("normalise", "treat", "impute")
"""The steps whose rule a plan may vary."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Weighting:
    """How weights vary: each by a uniform share of itself up to `amount` (`noise`), together by a Dirichlet
    distribution of this concentration around the nominal shares of siblings (`dirichlet`), or by whole `sets`.

    `levels` are the depths of the nodes and indicators whose weights vary; None is all.
    """

    kind: Literal["noise", "dirichlet", "sets"]
    amount: float = 0.0
    levels: tuple[int, ...] | None = None
    sets: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class UncertaintyPlan:
    """Which choices are varied together; what is empty is not varied.

    A rule of `normalise`, `treat` or `impute` takes the place of the framework's and of each indicator's, except of
    an indicator whose own rule is `none`. `aggregate` holds rules by node. `leave_out` leaves out one indicator, or
    none. `noise` is the standard deviation of measurement errors by indicator, as a share of the value.
    """

    normalise: tuple[Rule, ...] = ()
    treat: tuple[Rule, ...] = ()
    impute: tuple[Rule, ...] = ()
    aggregate: Mapping[str, tuple[Rule, ...]] = field(default_factory=lambda: NOTHING)
    leave_out: bool = False
    noise: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    weights: Weighting | None = None
    sobol: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The choices of one replication. Rules and sets are positions in the plan's lists, from 0; None is not varied.

    `weights` are by node or indicator, `errors` the number of the realisation of measurement errors.
    """

    normalise: int | None = None
    treat: int | None = None
    impute: int | None = None
    left_out: str | None = None
    aggregate: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    weight_set: int | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    errors: int | None = None


def framework_of(framework: Framework, plan: UncertaintyPlan, choice: Choice) -> Framework:
    """The framework under a choice: what `pipeline.score` takes to give that replication (but for measurement errors).

    An indicator that is left out leaves the tree, and so does a node without children that count.
    """
    for step in RULED:
        chosen = getattr(choice, step)
        if chosen is not None:
            framework = _ruled(framework, step, getattr(plan, step)[chosen])
    rules = {code: plan.aggregate[code][chosen] for code, chosen in choice.aggregate.items()}
    tree = _changed(framework.tree, rules, choice.weights, choice.left_out)
    return framework if tree is framework.tree or tree is None else replace(framework, tree=tree)


def _ruled(framework: Framework, step: str, rule: Rule) -> Framework:
    default: Rule = getattr(framework.method, step)
    indicators = {
        code: _ruled_indicator(item, step, rule, default.options.get("over"))
        for code, item in framework.indicators.items()
    }
    method = replace(framework.method, **{step: merged(step, default, rule)})  # type: ignore[arg-type]
    return replace(framework, method=method, indicators=indicators)


def _ruled_indicator(item: Indicator, step: str, rule: Rule, over: Any) -> Indicator:
    own: Rule | None = getattr(item, step)
    if own is None or own.method == "none":
        return item
    return replace(item, **{step: merged(step, own, rule, over)})  # type: ignore[arg-type]


def merged(step: str, own: Rule, chosen: Rule, over: Any = None) -> Rule:
    """A chosen rule, with what it does not say taken from the rule in whose place it stands.

    The same method keeps all its other options, another method its reference (`over`).
    """
    if own.method == chosen.method:
        return Rule(own.method, {**own.options, **chosen.options})
    over = own.options.get("over", over)
    if over is None or "over" not in COMPUTED[step].get(chosen.method, ()):
        return chosen
    return Rule(chosen.method, {"over": over, **chosen.options})


def _changed(node: Node, rules: Mapping[str, Rule], weights: Mapping[str, float], left_out: str | None) -> Node | None:
    """The node with other rules and weights and without an indicator; itself where nothing changes."""
    children: list[Node | Leaf] = []
    for child in node.children:
        below = _changed(child, rules, weights, left_out) if isinstance(child, Node) else child
        if below is None or below.code == left_out:
            continue
        weight = weights.get(child.code, below.weight)
        children.append(below if weight == below.weight else replace(below, weight=weight))
    if not any(child.weight > 0 for child in children):
        return None
    reweighted = node.weights is not None and any(child.code in weights for child in node.children)
    same = len(children) == len(node.children) and all(a is b for a, b in zip(children, node.children, strict=True))
    if same and not reweighted and node.code not in rules:
        return node
    return replace(
        node,
        children=tuple(children),
        aggregate=rules.get(node.code, node.aggregate),
        weights=None if reweighted else node.weights,
    )


def single_choices(plan: UncertaintyPlan) -> Iterator[Choice]:
    """Choices in which every pair of a normalisation and a node's rule occurs, and every other rule once."""
    longest = max([1, *map(len, plan.aggregate.values())])
    for normalise in _positions(plan.normalise):
        for number in range(longest):
            yield Choice(
                normalise=normalise,
                aggregate={code: number % len(rules) for code, rules in plan.aggregate.items()},
            )
    yield from (Choice(treat=chosen) for chosen in _positions(plan.treat))
    yield from (Choice(impute=chosen) for chosen in _positions(plan.impute))


def _positions(rules: tuple[Rule, ...]) -> list[int | None]:
    return list(range(len(rules))) or [None]

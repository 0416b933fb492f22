"""A framework for values as pages show them: the steps before are done, and parameters are frozen."""

from __future__ import annotations

from dataclasses import replace

from cityindex.scoring.framework import Framework, Indicator, Node, Rule
from cityindex.scoring.pipeline import VALUE_STEPS

NONE = Rule("none")


def as_shown(framework: Framework) -> Framework:
    """The framework for values that are derived, denominated and filled already, and for parameters of any period."""
    method, order = framework.method, framework.method.order
    done = max((order.index(step) + 1 for step in VALUE_STEPS if step in order), default=0)
    screened_before = ("screen",) if "screen" in order[:done] else ()
    shown = replace(
        method,
        order=(*screened_before, *order[done:]),
        fill=NONE,
        treat=_anywhere(method.treat),
        normalise=_anywhere(method.normalise),
    )
    indicators = {code: _indicator_as_shown(item) for code, item in framework.indicators.items()}
    return replace(framework, method=shown, indicators=indicators, tree=_node_as_shown(framework.tree))


def _indicator_as_shown(item: Indicator) -> Indicator:
    treat, normalise = (rule and _anywhere(rule) for rule in (item.treat, item.normalise))
    return replace(item, formula=None, denominator=None, fill=None, treat=treat, normalise=normalise)


def _node_as_shown(node: Node) -> Node:
    children = tuple(_node_as_shown(child) if isinstance(child, Node) else child for child in node.children)
    return replace(node, children=children, rescale=node.rescale and _anywhere(node.rescale))


def _anywhere(rule: Rule) -> Rule:
    """A rule without the reference that it was fitted on."""
    return Rule(rule.method, {name: value for name, value in rule.options.items() if name != "over"})

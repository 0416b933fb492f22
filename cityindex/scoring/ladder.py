"""Rungs of a maturity ladder: which one a score stands on, what is missing to the next, and the average level."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cityindex.scoring.framework import Framework, Leaf, Level, Node


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a score stands on a ladder: `number` counts the rungs from 0; `above` is the next one, None at the top."""

    number: int
    level: Level
    above: Level | None
    missing: float
    """Points of score to the next rung; 0 at the top."""


def standing(levels: Sequence[Level], score: float | None) -> Standing | None:
    """The rung that a score stands on. None without a score or a ladder; below the first rung one stands on it."""
    if score is None or math.isnan(score) or not levels:
        return None
    number = max((at for at, level in enumerate(levels) if score >= level.start), default=0)
    above = levels[number + 1] if number + 1 < len(levels) else None
    return Standing(number, levels[number], above, above.start - score if above else 0.0)


def top_level(framework: Framework) -> float | None:
    """The highest level of the rubrics, where a score is nothing but the average level on the scale of the framework.

    That holds where every indicator with weight is a rubric scored between the same two goalposts, from level 0, and
    everything above is an arithmetic mean. None otherwise: then only scores are shown.
    """
    if framework.method.aggregate.method != "arithmetic" or any(node.aggregate for node in framework.nodes):
        return None
    leaves = [framework.indicators[leaf.indicator] for leaf in _counted(framework.tree)]
    counted = [one for one in leaves if one.status == "scored"]
    rules = [(one.normalise or framework.method.normalise) for one in counted if one.type == "rubric"]
    ends = {(rule.method, rule.options.get("low"), rule.options.get("high")) for rule in rules}
    if len(rules) != len(counted) or len(ends) != 1:
        return None
    method, low, high = ends.pop()
    return float(high) if method == "goalposts" and low == 0 and isinstance(high, int | float) else None


def _counted(node: Node) -> Iterator[Leaf]:
    """The indicators that have a weight in the index, themselves and with all that they are part of."""
    for child in node.children:
        if child.weight > 0:
            yield from (child,) if isinstance(child, Leaf) else _counted(child)


def average_level(framework: Framework, score: float | None) -> float | None:
    """A score as an average level; None where it is none (`top_level`)."""
    top = top_level(framework)
    if top is None or score is None or math.isnan(score):
        return None
    low, high = framework.scale
    return top * (score - low) / (high - low)

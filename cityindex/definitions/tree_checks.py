"""Rules for a framework: its tree, weights, scale, ladder and bands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from cityindex.definitions.checks import Known, check_clip, check_listed, check_normalise
from cityindex.definitions.findings import Findings, meant
from cityindex.definitions.methods import ON_THE_SCALE
from cityindex.definitions.yaml_ import Block
from cityindex.scoring.framework import Method

SCALE = (0, 100)
WAYS = ("noise", "dirichlet", "sets")
"""How the weights of a plan of uncertainty may vary."""
STRICT_MEANS = ("geometric", "harmonic")
"""Means that cannot take values of 0 or less."""


def check_framework(block: Block, known: Known, findings: Findings) -> None:
    """Everything about one framework; `known` are the indicators that it may use."""
    method = block.get("method", Block(block.where))
    check_normalise(method, "normalise", findings, posts_required=False)
    check_clip(method, findings)
    _check_order(method, findings)
    _check_scale(block, findings)
    _check_levels(block, findings)
    _check_bands(block.get("bands"), findings)
    if "tree" in block:
        Tree(block, known, findings).check()
    _say_nameless(block, findings)


def walk(node: Block) -> Iterator[Block]:
    """A node and all below it, parents first."""
    yield node
    for child in node.get("children", ()):
        yield from walk(child)


def code_of(element: Block) -> str | None:
    """The code of a node, or of the indicator that a leaf names."""
    code: str | None = element.get("indicator", element.get("code"))
    return code


class Tree:
    """The checks that go down the tree with the framework's defaults."""

    def __init__(self, block: Block, known: Known, findings: Findings) -> None:
        self.block, self.known, self.findings = block, known, findings
        self.method: Block = block.get("method", Block(block.where))
        self.scale = block.get("scale", SCALE)

    def check(self) -> None:
        self._check_codes()
        for element in walk(self.block["tree"]):
            if "indicator" in element:
                self._check_leaf(element)
            else:
                self._check_node(element)
        self._kinds(self.block["tree"])
        self._check_plan()
        self._say_calendar()

    def _check_codes(self) -> None:
        seen: dict[str, int] = {}
        for element in walk(self.block["tree"]):
            code, key = code_of(element), "indicator" if "indicator" in element else "code"
            if code in seen:
                reason = f"{code} is used twice in the tree (first on line {seen[code]})"
                self.findings.refuse(element.at(key), reason, "a code stands for one element: rename or remove one")
            elif code is not None:
                seen[code] = element.at(key).line

    def _check_leaf(self, leaf: Block) -> None:
        code, at = leaf["indicator"], leaf.at("indicator")
        indicator = self.known.get(code)
        if indicator is None:
            otherwise = "define it in the catalogue" if self.findings.in_project else "define it under `indicators:`"
            self.findings.refuse(at, f"{code} is not defined", meant(code, self.known, otherwise))
        elif indicator.get("status") == "retired":
            self.findings.refuse(at, f"{code} is retired", "take it out of the tree, or set its status to scored")
        elif self._rule(leaf)["method"] == "goalposts" and "normalise" not in indicator and not self._has_posts():
            cure = "write `normalise: {method: goalposts, low: …, high: …}` on the indicator"
            self.findings.refuse(at, f"{code} has no goalposts, and the method gives none", cure)

    def _has_posts(self) -> bool:
        posts = self.method.get("normalise", {})
        return "goalposts" in posts or ("low" in posts and "high" in posts)

    def _say_calendar(self) -> None:
        """Values of calendar years in a fiscal framework: taken, and said."""
        leaves = [element["indicator"] for element in walk(self.block["tree"]) if "indicator" in element]
        calendar = [code for code in leaves if self._indicator(code).get("period") == "calendar-year"]
        if calendar and self.block.get("period") == "fiscal-year":
            reason = f"{len(calendar)} indicators are of calendar years: {', '.join(calendar)}"
            self.findings.warn(self.block.at("period"), reason, "they are matched to fiscal years by number")

    def _indicator(self, code: str) -> Mapping[str, Any]:
        return self.known.get(code) or {}

    def _check_node(self, node: Block) -> None:
        check_normalise(node, "rescale", self.findings)
        self._check_weights(node)
        self._check_mean(node)

    def _check_weights(self, node: Block) -> None:
        children = node.get("children", ())
        for child in children:
            if child.get("weight", 1) < 0:
                cure = "write 0 or more; for an indicator where less is better, `direction: lower`"
                self.findings.refuse(child.at("weight"), f"{child['weight']:g} is negative", cure)
        scored = [child.get("weight", 1) for child in children if not self._is_pilot(child)]
        if scored and not any(scored):
            self.findings.refuse(
                node.at("children"), "every weight here is 0", "give at least one child a weight above 0"
            )
        if "weights" in node and any("weight" in child for child in children):
            self.findings.refuse(node.at("weights"), "stands beside weights of the children", "keep one of the two")

    def _is_pilot(self, element: Block) -> bool:
        if "indicator" in element:
            return bool(self._indicator(element["indicator"]).get("status") == "pilot")
        children = element.get("children", ())
        return bool(children) and all(self._is_pilot(child) for child in children)

    def _check_mean(self, node: Block) -> None:
        """A mean that needs values above 0 stands over a scale that stays above 0, or says what it does otherwise."""
        rule = node.get("aggregate", self.method.get("aggregate"))
        least = _least_allowed(rule)
        if rule is None or least is None:
            return
        lows = [low for child in node.get("children", ()) if (low := self._low(child)) is not None]
        declared = "nonpositive" in node or "nonpositive" in self.method
        if -math.inf in lows:
            cure = "give z-scores a mean above 3 sd, e.g. {method: z-score, mean: 100, sd: 10}"
            self.findings.refuse(node.at("aggregate"), f"{rule['method']} over z-scores in {node.get('code')}", cure)
        elif lows and min(lows) < least and not declared:
            reason = f"{rule['method']} over scores that can be {min(lows):g}"
            at = node.at("aggregate") if "aggregate" in node else self.method.at("aggregate")
            cure = "write `scale: [1, 100]`, or `nonpositive: refuse`, `zero` or `{floor: …}`"
            self.findings.refuse(at, f"{reason} in {node.get('code')}", cure)

    def _low(self, element: Block) -> float | None:
        """The lowest score that an element can have; None where the data decide."""
        if "rescale" in element:
            return self._lowest_of(element["rescale"])
        if "indicator" in element:
            return None if self._is_pilot(element) else self._lowest_of(self._rule(element))
        lows = [low for child in element.get("children", ()) if (low := self._low(child)) is not None]
        return min(lows, default=None)

    def _lowest_of(self, rule: Mapping[str, Any]) -> float | None:
        if rule["method"] in ON_THE_SCALE:
            return float(self.scale[0])
        if rule["method"] == "z-score":
            return None if rule.get("mean", 0) > 3 * rule.get("sd", 1) else -math.inf
        if rule["method"] == "ladder":
            return float(min(rule.get("levels") or (0,)))
        return {"borda": 0.0, "above-mean": -1.0}.get(rule["method"])

    def _rule(self, leaf: Block) -> Mapping[str, Any]:
        """The normalisation of a leaf: its own, the framework's, or the engine's."""
        own = self._indicator(leaf["indicator"]).get("normalise")
        rule: Mapping[str, Any] = own or self.method.get("normalise") or {"method": Method().normalise.method}
        return rule

    def _kinds(self, element: Block) -> str | None:
        """What kind of numbers an element has; a node that mixes kinds is warned about."""
        if "indicator" in element:
            return None if self._is_pilot(element) else _kind(self._rule(element))
        kinds = sorted({kind for child in element.get("children", ()) if (kind := self._kinds(child))})
        if len(kinds) > 1:
            reason = f"{element.get('code')} mixes scores of different scales: {', '.join(kinds)}"
            self.findings.warn(element.at("children"), reason, "normalise its indicators alike, unless this is meant")
        return _kind(element["rescale"]) if "rescale" in element else next(iter(kinds), None)

    def _check_plan(self) -> None:
        plan = self.block.get("uncertainty", {}).get("plan", {})
        elements = list(walk(self.block["tree"]))
        nodes = {element["code"] for element in elements if "code" in element}
        leaves = {element["indicator"] for element in elements if "indicator" in element}
        for key, codes, what in (("aggregate", nodes, "node"), ("noise", leaves, "indicator")):
            for code in plan.get(key, {}):
                if code not in codes:
                    at = plan[key].at(code)
                    self.findings.refuse(at, f"{code} is no {what} of the tree", meant(code, codes, "correct it"))
        check_weighting(plan, self.findings)
        if "sets" in plan.get("weights", {}):
            cure = "write noise or dirichlet here, or keep the files for `cityindex uncertainty --plan`"
            self.findings.refuse(plan["weights"].at("sets"), "are files, which do not travel with a framework", cure)


def check_weighting(plan: Mapping[str, Any], findings: Findings) -> None:
    """Weights of a plan of uncertainty vary in one way; levels are of nodes whose weights are drawn."""
    block = plan.get("weights")
    if block is None:
        return
    ways = [way for way in WAYS if way in block]
    if len(ways) != 1:
        cure = f"write one of {', '.join(WAYS)}, e.g. {{noise: 0.25, levels: [1, 2]}}"
        findings.refuse(block.where, f"names {len(ways) or 'no'} ways to vary weights", cure)
    elif ways == ["sets"] and "levels" in block:
        cure = "remove it: the files say whose weights vary"
        findings.refuse(block.at("levels"), "has no meaning for sets of weights", cure)


def _kind(rule: Mapping[str, Any]) -> str:
    method = str(rule["method"])
    return "the framework's scale" if method in ON_THE_SCALE else method


def _least_allowed(rule: Block | None) -> float | None:
    """What a mean needs: more than 0 (a tiny number), at least 0, or anything (None)."""
    if rule is None:
        return None
    if rule["method"] in STRICT_MEANS:
        return math.ulp(0)
    power = rule.get("p", 1)
    if power <= 0:
        return math.ulp(0)
    return None if float(power).is_integer() else 0.0


def _check_order(method: Block, findings: Findings) -> None:
    order = method.get("order", ())
    for index, step in enumerate(order):
        if step in order[:index]:
            findings.refuse(order.at(index), f"{step} stands twice", "keep each step once")
    if order and "aggregate" not in order:
        findings.refuse(method.at("order"), "leaves out aggregate", "add it: a framework needs it")


def _check_scale(block: Block, findings: Findings) -> None:
    low, high = block.get("scale", SCALE)
    if low >= high:
        findings.refuse(block.at("scale"), f"its low end {low:g} is not below its high end {high:g}", "write [0, 100]")


def _check_levels(block: Block, findings: Findings) -> None:
    levels, low = block.get("levels", ()), block.get("scale", SCALE)[0]
    starts = [level.get("from", low) for level in levels]
    if starts and starts[0] != low:
        cure = f"let it begin at {low:g}, the low end of the scale"
        findings.refuse(levels[0].at("from"), f"the lowest level begins at {starts[0]:g}", cure)
    for level, (before, start) in zip(levels[1:], pairwise(starts), strict=True):
        if start <= before:
            findings.refuse(level.at("from"), f"{start:g} does not ascend", "write levels from low to high")
    codes = [level.get("code") for level in levels]
    for index, level in enumerate(levels):
        if codes[index] in codes[:index]:
            findings.refuse(level.at("code"), f"{codes[index]} is used twice", "give every level a code of its own")


def _check_bands(bands: Block | None, findings: Findings) -> None:
    if bands is None:
        return
    cuts, share, names = bands.get("cuts"), bands.get("share"), bands.get("names", ())
    if (cuts is None) == (share is None):
        findings.refuse(bands.where, "bands have either cuts or share", "write one of the two")
        return
    needed = len(cuts) + 1 if cuts is not None else len(share or ())
    if names and len(names) != needed:
        findings.refuse(bands.at("names"), f"{len(names)} names for {needed} bands", f"write {needed} names")
    if cuts is not None and any(high <= low for high, low in pairwise(cuts)):
        findings.refuse(bands.at("cuts"), "do not descend", "write them from high to low, best band first")
    if share is not None and not math.isclose(sum(share), 1, abs_tol=1e-9):
        findings.refuse(bands.at("share"), f"add up to {sum(share):g}", "let the shares add up to 1")


def _say_nameless(block: Block, findings: Findings) -> None:
    for key in ("version", "name", "owner") if findings.in_project else ():
        if key not in block:
            findings.warn(block.where._replace(key=key), f"{block.get('framework')} has none", f"add `{key}:`")


def check_places(block: Block, key: str, types: Known, findings: Findings) -> None:
    """Place types are written as their codes; a group is written out."""
    groups: dict[str, list[str]] = {}
    for code, item in types.items():
        groups.setdefault(item.get("group", ""), []).append(code)
    for index, code in enumerate(block.get(key, ())):
        if code in groups and code not in types:
            cure = f"write its types: {', '.join(groups[code])}"
            findings.refuse(block[key].at(index), f"{code} is a group of place types", cure)
            return
    check_listed(block, key, types, "a place type (indicators/codelists/place-types.yaml)", findings)

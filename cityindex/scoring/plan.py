"""A framework made ready to compute: the tree as positions, and for every leaf and node the rule that holds there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule

REFUSE = Rule("refuse")


@dataclass(frozen=True)
class Branch:
    """A node of the tree with its children as rows, their weights (0 for a pilot) and its rules, defaults filled in."""

    node: Node
    row: int
    children: tuple[int, ...]
    weights: tuple[float, ...]
    aggregate: Rule
    coverage: Rule
    missing: str
    nonpositive: Rule

    @property
    def share(self) -> float:
        """The least share of its children that the node needs."""
        return float(self.coverage.options.get("share", 0.0))


@dataclass(frozen=True)
class Column:
    """A leaf of the tree: its indicator, its row, and the rule of each step."""

    indicator: Indicator
    row: int
    fill: Rule
    treat: Rule
    impute: Rule
    normalise: Rule

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def sign(self) -> float:
        return -1.0 if self.indicator.direction == "lower" else 1.0


@dataclass(frozen=True)
class Plan:
    """Rows are the nodes in the order of the tree; columns the leaves in the same order."""

    framework: Framework
    codes: tuple[str, ...]
    levels: tuple[int, ...]
    parents: tuple[int, ...]
    columns: tuple[Column, ...]
    branches: tuple[Branch, ...]

    @cached_property
    def leaf_rows(self) -> list[int]:
        return [column.row for column in self.columns]

    @cached_property
    def row(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.codes)}

    @cached_property
    def counted(self) -> list[int]:
        """The columns with a weight in the index: neither pilots nor of weight 0, nor under such a node."""
        weighted = {0: True}
        for branch in self.branches:
            for row, weight in zip(branch.children, branch.weights, strict=True):
                weighted[row] = weighted[branch.row] and weight > 0
        return [column for column, item in enumerate(self.columns) if weighted[item.row]]


def make_plan(framework: Framework) -> Plan:
    """Lay a framework out. It has been checked: every leaf has its indicator and no code comes twice."""
    walked = list(framework.tree.walk())
    row = {item.code: position for position, (item, _) in enumerate(walked)}
    parent = {child.code: row[node.code] for node, _ in walked if isinstance(node, Node) for child in node.children}
    return Plan(
        framework=framework,
        codes=tuple(row),
        levels=tuple(level for _, level in walked),
        parents=tuple(parent.get(code, -1) for code in row),
        columns=tuple(_column(framework, item, row[item.code]) for item, _ in walked if isinstance(item, Leaf)),
        branches=tuple(_branch(framework, item, row) for item, _ in walked if isinstance(item, Node)),
    )


def _column(framework: Framework, leaf: Leaf, row: int) -> Column:
    indicator, method = framework.indicators[leaf.indicator], framework.method
    if "transform" not in method.order:  # then goalposts, targets and thresholds are not transformed either
        indicator = replace(indicator, transform="none")
    return Column(
        indicator=indicator,
        row=row,
        fill=indicator.fill or method.fill,
        treat=indicator.treat or method.treat,
        impute=indicator.impute or method.impute,
        normalise=indicator.normalise or method.normalise,
    )


def _branch(framework: Framework, node: Node, row: dict[str, int]) -> Branch:
    method = framework.method
    return Branch(
        node=node,
        row=row[node.code],
        children=tuple(row[child.code] for child in node.children),
        weights=tuple(_weight(framework, child, node.weights) for child in node.children),
        aggregate=node.aggregate or method.aggregate,
        coverage=node.coverage or method.coverage,
        missing=node.missing or method.missing,
        nonpositive=node.nonpositive or method.nonpositive or REFUSE,
    )


def _weight(framework: Framework, child: Node | Leaf, rule: Rule | None) -> float:
    """A child's weight: 0 for a pilot and for a node with nothing but pilots; 1 where the node's rule weighs its
    children. A written 0 is no size but "takes no part", and stands under every rule.
    """
    written = float(child.weight if rule is None or child.weight == 0 else 1)
    if isinstance(child, Leaf):
        return 0.0 if framework.indicators[child.indicator].status == "pilot" else written
    return written if any(_weight(framework, item, child.weights) > 0 for item in child.children) else 0.0

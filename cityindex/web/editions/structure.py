"""The tree of a framework as tables show it: names, shares among siblings, shares in the index."""

from __future__ import annotations

from dataclasses import dataclass

from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry, Text
from cityindex.scoring.framework import Rule
from cityindex.scoring.plan import Branch, Plan, make_plan

FIXED = ("goalposts", "none")
"""Normalisations whose parameters stand in the definition."""


@dataclass(frozen=True)
class Element:
    """A node or indicator. `share` is among its siblings, `effective` in the index when nothing is missing."""

    code: str
    name: Text
    level: int
    share: float
    effective: float
    indicator: IndicatorEntry | None
    branch: Branch | None
    children: tuple[str, ...]

    @property
    def pilot(self) -> bool:
        return self.indicator is not None and self.indicator.indicator.status == "pilot"


class Structure:
    """The elements of a framework, parents before children."""

    def __init__(self, entry: FrameworkEntry) -> None:
        self.entry = entry
        self.plan: Plan = make_plan(entry.framework)
        self.elements = tuple(self._elements())
        self.by_code = {element.code: element for element in self.elements}

    @property
    def index(self) -> Element:
        return self.elements[0]

    @property
    def domains(self) -> tuple[Element, ...]:
        """The children of the index that are nodes."""
        return tuple(element for element in self.elements if element.level == 1 and element.indicator is None)

    @property
    def indicators(self) -> tuple[Element, ...]:
        return tuple(element for element in self.elements if element.indicator is not None)

    @property
    def comparable(self) -> bool:
        """Whether a score means the same in every period: no parameter is taken from the period itself."""
        return not any(_moves(column.normalise) for column in self.plan.columns)

    def _elements(self) -> list[Element]:
        plan, branches = self.plan, {branch.row: branch for branch in self.plan.branches}
        shares = _shares(plan)
        effective: list[float] = []
        found = []
        for row, (code, level, parent) in enumerate(zip(plan.codes, plan.levels, plan.parents, strict=True)):
            effective.append(shares[row] * (effective[parent] if parent >= 0 else 1.0))
            branch = branches.get(row)
            found.append(
                Element(
                    code=code,
                    name=self.entry.node_name(code),
                    level=level,
                    share=shares[row],
                    effective=effective[row],
                    indicator=None if branch else self.entry.indicators[code],
                    branch=branch,
                    children=tuple(plan.codes[child] for child in branch.children) if branch else (),
                )
            )
        return found


def _shares(plan: Plan) -> dict[int, float]:
    """The weight of each row among its siblings, as the definition has it; pilots have none."""
    shares = {0: 1.0}
    for branch in plan.branches:
        weights = [float(weight > 0) for weight in branch.weights] if branch.node.weights else branch.weights
        total = sum(weights)
        shares |= {row: weight / total if total else 0.0 for row, weight in zip(branch.children, weights, strict=True)}
    return shares


def _moves(rule: Rule) -> bool:
    """Whether a rule depends on the other places of the same period."""
    fixed = rule.method in FIXED or rule.options.get("on") == "value"
    return not fixed and rule.options.get("over", "period") == "period"


_made: dict[str, Structure] = {}


def structure(entry: FrameworkEntry) -> Structure:
    """The structure of a framework, made once for each of its fingerprints (a published version never changes)."""
    if entry.fingerprint not in _made:
        _made[entry.fingerprint] = Structure(entry)
    return _made[entry.fingerprint]

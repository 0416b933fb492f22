"""Plans of uncertainty: from a file of their own, or from what a framework declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cityindex.definitions import schema
from cityindex.definitions.build import frozen
from cityindex.definitions.findings import At, Findings, shown
from cityindex.definitions.tree_checks import check_weighting
from cityindex.definitions.weights import read_weights
from cityindex.definitions.yaml_ import Block, read
from cityindex.errors import DefinitionError, NotFound
from cityindex.scoring.choices import RULED, UncertaintyPlan, Weighting
from cityindex.scoring.framework import Framework, Rule

REPLICATIONS, SEED = 1000, 0
"""What a framework gets that declares a plan and neither of them."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a framework says about the uncertainty of its ranks: computed with every run."""

    plan: UncertaintyPlan
    replications: int
    seed: int


def declared(framework: Framework) -> Declared | None:
    """The plan that a framework declares under `uncertainty`; None where it declares none."""
    block = framework.uncertainty
    if not block:
        return None
    return Declared(plan_of(block["plan"]), block.get("replications", REPLICATIONS), block.get("seed", SEED))


def load_plan(path: Path) -> UncertaintyPlan:
    """Read and check a plan file. Files of weights are looked for beside it.

    Raises `DefinitionError` with every problem, and `NotFound` where there is no such file. Whether it fits a framework
    is for `uncertainty` to say.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    findings = Findings(in_project=False)
    content = read(path, findings)
    findings.raise_problems()
    block = schema.PLAN(content, At(shown(path), 1, "plan"), findings)
    sets: tuple[Mapping[str, float], ...] = ()
    if isinstance(block, Block):
        check_weighting(block, findings)
        sets = _sets(block, path, findings)
    findings.raise_problems()
    return plan_of(block, sets)


def plan_of(content: Mapping[str, Any], sets: tuple[Mapping[str, float], ...] = ()) -> UncertaintyPlan:
    """The plan of checked content, such as `framework.uncertainty["plan"]`."""
    lists = {step: tuple(_rule(item) for item in content.get(step, ())) for step in RULED}
    nodes = content.get("aggregate", {})
    return UncertaintyPlan(
        **lists,
        aggregate={code: tuple(_rule(item) for item in rules) for code, rules in nodes.items()},
        leave_out="leave_out" in content,
        noise={code: float(share) for code, share in content.get("noise", {}).items()},
        weights=_weighting(content.get("weights"), sets),
        sobol=bool(content.get("sobol", False)),
    )


def _sets(plan: Block, path: Path, findings: Findings) -> tuple[Mapping[str, float], ...]:
    found = []
    for name in plan.get("weights", {}).get("sets", ()):
        try:
            found.append(read_weights(path.parent / name))
        except DefinitionError as error:
            findings.problems.extend(error.problems)
    return tuple(found)


def _rule(item: Mapping[str, Any]) -> Rule:
    return Rule(item["method"], frozen({key: value for key, value in item.items() if key != "method"}))


def _weighting(block: Mapping[str, Any] | None, sets: tuple[Mapping[str, float], ...]) -> Weighting | None:
    if block is None:
        return None
    levels = tuple(block["levels"]) if "levels" in block else None
    if "sets" in block:
        return Weighting("sets", sets=sets)
    if "noise" in block:
        return Weighting("noise", float(block["noise"]), levels)
    return Weighting("dirichlet", float(block["dirichlet"]), levels)

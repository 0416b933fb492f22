"""Whether the engine can compute a framework, and its plan of uncertainty: its own checks, told by file and line."""

from __future__ import annotations

import re

from cityindex.definitions.findings import At, Findings
from cityindex.definitions.tree_checks import walk
from cityindex.definitions.yaml_ import Block
from cityindex.errors import Invalid
from cityindex.scoring.framework import Framework


def check_computable(block: Block, framework: Framework, findings: Findings) -> None:
    """Say what the engine would refuse before any work, at the key that it is about. `block` has no other problem.

    The engine is imported here: what reads definitions without a framework starts without NumPy.
    """
    from cityindex.definitions.plans import declared
    from cityindex.scoring.check import check
    from cityindex.scoring.plan_check import check_replications, check_uncertainty

    plan = declared(framework)
    try:
        if plan is None:
            check(framework)
        else:
            check_replications(plan.replications, plan.plan.sobol)
            check_uncertainty(framework, plan.plan, ())
    except Invalid as error:
        for problem in error.problems:
            key, _, others = problem.column.partition(" with ")
            findings.refuse(
                _at(block, key), f"with {others}: {problem.reason}" if others else problem.reason, problem.cure
            )


def _at(block: Block, column: str) -> At:
    """Where the file says what a problem of the engine is about."""
    name, _, rest = column.partition(".")
    holder, key = block, name
    if name == "plan":
        plan, key = block["uncertainty"]["plan"], re.split(r"\W", rest)[0]
        holder, key = (plan, key) if key in plan else (block["uncertainty"], "plan")
    elif name == "replications":
        holder = block["uncertainty"]
    elif name in ("method", "order"):
        holder, key = block.get("method", block), rest or name
    else:
        found = [one for one in walk(block["tree"]) if name in (one.get("code"), one.get("indicator"))]
        holder, key = (found[0], rest) if found else (block, name)
    return holder.at(key)._replace(key=column)

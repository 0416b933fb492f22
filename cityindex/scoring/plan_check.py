"""What is refused in a plan of uncertainty before any work: every problem, its key in the plan and its cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from cityindex.errors import DefinitionError, Invalid, Problem
from cityindex.scoring import means
from cityindex.scoring.check import check
from cityindex.scoring.choices import RULED, Choice, UncertaintyPlan, Weighting, framework_of, single_choices
from cityindex.scoring.framework import Framework, Node
from cityindex.scoring.matrix import some
from cityindex.scoring.plan import make_plan

Problems = Iterator[Problem]


def check_uncertainty(framework: Framework, plan: UncertaintyPlan, periods: tuple[int, ...]) -> None:
    """Raise `DefinitionError` with everything that keeps this framework from being computed under this plan."""
    check(framework, periods)
    problems = list(dict.fromkeys([*_names(framework, plan), *_amounts(plan), *_steps(framework, plan)]))
    if not problems:
        problems = list(dict.fromkeys(_combinations(framework, plan, periods)))
    _refuse(problems)


def without_fits(framework: Framework, plan: UncertaintyPlan) -> UncertaintyPlan | None:
    """What of a plan can be varied with frozen parameters: nothing that has parameters of its own.

    None where nothing is left, or where the framework computes weights or rescales nodes, which are parameters too.
    """
    if any(node.rescale or (node.weights and node.weights.method != "equal") for node in framework.nodes):
        return None
    kept = replace(plan, normalise=(), treat=(), impute=())
    return kept if kept.weights or kept.aggregate or kept.leave_out or kept.noise else None


def check_frozen(framework: Framework, plan: UncertaintyPlan) -> None:
    """Raise `DefinitionError` where a plan varies what frozen parameters have settled."""
    if without_fits(framework, plan) != plan:
        cure = "vary weights, aggregate, leave_out or noise only"
        _refuse([Problem("the parameters are frozen, and this varies them", cure, column="plan")])


def check_places(plan: UncertaintyPlan, places: int) -> None:
    """Raise `DefinitionError` where there are too many places for a rule of the plan."""
    _refuse(list(_sizes(plan, places)))


def _refuse(problems: list[Problem]) -> None:
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise DefinitionError(f"{count} of the plan; the first: {problems[0]}", problems)


def check_replications(replications: int, sobol: bool) -> None:
    """Refuse a number of replications that cannot be, or that is no power of 2 for Sobol' indices."""
    cure = "give a whole number from 1, e.g. 1000"
    if replications >= 1 and sobol:
        lower = 1 << (replications.bit_length() - 1)
        cure = f"give a power of 2, e.g. {max(lower, 2)} or {2 * lower}"
    if replications < 1 or (sobol and (replications < 2 or replications & (replications - 1))):
        reason = "Sobol' points are even in powers of 2 only" if sobol and replications > 0 else "nothing to compute"
        problem = Problem(reason, cure, column="replications", value=str(replications))
        raise Invalid(f"replications {replications}: {reason} ({cure})", [problem])


def _names(framework: Framework, plan: UncertaintyPlan) -> Problems:
    nodes, leaves = {node.code for node in framework.nodes}, {leaf.indicator for leaf in framework.leaves}
    for key, codes, known, what in (
        ("aggregate", plan.aggregate, nodes, "node"),
        ("noise", plan.noise, leaves, "indicator"),
    ):
        for code in codes:
            if code not in known:
                close = get_close_matches(code, known, n=1)
                cure = f"did you mean {close[0]}?" if close else f"use one of {some(sorted(known))}"
                yield Problem(f"is no {what} of the tree", cure, column=f"plan.{key}.{code}")
    for code, rules in plan.aggregate.items():
        if not rules:
            yield Problem("has no rules to choose from", "list at least one", column=f"plan.aggregate.{code}")
    if plan.weights is not None:
        yield from _weight_names(framework, plan.weights, nodes | leaves)


def _weight_names(framework: Framework, weights: Weighting, known: set[str]) -> Problems:
    deepest = max(level for _, level in framework.tree.walk())
    for level in weights.levels or ():
        if not 1 <= level <= deepest:
            cure = f"use levels 1 to {deepest}: 1 are the children of the index, {deepest} the deepest indicators"
            yield Problem(f"the tree has no level {level}", cure, column="plan.weights.levels", value=str(level))
    for number, group in enumerate(weights.sets, 1):
        key = f"plan.weights.sets[{number}]"
        for code in group:
            if code not in known:
                yield Problem(f"«{code}» is not in the tree", "correct it, or remove the line", column=key)
        yield from _empty_nodes(framework.tree, group, key)


def _empty_nodes(node: Node, group: Mapping[str, float], key: str) -> Problems:
    if not any(group.get(child.code, child.weight) > 0 for child in node.children):
        yield Problem(f"all children of «{node.code}» have weight 0", "give one of them a weight", column=key)
    for child in node.children:
        if isinstance(child, Node):
            yield from _empty_nodes(child, group, key)


def _amounts(plan: UncertaintyPlan) -> Problems:
    for code, share in plan.noise.items():
        if not 0 <= share < float("inf"):
            cure = "give a share of the value, e.g. 0.1"
            yield Problem(f"{share:g} is no measurement error", cure, column=f"plan.noise.{code}")
    weights = plan.weights
    if weights is None:
        return
    if weights.kind == "noise" and not 0 <= weights.amount <= 1:
        cure = "give a share from 0 to 1, e.g. 0.25"
        yield Problem(f"{weights.amount:g} is no share", cure, column="plan.weights.noise")
    if weights.kind == "dirichlet" and not 0 < weights.amount < float("inf"):
        cure = "give a number above 0; the greater, the closer to the nominal weights"
        yield Problem(f"{weights.amount:g} is no concentration", cure, column="plan.weights.dirichlet")
    if weights.kind == "sets" and not weights.sets:
        yield Problem("names no set of weights", "name at least one file", column="plan.weights.sets")


def _steps(framework: Framework, plan: UncertaintyPlan) -> Problems:
    for step in RULED:
        if getattr(plan, step) and step not in framework.method.order:
            cure = f"remove it, or add {step} to the framework's order"
            yield Problem("is varied, but the framework leaves this step out", cure, column=f"plan.{step}")
    if "rank" not in framework.method.order:
        cure = "add rank to the framework's order"
        yield Problem("the framework leaves ranks out, and this is about ranks", cure, column="order")
    if plan.leave_out and len(make_plan(framework).counted) < 2:
        cure = "remove it: there is one indicator only"
        yield Problem("nothing would be left", cure, column="plan.leave_out")


def _combinations(framework: Framework, plan: UncertaintyPlan, periods: tuple[int, ...]) -> Problems:
    """What `check` says about every choice of a list, and every normalisation with every rule of a node."""
    for choice in single_choices(plan):
        try:
            check(framework_of(framework, plan, choice), periods)
        except DefinitionError as error:
            for problem in error.problems:
                yield Problem(problem.reason, problem.cure, column=_key(plan, choice, problem.column))


def _key(plan: UncertaintyPlan, choice: Choice, column: str) -> str:
    """Where in the plan a problem comes from."""
    found = []
    for step in RULED:
        chosen = getattr(choice, step)
        if chosen is not None:
            found.append(f"plan.{step}[{chosen + 1}] {getattr(plan, step)[chosen].method}")
    code = column.removesuffix(".aggregate")
    if code in choice.aggregate:
        chosen = choice.aggregate[code]
        found.append(f"plan.aggregate.{code}[{chosen + 1}] {plan.aggregate[code][chosen].method}")
        return " with ".join(found)
    return f"{' with '.join(found)}: {column}" if found else column


def _sizes(plan: UncertaintyPlan, places: int) -> Problems:
    for code, rules in plan.aggregate.items():
        if places > means.LARGEST_COPELAND and any(rule.method == "copeland" for rule in rules):
            cure = f"use it for up to {means.LARGEST_COPELAND} places"
            key = f"plan.aggregate.{code}"
            yield Problem(f"copeland compares each of {places} places with every other one", cure, column=key)

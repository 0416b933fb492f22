"""How sure a rank is, in plain words: what the plan of a framework varies, and what came of it in an edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.definitions.plans import declared
from cityindex.queries.runs.editions import Edition, run_record
from cityindex.scoring.choices import UncertaintyPlan
from cityindex.scoring.framework import Rule
from cityindex.web import words
from cityindex.web.editions.method_words import mean_of
from cityindex.web.filters import number, percent, translated
from cityindex.web.session import database

FACTORS = {
    "weights": lazy_gettext("Weights"),
    "normalise": lazy_gettext("What earns which score"),
    "treat": lazy_gettext("Extreme values"),
    "impute": lazy_gettext("What is missing"),
    "leave_out": lazy_gettext("Which indicators count"),
    "noise": lazy_gettext("Errors of measurement"),
}
"""What a plan can vary, besides how nodes are put together."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What varying the choices did to an edition: by how many ranks places moved on average (R_S), of how many."""

    edition: Edition
    ranks: float


@dataclass(frozen=True, slots=True)
class Sureness:
    """`items` are what is varied, each with its words.

    `fixed` are the names of those that the edition did not vary, because its parameters are those of an earlier one;
    `none` says that for this reason it has no intervals at all.
    """

    items: tuple[tuple[str, str], ...]
    replications: int
    seed: int
    shift: Shift | None
    fixed: tuple[str, ...] = ()
    none: bool = False


def sureness(entry: FrameworkEntry, latest: Edition | None) -> Sureness | None:
    """The plan of a framework in words, with its effect on an edition; None where there is no plan."""
    asked = declared(entry.framework)
    if asked is None:
        return None
    summary = run_record(database(), latest.run).summary if latest else {}
    found = summary.get("uncertainty")
    times = asked.replications * (2 if asked.plan.sobol else 1)
    return Sureness(
        items=tuple(_items(entry, asked.plan)),
        replications=times,
        seed=asked.seed,
        shift=Shift(latest, found["mean_rank_shift"]) if latest and found else None,
        fixed=tuple(factor_name(entry, step) for step in found.get("fixed", ())) if found else (),
        none=found is None and summary.get("frozen") is not None,
    )


def factor_name(entry: FrameworkEntry, factor: str) -> str:
    """What a plan varies, in words: `weights`, `normalise`, `aggregate:<node>` …"""
    if factor.startswith("aggregate:"):
        name = translated(entry.node_name(factor.removeprefix("aggregate:")))
        return gettext("How the parts of «%(name)s» are put together", name=name)
    return str(FACTORS[factor])


def _items(entry: FrameworkEntry, plan: UncertaintyPlan) -> Iterator[tuple[str, str]]:
    for factor, said in _said(entry, plan):
        yield factor_name(entry, factor), said


def _said(entry: FrameworkEntry, plan: UncertaintyPlan) -> Iterator[tuple[str, str]]:
    if plan.weights is not None:
        yield "weights", _weights(plan)
    if plan.normalise:
        yield "normalise", _either(map(_scored, plan.normalise))
    for code, rules in plan.aggregate.items():
        yield f"aggregate:{code}", _either(map(_mean, rules))
    if plan.treat:
        yield "treat", _either(map(_treated, plan.treat))
    if plan.impute:
        yield "impute", _either(map(_imputed, plan.impute))
    if plan.leave_out:
        yield "leave_out", gettext("all of them, or all but one that is drawn by chance")
    if plan.noise:
        names = [f"{translated(entry.indicators[code].name)} ±{percent(share)}" for code, share in plan.noise.items()]
        yield "noise", ", ".join(names)


def _weights(plan: UncertaintyPlan) -> str:
    assert plan.weights is not None  # noqa: S101
    if plan.weights.kind == "noise":
        return gettext(
            "each goes up or down by up to %(share)s of itself, by chance", share=percent(plan.weights.amount)
        )
    return gettext("drawn by chance around the given ones (Dirichlet, %(n)s)", n=number(plan.weights.amount))


def _either(options: Iterable[str]) -> str:
    return gettext(", or ").join(options)


def _scored(rule: Rule) -> str:
    if rule.method == "goalposts" and "low" not in rule.options:
        return gettext("by the goalposts of the definition")
    return str(words.METHODS.get(rule.method, rule.method))


def _mean(rule: Rule) -> str:
    power = rule.options.get("p")
    return mean_of(rule) if power is None else f"{mean_of(rule)} (p = {number(float(power))})"


def _treated(rule: Rule) -> str:
    known: dict[str, Callable[[], str]] = {
        "none": lambda: gettext("left as they are"),
        "winsorise": lambda: gettext("set to the next one"),
        "clip": lambda: gettext("set to a percentile"),
    }
    cap = rule.options.get("cap")
    said = known.get(rule.method, lambda: rule.method)()
    return said if not isinstance(cap, int | float) else f"{said} ({percent(cap)})"


def _imputed(rule: Rule) -> str:
    said = {
        "none": gettext("left out"),
        "mean": gettext("the mean of other places"),
        "median": gettext("the median of other places"),
        "row-mean": gettext("the mean of the place's other scores"),
    }
    by = {"place_type": gettext("of the same type"), "region": gettext("of the same region")}
    group = rule.options.get("by")
    group = group if group is None or isinstance(group, str) else group[0]
    return said[rule.method] if group is None else f"{said[rule.method]} {by.get(group, group)}"

"""What is refused before any work: a framework that cannot be computed, with every problem, its key and its cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cityindex.errors import DefinitionError, Problem
from cityindex.scoring import means
from cityindex.scoring.fill import METHODS as FILLS
from cityindex.scoring.fits import base_years
from cityindex.scoring.framework import STEPS, Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.normalise import NORMALISERS
from cityindex.scoring.transform import TRANSFORMS
from cityindex.scoring.weigh import METHODS as WEIGHINGS

Problems = Iterator[Problem]

COMPUTED = {
    "screen": {"share": {"coverage", "dimension", "zeros"}},
    "fill": {"none": set[str](), **{name: {"max_age"} for name in FILLS}},
    "treat": {
        "none": set[str](),
        "winsorise": {"cap", "skew", "kurtosis", "otherwise", "lambda", "over"},
        "clip": {"low", "high", "over"},
    },
    "impute": {
        "none": {"limit"},
        "mean": {"by", "limit"},
        "median": {"by", "limit"},
        "row-mean": {"limit"},
    },
    "normalise": {
        name: {*method.options, *method.own, *(("over",) if method.fitted else ())}
        for name, method in NORMALISERS.items()
    },
    "aggregate": {name: set(means.OPTIONS.get(name, ())) for name in means.RULES},
    "coverage": {"weight": {"share"}, "count": {"share"}},
    "nonpositive": {"refuse": set[str](), "zero": set[str](), "floor": {"floor", "value"}},
    "rank": {"min": {"decimals"}, "max": {"decimals"}},
    "weights": {"equal": set[str](), "pca": {"variant", "negative"}, "optimise": {"variant"}},
}
"""The methods of each step that the engine computes, each with its options."""

MISSING = ("renormalise", "propagate", "zero")


def check(framework: Framework, periods: Sequence[int] = ()) -> None:
    """Raise `DefinitionError` with everything that keeps a framework from being computed over these periods."""
    problems = [*_tree(framework)]
    if not problems:
        problems = [*_method(framework), *_indicators(framework), *_nodes(framework), *_base(framework, periods)]
    if problems:
        raise DefinitionError("; ".join(str(problem) for problem in problems[:20]), problems)


def mixed_scales(framework: Framework) -> str | None:
    """A warning where indicators that meet in one tree are not on one scale."""
    kinds: dict[str, str] = {}
    for leaf in framework.leaves:
        rule = framework.indicators[leaf.indicator].normalise or framework.method.normalise
        unit = NORMALISERS[rule.method].unit
        kinds.setdefault("the framework's scale" if unit else rule.method, leaf.indicator)
    if len(kinds) < 2:
        return None
    found = ", ".join(f"{kind} (e.g. {code})" for kind, code in kinds.items())
    return f"indicators on different scales meet in the tree: {found}"


def _tree(framework: Framework) -> Problems:
    codes = Counter(item.code for item, _ in framework.tree.walk())
    for code, times in codes.items():
        if times > 1:
            yield Problem(f"«{code}» is {times} times in the tree", "rename one of them", column="tree")
    for leaf in framework.leaves:
        if leaf.indicator not in framework.indicators:
            yield Problem(f"no definition of «{leaf.indicator}»", "define it under `indicators`", column="tree")
    for node in framework.nodes:
        yield from _weights(framework, node)


def _weights(framework: Framework, node: Node) -> Problems:
    if not node.children:
        yield Problem("has no children", "give it indicators, or remove it", column=node.code)
    for child in node.children:
        if not 0 <= child.weight < float("inf"):
            yield Problem(f"weight {child.weight:g}", "weights are finite and not negative", column=child.code)
    scored = [child for child in node.children if not _is_pilot(framework, child)]
    if scored and not any(child.weight > 0 for child in scored):
        yield Problem("all its children have weight 0", "give one of them a weight", column=node.code)


def _is_pilot(framework: Framework, child: Node | Leaf) -> bool:
    if isinstance(child, Leaf):
        indicator = framework.indicators.get(child.indicator)
        return indicator is not None and indicator.status == "pilot"
    return all(_is_pilot(framework, item) for item in child.children)


def _method(framework: Framework) -> Problems:
    method = framework.method
    low, high = framework.scale
    if not low < high:
        yield Problem(f"scale [{low:g}, {high:g}]", "write the lower end first", column="scale")
    yield from _order(method.order)
    for step, rule in (
        ("screen", method.screen),
        ("fill", method.fill),
        ("treat", method.treat),
        ("impute", method.impute),
        ("normalise", method.normalise),
        ("aggregate", method.aggregate),
        ("nonpositive", method.nonpositive),
        ("coverage", method.coverage),
        ("rank", method.rank),
    ):
        yield from _rule(step, rule, f"method.{step}")
    yield from _missing(method.missing, "method.missing")


def _order(order: Sequence[str]) -> Problems:
    for step in order:
        if step not in STEPS or order.count(step) > 1:
            yield Problem(
                f"«{step}» is unknown or twice", f"use each of {', '.join(STEPS)} at most once", column="order"
            )
    if "aggregate" not in order:
        yield Problem("leaves out `aggregate`", "a framework needs it", column="order")
        return
    late = [step for step in order[order.index("aggregate") + 1 :] if step != "rank"]
    if late or ("rank" in order and order.index("rank") < order.index("aggregate")):
        cure = "put aggregate and rank at the end"
        yield Problem("aggregates before other steps are done", cure, column="order")
    places = {step: place for place, step in enumerate(order)}
    raw = [places[step] for step in ("derive", "denominate", "fill") if step in places]
    changed = [places[step] for step in ("transform", "treat", "normalise") if step in places]
    if max(raw, default=-1) > min(changed, default=len(order)) or changed != sorted(changed):
        cure = "put derive, denominate and fill before transform, treat and normalise, these in this order"
        yield Problem("computes on values that are not there yet", cure, column="order")


def _rule(step: str, rule: Rule | None, key: str) -> Problems:
    if rule is None:
        return
    known = COMPUTED[step]
    if rule.method not in known:
        cure = f"use one of {', '.join(known)}"
        yield Problem(f"«{rule.method}» is not computed", cure, column=key, value=rule.method)
        return
    for option in rule.options:
        if option not in known[rule.method]:
            cure = f"remove it; known are {', '.join(sorted(known[rule.method])) or 'none'}"
            yield Problem(f"{rule.method} has no option «{option}»", cure, column=key, value=option)


def _missing(missing: str | None, key: str) -> Problems:
    if missing is not None and missing not in MISSING:
        yield Problem(f"«{missing}» is not known", f"use one of {', '.join(MISSING)}", column=key)


def _indicators(framework: Framework) -> Problems:
    for leaf in framework.leaves:
        indicator = framework.indicators[leaf.indicator]
        for step in ("fill", "treat", "impute", "normalise"):
            yield from _rule(step, getattr(indicator, step), f"{indicator.code}.{step}")
        if indicator.status == "retired":
            yield Problem("is retired", "take it out of the tree", column=indicator.code)
        if indicator.transform not in ("none", *TRANSFORMS):
            cure = f"use none, {', '.join(TRANSFORMS)}"
            yield Problem(f"«{indicator.transform}» is not known", cure, column=f"{indicator.code}.transform")
        yield from _normalise(indicator.normalise or framework.method.normalise, indicator)


def _normalise(rule: Rule, indicator: Indicator) -> Problems:
    key, options = f"{indicator.code}.normalise", rule.options
    if rule.method == "goalposts":
        groups = options.get("goalposts")
        pairs = [options] if groups is None else [posts for name, posts in groups.items() if name != "by"]
        if groups is not None and "by" not in groups:
            yield Problem("goalposts by group without `by`", "name a place attribute", column=key)
        for pair in pairs:
            yield from _posts(pair, key)
    for method, needed in (
        ("distance-to-target", "target"),
        ("distance-to-reference", "place"),
        ("ladder", "thresholds"),
    ):
        if rule.method == method and options.get(needed) is None:
            yield Problem(f"{method} without `{needed}`", f"add `{needed}:`", column=key)
    over = options.get("over")
    if rule.method == "distance-to-reference" and (over == "pooled" or len(base_years(over)) > 1):
        yield Problem("a reference place over several periods", "use `over: period` or one base year", column=key)
    if rule.method == "ladder":
        yield from _ladder(options, key)


def _posts(pair: Mapping[str, object], key: str) -> Problems:
    low, high = pair.get("low"), pair.get("high")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        yield Problem("goalposts without low and high", "give both, on the natural scale", column=key)
    elif not low < high:
        cure = "low is the smaller number, whatever the direction"
        yield Problem(f"goalposts {low:g} to {high:g}", cure, column=key)


def _ladder(options: Mapping[str, object], key: str) -> Problems:
    thresholds, levels = options.get("thresholds"), options.get("levels")
    if isinstance(thresholds, Sequence) and isinstance(levels, Sequence) and len(levels) != len(thresholds) + 1:
        cure = "give one level more than thresholds"
        yield Problem(f"{len(levels)} levels for {len(thresholds)} thresholds", cure, column=key)


def _base(framework: Framework, periods: Sequence[int]) -> Problems:
    rules = {"method.normalise": framework.method.normalise}
    rules |= {f"{code}.normalise": item.normalise for code, item in framework.indicators.items() if item.normalise}
    rules |= {f"{node.code}.rescale": node.rescale for node in framework.nodes if node.rescale}
    for key, rule in rules.items():
        absent = [year for year in base_years(rule.options.get("over")) if year not in periods]
        if absent and periods:
            years = ", ".join(str(year) for year in absent)
            yield Problem(f"no data for the base year {years}", "give its data too, or another base year", column=key)


def _nodes(framework: Framework) -> Problems:
    for node in framework.nodes:
        for step in ("aggregate", "coverage", "nonpositive", "weights"):
            yield from _rule(step, getattr(node, step), f"{node.code}.{step}")
        yield from _rule("normalise", node.rescale, f"{node.code}.rescale")
        yield from _computed_weights(node)
        yield from _missing(node.missing, f"{node.code}.missing")
        yield from _positive(framework, node)


def _computed_weights(node: Node) -> Problems:
    if node.weights is None or node.weights.method == "equal":
        return
    key = node.weights.method, str(node.weights.options.get("variant"))
    if node.weights.method in COMPUTED["weights"] and key not in WEIGHINGS:
        cure = f"use one of {', '.join(': '.join(known) for known in WEIGHINGS)}"
        yield Problem(f"«{key[1]}» is no way to weigh", cure, column=f"{node.code}.weights")


def _positive(framework: Framework, node: Node) -> Problems:
    """A mean that needs positive scores, over scores that are known to reach 0 or below."""
    rule, method = node.aggregate or framework.method.aggregate, framework.method
    if rule.method == "power" and "p" not in rule.options:
        yield Problem("power without `p`", "write {method: power, p: 0.5}", column=f"{node.code}.aggregate")
        return
    floor = means.floor_of(rule.method, rule.options) if rule.method in means.RULES else None
    if floor is None:
        return
    key = f"{node.code}.aggregate"
    written = node.nonpositive or method.nonpositive
    rules = list(_child_rules(framework, node))
    low = framework.scale[0]
    reaches = low < 0 or (low == 0 and not floor[1])
    if reaches and written is None and any(NORMALISERS[item.method].unit for item in rules):
        cure = "set `scale: [1, 100]`, or write `nonpositive: refuse`, `zero` or `{floor: …}`"
        yield Problem(f"a {rule.method} mean over a scale that reaches {low:g}", cure, column=key)
    for item in rules:
        mean, sd = float(item.options.get("mean") or 0), float(item.options.get("sd") or 1)
        if item.method == "z-score" and not mean > 3 * sd:
            cure = "set its mean above 3 sd (e.g. mean 100, sd 10), or take another normalisation"
            yield Problem(f"a {rule.method} mean over z-scores that reach 0", cure, column=key)
            return


def _child_rules(framework: Framework, node: Node) -> Iterator[Rule]:
    for child in node.children:
        if isinstance(child, Leaf):
            rule = framework.indicators[child.indicator].normalise or framework.method.normalise
            if rule.method in NORMALISERS:
                yield rule
        elif child.rescale is not None:
            yield child.rescale
        else:
            yield from _child_rules(framework, child)

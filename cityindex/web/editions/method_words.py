"""How a framework is computed, in plain words, step by step, from its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry
from cityindex.scoring.framework import Rule
from cityindex.scoring.plan import Branch
from cityindex.web import words
from cityindex.web.editions.structure import Structure, structure
from cityindex.web.filters import number, percent, translated

TITLES = {
    "derive": lazy_gettext("Calculate what is not reported"),
    "denominate": lazy_gettext("Divide counts"),
    "fill": lazy_gettext("Fill gaps from earlier years"),
    "screen": lazy_gettext("Set aside places with too few figures"),
    "transform": lazy_gettext("Even out wide scales"),
    "treat": lazy_gettext("Deal with outliers"),
    "impute": lazy_gettext("Estimate what is missing"),
    "normalise": lazy_gettext("Turn values into scores"),
    "aggregate": lazy_gettext("Put scores together"),
    "rank": lazy_gettext("Rank, and sort into bands"),
}
MEANS = {
    "arithmetic": lazy_gettext("the weighted average (arithmetic mean)"),
    "geometric": lazy_gettext("the geometric mean, which rewards balance"),
    "harmonic": lazy_gettext("the harmonic mean, which weak parts pull down most"),
    "power": lazy_gettext("a generalised mean"),
    "product": lazy_gettext("the product"),
    "sum": lazy_gettext("the plain sum"),
    "minimum": lazy_gettext("the weakest part"),
    "median": lazy_gettext("the median of the parts"),
    "mazziotta-pareto": lazy_gettext("the mean with a penalty for imbalance"),
    "copeland": lazy_gettext("pairwise comparison of places"),
}


@dataclass(frozen=True)
class Step:
    """A step of the method. `lines` are sentences; `items` are what it applies to, each with its words."""

    code: str
    title: str
    lines: tuple[str, ...]
    items: tuple[tuple[str, str | Markup], ...] = ()


def steps(entry: FrameworkEntry) -> list[Step]:
    """The steps in the order of the framework."""
    return [_WRITERS[code](structure(entry)) for code in entry.framework.method.order]


def mean_of(rule: Rule) -> str:
    return str(MEANS.get(rule.method, rule.method))


def _leaves(tree: Structure) -> list[IndicatorEntry]:
    return [element.indicator for element in tree.indicators if element.indicator is not None]


def _step(code: str, *lines: str, items: tuple[tuple[str, str | Markup], ...] = ()) -> Step:
    return Step(code, str(TITLES[code]), tuple(line for line in lines if line), items)


def _derive(tree: Structure) -> Step:
    derived = [one for one in tree.entry.indicators.values() if one.indicator.formula]
    items = tuple((translated(one.name), words.formula(one)) for one in derived)
    if not items:
        return _step("derive", gettext("Nothing to do: every indicator is reported as it is."))
    return _step(
        "derive",
        gettext("%(n)s indicators are calculated from reported figures of the same place and period.", n=len(items)),
        items=items,
    )


def _denominate(tree: Structure) -> Step:
    counts = [one for one in _leaves(tree) if one.indicator.denominator]
    if not counts:
        return _step("denominate", gettext("Nothing to do: no indicator is a bare count."))
    items = tuple((translated(one.name), words.divided(one)) for one in counts)
    return _step(
        "denominate", gettext("Counts become rates, so that large and small places can be compared."), items=items
    )


def _by_indicator(tree: Structure, code: str, say: Callable[[Rule], Iterable[str]]) -> Step:
    """A step whose rule an indicator may have to itself: what holds for all, then the exceptions."""
    usual: Rule = getattr(tree.entry.framework.method, code)
    own = [(one, rule) for one in _leaves(tree) if (rule := getattr(one.indicator, code)) not in (None, usual)]
    items = tuple((translated(one.name), " ".join(say(rule))) for one, rule in own)
    return _step(code, *say(usual), gettext("Exceptions:") if items else "", items=items)


def _fill(tree: Structure) -> Step:
    step = _by_indicator(tree, "fill", _filled)
    heirs = tuple((translated(one.name), "") for one in _leaves(tree) if one.indicator.inherits_from)
    if not heirs:
        return step
    inherited = gettext(
        "Before that, for %(n)s indicators, the figure of the province may stand in. It is marked.", n=len(heirs)
    )
    return replace(step, lines=(*step.lines, inherited), items=(*step.items, *heirs))


def _filled(rule: Rule) -> Iterator[str]:
    age = rule.options.get("max_age")
    if rule.method == "none":
        yield gettext("No. A figure that is missing in the period stays missing.")
    elif rule.method == "latest" and age is not None:
        yield gettext(
            "A missing figure is replaced by the place's own latest figure, at most %(n)s years old. It is marked.",
            n=age,
        )
    else:
        yield gettext("A missing figure is replaced from the place's own figures of other years. It is marked.")


def _screen(tree: Structure) -> Step:
    options = tree.entry.framework.method.screen.options
    share = float(options.get("coverage") or 0)
    lines = [
        gettext(
            "A place needs at least %(share)s of the indicators that apply to it. Others are listed without a rank.",
            share=percent(share),
        )
        if share
        else gettext("No place is set aside for missing figures.")
    ]
    if options.get("dimension"):
        part = percent(float(options["dimension"]))
        lines.append(gettext("It also needs at least %(share)s of the indicators of every dimension.", share=part))
    if options.get("zeros") is not None:
        lines.append(
            gettext("A place with more than %(share)s zeros is set aside, too.", share=percent(options["zeros"]))
        )
    lines.append(gettext("Indicators without weight do not count here."))
    return _step("screen", *lines)


def _transform(tree: Structure) -> Step:
    turned = [one for one in _leaves(tree) if one.indicator.transform != "none"]
    if not turned:
        return _step("transform", gettext("Nothing to do: all values are scored on their own scale."))
    kinds: Mapping[str, str] = {
        "log": gettext("logarithm"),
        "log10": gettext("logarithm"),
        "sqrt": gettext("square root"),
    }
    items = tuple((translated(one.name), kinds[one.indicator.transform]) for one in turned)
    return _step(
        "transform",
        gettext("Where values differ by orders of magnitude, equal steps are ratios, not amounts."),
        items=items,
    )


def _treat(tree: Structure) -> Step:
    return _by_indicator(tree, "treat", lambda rule: _treated(rule, tree))


def _treated(rule: Rule, tree: Structure) -> Iterator[str]:
    if rule.method == "winsorise":
        yield from _winsorised(rule)
    elif rule.method == "clip":
        low, high = percent(rule.options["low"]), percent(rule.options["high"])
        yield gettext("Values beyond the percentiles %(low)s and %(high)s are set to them.", low=low, high=high)
    elif all(column.normalise.method == "goalposts" for column in tree.plan.columns):
        yield gettext("No treatment. Fixed goalposts already limit what one extreme value can do.")
    else:
        yield gettext("No treatment. Extreme values stay as they are.")


def _winsorised(rule: Rule) -> Iterator[str]:
    cap, otherwise = rule.options.get("cap", 0.01), rule.options.get("otherwise", "log")
    how = "Box-Cox" if otherwise == "box-cox" else gettext("logarithm")
    if cap in (0, {"count": 0}):
        if otherwise != "none":
            yield gettext("Where an indicator is very skewed, it is scored on a bent scale (%(how)s).", how=how)
        return
    share = percent(cap) if isinstance(cap, float | int) else gettext("%(n)s places", n=cap["count"])
    yield gettext(
        "Where an indicator is very skewed, its extreme values (at most %(share)s) are set to the next one.",
        share=share,
    )
    if otherwise != "none":
        yield gettext("Where that is not enough, it is scored on a bent scale instead (%(how)s).", how=how)


def _impute(tree: Structure) -> Step:
    return _by_indicator(tree, "impute", _imputed)


def _imputed(rule: Rule) -> Iterator[str]:
    said = {
        "none": gettext("No. What a place has not reported is not guessed."),
        "mean": gettext("What is missing is replaced by the mean of the other places. It is marked."),
        "median": gettext("What is missing is replaced by the median of the other places. It is marked."),
        "row-mean": gettext("What is missing is replaced by the mean of the place's other scores. It is marked."),
    }
    yield said[rule.method]
    by = rule.options.get("by") or ()
    groups = (by,) if isinstance(by, str) else tuple(by)
    if groups:
        yield gettext("Only places of the same group count: %(by)s.", by=groups[0])
    if groups[1:]:
        yield gettext("Where a group has no figure, the next wider one counts: %(by)s.", by=", ".join(groups[1:]))


def _normalise(tree: Structure) -> Step:
    low, high = tree.entry.framework.scale
    fixed = gettext(
        "Scores run from %(low)s to %(high)s, and higher is always better.", low=number(low), high=number(high)
    )
    over = (
        gettext("What a score means is fixed by the definition, so years can be compared.")
        if tree.comparable
        else gettext(
            "Scores depend on the other places of the same year: ranks can be followed over the years, scores cannot."
        )
    )
    return _step(
        "normalise", fixed, over, gettext("The table above says what earns which score, indicator by indicator.")
    )


def _aggregate(tree: Structure) -> Step:
    method = tree.entry.framework.method
    special = [branch for branch in tree.plan.branches if _differs(branch, tree)]
    items = tuple((translated(tree.by_code[branch.node.code].name), _exception(branch, tree)) for branch in special)
    return _step(
        "aggregate",
        gettext("Each part is %(mean)s of what is below it, and so is the index.", mean=mean_of(method.aggregate)),
        _missing(method.missing),
        _needs(method.coverage),
        _nonpositive(method.nonpositive),
        gettext("Exceptions:") if items else "",
        items=items,
    )


def _missing(rule: str) -> str:
    return {
        "renormalise": gettext("Where a part is missing, the others share its weight."),
        "propagate": gettext("Where a part is missing, the whole is missing."),
        "zero": gettext("Where a part is missing, it counts as zero."),
    }[rule]


def _nonpositive(rule: Rule | None) -> str:
    if rule is None or rule.method == "refuse":
        return ""
    if rule.method == "zero":
        return gettext("Where the mean cannot take a part because it is not above 0, the whole is 0.")
    least = rule.options.get("floor", rule.options.get("value"))
    return gettext("Parts below %(least)s count as %(least)s where the mean needs it.", least=f"{least:g}")


def _differs(branch: Branch, tree: Structure) -> bool:
    method, node = tree.entry.framework.method, branch.node
    usual = (branch.aggregate, branch.coverage, branch.missing) == (method.aggregate, method.coverage, method.missing)
    own = node.nonpositive, node.round, node.rescale
    return not usual or _computed(branch) or node.direction == "lower" or any(one is not None for one in own)


def _computed(branch: Branch) -> bool:
    """Whether the weights of its parts come from the data: what is shown before a run is equal weights."""
    return branch.node.weights is not None and branch.node.weights.method != "equal"


def _exception(branch: Branch, tree: Structure) -> str:
    """What holds for one part, if it is not what holds for all."""
    node, method = branch.node, tree.entry.framework.method
    said = [f"{mean_of(branch.aggregate)}. {_needs(branch.coverage)}"]
    if branch.missing != method.missing:
        said.append(_missing(branch.missing))
    said.append(_nonpositive(node.nonpositive))
    if node.round is not None:
        said.append(gettext("Its score is rounded to %(n)s decimals.", n=node.round))
    if node.rescale is not None:
        how = words.METHODS.get(node.rescale.method, node.rescale.method)
        said.append(gettext("Its score is then scored once more: %(how)s.", how=how))
    if node.direction == "lower":
        said.append(gettext("Here less is better."))
    if _computed(branch):
        said.append(gettext("Its weights are computed from the data of each run."))
    return " ".join(line for line in said if line)


def _needs(rule: Rule) -> str:
    share = percent(float(rule.options.get("share", 0)))
    if rule.method == "count":
        return gettext("A score needs at least %(share)s of the parts.", share=share)
    return gettext("A score needs parts with at least %(share)s of the weight.", share=share)


def _rank(tree: Structure) -> Step:
    framework = tree.entry.framework
    decimals = framework.method.rank.options.get("decimals")
    ties = gettext("Places with the same score share the better rank, and the ranks after it are left out.")
    exact = (
        gettext("Scores are compared in full precision, not as they are shown.")
        if decimals is None
        else gettext("Scores are compared after rounding to %(n)s decimals.", n=decimals)
    )
    return _step("rank", ties, exact, _bands(tree.entry), _peers(tree.entry))


def _bands(entry: FrameworkEntry) -> str:
    bands = entry.framework.bands
    if bands is None:
        return ""
    names = [translated(entry.band_names[name]) if name in entry.band_names else name for name in bands.names]
    if bands.cuts:
        parts = [
            gettext("%(name)s from %(cut)s", name=name, cut=number(cut))
            for name, cut in zip(names, bands.cuts, strict=False)
        ]
        return gettext("Bands: %(parts)s, and %(last)s below.", parts=", ".join(parts), last=names[-1])
    shares = [f"{name} {percent(share)}" for name, share in zip(names, bands.share or (), strict=True)]
    return gettext("Bands by share of the ranked places: %(parts)s.", parts=", ".join(shares))


def _peers(entry: FrameworkEntry) -> str:
    known = {
        "place_type": gettext("type"),
        "population_band": gettext("number of people"),
        "region": gettext("region"),
        "province": gettext("province"),
    }
    groups = [known.get(name, name) for name in entry.framework.peers]
    return (
        gettext("A place is also ranked among its peers, by: %(groups)s.", groups=", ".join(groups)) if groups else ""
    )


_WRITERS: Mapping[str, Callable[[Structure], Step]] = {
    "derive": _derive,
    "denominate": _denominate,
    "fill": _fill,
    "screen": _screen,
    "transform": _transform,
    "treat": _treat,
    "impute": _impute,
    "normalise": _normalise,
    "aggregate": _aggregate,
    "rank": _rank,
}

"""The method once more, straight from its formulas: plain Python over single cells, slow, and nothing of the engine's.

It reads the same frozen definitions and knows every step but formulas and computed weights. What both agree on over
random configurations was written twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, stdev
from typing import Any

from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.matrix import CellStatus, Panel

HAIR = 1e-9
Cell = float | None


@dataclass
class Found:
    """Of a node in a period: by place, its score, its coverage, the imputed share, and whether it applies."""

    score: dict[str, Cell]
    coverage: dict[str, Cell]
    imputed: dict[str, float]
    applies: dict[str, bool]
    gone: bool = False
    void: set[str] = field(default_factory=set)


class Oracle:
    """Scores of a panel by a framework: `results[period][node]` after `run`."""

    def __init__(self, framework: Framework, panel: Panel) -> None:
        self.framework, self.method, self.panel = framework, framework.method, panel
        self.places, self.periods = panel.places, panel.periods
        self.codes = [leaf.indicator for leaf in framework.leaves]
        self.x: dict[str, dict[int, dict[str, Cell]]] = {}
        self.outside: set[tuple[str, int, str]] = set()
        self.standing_in: set[tuple[str, int, str]] = set()
        self.screened: dict[int, set[str]] = {period: set() for period in self.periods}
        self.gone: set[tuple[str, int]] = set()
        self.results: dict[int, dict[str, Found]] = {period: {} for period in self.periods}
        self._read()

    def _read(self) -> None:
        for code in self.codes:
            column = self.panel.indicators.index(code)
            self.x[code] = {}
            for when, period in enumerate(self.periods):
                cells: dict[str, Cell] = {}
                for where, place in enumerate(self.places):
                    value = float(self.panel.values[when, where, column])
                    cells[place] = None if math.isnan(value) else value
                    if self.panel.status is not None:
                        status = self.panel.status[when, where, column]
                        if status == CellStatus.NOT_APPLICABLE:
                            cells[place] = None
                            self.outside.add((code, period, place))
                self.x[code][period] = cells

    def run(self) -> Oracle:
        steps: Mapping[str, Callable[[], None]] = {
            "derive": lambda: None,
            "denominate": self.denominate,
            "fill": self.fill,
            "screen": self.screen,
            "transform": self.transform,
            "treat": self.treat,
            "impute": self.impute,
            "normalise": self.normalise,
            "aggregate": lambda: self.aggregate(self.framework.tree),
            "rank": lambda: None,
        }
        for step in self.method.order:
            steps[step]()
        return self

    # The indicators.

    def indicator(self, code: str) -> Indicator:
        return self.framework.indicators[code]

    def rule(self, code: str, step: str) -> Rule:
        own: Rule | None = getattr(self.indicator(code), step)
        return own or getattr(self.method, step)

    def attribute(self, name: str, place: str) -> Any:
        return self.panel.attributes[name][self.places.index(place)]

    def years(self, over: Any, period: int) -> list[int]:
        """The periods that a period's parameters are taken from."""
        if isinstance(over, Mapping):
            return [over["base"]]
        return list(self.periods) if over == "pooled" else [period]

    def seen(self, code: str, rule: Rule, period: int) -> bool:
        """Whether anybody has a value in a period or in those that its parameters are taken from."""
        years = {period, *self.years(rule.options.get("over"), period)}
        return any(value is not None for year in years for value in self.x[code][year].values())

    def reference(self, code: str, over: Any, period: int) -> list[float]:
        """The values that a period's parameters are taken from."""
        return [
            value
            for year in self.years(over, period)
            for place in self.places
            if place not in self.screened[year] and (value := self.x[code][year][place]) is not None
        ]

    def each(self, code: str, change: Callable[[int, str, float], Cell]) -> None:
        self.x[code] = {
            period: {place: None if value is None else change(period, place, value) for place, value in cells.items()}
            for period, cells in self.x[code].items()
        }

    def denominate(self) -> None:
        for code in self.codes:
            item = self.indicator(code)
            if item.denominator is not None:

                def divided(_: int, place: str, value: float, item: Indicator = item) -> Cell:
                    by = self.attribute(str(item.denominator), place)
                    return None if by is None or by == 0 else value / (by / item.per)

                self.each(code, divided)

    def fill(self) -> None:
        for code in self.codes:
            rule = self.rule(code, "fill")
            if rule.method == "none" or len(self.periods) == 1:
                continue
            for place in self.places:
                given = {p: value for p in self.periods if (value := self.x[code][p][place]) is not None}
                for period in self.periods:
                    if period in given or (code, period, place) in self.outside:
                        continue
                    found = filled(rule.method, given, period, rule.options.get("max_age"))
                    if found is not None:
                        self.x[code][period][place] = found
                        self.standing_in.add((code, period, place))

    def counted(self) -> list[str]:
        def below(node: Node) -> list[str]:
            found = []
            for child in node.children:
                if self.weight(child, node) > 0:
                    found += [child.indicator] if isinstance(child, Leaf) else below(child)
            return found

        return below(self.framework.tree)

    def screen(self) -> None:
        options, counted = self.method.screen.options, self.counted()
        for period in self.periods:
            for place in self.places:
                applicable = [code for code in counted if (code, period, place) not in self.outside]
                have = [v for code in applicable if (v := self.x[code][period][place]) is not None]
                share = len(have) / len(applicable) if applicable else 1.0
                zeros = sum(value == 0 for value in have) / len(have) if have else 0.0
                short = share < options["coverage"] - HAIR or self.short_somewhere(period, place)
                if short or zeros > options.get("zeros", 1) + HAIR:
                    self.screened[period].add(place)

    def short_somewhere(self, period: int, place: str) -> bool:
        """Whether a node right below the index has less than the share of indicators that dimensions need."""
        least, counted = self.method.screen.options.get("dimension", 0), set(self.counted())
        for child in self.framework.tree.children:
            inside = (
                [leaf.code for leaf, _ in child.walk() if isinstance(leaf, Leaf)] if isinstance(child, Node) else []
            )
            asked = [code for code in inside if code in counted and (code, period, place) not in self.outside]
            have = sum(self.x[code][period][place] is not None for code in asked)
            if asked and have / len(asked) < least - HAIR:
                return True
        return False

    def transform(self) -> None:
        for code in self.codes:
            how = self.indicator(code).transform
            self.each(code, lambda _, __, value, how=how: transformed(value, how))  # type: ignore[misc]

    def treat(self) -> None:
        for code in self.codes:
            rule = self.rule(code, "treat")
            if rule.method == "none" or self.indicator(code).type in ("yes-no", "rubric"):
                continue
            over = rule.options.get("over", "period")
            change = {period: treatment(rule, self.reference(code, over, period)) for period in self.periods}
            self.each(code, lambda period, _, value, change=change: change[period](value))  # type: ignore[misc]

    def impute(self) -> None:
        for node in self.framework.nodes:
            stand_in: dict[tuple[str, int, str], float] = {}
            inside = [child.indicator for child in node.children if isinstance(child, Leaf)]
            for code in inside:
                rule = self.rule(code, "impute")
                for period in self.periods:
                    for place in self.places:
                        cell = code, period, place
                        if self.x[code][period][place] is None and cell not in self.outside:
                            found = self.imputed(rule, inside, cell)
                            if found is not None and place not in self.screened[period]:
                                stand_in[cell] = found
            for (code, period, place), value in stand_in.items():
                self.x[code][period][place] = value
                self.standing_in.add((code, period, place))

    def imputed(self, rule: Rule, inside: Sequence[str], cell: tuple[str, int, str]) -> Cell:
        code, period, place = cell
        if rule.method in ("mean", "median"):
            centre = {"mean": fmean, "median": median}[rule.method]
            there = {p: v for p in self.places if p not in self.screened[period]
                     if (v := self.x[code][period][p]) is not None}  # fmt: skip
            by = rule.options.get("by") or ()
            for name in (by,) if isinstance(by, str) else by:
                group = [v for p, v in there.items() if self.attribute(name, p) == self.attribute(name, place)]
                if group:
                    return centre(group)
            return centre(there.values()) if there else None
        return self.row_mean(inside, cell) if rule.method == "row-mean" else None

    def row_mean(self, inside: Sequence[str], cell: tuple[str, int, str]) -> Cell:
        """The mean of the place's other indicators, between 0 and 1; of its scores where they are normalised."""
        code, period, place = cell
        done = self.method.order.index("normalise") < self.method.order.index("impute")
        others = [
            (other, value)
            for other in inside
            if self.rule(other, "impute").method == "row-mean" and (value := self.x[other][period][place]) is not None
        ]
        if done:
            return fmean(v for _, v in others) if others and (code, period) not in self.gone else None
        shares = []
        for other, value in others:
            seen = self.reference(other, "period", period)
            if seen and not same(max(seen), min(seen)):
                share = (value - min(seen)) / (max(seen) - min(seen))
                shares.append(1 - share if self.indicator(other).direction == "lower" else share)
        seen = self.reference(code, "period", period)
        if not shares or not seen:
            return None
        mean = 1 - fmean(shares) if self.indicator(code).direction == "lower" else fmean(shares)
        return min(seen) + mean * (max(seen) - min(seen))

    def normalise(self) -> None:
        for code in self.codes:
            item, rule = self.indicator(code), self.rule(code, "normalise")
            made = {}
            for period in self.periods:
                there = self.seen(code, rule, period)
                made[period] = self.normaliser(rule, code, period, item.direction == "lower", item.transform)
                if made[period] is None and there:
                    self.gone.add((code, period))

            def changed(period: int, place: str, value: float, item: Indicator = item, made: Any = made) -> Cell:
                if made[period] is None:
                    return None
                found = made[period](value, place)
                return round_half_even(found, item.round)

            self.each(code, changed)

    def normaliser(self, rule: Rule, code: str, period: int, lower: bool, how: str) -> Any:
        """A function of value and place; None where there is nothing to compare with."""
        shown = how if "transform" in self.method.order else "none"
        raw = self.reference(code, rule.options.get("over", "period"), period)
        at = None
        if rule.method == "distance-to-reference":
            over = rule.options.get("over")
            year = over["base"] if isinstance(over, Mapping) else period
            at = self.x[code][year][rule.options["place"]]
        return normaliser(rule, raw, lower, Post(shown, self.framework.scale, at, self.attribute))

    # The tree.

    def weight(self, child: Node | Leaf, parent: Node) -> float:
        """0 for pilots, whatever is written; 1 for all others where the parent weighs all alike."""
        written = child.weight if parent.weights is None or child.weight == 0 else 1.0
        if isinstance(child, Leaf):
            return 0.0 if self.indicator(child.indicator).status == "pilot" else written
        return written if any(self.weight(below, child) > 0 for below in child.children) else 0.0

    def aggregate(self, node: Node) -> None:
        for child in node.children:
            if isinstance(child, Node):
                self.aggregate(child)
        weights = {child.code: self.weight(child, node) for child in node.children}
        for period in self.periods:
            for child in node.children:
                if isinstance(child, Leaf):
                    self.results[period][child.code] = self.leaf(child.code, period)
            self.results[period][node.code] = self.node(node, weights, period)
        if node.rescale is not None:
            self.rescale(node)

    def leaf(self, code: str, period: int) -> Found:
        applies = {place: (code, period, place) not in self.outside for place in self.places}
        score = dict(self.x[code][period])
        return Found(
            score,
            {place: float(score[place] is not None) if applies[place] else None for place in self.places},
            {p: float((code, period, p) in self.standing_in and score[p] is not None) for p in self.places},
            applies,
            (code, period) in self.gone,
        )

    def node(self, node: Node, weights: Mapping[str, float], period: int) -> Found:
        below = self.results[period]
        there = [code for code, weight in weights.items() if weight > 0 and not below[code].gone]
        nobody: dict[str, Cell] = dict.fromkeys(self.places)
        if not there:
            return Found(nobody, dict(nobody), dict.fromkeys(self.places, 0.0), dict.fromkeys(self.places, True), True)
        found = Found({}, {}, {}, {})
        rows = {}
        for place in self.places:
            applicable = [code for code in there if below[code].applies[place]]
            present = [code for code in there if below[code].score[place] is not None]
            coverage = node.coverage or self.method.coverage
            size = (lambda _: 1.0) if coverage.method == "count" else weights.__getitem__
            of = sum(map(size, applicable))
            found.applies[place] = bool(applicable)
            found.coverage[place] = sum(map(size, present)) / of if of else None
            missing = node.missing or self.method.missing
            held = {code: below[code].score[place] for code in present}
            if missing == "zero" and present:
                held |= {code: 0.0 for code in applicable if code not in present}
            rows[place] = {code: float(value) for code, value in held.items() if value is not None}
            enough = (found.coverage[place] or 0) >= coverage.options["share"] - HAIR
            whole = missing != "propagate" or len(present) == len(applicable)
            found.score[place] = 0.0 if present and enough and whole else None
            total = sum(weights[code] for code in present)
            found.imputed[place] = sum(weights[c] * below[c].imputed[place] for c in present) / (total or 1)
            if any(place in below[code].void for code in there):
                found.void.add(place)
        self.rule_of(node, weights, period, found, rows)
        return found

    def rule_of(self, node: Node, weights: Mapping[str, float], period: int, found: Found, rows: Any) -> None:
        rule = node.aggregate or self.method.aggregate
        policy = node.nonpositive or self.method.nonpositive or Rule("refuse")
        for place in self.places:
            held = rows[place]
            if place in self.screened[period] and (
                rule.method == "copeland" or (policy.method == "refuse" and any(map(cannot(rule), held.values())))
            ):
                found.void.add(place)
            if place in found.void:
                found.score[place] = None
            elif found.score[place] is not None and rule.method == "copeland":
                others = [rows[p] for p in self.places if p not in self.screened[period] and p not in found.void]
                found.score[place] = duels(held, others, weights)
            elif found.score[place] is not None:
                found.score[place] = round_half_even(mean_of(rule, policy, held, weights), node.round)

    def rescale(self, node: Node) -> None:
        rule = node.rescale
        assert rule is not None
        code = node.code
        self.x[code] = {period: dict(self.results[period][code].score) for period in self.periods}
        for period in self.periods:
            found = self.results[period][code]
            made = self.normaliser(rule, code, period, node.direction == "lower", "none")
            if made is None and self.seen(code, rule, period):
                found.gone = True
            found.score = {
                place: None if value is None or made is None else round_half_even(made(value, place), node.round)
                for place, value in found.score.items()
            }

    def ranks(self, node: Node | Leaf, period: int, scores: Mapping[str, Cell]) -> dict[str, int]:
        """1 for the best of those who are ranked, 0 for the others."""
        rule = self.method.rank
        sign = -1 if isinstance(node, Node) and node.direction == "lower" else 1
        ranked = {
            place: sign * round_half_even(value, rule.options.get("decimals"))
            for place, value in scores.items()
            if value is not None and place not in self.screened[period]
        }
        ahead = {
            place: sum(other > own or (rule.method == "max" and other == own) for other in ranked.values())
            for place, own in ranked.items()
        }
        return {place: 0 if place not in ranked else ahead[place] + (rule.method == "min") for place in self.places}


def same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-12)


def round_half_even(value: float, digits: int | None) -> float:
    if digits is None:
        return value
    return round(value * 10**digits) / 10**digits  # as published tables are made: on the scaled double


def filled(method: str, given: Mapping[int, float], period: int, age: float | None) -> Cell:
    before = max((p for p in given if p < period), default=None)
    after = min((p for p in given if p > period), default=None)
    limit = math.inf if age is None else age
    if method in ("linear", "linear-constant") and before is not None and after is not None:
        line = given[before] + (given[after] - given[before]) * (period - before) / (after - before)
        return line if min(period - before, after - period) <= limit else None
    if method in ("latest", "constant") and before is not None and period - before <= limit:
        return given[before]
    if method == "constant" and after is not None and after - period <= limit:
        return given[after]
    if method == "linear-constant" and (before is None or after is None):
        near = before if after is None else after
        return given[near] if near is not None and abs(near - period) <= limit else None
    return None


def transformed(value: float, how: str) -> float:
    return {"none": lambda x: x, "log": math.log, "log10": math.log10, "sqrt": math.sqrt}[how](value)


def skewness(x: Sequence[float]) -> float:
    n, mean = len(x), fmean(x)
    c2, c3 = sum((v - mean) ** 2 for v in x), sum((v - mean) ** 3 for v in x)
    return math.sqrt(n) * c3 / c2**1.5 * math.sqrt(n * (n - 1)) / (n - 2)


def kurtosis(x: Sequence[float]) -> float:
    n, mean = len(x), fmean(x)
    c2, c4 = sum((v - mean) ** 2 for v in x), sum((v - mean) ** 4 for v in x)
    return ((n + 1) * (n * c4 / c2**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))


def treatment(rule: Rule, x: Sequence[float]) -> Callable[[float], float]:  # noqa: C901  (the method in one piece)
    """What is done to a value, from the reference values."""
    options, n = rule.options, len(x)
    if n < 20 or len(set(x)) < 5:
        return lambda value: value
    if rule.method == "clip":
        low, high = (quantile(x, options[name]) for name in ("low", "high"))
        return (lambda value: min(max(value, low), high)) if low < high else (lambda value: value)

    def passes(y: Sequence[float]) -> bool:
        return abs(skewness(y)) < options.get("skew", 2) or kurtosis(y) < options.get("kurtosis", 3.5)

    if passes(x):
        return lambda value: value
    cap = options.get("cap", 0.01)
    cap = cap["count"] if isinstance(cap, Mapping) else math.floor(cap * n + HAIR)
    otherwise = options.get("otherwise", "log")
    if cap > 0:
        y = list(x)
        while not passes(y) and sum(a != b for a, b in zip(x, y, strict=True)) < cap:
            end, towards = (max(y), max) if skewness(y) >= 0 else (min(y), min)
            following = towards(v for v in y if v != end)
            y = [following if v == end else v for v in y]
        if passes(y) or otherwise == "none":
            return lambda value: min(max(value, min(y)), max(y))
    elif otherwise == "none":
        return lambda value: value
    return logarithm(otherwise, min(x), max(x), skewness(x), options.get("lambda", 0.5))


def logarithm(how: str, low: float, high: float, skew: float, power: float) -> Callable[[float], float]:
    margin = 0.01 * (high - low)
    if how == "log" or (how == "log-directed" and skew >= 0):
        return lambda value: math.log(max(value, low) - low + margin)
    if how == "log-directed":
        return lambda value: -math.log(high + margin - min(value, high))
    if how == "log-plus-one" or power == 0:
        return lambda value: math.log(max(value, low) - low + 1)
    return lambda value: ((max(value, low) - low + 1) ** power - 1) / power


def quantile(x: Sequence[float], share: float) -> float:
    ordered, at = sorted(x), share * (len(x) - 1)
    low = math.floor(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(x) - 1)] - ordered[low])


@dataclass(frozen=True)
class Post:
    """What a normalisation must know besides values: transform and scale, the reference place's value, attributes."""

    transform: str
    scale: tuple[float, float]
    at: Cell
    attribute: Callable[[str, str], Any]


VARY = ("goalposts", "distance-to-target", "ladder", "none")


def normaliser(rule: Rule, raw: Sequence[float], lower: bool, post: Post) -> Any:  # noqa: C901
    """Section 4.6, formula by formula. `d` is the direction; ranks are among the reference values."""
    options, method, d = rule.options, rule.method, -1 if lower else 1
    x = [d * value for value in raw]
    if method not in VARY and (not x or same(max(x), min(x))):
        return None
    if not x and (method == "distance-to-target" or options.get("on") == "percentile"):
        return lambda value, place: None
    n = len(x)

    def position(value: float, ties: str, among: Sequence[float]) -> float:
        first, last = sum(v < value for v in among) + 1, sum(v <= value for v in among)
        return {"min": first, "max": last, "average": (first + last) / 2}[ties]

    def share(value: float, among: Sequence[float]) -> float:
        r = position(value, options.get("ties", "min"), among)
        found = {"r-1/n-1": lambda: (r - 1) / (n - 1), "r/n": lambda: r / n, "r-0.5/n": lambda: (r - 0.5) / n}
        return min(max(found[options.get("variant", "r-1/n-1")](), 0.0), 1.0)

    def percentile(value: float, _: str) -> float:
        if options.get("reverse_after_rank") and lower:
            return 1 - share(value, raw)
        return share(d * value, x)

    def goalposts(value: float, place: str) -> float:
        groups = options.get("goalposts")
        pair = options if groups is None else groups[post.attribute(groups["by"], place)]
        low, high = (transformed(pair[name], post.transform) for name in ("low", "high"))
        found = (high - value) / (high - low) if lower else (value - low) / (high - low)
        clip = options.get("clip", "both")
        found = max(found, 0.0) if clip in ("both", "lower") else found
        return min(found, 1.0) if clip in ("both", "upper") else found

    def target(value: float, _: str) -> float:
        aim = d * transformed(options["target"], post.transform)
        found = (d * value - min(x)) / (aim - min(x))
        return min(found, 1.0) if options.get("cap") else found

    def to_reference(value: float, _: str) -> float:
        found = 1 - (d * post.at - d * value) / (d * post.at - min(x))  # type: ignore[operator]
        return min(found, 1.0) if options.get("cap") else found

    def ratio(value: float, _: str) -> float:
        to = {"best": max(x), "worst": min(x), "mean": fmean(x)}[options.get("to", "best")] * d
        return to / value if lower else value / to

    def above(value: float, _: str) -> float:
        found, band = value / fmean(raw), options.get("band", 0)
        return d * ((found > 1 + band) - (found < 1 - band))

    def ladder(value: float, _: str) -> float:
        posts, reached = options["thresholds"], options.get("boundary") == "upper"
        if options["on"] == "percentile":
            own, others = 100 * position(d * value, "min", x) / n, list(posts)
        else:
            own, others = d * value, [d * transformed(threshold, post.transform) for threshold in posts]
        passed = sum(own >= other if reached else own > other for other in others)
        return float(sorted(options.get("levels") or range(len(posts) + 1))[passed])

    def exponential(value: float, _: str) -> float:
        f, r = options.get("factor", 23), min(position(d * value, "max", x) / n, 1.0)
        return -f * math.log(1 - r * (1 - math.exp(-100 / f)))

    units: Mapping[str, Callable[[float, str], float]] = {
        "min-max": lambda value, _: (d * value - min(x)) / (max(x) - min(x)),
        "distance-to-best": lambda value, _: 1 - (max(x) - d * value) / (max(x) - min(x)),
        "goalposts": goalposts,
        "percentile-rank": percentile,
        "distance-to-target": target,
        "distance-to-reference": to_reference,
    }
    others: Mapping[str, Callable[[float, str], float]] = {
        "z-score": lambda v, _: options.get("mean", 0) + options.get("sd", 1) * (d * v - fmean(x)) / stdev(x),
        "rank": lambda value, _: position(d * value, options.get("ties", "min"), x),
        "borda": lambda value, _: position(d * value, options.get("ties", "min"), x) - 1,
        "exponential-rank": exponential,
        "ratio": ratio,
        "above-mean": above,
        "ladder": ladder,
        "none": lambda value, _: d * value,
    }
    if method in others:
        return others[method]
    low, high = post.scale
    return lambda value, place: low + (high - low) * units[method](value, place)


def cannot(rule: Rule) -> Callable[[float], bool]:
    """What a mean has no answer for."""
    p = rule.options.get("p", 1)
    if rule.method in ("geometric", "harmonic") or (rule.method == "power" and p <= 0):
        return lambda value: value <= 0
    if rule.method == "mazziotta-pareto" or (rule.method == "power" and p != 1):
        return lambda value: value < 0
    return lambda value: False


def mean_of(rule: Rule, policy: Rule, held: Mapping[str, float], weights: Mapping[str, float]) -> float:
    if policy.method == "zero" and any(map(cannot(rule), held.values())):
        return 0.0
    x, w = list(held.values()), [weights[code] for code in held]
    restricted = any(map(cannot(rule), (-1.0,)))
    if policy.method == "floor" and restricted:
        x = [max(value, policy.options["floor"]) for value in x]
    if rule.method in PLAIN:
        return float(PLAIN[rule.method](x))
    if rule.method == "mazziotta-pareto":
        mean = weighted(w, x)
        return mean + rule.options.get("sign", -1) * weighted(w, [(v - mean) ** 2 for v in x]) / mean if mean else 0.0
    p = {"arithmetic": 1, "geometric": 0, "harmonic": -1}.get(rule.method, rule.options.get("p"))
    found = weighted(w, [math.log(v) if p == 0 else v**p for v in x])
    return min(max(math.exp(found) if p == 0 else found ** (1 / p), min(x)), max(x))


PLAIN: Mapping[str, Callable[[Sequence[float]], float]] = {
    "sum": sum, "product": math.prod, "minimum": min, "median": median,
}  # fmt: skip


def weighted(w: Sequence[float], x: Sequence[float]) -> float:
    return sum(a * v for a, v in zip(w, x, strict=True)) / sum(w)


def duels(own: Mapping[str, float], others: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> float:
    """Over the others, the sign of e - 1/2, e the share of the weight where `own` is better, ties counting half."""
    total = 0
    for other in others:
        lead = sum(weights[c] * ((own[c] > other[c]) - (own[c] < other[c])) for c in own if c in other)
        total += (lead > 1e-12) - (lead < -1e-12)
    return float(total)

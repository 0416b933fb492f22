"""Data as they look under different rules: each distinct treated and normalised variant is made once and shared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.choices import Choice, UncertaintyPlan, framework_of
from cityindex.scoring.design import Design
from cityindex.scoring.fits import Fits
from cityindex.scoring.framework import Framework
from cityindex.scoring.matrix import Bools, CellStatus, Floats, Panel
from cityindex.scoring.pipeline import begin, finish, halves, weights_of
from cityindex.scoring.plan import Plan, make_plan
from cityindex.scoring.results import Parameters
from cityindex.scoring.screen import TOLERANCE, dimensions
from cityindex.scoring.work import Work

Counts = NDArray[np.intp]

VALUES = {"derive", "denominate", "fill"}
NODES = 3
"""How many times all columns a variant keeps what was worked out for nodes."""
CACHE = 256 * 1024 * 1024
"""Bytes of variants that a process keeps."""


@dataclass(eq=False)
class Variant:
    """Normalised scores of one period by the columns of the whole framework: (columns, places).

    `gone` columns do not vary; `screened` places are not ranked, and have no scores here, for no rule need take them.
    `kept` holds what aggregation has worked out for nodes of indicators.
    """

    work: Work
    x: Floats
    applicable: Bools | None
    gone: Bools
    screened: Bools
    kept: dict[tuple[tuple[int, ...], str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.screened.any():
            self.x[:, self.screened] = np.nan

    def keep(self, key: tuple[tuple[int, ...], str], value: Any) -> None:
        """Keep what was worked out for some columns, and let go what was not used for longest."""
        self.kept[key] = value
        while sum(len(columns) for columns, _ in self.kept) > NODES * len(self.x):
            del self.kept[next(iter(self.kept))]


class Variants:
    """Makes variants for choices. `period` is the one whose ranks are wanted.

    With frozen `parameters` nothing is fitted: then choices vary none of the steps that have parameters.
    """

    def __init__(
        self, framework: Framework, panel: Panel, design: Design, period: int, parameters: Parameters | None = None
    ) -> None:
        self.framework, self.panel, self.design, self.period = framework, panel, design, period
        self.parameters = parameters
        self.begun = begin(framework, panel, parameters)
        self.found: OrderedDict[Hashable, Variant] = OrderedDict()
        self.plans: dict[Hashable, Plan] = {}
        self.screens = Screens(self.begun)
        self.limit = max(4, CACHE // max((NODES + 1) * self.begun.x[0].nbytes, 1))

    @property
    def plan(self) -> UncertaintyPlan:
        return self.design.plan

    def get(self, choice: Choice, zeros: frozenset[str]) -> Variant:
        """The variant of a choice; `zeros` are the indicators that have no weight under it."""
        rules = (choice.normalise, choice.treat, choice.impute)
        key = rules if not zeros or self._same_without(choice, zeros) else (*rules, zeros)
        if choice.errors is None:
            return self._cached(key, lambda: self._made(choice, key != rules))
        return self._with_errors(choice, key != rules)

    def _cached(self, key: Hashable, make: Callable[[], Variant]) -> Variant:
        if key not in self.found:
            self.found[key] = make()
            while len(self.found) > self.limit:
                self.found.popitem(last=False)
        self.found.move_to_end(key)
        return self.found[key]

    def _framework(self, choice: Choice, own: bool) -> Framework:
        """The framework to prepare with: with the weights and without what is left out where that matters (`own`)."""
        rules = Choice(normalise=choice.normalise, treat=choice.treat, impute=choice.impute)
        return framework_of(self.framework, self.plan, replace(choice, aggregate={}) if own else rules)

    def _made(self, choice: Choice, own: bool) -> Variant:
        framework = self._framework(choice, own)
        work = self.started(framework)
        finish(work, (self.period,))
        return self._variant(work)

    def started(self, framework: Framework) -> Work:
        """Values ready to be finished under a framework of the same values."""
        plan = make_plan(framework)
        order, shown = halves(framework)
        if set(order[:shown]) - VALUES:
            frozen = self.parameters and replace(self.parameters, weights=weights_of(plan))
            return begin(framework, self.panel, frozen)
        return narrowed(self.begun, plan)

    def _variant(self, work: Work) -> Variant:
        """The period of a work, laid out by the columns of the whole framework."""
        when, layout = work.periods.index(self.period), self.begun.plan
        column = {item.code: at for at, item in enumerate(layout.columns)}
        where = [column[item.code] for item in work.plan.columns]
        x = np.full((len(layout.columns), len(work.places)), np.nan)
        x[where] = work.x[when]
        applicable = np.ones(x.shape, dtype=np.bool_)
        applicable[where] = work.status[when] != CellStatus.NOT_APPLICABLE
        gone = np.zeros(len(x), dtype=np.bool_)
        gone[where] = work.constant[when]
        return Variant(work, x, None if applicable.all() else applicable, gone, work.screened[when])

    def _same_without(self, choice: Choice, zeros: frozenset[str]) -> bool:
        """Whether indicators without weight make no difference to the values of the others."""
        plan = self._plan(choice)
        if any(item.impute.method == "row-mean" for item in plan.columns):
            return False
        return "screen" not in plan.framework.method.order or (
            _screens_first(plan.framework) and self.screens.alike(zeros)
        )

    def _plan(self, choice: Choice) -> Plan:
        """The layout under the rules of a choice."""
        key = choice.normalise, choice.treat, choice.impute
        if key not in self.plans:
            self.plans[key] = make_plan(self._framework(choice, own=False))
        return self.plans[key]

    def _with_errors(self, choice: Choice, own: bool) -> Variant:
        """A variant with measurement errors: only the columns that have them are made anew, where columns are apart."""
        plan = self._plan(choice)
        apart = "screen" not in plan.framework.method.order or _screens_first(plan.framework)
        if not own and apart and not any(item.impute.method == "row-mean" for item in plan.columns):
            return self._patched(self.get(replace(choice, errors=None), frozenset()), choice, plan)
        work = self.started(self._framework(choice, own))
        self._disturb(work, choice)
        finish(work, (self.period,))
        return self._variant(work)

    def _disturb(self, work: Work, choice: Choice) -> None:
        """Measurement errors on values, kept within the bounds of their indicators."""
        noise = self.plan.noise
        errors = self.design.errors(choice.errors or 0, (len(noise), len(work.periods), len(work.places)))
        work.x = work.x.copy()
        column = {item.code: at for at, item in enumerate(work.plan.columns)}
        for (code, share), error in zip(sorted(noise.items()), errors, strict=True):
            if code in column:
                values = work.x[:, column[code]] * (1.0 + share * error)
                low, high = work.plan.columns[column[code]].indicator.bounds or (None, None)
                bounded = low is not None or high is not None
                work.x[:, column[code]] = np.clip(values, low, high) if bounded else values

    def _patched(self, usual: Variant, choice: Choice, plan: Plan) -> Variant:
        noisy = tuple(item for item in plan.columns if item.code in self.plan.noise)
        method = plan.framework.method
        order = tuple(step for step in method.order if step != "screen")
        framework = replace(plan.framework, method=replace(method, order=order))
        work = narrowed(self.begun, replace(plan, framework=framework, columns=noisy))
        self._disturb(work, choice)
        work.keep(usual.work.periods)
        work.screened = usual.work.screened.copy()
        finish(work, (self.period,))
        return self._replaced(usual, work)

    def _replaced(self, usual: Variant, work: Work) -> Variant:
        """A variant with the columns of a narrower work in the place of its own."""
        column = {item.code: at for at, item in enumerate(self.begun.plan.columns)}
        where = [column[item.code] for item in work.plan.columns]
        when = work.periods.index(self.period)
        x, gone = usual.x.copy(), usual.gone.copy()
        x[where], gone[where] = work.x[when], work.constant[when]
        whole = replace(usual.work, x=usual.work.x.copy(), constant=usual.work.constant.copy())
        for at, period in enumerate(work.periods):
            whole.x[whole.periods.index(period)][where] = work.x[at]
            whole.constant[whole.periods.index(period)][where] = work.constant[at]
        kept = {key: value for key, value in usual.kept.items() if set(where).isdisjoint(key[0])}
        return Variant(whole, x, usual.applicable, gone, usual.screened, kept)


def narrowed(begun: Work, plan: Plan) -> Work:
    """The work that was begun, with the columns of a plan and nothing done to it since."""
    column = {item.code: at for at, item in enumerate(begun.plan.columns)}
    where = [column[item.code] for item in plan.columns]
    whole = where == list(range(begun.x.shape[1]))
    x, status = (begun.x, begun.status) if whole else (begun.x[:, where], begun.status[:, where])
    return replace(
        begun,
        plan=plan,
        x=x,
        values=x,
        status=status,
        screened=begun.screened.copy(),
        constant=np.zeros((len(begun.periods), len(where)), dtype=np.bool_),
        fits=Fits(begun.fits.frozen),
        weights={branch.node.code: branch.weights for branch in plan.branches},
        treated=[],
        lookups={},
        warnings=[],
    )


def _screens_first(framework: Framework) -> bool:
    """Whether places are screened by their values as they are."""
    order, shown = halves(framework)
    return order.index("screen") == shown


class Screens:
    """Who is screened out where some indicators have no weight, by counts: one indicator less is one to subtract."""

    def __init__(self, begun: Work) -> None:
        self.begun = begun
        self.options = begun.plan.framework.method.screen.options
        self.column = {item.code: at for at, item in enumerate(begun.plan.columns)}
        self.known: dict[frozenset[str], Bools] = {}

    def alike(self, zeros: frozenset[str]) -> bool:
        """Whether the same places are screened out as in the framework as it is."""
        for codes in (frozenset[str](), zeros):
            if codes not in self.known:
                self.known[codes] = self._mask(codes)
        return bool(np.array_equal(self.known[frozenset()], self.known[zeros]))

    def _mask(self, zeros: frozenset[str]) -> Bools:
        """The places (periods, places) that are screened out."""
        have, of = (self._less(count, zeros) for count in self._counts)
        mask = _short(have, of, float(self.options.get("coverage") or 0))
        if self.options.get("dimension"):
            for columns in dimensions(self.begun.plan):
                mask |= _short(*self._within(columns, zeros), float(self.options["dimension"]))
        if self.options.get("zeros") is not None:
            none = self._less(self._zeros, zeros)
            mask |= none / np.maximum(have, 1) > float(self.options["zeros"]) + TOLERANCE
        return np.asarray(mask)

    def _within(self, columns: Sequence[int], zeros: frozenset[str]) -> tuple[Counts, Counts]:
        """How many cells of some columns have a value, and how many apply, but for those without weight."""
        kept = [at for at in columns if self.begun.plan.columns[at].code not in zeros]
        have, of = (cells[:, kept].sum(axis=1) for cells in self._counts)
        return have, of

    def _less(self, cells: Bools, zeros: frozenset[str]) -> NDArray[np.intp]:
        """How many cells (periods, places) there are in the columns that count, but for some."""
        whole = self._sums.setdefault(id(cells), cells[:, self.begun.plan.counted].sum(axis=1))
        return np.asarray(whole - cells[:, [self.column[code] for code in zeros]].sum(axis=1))

    @cached_property
    def _sums(self) -> dict[int, NDArray[np.intp]]:
        return {}

    @cached_property
    def _counts(self) -> tuple[Bools, Bools]:
        """Which cells (periods, columns, places) have a value, and which apply."""
        applicable = self.begun.status != CellStatus.NOT_APPLICABLE
        return ~np.isnan(self.begun.x) & applicable, applicable

    @cached_property
    def _zeros(self) -> Bools:
        return np.asarray(self.begun.x == 0)


def _short(have: Counts, of: Counts, least: float) -> Bools:
    """Where less than a share of what applies is there."""
    return np.asarray(np.where(of > 0, have / np.maximum(of, 1), 1.0) < least - TOLERANCE)

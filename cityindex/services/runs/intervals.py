"""How sure the ranks of a run are, and what they depend on: computed with the run, and kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cityindex.definitions.plans import declared
from cityindex.errors import Invalid
from cityindex.queries.runs.dependence import Dependence
from cityindex.scoring.choices import RULED, UncertaintyPlan
from cityindex.scoring.multivariate import leave_one_out
from cityindex.scoring.plan_check import without_fits
from cityindex.scoring.sobol import DIMENSIONS
from cityindex.scoring.uncertainty import PERCENTILES, UncertaintyResult, uncertainty

if TYPE_CHECKING:
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.matrix import Panel
    from cityindex.scoring.results import Parameters, PeerRanks

Arrays = dict[str, NDArray[Any]]
Interval = tuple[int | None, int | None]
NO_INTERVAL: Interval = (None, None)
PERCENTILE_RANKS, BAND_SHARE = "rank_percentiles", "band_share"
"""Arrays of a run: ranks (places, `PERCENTILES`), 0 for none, and shares of the replications (places, bands)."""
LOW, HIGH = PERCENTILES.index(5), PERCENTILES.index(95)
BASE = 256
"""The base sample of Sobol' indices where a plan asks for none: for all local governments it takes two seconds."""
FROZEN = "no intervals of ranks: parameters of an earlier edition are in force, and the plan varies nothing else"
LIMITED = "intervals of ranks vary no {steps}: parameters of an earlier edition are in force"


@dataclass(frozen=True, slots=True)
class Asked:
    """What intervals are made of: a framework, its data, a period, and the parameters that are frozen, if any are."""

    framework: Framework
    panel: Panel
    period: int
    frozen: Parameters | None

    @property
    def plan(self) -> UncertaintyPlan | None:
        """The plan that the framework declares, as far as the parameters let it vary; None where nothing is left."""
        said = declared(self.framework)
        if said is None:
            return None
        return said.plan if self.frozen is None else without_fits(self.framework, said.plan)

    @property
    def fixed(self) -> tuple[str, ...]:
        """The steps that the plan would vary if they were not frozen."""
        said = declared(self.framework)
        if said is None or self.frozen is None:
            return ()
        return tuple(step for step in RULED if getattr(said.plan, step))

    def warnings(self) -> list[str]:
        """What to know about the intervals: that there are none, or what they leave out."""
        if declared(self.framework) is None or self.frozen is None:
            return []
        if self.plan is None:
            return [FROZEN]
        return [LIMITED.format(steps=" and no ".join(self.fixed))] if self.fixed else []


def intervals(asked: Asked) -> UncertaintyResult | None:
    """The ranks of a period under the plan that a framework declares; None where there is nothing to vary.

    Raises `DefinitionError` for a plan that does not fit the framework.
    """
    said, plan = declared(asked.framework), asked.plan
    if said is None or plan is None:
        return None
    return _computed(asked, plan, said.replications, said.seed)


def dependence(asked: Asked, found: UncertaintyResult | None) -> Dependence:
    """How far ranks move without each indicator, and which choice of the plan moves them most.

    Sobol' indices are those of the intervals (`found`) where the plan asks for them.
    """
    try:
        left_out = leave_one_out(asked.framework, asked.panel, asked.period, asked.frozen)
    except Invalid as error:  # a framework may need every indicator that it has
        return Dependence((), problem=str(error))
    if found is None or not 1 < len(found.design.factors) <= DIMENSIONS // 2:
        return Dependence(left_out)
    if found.sensitivity:
        return Dependence(left_out, found.sensitivity, found.replications)
    try:
        extra = _computed(asked, replace(found.design.plan, sobol=True), BASE, found.seed)
    except Invalid as error:
        return Dependence(left_out, problem=str(error))
    return Dependence(left_out, extra.sensitivity, BASE)


def _computed(asked: Asked, plan: UncertaintyPlan, replications: int, seed: int) -> UncertaintyResult:
    return uncertainty(
        asked.framework, asked.panel, plan, replications, seed, period=asked.period, parameters=asked.frozen
    )


def interval_arrays(found: UncertaintyResult | None) -> Arrays:
    """What is kept of every place; nothing where there is no plan."""
    if found is None:
        return {}
    return {
        PERCENTILE_RANKS: np.ascontiguousarray(found.percentiles.T.astype(np.int32)),
        BAND_SHARE: np.ascontiguousarray(found.band_share.T),
    }


def interval_columns(found: UncertaintyResult | None, places: int) -> tuple[list[int | None], list[int | None]]:
    """The ends of each place's interval, in which 90 % of its ranks lie; None where it has no rank of its own."""
    if found is None:
        return [None] * places, [None] * places
    low, high = (
        [
            rank if nominal and rank else None
            for nominal, rank in zip(found.nominal.tolist(), ranks.tolist(), strict=True)
        ]
        for ranks in (found.percentiles[LOW], found.percentiles[HIGH])
    )
    return low, high


def peer_intervals(found: UncertaintyResult | None, groups: Mapping[str, PeerRanks]) -> dict[str, list[Interval]]:
    """The ends of the interval of each place's rank among its peers, by what they share; None where it has none."""
    if found is None or found.ranks is None:
        return {}
    return {peers: _ends(found.within(one.groups), one.rank[0].tolist()) for peers, one in groups.items()}


def _ends(percentiles: NDArray[Any], nominal: list[int]) -> list[Interval]:
    """The interval of each place that has a rank of its own."""
    ends = percentiles[[LOW, HIGH]].T.tolist()
    return [(low or None, high or None) if own else NO_INTERVAL for own, (low, high) in zip(nominal, ends, strict=True)]


def interval_summary(asked: Asked, found: UncertaintyResult | None) -> dict[str, Any] | None:
    """The plan, how often and from which seed it was drawn, and the mean absolute shift of ranks (R_S).

    `fixed` are the steps of the plan that were not varied because their parameters are frozen; `repetitions` is how
    many rankings the intervals are made of.
    """
    if found is None:
        return None
    return {
        "plan": asked.framework.uncertainty["plan"],
        "fixed": asked.fixed,
        "replications": found.replications,
        "repetitions": found.counted,
        "seed": found.seed,
        "mean_rank_shift": found.mean_shift,
    }

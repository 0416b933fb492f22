"""How sure the ranks of a run are: computed where its framework declares a plan, and kept with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cityindex.definitions.plans import declared
from cityindex.scoring.uncertainty import PERCENTILES, UncertaintyResult, uncertainty

if TYPE_CHECKING:
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.matrix import Panel

Arrays = dict[str, NDArray[Any]]
PERCENTILE_RANKS, BAND_SHARE = "rank_percentiles", "band_share"
"""Arrays of a run: ranks (places, `PERCENTILES`), 0 for none, and shares of the replications (places, bands)."""
LOW, HIGH = PERCENTILES.index(5), PERCENTILES.index(95)
FROZEN = "no intervals of ranks: parameters of an earlier edition are in force, which a plan of uncertainty cannot vary"


def intervals(framework: Framework, panel: Panel, period: int) -> UncertaintyResult | None:
    """The ranks of a period under the plan that a framework declares; None where it declares none.

    Raises `DefinitionError` for a plan that does not fit the framework.
    """
    asked = declared(framework)
    if asked is None:
        return None
    return uncertainty(framework, panel, asked.plan, asked.replications, asked.seed, period=period)


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


def interval_summary(framework: Framework, found: UncertaintyResult | None) -> dict[str, Any] | None:
    """The plan, how often and from which seed it was drawn, and the mean absolute shift of ranks (R_S)."""
    if found is None:
        return None
    return {
        "plan": framework.uncertainty["plan"],
        "replications": found.replications,
        "seed": found.seed,
        "mean_rank_shift": found.mean_shift,
    }

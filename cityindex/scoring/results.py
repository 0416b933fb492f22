"""What comes out of the engine: scores, ranks, coverage and flags of every node, and the parameters to repeat them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid
from cityindex.scoring.fits import plain
from cityindex.scoring.matrix import Bytes, Floats, Ints
from cityindex.scoring.statistics import Statistic, describe

FORMAT = 1


class Flag(IntEnum):
    """Why a score is missing, or what to know about it."""

    NONE = 0
    MISSING = 1
    LOW_COVERAGE = 2
    NO_VARIATION = 3
    NOT_APPLICABLE = 4
    INHERITED = 5
    FILLED = 6
    IMPUTED = 7
    PILOT = 8


FLAG_NAMES = (
    "",
    "missing",
    "low-coverage",
    "no-variation",
    "not-applicable",
    "inherited",
    "filled",
    "imputed",
    "pilot",
)
"""`FLAG_NAMES[flag]` is what files and pages write."""


@dataclass(frozen=True)
class Parameters:
    """Every number that a run took from its data or its definitions, as plain JSON.

    `fits[step][indicator][key]` holds the fitted numbers of a step, `key` being a period, `pooled`, `base` or `all`;
    `weights[node][child]` the nominal weights. Given back to `score`, nothing is fitted again.
    """

    framework: str
    version: str
    fits: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]
    weights: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, Any]:
        """A JSON-able object; doubles survive `json.dumps` and `json.loads` to the bit."""
        return {
            "format": FORMAT,
            "framework": self.framework,
            "version": self.version,
            "weights": plain(self.weights),
            "fits": plain(self.fits),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Parameters:
        """Read what `to_json` wrote; `Invalid` where it is something else."""
        if not isinstance(data, Mapping) or data.get("format") != FORMAT:
            raise Invalid("these are not parameters of a run (give the parameters.json that `cityindex score` wrote)")
        return cls(data["framework"], data["version"], data["fits"], data["weights"])


@dataclass(frozen=True, slots=True)
class Treatment:
    """One line of the table of outlier treatment. `period` is None where the reference was pooled."""

    indicator: str
    period: int | None
    method: str
    points: int
    low: float | None
    high: float | None
    skew_before: float
    skew_after: float
    kurtosis_before: float
    kurtosis_after: float


@dataclass(frozen=True, eq=False)
class PeerRanks:
    """Ranks of the index inside groups. `groups` is the group of each place (None: no group, no rank)."""

    groups: tuple[str | None, ...]
    rank: Ints
    size: Ints


@dataclass(frozen=True, eq=False)
class ScoreSet:
    """The results of a run. Arrays are (periods, places, nodes) unless said; places come in the order of the panel.

    `nodes` are in the order of the tree, parents before children, indicators among them; `levels` is the depth (0 the
    index) and `parents` the position of the parent (-1 for the index). `score` is on the framework's scale, NaN where
    there is none, and then `flag` says why; an indicator's score is its normalised value. `rank` is 0 where there is
    none. `coverage` is the share that the node's coverage rule compares with its threshold; `imputed` the share of the
    weight behind a score that was filled or imputed. `values` (periods, places, indicators) are in each indicator's
    own unit, after formulas, denominators and fill. `percentile` and `band` (periods, places) are of the index; `band`
    is a position in `bands`, -1 for none. `weights` (nodes) are shares among siblings, `effective` (periods, nodes)
    shares in the index. `lookups[name]` counts where cells of a formula or denominator came from.
    """

    framework: str
    version: str
    order: tuple[str, ...]
    places: tuple[str, ...]
    periods: tuple[int, ...]
    nodes: tuple[str, ...]
    levels: tuple[int, ...]
    parents: tuple[int, ...]
    indicators: tuple[str, ...]
    score: Floats
    coverage: Floats
    imputed: Floats
    flag: Bytes
    rank: Ints
    values: Floats
    status: Bytes
    weights: Floats
    effective: Floats
    percentile: Floats
    band: NDArray[np.int8]
    bands: tuple[str, ...]
    peer_ranks: Mapping[str, PeerRanks]
    treated: tuple[Treatment, ...]
    lookups: Mapping[str, Mapping[str, int]]
    warnings: tuple[str, ...]
    parameters: Parameters

    @cached_property
    def statistics(self) -> tuple[Statistic, ...]:
        """The statistics of `values`, indicator by indicator and period by period (made when asked for)."""
        return describe(self.values, self.indicators, self.periods)

    def row(self, node: str) -> int:
        """The position of a node or indicator in the last axis; `KeyError` where it is not in the tree."""
        return self._rows[node]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.nodes)}

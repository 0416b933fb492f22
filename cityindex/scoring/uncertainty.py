"""How sure a ranking is: all choices of a plan varied together, and what becomes of every place's rank.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 7; Saisana, Saltelli, Tarantola (2005).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cityindex.errors import DefinitionError, Invalid, Problem
from cityindex.scoring import workers
from cityindex.scoring.choices import Choice, UncertaintyPlan
from cityindex.scoring.design import Design
from cityindex.scoring.framework import Framework
from cityindex.scoring.matrix import Floats, Panel
from cityindex.scoring.pipeline import score
from cityindex.scoring.plan import make_plan
from cityindex.scoring.plan_check import check_frozen, check_places, check_replications, check_uncertainty
from cityindex.scoring.rank import UNRANKED, ranks_inside
from cityindex.scoring.results import Parameters, ScoreSet
from cityindex.scoring.sensitivity import FactorIndices, estimates, indices
from cityindex.scoring.sobol import DIMENSIONS
from cityindex.scoring.streams import check_seed
from cityindex.scoring.study import Block, Ranks, Study
from cityindex.scoring.tally import PERCENTILES, Tally, percentiles_of

__all__ = ["PERCENTILES", "Choice", "UncertaintyPlan", "UncertaintyResult", "uncertainty"]

Advance = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class UncertaintyResult:
    """Ranks of one period under the choices of a plan. Arrays go by place, in the order of the panel.

    `nominal` are the ranks of the framework as it is (0: not ranked). `percentiles` (5, places) are the nearest-rank
    `PERCENTILES` of the ranks, `mean` their mean, over the replications in which the place is ranked; `ranked` is the
    share of these. `top` is the share of them in which it is among the best tenth, `band_share` (bands, places) in
    each of `bands`. `shift` (runs) is the mean absolute shift of ranks of each run, over places ranked there and
    nominally; `mean_shift` its mean, R_S. For Sobol' indices, intervals are made of the runs of blocks A and B.
    `ranks` (runs, places) is None where there are too many to keep.
    """

    framework: str
    version: str
    period: int
    places: tuple[str, ...]
    seed: int
    replications: int
    nominal: Ranks
    ranked: Floats
    mean: Floats
    percentiles: Ranks
    top: Floats
    bands: tuple[str, ...]
    band_share: Floats
    shift: Floats
    mean_shift: float
    sensitivity: tuple[FactorIndices, ...]
    warnings: tuple[str, ...]
    ranks: Ranks | None = field(repr=False)
    design: Design = field(repr=False)
    counted: int

    def choices(self) -> Iterator[Choice]:
        """The choices of every run, in order. They are drawn again, not kept."""
        return self.design.choices()

    def outranking(self, places: tuple[str, ...]) -> Floats:
        """For some places, the share of replications in which the one of the row is ranked before the one of the
        column, ties counting half; over the replications in which both are ranked, NaN where there is none.
        """
        if self.ranks is None:
            raise Invalid("too many ranks to compare pairs (take fewer replications)")
        where = {code: at for at, code in enumerate(self.places)}
        absent = [code for code in places if code not in where]
        if absent:
            raise Invalid(f"no place «{absent[0]}» among those scored (give codes of places)")
        ranks = self.ranks[: self.counted, [where[code] for code in places]].astype(np.int32)
        result = np.empty((len(places), len(places)))
        for at, own in enumerate(ranks.T):
            both = (own[:, None] > UNRANKED) & (ranks > UNRANKED)
            won = np.where(own[:, None] < ranks, 1.0, np.where(own[:, None] == ranks, 0.5, 0.0))
            with np.errstate(invalid="ignore"):
                result[at] = np.where(both, won, 0.0).sum(axis=0) / both.sum(axis=0)
        return result

    def within(self, groups: Sequence[str | None]) -> Ranks:
        """`percentiles` (5, places) of each place's rank among those of its group (None: of no group); 0 for none.

        Raises `Invalid` where there were too many ranks to keep.
        """
        if self.ranks is None:
            raise Invalid("too many ranks to rank groups (take fewer replications)")
        inside = ranks_inside(self.ranks[: self.counted], groups)
        return percentiles_of(np.ascontiguousarray(inside.T))[1]

    def place_sensitivity(self) -> tuple[Floats, Floats]:
        """First and total indices (factors, places) of every place's own rank, in the order of `sensitivity`.

        NaN where a rank does not vary or is not always there.
        """
        if self.ranks is None or not self.sensitivity:
            raise Invalid("no ranks of a Sobol' design to explain (write `sobol: true`, with fewer replications)")
        blocks = self.ranks.reshape(-1, self.replications, len(self.places)).astype(np.float64)
        blocks[:, :, (blocks == UNRANKED).any(axis=(0, 1))] = np.nan
        return estimates(blocks[0], blocks[1], blocks[2:])


def uncertainty(  # noqa: PLR0913, PLR0917  (the names of an analysis are its interface)
    framework: Framework,
    panel: Panel,
    plan: UncertaintyPlan,
    replications: int,
    seed: int,
    jobs: int = 1,
    *,
    dask: str | None = None,
    period: int | None = None,
    parameters: Parameters | None = None,
    advance: Advance = lambda done, total: None,
) -> UncertaintyResult:
    """Rank places under `replications` draws of all the choices of a plan.

    `period` is the one ranked, by default the latest; others serve as they do in `score`. The same seed gives the same
    bits for any number of `jobs` (processes) and on a Dask cluster (its address `dask`). With frozen `parameters`
    nothing is fitted, and the plan may vary what has none (see `without_fits`). With `sobol`, `replications`
    is the base sample N, a power of 2, and N (factors + 2) runs are made. `advance` hears of every block how many runs
    it had, of how many.
    Raises `DefinitionError` for a plan that does not fit the framework and `Invalid` for numbers that cannot be, both
    before any work; and `Invalid` where a replication fails, naming it.
    """
    check_seed(seed)
    check_replications(replications, plan.sobol)
    if jobs < 1:
        problem = Problem("nobody to compute", "give 1 or more", column="jobs", value=str(jobs))
        raise Invalid(f"jobs {jobs}: {problem}", [problem])
    check_uncertainty(framework, plan, panel.periods)
    if parameters is not None:
        check_frozen(framework, plan)
    chosen = panel.periods[-1] if period is None else period
    nominal = score(framework, panel, parameters, (chosen,))
    check_places(plan, len(nominal.places))
    study = replace(
        study_of(framework, panel, Request(plan, replications, seed, chosen), nominal), parameters=parameters
    )
    by_code = np.argsort(nominal.places)
    tally = Tally(nominal.rank[0, by_code, 0], study.design.runs, study.counted, framework.bands)
    for block in _blocks(study, jobs, dask):
        tally.add(block)
        advance(len(block.ranks), study.design.runs)
    return _result(study, tally, nominal, np.argsort(by_code))


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    plan: UncertaintyPlan
    replications: int
    seed: int
    period: int


def study_of(framework: Framework, panel: Panel, asked: Request, nominal: ScoreSet) -> Study:
    """Everything that the replications of a request need; `nominal` are the results of the framework as it is."""
    layout = make_plan(framework)
    weights = np.ones(len(layout.codes))
    for branch in layout.branches:
        used = nominal.parameters.weights[branch.node.code]
        weights[list(branch.children)] = [used[layout.codes[row]] for row in branch.children]
    design = Design(layout, _in_tree_order(asked.plan, framework), weights, asked.replications, asked.seed)
    if asked.plan.sobol:
        _check_factors(design)
    counted = asked.replications * (2 if asked.plan.sobol else 1)
    return Study(framework, panel, design, asked.period, counted)


def _in_tree_order(plan: UncertaintyPlan, framework: Framework) -> UncertaintyPlan:
    """The same plan, whatever the order in which it names nodes and indicators."""
    codes = [item.code for item, _ in framework.tree.walk()]
    return replace(
        plan,
        aggregate={code: plan.aggregate[code] for code in codes if code in plan.aggregate},
        noise={code: plan.noise[code] for code in codes if code in plan.noise},
    )


def _check_factors(design: Design) -> None:
    count = len(design.factors)
    if not 1 <= count <= DIMENSIONS // 2:
        cure = f"let 1 to {DIMENSIONS // 2} factors vary"
        problem = Problem(f"has {count} factors that vary", cure, column="plan.sobol")
        raise DefinitionError(str(problem), [problem])


def _blocks(study: Study, jobs: int, dask: str | None) -> Iterator[Block]:
    if dask is not None:
        return workers.cluster(study, dask)
    return workers.here(study) if jobs == 1 else workers.processes(study, jobs)


def _result(study: Study, tally: Tally, nominal: ScoreSet, back: Any) -> UncertaintyResult:
    design, found = study.design, tally.summary()
    blocks = tally.shift.reshape(-1, design.replications)
    return UncertaintyResult(
        framework=nominal.framework,
        version=nominal.version,
        period=study.period,
        places=nominal.places,
        seed=design.seed,
        replications=design.replications,
        nominal=nominal.rank[0, :, 0],
        ranked=found["ranked"][back],
        mean=found["mean"][back],
        percentiles=found["percentiles"][:, back],
        top=found["top"][back],
        bands=nominal.bands,
        band_share=found["band_share"][:, back],
        shift=tally.shift,
        mean_shift=float(tally.shift[: study.counted].mean()),
        sensitivity=indices(design.factors, blocks, design.seed) if design.plan.sobol else (),
        warnings=nominal.warnings,
        ranks=tally.ranks[:, back] if tally.keeps else None,
        design=design,
        counted=study.counted,
    )

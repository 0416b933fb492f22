"""From a framework and a panel to scores. The only module that knows the order of the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cityindex.errors import Invalid
from cityindex.scoring import rank
from cityindex.scoring.aggregate import Tree, aggregate
from cityindex.scoring.check import check, mixed_scales
from cityindex.scoring.denominate import denominate
from cityindex.scoring.derive import Source, derive
from cityindex.scoring.fill import fill
from cityindex.scoring.fits import Fits, base_years, refuse_frozen
from cityindex.scoring.framework import Framework
from cityindex.scoring.impute import impute
from cityindex.scoring.matrix import CellStatus, Floats, Ints, Panel
from cityindex.scoring.normalise import normalise
from cityindex.scoring.plan import Plan, make_plan
from cityindex.scoring.results import FLAG_NAMES, Flag, Parameters, PeerRanks, ScoreSet
from cityindex.scoring.screen import screen
from cityindex.scoring.transform import transform
from cityindex.scoring.treat import treat
from cityindex.scoring.work import Positions, Work, start

__all__ = ["FLAG_NAMES", "CellStatus", "Flag", "Panel", "Parameters", "PeerRanks", "ScoreSet", "score"]

VALUE_STEPS = ("derive", "denominate", "fill")
"""The steps after which values are what pages show, and look-back periods have served."""

Step = Callable[[Work], None]


def score(
    framework: Framework,
    panel: Panel,
    parameters: Parameters | None = None,
    report_periods: tuple[int, ...] | None = None,
) -> ScoreSet:
    """Score places by a framework.

    `panel` holds the values, in each indicator's unit; periods that are not reported (`report_periods`, default all)
    serve to look back: for `fill`, for denominators and for pooled or base-year references. With `parameters` of an
    earlier run nothing is fitted, so that its data give its scores again to the bit.
    The same input gives the same bits whatever the order of places and indicators.
    Raises `DefinitionError` for a framework that cannot be computed and `Invalid` for data that cannot be scored
    (infinite values, a geometric mean of 0), naming every problem with its cure.
    """
    report = panel.periods if report_periods is None else tuple(sorted(set(report_periods)))
    _check_periods(panel, report)
    work = begin(framework, panel, parameters)
    finish(work, report)
    return collect(work, aggregate(work), report)


def begin(framework: Framework, panel: Panel, parameters: Parameters | None = None) -> Work:
    """The first half of `score`: the values of all periods, derived, denominated and filled."""
    check(framework, panel.periods)
    work = start(make_plan(framework), panel, Fits(_checked(parameters, framework)))
    work.warnings.extend(filter(None, [mixed_scales(framework), _other_version(parameters, framework)]))
    order, shown = halves(framework)
    _take_steps(work, order[:shown])
    return work


def finish(work: Work, report: tuple[int, ...]) -> None:
    """The second half, up to aggregation: what `begin` gave becomes normalised scores of the periods needed."""
    order, shown = halves(work.plan.framework)
    work.keep(_needed(work.plan, work.panel.periods, report))
    work.values = work.x
    _take_steps(work, order[shown:])


def halves(framework: Framework) -> tuple[list[str], int]:
    """The steps before aggregation, and how many of them are taken before values are shown."""
    order = [name for name in framework.method.order if name not in ("aggregate", "rank")]
    return order, max((order.index(name) + 1 for name in VALUE_STEPS if name in order), default=0)


def _take_steps(work: Work, names: Sequence[str]) -> None:
    steps = _steps(work)
    for name in names:
        steps[name](work)


def _steps(work: Work) -> Mapping[str, Step]:
    source = Source(work)
    return {
        "derive": lambda work: derive(work, source),
        "denominate": lambda work: denominate(work, source),
        "fill": fill,
        "screen": screen,
        "transform": transform,
        "treat": treat,
        "impute": impute,
        "normalise": normalise,
    }


def _check_periods(panel: Panel, report: tuple[int, ...]) -> None:
    absent = [str(period) for period in report if period not in panel.periods]
    if absent or not report:
        has = ", ".join(str(period) for period in panel.periods)
        raise Invalid(f"no data for {', '.join(absent) or 'any period'} (the data have {has or 'no period'})")


def _checked(parameters: Parameters | None, framework: Framework) -> Parameters | None:
    if parameters is not None and parameters.framework != framework.code:
        refuse_frozen(f"they are of «{parameters.framework}», not of «{framework.code}»")
    return parameters


def _other_version(parameters: Parameters | None, framework: Framework) -> str | None:
    if parameters is None or parameters.version == framework.version:
        return None
    return f"the frozen parameters are of version {parameters.version}, the framework is {framework.version}"


def _needed(plan: Plan, periods: tuple[int, ...], report: tuple[int, ...]) -> list[int]:
    """The periods that are reported or that something is fitted on."""
    rules = [rule for item in plan.columns for rule in (item.treat, item.impute, item.normalise)]
    rules += [branch.node.rescale for branch in plan.branches if branch.node.rescale]
    references = [rule.options.get("over") for rule in rules]
    if "pooled" in references:
        return list(periods)
    return sorted({*report, *(year for over in references for year in base_years(over))})


def collect(work: Work, tree: Tree, report: tuple[int, ...]) -> ScoreSet:
    """What an aggregated tree gives for the reported periods, with ranks, in the order of the panel."""
    framework, plan = work.plan.framework, work.plan
    kept = [work.periods.index(period) for period in report]
    back = np.argsort(work.positions, kind="stable")  # from the order of codes to the order of the panel
    in_order = bool((np.diff(work.positions) > 0).all())

    def out(array: Any) -> Any:
        chosen = array if len(kept) == len(work.periods) else array[kept]
        return (chosen if in_order else chosen[:, :, back]).transpose(0, 2, 1)

    ranks = _ranks(work, tree)
    index = tree.score[:, 0], ranks[:, 0]
    return ScoreSet(
        framework=framework.code,
        version=framework.version,
        order=framework.method.order,
        places=tuple(work.places[position] for position in back),
        periods=report,
        nodes=plan.codes,
        levels=plan.levels,
        parents=plan.parents,
        indicators=tuple(column.code for column in plan.columns),
        score=out(tree.score),
        coverage=out(tree.coverage),
        imputed=out(tree.imputed),
        flag=out(tree.flag),
        rank=out(ranks),
        values=out(work.values),
        status=out(work.status),
        weights=_shares(work),
        effective=_effective(work, tree)[kept],
        percentile=out(rank.percentiles(index[1])[:, None])[..., 0],
        band=out(rank.bands(framework.bands, *index)[:, None])[..., 0],
        bands=framework.bands.names if framework.bands else (),
        peer_ranks=_peers(work, *index, kept=kept, back=back),
        treated=tuple(work.treated),
        lookups=work.lookups,
        warnings=(*work.warnings, *work.fits.warnings),
        parameters=_parameters(work),
    )


def _ranks(work: Work, tree: Tree) -> Ints:
    """Ranks of every row; screened places have none, and where the order leaves `rank` out nobody has."""
    rule = work.plan.framework.method.rank
    if "rank" not in work.plan.framework.method.order:
        return np.zeros(tree.score.shape, dtype=np.int32)
    scores = np.where(work.screened[:, None], np.nan, tree.score) if work.screened.any() else tree.score
    upwards = [branch.row for branch in work.plan.branches if branch.node.direction == "lower"]
    if upwards:
        scores = scores.copy()
        scores[:, upwards] *= -1
    return rank.competition_ranks(scores, rule.options.get("decimals"), rule.method)


def _peers(work: Work, scores: Floats, ranks: Ints, *, kept: list[int], back: Positions) -> dict[str, PeerRanks]:
    framework = work.plan.framework
    ranked = np.where(ranks > rank.UNRANKED, scores, np.nan)
    if framework.tree.direction == "lower":
        ranked = -ranked
    found = {}
    for name in framework.peers:
        groups = work.attributes.get(name)
        if groups is None:
            work.warnings.append(f"no ranks by «{name}»: places do not have it")
            continue
        inside, size = rank.group_ranks(ranked, groups, framework.method.rank.options.get("decimals"))
        names = tuple(None if groups[i] is None else str(groups[i]) for i in back)
        found[name] = PeerRanks(names, inside[kept][:, back], size[kept][:, back])
    return found


def _effective(work: Work, tree: Tree) -> Floats:
    """Each row's share in the index, period by period: the product of its and its ancestors' shares among siblings."""
    plan = work.plan
    effective = np.zeros((tree.gone.shape[0], len(plan.codes)))
    effective[:, 0] = ~tree.gone[:, 0]
    for branch in plan.branches:
        rows = list(branch.children)
        weights = np.where(tree.gone[:, rows], 0.0, np.array(work.weights[branch.node.code]))
        total = weights.sum(axis=1, keepdims=True)
        effective[:, rows] = effective[:, [branch.row]] * weights / np.where(total > 0, total, 1.0)
    return effective


def _shares(work: Work) -> Floats:
    """Each row's weight as a share among its siblings."""
    shares = np.ones(len(work.plan.codes))
    for branch in work.plan.branches:
        weights = np.array(work.weights[branch.node.code])
        shares[list(branch.children)] = weights / weights.sum() if weights.sum() > 0 else 0.0
    return shares


def _parameters(work: Work) -> Parameters:
    framework = work.plan.framework
    return Parameters(framework.code, framework.version, work.fits.ledger, weights_of(work.plan, work.weights))


def weights_of(plan: Plan, weights: Mapping[str, Sequence[float]] | None = None) -> dict[str, dict[str, float]]:
    """The weights of every node's children by name: those given, or those of the definition."""
    found = {}
    for branch in plan.branches:
        used = branch.weights if weights is None else weights[branch.node.code]
        found[branch.node.code] = {plan.codes[row]: used[i] for i, row in enumerate(branch.children)}
    return found

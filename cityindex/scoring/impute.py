"""Imputation: a value estimated from other places or other indicators stands in for one that is missing, flagged.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 3. A column without any value stays empty;
cells that do not apply to their place and places below the screen are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cityindex.scoring import statistics
from cityindex.scoring.fill import groups_of
from cityindex.scoring.framework import Rule
from cityindex.scoring.matrix import Bools, CellStatus, Floats, apart
from cityindex.scoring.work import Work

CENTRES = {"mean": statistics.mean, "median": statistics.median}
EVERYBODY = "centre"


def fit_centres(values: Floats, method: str, groups: Mapping[str, Bools]) -> dict[str, Floats]:
    """Mean or median of each column (periods, columns), over all places and inside each group of places."""
    centre = CENTRES[method]
    fitted = {EVERYBODY: centre(values)}
    for name, inside in groups.items():
        fitted[f"{EVERYBODY}:{name}"] = centre(values[..., inside])
    return fitted


def apply_centres(values: Floats, fitted: Mapping[str, Floats], groups: Mapping[str, Bools]) -> tuple[Floats, int]:
    """Missing values replaced by the centre of their group, or of the next wider one where the group has no value.

    `groups` come from the widest to the narrowest; all places together are wider than any. Also gives how many groups'
    centres were missing.
    """
    stand_in = np.repeat(fitted[EVERYBODY][..., None], values.shape[-1], axis=-1)
    fallbacks = 0
    for name, inside in groups.items():
        centre = fitted.get(f"{EVERYBODY}:{name}", np.full_like(fitted[EVERYBODY], np.nan))
        wanted = np.isnan(values[..., inside]).any(axis=-1)
        fallbacks += int((np.isnan(centre) & wanted).sum())
        stand_in[..., inside] = np.where(np.isnan(centre)[..., None], stand_in[..., inside], centre[..., None])
    return np.where(np.isnan(values), stand_in, values), fallbacks


def row_means(values: Floats, low: Floats, high: Floats, signs: Floats) -> Floats:
    """Missing values replaced by the mean of the place's other indicators of the node, all put between 0 and 1.

    `values` is (periods, columns, places), `low` and `high` (periods, columns) the extremes of each column; columns
    where lower is better (`signs` -1) are turned round. The mean goes back to the column's own unit.
    """
    low, high, turned = low[..., None], high[..., None], (signs < 0)[:, None]
    # A column without variation tells nothing about a place, whatever a place outside the reference has.
    share = (values - low) / np.where(apart(low, high), high - low, np.nan)
    share = np.where(turned, 1 - share, share)
    mean = statistics.mean(np.moveaxis(share, -2, -1))[:, None, :]
    stand_in = low + np.where(turned, 1 - mean, mean) * (high - low)
    return np.where(np.isnan(values), stand_in, values)


def impute(work: Work) -> None:
    """Impute each indicator by its rule."""
    reference = work.reference()
    for rule, columns in groups_of([item.impute for item in work.plan.columns]):
        if rule.method == "none":
            continue
        if rule.method == "row-mean":
            _impute_rows(work, columns, reference)
        else:
            _impute_columns(work, rule, columns, reference)


def _impute_columns(work: Work, rule: Rule, columns: list[int], reference: Floats) -> None:
    by = _names(rule.options.get("by"))
    groups = _groups(work, by)

    def fit() -> tuple[Sequence[str], Mapping[str, Any]]:
        return [str(period) for period in work.periods], fit_centres(reference[:, columns], rule.method, groups)

    fitted = work.fits.fit("impute", _codes(work, columns), work.periods, fit)
    values, fallbacks = apply_centres(work.x[:, columns], fitted, groups)
    if fallbacks:
        wider = "that of all places" if len(by) == 1 else "that of the next wider group"
        work.warnings.append(f"{fallbacks} groups by «{', '.join(by)}» have no value to impute from: {wider} is taken")
    _take(work, columns, values)


def _impute_rows(work: Work, columns: list[int], reference: Floats) -> None:
    """Row by row inside each node; extremes are those of the reference. Scores that are there already are averaged
    as they are.
    """
    order = work.plan.framework.method.order
    if "normalise" in order and order.index("normalise") < order.index("impute"):
        _average_rows(work, columns)
        return

    def fit() -> tuple[Sequence[str], Mapping[str, Any]]:
        seen = reference[:, columns]
        extremes = {"low": np.fmin.reduce(seen, axis=-1), "high": np.fmax.reduce(seen, axis=-1)}
        return [str(period) for period in work.periods], extremes

    fitted = work.fits.fit("impute", _codes(work, columns), work.periods, fit)
    before = work.x
    for branch in work.plan.branches:
        inside = [k for k in columns if work.plan.columns[k].row in branch.children]
        if inside:
            where = [columns.index(k) for k in inside]
            signs = np.array([work.plan.columns[k].sign for k in inside])
            values = row_means(before[:, inside], fitted["low"][:, where], fitted["high"][:, where], signs)
            _take(work, inside, values)


def _average_rows(work: Work, columns: list[int]) -> None:
    """The mean of a place's other scores in the node; what has left the tree takes no part."""
    before = work.x
    for branch in work.plan.branches:
        inside = [k for k in columns if work.plan.columns[k].row in branch.children]
        if inside:
            mean = statistics.mean(np.moveaxis(before[:, inside], -2, -1))[:, None, :]
            gone = work.constant[:, inside, None]
            _take(work, inside, np.where(np.isnan(before[:, inside]) & ~gone, mean, before[:, inside]))


def _take(work: Work, columns: list[int], values: Floats) -> None:
    before, status = work.x[:, columns], work.status[:, columns]
    taken = np.isnan(before) & ~np.isnan(values) & (status != CellStatus.NOT_APPLICABLE)
    taken &= ~work.screened[:, None]
    work.x = work.x.copy()
    work.x[:, columns] = np.where(taken, values, before)
    work.status = work.status.copy()
    work.status[:, columns] = np.where(taken, np.uint8(CellStatus.IMPUTED), status)


def _names(by: Any) -> tuple[str, ...]:
    """The attributes that groups go by, the narrowest first."""
    if by is None:
        return ()
    return (by,) if isinstance(by, str) else tuple(by)


def _groups(work: Work, by: Sequence[str]) -> dict[str, Bools]:
    """Places by group, the widest first. Groups by the narrowest attribute have their own name, others its name too."""
    found: dict[str, Bools] = {}
    for number, attribute in reversed(list(enumerate(by))):
        cells = work.attributes.get(attribute)
        if cells is None:
            wider = "imputed over all places" if len(by) == 1 else "imputed without a group"
            work.warnings.append(f"{wider}: they do not have «{attribute}»")
            continue
        names = np.array(["" if cell is None else str(cell) for cell in cells])
        label = f"{attribute}=" if number else ""
        found.update({f"{label}{name}": names == name for name in np.unique(names) if name})
    return found


def _codes(work: Work, columns: Sequence[int]) -> list[str]:
    return [work.plan.columns[column].code for column in columns]

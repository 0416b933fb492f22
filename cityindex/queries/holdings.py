"""What there is of each indicator: its newest period, and how many places have a value in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from cityindex.models import IndicatorKey, Observation, Recording
from cityindex.queries.editions import Edition, current_editions
from cityindex.queries.indicator_columns import is_calculated
from cityindex.queries.observations import latest_periods
from cityindex.queries.run_arrays import RunArrays, tree_of
from cityindex.scoring.framework import Indicator


@dataclass(frozen=True, slots=True)
class Holding:
    """`framework` is the one whose edition holds the values, where they are calculated; `of` how many places it has."""

    period: int
    values: int
    framework: str | None = None
    of: int | None = None


_remembered: dict[tuple[Any, ...], Mapping[str, Holding]] = {}


def holdings(
    session: Session, indicators: Sequence[Indicator], frameworks: Mapping[str, Sequence[str]]
) -> dict[str, Holding]:
    """By indicator; those of which there is nothing are left out.

    `frameworks` names, by indicator, whose editions hold its values where they are calculated.
    """
    calculated = [one.code for one in indicators if is_calculated(one)]
    found = {code: one for code, one in _reported(session).items() if code not in calculated}
    newest = _newest(current_editions(session))
    in_use = {framework for code in calculated for framework in frameworks.get(code, ())}
    for framework in in_use & set(newest):
        for code, one in _of_edition(session, newest[framework]).items():
            if code in calculated and (code not in found or one.period > found[code].period):
                found[code] = one
    return {one.code: found[one.code] for one in indicators if one.code in found}


def _newest(editions: Sequence[Edition]) -> dict[str, Edition]:
    return {one.framework: one for one in sorted(editions, key=lambda one: one.period)}


def _reported(session: Session) -> Mapping[str, Holding]:
    """Of all indicators that were ever reported; remembered until the next recording."""
    state = session.execute(select(func.max(Recording.id), func.count(), func.max(Recording.recorded_at))).one()
    key = (str(session.get_bind().engine.url), *state)
    if key not in _remembered:
        _remembered.clear()
        _remembered[key] = _counted(session)
    return _remembered[key]


def _counted(session: Session) -> Mapping[str, Holding]:
    newest = latest_periods(session)
    if not newest:
        return {}
    ids = {code: key for key, code in session.execute(select(IndicatorKey.id, IndicatorKey.code))}
    cells = [and_(Observation.indicator_id == ids[code], Observation.period == at) for code, at in newest.items()]
    query = (
        select(Observation.indicator_id, func.count(Observation.value))
        .where(or_(*cells), Observation.superseded_by.is_(None))
        .group_by(Observation.indicator_id)
    )
    counts = {key: count for key, count in session.execute(query)}
    return {code: Holding(at, counts.get(ids[code], 0)) for code, at in newest.items()}


def _of_edition(session: Session, edition: Edition) -> dict[str, Holding]:
    values = RunArrays(session, edition.run)["values"]
    counts = (~np.isnan(values)).sum(axis=0).tolist()
    return {
        node.code: Holding(edition.period, counts[node.column], edition.framework, edition.places)
        for node in tree_of(session, edition.run)
        if node.column is not None
    }

"""What there is of each indicator: its newest period, and how many places have a value in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from cityindex.database import address_of
from cityindex.formats.arrays import unpack_array
from cityindex.memory import Memory
from cityindex.models import IndicatorKey, Observation, RunArray, RunNode
from cityindex.queries.observations.indicator_columns import is_calculated
from cityindex.queries.observations.observations import latest_periods, recording_state
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.scoring.framework import Indicator


@dataclass(frozen=True, slots=True)
class Holding:
    """`framework` is the one whose edition holds the values, where they are calculated; `of` how many places it has."""

    period: int
    values: int
    framework: str | None = None
    of: int | None = None


_kept: Memory[Mapping[str, Holding]] = Memory(8)


def holdings(
    session: Session, indicators: Sequence[Indicator], frameworks: Mapping[str, Sequence[str]]
) -> dict[str, Holding]:
    """By indicator; those of which there is nothing are left out.

    `frameworks` names, by indicator, whose editions hold its values where they are calculated.
    """
    database = address_of(session)
    reported = _kept.get((database, *recording_state(session)), lambda: _reported(session))
    newest = _newest(current_editions(session))
    state = tuple((one.run, one.made_at) for one in newest)
    calculated = _kept.get((database, state), lambda: _calculated(session, newest))
    found = {}
    for one in indicators:
        of = [calculated.get(f"{framework} {one.code}") for framework in frameworks.get(one.code, ())]
        there = of if is_calculated(one) else [reported.get(one.code)]
        best = max((holding for holding in there if holding), key=lambda holding: holding.period, default=None)
        if best:
            found[one.code] = best
    return found


def _newest(editions: Sequence[Edition]) -> list[Edition]:
    return list({one.framework: one for one in sorted(editions, key=lambda one: one.period)}.values())


def _reported(session: Session) -> dict[str, Holding]:
    newest = latest_periods(session)
    ids = {code: key for key, code in session.execute(select(IndicatorKey.id, IndicatorKey.code))}
    cells = [and_(Observation.indicator_id == ids[code], Observation.period == at) for code, at in newest.items()]
    query = (
        select(Observation.indicator_id, func.count(Observation.value))
        .where(or_(false(), *cells), Observation.superseded_by.is_(None))
        .group_by(Observation.indicator_id)
    )
    counts = {key: count for key, count in session.execute(query)}
    return {code: Holding(at, counts.get(ids[code], 0)) for code, at in newest.items()}


def _calculated(session: Session, editions: Sequence[Edition]) -> dict[str, Holding]:
    """By framework and indicator."""
    runs = [one.run for one in editions]
    packed = select(RunArray.run_id, RunArray.data).where(RunArray.run_id.in_(runs), RunArray.name == "values")
    counts = {run: (~np.isnan(unpack_array(data))).sum(axis=0).tolist() for run, data in session.execute(packed)}
    leaves = select(RunNode.run_id, RunNode.code).where(RunNode.run_id.in_(runs), RunNode.is_indicator)
    codes: dict[int, list[str]] = {run: [] for run in runs}
    for run, code in session.execute(leaves.order_by(RunNode.run_id, RunNode.position)):
        codes[run].append(code)
    return {
        f"{one.framework} {code}": Holding(one.period, count, one.framework, one.places)
        for one in editions
        for code, count in zip(codes[one.run], counts[one.run], strict=True)
    }

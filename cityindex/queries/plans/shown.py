"""The plans that places show to everybody: whose they are, how much stands in them, and for which years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cityindex.models import ImprovementAction, PlanOpening
from cityindex.queries.observations.indicator_tables import Filter, matching_places
from cityindex.queries.places.directory import Named, PlaceIds, directory
from cityindex.queries.plans.plans import ActionRecord, record_of

DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan that its place shows since a moment.

    `lines` are all, `statuses` how many of them are how far. `years` are fiscal years of the common era, from the first
    to the last that a line has money for or ends in; `baht` is of the lines that were not given up, None where none of
    them says any. `changed_at` is of the newest line, None without one.
    """

    place: Named
    since: datetime
    lines: int
    statuses: Mapping[str, int]
    years: tuple[int, ...]
    baht: float | None
    changed_at: datetime | None


def shown_places(session: Session, wanted: Filter) -> PlaceIds:
    """The places of today that show their plan and pass a filter, in the order of their names."""
    found = matching_places(session, wanted)
    return found[np.isin(found, np.fromiter(session.scalars(_since()), np.int32))]


def shown_plans(session: Session, place_ids: Sequence[int] | PlaceIds) -> list[ShownPlan]:
    """The plans of some places that show theirs, in the order of the places. Two queries."""
    ids = [int(one) for one in place_ids]
    row = ImprovementAction
    since = {one: at for one, at in session.execute(_since().where(PlanOpening.place_id.in_(ids)))}
    lines: dict[int, list[ActionRecord]] = {}
    for one in session.scalars(select(row).where(row.place_id.in_(ids), row.removed_at.is_(None)).order_by(row.id)):
        lines.setdefault(one.place_id, []).append(record_of(one))
    named = directory(session).named
    return [_plan(named[one], since[one], lines.get(one, ())) for one in ids if one in since]


def _plan(place: Named, since: datetime, lines: Sequence[ActionRecord]) -> ShownPlan:
    kept = [one for one in lines if one.status != DROPPED]
    said = [one.total for one in kept if one.total is not None]
    return ShownPlan(
        place=place,
        since=since,
        lines=len(lines),
        statuses=Counter(one.status for one in lines),
        years=tuple(sorted(set(_years(kept)))),
        baht=sum(said) if said else None,
        changed_at=max((one.changed_at for one in lines), default=None),
    )


def _years(lines: Iterable[ActionRecord]) -> Iterable[int]:
    for one in lines:
        yield from (when for when, _ in one.budgets if when)
        if one.fiscal_year:
            yield one.fiscal_year


def _since() -> Select[int, datetime]:
    """The places whose newest word is that everybody may read their plan, with the moment of that word."""
    newest = select(func.max(PlanOpening.id)).group_by(PlanOpening.place_id)
    return select(PlanOpening.place_id, PlanOpening.at).where(PlanOpening.id.in_(newest), PlanOpening.shown)

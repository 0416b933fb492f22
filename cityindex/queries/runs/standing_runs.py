"""Runs that are public: in force, or followed by another since and never taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Publication
from cityindex.queries.runs.editions import RunRecord, runs


@dataclass(frozen=True, slots=True)
class StandingRun:
    """`published`: it is in force now; `followed_by`: the run that took its place."""

    record: RunRecord
    published_at: datetime
    followed_by: int | None

    @property
    def published(self) -> bool:
        return self.followed_by is None


def standing_runs(session: Session, framework: str | None = None, period: int | None = None) -> tuple[StandingRun, ...]:
    """All of them by framework, the newest period first, and within these the newest first."""
    moments, followers = _standing(session, framework, period)
    records = {one.id: one for one in runs(session, ids=list(moments), limit=len(moments) or 1)}
    found = [StandingRun(records[run], moments[run], followers.get(run)) for run in moments]
    return tuple(sorted(found, key=lambda one: (one.record.framework, -one.record.period, -one.record.id)))


def standing_run(session: Session, run_id: int) -> StandingRun:
    """One of them. Raises `NotFound`, also for a run that is not public."""
    record = next(iter(runs(session, ids=[run_id])), None)
    if record is not None:
        for one in standing_runs(session, record.framework, record.period):
            if one.record.id == run_id:
                return one
    raise NotFound(f"there is no published run {run_id}")


def standing_numbers(session: Session) -> frozenset[int]:
    """The numbers of all of them."""
    return frozenset(_standing(session, None, None)[0])


def _standing(
    session: Session, framework: str | None, period: int | None
) -> tuple[Mapping[int, datetime], Mapping[int, int]]:
    """When each of them was published, and which run followed it."""
    query = select(Publication).order_by(Publication.id)
    if framework is not None:
        query = query.where(Publication.framework == framework)
    if period is not None:
        query = query.where(Publication.period == period)
    stacks: dict[tuple[str, int], list[Publication]] = {}
    for move in session.scalars(query):
        stack = stacks.setdefault((move.framework, move.period), [])
        if move.action == "rolled-back":
            stack.pop()
        elif move.run_id is not None:
            stack.append(move)
    return _moments(stacks.values()), _followers(stacks.values())


def _moments(stacks: Iterable[list[Publication]]) -> dict[int, datetime]:
    return {move.run_id: move.at for stack in stacks for move in stack if move.run_id is not None}


def _followers(stacks: Iterable[list[Publication]]) -> dict[int, int]:
    return {
        before.run_id: after.run_id
        for stack in stacks
        for before, after in pairwise(stack)
        if before.run_id is not None and after.run_id is not None and before.run_id != after.run_id
    }

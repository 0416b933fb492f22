"""How the members of a programme score in published editions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cityindex.models import Membership, Place, Score
from cityindex.queries.runs.scores import INDEX


@dataclass(frozen=True, slots=True)
class IndexScore:
    """A member's result on the index."""

    score: float
    rank: int | None
    rank_low: int | None
    rank_high: int | None


def index_scores(session: Session, programme: str, runs: Collection[int]) -> dict[tuple[str, int], IndexScore]:
    """Score and rank on the index by code of the place and run; members that a run does not score are left out."""
    query: Select[*tuple[Any, ...]] = (
        select(Place.code, Score.run_id, Score.score, Score.rank, Score.rank_low, Score.rank_high)
        .join(Membership, Membership.place_id == Place.id)
        .join(Score, Score.place_id == Place.id)
        .where(Membership.programme == programme, Score.run_id.in_(runs), Score.position == INDEX)
        .where(Score.score.is_not(None))
    )
    return {(code, run): IndexScore(*result) for code, run, *result in session.execute(query)}

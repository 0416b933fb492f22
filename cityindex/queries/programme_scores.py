"""How the members of a programme score in published editions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cityindex.models import Membership, Place, Score
from cityindex.queries.scores import INDEX


def index_scores(
    session: Session, programme: str, runs: Collection[int]
) -> dict[tuple[str, int], tuple[float, int | None]]:
    """Score and rank on the index by code of the place and run; members that a run does not score are left out."""
    query: Select[*tuple[Any, ...]] = (
        select(Place.code, Score.run_id, Score.score, Score.rank)
        .join(Membership, Membership.place_id == Place.id)
        .join(Score, Score.place_id == Place.id)
        .where(Membership.programme == programme, Score.run_id.in_(runs), Score.position == INDEX)
        .where(Score.score.is_not(None))
    )
    return {(code, run): (score, rank) for code, run, score, rank in session.execute(query)}

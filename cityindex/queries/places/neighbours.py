"""The places nearest to a place, with their results in an edition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from cityindex.models import Place, Score
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.scores import INDEX

KILOMETRES = 111.2
"""A degree of latitude; good to one percent in Thailand."""
REACH = 1.5
"""Degrees within which neighbours are looked for."""
WHOLE = ("bangkok", "pao", "province", "district")
"""Types that cover a province or a district: a distance to their middle says nothing to a municipality."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place near another, `km` from position to position; score and rank are None where the run has none."""

    code: str
    place_type: str
    name_th: str
    name_en: str | None
    demo: bool
    km: float
    score: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None


def neighbours_of(session: Session, place: PlaceRecord, run_id: int | None, limit: int = 5) -> Sequence[Neighbour]:
    """The nearest places of its level, the nearest first; none where its position is not known. One query.

    Places of the demo and real ones are not each other's neighbours.
    """
    if place.latitude is None or place.longitude is None:
        return ()
    squeeze = math.cos(math.radians(place.latitude))
    north, east = Place.latitude - place.latitude, (Place.longitude - place.longitude) * squeeze
    far = (north * north + east * east).label("far")
    kind = Place.place_type == place.place_type if place.place_type in WHOLE else Place.place_type.not_in(WHOLE)
    nearest = (
        select(Place.id, Place.code, Place.place_type, Place.name_th, Place.name_en, Place.demo, far)
        .where(Place.latitude.between(place.latitude - REACH, place.latitude + REACH))
        .where(Place.longitude.between(place.longitude - REACH, place.longitude + REACH))
        .where(Place.id != place.id, Place.valid_to.is_(None), Place.demo == place.demo, kind)
        .order_by(far, Place.code)
        .limit(limit)
        .subquery()
    )
    # The scores of these few only: before it has statistics, PostgreSQL would read all scores for every place in reach.
    index = and_(Score.place_id == nearest.c.id, Score.run_id == run_id, Score.position == INDEX)
    query = (
        select(nearest, Score.score, Score.rank, Score.rank_low, Score.rank_high)
        .outerjoin(Score, index)
        .order_by(nearest.c.far, nearest.c.code)
    )
    return tuple(
        Neighbour(
            code=row.code,
            place_type=row.place_type,
            name_th=row.name_th,
            name_en=row.name_en,
            demo=row.demo,
            km=math.sqrt(row.far) * KILOMETRES,
            score=row.score,
            rank=row.rank,
            rank_low=row.rank_low,
            rank_high=row.rank_high,
        )
        for row in session.execute(query)
    )

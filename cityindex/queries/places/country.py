"""The whole country at once: where every place of a run lies, with its score."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import Boundary, BoundaryShape, Place, Score
from cityindex.queries.runs.scores import INDEX


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a run: where it lies, and its score at the index."""

    longitude: float
    latitude: float
    score: float | None


def spots_of(session: Session, run_id: int) -> tuple[Spot, ...]:
    """All places of a run whose position is known."""
    query = (
        select(Place.longitude, Place.latitude, Score.score)
        .join(Score, Score.place_id == Place.id)
        .where(Score.run_id == run_id, Score.position == INDEX)
        .order_by(Place.id)
    )
    return tuple(Spot(x, y, score) for x, y, score in session.execute(query) if x is not None and y is not None)


def coarse_shapes(session: Session, set_id: int) -> tuple[str, ...]:
    """The coarsest shapes of a set of boundaries, each the text of a GeoJSON geometry."""
    query = (
        select(BoundaryShape.geometry)
        .join(Boundary, Boundary.id == BoundaryShape.boundary_id)
        .where(Boundary.set_id == set_id, BoundaryShape.detail == 0)
        .order_by(Boundary.place_id)
    )
    return tuple(session.scalars(query))


def positions(session: Session) -> dict[int, tuple[float, float]]:
    """Longitude and latitude by the id of the place, of all places of today whose position is known."""
    query = select(Place.id, Place.longitude, Place.latitude).where(Place.valid_to.is_(None))
    return {place: (x, y) for place, x, y in session.execute(query) if x is not None and y is not None}

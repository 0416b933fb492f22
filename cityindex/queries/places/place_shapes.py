"""Boundaries of some places in the finest detail that is kept, for files that leave the site."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cityindex.models import Boundary, BoundarySet, BoundaryShape, Place


@dataclass(frozen=True, slots=True)
class Shapes:
    """GeoJSON texts by the code of the place.

    And where they are from: the source, the day they hold from, and the fingerprint of the version.
    """

    by_code: Mapping[str, str]
    sources: tuple[tuple[str, date | None, str], ...]


def shapes_of(session: Session, codes: Collection[str]) -> Shapes:
    """The newest boundary of each place that has one."""
    other, finer = aliased(Boundary), aliased(BoundaryShape)
    newest = select(func.max(other.set_id)).where(other.place_id == Boundary.place_id).scalar_subquery()
    finest = select(func.max(finer.detail)).where(finer.boundary_id == Boundary.id).scalar_subquery()
    query = (
        select(Place.code, BoundaryShape.geometry, Boundary.set_id)
        .join(Boundary, Boundary.place_id == Place.id)
        .join(BoundaryShape, BoundaryShape.boundary_id == Boundary.id)
        .where(Place.code.in_(sorted(codes)), Boundary.set_id == newest, BoundaryShape.detail == finest)
    )
    rows = session.execute(query).all()
    used = BoundarySet.id.in_({row.set_id for row in rows})
    sets = select(BoundarySet.source, BoundarySet.valid_from, BoundarySet.fingerprint).where(used)
    sources = sorted({(source, since, made) for source, since, made in session.execute(sets)}, key=str)
    return Shapes({row.code: row.geometry for row in rows}, tuple(sources))

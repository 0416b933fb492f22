"""Boundaries as maps need them: the set in force for a level, and its shapes, simplified and ready to send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Boundary, BoundarySet, BoundaryShape, Place


@dataclass(frozen=True, slots=True)
class BoundaryVersion:
    """One import of boundaries. Its fingerprint stands in addresses, so what they show never changes."""

    id: int
    level: str
    fingerprint: str
    source: str
    valid_from: date | None
    valid_to: date | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of one place as the text of a GeoJSON geometry, and where it comes from."""

    geometry: str
    source: str
    valid_from: date | None
    demo: bool


def boundary_set(session: Session, level: str) -> BoundaryVersion | None:
    """The set in force for a level (a place type, or `municipality`): the newest that nothing has ended."""
    query = select(BoundarySet).where(BoundarySet.level == level, BoundarySet.valid_to.is_(None))
    found = session.scalars(query.order_by(BoundarySet.id.desc()).limit(1)).one_or_none()
    return version_of(found) if found else None


def boundary_version(session: Session, fingerprint: str) -> BoundaryVersion:
    """A set by its fingerprint, in force or not. Raises `NotFound`."""
    found = session.scalars(select(BoundarySet).where(BoundarySet.fingerprint == fingerprint)).one_or_none()
    if found is None:
        raise NotFound(f"there are no boundaries {fingerprint}")
    return version_of(found)


def feature_collection(session: Session, version: BoundaryVersion, detail: int) -> str:
    """All shapes of a set at a level of detail as GeoJSON, with the code and names of each place. One query.

    The geometries are stored as text and are joined as text: nothing is parsed. Raises `NotFound` for another detail.
    """
    query = (
        select(Place.code, Place.name_th, Place.name_en, BoundaryShape.geometry)
        .join(Boundary, Boundary.place_id == Place.id)
        .join(BoundaryShape, BoundaryShape.boundary_id == Boundary.id)
        .where(Boundary.set_id == version.id, BoundaryShape.detail == detail)
        .order_by(Place.code)
    )
    features = [_feature(*row) for row in session.execute(query)]
    if not features:
        raise NotFound(f"there are no boundaries {version.fingerprint} of detail {detail}")
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def outlines_of(session: Session, wanted: Mapping[int, int]) -> Mapping[int, Outline]:
    """The newest shapes of places by id, each at the detail wanted of it; those without a shape are left out.

    Of a place in several sets, the shape of the set in force. One query.
    """
    columns = (BoundaryShape.geometry, BoundarySet.source, BoundarySet.valid_from, BoundarySet.demo)
    query = (
        select(Boundary.place_id, *columns)
        .join(Boundary, Boundary.id == BoundaryShape.boundary_id)
        .join(BoundarySet, BoundarySet.id == Boundary.set_id)
        .where(tuple_(Boundary.place_id, BoundaryShape.detail).in_(list(wanted.items())))
        .order_by(BoundarySet.valid_to.is_(None), Boundary.set_id)
    )
    return {row.place_id: Outline(*row[1:]) for row in session.execute(query)}


def _feature(code: str, name_th: str, name_en: str | None, geometry: str) -> str:
    properties = json.dumps({"code": code, "th": name_th, "en": name_en or name_th}, ensure_ascii=False)
    return f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def version_of(row: BoundarySet) -> BoundaryVersion:
    """A set as a frozen record."""
    return BoundaryVersion(row.id, row.level, row.fingerprint, row.source, row.valid_from, row.valid_to, row.demo)

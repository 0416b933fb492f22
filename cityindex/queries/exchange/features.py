"""Places, boundaries and published editions as collections of features, held in memory under the name of a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cityindex.formats.exports import properties_of
from cityindex.formats.feature_set import Feature, FeatureSet, Interval
from cityindex.models import Boundary, BoundarySet, BoundaryShape, Place
from cityindex.queries.places.boundaries import BoundaryVersion
from cityindex.queries.places.directory import state_of_places
from cityindex.queries.runs.edition_tables import edition_table
from cityindex.queries.runs.editions import Edition

PLACES = "places"


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is now: the version of the register of places, the boundary sets in force."""

    places: str
    """Empty where there are no places."""
    boundaries: tuple[BoundaryVersion, ...]


def standing(session: Session) -> Standing:
    """Two queries."""
    held = select(Boundary.id).where(Boundary.set_id == BoundarySet.id).exists()
    query = select(BoundarySet).where(BoundarySet.valid_to.is_(None), held).order_by(BoundarySet.level, BoundarySet.id)
    newest = {row.level: row for row in session.scalars(query)}
    return Standing(
        places=state_of_places(session),
        boundaries=tuple(
            BoundaryVersion(one.id, one.level, one.fingerprint, one.source, one.valid_from, one.valid_to, one.demo)
            for one in newest.values()
        ),
    )


def place_features(session: Session, version: str) -> FeatureSet:
    """Every place as a point (without geometry where its position is not known), by code."""
    rows = session.execute(_places().order_by(Place.code))
    return FeatureSet(version, [_of_place(row._mapping) for row in rows])


def boundary_features(session: Session, version: str, of: BoundaryVersion) -> FeatureSet:
    """The shapes of a boundary set in the finest detail that is kept, by the code of the place."""
    other = aliased(BoundaryShape)
    finest = select(func.max(other.detail)).where(other.boundary_id == Boundary.id).scalar_subquery()
    query = (
        _places()
        .add_columns(BoundaryShape.geometry.label("geometry"))
        .join(Boundary, Boundary.place_id == Place.id)
        .join(BoundaryShape, BoundaryShape.boundary_id == Boundary.id)
        .where(Boundary.set_id == of.id, BoundaryShape.detail == finest)
        .order_by(Place.code)
    )
    said = {"level": of.level, "boundary_source": of.source, "boundary_version": of.fingerprint[:12]}
    features = [_of_boundary(row._mapping, said, (of.valid_from, of.valid_to)) for row in session.execute(query)]
    return FeatureSet(version, features)


def edition_features(session: Session, version: str, of: Edition) -> FeatureSet:
    """The places of an edition with their scores, on their boundaries (without geometry where there is none)."""
    table = edition_table(session, of, geometry=True)
    held = period_days(of.period, dict(table.about)["period"].startswith("fiscal"))
    features = [
        Feature(code, _as_multi(geometry), {**properties_of(table, row), "run": of.run}, held)
        for row, (code, geometry) in enumerate(zip(table.places["place"], table.geometries, strict=True))
    ]
    return FeatureSet(version, features)


def area_of(session: Session, code: str) -> str | None:
    """The newest boundary of the place with a code, as GeoJSON in the finest detail; None where there is none."""
    query = (
        select(BoundaryShape.geometry)
        .join(Boundary, Boundary.id == BoundaryShape.boundary_id)
        .join(Place, Place.id == Boundary.place_id)
        .where(Place.code == code)
        .order_by(Boundary.set_id.desc(), BoundaryShape.detail.desc())
    )
    return session.scalar(query.limit(1))


def period_days(year: int, fiscal: bool) -> tuple[date, date]:
    """First and last day of a period: a calendar year, or the Thai fiscal year that ends in it."""
    if not fiscal:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year - 1, 10, 1), date(year, 10, 1) - timedelta(days=1)


def _places() -> Any:
    province, district = aliased(Place), aliased(Place)
    columns = (
        Place.code, Place.place_type, Place.name_th, Place.name_en, province.code.label("province"),
        province.name_th.label("province_th"), district.code.label("district"), Place.latitude, Place.longitude,
        Place.area_km2, Place.population, Place.valid_from, Place.valid_to, Place.source, Place.demo,
    )  # fmt: skip
    query = select(*columns).outerjoin(province, province.id == Place.province_id)
    return query.outerjoin(district, district.id == Place.district_id)


NAMES = ("code", "place_type", "name_th", "name_en", "province", "province_th", "district")
FACTS = ("area_km2", "population", "valid_from", "valid_to", "source", "demo")


def _of_place(row: Any) -> Feature:
    known = row["latitude"] is not None and row["longitude"] is not None
    geometry = f'{{"type":"Point","coordinates":[{row["longitude"]},{row["latitude"]}]}}' if known else "null"
    properties = {name: _plain(row[name]) for name in (*NAMES, *FACTS)}
    return Feature(row["code"], geometry, properties, (row["valid_from"], row["valid_to"]))


def _of_boundary(row: Any, said: dict[str, Any], valid: Interval) -> Feature:
    names = {name: row[name] for name in NAMES}
    times = {"valid_from": _plain(valid[0]), "valid_to": _plain(valid[1])}
    return Feature(row["code"], _as_multi(row["geometry"]), {**names, **said, **times, "demo": row["demo"]}, valid)


def _as_multi(geometry: str | None) -> str:
    """The text of a GeoJSON geometry as a MultiPolygon, so that a layer has one kind; nothing is parsed."""
    single = '{"type":"Polygon","coordinates":'
    if geometry is None:
        return "null"
    if not geometry.startswith(single):
        return geometry
    return f'{{"type":"MultiPolygon","coordinates":[{geometry[len(single) : -1]}]}}'


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def editions_by_collection(editions: Sequence[Edition]) -> dict[str, Edition]:
    """Published editions under the identifiers of their collections: `local-capacity-2023`."""
    return {f"{one.framework}-{one.period}": one for one in editions if one.places}

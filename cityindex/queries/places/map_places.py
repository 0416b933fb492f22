"""Which places a map shows, where they lie, and which boundaries there are for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.models import (
    Boundary,
    BoundaryPack,
    BoundarySet,
    BoundaryShape,
    IndicatorKey,
    Membership,
    Observation,
    PeerRank,
    Place,
    Recording,
)
from cityindex.queries.places.boundaries import BoundaryVersion, version_of
from cityindex.queries.runs.once_per_run import OncePerRun


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """Which places; what is empty leaves nothing out. `peers` and `group` are of run `run`."""

    types: tuple[str, ...] = ()
    province: str = ""
    programme: str = ""
    peers: str = ""
    group: str = ""
    run: int | None = None
    demo: bool | None = None

    @property
    def open(self) -> bool:
        return not (self.types or self.province or self.programme or self.group or self.demo is not None)


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """A group of peers in a run: what they share, which group, how many."""

    peers: str
    code: str
    size: int


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place lies, and how many people the register gives it."""

    longitude: float
    latitude: float
    population: int | None


def codes_matching(session: Session, wanted: PlaceFilter) -> frozenset[str]:
    """The codes of the places that pass a filter. One query."""
    query = select(Place.code)
    if wanted.types:
        query = query.where(Place.place_type.in_(wanted.types))
    if wanted.demo is not None:
        query = query.where(Place.demo == wanted.demo, Place.valid_to.is_(None))
    if wanted.province:
        area = aliased(Place)
        query = query.outerjoin(area, area.id == Place.province_id).where(
            (area.code == wanted.province) | ((Place.code == wanted.province) & (Place.place_type == "province"))
        )
    if wanted.programme:
        members = select(Membership.place_id).where(Membership.programme == wanted.programme, Membership.left.is_(None))
        query = query.where(Place.id.in_(members))
    if wanted.group:
        query = query.where(Place.id.in_(_peers(wanted)))
    return frozenset(session.scalars(query))


def _peer_groups(session: Session, run_id: int) -> tuple[PeerGroup, ...]:
    columns = (PeerRank.peers, PeerRank.group_code)
    query = select(*columns, func.count()).where(PeerRank.run_id == run_id).group_by(*columns).order_by(*columns)
    return tuple(PeerGroup(*row) for row in session.execute(query))


peer_groups = OncePerRun(_peer_groups)
"""The groups of peers within which a run ranks, by what they share."""


def types_of(session: Session, codes: Collection[str]) -> dict[str, str]:
    """The types of some places by code."""
    every = session.execute(select(Place.code, Place.place_type))
    wanted = set(codes)
    return {code: kind for code, kind in every if code in wanted}


def spots_by_code(session: Session) -> dict[str, Spot]:
    """All places whose position is known, by code."""
    query = select(Place.code, Place.longitude, Place.latitude, Place.population).where(Place.longitude.is_not(None))
    rows = session.execute(query)
    return {code: Spot(x, y, people) for code, x, y, people in rows if x is not None and y is not None}


def boundary_sets(session: Session, levels: Collection[str]) -> tuple[BoundaryVersion, ...]:
    """The sets in force for some levels, by level: of each the newest that nothing has ended. One query."""
    query = select(BoundarySet).where(BoundarySet.level.in_(levels), BoundarySet.valid_to.is_(None))
    newest = {found.level: found for found in session.scalars(query.order_by(BoundarySet.id))}
    return tuple(version_of(newest[level]) for level in sorted(newest))


def shaped_codes(session: Session, set_ids: Collection[int]) -> frozenset[str]:
    """The codes of the places that have a shape in one of some sets."""
    query = select(Place.code).join(Boundary, Boundary.place_id == Place.id).where(Boundary.set_id.in_(set_ids))
    return frozenset(session.scalars(query))


def shape_texts(session: Session, set_id: int, detail: int) -> list[tuple[str, str]]:
    """Code and GeoJSON geometry of every shape of a set, as they were imported."""
    query = (
        select(Place.code, BoundaryShape.geometry)
        .join(Boundary, Boundary.place_id == Place.id)
        .join(BoundaryShape, BoundaryShape.boundary_id == Boundary.id)
        .where(Boundary.set_id == set_id, BoundaryShape.detail == detail)
        .order_by(Boundary.id)
    )
    return [(code, geometry) for code, geometry in session.execute(query)]


def shape_pack(session: Session, set_id: int, detail: int) -> tuple[bytes, list[str]] | None:
    """The shapes of a set as they were packed at import, and the codes of their places; None where none were."""
    body = session.scalar(select(BoundaryPack.body).filter_by(set_id=set_id, detail=detail))
    codes = select(Place.code).join(Boundary, Boundary.place_id == Place.id).where(Boundary.set_id == set_id)
    return (body, list(session.scalars(codes.order_by(Boundary.id)))) if body else None


def shape_names(session: Session, set_id: int) -> list[tuple[str, str, str | None]]:
    """Code, Thai and English name of every place of a set, by code."""
    query = select(Place.code, Place.name_th, Place.name_en).join(Boundary, Boundary.place_id == Place.id)
    ordered = query.where(Boundary.set_id == set_id).order_by(Place.code)
    return [(code, th, en) for code, th, en in session.execute(ordered)]


def newest_recordings(session: Session, indicator: str) -> dict[int, int]:
    """The number of the last recording that said something about an indicator, by period."""
    query = (
        select(Observation.period, func.max(Observation.recording_id))
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code == indicator)
        .group_by(Observation.period)
    )
    return {period: recording for period, recording in session.execute(query)}


def is_recorded_demo(session: Session, recording: int) -> bool:
    """Whether a recording brought demo data."""
    return bool(session.scalar(select(Recording.demo).where(Recording.id == recording)))


def _peers(wanted: PlaceFilter) -> Select[int]:
    return select(PeerRank.place_id).where(
        PeerRank.run_id == wanted.run, PeerRank.peers == wanted.peers, PeerRank.group_code == wanted.group
    )

"""What there is to be catalogued beside editions: places, boundaries, observations and memberships, since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.models import (
    AuditEvent,
    Boundary,
    BoundarySet,
    IndicatorKey,
    Membership,
    Observation,
    Place,
    Recording,
    Source,
)
from cityindex.queries.exchange.features import standing
from cityindex.queries.places.boundaries import BoundaryVersion
from cityindex.queries.places.directory import CHANGES_PLACES


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """The register of places: how many of each type, from where, and when it changed last (None: not on record)."""

    types: Mapping[str, int]
    sources: tuple[str, ...]
    changed: datetime | None
    invented: int
    """How many of the places are demo data."""


@dataclass(frozen=True, slots=True)
class BoundaryFacts:
    """A boundary set in force, with how many places it holds."""

    version: BoundaryVersion
    imported: datetime
    places: int


@dataclass(frozen=True, slots=True)
class ObservationFacts:
    """All observations: first and last year (common era), of what, from where and since when."""

    years: tuple[int, int]
    indicators: tuple[str, ...]
    types: tuple[str, ...]
    sources: tuple[str, ...]
    first: datetime
    last: datetime
    demo: bool


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The members of today of a programme."""

    members: int
    types: tuple[str, ...]
    sources: tuple[str, ...]
    demo: bool


def register_facts(session: Session) -> RegisterFacts:
    """Two queries."""
    query = select(Place.place_type, Place.source, Place.demo, func.count()).group_by(
        Place.place_type, Place.source, Place.demo
    )
    types: dict[str, int] = {}
    sources: dict[str, None] = {}
    invented = 0
    for place_type, source, demo, count in session.execute(query.order_by(Place.source)):
        types[place_type] = types.get(place_type, 0) + count
        sources[source] = None
        invented += count if demo else 0
    changed = select(func.max(AuditEvent.at)).where(AuditEvent.action.in_(CHANGES_PLACES))
    return RegisterFacts(types, tuple(sources), session.scalar(changed), invented)


def boundary_facts(session: Session) -> Sequence[BoundaryFacts]:
    """The boundary sets in force, by level."""
    versions = standing(session).boundaries
    query = (
        select(BoundarySet.id, BoundarySet.imported_at, func.count())
        .join(Boundary, Boundary.set_id == BoundarySet.id)
        .where(BoundarySet.id.in_([one.id for one in versions]))
        .group_by(BoundarySet.id, BoundarySet.imported_at)
    )
    known = {number: (imported, count) for number, imported, count in session.execute(query)}
    return [BoundaryFacts(one, *known[one.id]) for one in versions]


def observation_facts(session: Session) -> ObservationFacts | None:
    """None where nothing was ever recorded. Reads the ends of an index for each indicator, never the values."""
    of = Observation.indicator_id == IndicatorKey.id
    first = select(func.min(Observation.period)).where(of).correlate(IndicatorKey).scalar_subquery()
    last = select(func.max(Observation.period)).where(of).correlate(IndicatorKey).scalar_subquery()
    held = [row for row in session.execute(select(IndicatorKey.code, first, last)) if row[1] is not None]
    if not held:
        return None
    came = select(func.min(Recording.recorded_at), func.max(Recording.recorded_at)).where(Recording.rows > 0)
    demo = select(Recording.id).where(Recording.demo, Recording.rows > 0).limit(1)
    began, ended = session.execute(came).one()
    return ObservationFacts(
        years=(min(row[1] for row in held), max(row[2] for row in held)),
        indicators=tuple(sorted(row[0] for row in held)),
        types=_observed_types(session),
        sources=tuple(session.scalars(select(Source.text).order_by(Source.text))),
        first=began,
        last=ended,
        demo=session.scalar(demo) is not None,
    )


def _observed_types(session: Session) -> tuple[str, ...]:
    """The types of places with an observation: each type is asked for until the first one is found."""
    types = select(Place.place_type).distinct().subquery()
    held = select(Observation.place_id).join(Place, Place.id == Observation.place_id)
    found = select(types.c.place_type).where(held.where(Place.place_type == types.c.place_type).exists())
    return tuple(session.scalars(found.order_by(types.c.place_type)))


def member_facts(session: Session) -> Mapping[str, MemberFacts]:
    """By programme; those without members are left out."""
    columns = (Membership.programme, Membership.source, Membership.demo, Place.place_type)
    query = (
        select(*columns, func.count())
        .join(Place, Place.id == Membership.place_id)
        .where(Membership.left.is_(None))
        .group_by(*columns)
        .order_by(*columns)
    )
    found: dict[str, MemberFacts] = {}
    for programme, source, demo, place_type, count in session.execute(query):
        before = found.get(programme, MemberFacts(0, (), (), demo=False))
        types = dict.fromkeys((*before.types, place_type))
        sources = dict.fromkeys((*before.sources, source))
        found[programme] = MemberFacts(before.members + count, tuple(types), tuple(sources), before.demo or demo)
    return found

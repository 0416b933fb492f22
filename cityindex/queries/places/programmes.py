"""Memberships: who is in a programme, and what a place is a member of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.models import Membership, Place


@dataclass(frozen=True, slots=True)
class MembershipRecord:
    """A place in a programme. Dates are known to the `day`, `month` or `year` that the precision says."""

    programme: str
    place: str
    place_type: str
    name_th: str
    name_en: str | None
    joined: date | None
    joined_precision: str
    left: date | None
    left_precision: str
    note: str | None
    source: str
    demo: bool


_COLUMNS: tuple[Any, ...] = (
    Membership.programme, Place.code, Place.place_type, Place.name_th, Place.name_en,
    Membership.joined, Membership.joined_precision, Membership.left, Membership.left_precision,
    Membership.note, Membership.source, Membership.demo,
)  # fmt: skip


def members_of(session: Session, programme: str) -> tuple[MembershipRecord, ...]:
    """All memberships of a programme, ended ones too, by date of joining and name."""
    query = select(*_COLUMNS).join(Place, Place.id == Membership.place_id).where(Membership.programme == programme)
    ordered = query.order_by(Membership.joined.nulls_last(), Place.name_sort)
    return tuple(MembershipRecord(*row) for row in session.execute(ordered))


def member_page(
    session: Session, programme: str, after: int, limit: int, *, left: bool = False
) -> tuple[tuple[int, MembershipRecord], ...]:
    """Memberships whose number comes after `after`, with their numbers; with `left`, those that have ended, too."""
    query = select(Membership.id, *_COLUMNS).join(Place, Place.id == Membership.place_id)
    query = query.where(Membership.programme == programme, Membership.id > after)
    if not left:
        query = query.where(Membership.left.is_(None))
    found = session.execute(query.order_by(Membership.id).limit(limit))
    return tuple((number, MembershipRecord(*row)) for number, *row in found)


def memberships_of(session: Session, place_id: int) -> tuple[MembershipRecord, ...]:
    """All memberships of a place, by date of joining."""
    query = select(*_COLUMNS).join(Place, Place.id == Membership.place_id).where(Membership.place_id == place_id)
    ordered = query.order_by(Membership.joined.nulls_last(), Membership.programme)
    return tuple(MembershipRecord(*row) for row in session.execute(ordered))


def members_by_programme(session: Session) -> Mapping[str, int]:
    """How many places are in each programme now."""
    query = select(Membership.programme, func.count()).where(Membership.left.is_(None)).group_by(Membership.programme)
    return {programme: count for programme, count in session.execute(query)}


@dataclass(frozen=True, slots=True)
class MemberSite:
    """Where a member is; None where the register does not say."""

    place_id: int
    longitude: float | None
    latitude: float | None


def member_sites(session: Session, *programmes: str) -> Mapping[str, Mapping[str, MemberSite]]:
    """The members of today of some programmes: by programme and code."""
    query = (
        select(Membership.programme, Place.code, Place.id, Place.longitude, Place.latitude)
        .join(Place, Place.id == Membership.place_id)
        .where(Membership.programme.in_(programmes), Membership.left.is_(None))
        .order_by(Place.code)
    )
    found: dict[str, dict[str, MemberSite]] = {programme: {} for programme in programmes}
    for programme, code, place_id, longitude, latitude in session.execute(query):
        found[programme][code] = MemberSite(place_id, longitude, latitude)
    return found

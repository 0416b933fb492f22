"""What places are, for finding those alike: type, region, people, density, revenue per head. Read once a change.

A number is the newest observation of the place in the last years that have any, else what the register says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cityindex.database import address_of
from cityindex.memory import Memory
from cityindex.models import AuditEvent, Place, Recording
from cityindex.queries.observations.observations import latest_periods, observation_cube
from cityindex.queries.places.directory import Named
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.similarity import UNKNOWN, Kinds

POPULATION, AREA, REVENUE = "population", "area", "total_revenue"
PROVINCE, DISTRICT = "province", "district"
MILLION = 1_000_000
"""Revenue is reported in million baht."""
YEARS = 5
"""How old a figure may be, counted from the newest one of its indicator."""
KEPT = 4


@dataclass(frozen=True, eq=False)
class Figure:
    """One number of every place, NaN where there is none, and the year it is of: 0 for the register."""

    values: Floats
    periods: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Register:
    """All local governments and provinces in force, by code. Density is in people per km², revenue in baht a head."""

    places: Sequence[Named]
    codes: NDArray[Any]
    row: Mapping[str, int]
    areas: Bools
    """Whether a place is a whole province."""
    demo: Bools
    types: Kinds
    provinces: Kinds
    """Which of `province_codes` a place lies in, or is."""
    province_codes: Sequence[str]
    population: Figure
    density: Figure
    revenue: Figure


def register(session: Session) -> Register:
    """Read anew only after something was recorded or imported. One query, or six."""
    return _kept.get(_version(session), lambda: _read(session))


_kept: Memory[Register] = Memory(KEPT)


def _version(session: Session) -> tuple[Any, ...]:
    """Every import of places or figures writes to the trail; when it was written tells a restored backup."""
    newest = (AuditEvent.id, AuditEvent.at, Recording.id, Recording.recorded_at, Place.id)
    row = session.execute(select(*(select(func.max(column)).scalar_subquery() for column in newest))).one()
    return address_of(session), *row


def _read(session: Session) -> Register:
    area = aliased(Place)
    query = (
        select(
            Place.id, Place.population, Place.area_km2, Place.code, Place.place_type, Place.name_th, Place.name_en,
            Place.name_sort, area.code, area.name_th, area.name_en, Place.demo,
        )
        .outerjoin(area, area.id == Place.province_id)
        .where(Place.valid_to.is_(None), Place.place_type != DISTRICT)
        .order_by(Place.code)
    )  # fmt: skip
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    places = [Named(*tuple[Any, ...](row)[3:]) for row in rows]
    figures = {code: _recent(session, code, ids) for code in (POPULATION, AREA, REVENUE)}
    population = _newest(figures[POPULATION], _numbers(row.population for row in rows))
    square = _newest(figures[AREA], _numbers(row.area_km2 for row in rows))
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(square.values > 0, population.values / square.values, np.nan)
    within = [one.code if one.place_type == PROVINCE else one.province_code for one in places]
    return Register(
        places=places,
        codes=np.array([one.code for one in places]),
        row={one.code: number for number, one in enumerate(places)},
        areas=np.array([one.place_type == PROVINCE for one in places], dtype=bool),
        demo=np.array([one.demo for one in places], dtype=bool),
        types=numbered([one.place_type for one in places])[0],
        provinces=numbered(within)[0],
        province_codes=numbered(within)[1],
        population=population,
        density=Figure(density, population.periods),
        revenue=_newest(_per_head(figures[REVENUE], figures[POPULATION]), np.full(len(ids), np.nan)),
    )


def numbered(kinds: Sequence[str | None]) -> tuple[Kinds, tuple[str, ...]]:
    """Kinds as numbers, and what they stand for in order; `UNKNOWN` for those that are not known."""
    names = tuple(sorted({kind for kind in kinds if kind is not None}))
    number = {name: at for at, name in enumerate(names)}
    return np.array([UNKNOWN if kind is None else number[kind] for kind in kinds], dtype=np.int64), names


def _recent(session: Session, code: str, ids: Sequence[int]) -> dict[int, Floats]:
    """The values of all places by year, the last `YEARS` up to the newest."""
    newest = latest_periods(session, [code]).get(code)
    if newest is None:
        return {}
    years = range(newest - YEARS + 1, newest + 1)
    values, _ = observation_cube(session, ids, (code,), years)
    return dict(zip(years, values[:, :, 0], strict=True))


def _newest(by_year: Mapping[int, Floats], otherwise: Floats) -> Figure:
    values, periods = otherwise.copy(), np.zeros(otherwise.size, np.int64)
    for year in sorted(by_year):
        there = ~np.isnan(by_year[year])
        values[there], periods[there] = by_year[year][there], year
    return Figure(values, periods)


def _per_head(revenue: Mapping[int, Floats], people: Mapping[int, Floats]) -> dict[int, Floats]:
    """Baht a head, of years in which both are known: never this year's money over another year's people."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            year: np.where(people[year] > 0, MILLION * revenue[year] / people[year], np.nan)
            for year in revenue
            if year in people
        }


def _numbers(values: Any) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=float)

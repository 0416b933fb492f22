"""The values that go into a delivery: those of an agreement that changed since the partner had them last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from cityindex.definitions.agreements import Agreement
from cityindex.formats.packages import DeliveryRows
from cityindex.models import DeliveryPlace, IndicatorKey, Membership, Observation, Place, Recording, Source


@dataclass(frozen=True, slots=True)
class Known:
    """What the partner has: everything recorded up to `cutoff`, of these places, indicators and years."""

    cutoff: int = 0
    places: frozenset[int] = frozenset()
    indicators: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement means at this moment: its places (row and code), indicators (row and code) and years."""

    places: dict[int, str]
    indicators: dict[int, str]
    years: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Changed:
    """The rows, in the order of indicator, year and place, with the row of each one's place."""

    rows: DeliveryRows
    place_ids: NDArray[np.int64]


def terms_of(session: Session, agreement: Agreement) -> Terms:
    """Places that exist and belong to the cohort now; demo places under an agreement about demo data, and no other."""
    codes = select(IndicatorKey.id, IndicatorKey.code).where(IndicatorKey.code.in_(agreement.indicators))
    indicators = {key: code for key, code in session.execute(codes)}
    years = select(Observation.period).where(Observation.indicator_id.in_(indicators)).distinct()
    return Terms(
        {row[0]: row[1] for row in session.execute(cohort(agreement))},
        indicators,
        tuple(sorted(year for year in session.scalars(years) if agreement.in_period(year))),
    )


def cohort(agreement: Agreement) -> Select[int, str]:
    """The rows and codes of the places of an agreement."""
    wanted = agreement.cohort
    query = select(Place.id, Place.code).where(Place.valid_to.is_(None), Place.demo.is_(agreement.demo))
    if wanted.types:
        query = query.where(Place.place_type.in_(wanted.types))
    if wanted.programme:
        members = select(Membership.place_id).where(Membership.programme == wanted.programme, Membership.left.is_(None))
        query = query.where(Place.id.in_(members))
    if wanted.provinces:
        within = select(Place.id).where(Place.place_type == "province", Place.code.in_(wanted.provinces))
        query = query.where(or_(Place.province_id.in_(within), Place.id.in_(within)))
    return query.order_by(Place.code)


def last_recording(session: Session) -> int:
    """The newest recording. Recordings follow on each other, so that whatever it does not know comes later."""
    return session.scalar(select(func.max(Recording.id))) or 0


def known_places(session: Session, delivery: int) -> frozenset[int]:
    """The places that a delivery looked through."""
    return frozenset(session.scalars(select(DeliveryPlace.place_id).where(DeliveryPlace.delivery_id == delivery)))


def changed(session: Session, terms: Terms, known: Known) -> Changed:
    """The values in force that the partner does not have yet. What is new in the terms comes whole."""
    fresh = _fresh(terms, known)
    query = (
        select(*COLUMNS)
        .where(Observation.superseded_by.is_(None), Observation.indicator_id.in_(terms.indicators))
        .where(Observation.period.in_(terms.years))
    )
    if not any(len(part) for part in fresh.values()):
        query = query.where(Observation.recording_id > known.cutoff)
    rows = _arrays(session, query)
    wanted = np.isin(rows["place_id"], np.fromiter(terms.places, np.int64))
    late = rows["recording_id"] > known.cutoff
    for name, part in fresh.items():
        late |= np.isin(rows[name], part)
    return _in_order(session, terms, {name: column[wanted & late] for name, column in rows.items()})


COLUMNS = (
    Observation.indicator_id,
    Observation.period,
    Observation.place_id,
    Observation.recording_id,
    Observation.source_id,
    Observation.status,
    Observation.value,
)
Arrays = dict[str, NDArray[Any]]


def _fresh(terms: Terms, known: Known) -> Arrays:
    """What the partner was never given: places, indicators and years that came into the terms."""
    return {
        "place_id": np.array([key for key in terms.places if key not in known.places], np.int64),
        "indicator_id": np.array([key for key, code in terms.indicators.items() if code not in known.indicators]),
        "period": np.array([year for year in terms.years if year not in known.years]),
    }


def _arrays(session: Session, query: Select[*tuple[Any, ...]]) -> Arrays:
    columns = list(zip(*session.execute(query).all(), strict=True)) or [()] * len(COLUMNS)
    names = [column.key for column in COLUMNS]
    found: Arrays = {name: np.array(values, np.int64) for name, values in zip(names[:5], columns, strict=False)}
    found["status"] = np.frombuffer("".join(columns[5]).encode("ascii"), np.uint8)
    found["value"] = np.array(columns[6], np.float64)  # null becomes NaN
    return found


def _in_order(session: Session, terms: Terms, rows: Arrays) -> Changed:
    """Sorted, and with words for numbers: the same content gives the same rows."""
    indicators = {key: code for key, code in sorted(terms.indicators.items(), key=lambda item: item[1])}
    sources = np.unique(rows["source_id"])
    words = {key: text for key, text in session.execute(select(Source.id, Source.text))}
    place, place_codes = _positions(terms.places, rows["place_id"])
    indicator, indicator_codes = _positions(indicators, rows["indicator_id"])
    order = np.lexsort((place, rows["period"], indicator))
    made = DeliveryRows(
        places=place_codes,
        indicators=indicator_codes,
        sources=[words[key] for key in sources.tolist()],
        place=place[order],
        indicator=indicator[order],
        source=np.searchsorted(sources, rows["source_id"])[order].astype(np.int32),
        period=rows["period"][order].astype(np.int16),
        value=rows["value"][order],
        status=rows["status"][order],
    )
    return Changed(made, rows["place_id"][order])


def _positions(words: dict[int, str], keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], list[str]]:
    """Where each key stands in the list of words, which keeps its order."""
    known = np.fromiter(words, np.int64, len(words))
    order = np.argsort(known)
    return order[np.searchsorted(known[order], keys)].astype(np.int32), list(words.values())

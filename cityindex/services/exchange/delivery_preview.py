"""What the next delivery of an agreement would hold, and how it differs from what the partner has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cityindex.definitions.agreements import SEND, Agreement
from cityindex.definitions.catalogue import Catalogue
from cityindex.queries.exchange.deliveries import OPEN, newest
from cityindex.queries.exchange.delivery_rows import Changed, Known, Terms, changed, terms_of
from cityindex.queries.exchange.delivery_scores import changed_scores
from cityindex.queries.observations.arrays import observation_rows
from cityindex.services.exchange.delivery_contents import known_editions, known_to_partner

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

SHOWN = 200
Values = dict[tuple[int, int, int], tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A value beside the one that the partner has; `before` is None where there was none. NaN is no value."""

    place: str
    indicator: str
    period: int
    value: float
    status: str
    before: tuple[float, str] | None


@dataclass(frozen=True, slots=True)
class Part:
    """How many values of an indicator and year are new to the partner, and how many are corrected."""

    indicator: str
    period: int
    new: int
    corrected: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The next delivery: `waiting` is the number of one that is built and not accepted, which goes first."""

    agreement: str
    rows: int
    places: int
    parts: tuple[Part, ...]
    first: tuple[Difference, ...]
    """The first of them."""
    waiting: int | None


def preview(sessions: sessionmaker[Session], catalogue: Catalogue, code: str) -> Preview:
    """Look at what a delivery would be, also under a draft of an agreement. Nothing is stored. Raises `NotFound`."""
    agreement = catalogue.agreement(code)
    if agreement.scores:
        return _of_scores(sessions, agreement)
    with sessions() as session:
        terms, known = terms_of(session, agreement), known_to_partner(session, code)
        found = changed(session, terms, known)
        held = _held(session, terms, known)
        waiting = newest(session, code, SEND, *OPEN)
    differences = _differences(terms, found, held)
    return Preview(
        code,
        len(found.rows),
        len(np.unique(found.place_ids)),
        _parts(differences),
        tuple(differences[:SHOWN]),
        waiting.sequence if waiting else None,
    )


def _of_scores(sessions: sessionmaker[Session], agreement: Agreement) -> Preview:
    """Editions come whole: of each, whether the partner has an earlier one."""
    with sessions() as session:
        known = known_editions(session, agreement.code)
        found = changed_scores(session, agreement, known)
        waiting = newest(session, agreement.code, SEND, *OPEN)
    counts = Counter(found.rows.select("framework", "period").iter_rows())
    parts = []
    for (framework, period), rows in sorted(counts.items()):
        again = f"{framework}/{period}" in known.runs
        parts.append(Part(framework, period, 0 if again else rows, rows if again else 0))
    places = len(np.unique(found.place_ids))
    return Preview(agreement.code, len(found.rows), places, tuple(parts), (), waiting.sequence if waiting else None)


def _held(session: Session, terms: Terms, known: Known) -> Values:
    """What the partner has, by indicator, year and place."""
    if not known.cutoff:
        return {}
    indicators = [key for key, code in terms.indicators.items() if code in known.indicators]
    rows = observation_rows(session, indicators, sorted(known.years), cutoff=known.cutoff)
    rows = rows[np.isin(rows["place_id"], list(known.places))]
    keys = zip(*(rows[name].tolist() for name in ("indicator_id", "period", "place_id")), strict=True)
    values = zip(rows["value"].tolist(), map(chr, rows["status"].tolist()), strict=True)
    return dict(zip(keys, values, strict=True))


def _differences(terms: Terms, found: Changed, held: Values) -> list[Difference]:
    rows = found.rows
    keys = {code: key for key, code in terms.indicators.items()}
    columns = (rows.place, rows.indicator, rows.period, rows.value, rows.status, found.place_ids)
    made = []
    for place, indicator, period, value, status, place_id in zip(*(one.tolist() for one in columns), strict=True):
        code = rows.indicators[indicator]
        before = held.get((keys[code], period, place_id))
        made.append(Difference(rows.places[place], code, period, value, chr(status), before))
    return made


def _parts(differences: list[Difference]) -> tuple[Part, ...]:
    counts: dict[tuple[str, int], list[int]] = {}
    for one in differences:
        counts.setdefault((one.indicator, one.period), [0, 0])[one.before is not None] += 1
    return tuple(Part(*key, *pair) for key, pair in sorted(counts.items()))

"""What goes into the next delivery of an agreement: what its partner does not have yet, as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from cityindex.definitions.agreements import SEND, Agreement
from cityindex.formats.packages import write_frame, write_rows
from cityindex.models import Delivery
from cityindex.queries.exchange.deliveries import ACCEPTED, newest
from cityindex.queries.exchange.delivery_rows import Known, changed, known_places, last_recording, terms_of
from cityindex.queries.exchange.delivery_scores import KnownEditions, changed_scores


@dataclass(frozen=True, eq=False)
class Contents:
    """The rows as they travel. `cutoff` and `terms` say up to where and through what was looked; `about` is for the
    manifest."""

    content: bytes
    rows: int
    cutoff: int
    terms: str
    places: Iterable[int]
    place_ids: NDArray[np.int64]
    """Of each row."""
    about: dict[str, Any]


def contents(session: Session, agreement: Agreement, *, whole: bool) -> Contents | None:
    """What changed since the last accepted delivery (or, `whole`, all of it); None where nothing did."""
    return (_scores if agreement.scores else _values)(session, agreement, whole=whole)


def known_to_partner(session: Session, code: str) -> Known:
    """What the partner of an agreement on values has, by the last delivery that was accepted."""
    last = newest(session, code, SEND, ACCEPTED)
    if last is None:
        return Known()
    row = session.get_one(Delivery, last.id)
    terms = json.loads(row.terms)
    return Known(row.cutoff, known_places(session, row.id), frozenset(terms["indicators"]), frozenset(terms["years"]))


def known_editions(session: Session, code: str) -> KnownEditions:
    """The same under an agreement on scores."""
    last = newest(session, code, SEND, ACCEPTED)
    if last is None:
        return KnownEditions({})
    terms = json.loads(session.get_one(Delivery, last.id).terms)
    return KnownEditions(terms["runs"], known_places(session, last.id))


def _values(session: Session, agreement: Agreement, *, whole: bool) -> Contents | None:
    cutoff = last_recording(session)  # first: what comes in meanwhile is sent once more, never left out
    terms = terms_of(session, agreement)
    found = changed(session, terms, Known() if whole else known_to_partner(session, agreement.code))
    if not len(found.rows):
        return None
    rows = found.rows
    return Contents(
        content=write_rows(rows, agreement.format),
        rows=len(rows),
        cutoff=cutoff,
        terms=json.dumps({"indicators": sorted(terms.indicators.values()), "years": terms.years}),
        places=terms.places,
        place_ids=found.place_ids,
        about={
            "indicators": sorted({rows.indicators[one] for one in np.unique(rows.indicator).tolist()}),
            "periods": np.unique(rows.period).tolist(),
        },
    )


def _scores(session: Session, agreement: Agreement, *, whole: bool) -> Contents | None:
    cutoff = last_recording(session)
    found = changed_scores(session, agreement, KnownEditions({}) if whole else known_editions(session, agreement.code))
    if not found.anything:
        return None
    return Contents(
        content=write_frame(found.rows, agreement.format),
        rows=len(found.rows),
        cutoff=cutoff,
        terms=json.dumps({"runs": found.runs}),
        places=found.places,
        place_ids=found.place_ids,
        about={
            "frameworks": sorted({one.framework for one in found.editions}),
            "periods": sorted({one.period for one in found.editions}),
            "withdrawn": list(found.withdrawn),
        },
    )

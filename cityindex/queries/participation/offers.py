"""What residents may choose of an indicator: values that similar places have reached, and what each does to the score.

Calculated once, when a consultation is opened, with the frozen parameters of a published run; nobody who votes waits
for it, and everybody is shown the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Invalid
from cityindex.queries.participation.consultations import Offer
from cityindex.queries.runs.explanations import peers_of
from cityindex.queries.runs.frozen_runs import FrozenRun, frozen_run
from cityindex.scoring.framework import Indicator
from cityindex.scoring.frozen import Row
from cityindex.scoring.matrix import CellStatus, Floats
from cityindex.scoring.peers import UPPER_QUARTER
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.treat import EXEMPT_TYPES
from cityindex.scoring.whatif import bounds_of, ordinal, rescore

OWN = (CellStatus.NORMAL, CellStatus.ESTIMATED)
SAME, PEERS, QUARTER, OTHER = KINDS = ("same", "peers", "quarter", "own")
FEWEST = 5
"""Peers with a value that a median and a quarter are taken of."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The facts of one indicator, as `ConsultationTopic.facts` keeps them."""

    value: float | None
    better: float
    peers: int
    behind: int
    median: float | None
    quarter: float | None
    offers: tuple[Offer, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Ground:
    """How a place stands in an edition, and what its peers share with it."""

    edition: int
    score: float | None
    rank: int | None
    ranked: int
    shared: tuple[tuple[str, str], ...]


def ground(session: Session, run_id: int, place_id: int) -> Ground:
    """The place in a run. Raises `NotFound` where the run does not hold it."""
    run = frozen_run(session, run_id)
    row = run.row(place_id)
    score, rank = float(row.score[0]), int(row.rank)
    return Ground(
        run.period,
        None if math.isnan(score) else score,
        None if rank == UNRANKED else rank,
        int((run.results.rank[0, :, 0] > UNRANKED).sum()),
        peers_of(run, row).shared,
    )


def askable(session: Session, run_id: int, place_id: int) -> list[str]:
    """The indicators of a run that a place can be asked about: they count, apply to it, and there is a choice."""
    run = frozen_run(session, run_id)
    row = run.row(place_id)
    return [code for code in run.frozen.column if len(_offered(run, row, code, ()).offers) > 1]


def offered(
    session: Session, catalogue: Catalogue, run_id: int, place_id: int, wanted: Mapping[str, Iterable[float]]
) -> dict[str, Offered]:
    """The facts of some indicators, each with values of the place's own choice besides those of its peers.

    Indicators that the run has not are left out. Raises `NotFound` where the run does not hold the place.
    """
    run = frozen_run(session, run_id)
    row = run.row(place_id)
    return {
        code: _offered(run, row, code, tuple(own))
        for code, own in wanted.items()
        if code in run.frozen.column and code in catalogue.indicators
    }


def _offered(run: FrozenRun, row: Row, code: str, own: tuple[float, ...]) -> Offered:
    column = run.frozen.column[code]
    indicator = run.frozen.plan.columns[column].indicator
    better = -1.0 if indicator.direction == "lower" else 1.0
    there = row.status[column] in OWN and not math.isnan(row.values[column])
    value = float(row.values[column]) if there else None
    others = _others(run, row, column)
    middle, quarter = _reached(others, better, indicator)
    wanted = {SAME: value, PEERS: middle, QUARTER: quarter}
    return Offered(
        value=value,
        better=better,
        peers=int(others.size),
        behind=0 if value is None else int((better * (others - value) < 0).sum()),
        median=middle,
        quarter=quarter,
        offers=tuple(_offers(run, row, code, _worth(wanted, better, own))),
    )


def _others(run: FrozenRun, row: Row, column: int) -> Floats:
    """The values of the peers, those that stand in for others left out."""
    wanted = frozenset(peers_of(run, row).codes)
    rows = [k for k, code in enumerate(run.results.places) if code in wanted]
    values, status = run.results.values[0, rows, column], run.results.status[0, rows, column]
    found: Floats = values[~np.isnan(values) & np.isin(status, OWN)]
    return found


def _reached(others: Floats, better: float, indicator: Indicator) -> tuple[float | None, float | None]:
    """What half and the best quarter of the peers have reached, as it is written down; None of too few."""
    if others.size < FEWEST:
        return None, None
    middle, upper = (better * np.quantile(better * others, [0.5, UPPER_QUARTER])).tolist()
    return written(middle, better, indicator), written(upper, better, indicator)


def written(value: float, better: float, indicator: Indicator) -> float:
    """A value rounded to the better side, to the decimals that pages show; whole steps stay whole."""
    decimals = 0 if indicator.type in EXEMPT_TYPES else None if indicator.denominator else indicator.decimals
    if decimals is None:
        decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    scaled = value * 10**decimals
    if math.isclose(scaled, round(scaled), rel_tol=1e-12, abs_tol=1e-9):
        return float(round(scaled) / 10**decimals)
    return float((math.ceil(scaled) if better > 0 else math.floor(scaled)) / 10**decimals)


def _worth(wanted: Mapping[str, float | None], better: float, own: tuple[float, ...]) -> list[tuple[str, float]]:
    """What is worth choosing, from the least to the best: what is no better than now is left out, but for now itself
    and what the place itself offers; each value once.
    """
    start = wanted[SAME]
    found: dict[float, str] = {}
    for kind, value in wanted.items():
        if value is not None and (kind == SAME or start is None or better * (value - start) > 0):
            found.setdefault(value, kind)
    for value in own:
        found.setdefault(value, OTHER)
    return [(kind, value) for value, kind in sorted(found.items(), key=lambda pair: better * pair[0])]


def _offers(run: FrozenRun, row: Row, code: str, worth: Iterable[tuple[str, float]]) -> Iterable[Offer]:
    low, high = bounds_of(run.frozen, run.frozen.column[code])
    for kind, value in worth:
        if low <= value <= high:
            yield Offer(kind, value, *_effect(run, row, code, value))


def _effect(run: FrozenRun, row: Row, code: str, value: float) -> tuple[float | None, int | None]:
    """Score and rank with a value; None where that cannot be calculated."""
    if ordinal(run.frozen):
        return None, None
    try:
        found = rescore(run.frozen, run.standing, row, {code: value})
    except Invalid:
        return None, None
    score = float(found.score[0])
    return (None, None) if math.isnan(score) else (score, None if found.rank == UNRANKED else found.rank)

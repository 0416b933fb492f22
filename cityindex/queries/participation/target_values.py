"""The values that targets are measured by: those of the place itself, in the unit that pages show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Catalogue
from cityindex.models import IndicatorKey, RunNode, Score
from cityindex.queries.observations.arrays import observation_rows
from cityindex.queries.observations.indicator_columns import indicator_columns, is_calculated
from cityindex.queries.observations.observations import PlaceObservation
from cityindex.queries.runs.editions import current_editions
from cityindex.scoring.framework import Framework
from cityindex.scoring.plan import make_plan

About = tuple[str, str, int]
"""Framework (empty for an indicator), code of the indicator or node, row of the place."""
Values = Mapping[About, Mapping[int, float]]
EVER = range(1800, 2201)
IMPUTED = ord("I")
FIXED = ("goalposts", "distance-to-target", "ladder", "none")
"""Ways of scoring that do not depend on who else is scored in the same period."""


def values_of(session: Session, catalogue: Catalogue, wanted: Iterable[About]) -> Values:
    """Values by year. What stands in for a value (of a wider area, carried forward, imputed) is left out."""
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for framework, code, place in wanted:
        places[framework, code].add(place)
    reported = {
        code: ids for (framework, code), ids in places.items() if not framework and _is_reported(catalogue, code)
    }
    found: dict[About, dict[int, float]] = {}
    if reported:
        _reported(session, reported, found)
    for (framework, code), ids in places.items():
        if framework:
            _scores(session, framework, (code, ids), found)
        elif code not in reported:
            _calculated(session, catalogue, (code, ids), found)
    return found


def reported_values(observations: Iterable[PlaceObservation]) -> dict[int, float]:
    """The values of one place and indicator by year; imputed ones are left out."""
    return {one.period: one.value for one in observations if one.value is not None and one.status != chr(IMPUTED)}


def lasting(framework: Framework) -> bool:
    """Whether scores of different periods may be compared: no indicator is scaled by who else is in its period."""
    rules = [column.normalise for column in make_plan(framework).columns]
    return all(rule.method in FIXED or rule.options.get("over", "period") != "period" for rule in rules)


def _is_reported(catalogue: Catalogue, code: str) -> bool:
    return code in catalogue.indicators and not is_calculated(catalogue.indicators[code].indicator)


def _reported(session: Session, wanted: Mapping[str, Collection[int]], found: dict[About, dict[int, float]]) -> None:
    query = select(IndicatorKey.id, IndicatorKey.code).where(IndicatorKey.code.in_(wanted))
    codes = {key: code for key, code in session.execute(query)}
    places = {place for ids in wanted.values() for place in ids}
    rows = observation_rows(session, codes, EVER, place_ids=places)
    rows = rows[~np.isnan(rows["value"]) & (rows["status"] != IMPUTED)]
    columns = (rows[name].tolist() for name in ("indicator_id", "place_id", "period", "value"))
    for key, place, period, value in zip(*columns, strict=True):
        if place in wanted[codes[key]]:
            found.setdefault(("", codes[key], place), {})[period] = value


def _calculated(
    session: Session,
    catalogue: Catalogue,
    about: tuple[str, Collection[int]],
    found: dict[About, dict[int, float]],
) -> None:
    code, places = about
    if code not in catalogue.indicators:
        return
    scoring = [
        one.code for one in catalogue.frameworks_using(code) if code in {leaf.code for leaf in one.framework.leaves}
    ]
    ids = np.array(sorted(places), dtype=np.int32)
    for period, column in indicator_columns(session, catalogue.indicator(code).indicator, scoring).columns.items():
        own = column.only(ids)
        for place, value, stands_in in zip(
            own.place_ids.tolist(), own.values.tolist(), own.standing_in.tolist(), strict=True
        ):
            if not stands_in:
                found.setdefault(("", code, place), {})[period] = value


def _scores(
    session: Session, framework: str, about: tuple[str, Collection[int]], found: dict[About, dict[int, float]]
) -> None:
    code, places = about
    periods = {one.run: one.period for one in current_editions(session, framework)}
    query = (
        select(Score.run_id, Score.place_id, Score.score)
        .join(RunNode, (RunNode.run_id == Score.run_id) & (RunNode.position == Score.position))
        .where(Score.run_id.in_(periods), RunNode.code == code, Score.place_id.in_(places))
    )
    for run, place, score in session.execute(query):
        if score is None:
            continue
        found.setdefault((framework, code, place), {})[periods[run]] = score

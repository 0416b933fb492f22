"""Published results of a programme as a table: codes and labels in both languages, numbers in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import CodelistItem, FrameworkEntry
from cityindex.queries.editions import Edition
from cityindex.queries.progress import CohortPlace, cohort
from cityindex.queries.results import RunResults, run_results
from cityindex.scoring import ladder
from cityindex.web.session import application

ABOUT = (
    "place", "name_th", "name_en", "place_type", "place_type_th", "place_type_en", "region", "region_th", "region_en",
    "period", "period_be", "framework", "version", "run", "demo", "level", "level_th", "level_en",
)  # fmt: skip


def result_table(
    session: Session, programme: str, edition: Edition, entry: FrameworkEntry
) -> tuple[list[str], list[list[Any]]]:
    """Header and rows: a member a row, those without a result too; of each pillar the verified and claimed score.

    Where scores are average levels, these stand beside them.
    """
    results = run_results(session, edition.run)
    row_of = {number: at for at, number in enumerate(results.ids.tolist())}
    header = [*ABOUT, *(f"{what}_{node.code}" for node in results.pillars for what in _columns(entry))]
    rows = [_row(one, row_of.get(one.id), results, edition, entry) for one in cohort(session, programme)]
    return header, rows


def _columns(entry: FrameworkEntry) -> Sequence[str]:
    both = ("score", "claimed_score")
    return (*both, "level", "claimed_level") if ladder.top_level(entry.framework) is not None else both


def _row(place: CohortPlace, at: int | None, results: RunResults, edition: Edition, entry: FrameworkEntry) -> list[Any]:
    lists = application().catalogue.codelists
    region = None if at is None else results.groups["region"][at]
    standing = None if at is None else ladder.standing(entry.framework.levels, float(results.score[at, 0]))
    code = standing.level.code if standing else None
    named = entry.level_names.get(code) if code else None
    return [
        place.code, place.name_th, place.name_en,
        place.place_type, *_labels(lists["place-types"].items, place.place_type),
        region, *_labels(lists["regions"].items, region),
        edition.period, buddhist_year(edition.period), edition.framework, edition.version, edition.run, edition.demo,
        code, named.th if named else None, named.en if named else None,
        *(value for node in results.pillars for value in _pillar(results, at, node.position, entry)),
    ]  # fmt: skip


def _pillar(results: RunResults, at: int | None, position: int, entry: FrameworkEntry) -> list[float | None]:
    both = [_number(array, at, position) for array in (results.score, results.claimed)]
    if ladder.top_level(entry.framework) is None:
        return both
    return [*both, *(ladder.average_level(entry.framework, score) for score in both)]


def _number(array: Any, at: int | None, position: int) -> float | None:
    return None if at is None or np.isnan(array[at, position]) else float(array[at, position])


def _labels(items: Mapping[str, CodelistItem], code: str | None) -> tuple[str | None, str | None]:
    return (items[code].name.th, items[code].name.en) if code is not None and code in items else (None, None)

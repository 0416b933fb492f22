"""What publishing a round would show: levels and ranks, computed and not stored, for the programme office alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flask_babel import gettext

from cityindex.formats.progress_sheets import as_xlsx
from cityindex.queries.assessments.progress import spread
from cityindex.queries.assessments.results import run_results
from cityindex.queries.assessments.rounds import RoundRecord
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import named_places
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.services.assessments.results import RoundForecast
from cityindex.web.assessments.maturity_view import Ladder
from cityindex.web.assessments.progress_view import Group, group_of
from cityindex.web.filters import period
from cityindex.web.page import full_name
from cityindex.web.places.view import name_in
from cityindex.web.session import application, database


@dataclass(frozen=True, slots=True)
class Line:
    """A place as it would stand. `rank` is 0 where it would have none; `before` is its score in the edition beside."""

    place: Named
    score: float | None
    rank: int
    before: float | None
    fresh: bool


@dataclass(frozen=True)
class Seen:
    """`beside` is the edition that the scores are set against: of the period where one is public, else the last one."""

    round: RoundRecord
    found: RoundForecast
    beside: Edition | None

    @cached_property
    def ladder(self) -> Ladder:
        return Ladder(self.found.forecast.entry)

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The places of the round, by rank; those without a score last."""
        forecast, names = self.found.forecast, named_places(database())
        before = self._before()
        lines = [
            Line(names[code], _number(score), int(rank), before.get(number), number in self.found.fresh)
            for number, code, score, rank in zip(
                forecast.inputs.ids, forecast.inputs.places, *self._index(), strict=True
            )
            if number in self.found.places
        ]
        return sorted(lines, key=lambda one: (one.rank == 0, one.rank, one.place.name_sort))

    @cached_property
    def pillars(self) -> Group:
        """How many places of the round would stand on each level: the index first, then its pillars."""
        results, levels = self.found.forecast.results, self.ladder.entry.framework.levels
        rows = [at for at, number in enumerate(self.found.forecast.inputs.ids) if number in self.found.places]
        upper = [at for at, level in enumerate(results.levels) if level <= 1 and results.weights[at] > 0]
        shown = [at for at in upper if results.nodes[at] not in results.indicators]
        spreads = [spread(results.nodes[at], results.score[0, rows, at], levels) for at in shown]
        return group_of("", [(name_in(self.ladder.entry, one.code), one) for one in spreads])

    @property
    def set_against(self) -> str:
        """The heading of the scores before."""
        if self.beside is None:
            return ""
        when = period(self.beside.period, self.ladder.entry.framework.period)
        same = self.beside.period == self.round.period
        return gettext("Public now") if same else gettext("In %(when)s", when=when)

    def _index(self) -> tuple[Any, Any]:
        results = self.found.forecast.results
        return results.score[0, :, 0], results.rank[0, :, 0]

    def _before(self) -> dict[int, float]:
        if self.beside is None:
            return {}
        results = run_results(database(), self.beside.run)
        pairs = zip(results.ids.tolist(), results.score[:, 0].tolist(), strict=True)
        return {number: score for number, score in pairs if not np.isnan(score)}


def forecast_of(record: RoundRecord) -> Seen:
    """Raises `Conflict` where nothing of the round is approved, `Invalid` where it cannot be scored."""
    found = application().results.forecast(record.id)
    editions = current_editions(database(), found.forecast.entry.code)
    earlier = [one for one in editions if one.period <= record.period]
    return Seen(record, found, max(earlier, key=lambda one: one.period, default=None))


def as_sheet(seen: Seen, title: str) -> bytes:
    """Every line as XLSX; its name, its title and a column say that it is not published."""
    ladder, asked = seen.ladder, seen.round
    header = [
        gettext("Code"), gettext("Place"), gettext("Rank"), gettext("Score"), gettext("Level"), seen.set_against,
        gettext("Fiscal year (B.E.)"), gettext("Fiscal year (C.E.)"), gettext("Status"),
    ]  # fmt: skip
    unpublished = gettext("not published")
    status = gettext("not published; demo data") if asked.demo else unpublished
    rows = [
        [one.place.code, full_name(one.place), one.rank or None, one.score, ladder.name(one.score), one.before,
         asked.period + 543, asked.period, status]
        for one in seen.lines
    ]  # fmt: skip
    return as_xlsx(header, rows, f"{title}: {unpublished}")


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)

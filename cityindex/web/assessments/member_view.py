"""Members of a programme as tables show them: since when, until when, and when their next report is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cityindex.calendars import THAILAND
from cityindex.definitions.catalogue import Programme
from cityindex.queries.places.directory import Named
from cityindex.queries.places.places import named_places
from cityindex.queries.places.programmes import MembershipRecord, members_of
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.queries.runs.programme_scores import IndexScore, index_scores
from cityindex.web.session import database

AREA = "province"


@dataclass(frozen=True)
class Due:
    """When something is due, as exactly as the date it is counted from is known."""

    on: date
    precision: str


@dataclass(frozen=True)
class Member:
    """A membership with its place; `due` is computed, not reported. `scores` by framework."""

    record: MembershipRecord
    place: Named
    due: Due | None
    scores: Mapping[str, IndexScore]

    @property
    def whole_province(self) -> bool:
        return self.record.place_type == AREA


def present_members(
    programme: Programme, published: Sequence[Edition] | None = None
) -> tuple[list[Member], list[Edition]]:
    """The members of today, and the latest edition of each framework in which any of them has a score.

    `published` are the editions to look in, where they are known already: all there are, unless given.
    """
    records = [record for record in members_of(database(), programme.code) if record.left is None]
    if not records:
        return [], []
    newest: dict[str, Edition] = {}
    for edition in current_editions(database()) if published is None else published:
        newest.setdefault(edition.framework, edition)
    runs = [edition.run for edition in newest.values()]
    scores = index_scores(database(), programme.code, runs) if runs else {}
    places = named_places(database(), codes=[record.place for record in records])
    today = datetime.now(THAILAND).date()
    members = [
        Member(
            record=record,
            place=places[record.place],
            due=next_due(record, programme.report_every_years, today),
            scores={
                edition.framework: scores[record.place, edition.run]
                for edition in newest.values()
                if (record.place, edition.run) in scores
            },
        )
        for record in records
    ]
    return members, [edition for edition in newest.values() if any(edition.framework in one.scores for one in members)]


def next_due(record: MembershipRecord, every: float | None, today: date) -> Due | None:
    """The first day from `today` on that is a whole number of terms after joining; a year where only that is known."""
    if record.joined is None or not every or every != int(every):
        return None
    terms = 1
    while _ends(record, terms * int(every)) < today:
        terms += 1
    return Due(_later(record.joined, terms * int(every)), record.joined_precision)


def _later(day: date, years: int) -> date:
    year = day.year + years
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _ends(record: MembershipRecord, years: int) -> date:
    """The last day that a report of this term can be due on: of a year, where only the year is known."""
    assert record.joined is not None  # noqa: S101
    day = _later(record.joined, years)
    if record.joined_precision == "year":
        return day.replace(month=12, day=31)
    return day

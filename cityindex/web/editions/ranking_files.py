"""A ranking, and the moves in it, as they may be taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex import calendars
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.formats.taken import Column
from cityindex.queries.observations.indicator_tables import places_by_id
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.rank_changes import PlaceSteps, rank_intervals
from cityindex.queries.runs.scores import NO_INTERVAL, Interval, RankingRow, Wanted, ranking
from cityindex.web.editions.structure import structure
from cityindex.web.filters import number
from cityindex.web.links import here
from cityindex.web.places.columns import PLACE_COLUMNS, place_cells
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway

EVERY = 1_000_000
"""More rows than any edition has."""
RANK = (
    Column("rank", "อันดับ", "Rank", "whole"),
    Column("rank_low", "อันดับดีสุดของช่วง", "Lower end of the rank interval", "whole"),
    Column("rank_high", "อันดับท้ายสุดของช่วง", "Upper end of the rank interval", "whole"),
)
STEPS = (
    Column("rank_before", "อันดับก่อนหน้า", "Rank before", "whole"),
    Column("rank_before_low", "ช่วงอันดับก่อนหน้า ตั้งแต่", "Rank before from", "whole"),
    Column("rank_before_high", "ช่วงอันดับก่อนหน้า ถึง", "Rank before to", "whole"),
    Column("rank_by_earlier_method", "อันดับตามวิธีเดิม", "Rank by the earlier method", "whole"),
    Column("moved", "อันดับที่ดีขึ้น", "Ranks moved up", "whole"),
    Column("moved_by_figures", "จากตัวเลขใหม่", "by new figures", "whole"),
    Column("moved_by_method", "จากวิธีใหม่", "by the new method", "whole"),
)


@dataclass(frozen=True, slots=True)
class Since:
    """The edition before, and the ranks of places in it and now."""

    before: Edition
    steps: Mapping[int, PlaceSteps]


Moved = tuple[int, PlaceSteps]
"""A place by its id, and its ranks."""


def taken_of(
    entry: FrameworkEntry,
    edition: Edition,
    wanted: Wanted,
    since: Since | None,
    arguments: Mapping[str, Any],
) -> TakeAway:
    """Every row of the ranking that passes the filter, in the order of the page."""
    return TakeAway(
        name=f"{edition.framework}-{edition.period}-ranking",
        address=_address(edition, arguments),
        title=_title(entry, edition, "อันดับ", "ranking"),
        columns=[
            *PLACE_COLUMNS,
            *RANK,
            Column("band", "ระดับ", "Band"),
            Column("score", "คะแนน", "Score", "number"),
            Column("coverage", "สัดส่วนข้อมูลที่มี", "Coverage", "number"),
            Column("flag", "หมายเหตุ", "Flag"),
            *(
                Column(f"score_{part.code}", f"คะแนน {part.name.th}", f"Score: {part.name.en}", "number")
                for part in structure(entry).domains
            ),
            *(STEPS if since else ()),
        ],
        rows=lambda: _rows(entry, edition, wanted, since),
        unit=gettext(
            "score from %(low)s to %(high)s",
            low=number(entry.framework.scale[0]),
            high=number(entry.framework.scale[1]),
        ),
        periods=[edition.period],
        kind=entry.framework.period,
        coverage=gettext(
            "%(ranked)s of %(all)s places are ranked", ranked=number(edition.ranked), all=number(edition.places)
        ),
        edition=edition,
        entry=entry,
        demo=edition.demo,
        places="place",
        sheets=("statistics",),
        api=f"/api/v1/scores?framework={edition.framework}&period={edition.period}",
    )


def with_figure(taken: TakeAway, figure: Callable[[], str] | None) -> TakeAway:
    return replace(taken, figure=figure)


def moves_taken(
    entry: FrameworkEntry, edition: Edition, before: Edition, moved: Sequence[Moved], arguments: Mapping[str, Any]
) -> TakeAway:
    """The places that are ranked in both editions, in the order of the page."""
    return TakeAway(
        name=f"{edition.framework}-{edition.period}-moves",
        address=here({**arguments, "page": 1}),
        title=_title(entry, edition, "การเลื่อนอันดับ", "moves in the ranking"),
        columns=[*PLACE_COLUMNS, *RANK, *STEPS],
        rows=lambda: _moves(edition, before, moved),
        unit=gettext("ranks"),
        periods=[edition.period],
        kind=entry.framework.period,
        edition=edition,
        entry=entry,
        demo=edition.demo,
        places="place",
    )


def _address(edition: Edition, arguments: Mapping[str, Any]) -> str:
    asked = {name: value for name, value in arguments.items() if value not in (None, "", 1, []) and name != "page"}
    return url_for("frameworks.edition", code=edition.framework, period=edition.period, **asked)


def _title(entry: FrameworkEntry, edition: Edition, th: str, en: str) -> Text:
    when = [calendars.show_period(edition.period, entry.framework.period, code) for code in ("th", "en")]
    return Text(f"{entry.name.th} {when[0]}: {th}", f"{entry.name.en}, {when[1]}: {en}")


def _every(edition: Edition, wanted: Wanted) -> Sequence[RankingRow]:
    return ranking(database(), edition.run, replace(wanted, limit=EVERY, offset=0)).rows


def _rows(entry: FrameworkEntry, edition: Edition, wanted: Wanted, since: Since | None) -> Iterator[Sequence[Any]]:
    before = rank_intervals(database(), since.before.run) if since else {}
    for row in _every(edition, wanted):
        interval = before.get(row.place_id, NO_INTERVAL)
        yield (*_row(entry, row), *(_steps(since.steps.get(row.place_id), interval) if since else ()))


def _row(entry: FrameworkEntry, row: RankingRow) -> Sequence[Any]:
    cell = row.index
    return (
        *place_cells(row),
        cell.rank,
        cell.rank_low,
        cell.rank_high,
        row.band,
        cell.score,
        cell.coverage,
        cell.flag,
        *(row.nodes[part.code].score for part in structure(entry).domains),
    )


def _steps(steps: PlaceSteps | None, interval: Interval) -> Sequence[int | None]:
    if steps is None:
        return (None,) * len(STEPS)
    return (steps.before, *interval, steps.between, steps.total, steps.figures, steps.method)


def _moves(edition: Edition, before: Edition, moved: Sequence[Moved]) -> Iterator[Sequence[Any]]:
    names = places_by_id(database(), [place for place, _ in moved])
    earlier, now = (rank_intervals(database(), one.run) for one in (before, edition))
    for place, steps in moved:
        if place in names:
            yield (
                *place_cells(names[place]), steps.after, *now.get(place, NO_INTERVAL),
                *_steps(steps, earlier.get(place, NO_INTERVAL)),
            )  # fmt: skip

"""The national picture of the front page as it may be taken away: every place with its score and rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex import calendars
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.formats.taken import Column
from cityindex.queries.places.places import named_places
from cityindex.queries.runs.arrays import tree_of
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import map_values
from cityindex.web.filters import number
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("place", "รหัสพื้นที่", "Code of the place"),
    Column("name_th", "ชื่อ (ไทย)", "Name (Thai)"),
    Column("name_en", "ชื่อ (อังกฤษ)", "Name (English)"),
    Column("place_type", "รหัสประเภท", "Code of the type"),
    Column("province", "รหัสจังหวัด", "Code of the province"),
    Column("score", "คะแนน", "Score", "number"),
    Column("rank", "อันดับ", "Rank", "whole"),
    Column("rank_low", "อันดับดีสุดของช่วง", "Best rank of the interval", "whole"),
    Column("rank_high", "อันดับท้ายสุดของช่วง", "Worst rank of the interval", "whole"),
    Column("coverage", "สัดส่วนข้อมูลที่มี", "Coverage", "number"),
    Column("flag", "เหตุผลที่ไม่มีคะแนน", "Why there is no score"),
)


def overview_taken(edition: Edition, entry: FrameworkEntry, picture: str, key: Sequence[tuple[str, str]]) -> TakeAway:
    """The scores of an edition's index; `picture` is the country with a dot a place, `key` says its colours."""
    low, high = entry.framework.scale
    kind = entry.framework.period
    title = (f"{entry.name.get(code)} {calendars.show_period(edition.period, kind, code)}" for code in ("th", "en"))
    return TakeAway(
        name=f"{edition.framework}-{edition.period}-overview",
        address=url_for("home.index"),
        title=Text(*title),
        columns=COLUMNS,
        rows=lambda: _rows(edition),
        unit=gettext("score from %(low)s to %(high)s", low=number(low), high=number(high)),
        periods=[edition.period],
        kind=kind,
        coverage=gettext("%(n)s of %(all)s places have a score", n=number(edition.scored), all=number(edition.places)),
        edition=edition,
        entry=entry,
        demo=edition.demo,
        figure=lambda: picture,
        key=key,
        places="place",
        api=f"/api/v1/scores?framework={edition.framework}&period={edition.period}&node={entry.framework.tree.code}",
    )


def _rows(edition: Edition) -> Iterator[tuple[Any, ...]]:
    results = map_values(database(), edition.run, tree_of(database(), edition.run)[0].code)
    places = named_places(database(), codes=list(results))
    for code, one in sorted(results.items(), key=lambda pair: (pair[1].rank is None, pair[1].rank or 0, pair[0])):
        place = places[code]
        about = code, place.name_th, place.name_en, place.place_type, place.province_code
        yield (*about, one.score, one.rank, one.rank_low, one.rank_high, one.coverage, one.flag)

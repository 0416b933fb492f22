"""What a method does with an edition, as it may be taken away: the weights and statistics of every part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cityindex import calendars
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.scoring.multivariate import RankShift
from cityindex.scoring.statistics import Statistic
from cityindex.web import words
from cityindex.web.editions.quality_words import Quality, Weighing
from cityindex.web.editions.structure import structure
from cityindex.web.places.columns import NODE_COLUMNS
from cityindex.web.take_away.menu import TakeAway

NUMBERS = ("availability", "min", "median", "mean", "max", "sd", "skew", "kurtosis", "nonzero", "unique")
COLUMNS = (
    *NODE_COLUMNS,
    Column("weight", "น้ำหนักในกลุ่มเดียวกัน", "Weight among its siblings", "number"),
    Column("share_of_index", "สัดส่วนในดัชนีเมื่อข้อมูลครบ", "Share of the index when nothing is missing", "number"),
    Column("effective_weight", "น้ำหนักที่มีผลจริง", "Effective weight among its siblings", "number"),
    Column("correlation", "สหสัมพันธ์กับส่วนที่อยู่เหนือขึ้นไป", "Correlation with the part above", "number"),
    Column("correlation_n", "พื้นที่ที่นำมาหาสหสัมพันธ์", "Places that the correlation is over", "whole"),
    Column("ranks_moved", "อันดับที่เลื่อนเฉลี่ยเมื่อตัดออก", "Mean move of ranks without it", "number"),
    Column("ranks_moved_most", "อันดับที่เลื่อนมากที่สุดเมื่อตัดออก", "Largest move of ranks without it", "whole"),
    Column("unit", "หน่วยของค่า", "Unit of its values"),
    Column("n", "พื้นที่ที่มีค่า", "Places with a value", "whole"),
    Column("availability", "สัดส่วนพื้นที่ที่มีค่า", "Share of places with a value", "number"),
    Column("min", "ต่ำสุด", "Lowest", "number"),
    Column("median", "มัธยฐาน", "Median", "number"),
    Column("mean", "ค่าเฉลี่ย", "Mean", "number"),
    Column("max", "สูงสุด", "Highest", "number"),
    Column("sd", "ส่วนเบี่ยงเบนมาตรฐาน (n − 1)", "Standard deviation (n - 1)", "number"),
    Column("skew", "ความเบ้", "Skewness", "number"),
    Column("kurtosis", "ความโด่งส่วนเกิน", "Excess kurtosis", "number"),
    Column("nonzero", "สัดส่วนค่าที่ไม่เป็นศูนย์", "Share of values that are not 0", "number"),
    Column("unique", "สัดส่วนค่าที่ไม่ซ้ำ", "Share of different values", "number"),
    Column("flags", "ข้อควรรู้", "Flags"),
)


def taken_of(found: Quality, address: str) -> TakeAway:
    """What the method page says of its edition, a row a part."""
    edition, entry = found.edition, found.entry
    when = {code: calendars.show_period(edition.period, entry.framework.period, code) for code in ("th", "en")}
    return TakeAway(
        name=f"{edition.framework}-{edition.period}-method",
        address=address,
        title=Text(
            f"{entry.name.th} {when['th']}: น้ำหนักและสถิติของทุกส่วน",
            f"{entry.name.en}, {when['en']}: weights and statistics of every part",
        ),
        columns=COLUMNS,
        rows=lambda: _rows(found),
        periods=[edition.period],
        kind=entry.framework.period,
        edition=edition,
        entry=entry,
        demo=edition.demo,
        api=f"/api/v1/runs/{edition.run}",
    )


def _rows(found: Quality) -> Iterator[Sequence[Any]]:
    weighings: Mapping[str, Weighing] = {one.element.code: one for one in found.weighings}
    statistics = {one.element.code: one.line for one in found.figures}
    moves = {element.code: shift for element, shift in found.left_out}
    for element in structure(found.entry).elements:
        yield (
            element.code, element.name.th, element.name.en, element.level,
            0.0 if element.pilot else element.share, element.effective,
            *_weighed(weighings.get(element.code)),
            *_moved(moves.get(element.code)),
            words.result_unit(element.indicator) if element.indicator else None,
            *_statistic(statistics.get(element.code)),
        )  # fmt: skip


def _weighed(one: Weighing | None) -> tuple[Any, ...]:
    if one is None:
        return (None, None, None)
    relation, counted = one.relation, one.importance
    return (
        _known(counted.share) if counted else None,
        *((_known(relation.r), relation.n) if relation else (None, None)),
    )


def _moved(shift: RankShift | None) -> tuple[Any, ...]:
    return (shift.mean, shift.largest) if shift else (None, None)


def _statistic(line: Statistic | None) -> tuple[Any, ...]:
    if line is None:
        return (None,) * (len(NUMBERS) + 2)
    return (line.n, *(_known(getattr(line, name)) for name in NUMBERS), ", ".join(line.flags))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

"""The targets of a place, and those of the country, as pages and files show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from cityindex.calendars import THAILAND, buddhist_year
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.participation.progress import Progress
from cityindex.queries.observations.indicator_columns import is_calculated
from cityindex.queries.observations.observations import PlaceObservation
from cityindex.queries.participation.target_values import Values, reported_values
from cityindex.queries.participation.targets import (
    OWNERS,
    RESIDENTS,
    SET,
    RevisionRecord,
    TargetState,
    revisions_of,
    states,
    targets,
    targets_of,
)
from cityindex.queries.places.places import PlaceRecord
from cityindex.web.participation import target_words
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway

Figures = Mapping[str, Sequence[PlaceObservation]]
COLUMNS = (
    Column("target", "เลขที่เป้าหมาย", "Target", "whole"),
    Column("place", "รหัสพื้นที่", "Place"),
    Column("name_th", "ชื่อพื้นที่", "Name in Thai"),
    Column("name_en", "ชื่อภาษาอังกฤษ", "Name in English"),
    Column("framework", "ดัชนี (เว้นว่างถ้าเป็นตัวชี้วัด)", "Framework (empty for an indicator)"),
    Column("indicator", "รหัสตัวชี้วัดหรือด้าน", "Indicator or node"),
    Column("indicator_th", "ตัวชี้วัดหรือด้าน", "Its name in Thai"),
    Column("indicator_en", "ตัวชี้วัดหรือด้าน (อังกฤษ)", "Its name in English"),
    Column("period", "ภายในปี ค.ศ.", "By (common era)", "whole"),
    Column("period_be", "ภายในปี พ.ศ.", "By (Buddhist era)", "whole"),
    Column("value", "ค่าเป้าหมาย", "Value to reach", "number"),
    Column("unit", "หน่วย", "Unit"),
    Column("owner", "ผู้ตั้ง", "Set by"),
    Column("progress", "ความก้าวหน้า", "Progress"),
    Column("progress_why", "เหตุที่บอกไม่ได้ หรือปีเป้าหมายผ่านแล้ว", "Why it cannot be told, or its year is over"),
    Column("newest", "ค่าล่าสุด", "Newest value", "number"),
    Column("newest_period", "ปีของค่าล่าสุด (ค.ศ.)", "Year of the newest value", "whole"),
    Column("start_period", "นับจากค่าของปี (ค.ศ.)", "Counted from the value of", "whole"),
    Column("expected", "ค่าบนเส้นตรงในปีนั้น", "Value on the straight line in that year", "number"),
    Column("reason", "เหตุผล", "Reason"),
    Column("consultation", "เลขที่การรับฟังความเห็น", "Consultation", "whole"),
    Column("set_at", "ตั้งเมื่อ", "Set at"),
    Column("revision", "ฉบับที่", "Revision", "whole"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A target with its words and its history, the newest revision first."""

    state: TargetState
    name: str
    history: Sequence[RevisionRecord] = ()

    @property
    def proposed(self) -> bool:
        """Residents propose it; nobody has adopted it by this line."""
        return self.state.target.owner == RESIDENTS


@dataclass(frozen=True, slots=True)
class Country:
    """The targets that somebody set, counted by progress and by owner, and how many places have one."""

    states: Sequence[TargetState]
    counts: Mapping[str, int]
    owners: Mapping[str, int]
    places: int
    proposed: int


def today() -> date:
    return datetime.now(THAILAND).date()


def of_place(place: PlaceRecord, *, history: bool = False, figures: Figures | None = None) -> list[Listed]:
    """The targets of a place; `figures` are what was reported of it, where that was read already."""
    session = database()
    found = states(
        session, application().catalogue, targets_of(session, place.id), today(), _read(place, figures or {})
    )
    return [
        Listed(
            one,
            target_words.name_of(one.target.code, one.target.framework),
            revisions_of(session, one.target.id) if history else (),
        )
        for one in found
    ]


def _read(place: PlaceRecord, figures: Figures) -> Values:
    """Reported values by year, as `target_values` has them; calculated ones are in no figure."""
    known = application().catalogue.indicators
    return {
        ("", code, place.id): reported_values(observations)
        for code, observations in figures.items()
        if code in known and not is_calculated(known[code].indicator)
    }


def of_country(demo: bool | None = None) -> Country:
    """All targets in force. What residents proposed is counted and not listed: it becomes a target when adopted."""
    session = database()
    every = targets(session)
    kept = [one for one in every if demo is None or one.demo == demo]
    found = states(session, application().catalogue, [one for one in kept if one.owner in SET], today())
    return counted(found, sum(one.owner == RESIDENTS for one in kept))


def counted(found: Sequence[TargetState], proposed: int) -> Country:
    """Targets with how many are how far; `proposed` are those that residents propose beside them."""
    counts = Counter(str(one.told.progress) for one in found)
    return Country(
        states=found,
        counts={str(progress): counts[progress] for progress in Progress},
        owners={owner: sum(one.target.owner == owner for one in found) for owner in OWNERS if owner in SET},
        places=len({one.target.place_id for one in found}),
        proposed=proposed,
    )


def row(state: TargetState) -> tuple[Any, ...]:
    """A target as a row of `COLUMNS`."""
    one, told = state.target, state.told
    name = target_words.name_in_both(one.code, one.framework) or Text(one.code, one.code)
    return (
        one.id, one.place, one.name_th, one.name_en, one.framework or None, one.code, name.th, name.en,
        one.period, buddhist_year(one.period), one.value, target_words.unit_of(one.code, one.framework), one.owner,
        str(told.progress), told.why or None, told.value, told.year, one.start, told.expected, one.reason,
        one.consultation, one.at.isoformat(), one.revision, one.demo,
    )  # fmt: skip


def taken_of(about: tuple[str, str, Text], found: Sequence[TargetState], api: str) -> TakeAway:
    """Targets as they may be taken away; `about` are the name of files, the address and the title."""
    name, address, title = about
    return TakeAway(
        name=name,
        address=address,
        title=title,
        columns=COLUMNS,
        rows=lambda: _rows(found),
        unit=gettext("each in the unit of its indicator"),
        periods=sorted({one.target.period for one in found}),
        source=gettext("Targets as places, provinces and the programme office have set them here"),
        licence=gettext("not stated"),
        demo=any(one.target.demo for one in found),
        api=api,
    )


def _rows(found: Sequence[TargetState]) -> Iterator[tuple[Any, ...]]:
    return (row(one) for one in found)

"""Published results of a programme as a table: codes and labels in both languages, numbers in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from cityindex import calendars
from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import CodelistItem, FrameworkEntry, Programme, Text
from cityindex.formats.taken import Column, Kind
from cityindex.queries.assessments.progress import CohortPlace, cohort
from cityindex.queries.assessments.results import RunResults, run_results
from cityindex.queries.runs.editions import Edition
from cityindex.scoring import ladder
from cityindex.web.assessments.progress_view import Published
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway

ABOUT = (
    "place", "name_th", "name_en", "place_type", "place_type_th", "place_type_en", "region", "region_th", "region_en",
    "period", "period_be", "framework", "version", "run", "demo", "level", "level_th", "level_en",
)  # fmt: skip

NAMED = {
    "place": ("รหัสพื้นที่", "Code of the place"), "name_th": ("ชื่อ (ไทย)", "Name (Thai)"),
    "name_en": ("ชื่อ (อังกฤษ)", "Name (English)"), "place_type": ("รหัสประเภท", "Code of the type"),
    "place_type_th": ("ประเภท (ไทย)", "Type (Thai)"), "place_type_en": ("ประเภท (อังกฤษ)", "Type (English)"),
    "region": ("รหัสภาค", "Code of the region"), "region_th": ("ภาค (ไทย)", "Region (Thai)"),
    "region_en": ("ภาค (อังกฤษ)", "Region (English)"), "period": ("ปี ค.ศ.", "Period (common era)"),
    "period_be": ("ปี พ.ศ.", "Period (Buddhist era)"), "framework": ("ดัชนี", "Framework"), "version": ("รุ่น", "Version"),
    "run": ("ชุดคำนวณที่", "Run"), "demo": ("ข้อมูลตัวอย่าง", "Demo data"), "level": ("รหัสระดับ", "Code of the level"),
    "level_th": ("ระดับ (ไทย)", "Level (Thai)"), "level_en": ("ระดับ (อังกฤษ)", "Level (English)"),
}  # fmt: skip
"""The columns about a place and the edition, in Thai and English."""
KINDS: Mapping[str, Kind] = {"period": "whole", "period_be": "whole", "run": "whole", "demo": "truth"}
MEASURES = {
    "score": ("คะแนนที่ผู้ตรวจรับรอง", "verified score"),
    "claimed_score": ("คะแนนที่ประเมินตนเอง", "score claimed by itself"),
    "level": ("ระดับเฉลี่ยที่ผู้ตรวจรับรอง", "verified average level"),
    "claimed_level": ("ระดับเฉลี่ยที่ประเมินตนเอง", "average level claimed by itself"),
}


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


def results_taken(programme: Programme, published: Published) -> TakeAway:
    """The published results of a programme as they may be taken away."""
    edition, entry, steps = published.edition, published.entry, published.ladder
    when = (calendars.show_period(edition.period, entry.framework.period, code) for code in ("th", "en"))
    return TakeAway(
        name=f"{programme.code}-{edition.period}",
        address=url_for("programmes.profile", code=programme.code, period=edition.period),
        title=Text(*(f"{programme.name.get(code)}: {said}" for code, said in zip(("th", "en"), when, strict=True))),
        columns=_described(entry, run_results(database(), edition.run)),
        rows=lambda: result_table(database(), programme.code, edition, entry)[1],
        unit=gettext("average level, 0 to %(top)s", top=f"{steps.top:g}") if steps.top is not None else "",
        periods=[edition.period],
        kind=entry.framework.period,
        status=gettext("verified by reviewers; what was claimed stands beside it"),
        coverage=gettext(
            "%(n)s of %(all)s members have a published result", n=published.index.places, all=published.members
        ),
        edition=edition,
        entry=entry,
        demo=edition.demo,
        figure=lambda: published.pillars.chart,
        key=[(f"rung-{at}", f"{at} {steps.rung(at)}") for at in range(steps.rungs)],
        sheets=("results",),
        places="place",
        api=f"/api/v1/scores?framework={edition.framework}&period={edition.period}",
    )


def _described(entry: FrameworkEntry, results: RunResults) -> list[Column]:
    """The columns of `result_table` with their names."""
    fixed = [Column(code, *NAMED[code], KINDS.get(code, "text")) for code in ABOUT]
    pillars = [
        Column(
            f"{what}_{node.code}",
            f"{entry.node_name(node.code).th}: {th}",
            f"{entry.node_name(node.code).en}: {en}",
            "number",
        )
        for node in results.pillars
        for what, (th, en) in MEASURES.items()
        if what in _columns(entry)
    ]
    return [*fixed, *pillars]


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

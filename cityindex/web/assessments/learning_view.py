"""Learning cities: members on a map, results in the twelve focal areas, and the members most like a place."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.charts.members import Area, Town, members_map
from cityindex.definitions.catalogue import FrameworkEntry, Programme, Text
from cityindex.errors import NotFound
from cityindex.formats.taken import Column
from cityindex.queries.places.place_shapes import shapes_of
from cityindex.queries.places.places import PlaceRecord, find_places
from cityindex.queries.places.programmes import MemberSite
from cityindex.queries.places.similar import Choice, Similar, SimilarPlaces
from cityindex.queries.runs.arrays import TreeNode
from cityindex.queries.runs.comparison import Comparison, comparison, index_results
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import INDEX, Cell
from cityindex.web.assessments.member_view import Member
from cityindex.web.compare.editions import choose
from cityindex.web.compare.similar_words import similar_to
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import show_date
from cityindex.web.page import full_name
from cityindex.web.pages.home import land_of
from cityindex.web.places.view import name_in
from cityindex.web.session import database
from cityindex.web.take_away.menu import TakeAway

ALIKE = 5
BANGKOK = "bangkok"
BETTER = 3
"""Subjects that are told of what another place does better."""


@dataclass(frozen=True)
class Better:
    """A subject in which another place has a higher score, both as published."""

    name: str
    mine: float
    other: float


@dataclass(frozen=True)
class Like:
    """A member like a place, and where it does better; `known` says whether both have a score to compare."""

    similar: Similar
    better: Sequence[Better]
    known: bool
    url: str


@dataclass(frozen=True)
class Mine:
    """A place with the members most like it, by programme; the edition is what «better» is read from."""

    place: PlaceRecord
    programmes: Sequence[tuple[Programme, SimilarPlaces | None, Sequence[Like]]]
    edition: Edition | None
    entry: FrameworkEntry | None


@dataclass(frozen=True)
class Profile:
    """Members with published results: a row each, a column for every focal area."""

    edition: Edition
    entry: FrameworkEntry
    areas: Sequence[tuple[TreeNode, str]]
    rows: Sequence[tuple[Member, Cell, Sequence[Cell]]]
    medians: Sequence[float | None]


def map_of(members: Sequence[Member], sites: Mapping[str, MemberSite]) -> Markup | None:
    """The members of a programme over the country; None where nothing can be drawn."""
    session = database()
    shapes = shapes_of(session, [code for one in members if (code := _area_of(one))]).by_code
    areas = [
        Area(one.record.place, _said(one), json.loads(shapes[one.record.place]))
        for one in members
        if one.whole_province and one.record.place in shapes
    ]
    local = [one for one in members if not one.whole_province]
    towns = [town for one in local if (town := _town(one, sites.get(one.record.place), shapes.get(_area_of(one))))]
    if not areas and not towns:
        return None
    title = gettext("Members over the country")
    caption = charts.Caption(title, "; ".join([*(one.said for one in areas), *(one.said for one in towns)]))
    return Markup(members_map(land_of(session), areas, towns, caption))  # noqa: S704 (escaped by cityindex.charts)


def _area_of(member: Member) -> str:
    """The province that a member is, or fills as a local government; empty for others."""
    if member.whole_province:
        return member.record.place
    return (member.place.province_code or "") if member.record.place_type == BANGKOK else ""


def _town(member: Member, site: MemberSite | None, area: str | None) -> Town | None:
    """Where the register has its office, or else within the province that it fills."""
    if site is not None and site.longitude is not None and site.latitude is not None:
        return Town(member.record.place, _said(member), site.longitude, site.latitude)
    if area is None:
        return None
    inside = shapely.from_geojson(area).representative_point()
    return Town(member.record.place, _said(member), inside.x, inside.y)


def _said(member: Member) -> str:
    record = member.record
    since = show_date(record.joined, record.joined_precision) if record.joined else gettext("date not known")
    return gettext("%(place)s, member since %(date)s", place=full_name(member.place), date=since)


def profile_of(members: Sequence[Member], edition: Edition, sites: Mapping[str, MemberSite]) -> Profile | None:
    """The members in the focal areas of an edition, by rank of the index; None where none of them has a result."""
    entry = entry_of(edition)
    known = [one for one in members if one.record.place in sites]
    found = comparison(database(), edition.run, [sites[one.record.place].place_id for one in known], ids_of(sites))
    areas = areas_of(found.tree)
    rows = [
        (member, side.nodes[INDEX].cell, [side.nodes[node.position].cell for node in areas])
        for member, side in zip(known, found.sides, strict=True)
        if side and side.nodes[INDEX].cell.score is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (row[1].rank is None, row[1].rank or 0, row[0].record.place))
    return Profile(
        edition, entry, [(node, name_in(entry, node.code)) for node in areas], rows,
        [found.middle[position].score for position in (INDEX, *(node.position for node in areas))],
    )  # fmt: skip


def ids_of(sites: Mapping[str, MemberSite]) -> list[int]:
    return [site.place_id for site in sites.values()]


def areas_of(tree: Sequence[TreeNode]) -> list[TreeNode]:
    """The nodes right above the indicators: in the framework of learning cities, the twelve focal areas."""
    above = {node.parent for node in tree if node.is_indicator}
    return [node for node in tree if not node.is_indicator and node.position in above and node.level > 0]


def mine_of(code: str, programmes: Sequence[tuple[Programme, Collection[str]]]) -> Mine:
    """A place with the members most like it. Raises `NotFound`."""
    (found,) = find_places(database(), [code])
    if found is None:
        raise NotFound("there is no such place")
    place = found.place
    alike = [(programme, _alike(place.code, members)) for programme, members in programmes]
    codes = [one.place.code for _, similar in alike if similar for one in similar.found]
    others = {one.place.code: one.place for one in find_places(database(), codes) if one}
    ids = [place.id, *(other.id for other in others.values())]
    results = [one for one in index_results(database(), ids) if one.cell.score is not None]
    own = {one.run for one in results if one.place_id == place.id}
    edition = choose([one for one in results if one.run in own], "", None).edition if own else None
    entry = entry_of(edition) if edition else None
    compared = comparison(database(), edition.run, ids, []) if edition else None
    rows = {other.code: position for position, other in enumerate(others.values(), start=1)}
    return Mine(
        place=place,
        programmes=[
            (programme, similar, [_like(place, one, compared, rows, entry) for one in similar.found] if similar else [])
            for programme, similar in alike
        ],
        edition=edition,
        entry=entry,
    )


def _alike(code: str, members: Collection[str]) -> SimilarPlaces | None:
    try:
        return similar_to(code, ALIKE, Choice(among=members)) if members else None
    except NotFound:
        return None


def _like(
    place: PlaceRecord, one: Similar, compared: Comparison | None, rows: Mapping[str, int], entry: FrameworkEntry | None
) -> Like:
    url = url_for("compare.index", place=[place.code, one.place.code])
    pair = (compared.sides[0], compared.sides[rows[one.place.code]]) if compared else (None, None)
    if compared is None or entry is None or pair[0] is None or pair[1] is None:
        return Like(one, (), False, url)
    both = [
        (name_in(entry, node.code), pair[0].nodes[node.position].cell.score, pair[1].nodes[node.position].cell.score)
        for node in areas_of(compared.tree)
    ]
    found = [Better(name, mine, other) for name, mine, other in both if mine is not None and other is not None]
    ahead = sorted((each for each in found if each.other > each.mine), key=lambda each: each.mine - each.other)
    return Like(one, ahead[:BETTER], bool(found), url)


COLUMNS = (
    Column("programme", "เครือข่าย", "Network"),
    Column("place", "รหัสพื้นที่", "Place code"),
    Column("place_th", "ชื่อไทย", "Name in Thai"),
    Column("place_en", "ชื่ออังกฤษ", "Name in English"),
    Column("place_type", "ประเภท", "Type"),
    Column("joined", "เข้าร่วมเมื่อ", "Joined"),
    Column("joined_precision", "วันที่ละเอียดถึง", "Precision of the date"),
    Column("next_report_due", "รายงานครั้งต่อไป (คำนวณ)", "Next report due (computed)"),
    Column("note", "หมายเหตุ", "Note"),
    Column("source", "ที่มา", "Source"),
    Column("demo", "ข้อมูลตัวอย่าง", "Demo data", "truth"),
)


def taken_of(programme: Programme, members: Sequence[Member], picture: Markup | None) -> TakeAway:
    """The list of members with its map, for the menu of the page."""
    return TakeAway(
        name=f"members-{programme.code}",
        address=url_for("learning.index"),
        title=Text(f"สมาชิก{programme.name.th}", f"Members of {programme.name.en}"),
        columns=COLUMNS,
        rows=lambda: _rows(members),
        unit=gettext("memberships; dates in the common era"),
        source=gettext("the source of every membership stands in its row"),
        demo=any(one.record.demo for one in members),
        figure=(lambda: str(picture)) if picture else None,
        key=[("member town", gettext("local government")), ("member area", gettext("whole province"))],
        sheets=("compare",),
        places="place",
    )


def _rows(members: Sequence[Member]) -> Iterator[Sequence[Any]]:
    for one in members:
        record = one.record
        yield (
            record.programme, record.place, record.name_th, record.name_en, record.place_type,
            record.joined and _day(record.joined.isoformat(), record.joined_precision), record.joined_precision,
            one.due and _day(one.due.on.isoformat(), one.due.precision), record.note, record.source, record.demo,
        )  # fmt: skip


def _day(day: str, precision: str) -> str:
    """No more of a date than is known: `2019`, `2022-09`, `2022-09-02`."""
    return day[: {"year": 4, "month": 7}.get(precision, 10)]

"""Several places side by side, as the page shows them: the answer first, then the picture, the table, the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.places.similar import Choice as Peers
from cityindex.queries.places.similar import SimilarPlaces
from cityindex.queries.runs.arrays import TreeNode
from cityindex.queries.runs.behind import Asked, behind, carried_of, figures_told, heirs_of
from cityindex.queries.runs.comparison import (
    Comparison,
    IndexResult,
    Side,
    comparison,
    gaps,
    scored_places,
)
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import INDEX, Cell
from cityindex.web.compare.choice import Choice
from cityindex.web.compare.editions import Trend, trends
from cityindex.web.compare.gaps import Gap, gaps_of
from cityindex.web.compare.similar_words import similar_to
from cityindex.web.compare.table import Figures, Table, table_of
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import period, score, translated
from cityindex.web.page import full_name, place_type
from cityindex.web.places.view import comparable, name_in
from cityindex.web.session import database

MOST_LANES = 16
"""Rows of the picture: all nodes above the indicators where there are no more, else those right below the index."""


@dataclass(frozen=True)
class Column:
    """A compared place: its number on the page, what the run says of it, or why it says nothing."""

    number: int
    place: PlaceRecord
    side: Side | None
    why_not: str = ""

    @property
    def index(self) -> Cell | None:
        return self.side.nodes[INDEX].cell if self.side else None

    @property
    def scored(self) -> bool:
        return self.index is not None and self.index.score is not None


@dataclass(frozen=True)
class View:
    """Everything that the page shows of a choice of places in an edition."""

    edition: Edition
    entry: FrameworkEntry
    columns: Sequence[Column]
    found: Comparison
    figures: Figures
    answer: str
    sure: str
    """How sure the order of the first two is, in words; empty where nothing is known about it."""
    picture: Markup
    table: Table
    gaps: Sequence[Gap]
    trends: Sequence[Trend]
    fixed: bool
    """Whether scores of different periods may be compared."""
    peers: int

    @property
    def scored(self) -> Sequence[Column]:
        return [one for one in self.columns if one.scored]


def peers_of(choice: Choice, edition: Edition | None) -> SimilarPlaces | None:
    """The places most like the first one, among those with a score in the edition; None for one no longer in force."""
    among = scored_places(database(), edition.run) if edition else None
    try:
        return similar_to(choice.places[0], choice.peers, Peers(among, choice.pin, choice.without))
    except NotFound:
        return None


def view_of(
    places: Sequence[PlaceRecord],
    results: Sequence[IndexResult],
    edition: Edition,
    peers: SimilarPlaces | None,
) -> View:
    """`places` in an edition; `results` are their indices over all editions, `peers` those of the first place."""
    session, entry = database(), entry_of(edition)
    ids = [place.id for place in places]
    known = scored_places(session, edition.run)
    codes = [one.place.code for one in peers.found] if peers else []
    found = comparison(session, edition.run, ids, [known[code] for code in codes if code in known])
    columns = [
        Column(number, place, side, "" if side else _why_not(place, entry, edition))
        for number, (place, side) in enumerate(zip(places, found.sides, strict=True), start=1)
    ]
    scored = [one for one in columns if one.scored]
    figures = _figures(entry, edition, places, found)
    others = [column.place for column in columns[1:]]
    parts = gaps(session, edition.run, ids[0], [place.id for place in others]) if len(scored) > 1 else ()
    fixed = comparable(entry)
    return View(
        edition=edition,
        entry=entry,
        columns=columns,
        found=found,
        figures=figures,
        answer=_answer(scored),
        sure=_sure(scored),
        picture=_picture(found, columns, entry, edition),
        table=table_of(found, entry, figures),
        gaps=gaps_of(places[0], list(zip(others, parts, strict=False)), entry),
        trends=trends(places, results, entry, fixed),
        fixed=fixed,
        peers=found.peers,
    )


def _figures(entry: FrameworkEntry, edition: Edition, places: Sequence[PlaceRecord], found: Comparison) -> Figures:
    """What the values of the places rest on, by place and indicator."""
    ids, provinces = [place.id for place in places], [place.province_id for place in places if place.province_id]
    framework, nodes = entry.framework, [one for side in found.sides if side for one in side.nodes]
    codes, carried = list(framework.indicators), carried_of(framework, nodes)
    asked = Asked(ids, provinces, heirs_of(framework), codes, edition.period, carried)
    known = figures_told(database(), edition.run, asked).known
    rests = {
        (place.id, one.node.code): behind(framework, one, (place.id, place.province_id), known, edition.period)
        for place, side in zip(places, found.sides, strict=True)
        for one in (side.nodes if side else ())
        if one.node.is_indicator
    }
    return {at: one for at, one in rests.items() if one is not None}


def _why_not(place: PlaceRecord, entry: FrameworkEntry, edition: Edition) -> str:
    if entry.framework.places is not None and place.place_type not in entry.framework.places:
        kind = place_type(place.place_type)
        return gettext("This framework does not score places of this type: %(type)s.", type=translated(kind.name))
    if place.demo != edition.demo:
        return gettext("Demo data and real data never stand in one ranking.")
    return gettext("This edition does not hold the place.")


def _answer(scored: Sequence[Column]) -> str:
    if not scored:
        return gettext("None of these places has a score in this edition")
    by_score = sorted(scored, key=_points, reverse=True)
    first = by_score[0]
    top = [one for one in scored if _shown(one) == _shown(first)]
    if len(scored) == 1:
        return gettext("Only %(place)s has a score: %(score)s", place=full_name(first.place), score=_shown(first))
    if len(top) > 1:
        names = ", ".join(full_name(one.place) for one in top)
        return gettext("%(places)s are level at %(score)s points", places=names, score=_shown(first))
    return gettext(
        "%(place)s is ahead with %(score)s points; next is %(next)s with %(other)s",
        place=full_name(first.place), score=_shown(first), next=full_name(by_score[1].place),
        other=_shown(by_score[1]),
    )  # fmt: skip


def _sure(scored: Sequence[Column]) -> str:
    """Whether the intervals of the first two overlap, where both have one."""
    if len(scored) < 2:
        return ""
    one, two = sorted(scored, key=_points, reverse=True)[:2]
    high, low = one.index.rank_high if one.index else None, two.index.rank_low if two.index else None
    if high is None or low is None:
        return ""
    if low <= high:
        return gettext(
            "Their intervals of ranks overlap: which of the two is ahead depends on choices of the method that can be "
            "made otherwise."
        )
    return gettext(
        "Their intervals of ranks do not overlap: the first is ahead under nearly all choices of the method."
    )


def _points(column: Column) -> float:
    return (column.index.score or 0.0) if column.index else 0.0


def _shown(column: Column) -> str:
    return score(_points(column))


def _picture(found: Comparison, columns: Sequence[Column], entry: FrameworkEntry, edition: Edition) -> Markup:
    rows = [_lane(found, node, columns, entry) for node in _drawn(found.tree)]
    title = gettext("Scores of %(n)s places by subject", n=len(columns))
    said = "; ".join(f"{row.label}: " + ", ".join(mark.said for mark in row.marks) for row in rows)
    when = period(edition.period, entry.framework.period)
    made = gettext("version %(version)s, run %(run)s", version=edition.version, run=edition.run)
    source = (
        f"{translated(entry.name)}, {when}",
        " · ".join([made, gettext("demo data")] if edition.demo else [made]),
    )
    caption = charts.Caption(title, said)
    return Markup(charts.lanes(rows, caption, scale=entry.framework.scale, source=source))  # noqa: S704


def _drawn(tree: Sequence[TreeNode]) -> list[TreeNode]:
    nodes = [node for node in tree if not node.is_indicator]
    return nodes if len(nodes) <= MOST_LANES else [node for node in nodes if node.level <= 1]


def _lane(found: Comparison, node: TreeNode, columns: Sequence[Column], entry: FrameworkEntry) -> charts.Lane:
    there = [
        (column, value)
        for column in columns
        if column.side and (value := column.side.nodes[node.position].cell.score) is not None
    ]
    missing = [str(column.number) for column in columns if column.number not in {one.number for one, _ in there}]
    return charts.Lane(
        label=name_in(entry, node.code),
        marks=[
            charts.Mark(one.number, value, one.place.code, f"{full_name(one.place)} {score(value)}")
            for one, value in there
        ],
        reference=found.middle[node.position].score,
        missing=gettext("no score: %(numbers)s", numbers=", ".join(missing)) if missing else "",
    )

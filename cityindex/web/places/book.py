"""The profile of a place as a workbook: what the page says, in full precision, with both eras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import FrameworkEntry, Text
from cityindex.formats.books import Sheet, write_book
from cityindex.queries.observations.observations import PlaceObservation
from cityindex.queries.runs.place_scores import PlaceEdition
from cityindex.web.addresses import absolute
from cityindex.web.editions.explain_view import Share, Why
from cityindex.web.filters import both_eras, translated
from cityindex.web.language import language
from cityindex.web.page import full_name, place_type
from cityindex.web.participation.target_view import COLUMNS, row
from cityindex.web.places import words as place_words
from cityindex.web.places.history import History
from cityindex.web.places.profile import Profile
from cityindex.web.places.view import Line, View
from cityindex.web.session import application
from cityindex.web.take_away.words import demo_words
from cityindex.web.words import result_unit, unit_short

Row = Sequence[Any]


def book_of(profile: Profile) -> bytes:
    """Sheets summary, indicators, history, contributions, targets, sources; those of scores are empty without any."""
    view = profile.view
    sheets = [
        Sheet("summary", (gettext("What"), gettext("Value"), gettext("Note")), list(_summary(profile))),
        Sheet("indicators", _indicator_header(), [_indicator(line) for line in view.lines] if view else []),
        Sheet("history", _history_header(), list(_history(view.entry, profile.history)) if view else []),
        Sheet("contributions", _share_header(), list(_shares(profile.why)) if profile.why else []),
        Sheet("targets", tuple(one.name(language()) for one in COLUMNS), [row(one.state) for one in profile.targets]),
        Sheet("sources", _source_header(), list(_sources(profile))),
    ]
    return write_book(sheets, full_name(profile.place))


def _summary(profile: Profile) -> Iterator[Row]:
    place, view = profile.place, profile.view
    if place.demo:
        yield gettext("Demo data"), demo_words(), ""
    yield gettext("Place"), full_name(place), place.name_en
    yield gettext("Code"), place.code, ""
    yield gettext("Type"), translated(place_type(place.place_type).name), ""
    if place.province_code:
        yield gettext("Province"), translated({"th": place.province_th, "en": place.province_en}), ""
    yield gettext("Address"), absolute(url_for("places.profile", code=place.code)), ""
    if view is None:
        yield gettext("Score"), gettext("no data"), gettext("No published edition holds this place yet.")
        return
    yield from _standing(view)
    for membership in profile.memberships:
        programme = application().catalogue.programmes.get(membership.programme)
        name = translated(programme.name) if programme else membership.programme
        yield gettext("Member of"), name, gettext("Source: %(text)s", text=membership.source)


def _standing(view: View) -> Iterator[Row]:
    edition, index = view.edition, view.edition.index
    yield gettext("Framework"), translated(view.entry.name), gettext("version %(v)s", v=edition.version)
    yield gettext("Period"), both_eras(edition.period), gettext("run %(run)s", run=edition.run)
    yield gettext("Score"), _or_missing(index.score), place_words.flag(index.flag)
    yield gettext("Rank"), _or_missing(index.rank), gettext("of %(size)s", size=edition.ranked)
    yield gettext("Rank from"), index.rank_low, gettext("in 90 of 100 repetitions")
    yield gettext("Rank to"), index.rank_high, ""
    if edition.band:
        yield gettext("Band"), translated(view.entry.band_names.get(edition.band, Text(edition.band, edition.band))), ""
    yield gettext("Figures at hand"), index.coverage, gettext("share of the weight of all indicators")
    for _kind, group, peer in view.peers:
        among = gettext("Rank among: %(group)s", group=group)
        yield among, peer.rank, gettext("of %(size)s", size=peer.size)
        yield f"{among}: " + gettext("Rank from"), peer.rank_low, gettext("in 90 of 100 repetitions")
        yield f"{among}: " + gettext("Rank to"), peer.rank_high, ""


def _or_missing(value: float | None) -> Any:
    return gettext("no data") if value is None else value


def _indicator_header() -> Row:
    return (
        gettext("Code"), gettext("Name in Thai"), gettext("Name in English"), gettext("Level"), gettext("Value"),
        gettext("Unit"), gettext("Period (B.E.)"), gettext("Period (C.E.)"), gettext("Status"), gettext("Score"),
        gettext("Median of all places"), gettext("Target"), gettext("Coverage"), gettext("Source"),
    )  # fmt: skip


def _indicator(line: Line) -> Row:
    cell, year = line.result.cell, line.behind.period if line.behind else None
    return (
        line.result.node.code, line.name.th, line.name.en, line.result.node.level, line.result.value,
        result_unit(line.indicator) if line.indicator else "",
        None if year is None else buddhist_year(year), year,
        place_words.condition(line) if line.indicator else place_words.flag(cell.flag), cell.score,
        line.median, line.target, cell.coverage, place_words.sources_of(line),
    )  # fmt: skip


def _history_header() -> Row:
    return (
        gettext("Period (B.E.)"), gettext("Period (C.E.)"), gettext("Version"), gettext("Code"),
        gettext("Name in Thai"), gettext("Score"), gettext("Rank"), gettext("Rank from"), gettext("Rank to"),
        gettext("Ranked places"),
        gettext("Comparable with other periods"), gettext("Demo data"),
    )  # fmt: skip


def _history(entry: FrameworkEntry, history: History | None) -> Iterator[Row]:
    for edition in history.editions if history else ():
        for node in edition.nodes:
            if node.level < 2:
                yield _past(entry, edition, node.code, bool(history and history.scores))


def _past(entry: FrameworkEntry, edition: PlaceEdition, code: str, comparable: bool) -> Row:
    cell, top = edition.cell(code), code == edition.nodes[0].code
    name = entry.names[code].th if code in entry.names else code
    known = (cell.score, cell.rank, cell.rank_low, cell.rank_high) if cell else (None,) * 4
    return (
        buddhist_year(edition.period), edition.period, edition.version, code, name, *known,
        edition.ranked if top else None, _yes(comparable), _yes(edition.demo),
    )  # fmt: skip


def _yes(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def _share_header() -> Row:
    return (
        gettext("Code"), gettext("Name"), gettext("Part of"), gettext("Contribution"), gettext("Weight"),
        gettext("Score"), gettext("Median of the peers' scores"), gettext("Difference"),
        gettext("Effect on the whole score"), gettext("Peers"),
    )  # fmt: skip


def _shares(why: Why) -> Iterator[Row]:
    for part in why.shares:
        yield _share(part, "")
        for one in part.below:
            yield _share(one, part.name)


def _share(share: Share, part_of: str) -> Row:
    piece = share.piece
    beside = (piece.median, piece.difference, piece.effect, piece.n)
    return (piece.node.code, share.name, part_of, piece.contribution, piece.weight, piece.score, *beside)


def _source_header() -> Row:
    return (
        gettext("Code"), gettext("Name in Thai"), gettext("Name in English"), gettext("Period (B.E.)"),
        gettext("Period (C.E.)"), gettext("Value"), gettext("Unit"), gettext("Status"), gettext("Source"),
        gettext("Demo data"),
    )  # fmt: skip


def _sources(profile: Profile) -> Iterator[Row]:
    """Every figure that was reported, with where it comes from: also those that were not scored."""
    for code in sorted(profile.figures):
        for one in profile.figures[code]:
            yield _reported(one)


def _reported(one: PlaceObservation) -> Row:
    entry = application().catalogue.indicators.get(one.indicator)
    name = entry.name if entry else Text(one.indicator, one.indicator)
    return (
        one.indicator, name.th, name.en, buddhist_year(one.period), one.period, one.value,
        unit_short(entry) if entry else "", place_words.status(one.status), one.source, _yes(one.demo),
    )  # fmt: skip

"""What the profile of a place shows: results and figures put together, and its charts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from cityindex import charts
from cityindex.definitions.canonical import entry_from_canonical
from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry, Text
from cityindex.errors import NotFound
from cityindex.queries.observations.observations import PlaceObservation
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.behind import Behind, Known, behind
from cityindex.queries.runs.editions import definition_of
from cityindex.queries.runs.place_scores import Backdrop, PlaceEdition, backdrop, band_shares, index_of, place_editions
from cityindex.queries.runs.scores import Cell, NodeResult, PeerPlace, PlaceResults, place_results
from cityindex.scoring.plan import make_plan
from cityindex.web.filters import number, period, score, translated
from cityindex.web.session import application

FIXED = ("goalposts", "distance-to-target", "ladder", "none")
"""Ways of scoring that do not depend on who else is scored in the same period."""
LONGEST = 21
"""Letters of a label that fit two thirds of a chart on a phone of 360 pixels; marks above and below take no room."""
PEERS = {"place_type": "place-types", "population_band": "population-bands", "region": "regions"}

Figures = Mapping[str, Sequence[PlaceObservation]]


@dataclass(frozen=True)
class Line:
    """A row of the table of results: a node, or an indicator with the figure that it was scored by."""

    result: NodeResult
    name: Text
    indicator: IndicatorEntry | None
    behind: Behind | None
    """What its value rests on, as the run knew it."""
    median: float | None
    bar: Markup
    target: float | None
    """What the framework wants the value to be, where it says so."""

    @property
    def reported(self) -> int | None:
        """The period of the figure that the place itself reported, where the value is that figure."""
        own = self.behind and not self.behind.calculated and self.result.cell.flag != "inherited"
        return self.behind.period if self.behind and own else None


@dataclass(frozen=True)
class View:
    """A place in an edition, with all that is around it."""

    entry: FrameworkEntry
    edition: PlaceEdition
    results: PlaceResults
    comparable: bool
    strip: Markup
    domains: Markup
    lines: Sequence[Line]
    peers: Sequence[tuple[str, str, PeerPlace]]
    sources: Sequence[str]
    """Where the figures of `lines` come from, each once: the table names them by their number."""
    band_shares: Sequence[tuple[str, float]]
    frameworks: Sequence[tuple[str, Text]]
    """Those that hold the place, by code, in the order of the definitions."""
    periods: Sequence[int]
    corrected_from: Cell | None
    """Its result in the edition that the one shown corrects, where it had one."""


def editions_of(session: Session, place_id: int, runs: Sequence[int] = ()) -> tuple[PlaceEdition, ...]:
    """The editions that hold a place, by framework in the order of the definitions, the newest period first."""
    order = {code: number for number, code in enumerate(application().catalogue.frameworks)}
    return tuple(sorted(place_editions(session, place_id, runs), key=lambda one: order.get(one.framework, len(order))))


def choose(editions: Sequence[PlaceEdition], framework: str, wanted: int | None) -> PlaceEdition | None:
    """The edition to show: the one asked for, or the latest of the first framework. Raises `NotFound`."""
    if not framework and wanted is None:
        return editions[0] if editions else None
    found = (one for one in editions if framework in ("", one.framework) and wanted in (None, one.period))
    chosen = next(found, None)
    if chosen is None:
        raise NotFound("this place is not in that edition")
    return chosen


def figures_of(observations: Sequence[PlaceObservation]) -> Figures:
    """Observations by indicator, the newest period first."""
    found: dict[str, list[PlaceObservation]] = {}
    for one in observations:
        found.setdefault(one.indicator, []).append(one)
    return found


def view_of(session: Session, place: PlaceRecord, editions: Sequence[PlaceEdition], at: int, known: Known) -> View:
    """`editions[at]` with what is around it; `known` is what its run knew. Raises `NotFound` where that does not hold
    the place.
    """
    edition = editions[at]
    results = place_results(session, edition.run, place.id)
    if results is None:
        raise NotFound(f"run {edition.run} does not hold {place.code}")
    entry = entry_of(session, edition.definition)
    around = backdrop(session, edition.run, entry.framework.scale)
    same = [one for one in reversed(editions) if one.framework == edition.framework]
    fixed = comparable(entry)
    rests = _rests(entry, results, (place.id, place.province_id), known, edition.period)
    lines = [_line(entry, result, around, rests.get(result.node.code)) for result in results.nodes]
    return View(
        entry=entry,
        edition=edition,
        results=results,
        comparable=fixed,
        strip=_strip(place, entry, edition, around),
        domains=_domains(entry, edition, around),
        lines=lines,
        sources=list(dict.fromkeys(text for line in lines if line.behind for text in line.behind.sources if text)),
        peers=[(peer.peers, _group(peer), peer) for peer in results.peers],
        band_shares=band_shares(session, edition, place.id),
        frameworks=_frameworks(editions),
        periods=sorted((one.period for one in same), reverse=True),
        corrected_from=_corrected_from(session, edition, place.id),
    )


def _corrected_from(session: Session, edition: PlaceEdition, place_id: int) -> Cell | None:
    note = edition.edition.note
    return index_of(session, note.corrects, place_id) if note.what and note.corrects else None


def comparable(entry: FrameworkEntry) -> bool:
    """Whether scores of different periods may be compared: no indicator is scaled by who else is in its period."""
    rules = [column.normalise for column in make_plan(entry.framework).columns]
    return all(rule.method in FIXED or rule.options.get("over", "period") != "period" for rule in rules)


@lru_cache(maxsize=64)
def _read(canonical: str) -> FrameworkEntry:
    return entry_from_canonical(canonical)


def entry_of(session: Session, fingerprint: str) -> FrameworkEntry:
    """The definition that an edition was made with, in its own words. Today's file is taken where it is the same."""
    for entry in application().catalogue.frameworks.values():
        if entry.fingerprint == fingerprint:
            return entry
    return _read(definition_of(session, fingerprint))


def _frameworks(editions: Sequence[PlaceEdition]) -> list[tuple[str, Text]]:
    known, held = application().catalogue.frameworks, {one.framework for one in editions}
    gone = sorted(held - set(known))
    return [(code, known[code].name) for code in known if code in held] + [(code, Text(code, code)) for code in gone]


def _strip(place: PlaceRecord, entry: FrameworkEntry, edition: PlaceEdition, around: Backdrop) -> Markup:
    own = edition.index.score
    low, high = around.scale
    name = translated(place)
    caption = charts.Caption(
        gettext("Scores of all places: %(framework)s", framework=translated(entry.name)),
        gettext(
            "%(place)s has %(score)s; the median is %(median)s.", place=name, score=score(own), median=_median(around)
        )
        if own is not None
        else gettext("%(place)s has no score; the median is %(median)s.", place=name, median=_median(around)),
    )
    ends = (gettext("lowest %(score)s", score=number(low)), gettext("highest %(score)s", score=number(high)))
    shown = score(own) if own is not None else ""
    say = f"{name} {shown}, {period(edition.period, entry.framework.period)}"
    pointed = charts.Pointed(own, _label(name, shown) if shown else "", place.code, say)
    return Markup(charts.strip(around.counts, pointed, caption, scale=around.scale, ends=ends))  # noqa: S704


def _label(name: str, shown: str) -> str:
    """Of the pointer: the heading of the page says the name too, so one that a phone has no room for is left out."""
    label = f"{name} {shown}"
    letters = sum(unicodedata.category(sign) != "Mn" for sign in label)
    return label if letters <= LONGEST else shown


def _median(around: Backdrop) -> str:
    return score(around.medians.get(0))


def _domains(entry: FrameworkEntry, edition: PlaceEdition, around: Backdrop) -> Markup:
    nodes = [node for node in edition.nodes if node.level == 1]
    bars = [
        charts.Bar(
            name_in(entry, node.code), node.cell.score, _shown(node.cell.score), around.medians.get(node.position)
        )
        for node in nodes
    ]
    said = "; ".join(f"{bar.label} {bar.shown}" for bar in bars)
    caption = charts.Caption(gettext("Scores by domain"), said)
    return Markup(charts.bars(bars, entry.framework.scale, caption))  # noqa: S704


def _rests(
    entry: FrameworkEntry, results: PlaceResults, where: tuple[int, int | None], known: Known, period: int
) -> Mapping[str, Behind]:
    nodes = [one for one in results.nodes if one.node.is_indicator]
    found = {one.node.code: behind(entry.framework, one, where, known, period) for one in nodes}
    return {code: one for code, one in found.items() if one is not None}


def _line(entry: FrameworkEntry, result: NodeResult, around: Backdrop, rests: Behind | None) -> Line:
    node = result.node
    median = around.medians.get(node.position)
    return Line(
        result=result,
        name=_text(entry, node.code),
        indicator=entry.indicators.get(node.code) if node.is_indicator else None,
        behind=rests,
        median=median,
        bar=Markup(charts.meter(result.cell.score, entry.framework.scale, median)),  # noqa: S704
        target=_target(entry, node.code) if node.is_indicator else None,
    )


def _target(entry: FrameworkEntry, code: str) -> float | None:
    """The value at which the distance to the target is none; a goalpost is an end of the scale, and no target."""
    rule = entry.indicators[code].indicator.normalise if code in entry.indicators else None
    rule = rule or entry.framework.method.normalise
    found = rule.options.get("target") if rule.method == "distance-to-target" else None
    return float(found) if isinstance(found, int | float) else None


def _group(peer: PeerPlace) -> str:
    """The name of a peer group: `เทศบาลเมือง`, `10,000–19,999 คน`, `ภาคเหนือ`."""
    lists = application().catalogue.codelists
    items = lists[PEERS[peer.peers]].items if peer.peers in PEERS and PEERS[peer.peers] in lists else {}
    return translated(items[peer.group].name) if peer.group in items else peer.group


def _text(entry: FrameworkEntry, code: str) -> Text:
    try:
        return entry.node_name(code)
    except NotFound:
        return Text(code, code)


def name_in(entry: FrameworkEntry, code: str) -> str:
    """The name of a node or indicator in the framework's own words."""
    return translated(_text(entry, code))


def _shown(value: float | None) -> str:
    return str(gettext("no data")) if value is None else score(value)


__all__ = ["View", "choose", "editions_of", "entry_of", "figures_of", "name_in", "view_of"]

"""What the people of a place see of a run before it is published: their own figures and scores, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from markupsafe import Markup

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.errors import NotFound
from cityindex.queries.observations.observations import PlaceObservation, place_observations
from cityindex.queries.places.places import PlaceRecord
from cityindex.queries.runs.explanations import Piece, explanation
from cityindex.queries.runs.previews import PreviewRecord
from cityindex.queries.runs.scores import NodeResult, place_results
from cityindex.web.editions.view import entry_of
from cityindex.web.filters import translated
from cityindex.web.places.words import scored_value
from cityindex.web.session import database
from cityindex.web.words import FLAGS


@dataclass(frozen=True, slots=True)
class Line:
    """A node or indicator with the place's own result. `contribution` is None where the method has none."""

    code: str
    name: str
    level: int
    is_indicator: bool
    value: Markup
    source: int | None
    """Its place in `Own.sources`, from 1."""
    remark: str
    score: float | None
    contribution: float | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class Own:
    """The results of one place in one run."""

    entry: FrameworkEntry
    index: NodeResult
    lines: Sequence[Line]
    sources: Sequence[str]


def own_results(preview: PreviewRecord, place: PlaceRecord) -> Own:
    """Raises `NotFound` where the run does not hold the place."""
    session = database()
    results = place_results(session, preview.run, place.id)
    if results is None:
        raise NotFound(f"run {preview.run} does not hold {place.code}")
    entry = entry_of(preview)
    why = explanation(session, preview.run, place.id)
    pieces = {one.node.code: one for one in why.pieces} if why else {}
    figures = {one.indicator: one for one in place_observations(session, place.id) if one.period == preview.period}
    said = {one.node.code: _said(entry, one, figures, preview.made_at) for one in results.nodes}
    sources = list(dict.fromkeys(text for text, _ in said.values() if text))
    lines = [_line(entry, one, pieces.get(one.node.code), said[one.node.code], sources) for one in results.nodes]
    return Own(entry, results.nodes[0], lines, sources)


def _line(
    entry: FrameworkEntry, result: NodeResult, piece: Piece | None, said: tuple[str, str], sources: Sequence[str]
) -> Line:
    node, (source, remark) = result.node, said
    described = entry.indicators.get(node.code)
    return Line(
        code=node.code,
        name=translated(entry.node_name(node.code)),
        level=node.level,
        is_indicator=node.is_indicator,
        value=scored_value(result.value, described) if described else Markup(""),
        source=sources.index(source) + 1 if source else None,
        remark=remark,
        score=result.cell.score,
        contribution=piece.contribution if piece else None,
        weight=piece.weight if piece else None,
    )


def _said(
    entry: FrameworkEntry, result: NodeResult, figures: Mapping[str, PlaceObservation], made_at: datetime
) -> tuple[str, str]:
    """The source of the figure of the period, and what is particular about it."""
    described = entry.indicators.get(result.node.code)
    remark = str(FLAGS.get(result.cell.flag, result.cell.flag))
    found = figures.get(result.node.code)
    if described is None or (remark and result.cell.flag != "pilot"):
        return "", remark
    if found is not None:
        return found.source, gettext("revised since this was computed") if found.recorded_at > made_at else remark
    return "", remark or (
        gettext("computed from other figures") if described.indicator.formula else gettext("not stated")
    )

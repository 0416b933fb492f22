"""Everything of an edition at once, for files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cityindex.calendars import buddhist_year, show_period
from cityindex.definitions.canonical import entry_from_canonical
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.formats.exports import EditionTable, NodeLine
from cityindex.models import Boundary, BoundaryShape, IndicatorKey, Observation, Place, Run, Score, Source
from cityindex.queries.runs.arrays import RunArrays, TreeNode, tree_of
from cityindex.queries.runs.editions import Edition, definition_of

PLACE_COLUMNS = ("place", "name_th", "name_en", "place_type", "province")
DEMO = "Generated data for demonstration. It says nothing about any real place. / ข้อมูลตัวอย่างที่สร้างขึ้น ไม่เกี่ยวกับพื้นที่จริงใด ๆ"


def edition_table(session: Session, edition: Edition, *, geometry: bool = False) -> EditionTable:
    """An edition with places by code; with `geometry`, their boundaries in the finest detail that is kept."""
    arrays = RunArrays(session, edition.run)
    tree = tree_of(session, edition.run)
    entry = entry_from_canonical(definition_of(session, edition.definition))
    places = _places(session, edition.run)
    row_of = {place: row for row, place in enumerate(arrays["place_id"].tolist())}
    rows = np.array([row_of[place.id] for place in places], np.intp)
    shapes = _shapes(session, edition.run) if geometry else {}
    return EditionTable(
        framework=edition.framework,
        version=edition.version,
        period=edition.period,
        demo=edition.demo,
        mark=edition.note.mark,
        about=_about(session, edition, entry),
        nodes=tuple(_line(node, entry) for node in tree),
        places={name: tuple(getattr(place, name) for place in places) for name in PLACE_COLUMNS},
        value=_values(arrays, tree)[rows],
        score=arrays["score"][rows],
        rank=arrays["rank"][rows],
        coverage=arrays["coverage"][rows],
        imputed=arrays["imputed"][rows],
        flag=arrays["flag"][rows],
        band=tuple(place.band for place in places),
        rank_low=tuple(place.rank_low for place in places),
        rank_high=tuple(place.rank_high for place in places),
        band_share=_band_shares(session, arrays, rows),
        geometries=tuple(shapes.get(place.id) for place in places),
    )


def _places(session: Session, run: int) -> list[Any]:
    province = aliased(Place)
    query = (
        select(Place.id, Place.code.label("place"), Place.name_th, Place.name_en, Place.place_type,
               province.code.label("province"), Score.band, Score.rank_low, Score.rank_high)
        .join(Score, Score.place_id == Place.id)
        .outerjoin(province, province.id == Place.province_id)
        .where(Score.run_id == run, Score.position == 0)
    )  # fmt: skip
    return sorted(session.execute(query), key=lambda place: str(place.place))


def _band_shares(session: Session, arrays: RunArrays, rows: NDArray[np.intp]) -> tuple[float | None, ...]:
    """In which share of the repetitions each place is in its band; None where there are none."""
    summary = json.loads(session.get_one(Run, arrays.run_id).summary)
    bands = arrays["band"][rows]
    if not summary["uncertainty"] or not summary["bands"]:
        return (None,) * bands.size
    shares = arrays["band_share"][rows]
    own = zip(bands.tolist(), shares, strict=True)
    return tuple(None if band < 0 or np.isnan(share[band]) else float(share[band]) for band, share in own)


def _values(arrays: RunArrays, tree: tuple[TreeNode, ...]) -> NDArray[np.float64]:
    """Values of indicators in their own unit under the columns of the tree; nodes have none."""
    values = np.full(arrays["score"].shape, np.nan)
    values[:, [node.position for node in tree if node.is_indicator]] = arrays["values"]
    return values


def _shapes(session: Session, run: int) -> dict[int, str]:
    """The boundary of each place in the newest set that has one, in its finest detail."""
    other, finer = aliased(Boundary), aliased(BoundaryShape)
    newest = select(func.max(other.set_id)).where(other.place_id == Boundary.place_id).scalar_subquery()
    finest = select(func.max(finer.detail)).where(finer.boundary_id == Boundary.id).scalar_subquery()
    query = (
        select(Boundary.place_id, BoundaryShape.geometry)
        .join(Boundary, Boundary.id == BoundaryShape.boundary_id)
        .join(Score, Score.place_id == Boundary.place_id)
        .where(Score.run_id == run, Score.position == 0, Boundary.set_id == newest, BoundaryShape.detail == finest)
    )
    return {place: geometry for place, geometry in session.execute(query)}


def _line(node: TreeNode, entry: FrameworkEntry) -> NodeLine:
    name = entry.node_name(node.code)
    described = entry.indicators.get(node.code)
    source = described.source if described else None
    return NodeLine(
        code=node.code,
        level=node.level,
        is_indicator=node.is_indicator,
        weight=node.weight,
        effective_weight=node.effective_weight,
        name_th=name.th,
        name_en=name.en,
        unit=(described.unit if described else None) or "",
        source=source.name.en if source else "",
        licence=source.licence.en if source and source.licence else "",
    )


def _about(session: Session, edition: Edition, entry: FrameworkEntry) -> tuple[tuple[str, str], ...]:
    run = session.get_one(Run, edition.run)
    licences = sorted({one.source.licence.en for one in entry.indicators.values() if one.source and one.source.licence})
    period = f"{show_period(edition.period, entry.framework.period, 'en')} (พ.ศ. {buddhist_year(edition.period)})"
    lines = (
        ("framework", edition.framework),
        ("name_th", entry.name.th),
        ("name_en", entry.name.en),
        ("version", edition.version),
        ("period", period),
        ("source", "; ".join(_sources(session, run, entry)) or "not stated"),
        ("licence", "; ".join(licences) or "not stated by the sources"),
        ("run", str(edition.run)),
        ("made_at", edition.made_at.isoformat()),
        ("published_at", edition.published_at.isoformat()),
        ("definition_sha256", edition.definition),
        ("data_sha256", run.data_fingerprint),
        ("made_with", run.library),
    )
    return (*lines, *_said(edition), *((("demo", DEMO),) if edition.demo else ()))


def _said(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Its mark, and what it corrects, in both languages where it was written in both."""
    note = edition.note
    told = {
        "edition_status": note.mark,
        "corrects_run": str(note.corrects) if note.what and note.corrects else "",
        **{
            f"{name}_{code}": text
            for name, part in (("what_changed", note.what), ("why", note.why))
            for code, text in part.items()
        },
    }
    return tuple((name, text) for name, text in told.items() if text)


def _sources(session: Session, run: Run, entry: FrameworkEntry) -> list[str]:
    """Where the observations of the period come from, in the words of those who brought them in."""
    used = (
        select(Observation.source_id)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(
            IndicatorKey.code.in_(entry.framework.indicators),
            Observation.period == run.period,
            Observation.recording_id <= run.cutoff,
        )
        .distinct()
    )
    return list(session.scalars(select(Source.text).where(Source.id.in_(used)).order_by(Source.text)))

"""The front page: the national picture."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from cityindex.charts import Caption
from cityindex.charts.country import country, land_path
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.memory import Memory
from cityindex.queries.places.boundaries import boundary_set
from cityindex.queries.places.country import Spot, coarse_shapes, spots_of
from cityindex.queries.places.places import counts_by_type
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import Wanted, ranking
from cityindex.web.editions.overview_files import overview_taken
from cityindex.web.editions.shown_editions import shown_editions
from cityindex.web.filters import number, score, translated
from cityindex.web.language import language
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway, taken_as

home = Blueprint("home", __name__)
AREAS = ("province", "district")
TOP = 5
CLASSES = 5
PICTURES = 8
"""How many are remembered."""


@dataclass(frozen=True)
class Overview:
    """The country in one picture. `legend` holds, from the highest class down, its number, range and count."""

    picture: Markup
    legend: list[tuple[int, str, int]]
    missing: int


@home.get("/")
def index() -> ResponseReturnValue:
    session = database()
    newest = _newest(shown_editions())
    first = next(iter(newest), None)
    catalogue = application().catalogue
    overview = _remembered(session, first, catalogue.frameworks[first.framework]) if first else None
    taken = _taken(first, overview) if first and overview else None
    if taken and (wanted := request.args.get("format")):
        return taken_as(taken, wanted)
    counts = counts_by_type(session)
    return render_template(
        "pages/home.html",
        governments=sum(count for kind, count in counts.items() if kind not in AREAS),
        provinces=counts.get("province", 0),
        editions=newest,
        top=ranking(session, first.run, Wanted(limit=TOP)).rows if first else (),
        overview=overview,
        taken=taken,
        catalogue=catalogue,
    )


def _taken(edition: Edition, overview: Overview) -> TakeAway:
    key = [(f"scale-{at}", f"{span} ({number(count)})") for at, span, count in overview.legend]
    missing = [("none", gettext("no score") + f" ({number(overview.missing)})")] if overview.missing else []
    entry = application().catalogue.frameworks[edition.framework]
    return overview_taken(edition, entry, overview.picture, [*key, *missing])


def _newest(editions: tuple[Edition, ...]) -> list[Edition]:
    """The newest edition of each framework that is still defined, in the order of the definitions."""
    latest = {one.framework: one for one in reversed(editions)}
    return [latest[code] for code in application().catalogue.frameworks if code in latest]


def _remembered(session: Session, edition: Edition, entry: FrameworkEntry) -> Overview | None:
    """The picture of an edition, drawn once a process and language: a run never changes."""
    land = boundary_set(session, "province")
    # Ids may be given anew where a backup is restored; what was made when may not.
    key = (edition.run, edition.made_at.isoformat(), land.fingerprint if land else "", language())
    return _pictures.get(key, lambda: _overview(session, edition.run, entry))


def _overview(session: Session, run_id: int, entry: FrameworkEntry) -> Overview | None:
    spots = spots_of(session, run_id)
    scored = [spot for spot in spots if spot.score is not None]
    if not scored:
        return None
    classes = fifths(scored)
    legend = [
        (at, f"{score(min(values))}–{score(max(values))}", len(values))
        for at, values in reversed([(n, [one.score or 0.0 for one in part]) for n, part in enumerate(classes, 1)])
        if values
    ]
    words = gettext("score")
    said = "; ".join(f"{words} {span}: {count}" for _, span, count in legend)
    caption = Caption(gettext("Scores over the country: %(name)s", name=translated(entry.name)), said)
    missing = [(one.longitude, one.latitude) for one in spots if one.score is None]
    dots = [[(one.longitude, one.latitude) for one in part] for part in classes]
    return Overview(Markup(country(land_of(session), dots, missing, caption)), legend, len(missing))  # noqa: S704


def fifths(scored: list[Spot]) -> list[list[Spot]]:
    """Places in five classes of about as many each, from the lowest scores up; equal scores stay together."""
    values = np.array([spot.score for spot in scored], dtype=float)
    cuts = np.quantile(values, np.arange(1, CLASSES) / CLASSES, method="higher")
    position = np.searchsorted(cuts, values, side="right")
    return [[spot for spot, at in zip(scored, position, strict=True) if at == part] for part in range(CLASSES)]


def land_of(session: Session) -> str:
    """The country as one path, for small pictures; empty without boundaries of provinces."""
    provinces = boundary_set(session, "province")
    if provinces is None:
        return ""
    number = provinces.id
    return _drawn.get(provinces.fingerprint, lambda: _land(session, number))


def _land(session: Session, boundary_set: int) -> str:
    return land_path([json.loads(text) for text in coarse_shapes(session, boundary_set)])


_pictures: Memory[Overview | None] = Memory(PICTURES)
_drawn: Memory[str] = Memory(PICTURES)
"""Land by the fingerprint of its boundaries."""

"""A small world to score: two provinces, a few municipalities, two indicators of which one is inherited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.definitions.catalogue import Catalogue, FrameworkEntry
from cityindex.definitions.findings import At
from cityindex.definitions.loader import load, self_contained
from cityindex.definitions.yaml_ import located
from cityindex.models import IndicatorKey, Observation, Place, Recording, Source
from cityindex.resources import resource_root
from cityindex.services.runs.publication import Publishing
from cityindex.services.runs.scoring import Scoring

PERIOD = 2023
INDICATORS = ("roads", "water", "air", "population")
DEFINITION = {
    "framework": "small",
    "version": "1",
    "period": "calendar-year",
    "places": ["town-municipality", "subdistrict-municipality"],
    "peers": ["place_type", "population_band", "region"],
    "bands": {"cuts": [50], "names": ["upper", "lower"]},
    "method": {"screen": {"coverage": 0}, "coverage": 0.3},
    "tree": {
        "code": "index",
        "children": [
            {"code": "works", "weight": 2, "children": [{"indicator": "roads"}, {"indicator": "water_per_head"}]},
            {"code": "nature", "children": [{"indicator": "air"}]},
        ],
    },
    "indicators": [
        {"code": "roads"},
        {"code": "water_per_head", "formula": "1000 * water / population"},
        {"code": "water"},
        {"code": "population"},
        {"code": "air", "direction": "lower", "inherits_from": "province"},
    ],
}


def framework(**changes: object) -> FrameworkEntry:
    """The small framework, with some of its keys changed."""
    return self_contained(located({**DEFINITION, **changes}, At("small.yaml", 1, "framework")))


POOLED = {"normalise": {"method": "min-max", "over": "pooled"}, "screen": {"coverage": 0}, "coverage": 0.3}


@cache
def _project() -> Catalogue:
    return load(resource_root("indicators"))


def catalogue(**changes: object) -> Catalogue:
    """The code lists of the project with the small framework, changed or not."""
    return replace(_project(), frameworks={"small": framework(**changes)})


def fill(engine: Engine, places: int = 8, *, period: int = PERIOD, demo: bool = False) -> None:
    """Provinces 10 and 50 with `places` municipalities in turn, and figures of one period."""
    with Session(engine) as session:
        if session.scalar(select(Place.id).limit(1)) is None:
            add_places(session, places, demo)
        values = np.random.default_rng(period).random((places, len(INDICATORS)))
        figures: dict[tuple[str, str], float] = {}
        for place in range(places):
            figures |= {(f"M{place}", code): float(values[place, i]) for i, code in enumerate(INDICATORS)}
            figures[f"M{place}", "population"] = 3000.0 + 4000 * place
            if place % 2:  # those of province 50 have no air of their own
                del figures[f"M{place}", "air"]
        figures["50", "air"] = 0.4
        record(session, figures, period=period, demo=demo)
        session.commit()


def add_places(session: Session, places: int, demo: bool = False) -> None:
    provinces = {code: place(code, "province") for code in ("10", "50")}
    session.add_all(provinces.values())
    session.flush()
    for number in range(places):
        kind = "town-municipality" if number % 3 == 0 else "subdistrict-municipality"
        one = place(f"M{number}", kind, demo=demo)
        one.province_id = provinces["50" if number % 2 else "10"].id
        session.add(one)
        session.flush()


def place(code: str, place_type: str, **values: object) -> Place:
    name = f"เทศบาล {code}"
    facts = {"name_th": name, "name_en": f"Town {code}", "name_sort": name, "name_search": name.lower(), "source": "x"}
    return Place(code=code, place_type=place_type, **{**facts, **values})


def record(
    session: Session, figures: Mapping[tuple[str, str], float | None], *, period: int = PERIOD, demo: bool = False
) -> int:
    """Bring figures in as one recording; what was there before is superseded. Returns the id of the recording."""
    recording = Recording(recorded_by="test", door="file", rows=len(figures), demo=demo)
    session.add(recording)
    if session.get(Source, 1) is None:
        session.add(Source(id=1, text="made up"))
    session.flush()
    known = set(session.scalars(select(IndicatorKey.code)))
    session.add_all(IndicatorKey(code=code) for code in sorted({code for _, code in figures} - known))
    session.flush()
    keys = {code: key for key, code in session.execute(select(IndicatorKey.id, IndicatorKey.code))}
    ids = {code: key for key, code in session.execute(select(Place.id, Place.code))}
    for (where, code), value in figures.items():
        cell = {"indicator_id": keys[code], "period": period, "place_id": ids[where]}
        newest = session.scalar(select(func.max(Observation.revision)).filter_by(**cell))
        if newest is not None:
            session.get_one(Observation, {**cell, "revision": newest}).superseded_by = recording.id
        row = {"value": value, "status": "A" if value is not None else "O", "source_id": 1}
        revision = 0 if newest is None else newest + 1
        session.execute(insert(Observation).values(**cell, **row, revision=revision, recording_id=recording.id))
    return recording.id


def scoring(engine: Engine, **changes: object) -> Scoring:
    return Scoring(sessionmaker(engine, expire_on_commit=False), catalogue(**changes))


def publishing(engine: Engine) -> Publishing:
    return Publishing(sessionmaker(engine, expire_on_commit=False))


def published_run(engine: Engine) -> int:
    """A filled database with one run of the small framework, published."""
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    publishing(engine).publish(run, "test")
    return run

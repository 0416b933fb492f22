"""One framework-year of 7,850 places and 100 indicators: scored from stored observations and stored, in under 3 s.

On both databases, which are thrown away: `python -m tests.bench.scoring_store`.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session, sessionmaker

from cityindex.database import bulk_insert, make_engine, writing
from cityindex.models import IndicatorKey, Place, Recording, Source
from cityindex.services.runs.publication import Publishing
from cityindex.services.runs.scoring import Scoring
from cityindex.services.upkeep import Upkeep
from tests import postgres
from tests.integration.small import catalogue, framework

PLACES, INDICATORS, PERIOD, LIMIT = 7_850, 100, 2023, 3.0
COLUMNS = (
    "indicator_id", "period", "place_id", "revision", "value", "status", "source_id", "recording_id", "superseded_by"
)  # fmt: skip


def definition() -> dict[str, object]:
    """100 indicators under 10 nodes, min-max over the period, with three kinds of peers."""
    children = [
        {"code": f"node{n}", "children": [{"indicator": f"i{n * 10 + i}"} for i in range(10)]} for n in range(10)
    ]
    return {
        "indicators": [{"code": f"i{i}"} for i in range(INDICATORS)],
        "tree": {"code": "index", "children": children},
        "places": ["sao"],
        "method": {},
    }


def fill(url: str) -> None:
    engine = make_engine(url)
    Upkeep(engine).upgrade()
    rng = np.random.default_rng(7)
    with Session(engine) as session:
        writing(session)
        session.execute(insert(Source).values(id=1, text="generated"))
        session.execute(insert(Recording).values(id=1, recorded_by="bench", door="file", rows=PLACES * INDICATORS))
        session.execute(insert(IndicatorKey), [{"id": i + 1, "code": f"i{i}"} for i in range(INDICATORS)])
        provinces = [10, *range(11, 87)]
        names = {"name_th": "x", "name_sort": "x", "name_search": "x", "source": "generated"}
        session.execute(
            insert(Place),
            [{"id": n + 1, "code": str(code), "place_type": "province", **names} for n, code in enumerate(provinces)],
        )
        session.execute(
            insert(Place),
            [
                {"id": 1000 + n, "code": f"{6_000_000 + n}", "place_type": "sao", "province_id": 1 + n % 77,
                 "population": 1000 + 10 * n, "area_km2": 12.5, **names}
                for n in range(PLACES)
            ],
        )  # fmt: skip
        for indicator in range(1, INDICATORS + 1):
            values = rng.lognormal(3, 1, PLACES).tolist()
            present = (rng.random(PLACES) > 0.05).tolist()
            rows = ((indicator, PERIOD, 1000 + n, 0, values[n], "A", 1, 1, None) for n in range(PLACES) if present[n])
            bulk_insert(session, "observation", COLUMNS, rows)
        session.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def measure(url: str) -> float:
    """Seconds of one run, from the first statement to the commit: the median of three."""
    engine = make_engine(url)
    scoring = Scoring(sessionmaker(engine), replace(catalogue(), frameworks={"small": framework(**definition())}))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        run = scoring.run("small", PERIOD, "bench")
        times.append(time.perf_counter() - started)
    Publishing(sessionmaker(engine)).publish(run, "bench")
    started = time.perf_counter()
    rebuilt = scoring.rebuild(run)
    seconds = ", ".join(f"{each:.2f}" for each in times)
    print(f"{engine.dialect.name}: runs {seconds} s; {rebuilt} in {time.perf_counter() - started:.2f} s")
    engine.dispose()
    return sorted(times)[1]


def main() -> int:
    slow = False
    with tempfile.TemporaryDirectory() as folder, postgres.empty_database() as url:
        for kind, where in {"SpatiaLite": f"sqlite:///{folder}/bench.sqlite", "PostGIS": url}.items():
            fill(where)
            seconds = measure(where)
            slow |= seconds >= LIMIT
            print(f"{kind}: score and store {PLACES} x {INDICATORS}: {seconds:.2f} s (limit {LIMIT:.0f} s)")
    return int(slow)


if __name__ == "__main__":
    raise SystemExit(main())

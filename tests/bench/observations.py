"""How fast observations are imported from CSV, against the floors of each database: COPY and executemany by themselves.

    python -m tests.bench.observations [--quick] [--postgres URL]

The floor gets the same rows, made ready and in the order of the primary key, for the same table with its indexes, in
one transaction. The import gets a CSV file in another order. Each runs in a process of its own on a fresh database; the
ratio is rows a second of the import over rows a second of the floor, and should be a third at least.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
from sqlalchemy import create_engine, insert, text
from sqlalchemy.orm import sessionmaker

from cityindex.database import is_sqlite, make_engine
from cityindex.definitions.catalogue import Catalogue, IndicatorEntry, Text
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.models import Place, PlaceCode
from cityindex.queries.observations.observations import observation_cube, place_observations
from cityindex.scoring.framework import Indicator
from cityindex.services.observations.observations import Observations, ObservationsImport
from cityindex.services.upkeep import Upkeep
from tests.postgres import cluster

PLACES, INDICATORS = 7_850, 100
QUICK, FULL = 1, 10
FIRST_YEAR = 2014
WANTED_RATIO, WANTED_MEGABYTES = 1 / 3, 1024
CODES = tuple(f"indicator_{i:03}" for i in range(INDICATORS))
COLUMNS = "indicator_id, period, place_id, revision, value, status, source_id, recording_id"


def catalogue() -> Catalogue:
    entries = {code: IndicatorEntry(Indicator(code, bounds=(0, 100)), Text(code, code)) for code in CODES}
    nothing: MappingProxyType[str, object] = MappingProxyType({})
    return Catalogue(entries, nothing, nothing, nothing, nothing, nothing, "")  # type: ignore[arg-type]


def rows(periods: int) -> dict[str, np.ndarray]:
    """The rows in the order of the primary key."""
    shape = (INDICATORS, periods, PLACES)
    indicator, period, place = np.indices(shape, dtype=np.int32).reshape(3, -1)
    value = np.random.default_rng(2569).random(indicator.size) * 100
    return {"indicator": indicator, "period": period + FIRST_YEAR, "place": place, "value": value.round(3)}


def write_csv(path: Path, data: dict[str, np.ndarray], *, wide: bool) -> None:
    """As people export it: place by place, year by year."""
    periods = len(np.unique(data["period"]))
    order = np.arange(data["value"].size).reshape(INDICATORS, periods, PLACES).transpose(2, 1, 0).ravel()
    place, period, value = (data[name][order] for name in ("place", "period", "value"))
    if not wide:
        names = np.array(CODES)[data["indicator"][order]]
        columns = {"place": place + 4_000_000, "period": period, "indicator": names, "value": value}
    else:
        keys = {"place": place[::INDICATORS] + 4_000_000, "period": period[::INDICATORS]}
        columns = keys | dict(zip(CODES, value.reshape(-1, INDICATORS).T, strict=True))
    pl.DataFrame(columns).write_csv(path)


def prepare(url: str) -> None:
    """An empty database with the places."""
    engine = make_engine(url)
    Upkeep(engine).upgrade()
    kind = {"place_type": "town-municipality", "name_sort": "", "name_search": "", "source": "bench", "demo": False}
    places = [{"id": i, "code": str(3_999_999 + i), "name_th": str(i), **kind} for i in range(1, PLACES + 1)]
    codes = [{"place_id": row["id"], "scheme": "dla", "code": row["code"], "in_force": True} for row in places]
    with engine.begin() as connection:
        connection.execute(insert(Place), places)
        connection.execute(insert(PlaceCode), codes)
    engine.dispose()


def files(url: str, folder: Path, periods: int) -> float:
    """Seconds of making the files."""
    start = time.perf_counter()
    data = rows(periods)
    write_csv(folder / "long.csv", data, wide=False)
    write_csv(folder / "wide.csv", data, wide=True)
    return time.perf_counter() - start


def floor(url: str, folder: Path, periods: int) -> float:
    """Seconds of the bare database."""
    data = rows(periods)
    engine = make_engine(url)
    if not is_sqlite(engine):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
    ready = (copy_floor if not is_sqlite(engine) else executemany_floor)(data, folder)
    with engine.connect() as connection:
        start = time.perf_counter()
        with connection.begin():
            ready(connection.connection.cursor())
        return time.perf_counter() - start


def copy_floor(data: dict[str, np.ndarray], folder: Path) -> Callable[[object], None]:
    path = folder / "floor.csv"
    size = len(data["value"])
    one, zero = np.ones(size, np.int32), np.zeros(size, np.int32)
    columns = [
        data["indicator"] + 1,
        data["period"],
        data["place"] + 1,
        zero,
        data["value"],
        np.full(size, "A"),
        one,
        one,
    ]
    pl.DataFrame({str(i): column for i, column in enumerate(columns)}).write_csv(path, include_header=False)

    def run(cursor: object) -> None:
        with path.open("rb") as stream, cursor.copy(f"COPY observation ({COLUMNS}) FROM STDIN (FORMAT CSV)") as copy:  # type: ignore[attr-defined]
            while block := stream.read(1 << 20):
                copy.write(block)

    return run


def executemany_floor(data: dict[str, np.ndarray], folder: Path) -> Callable[[object], None]:
    keys = [(data["indicator"] + 1).tolist(), data["period"].tolist(), (data["place"] + 1).tolist()]
    size = len(data["value"])
    ready = list(zip(*keys, [0] * size, data["value"].tolist(), ["A"] * size, [1] * size, [1] * size, strict=True))
    statement = f"INSERT INTO observation ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    return lambda cursor: cursor.executemany(statement, ready)  # type: ignore[attr-defined]


def load(url: str, folder: Path, periods: int) -> float:
    """Seconds of our import, from the file to the commit."""
    engine = make_engine(url)
    service = Observations(sessionmaker(engine, expire_on_commit=False), catalogue())
    start = time.perf_counter()
    table = read_observations(folder / "long.csv", ReadOptions(indicators=CODES, era="ce"))
    read = time.perf_counter() - start
    service.record(table, ObservationsImport("long.csv", "bench", "bench"))
    total = time.perf_counter() - start
    print(f"  {make_engine(url).name} read {read:.1f} s, store {total - read:.1f} s", file=sys.stderr)
    return total


def again(url: str, folder: Path, periods: int) -> float:
    """Seconds of the same import once more: every value is there already."""
    return load(url, folder, periods)


def wide(url: str, folder: Path, periods: int) -> float:
    """Seconds of reading the wide file."""
    start = time.perf_counter()
    read_observations(folder / "wide.csv", ReadOptions(indicators=CODES, era="ce")).cube()
    return time.perf_counter() - start


def cube(url: str, folder: Path, periods: int) -> float:
    """Seconds of a framework-year: all places and indicators of one period."""
    with sessionmaker(make_engine(url))() as session:
        observation_cube(session, [1], CODES[:1], [FIRST_YEAR])
        start = time.perf_counter()
        values, _ = observation_cube(session, range(1, PLACES + 1), CODES, [FIRST_YEAR])
        taken = time.perf_counter() - start
    assert not np.isnan(values).any()
    return taken


def place(url: str, folder: Path, periods: int) -> float:
    """Seconds of all that is known of one place."""
    with sessionmaker(make_engine(url))() as session:
        place_observations(session, 1)
        start = time.perf_counter()
        found = place_observations(session, 77)
        taken = time.perf_counter() - start
    assert len(found) == INDICATORS * periods
    return taken


STEPS = {step.__name__: step for step in (files, floor, load, again, wide, cube, place)}


def measure(step: str, url: str, folder: Path, periods: int) -> tuple[float, float]:
    """Seconds and peak megabytes of a step in a process of its own."""
    call = [
        sys.executable,
        "-m",
        __spec__.name,
        "--step",
        step,
        "--url",
        url,
        "--folder",
        str(folder),
        "--periods",
        str(periods),
    ]
    seconds, megabytes = json.loads(subprocess.run(call, check=True, stdout=subprocess.PIPE).stdout)
    return seconds, megabytes


def databases(folder: Path, postgres: str | None) -> dict[str, Callable[[str], str]]:
    """For each kind, what makes a fresh database and gives its URL."""

    def spatialite(name: str) -> str:
        for old in folder.glob("*.sqlite*"):
            if name in ("floor", "load"):
                old.unlink()
        return f"sqlite:///{folder / name}.sqlite"

    def postgis(name: str) -> str:
        server = create_engine(f"{postgres}".format("postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS bench_{name}"))
            connection.execute(text(f"CREATE DATABASE bench_{name}"))
        server.dispose()
        return f"{postgres}".format(f"bench_{name}")

    return {"SpatiaLite": spatialite} | ({"PostGIS": postgis} if postgres else {})


def compare(periods: int, postgres: str | None) -> bool:
    """Print the table; false where a ratio or the memory is not what it should be."""
    good = True
    folder = Path(tempfile.mkdtemp(prefix="cityindex-bench-"))
    try:
        # Not in this process: a child's peak memory begins with what its parent held.
        measure("files", "sqlite://", folder, periods)
        number = PLACES * INDICATORS * periods
        print(f"{number:,} rows, CSV {(folder / 'long.csv').stat().st_size / 1e6:.0f} MB")
        seconds, megabytes = measure("wide", "sqlite://", folder, periods)
        print(f"read the wide file into a cube: {seconds:.2f} s, {megabytes:.0f} MB")
        for kind, fresh in databases(folder, postgres).items():
            url = fresh("floor")
            prepare(url)
            bare, _ = measure("floor", url, folder, periods)
            url = fresh("load")
            prepare(url)
            ours, megabytes = measure("load", url, folder, periods)
            ratio = bare / ours
            good &= ratio >= WANTED_RATIO and megabytes < WANTED_MEGABYTES
            print(f"{kind}: floor {bare:.1f} s = {number / bare:,.0f} rows/s; import {ours:.1f} s = "
                  f"{number / ours:,.0f} rows/s; ratio {ratio:.2f}, {megabytes:.0f} MB")  # fmt: skip
            for step in ("again", "cube", "place"):
                seconds, megabytes = measure(step, url, folder, periods)
                print(f"{kind}: {STEPS[step].__doc__.split('.')[0].lower()}: {seconds:.3f} s, {megabytes:.0f} MB")  # type: ignore[union-attr]
    finally:
        shutil.rmtree(folder)
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="785,000 rows instead of 7,850,000")
    parser.add_argument("--postgres", help="URL with {} for the name of a database; by default a server of its own")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--periods", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        seconds = STEPS[given.step](given.url, given.folder, given.periods)
        print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
        return
    with nullcontext(given.postgres) if given.postgres else cluster(settings="") as server:
        if not compare(QUICK if given.quick else FULL, server):
            raise SystemExit(1)


if __name__ == "__main__":
    main()

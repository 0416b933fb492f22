"""How fast SDMX data messages are made from PostGIS, against Polars writing the same rows from memory.

    python -m tests.bench.sdmx [--quick]

The whole answer of the application, read part by part as a server sends it; the first one of a process is not counted.
"""

from __future__ import annotations

import argparse
import io
import resource
import sys
import time

import polars as pl
from sqlalchemy import create_engine, insert
from werkzeug.test import EnvironBuilder, run_wsgi_app

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.models import IndicatorKey, Recording, Source
from tests.bench.observations import CODES, COLUMNS, prepare, rows
from tests.postgres import cluster

CSV_SECONDS, ML_SECONDS, FIRST_BYTE, MEGABYTES = 2.5, 5.0, 0.3, 200
CSV, ML = "application/vnd.sdmx.data+csv;version=2.0.0", "application/vnd.sdmx.structurespecificdata+xml;version=2.1"


def fill(url: str) -> None:
    """A year of figures: 785,000."""
    prepare(url)
    data = rows(1)
    with create_engine(url).begin() as connection:
        connection.execute(insert(Source), [{"id": 1, "text": "bench"}])
        connection.execute(insert(Recording), [{"id": 1, "recorded_by": "bench", "door": "file", "rows": 1}])
        connection.execute(insert(IndicatorKey), [{"id": at, "code": code} for at, code in enumerate(CODES, 1)])
        columns = [data["indicator"] + 1, data["period"], data["place"] + 1, data["value"]]
        frame = pl.DataFrame({str(at): column for at, column in enumerate(columns)})
        ready = frame.select("0", "1", "2", pl.lit(0).alias("r"), "3", pl.lit("A").alias("a"), s=pl.lit(1), c=pl.lit(1))
        with connection.connection.cursor().copy(f"COPY observation ({COLUMNS}) FROM STDIN (FORMAT CSV)") as copy:  # type: ignore[attr-defined]
            copy.write(ready.write_csv(include_header=False))


def answered(app: object, path: str, accept: str) -> tuple[float, float, int]:
    """Seconds to the first part and to the last, and bytes."""
    environ = EnvironBuilder(path=path, headers={"Accept": accept}).get_environ()
    start = time.perf_counter()
    parts, status, _ = run_wsgi_app(app, environ, buffered=False)  # type: ignore[arg-type]
    size, first = 0, 0.0
    for part in parts:
        first = first or time.perf_counter() - start
        size += len(part)
    parts.close()  # type: ignore[attr-defined]
    assert status.startswith("200"), status
    return first, time.perf_counter() - start, size


def floor(app: object) -> float:
    """Seconds that Polars takes for the same rows from memory."""
    environ = EnvironBuilder(path="/sdmx/2.1/data/DF_OBSERVATIONS", headers={"Accept": CSV}).get_environ()
    parts, _, _ = run_wsgi_app(app, environ, buffered=False)  # type: ignore[arg-type]
    frame = pl.read_csv(b"".join(parts))
    parts.close()  # type: ignore[attr-defined]
    start = time.perf_counter()
    frame.write_csv(io.BytesIO())
    return time.perf_counter() - start


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_known_args()
    some = "+".join(CODES[::5])
    asked = {
        "SDMX-CSV 2.0, 785,000 observations": ("/sdmx/2.1/data/DF_OBSERVATIONS", CSV, CSV_SECONDS),
        "SDMX-ML 2.1, 157,000 observations": (f"/sdmx/2.1/data/DF_OBSERVATIONS/A..{some}", ML, ML_SECONDS),
    }
    slow = []
    with cluster() as server:
        url = server.format("postgres")
        fill(url)
        app = Application(read_settings({"CITYINDEX_DATABASE_URL": url})).web()
        answered(app, "/sdmx/2.1/data/DF_OBSERVATIONS/A.3999999+4000000.", CSV)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name, (path, accept, limit) in asked.items():
            first, whole, size = min(answered(app, path, accept) for _ in range(3))
            print(f"{name}: first byte {first:.3f} s, whole {whole:.2f} s (at most {limit} s), {size / 1e6:.0f} MB")
            slow += [name] if whole > limit or first > FIRST_BYTE else []
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        bare = floor(app)
    print(f"growth of memory {grown:.0f} MiB (at most {MEGABYTES}); Polars from memory {bare:.2f} s")
    return int(bool(slow) or grown > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())

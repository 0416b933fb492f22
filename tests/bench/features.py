"""Requests a second of OGC API Features on PostGIS: municipal boundaries, against tipg and pygeoapi on the same rows.

The peers are installed into a folder of their own (PEERS_PYTHON names a Python of 3.12 or newer for them; where there
is none only this service is measured, and the table says so). The load comes from wrk, on the same machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import postgres
from tests.bench.pages import fill
from tests.exchange.conftest import serving

RUNS, SECONDS, CLIENTS = 3, 2, 8
PEERS = ("tipg==1.6.1", "uvicorn", "pygeoapi==0.24.0", "GeoAlchemy2", "pygeofilter", "psycopg2-binary", "gunicorn")
BOX = "100.3,13.5,100.9,14.1"
REQUESTS = {
    "limit=100": "items?limit=100",
    "limit=1000": "items?limit=1000",
    "bbox": f"items?bbox={BOX}&limit=100",
    "single": "items/{code}",
}
AT_LEAST = {
    "tipg": {"limit=100": 1.5, "limit=1000": 1.5, "bbox": 1.5, "single": 1.0},
    "pygeoapi": dict.fromkeys(REQUESTS, 2.0),
}
"""How many times the requests of a peer this service has to answer."""
CONFIGURATION = """
server: {{bind: {{host: 127.0.0.1, port: {port}}}, url: "http://127.0.0.1:{port}", mimetype: application/json,
  encoding: utf-8, gzip: false, languages: [en-US], pretty_print: false, limits: {{default_items: 100,
  max_items: 10000}},
  map: {{url: "http://127.0.0.1/", attribution: none}}}}
logging: {{level: ERROR}}
metadata: {{identification: {{title: x, description: x, keywords: [x], keywords_type: theme, terms_of_service: x,
  url: "http://x"}},
  license: {{name: x, url: "http://x"}}, provider: {{name: x, url: "http://x"}}, contact: {{name: x, email: x}}}}
resources: {{mun: {{type: collection, title: mun, description: mun, keywords: [x], links: [],
  extents: {{spatial: {{bbox: [97, 5, 106, 21]}}}}, providers: [{{type: feature, name: PostgreSQL,
  data: {{host: 127.0.0.1, port: {database_port}, dbname: "{name}", user: postgres, password: x,
  search_path: [public]}},
  id_field: code, table: mun, geom_field: geom}}]}}}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def peers_python() -> Path | None:
    """A Python with the peers in it, made in a folder of temporary things; None where there is none to make it with."""
    found = os.environ.get("PEERS_PYTHON") or shutil.which("python3.13") or shutil.which("python3.12")
    if found is None or shutil.which("wrk") is None:
        return None
    folder = Path(tempfile.gettempdir()) / "cityindex-peers"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([found, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True, stderr=subprocess.DEVNULL)
    return python


@contextmanager
def process(command: list[str], port: int, **environ: str) -> Iterator[str]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env={**os.environ, **environ}, **quiet)  # type: ignore[call-overload]
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/conformance", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


@contextmanager
def tipg(python: Path, database: str) -> Iterator[str]:
    port, name = free_port(), str(make_url(database).database)
    where = {"HOST": "127.0.0.1", "PORT": str(postgres.PORT), "USER": "postgres", "PASS": "x", "DBNAME": name}
    command = [
        str(python),
        "-m",
        "uvicorn",
        "tipg.main:app",
        "--workers",
        "2",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    with process(command, port, **{f"POSTGRES_{key}": value for key, value in where.items()}) as found:
        yield f"{found}/collections/public.mun"


@contextmanager
def pygeoapi(python: Path, database: str) -> Iterator[str]:
    port, name = free_port(), make_url(database).database
    with tempfile.TemporaryDirectory() as folder:
        config, document = Path(folder, "config.yml"), Path(folder, "openapi.yml")
        config.write_text(CONFIGURATION.format(port=port, database_port=postgres.PORT, name=name))
        environ = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(document)}
        made = [str(python.parent / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(document)]
        subprocess.run(made, env={**os.environ, **environ}, check=True, capture_output=True)
        server = [
            str(python),
            "-m",
            "gunicorn",
            "-b",
            f"127.0.0.1:{port}",
            "-w",
            "2",
            "--threads",
            "4",
            "--no-control-socket",
        ]
        with process([*server, "pygeoapi.flask_app:APP"], port, **environ) as found:
            yield f"{found}/collections/mun"


def requests_a_second(address: str) -> float:
    """The median of some runs of wrk, with a connection for each request; every answer has to be a good one."""
    rates = []
    for _ in range(RUNS):
        command = [
            "wrk",
            "-t1",
            f"-c{CLIENTS}",
            f"-d{SECONDS}s",
            "--timeout",
            "30s",
            "-H",
            "Connection: close",
            address,
        ]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in said:
            raise SystemExit(f"{address}: {said}")
        rates.append(float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0]))
    return statistics.median(rates)


def measure(collection: str, code: str) -> dict[str, float]:
    # Without `f`, as in what is measured: tipg means a bare list by `f=json`.
    wanted = urllib.request.Request(f"{collection}/items?limit=100", headers={"Accept": "application/geo+json, */*"})
    with urllib.request.urlopen(wanted, timeout=60) as answer:
        assert len(json.load(answer)["features"]) == 100
    return {name: requests_a_second(f"{collection}/{path.format(code=code)}") for name, path in REQUESTS.items()}


def table_for_peers(database: str) -> str:
    """The shapes as the peers read them, keyed and indexed; gives a code."""
    with create_engine(database).begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE mun AS SELECT p.code, p.name_th, p.name_en, p.place_type, v.code AS province, b.geom "
                "FROM boundary b JOIN boundary_set s ON s.id = b.set_id AND s.level = 'municipality' "
                "JOIN place p ON p.id = b.place_id LEFT JOIN place v ON v.id = p.province_id"
            )
        )
        connection.execute(text("ALTER TABLE mun ADD PRIMARY KEY (code)"))
        connection.execute(text("CREATE INDEX ON mun USING gist (geom)"))
        return str(connection.execute(text("SELECT code FROM mun ORDER BY code OFFSET 50 LIMIT 1")).scalar_one())


def main() -> int:
    if shutil.which("wrk") is None:
        print("wrk is not installed: nothing was measured (it comes with Debian's package of that name)")
        return 0
    with postgres.empty_database("-c listen_addresses=127.0.0.1") as database:
        fill(database)
        code = table_for_peers(database)
        figures: dict[str, dict[str, float]] = {}
        with serving(database) as address:
            figures["cityindex"] = measure(f"{address}/features/collections/boundaries-municipality", code)
        python = peers_python()
        for name, peer in (("tipg", tipg), ("pygeoapi", pygeoapi)):
            if python is None:
                print(f"{name} was not measured: it needs a Python of 3.12 or newer (PEERS_PYTHON)")
                continue
            with peer(python, database) as collection:
                figures[name] = measure(collection, code)
    return report(figures)


def report(figures: dict[str, dict[str, float]]) -> int:
    print(f"{'requests a second':14}" + "".join(f"{name:>12}" for name in figures))
    missed = 0
    for request in REQUESTS:
        print(f"{request:17}" + "".join(f"{found[request]:12.0f}" for found in figures.values()))
    for peer, wanted in AT_LEAST.items():
        for request, least in wanted.items() if peer in figures else ():
            ratio = figures["cityindex"][request] / figures[peer][request]
            missed += ratio < least
            print(f"to {peer:9} {request:11} {ratio:6.1f} x (at least {least:.1f})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

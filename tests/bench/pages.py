"""How soon public pages answer from a stored run, how many queries they take, and what the map sends.

Real data where the folder is there (CITYINDEX_SHARED_DATA), else the demo. A real server, both databases, one reader.
"""

from __future__ import annotations

import gzip
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text

from cityindex.app import Application, create_app
from cityindex.config import read_settings
from tests import postgres, realdata
from tests.conftest import SHARED_DATA

REPEATS = 21
PDFS, PDF = 5, 1.5
"""Sheets that are printed, and seconds that one may take (the median); none of them is kept yet."""
FIRST_BYTE, QUERIES, MAP_HTML, BOUNDARIES = 0.050, 15, 60_000, 700_000
OF_A_PROFILE = 18
"""Queries of a profile, which also tells targets, what is shared, planned and was corrected."""
OTHERS = ("4560102", "3570102", "3400102", "3830102", "3600102")
DEMO_OTHERS = ("D270004", "D390001", "D390003", "D400001", "D490001")
CITYINDEX = Path(sys.executable).parent / "cityindex"


def fill(url: str) -> tuple[str, str, str]:
    """Data in an empty database. Returns a framework, a period and a place that have a published edition."""
    os.environ["CITYINDEX_DATABASE_URL"] = url
    if SHARED_DATA.is_dir():
        realdata.load(SHARED_DATA)
        run = realdata.command("run", realdata.FRAMEWORK, str(realdata.PERIOD))["run"]
        realdata.command("publish", str(run))
        return realdata.FRAMEWORK, str(realdata.PERIOD), "3500102"
    realdata.command("db", "upgrade")
    realdata.command("seed", "--demo")
    with create_engine(url).connect() as connection:
        place = connection.execute(text("SELECT min(code) FROM place WHERE demo AND code LIKE 'D%'")).scalar_one()
    return "livable-city", "2025", place


def compared(place: str) -> str:
    """Six places side by side, as an address says it."""
    six = (place, *(OTHERS if place == "3500102" else DEMO_OTHERS))
    return "&".join(f"place={code}" for code in six)


def addresses(framework: str, period: str, place: str) -> dict[str, str]:
    return {
        "home": "/th/",
        "places": "/th/places/",
        "profile": f"/th/places/{place}",
        "ranking": f"/th/frameworks/{framework}/{period}",
        "indicator": "/th/indicators/population",
        "its table": f"/th/indicators/population?tab=table&place={place}",
        "method": f"/th/methods/{framework}",
        "compare": f"/th/compare?framework={framework}&period={period}&{compared(place)}",
        "map": f"/th/map?framework={framework}&period={period}",
    }


def queries_of(address: str, application: Any, site: Any) -> int:
    """Queries of a page whose caches are warm, as a second reader finds it."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    client = site.test_client()
    client.get(address)
    event.listen(application.engine, "before_cursor_execute", note)
    try:
        status = client.get(address).status_code
    finally:
        event.remove(application.engine, "before_cursor_execute", note)
    if status != 200:
        raise SystemExit(f"{address} answers {status}")
    return len(seen)


def fetch(url: str) -> tuple[float, bytes]:
    """Seconds to the first byte, and the compressed body."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    started = time.perf_counter()
    with closing(urllib.request.urlopen(request)) as answer:
        first = answer.read(1)
        seconds = time.perf_counter() - started
        body = first + answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
    return seconds, body if packed else gzip.compress(body, 6)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(kind: str, url: str) -> bool:
    framework, period, place = fill(url)
    site = create_app(read_settings())
    held = next(value for value in site.extensions.values() if isinstance(value, Application))
    port = free_port()
    line = [str(CITYINDEX), "serve", "--port", str(port)]
    server = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    good = True
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/health/ready")
        print(f"\n{kind:12} first byte (median)  queries  compressed")
        for name, address in addresses(framework, period, place).items():
            answers = [fetch(base + address) for _ in range(REPEATS)]
            seconds, size = statistics.median(one for one, _ in answers), len(answers[-1][1])
            queries = queries_of(address, held, site)
            fine = (
                seconds < FIRST_BYTE
                and queries <= (OF_A_PROFILE if name == "profile" else QUERIES)
                and (name != "map" or size < MAP_HTML)
            )
            good &= fine
            print(f"{name:12} {1000 * seconds:15.1f} ms  {queries:7}  {size / 1000:8.1f} kB  {'' if fine else 'OVER'}")
        good &= shapes(base, addresses(framework, period, place)["map"])
        good &= sheets(base, framework, period)
    finally:
        server.terminate()
        server.wait()
        held.engine.dispose()
    return good


def sheets(base: str, framework: str, period: str) -> bool:
    """Profiles of the best ranked places as PDF, after one that starts the browser."""
    ranking = gzip.decompress(fetch(f"{base}/th/frameworks/{framework}/{period}")[1]).decode()
    codes = list(dict.fromkeys(re.findall(r'href="/th/places/(\w+)"', ranking)))[: PDFS + 1]
    times = [fetch(f"{base}/th/places/{code}.pdf")[0] for code in codes]
    middle = statistics.median(times[1:])
    print(f"{'profile PDF':12} {1000 * middle:15.1f} ms  (the first one {1000 * times[0]:.0f} ms)")
    return middle < PDF


def shapes(base: str, address: str) -> bool:
    """What the map fetches apart: geometry and values."""
    page = gzip.decompress(fetch(base + address)[1]).decode()
    good = True
    for found in sorted(set(re.findall(r"/map/(?:shapes|values|reported)/[^\"\\ ]+?\.json", page))):
        seconds, body = fetch(base + found)
        good &= len(body) < BOUNDARIES
        print(f"{found[:60]:60} {1000 * seconds:6.1f} ms  {len(body) / 1000:8.1f} kB")
    return good


def wait_for(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        good = measure("SpatiaLite", f"sqlite:///{folder}/pages.sqlite")
    with postgres.empty_database() as url:
        good &= measure("PostGIS", url)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())

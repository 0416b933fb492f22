"""The picture of a map: well-formed, every place in its colour, hatches for what is missing."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

from cityindex.maps.drawing import Circle, Key, Look, Picture, draw, outlines

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = json.dumps({"type": "Polygon", "coordinates": [[[100, 13], [101, 13], [101, 14], [100, 14], [100, 13]]]})
ISLANDS = json.dumps(
    {
        "type": "MultiPolygon",
        "coordinates": [[[[102, 13], [103, 13], [103, 14], [102, 13]]], [[[104, 13], [105, 13], [105, 14], [104, 13]]]],
    }
)
LOOKS = {"A": Look("#123456"), "B": Look(None, "none"), "C": Look("#abcdef", "standing", faint=True)}


def drawn(**more: object) -> ET.Element:
    shapes = outlines([("A", SQUARE), ("B", ISLANDS), ("C", SQUARE), ("D", SQUARE)])
    given = {"title": "คะแนน <b>", "said": "3 places", "looks": LOOKS, "keys": [Key(Look("#123456"), "0–10 <i>", "1")]}
    picture = Picture(**{**given, **more})  # type: ignore[arg-type]
    return ET.fromstring(draw(picture, shapes, {}).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def test_every_place_that_is_shown_has_its_look() -> None:
    found = {
        (path.get("data-place"), path.get("fill"), path.get("fill-opacity")) for path in drawn().iter(f"{SVG}path")
    }
    assert ("A", "#123456", None) in found
    assert ("B", "url(#map-none-on-map)", None) in found
    assert ("C", "#abcdef", "0.4") in found
    assert ("C", "url(#map-standing-on-map)", None) in found
    assert not any(code == "D" for code, _, _ in found)


def test_the_title_and_the_legend_are_text() -> None:
    picture = drawn()
    assert picture.findtext(f"{SVG}title") == "คะแนน <b>"
    assert {"0–10 <i>", "1"} <= {one.text for one in picture.iter(f"{SVG}text")}


def test_everything_lies_inside_the_frame() -> None:
    picture = drawn(circles=[Circle("A", 100.5, 13.5, 9.0, Look("#123456")), Circle("B", 105.5, 12.5, 4.0, Look())])
    frame = picture.find(f".//{SVG}clipPath/{SVG}rect")
    assert frame is not None
    for circle in picture.iter(f"{SVG}circle"):
        if circle.get("data-place"):
            assert 0 < float(circle.get("cx", -1)) < float(frame.get("width", 0))
            assert 0 < float(circle.get("cy", -1)) < float(frame.get("height", 0))


def test_a_path_goes_all_the_way_round() -> None:
    outline = outlines([("A", SQUARE)])["A"]
    steps = [(int(x), int(y)) for x, y in re.findall(r"(-?\d+)[ ]?(-?\d+)", outline.path.split("l", 1)[1])]
    assert (sum(x for x, _ in steps), sum(y for _, y in steps)) == (0, 0)
    assert outline.box[3] - outline.box[1] == 1000


def test_nine_classes_have_their_names() -> None:
    picture = drawn(grid=[["#111111"] * 3] * 3, axes=("first", "second"))
    assert {"↑ first", "→ second"} <= {one.text for one in picture.iter(f"{SVG}text")}
    assert sum(1 for one in picture.iter(f"{SVG}rect") if one.get("fill") == "#111111") == 9


def test_a_map_of_nothing_is_still_a_picture() -> None:
    assert drawn(looks={}).get("viewBox")

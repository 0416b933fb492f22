"""Marks of several places on one scale, and bars of a gap around zero."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from cityindex.charts import Caption, Lane, Mark, Step, gap_bars, lanes

CAPTION = Caption("Scores", "of three")


def mark(number: int, value: float) -> Mark:
    return Mark(number, value, f"P{number}", f"place {number}: {value}")


def test_marks_stand_where_they_belong_and_never_on_each_other() -> None:
    rows = [Lane("Water", [mark(1, 50), mark(2, 51), mark(3, 100)], 25.0), Lane("Air", [], None, "no score: 1, 2, 3")]
    drawn = lanes(rows, CAPTION, scale=(0, 100), source=("Index 2025", "run 7"))
    tree = ElementTree.fromstring(drawn)
    circles = {group.get("data-place"): group.find("circle") for group in tree.iter("g")}
    assert set(circles) == {"P1", "P2", "P3"}
    at = {
        place: (float(one.get("cx", "")[:-1]), float(one.get("cy", "")))
        for place, one in circles.items()
        if one is not None
    }
    assert at["P1"][0] == 50.0
    assert at["P3"][0] == 96.5
    assert at["P1"][1] == at["P3"][1] < at["P2"][1]
    words = [text.text for text in tree.iter("text")]
    assert {"Water", "Air", "no score: 1, 2, 3", "Index 2025", "run 7", "0", "100"} <= set(words)
    (reference,) = [line for line in tree.iter("line") if line.get("class") == "reference"]
    assert reference.get("x1") == "26.75%"
    assert [one.get("class") for one in circles.values() if one is not None] == ["mark mine", "mark", "mark"]


def test_names_are_data() -> None:
    drawn = lanes([Lane("<b>", [Mark(1, 5, 'a"b', "<i>")], None)], CAPTION, scale=(0, 10), source=())
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    ElementTree.fromstring(drawn)


def test_bars_of_a_gap_grow_to_both_sides_on_one_scale() -> None:
    steps = [Step("Works", 3.0, "+3.00"), Step("Nature", -1.0, "-1.00")]
    drawn = gap_bars(steps, Step("Gap", 2.0, "+2.00"), ("B", "A"), CAPTION, 4.0)
    bars = re.findall(r'<rect class="mark[^"]*" x="([\d.]+)%" y="[\d.]+" width="([\d.]+)%"', drawn)
    assert [(float(x), float(width)) for x, width in bars] == [(50, 37.5), (37.5, 12.5), (50, 25)]
    assert "<title>Scores</title>" in drawn
    none = gap_bars([], Step("Gap", 0.0, "0.00"), ("B", "A"), CAPTION)
    assert 'width="0%"' in none

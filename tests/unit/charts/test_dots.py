"""A dot for every place: none lies on another, and each stands at its value."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.charts import Axis, Caption, Missing
from cityindex.charts.dots import OTHERS, ROOM, SIZES, TALLEST, Dot, dots, stacked

CAPTION = Caption("Dots", "what they show", ("the source",), "2025")
AXIS = Axis(0.0, 100.0, [(0.0, "0"), (100.0, "100")], "points", "")
COLOURS = ("#e8e4a8", "#23345f")
VALUES = st.lists(st.floats(min_value=0, max_value=100), max_size=300)


def drawn(items: list[Dot], missing: int = 0) -> ElementTree.Element:
    svg = dots(items, AXIS, COLOURS, CAPTION, missing=Missing(missing, str(missing), "no data"))
    return ElementTree.fromstring(svg)


@given(values=VALUES)
@settings(deadline=None)
def test_no_dot_lies_on_another_and_each_is_at_its_value(values: list[float]) -> None:
    laid = stacked(values, 0.0, 100.0)
    assert len(laid.spots) == len(values) == len(set(laid.spots))
    for value, (column, _) in zip(values, laid.spots, strict=True):
        middle = (column + 0.5) * laid.size / ROOM * 100
        assert abs(middle - value) <= laid.size / ROOM * 100 + 1e-9
    if not laid.crowded:
        assert max(Counter(column for column, _ in laid.spots).values(), default=0) * laid.size <= TALLEST


def test_a_whole_country_fits_without_overlap() -> None:
    values = [100 * (n + 0.5) / 7850 for n in range(7850)]
    assert not stacked(values, 0.0, 100.0).crowded


def test_too_many_alike_keep_the_height_and_say_so() -> None:
    laid = stacked([5.0] * 5000, 0.0, 100.0)
    assert laid.crowded
    assert laid.size == SIZES[-1]
    assert 5000 * laid.step <= TALLEST + 1e-9


def test_every_place_is_a_mark_in_the_colour_of_its_class() -> None:
    items = [Dot(10, "a", "A", 0), Dot(90, "b", "B", 1), Dot(90, "c", "C", OTHERS)]
    root = drawn(items, missing=3)
    groups = {one.get("fill") or one.get("class"): [dot.get("data-place") for dot in one] for one in root.findall("g")}
    assert groups == {COLOURS[0]: ["a"], COLOURS[1]: ["b"], "others": ["c"]}
    words = [one.text for one in root.findall("text")]
    assert {"3", "no data", "the source", "points"} <= set(words)


def test_who_the_filter_leaves_out_stands_on_top() -> None:
    root = drawn([Dot(50, "out", "", OTHERS), Dot(50, "in", "", 0)])
    height = {dot.get("data-place"): float(dot.get("cy", "")) for dot in root.iter("circle")}
    assert height["out"] < height["in"]


def test_the_place_in_question_is_pointed_at() -> None:
    root = drawn([Dot(50, "a", "A 50", 0, "A 50"), Dot(60, "b", "B 60", 0)])
    (mine,) = [one for one in root.iter("circle") if one.get("class") == "mine"]
    assert mine.get("data-place") == "a"
    assert len([one for one in root.iter("circle") if one.get("data-place") == "a"]) == 1
    assert "A 50" in [one.text for one in root.findall("text")]


def test_nothing_known_is_still_a_picture() -> None:
    assert drawn([], missing=2).tag == "svg"

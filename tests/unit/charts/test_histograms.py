"""Histograms: heights that tell the truth, and values that are pointed out where they lie."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from cityindex.charts import Axis, Caption, Marker, Missing, histogram

AXIS = Axis(0, 100, [(0, "0"), (50, "50"), (100, "100")], "ร้อยละ", "10 แห่ง")


def drawn(counts: list[int], missing: int = 0, median: float = 50) -> Element:
    words = Missing(missing, str(missing), "ไม่มีข้อมูล")
    svg = histogram(counts, AXIS, Caption("ชื่อ <1>", "คำอธิบาย"), marker=Marker(median, "มัธยฐาน"), missing=words)
    return ElementTree.fromstring(svg)


def columns(root: Element) -> list[Element]:
    return [one for one in root.iter("rect") if one.get("class") == "mark"]


def number(element: Element, name: str) -> float:
    return float((element.get(name) or "").rstrip("%"))


def words(root: Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter("text")]


def test_heights_are_in_proportion() -> None:
    low, high = columns(drawn([5, 0, 10]))
    assert number(high, "height") == pytest.approx(2 * number(low, "height"))


def test_missing_places_are_a_hatched_column_on_the_same_scale() -> None:
    root = drawn([5, 10], missing=20)
    [hatched] = [one for one in root.iter("rect") if "no-data" in (one.get("fill") or "")]
    assert number(hatched, "height") == pytest.approx(2 * number(columns(root)[1], "height"))
    assert "20" in words(root)


def test_very_many_missing_places_leave_room_for_the_others() -> None:
    """A country of which a third is scored: the column of the others is broken, its number stands over it."""
    root = drawn([5, 10], missing=45)
    columns = [float(one.get("height", 0)) for one in root.iter() if one.get("class") == "mark"]
    [hatched] = [float(one.get("height", 0)) for one in root.iter() if (one.get("fill") or "").startswith("url")]
    assert max(columns) == pytest.approx(hatched / 2)
    assert [one.get("class") for one in root.iter()].count("break") == 1
    assert "45" in {one.text for one in root.iter()}
    assert "break" not in {one.get("class") for one in drawn([5, 10], missing=20).iter()}


def test_without_missing_places_nothing_is_hatched() -> None:
    assert not [one for one in drawn([1, 2]).iter("rect") if one.get("fill")]


def test_the_marker_stands_at_its_value() -> None:
    [line] = [one for one in drawn([1, 1], median=25).iter("line") if one.get("class") == "reference"]
    ticks = [one for one in drawn([1, 1]).iter("line") if one.get("class") == "axis" and one.get("x1") == one.get("x2")]
    assert number(line, "x1") == pytest.approx((number(ticks[0], "x1") + number(ticks[1], "x1")) / 2)


def test_nothing_at_all_is_still_a_picture() -> None:
    assert columns(drawn([0, 0])) == []


def test_places_are_pointed_out_at_their_values_and_bands_begin_where_they_do() -> None:
    places = [Marker(25, "ก", "1"), Marker(75, "ข", "2")]
    axis = Axis(0, 100, [(0, "0"), (100, "100")], "ร้อยละ", "", cuts=[Marker(50, "B")], pointed=places)
    root = ElementTree.fromstring(histogram([1, 2], axis, Caption("ก"), marker=None, missing=Missing(0, "0", "")))
    lines = {one.get("class"): one for one in root.iter("line")}
    pointers = [one for one in root.iter("line") if one.get("class") == "pointer"]
    assert [one.get("data-place") for one in root.iter("circle")] == ["1", "2"]
    middle = (number(pointers[0], "x1") + number(pointers[1], "x1")) / 2
    assert number(lines["cut"], "x1") == pytest.approx(middle)
    assert {"ก", "ข", "B"} <= set(words(root))

"""Histograms and bands of quartiles: heights that tell the truth, gaps that stay gaps."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from cityindex.charts import Axis, Caption, Marker, Middle, Missing, band, histogram

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


def test_without_missing_places_nothing_is_hatched() -> None:
    assert not [one for one in drawn([1, 2]).iter("rect") if one.get("fill")]


def test_the_marker_stands_at_its_value() -> None:
    [line] = [one for one in drawn([1, 1], median=25).iter("line") if one.get("class") == "reference"]
    ticks = [one for one in drawn([1, 1]).iter("line") if one.get("class") == "axis" and one.get("x1") == one.get("x2")]
    assert number(line, "x1") == pytest.approx((number(ticks[0], "x1") + number(ticks[1], "x1")) / 2)


def test_nothing_at_all_is_still_a_picture() -> None:
    assert columns(drawn([0, 0])) == []


def middle(year: int, median: float) -> Middle:
    return Middle(year, str(year + 543), median - 1, median, median + 1, ("ต่ำ", "กลาง", "สูง"))


def test_a_missing_year_breaks_the_band() -> None:
    whole = ElementTree.fromstring(band([middle(2020, 5), middle(2021, 6), middle(2022, 7)], Caption("ก")))
    broken = ElementTree.fromstring(band([middle(2020, 5), middle(2022, 6), middle(2023, 7)], Caption("ก")))
    assert len([one for one in whole.iter("path") if one.get("class") == "spread"]) == 2
    assert len([one for one in broken.iter("path") if one.get("class") == "spread"]) == 1


def test_years_stand_where_they_belong() -> None:
    root = ElementTree.fromstring(band([middle(2020, 5), middle(2021, 6), middle(2024, 7)], Caption("ก")))
    first, second, third = (number(one, "cx") for one in root.iter("circle"))
    assert third - second == pytest.approx(3 * (second - first), abs=0.05)


def test_higher_medians_stand_higher() -> None:
    root = ElementTree.fromstring(band([middle(2020, 5), middle(2021, 8)], Caption("ก")))
    first, second = (number(one, "cy") for one in root.iter("circle"))
    assert second < first

"""Places by two values: each where it belongs, many in few bytes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from cityindex.charts import Axis, Caption, Dot, Named, Spots, scatter
from cityindex.charts.scatter import SINGLE

ACROSS = Axis(0, 10, [(0, "0"), (10, "10")], "x (บาท)")
UP = Axis(0, 100, [(0, "0"), (100, "100")], "y")


def drawn(spots: Spots) -> str:
    return scatter(spots, ACROSS, UP, Caption("ชื่อ", "คำ"))


def test_marks_stand_where_their_values_are() -> None:
    marks = [Dot("1", 0, 0, "ก"), Dot("2", 10, 100, "ข"), Dot("3", 5, 50, "ค")]
    root = ElementTree.fromstring(drawn(Spots(marks, [])))
    spots = {one.get("data-place"): one for one in root.iter("circle")}
    middle = [(float((spots[a].get("cx") or "").rstrip("%")), float(spots[a].get("cy") or "")) for a in "123"]
    assert middle[2][0] == pytest.approx((middle[0][0] + middle[1][0]) / 2)
    assert middle[2][1] == pytest.approx((middle[0][1] + middle[1][1]) / 2)
    assert middle[1][1] < middle[0][1]
    assert not list(root.iter("a")), "links are in the table"


def test_named_places_are_on_top_with_their_words() -> None:
    svg = drawn(Spots([Dot("1", 1, 1, "ก")], [Named(Dot("2", 9, 9, "ข"), "2 <ข>")]))
    assert svg.index('data-place="1"') < svg.index('data-place="2"')
    assert "2 &lt;ข&gt;" in svg


def test_thousands_of_places_stay_light() -> None:
    many = [Dot("", 10 * n / 8000, (n * 7919 % 8000) / 80, "") for n in range(8000)]
    svg = drawn(Spots(many, []))
    assert "<circle" not in svg
    assert len(svg) < 16 * len(many)
    assert 0.95 * len(many) < len(re.findall(r"M\d+ \d+h0", svg)) <= len(many)
    assert drawn(Spots(many[:SINGLE], [])).count("<circle") == SINGLE

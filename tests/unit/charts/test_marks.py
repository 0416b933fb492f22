"""Marks that stand for a place say so, and say nothing where there is none."""

from __future__ import annotations

import pytest

from cityindex import charts
from cityindex.charts import Axis, Bar, Caption, Marker, Missing, Point, Pointed, Step

CAPTION = Caption("A picture")
SCALE = (0.0, 100.0)
SAY = 'A & "B" 51.4'


def pictures(place: str, say: str) -> dict[str, str]:
    axis = Axis(0.0, 100.0, [], "score", "most")
    missing = Missing(1, "1", "no data")
    return {
        "strip": charts.strip([1, 2], Pointed(40.0, "A", place, say), CAPTION, scale=SCALE, ends=("0", "100")),
        "line": charts.line([Point("2025", 40.0, "40", place=place, say=say)], CAPTION),
        "bars": charts.bars([Bar("A", 40.0, "40", place=place, say=say)], SCALE, CAPTION),
        "hatched bar": charts.bars([Bar("A", None, "no data", place=place, say=say)], SCALE, CAPTION),
        "histogram": charts.histogram([1, 2], axis, CAPTION, marker=Marker(40.0, "A", place, say), missing=missing),
        "waterfall": charts.waterfall([Step("A", 4.0, "4", place, say)], Step("B", 4.0, "4"), SCALE, CAPTION),
    }


@pytest.mark.parametrize("kind", pictures("", ""))
def test_one_mark_stands_for_the_place(kind: str) -> None:
    picture = pictures("5001", SAY)[kind]
    assert picture.count('data-place="5001"') == 1
    assert picture.count("data-say='A &amp; \"B\" 51.4'") == 1


@pytest.mark.parametrize("kind", pictures("", ""))
def test_a_mark_without_a_place_has_no_attributes(kind: str) -> None:
    assert "data-" not in pictures("", "")[kind]

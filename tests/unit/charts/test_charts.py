"""Charts: geometry that tells the truth, missing values that are not zeros, words that stay words."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from cityindex.charts import Bar, Caption, Point, Pointed, bars, line, meter, outline, strip
from cityindex.charts.svg import at, share

CAPTION = Caption("คะแนน <รายด้าน>", "สูงสุดคือ A & B")
SCALE = (0.0, 100.0)


def parsed(svg: str) -> Element:
    return ElementTree.fromstring(svg)


def of_class(svg: str, name: str) -> list[Element]:
    return [one for one in parsed(svg).iter() if name in one.get("class", "").split()]


def words(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in parsed(svg).iter("text")]


@pytest.mark.parametrize(
    "svg",
    [
        bars([Bar("ก", 10, "10")], SCALE, CAPTION),
        line([Point("2566", 1, "1")], CAPTION),
        strip([1, 2], Pointed(1, "ก"), CAPTION, scale=SCALE, ends=("0", "100")),
    ],
)
def test_every_chart_speaks(svg: str) -> None:
    root = parsed(svg)
    assert root.get("role") == "img"
    assert root.findtext("title") == CAPTION.title
    assert root.findtext("desc") == CAPTION.description
    assert root.get("aria-label") == f"{CAPTION.title}. {CAPTION.description}"


def test_bars_start_at_zero_and_keep_proportion() -> None:
    svg = bars([Bar("ก", 25, "25.0"), Bar("ข", 50, "50.0", mine=True), Bar("ค", 0, "0.0")], SCALE, CAPTION)
    marks = of_class(svg, "mark")
    assert [one.get("width") for one in marks] == ["25%", "50%", "0%"]
    assert [one.get("x") for one in marks] == [None] * 3
    assert [one.get("class") for one in marks] == ["mark", "mark mine", "mark"]


def test_a_missing_bar_is_hatched_and_is_no_zero() -> None:
    svg = bars([Bar("ก", None, "ไม่มีข้อมูล")], SCALE, CAPTION)
    assert of_class(svg, "mark") == []
    assert [one.get("fill") for one in parsed(svg).iter("rect")] == ["url(#no-data)"]
    assert words(svg) == ["ก", "ไม่มีข้อมูล"]


def test_labels_are_text_and_escaped() -> None:
    assert words(bars([Bar("น้ำ <&>", 1, "1")], SCALE, CAPTION)) == ["น้ำ <&>", "1"]


def test_a_long_label_goes_on_in_the_next_line_and_moves_its_bar() -> None:
    long = "โครงสร้างพื้นฐานความมั่นคงปลอดภัยและมีประสิทธิภาพ"
    svg = bars([Bar(long, 50, "3.8"), Bar("ข", None, "ไม่มีข้อมูล")], SCALE, CAPTION)
    assert words(svg) == ["โครงสร้างพื้นฐานความมั่นคงปลอดภัย", "และมีประสิทธิภาพ", "3.8", "ข", "ไม่มีข้อมูล"]
    (second,) = (float(one.get("y", "")) for one in parsed(svg).iter("text") if one.text == "และมีประสิทธิภาพ")
    (mark,) = of_class(svg, "mark")
    after = min(float(one.get("y", "")) for one in parsed(svg).iter("text") if one.text in ("ข", "ไม่มีข้อมูล"))
    assert second < float(mark.get("y", "")) < after < float(parsed(svg).get("height", ""))


def test_reference_is_a_tick() -> None:
    (tick,) = of_class(bars([Bar("ก", 10, "10", reference=40)], SCALE, CAPTION), "reference")
    assert tick.get("x1") == tick.get("x2") == "40%"


def test_meter_is_decoration_beside_its_number() -> None:
    assert parsed(meter(70, SCALE)).get("aria-hidden") == "true"
    assert of_class(meter(70, SCALE), "mark")[0].get("width") == "70%"
    assert of_class(meter(None, SCALE), "mark") == []


def test_a_gap_breaks_the_line() -> None:
    points = [Point(str(year), value, "x") for year, value in enumerate([1, 2, None, 4, 5, None, 7])]
    svg = line(points, CAPTION)
    assert [one.get("d", "").count("L") for one in of_class(svg, "curve")] == [1, 1]
    assert len(of_class(svg, "mark")) == 5
    assert sum(one.get("fill") == "url(#no-data)" for one in parsed(svg).iter("rect")) == 2


def test_a_line_rises_with_its_values_and_falls_with_ranks() -> None:
    points = [Point("1", 10, "10"), Point("2", 20, "20")]
    rising = [float(one.get("cy", "")) for one in of_class(line(points, CAPTION), "mark")]
    falling = [float(one.get("cy", "")) for one in of_class(line(points, CAPTION, upward=False), "mark")]
    assert rising[0] > rising[1]
    assert falling[0] < falling[1]


def test_a_line_of_equal_values_is_flat_and_inside() -> None:
    heights = {one.get("cy") for one in of_class(line([Point("1", 5, "5"), Point("2", 5, "5")], CAPTION), "mark")}
    assert len(heights) == 1
    assert 30 <= float(heights.pop() or "") <= 132


def test_a_line_without_values_says_so() -> None:
    svg = line([Point("1", None, "ไม่มีข้อมูล")], CAPTION)
    assert "ไม่มีข้อมูล" in words(svg)
    assert of_class(svg, "mark") == []


def test_strip_counts_every_place_and_points_at_one() -> None:
    svg = strip([4, 0, 8, 2], Pointed(50, "ที่นี่"), CAPTION, scale=SCALE, ends=("0", "100"))
    heights = [float(one.get("height", "")) for one in of_class(svg, "bin")]
    assert heights == [26, 52, 13]
    (mine,) = of_class(svg, "mine")
    assert mine.get("x") == "50%"
    assert "ที่นี่" in words(svg)


@pytest.mark.parametrize(
    ("value", "anchor"), [(0, "start"), (33, "start"), (34, "middle"), (66, "middle"), (72.9, "end")]
)
def test_words_of_the_pointer_stay_in_the_picture(value: float, anchor: str) -> None:
    svg = strip([1, 2], Pointed(value, "ที่นี่"), CAPTION, scale=SCALE, ends=("0", "100"))
    (label,) = of_class(svg, "strong")
    assert label.get("text-anchor") == anchor


def test_strip_without_a_score_points_at_nothing() -> None:
    svg = strip([1, 2], Pointed(None, "ที่นี่"), CAPTION, scale=SCALE, ends=("0", "100"))
    assert of_class(svg, "mine") == of_class(svg, "pointer") == []


def test_outline_keeps_the_shape_of_the_land() -> None:
    square = {"type": "Polygon", "coordinates": [[[100, 60], [102, 60], [102, 61], [100, 61], [100, 60]]]}
    _, _, width, height = map(float, parsed(outline(square, title="ก")).get("viewBox", "").split())
    assert width == pytest.approx(height, rel=0.03)  # at 60 degrees two of longitude are as long as one of latitude


def test_outline_draws_every_part_and_every_hole() -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    parts = {"type": "MultiPolygon", "coordinates": [[ring, ring], [ring]]}
    (path,) = parsed(outline(parts, title="ก")).iter("path")
    assert path.get("d", "").count("M") == 3
    assert path.get("fill-rule") == "evenodd"


@pytest.mark.parametrize("coordinates", [[], [[[1, 1], [1, 1], [1, 1]]]])
def test_outline_of_nothing_is_nothing(coordinates: list[object]) -> None:
    assert outline({"type": "Polygon", "coordinates": coordinates}, title="ก") == ""


def test_shares_stay_in_the_picture() -> None:
    assert [share(value, 0, 10) for value in (-5, 0, 5, 10, 15)] == [0, 0, 50, 100, 100]
    assert share(1, 5, 5) == 50
    assert at(33.3333) == "33.33%"

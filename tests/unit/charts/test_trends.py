"""Lines over the years: gaps stay gaps, years keep their distance, targets begin when they do, tags stay apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.charts import Axis, Caption, Goal, Lines, Middle, Reading, Series, trend
from cityindex.charts.svg import thinned
from cityindex.charts.trends import APART, apart

AXIS = Axis(0, 10, [(0, "0"), (10, "10")], "บาท", "ครึ่งกลาง")
YEARS = [(year, str(year + 543)) for year in range(2020, 2025)]


def line(*values: tuple[int, float]) -> Series:
    return Series("place", "1", "<ก>", [Reading(year, value, f"{year}: {value}") for year, value in values], "1001")


def drawn(series: Sequence[Series], goals: Sequence[Goal] = (), spread: Sequence[Middle] = ()) -> Element:
    return ElementTree.fromstring(trend(Lines(series, goals, spread), AXIS, YEARS, Caption("ชื่อ", "คำ")))


def of(root: Element, tag: str, kind: str) -> list[Element]:
    return [one for one in root.iter(tag) if one.get("class") == kind]


def number(one: Element, name: str) -> float:
    return float((one.get(name) or "").rstrip("%"))


def test_a_missing_year_breaks_line_and_band() -> None:
    whole = drawn([line((2020, 1), (2021, 2), (2022, 3))], spread=[Middle(2020, 1, 2), Middle(2021, 1, 2)])
    broken = drawn([line((2020, 1), (2022, 2), (2023, 3))], spread=[Middle(2020, 1, 2), Middle(2022, 1, 2)])
    assert len(of(whole, "path", "line place")) == 2
    assert len(of(broken, "path", "line place")) == 1
    assert (len(of(whole, "path", "spread")), len(of(broken, "path", "spread"))) == (1, 0)


def test_points_stand_at_their_year_and_value_and_say_whose_they_are() -> None:
    first, second, third = of(drawn([line((2020, 1), (2021, 2), (2024, 9))]), "circle", "point place")
    assert number(third, "cx") - number(second, "cx") == pytest.approx(3 * (number(second, "cx") - number(first, "cx")))
    rise = number(second, "cy") - number(third, "cy")
    assert rise == pytest.approx(7 * (number(first, "cy") - number(second, "cy")))
    assert (third.get("data-place"), third.get("data-say")) == ("1001", "2024: 9")


def test_intervals_are_drawn_where_they_are_known() -> None:
    root = drawn([Series("place", "1", "ก", [Reading(2020, 5, "5", 4, 7), Reading(2021, 5, "5")], "1001")])
    [whisker] = of(root, "line", "whisker")
    ends = number(whisker, "y1") - number(whisker, "y2")
    [_, *_] = of(root, "circle", "point place")
    assert ends == pytest.approx(0.3 * 210, abs=0.02)


@pytest.mark.parametrize(("start", "by", "lines"), [(None, None, 1), (2022, None, 1), (2030, None, 0), (None, 2023, 1)])
def test_targets_hold_from_when_they_do(start: int | None, by: int | None, lines: int) -> None:
    root = drawn([line((2020, 1), (2024, 2))], [Goal(5, "A", "เป้าหมาย", start, by)])
    found = [one for one in of(root, "line", "line goal") if number(one, "y1") > 60]
    assert len(found) == lines
    if start == 2022:
        middle = of(root, "circle", "point place")
        assert number(found[0], "x1") == pytest.approx(
            (number(middle[0], "cx") + number(middle[1], "cx")) / 2, abs=0.01
        )


def test_words_are_written_as_words() -> None:
    svg = trend(Lines([line((2020, 1), (2021, 2))]), AXIS, YEARS, Caption("ชื่อ"))
    assert "1 &lt;ก&gt;" in svg


@given(st.lists(st.integers(0, 400), max_size=9).map(sorted))
def test_tags_never_stand_on_one_another_and_stay_near(heights: list[int]) -> None:
    moved = apart(heights)
    assert all(lower - upper >= APART - 1e-9 for upper, lower in pairwise(moved))
    assert sum(moved) == pytest.approx(sum(heights), abs=1e-6)


@given(st.integers(1, 60))
def test_years_have_room_and_the_last_is_told(count: int) -> None:
    shown = thinned([(year, str(year)) for year in range(2000, 2000 + count)])
    assert 1 <= len(shown) <= 6
    assert shown[-1][0] == 1999 + count


def test_tags_stand_where_lines_end_and_beside_a_target_of_a_later_year() -> None:
    root = drawn([line((2020, 1), (2022, 2))], [Goal(9, "A", "ถึง 9", by=2024), Goal(5, "B", "เกณฑ์")])
    [end] = of(root, "text", "tag-end place")
    last = of(root, "circle", "point place")[-1]
    assert 0 < number(end, "x") - number(last, "cx") < 3
    later, rule = of(root, "text", "tag-end goal")
    assert (later.text, rule.text) == ("A", "B")
    assert number(later, "x") == number(rule, "x") > number(end, "x") + 20


def test_a_straight_line_leads_to_a_target_and_is_named_in_the_key() -> None:
    goal = Goal(9, "A", "ถึง 9", by=2024, begin=(2021, 3), way="เส้นตรงไปสู่ A")
    root = drawn([line((2020, 1), (2021, 3), (2022, 4))], [goal, Goal(5, "B", "เกณฑ์", by=2023)])
    [path] = of(root, "path", "line way")
    x, y, end_x, end_y = map(float, re.findall(r"[\d.]+", path.get("d") or ""))
    points, mark = of(root, "circle", "point place"), of(root, "line", "line goal")[-2]
    assert (x, y) == (pytest.approx(number(points[1], "cx"), abs=0.01), pytest.approx(number(points[1], "cy")))
    assert end_y == pytest.approx(number(mark, "y1"))
    assert number(mark, "x1") < end_x < number(mark, "x2")
    assert "เส้นตรงไปสู่ A" in [one.text for one in root.iter("text")]
    assert len(of(root, "line", "line way")) == 1, "its sample in the key"

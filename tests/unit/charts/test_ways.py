"""The way to a target: what is drawn says the same as the rule, and a target is no dot."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hypothesis import given
from hypothesis import strategies as st

from cityindex.charts import Caption, Reading, Way, way
from cityindex.participation.progress import Aim, Progress, line_of, told

WHOLE = st.integers(-500, 500).map(float)
VALUES = st.dictionaries(st.integers(2018, 2027), WHOLE, min_size=1, max_size=8)
AIMS = st.builds(Aim, WHOLE, st.integers(2026, 2030), st.sampled_from([1.0, -1.0]), st.integers(2018, 2024))


def drawn(aim: Aim, values: dict[int, float], ends: tuple[str, str] | None = None) -> Element:
    line = line_of(aim, values)
    readings = [Reading(year, value, f"{year}") for year, value in sorted(values.items()) if year <= aim.year]
    begin = (line.start, line.begin) if line else None
    svg = way(Way(readings, aim.year, aim.value, "<ถึง>", begin, "1001", ends), Caption("ทาง", "คำ"))
    return ElementTree.fromstring(svg)


def of(root: Element, tag: str, kind: str) -> list[Element]:
    return [one for one in root.iter(tag) if one.get("class") == kind]


@given(AIMS, VALUES)
def test_the_newest_dot_lies_on_the_side_of_the_line_that_progress_tells(aim: Aim, values: dict[int, float]) -> None:
    found, root = told(aim, values), drawn(aim, values)
    if found.expected is None or found.value is None:
        return
    [path] = of(root, "path", "line way")
    x, y, end_x, end_y = (float(one) for one in re.findall(r"-?[\d.]+", path.get("d") or ""))
    newest = of(root, "circle", "point place")[-1]
    at = float((newest.get("cx") or "").rstrip("%"))
    above = y + (end_y - y) * (at - x) / (end_x - x) - float(newest.get("cy") or "")
    if abs(found.value - found.expected) > 0.03 * (max(*values.values(), aim.value) - min(*values.values(), aim.value)):
        assert (above * aim.better > 0) == (found.progress == Progress.ON_TRACK)


@given(AIMS, VALUES)
def test_everything_lies_within_the_picture_and_says_what_it_is(aim: Aim, values: dict[int, float]) -> None:
    root = drawn(aim, values, ("2561", "2573"))
    dots = of(root, "circle", "point place")
    assert [one.get("data-say") for one in dots] == [str(year) for year in sorted(values) if year <= aim.year]
    assert all(0 < float(one.get("cy") or "") < 40 for one in dots)
    [square] = of(root, "rect", "aim")
    assert square.get("data-say") == "<ถึง>"
    assert [one.text for one in root.iter("text")] == ["2561", "2573"]
    assert root.findtext("title") == "ทาง"


def test_without_a_value_to_begin_from_there_is_no_line() -> None:
    aim = Aim(5.0, 2028, 1.0, 2019)
    assert of(drawn(aim, {2020: 1.0, 2021: 2.0}), "path", "line way") == []
    assert len(of(drawn(aim, {2019: 1.0, 2021: 2.0}), "path", "line way")) == 1
    assert of(drawn(aim, {2019: 1.0, 2021: 2.0}), "path", "line place") == [], "2020 is missing"

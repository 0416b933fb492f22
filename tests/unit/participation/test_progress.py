"""Progress of targets, by the rules of the page of the method."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityindex.participation.progress import Aim, Progress, as_good, line_of, told

UP, DOWN = 1.0, -1.0
WHOLE = st.integers(-10_000, 10_000).map(float)
YEARS = st.dictionaries(st.integers(2015, 2032), WHOLE, max_size=8)
AIMS = st.builds(Aim, WHOLE, st.integers(2020, 2030), st.sampled_from([UP, DOWN]), st.none() | st.integers(2015, 2025))


@pytest.mark.parametrize(
    ("values", "over", "progress", "why"),
    [
        ({2022: 50.0, 2025: 80.0}, False, Progress.REACHED, ""),
        ({2022: 50.0, 2025: 65.0}, False, Progress.ON_TRACK, ""),
        ({2022: 50.0, 2025: 64.9}, False, Progress.BEHIND, ""),
        ({2022: 50.0, 2028: 79.9}, True, Progress.BEHIND, "over"),
        ({2022: 50.0, 2025: 79.0}, True, Progress.UNKNOWN, "awaited"),
        ({2022: 50.0}, False, Progress.UNKNOWN, "none-newer"),
        ({2023: 50.0}, False, Progress.UNKNOWN, "no-start"),
        ({2029: 90.0}, True, Progress.UNKNOWN, "no-value"),
        ({}, False, Progress.UNKNOWN, "no-value"),
        ({2022: 50.0, 2025: 85.0, 2026: 70.0}, False, Progress.ON_TRACK, ""),
    ],
)
def test_the_rules_in_their_order(values: dict[int, float], over: bool, progress: Progress, why: str) -> None:
    found = told(Aim(80.0, 2028, UP, 2022), values, over=over)
    assert (found.progress, found.why) == (progress, why)


def test_less_is_better_is_the_mirror_image() -> None:
    assert told(Aim(15.0, 2028, DOWN, 2022), {2022: 30.0, 2025: 22.5}).progress == Progress.ON_TRACK
    assert told(Aim(15.0, 2028, DOWN, 2022), {2022: 30.0, 2025: 22.6}).progress == Progress.BEHIND


@given(AIMS, YEARS, st.booleans())
def test_mirrored_values_are_told_alike(aim: Aim, values: dict[int, float], over: bool) -> None:
    mirrored = Aim(-aim.value, aim.year, -aim.better, aim.start)
    other = told(mirrored, {year: -value for year, value in values.items()}, over=over)
    assert other.progress == told(aim, values, over=over).progress


@given(AIMS, YEARS, st.integers(1, 1000))
def test_a_better_newest_value_is_never_told_worse(aim: Aim, values: dict[int, float], by: int) -> None:
    known = [year for year in values if year <= aim.year]
    order = [Progress.BEHIND, Progress.ON_TRACK, Progress.REACHED]
    before = told(aim, values)
    if not known or before.progress == Progress.UNKNOWN:
        return
    newest = max(known)
    after = told(aim, {**values, newest: values[newest] + aim.better * by})
    assert order.index(after.progress) >= order.index(before.progress)


@given(AIMS, YEARS)
def test_years_after_the_target_change_nothing(aim: Aim, values: dict[int, float]) -> None:
    until = {year: value for year, value in values.items() if year <= aim.year}
    assert told(aim, values) == told(aim, until)


@given(AIMS, YEARS)
def test_on_track_and_behind_are_what_the_line_shows(aim: Aim, values: dict[int, float]) -> None:
    found, line = told(aim, values), line_of(aim, values)
    if found.expected is None:
        assert found.progress != Progress.ON_TRACK
        return
    assert line is not None
    assert found.year is not None
    assert found.value is not None
    assert found.expected == line.at(found.year)
    better = as_good(found.value, line.at(found.year), aim.better)
    assert found.progress == (Progress.ON_TRACK if better else Progress.BEHIND)


@given(AIMS, YEARS)
def test_the_line_leads_from_the_value_known_to_the_target(aim: Aim, values: dict[int, float]) -> None:
    line = line_of(aim, values)
    if line is None:
        assert aim.start is None or aim.start not in values or aim.start >= aim.year
        return
    assert (line.at(line.start), line.at(aim.year)) == (values[line.start], pytest.approx(aim.value))
    assert (line.at(line.start - 3), line.at(aim.year + 3)) == (line.at(line.start), line.at(aim.year))

"""Demo figures: possible, consistent, related to each other, with gaps, and the same every time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cityindex.definitions.catalogue import IndicatorEntry, Text
from cityindex.definitions.loader import load
from cityindex.resources import resource_root
from cityindex.scoring.framework import Indicator, Rule
from cityindex.services.demo.demo import FRAMEWORKS, SEED, YEARS, figures, generated_places
from cityindex.services.demo.places import DemoPlace
from cityindex.services.demo.values import ALWAYS_KNOWN, Floats, demo_values
from cityindex.services.runs.inputs import needed


@pytest.fixture(scope="module")
def places() -> Sequence[DemoPlace]:
    return generated_places()


@pytest.fixture(scope="module")
def entries() -> list[IndicatorEntry]:
    catalogue = load(resource_root("indicators"))
    codes = {code for name in FRAMEWORKS for code in needed(catalogue.framework(name).framework)}
    return [catalogue.indicator(code) for code in sorted(codes)]


@pytest.fixture(scope="module")
def values(places: Sequence[DemoPlace], entries: list[IndicatorEntry]) -> dict[str, Floats]:
    return demo_values(places, entries, YEARS, SEED)


def test_every_measured_indicator_has_figures_in_every_kind_of_year(
    entries: list[IndicatorEntry], values: dict[str, Floats]
) -> None:
    assert set(values) == {entry.code for entry in entries}
    assert all(np.isfinite(values[entry.code][:, -1]).mean() > 0.8 for entry in entries)


def test_every_figure_is_possible(entries: list[IndicatorEntry], values: dict[str, Floats]) -> None:
    for entry in entries:
        low, high = entry.indicator.bounds or (None, None)
        known = values[entry.code][np.isfinite(values[entry.code])]
        assert low is None or known.min() >= low, entry.code
        assert high is None or known.max() <= high, entry.code


def test_few_figures_are_unusual(entries: list[IndicatorEntry], values: dict[str, Floats]) -> None:
    for entry in entries:
        if entry.indicator.expected:
            low, high = entry.indicator.expected
            known = values[entry.code][np.isfinite(values[entry.code])]
            outside = (known < (-np.inf if low is None else low)) | (known > (np.inf if high is None else high))
            assert outside.mean() < 0.02, entry.code


def test_figures_are_written_with_the_decimals_of_their_indicator(
    entries: list[IndicatorEntry], values: dict[str, Floats]
) -> None:
    for entry in entries:
        known = values[entry.code][np.isfinite(values[entry.code])]
        assert np.array_equal(known, np.round(known, entry.indicator.decimals or 0)), entry.code


def test_parts_agree_with_their_wholes(values: dict[str, Floats]) -> None:
    parts = values["own_revenue"] + values["shared_revenue"] + values["subsidy"]
    np.testing.assert_allclose(parts, values["total_revenue"], atol=0.011)
    both = np.isfinite(values["recycled_waste"]) & np.isfinite(values["municipal_waste"])
    assert (values["recycled_waste"][both] <= values["municipal_waste"][both]).all()
    both = np.isfinite(values["budget_disbursed"]) & np.isfinite(values["budget_approved"])
    assert (values["budget_disbursed"][both] <= values["budget_approved"][both]).all()


def test_population_and_area_are_those_of_the_register(places: Sequence[DemoPlace], values: dict[str, Floats]) -> None:
    assert values["population"][:, -1].tolist() == [place.population for place in places]
    assert values["area"][:, 0].tolist() == [place.area_km2 for place in places]


def test_about_a_tenth_is_missing_and_some_places_send_little(values: dict[str, Floats]) -> None:
    sent = np.stack([values[code] for code in values if code not in ALWAYS_KNOWN])
    missing = np.isnan(sent)
    assert 0.06 < missing.mean() < 0.14
    by_place = missing[:, :, -1].mean(axis=0)
    assert 0.02 < (by_place > 0.35).mean() < 0.12


def test_some_indicators_begin_late(values: dict[str, Floats]) -> None:
    late = [code for code, array in values.items() if np.isnan(array[:, 0]).all()]
    assert 1 <= len(late) <= 10


def test_indicators_of_a_theme_go_together_more_than_others(
    entries: list[IndicatorEntry], values: dict[str, Floats]
) -> None:
    rates = [entry for entry in entries if entry.unit == "percent" and entry.indicator.direction == "higher"]
    last = np.ma.masked_invalid([values[entry.code][:, -1] for entry in rates])
    related = np.ma.corrcoef(last).filled(0)
    same = np.array([[one.theme == other.theme for other in rates] for one in rates])
    others = ~np.eye(len(rates), dtype=bool)
    assert related[same & others].mean() > related[~same].mean() + 0.1 > 0.15


def test_a_year_is_like_the_one_before(values: dict[str, Floats]) -> None:
    rate = values["tap_water_coverage"]
    both = np.isfinite(rate[:, -1]) & np.isfinite(rate[:, -2])
    assert np.corrcoef(rate[both, -1], rate[both, -2])[0, 1] > 0.8


def test_adding_an_indicator_leaves_the_others_as_they_were(
    places: Sequence[DemoPlace], entries: list[IndicatorEntry], values: dict[str, Floats]
) -> None:
    fewer = demo_values(places, entries[::7], YEARS, SEED)
    for code, array in fewer.items():
        np.testing.assert_array_equal(array, values[code])


def test_an_indicator_nobody_foresaw_gets_figures_in_its_expected_range(places: Sequence[DemoPlace]) -> None:
    words = Text("ใหม่", "New")
    skewed = Indicator("skewed", transform="log", normalise=Rule("goalposts", {"low": 1, "high": 1000}), decimals=1)
    plain = Indicator("plain", expected=(40, 60), direction="lower", decimals=0)
    found = demo_values(places, [IndicatorEntry(skewed, words), IndicatorEntry(plain, words)], YEARS, SEED)
    assert np.nanmin(found["plain"]) >= 40
    assert np.nanmax(found["plain"]) <= 60
    assert np.nanmean(found["skewed"]) > 1.3 * np.nanmedian(found["skewed"])


def test_the_table_holds_every_figure_under_its_place_indicator_and_year(
    places: Sequence[DemoPlace], entries: list[IndicatorEntry], values: dict[str, Floats]
) -> None:
    table = figures(places, entries)
    cube, _ = table.cube()
    assert table.periods == tuple(YEARS)
    assert table.places == tuple(sorted(place.code for place in places))
    order = [table.places.index(place.code) for place in places]
    for position, code in enumerate(table.indicators):
        np.testing.assert_array_equal(cube[:, order, position].T, values[code])

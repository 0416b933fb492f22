"""Looking things up: by code, by alias, and backwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.definitions.catalogue import Catalogue, Text
from cityindex.definitions.loader import find_framework, load
from cityindex.errors import DefinitionError, NotFound
from cityindex.resources import resource_root
from tests.unit.definitions.examples import ALONE, alone, change, write_project


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return load(write_project(tmp_path))


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load(resource_root("indicators"))


def test_text_in_a_language() -> None:
    text = Text("ไทย", "English")
    assert [text.get(language) for language in ("th", "en", "th_TH", "en-GB", "fr")] == [
        "ไทย", "English", "ไทย", "English", "ไทย"
    ]  # fmt: skip


def test_what_an_entry_says(catalogue: Catalogue) -> None:
    entry = catalogue.indicator("recycling_rate")
    assert (entry.unit, entry.theme, entry.aligned_to, entry.line) == ("percent", "waste", ("G1", "G1.1"), 18)
    assert entry.verified is not None
    assert entry.verified.on.isoformat() == "2026-01-15"
    assert entry.indicator.bounds == (0, 100)
    assert catalogue.indicator("recycled").verified is None
    assert catalogue.indicator("collected").name == Text("collected", "collected")


def test_backwards(catalogue: Catalogue) -> None:
    assert [entry.code for entry in catalogue.aligned_with("G1.1")] == ["recycled", "recycling_rate"]
    assert catalogue.aligned_with("G9") == ()
    assert [entry.code for entry in catalogue.frameworks_using("collected")] == ["clean-city"]
    assert [entry.code for entry in catalogue.of_theme("waste")] == ["recycled", "collected", "recycling_rate"]
    assert catalogue.strategy_item("G1.1").parent == "G1"


@pytest.mark.parametrize("written", ["city-municipality", "City_Municipality", "city mun", "CITY-MUN", " เทศบาลนคร "])
def test_place_types_by_alias(catalogue: Catalogue, written: str) -> None:
    assert catalogue.place_type(written) == "city-municipality"


def test_every_alias_that_the_interfaces_promise(shipped: Catalogue) -> None:
    promised = {
        "provincial_admin_org": "pao",
        "city_municipality": "city-municipality",
        "subdistrict_admin_org": "sao",
        "special_admin_area": "pattaya",
        "เทศบาลนคร": "city-municipality",
    }
    assert {alias: shipped.place_type(alias) for alias in promised} == promised
    assert len(shipped.codelist("place-types").group("municipality")) == 3


def test_nothing_there(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="did you mean clean-city"):
        catalogue.framework("clean-sity")
    for look in (catalogue.indicator, catalogue.programme, catalogue.vocabulary, catalogue.place_type):
        with pytest.raises(NotFound):
            look("nothing")


def test_nobody_can_change_it(catalogue: Catalogue) -> None:
    with pytest.raises(TypeError):
        catalogue.indicators["x"] = catalogue.indicator("recycled")  # type: ignore[index]


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    before = load(write_project(tmp_path)).fingerprint
    assert load(tmp_path).fingerprint == before
    change(tmp_path, "strategy/goals.yaml", "en: One one", "en: Two")
    assert load(tmp_path).fingerprint != before


def test_a_file_may_use_the_indicators_of_the_project(tmp_path: Path) -> None:
    root = write_project(tmp_path / "indicators")
    path = alone(tmp_path, "framework: mine\ntree: {code: index, children: [{indicator: recycling_rate}]}\n")
    entry = find_framework(str(path), root)
    assert set(entry.indicators) == {"recycling_rate", "recycled", "collected"}
    assert find_framework("clean-city", root).code == "clean-city"
    with pytest.raises(NotFound):
        find_framework("mine", root)


def test_a_self_contained_file_needs_no_project(tmp_path: Path) -> None:
    assert find_framework(str(alone(tmp_path, ALONE)), tmp_path / "nothing").code == "alone"


def test_a_file_where_nobody_reads_it_is_a_problem(tmp_path: Path) -> None:
    write_project(tmp_path)
    for name in ("catalogue/more.yml", "themes/waste.yaml", "waste.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("theme: waste\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path)
    assert len(caught.value.problems) == 3


def test_the_shipped_definitions_are_right(shipped: Catalogue) -> None:
    assert {"livable-city", "local-capacity"} <= set(shipped.frameworks)
    assert len(shipped.indicators) >= 35

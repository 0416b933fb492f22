"""The canonical text: the same for the same content, another for another, and the framework again from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cityindex.definitions.canonical import canonical, entry_from_canonical, framework_from_canonical
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.definitions.loader import load, load_framework
from cityindex.errors import DefinitionError
from cityindex.resources import resource_root
from tests.unit.definitions.examples import ALONE, alone, change, write_project


def entry(folder: Path, text: str) -> FrameworkEntry:
    return load_framework(alone(folder, text))


def test_every_shipped_framework_comes_back_from_its_canonical_text() -> None:
    frameworks = load(resource_root("indicators")).frameworks.values()
    assert frameworks
    for one in frameworks:
        again = entry_from_canonical(canonical(one))
        assert again.framework == one.framework
        assert list(again.framework.indicators) == list(one.framework.indicators)
        assert (again.fingerprint, again.names) == (one.fingerprint, one.names)


def test_the_canonical_text_is_a_definition_file(tmp_path: Path) -> None:
    first = entry(tmp_path, ALONE)
    path = tmp_path / "stored.json"
    path.write_text(canonical(first), "utf-8")
    assert load_framework(path).framework == first.framework


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tree:", "# a comment\ntree:"),
        ("{indicator: a, weight: 2}", "{weight: 2, indicator: a}"),
        ("{indicator: a, weight: 2}", "{weight: 2.0, indicator: 'a'}"),
        ("  - {code: a}\n  - {code: b, direction: lower}", "  - {direction: lower, code: b}\n  - {code: a}"),
        ("{code: a}", "{code: a, verified: false, tags: [x], aligned_to: [G1]}"),
    ],
)
def test_what_makes_no_difference(tmp_path: Path, old: str, new: str) -> None:
    assert old in ALONE
    assert entry(tmp_path, ALONE.replace(old, new)).fingerprint == entry(tmp_path, ALONE).fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight: 2", "weight: 3"),
        ("framework: alone", "framework: other"),
        ("direction: lower", "direction: higher"),
        ("{code: a}", "{code: a, name: {th: ก, en: A}}"),
        ("    - {indicator: b}\n", ""),
    ],
)
def test_what_makes_a_difference(tmp_path: Path, old: str, new: str) -> None:
    assert old in ALONE
    assert entry(tmp_path, ALONE.replace(old, new)).fingerprint != entry(tmp_path, ALONE).fingerprint


def test_an_indicator_that_only_a_formula_names_is_part_of_it(tmp_path: Path) -> None:
    write_project(tmp_path)
    change(tmp_path, "frameworks/clean-city.yaml", "        - {indicator: collected}\n", "")
    before = load(tmp_path).framework("clean-city")
    assert "collected" in before.framework.indicators
    change(tmp_path, "catalogue/waste.yaml", "น้ำหนัก, en: Weight}\n    unit: tonnes\n    direction: higher\n    source: {name: {th: เทศบาล, en: Municipality}}\n    aligned_to: [G1]\n", "น้ำหนัก, en: Mass}\n    unit: tonnes\n    direction: higher\n    source: {name: {th: เทศบาล, en: Municipality}}\n    aligned_to: [G1]\n")  # fmt: skip  # noqa: E501
    assert load(tmp_path).framework("clean-city").fingerprint != before.fingerprint


def test_rules_of_the_project_do_not_bind_a_stored_text(tmp_path: Path) -> None:
    stored = json.loads(canonical(load(write_project(tmp_path)).framework("clean-city")))
    assert "verified" not in json.dumps(stored)
    assert framework_from_canonical(json.dumps(stored)).code == "clean-city"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"framework": 1}', "[" * 100_000])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        framework_from_canonical(text)

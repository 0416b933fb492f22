"""Agreements: what a right file becomes, and what each that asks for too much is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.definitions.agreements import Cohort, ScoresAsked
from cityindex.definitions.loader import load
from cityindex.errors import DefinitionError, NotFound
from cityindex.resources import resource_root
from tests.unit.definitions.examples import change, write_project

RIGHT = """\
agreement: office
version: "1"
name: {th: สำนักงาน, en: Office}
direction: receive
status: active
partner:
  name: {th: สำนักงาน, en: Office}
  address: https://office.example.go.th/
contact: {name: {th: งานข้อมูล, en: Data desk}, email: data@example.go.th}
purpose: {th: เพื่อทดลอง, en: To try}
legal_basis: {th: มาตรา 13, en: Section 13}
data: {indicators: [recycled, collected]}
places: {types: [city-municipality], programme: clean-cities, provinces: ["50"]}
periods: {from: 2020, to: 2024}
frequency: quarterly
format: parquet
verified: false
"""
MISTAKES = [
    ("indicators: [recycled, collected]", "evidence: all, indicators: [recycled]", "this may not be given"),
    ("indicators: [recycled, collected]", "drafts: yes, indicators: [recycled]", "before they are published"),
    ("indicators: [recycled, collected]", "people: names, indicators: [recycled]", "names and addresses"),
    ("[recycled, collected]", "[recycled, recycling_rate]", "recycling_rate is computed"),
    ("[recycled, collected]", "[recycld]", "did you mean recycled?"),
    ("[city-municipality]", "[city]", "not a place type"),
    ("clean-cities", "dirty-cities", "not a programme"),
    ('["50"]', "[Chiang Mai]", "not the code of a province"),
    ("{from: 2020, to: 2024}", "{from: 2024, to: 2020}", "ends before it begins"),
    ("{from: 2020, to: 2024}", "{from: 2563, to: 2567}", "2563"),
    ("https://office", "http://office", "not an encrypted address"),
    ("  address: https://office.example.go.th/\n", "", "knows where the partner is"),
    ("agreement: office", "agreement: bureau", "not the name of the file"),
    ("frequency: quarterly", "frequency: hourly", "daily"),
    ("frequency: quarterly", "frequency: quarterly\ntransport: pigeon", "push"),
    ("data: {indicators: [recycled, collected]}", "data: {}", "one of the two"),
    ("[recycled, collected]", "[recycled], scores: [{framework: clean-city}]", "one of the two"),
    ("indicators: [recycled, collected]", "scores: [{framework: clean-cities}]", "not a framework"),
    ("indicators: [recycled, collected]", "scores: [{framework: clean-city, nodes: [recycled]}]", "not a part"),
    ("verified: false\n", "", "add `verified:`"),
]


def own(root: Path, text: str = RIGHT) -> tuple[Path, Path]:
    """A project, and a folder with an agreement of an installation."""
    folder = root / "own"
    folder.mkdir()
    (folder / "office.yaml").write_text(text, "utf-8")
    return write_project(root / "project"), folder


def test_what_a_file_becomes(tmp_path: Path) -> None:
    found = load(*own(tmp_path)).agreement("office")
    assert found.partner.address == "https://office.example.go.th"
    assert (found.indicators, found.format, found.active) == (("collected", "recycled"), "parquet", True)
    assert found.cohort == Cohort(("city-municipality",), "clean-cities", ("50",))
    assert [year for year in range(2018, 2027) if found.in_period(year)] == [2020, 2021, 2022, 2023, 2024]
    assert (found.contact.email, found.verified) == ("data@example.go.th", None)
    with pytest.raises(NotFound, match="did you mean office"):
        load(tmp_path / "project", tmp_path / "own").agreement("ofice")


@pytest.mark.parametrize(("before", "after", "said"), MISTAKES)
def test_each_mistake_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in RIGHT
    with pytest.raises(DefinitionError) as refused:
        load(*own(tmp_path, RIGHT.replace(before, after)))
    assert any(said in str(problem) for problem in refused.value.problems), refused.value.problems


def test_scores_are_asked_for_and_fetched_by_a_partner_without_an_address(tmp_path: Path) -> None:
    text = RIGHT.replace("indicators: [recycled, collected]", "scores: [{framework: clean-city, nodes: [amounts]}]")
    text = text.replace("direction: receive", "direction: send\ntransport: fetch")
    text = text.replace("address: https://office.example.go.th/", f"keys: [{'k' * 43}]")
    found = load(*own(tmp_path, text)).agreement("office")
    assert found.scores == (ScoresAsked("clean-city", ("amounts",)),)
    assert (found.indicators, found.transport, found.partner.address) == ((), "fetch", None)


def test_what_is_on_trial_is_not_given(tmp_path: Path) -> None:
    project, folder = own(tmp_path)
    change(project, "catalogue/waste.yaml", "code: collected\n", "code: collected\n    status: pilot\n")
    with pytest.raises(DefinitionError) as refused:
        load(project, folder)
    assert any("collected is on trial" in str(problem) for problem in refused.value.problems)


def test_two_agreements_have_two_names(tmp_path: Path) -> None:
    project, folder = own(tmp_path)
    (project / "agreements").mkdir()
    (project / "agreements" / "office.yaml").write_text(RIGHT, "utf-8")
    with pytest.raises(DefinitionError, match="problem"):
        load(project, folder)


def test_the_example_of_the_project_is_a_draft_that_sends_nothing() -> None:
    found = load(resource_root("indicators")).agreement("nesdc-example")
    assert (found.active, found.verified, found.partner.address) == (False, None, None)

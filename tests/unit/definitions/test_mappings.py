"""Mappings: what a right file becomes, and what each that says too much is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cityindex.definitions.loader import load
from cityindex.errors import DefinitionError
from tests.unit.definitions.examples import write_project

RIGHT = """\
mapping: office
version: "1"
name: {th: สำนักงาน, en: Office}
status: active
service: {name: {th: สำนักงาน, en: Office}, address: "https://stats.example.go.th/rest/", api: "2", format: xml}
flow: {agency: TNSO, id: DF_1, version: "1.0", key: "..T"}
place: {dimension: CWT, codes: {"1": "10"}, leave_out: ["00"]}
period: {dimension: TIME_PERIOD, era: be, from: 2015, to: 2020}
values:
  - {indicator: collected, where: {SEX: T}, unit: {UNIT: TON}, multiplier: 0.001}
  - {indicator: recycled, where: {SEX: M}}
frequency: yearly
verified: false
"""
MISTAKES = [
    ("indicator: collected", "indicator: colected", "did you mean collected?"),
    ("indicator: collected", "indicator: recycling_rate", "recycling_rate is computed"),
    ("where: {SEX: M}", "where: {AGE: M}", "a row could be this value or an earlier one"),
    ("where: {SEX: M}", "where: {SEX: 1}", "is not text"),
    ("era: be", "era: roman", "ce"),
    ("from: 2015", "from: 2558", "2558"),
    ("to: 2020", "to: 2014", "ends before it begins"),
    ("https://stats", "http://stats", "not an encrypted address"),
    ("dimension: CWT", "dimension: CWT 1", "not an SDMX identifier"),
    ("multiplier: 0.001", "multiplier: 0", "not a number > 0"),
    ("mapping: office", "mapping: bureau", "not the name of the file"),
    ('api: "2"', "api: 2", "not known here"),
    ("verified: false\n", "", "add `verified:`"),
]


def own(root: Path, text: str) -> tuple[Path, Path]:
    """A project, and a folder of an installation with a mapping."""
    folder = root / "own" / "mappings"
    folder.mkdir(parents=True)
    (folder / "office.yaml").write_text(text, "utf-8")
    return write_project(root / "project"), root / "own"


def test_a_mapping_is_read(tmp_path: Path) -> None:
    found = load(*own(tmp_path, RIGHT)).mapping("office")
    assert (found.flow.address, found.flow.api, found.flow.version) == ("https://stats.example.go.th/rest", "2", "1.0")
    assert (found.place.codes, found.place.leave_out) == ({"1": "10"}, {"00"})
    first, second = found.series
    assert (first.where, first.unit, first.multiplier) == ({"SEX": "T"}, {"UNIT": "TON"}, Decimal("0.001"))
    assert second.multiplier == 1
    assert (found.multiplier, found.active, found.period.since) == ("UNIT_MULT", True, 2015)


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_what_is_wrong_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    with pytest.raises(DefinitionError) as error:
        load(*own(tmp_path, RIGHT.replace(right, wrong, 1)))
    assert said in "\n".join(str(problem) for problem in error.value.problems)

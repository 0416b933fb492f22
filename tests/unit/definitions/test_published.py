"""A published version keeps its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.definitions.loader import load
from cityindex.definitions.published import freeze
from cityindex.errors import DefinitionError
from tests.unit.definitions.examples import change, problems_of, write_project

CLEAN = "frameworks/clean-city.yaml"


def test_freezing_records_each_version_once(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert [entry.code for entry in freeze(tmp_path)] == ["clean-city"]
    recorded = (tmp_path / "published.yaml").read_bytes()
    assert load(tmp_path).framework("clean-city").fingerprint in recorded.decode()
    assert freeze(tmp_path) == ()
    assert (tmp_path / "published.yaml").read_bytes() == recorded


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [(CLEAN, "weight: 2", "weight: 3"), ("catalogue/waste.yaml", "high: 60, clip", "high: 70, clip")],
)
def test_changed_content_needs_a_new_version(tmp_path: Path, file: str, old: str, new: str) -> None:
    freeze(write_project(tmp_path))
    change(tmp_path, file, old, new)
    [problem] = problems_of(tmp_path)
    assert (problem.file, problem.row, problem.column) == (str(tmp_path / CLEAN), 2, "version")
    with pytest.raises(DefinitionError):
        freeze(tmp_path)
    change(tmp_path, CLEAN, 'version: "1"', 'version: "2"')
    assert [entry.version for entry in freeze(tmp_path)] == ["2"]
    assert (tmp_path / "published.yaml").read_text("utf-8").count("id: clean-city") == 2


def test_a_record_without_a_kind_is_of_a_framework(tmp_path: Path) -> None:
    freeze(write_project(tmp_path))
    path = tmp_path / "published.yaml"
    path.write_text(path.read_text("utf-8").replace("kind: framework, ", ""), "utf-8")
    assert freeze(tmp_path) == ()
    change(tmp_path, CLEAN, "weight: 2", "weight: 3")
    assert [problem.column for problem in problems_of(tmp_path)] == ["version"]


def test_a_change_is_said_beside_problems_elsewhere(tmp_path: Path) -> None:
    freeze(write_project(tmp_path))
    change(tmp_path, CLEAN, "weight: 2", "weight: 3")
    change(tmp_path, "strategy/goals.yaml", "parent: G1", "parent: G7")
    assert {problem.column for problem in problems_of(tmp_path)} == {"version", "parent"}


def test_a_record_that_was_tampered_with(tmp_path: Path) -> None:
    freeze(write_project(tmp_path))
    path = tmp_path / "published.yaml"
    line = path.read_text("utf-8").splitlines()[-1]
    path.write_text(f"published:\n{line}\n{line}\n  - {{id: clean-city, version: 1}}\n", "utf-8")
    assert [(problem.row, problem.column) for problem in problems_of(path.parent)] == [
        (3, "id"),
        (4, "version"),
        (4, "fingerprint"),
    ]

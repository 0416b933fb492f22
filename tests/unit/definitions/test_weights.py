"""Weights from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.definitions.loader import load_framework
from cityindex.definitions.weights import read_weights, with_weights
from cityindex.errors import DefinitionError
from tests.unit.definitions.examples import ALONE, alone

WITH_FILE = ALONE + "weights: {file: weights.csv}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "weights.csv"
    path.write_text(text, "utf-8")
    return path


def test_the_file_of_a_framework_is_part_of_its_content(tmp_path: Path) -> None:
    write(tmp_path, "\ufeffnode,weight\nb,7\n")
    entry = load_framework(alone(tmp_path, WITH_FILE))
    assert {leaf.code: leaf.weight for leaf in entry.framework.leaves} == {"a": 2, "b": 7}
    written = ALONE.replace("{indicator: b}", "{indicator: b, weight: 7}")
    assert entry.fingerprint == load_framework(alone(tmp_path, written)).fingerprint


def test_other_weights_for_a_framework(tmp_path: Path) -> None:
    framework = load_framework(alone(tmp_path, ALONE)).framework
    changed = with_weights(framework, read_weights(write(tmp_path, "node,weight\nb,7\n\n")))
    assert {leaf.code: leaf.weight for leaf in changed.leaves} == {"a": 2, "b": 7}
    assert {leaf.code: leaf.weight for leaf in framework.leaves} == {"a": 2, "b": 1}


def test_other_weights_go_before_a_rule(tmp_path: Path) -> None:
    ruled = ALONE.replace("{indicator: a, weight: 2}", "{indicator: a}").replace(
        "tree:\n", "tree:\n  weights: {pca: first}\n"
    )
    framework = load_framework(alone(tmp_path, ruled)).framework
    assert framework.tree.weights is not None
    assert with_weights(framework, {"b": 7}).tree.weights is None
    assert with_weights(framework, {framework.tree.code: 7}).tree.weights == framework.tree.weights


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "node,weight\na,1\na,2\nb,-1\nb,nan\nb\n")
    with pytest.raises(DefinitionError) as caught:
        read_weights(path)
    assert [problem.row for problem in caught.value.problems] == [3, 4, 5, 6]


@pytest.mark.parametrize("text", ["", "code,weight\na,1\n", 'node,weight\n"a,1\n', "node,weight\nx,1\n"])
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(DefinitionError):
        load_framework(alone(tmp_path, WITH_FILE))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"weights\.csv"):
        load_framework(alone(tmp_path, WITH_FILE))

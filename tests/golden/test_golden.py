"""Every case in tests/golden/*.yaml, through the scoring pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.errors import DefinitionError
from tests.golden.cases import Case, cases

FOLDER = Path(__file__).parent
CASES = cases(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_scores_are_as_expected(case: Case) -> None:
    assert case.differences() == []


def test_a_wrong_expectation_is_reported(tmp_path: Path) -> None:
    """The runner itself can fail: each kind of expectation is broken once."""
    text = (FOLDER / "missing_values.yaml").read_text("utf-8")
    for right, wrong in (("score: 70}", "score: 71}"), ("rank: 1", "rank: 2"), ("coverage: 0.75", "coverage: 0.5")):
        assert right in text
        (tmp_path / "case.yaml").write_text(text.replace(right, wrong), "utf-8")
        assert [said for case in cases(tmp_path) for said in case.differences()], wrong


def test_a_case_without_a_source_is_refused(tmp_path: Path) -> None:
    lines = (FOLDER / "missing_values.yaml").read_text("utf-8").splitlines()
    (tmp_path / "case.yaml").write_text("\n".join(line for line in lines if "source:" not in line), "utf-8")
    with pytest.raises(DefinitionError) as caught:
        cases(tmp_path)
    assert {problem.column for problem in caught.value.problems} == {"source"}

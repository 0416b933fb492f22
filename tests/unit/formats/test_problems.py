"""Problems of a file: gathered, counted, told in the order of the file, reported."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cityindex.errors import Invalid, Problem
from cityindex.formats import problems as module
from cityindex.formats.problems import Problems, write_report


def test_problems_are_told_in_the_order_of_the_file() -> None:
    problems = Problems("f.csv")
    problems.add("b", "cure", row=7, column="x", value="1")
    problems.extend([Problem("a", "cure", row=2), Problem("whole file", "cure")])
    with pytest.raises(Invalid, match=r"f\.csv: 3 problems; nothing was taken") as caught:
        problems.raise_if_any()
    assert [problem.reason for problem in caught.value.problems] == ["whole file", "a", "b"]


def test_no_problem_is_no_error() -> None:
    problems = Problems("f.csv")
    problems.raise_if_any()
    assert not problems


def test_beyond_the_limit_problems_are_counted_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    problems = Problems("f.csv")
    for row in range(3):
        problems.add("bad", "cure", row=row)
    problems.count_more(4)
    assert (len(problems.kept), problems.count, problems.room) == (2, 7, 0)
    with pytest.raises(Invalid, match="7 problems \\(the first 2 are listed\\)"):
        problems.raise_if_any()


@pytest.mark.parametrize(
    ("value", "shown"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-cmd", "'-cmd"), ("-5", "-5"), ("+1.5", "+1.5"), ("-", "-"), ("ก", "ก")],
)
def test_a_report_runs_nothing_in_a_spreadsheet(tmp_path: Path, value: str, shown: str) -> None:
    path = write_report(tmp_path / "r.csv", [Problem("why", "cure", 3, "x", value), Problem("whole", "cure")])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["row", "column", "value", "reason", "cure"],
        ["3", "x", shown, "why", "cure"],
        ["", "", "", "whole", "cure"],
    ]

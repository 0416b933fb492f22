"""Reading YAML: what is refused, what values are, and where they stand."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from cityindex.definitions import yaml_
from cityindex.definitions.findings import Findings
from cityindex.definitions.yaml_ import read

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def content(folder: Path, text: str | bytes) -> tuple[Any, Findings]:
    path = folder / "file.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    findings = Findings(in_project=True)
    return read(path, findings), findings


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is empty"),
        ("# nothing\n", 2, "is empty"),
        (BOMB, 1, "aliases and anchors"),
        ("a: *b\n", 1, "aliases and anchors"),
        ("a: 1\nb: 2\na: 3\n", 3, "written twice (first on line 1)"),
        ("a: {b: 1, b: 1}\n", 1, "written twice"),
        ("a:\n\tb: 1\n", 2, "indent with spaces"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tags are refused"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("? [a]\n: 1\n", 1, "a key is a mapping or a list"),
        ("a: [1, 2\n", 1, "check indentation and brackets"),
        ("a: b: c\n", 1, "quotes"),
        ("x: " + "[" * 60 + "]" * 60, 1, "nested deeper than 40"),
        ("[" * 100_000, 1, "nested deeper than 40"),
        (b"a: 1\nb: \xff\xfe\n", 2, "not UTF-8"),
        ("a: 1\nb: \x07\n", 2, "control characters"),
    ],
)
def test_refused(tmp_path: Path, text: str | bytes, line: int, words: str) -> None:
    _, findings = content(tmp_path, text)
    assert [(problem.row, words in str(problem)) for problem in findings.problems] == [(line, True)], findings.problems


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_, "LARGEST", 10)
    assert content(tmp_path, "a: 123456")[1].problems == []
    assert "is larger than" in str(content(tmp_path, "a: 12345678")[1].problems[0])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("true", True),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-0.5", -0.5),
        ("1e-6", 1e-6),
        (".5", 0.5),
        ("0101", "0101"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("2026-01-15", datetime.date(2026, 1, 15)),
        ("2026-13-01", "2026-13-01"),
        ("SDG11.6.1", "SDG11.6.1"),
        ('"12"', "12"),
        ("'true'", "true"),
    ],
)
def test_plain_values(tmp_path: Path, written: str, value: Any) -> None:
    block, findings = content(tmp_path, f"key: {written}\n")
    assert findings.problems == []
    assert (block["key"], type(block["key"])) == (value, type(value))


def test_every_key_and_element_knows_its_line(tmp_path: Path) -> None:
    block, _ = content(tmp_path, "\ufeff# a comment\nfirst: 1\nsecond:\n  - a\n\n  - {deep: b}\n")
    assert block.at("first").line == 2
    assert [block["second"].at(index).line for index in range(2)] == [4, 6]
    assert block["second"][1].at("deep").line == 6

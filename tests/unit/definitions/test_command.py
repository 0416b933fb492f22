"""`cityindex definitions`, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cityindex.resources import resource_root
from tests.unit.definitions.examples import ALONE, alone, change, write_project

PROGRAM = Path(sys.executable).with_name("cityindex")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def test_the_definitions_of_the_project_are_sound() -> None:
    result = run("definitions", "check")
    assert result.returncode == 0, result.stderr
    assert "indicators" in result.stdout


@pytest.mark.parametrize(("arguments", "needed"), [('["--version"]', []), ('["definitions", "check"]', ["numpy"])])
def test_nothing_heavy_is_loaded(arguments: str, needed: list[str]) -> None:
    """What makes a command slow to start is what it imports. Whether frameworks can be computed the engine says."""
    code = (
        f"import sys; sys.argv[1:] = {arguments}\n"
        "from cityindex.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(sorted({'flask', 'sqlalchemy', 'numpy', 'polars'} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stderr.strip() == str(needed)


def test_every_problem_is_printed_and_the_exit_code_is_2(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    many = "".join(f"  - {{code: X{number}, name: {{th: ก, en: a}}, verified: maybe}}\n" for number in range(80))
    with (root / "strategy/goals.yaml").open("a", encoding="utf-8") as file:
        file.write(many)
    result = run("definitions", "check", root)
    lines = [line for line in result.stderr.splitlines() if line.startswith(f"{root}/strategy/goals.yaml:")]
    assert (result.returncode, len(lines)) == (2, 80)
    assert lines[0] == f"{root}/strategy/goals.yaml:7: verified: «maybe» is not known here (use one of false)"


def test_one_result_for_machines(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    right = json.loads(run("definitions", "check", root, "--json").stdout)
    assert (right["ok"], right["indicators"], right["not_yet_verified"]["indicators"]) == (True, 3, 2)
    change(root, "frameworks/clean-city.yaml", "weight: 2", "weight: -2")
    result = run("definitions", "check", root, "--json")
    wrong = json.loads(result.stdout)
    assert (result.returncode, [(one["row"], one["column"]) for one in wrong["problems"]]) == (2, [(9, "weight")])


def test_one_file(tmp_path: Path) -> None:
    assert run("definitions", "check", alone(tmp_path, ALONE)).returncode == 0
    assert run("definitions", "check", alone(tmp_path, "framework: alone\n")).returncode == 2
    assert run("definitions", "check", tmp_path / "nothing.yaml").returncode == 3


def test_a_file_of_a_project_is_checked_with_its_project(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    change(root, "catalogue/waste.yaml", "    unit: percent\n", "")
    assert "unit: is missing" in run("definitions", "check", root / "frameworks/clean-city.yaml").stderr


def test_freezing(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    assert run("definitions", "freeze", root).stdout.strip() == "Recorded: framework clean-city 1"
    assert json.loads(run("definitions", "freeze", root, "--json").stdout) == {"recorded": []}


def test_the_shipped_folder_is_the_default() -> None:
    named, default = run("definitions", "check", resource_root("indicators")), run("definitions", "check")
    assert named.stdout == default.stdout

"""The command `cityindex import observations`: what it prints, how it exits, where its report is."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from cityindex.app import Application
from cityindex.cli import run
from cityindex.config import read_settings
from tests.integration.recording import add_places

LONG = "place,period,indicator,value\n4500101,2566,population,1200\n4500102,2566,population,1300\n"
Outcome = tuple[int, str, str]


class Command:
    def __init__(self, url: str, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.application = Application(read_settings({"CITYINDEX_DATABASE_URL": url}))
        self.folder, self.capsys, self.patch = folder, capsys, patch

    def __call__(self, text: str, *options: str, source: bool = True) -> Outcome:
        """Exit code, standard output and standard error."""
        (self.folder / "file.csv").write_text(text, encoding="utf-8")
        said = ["--source", "the office"] if source else []
        line = ["cityindex", "import", "observations", str(self.folder / "file.csv"), *said, *options]
        self.patch.setattr("sys.argv", line)
        with pytest.raises(SystemExit) as ended:
            run(self.application)
        out, err = self.capsys.readouterr()
        return int(str(ended.value.code or 0)), out, err


@pytest.fixture
def command(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    with sessionmaker(engine)() as session:
        add_places(session)
    monkeypatch.chdir(tmp_path)
    made = Command(database_url, tmp_path, capsys, monkeypatch)
    yield made
    made.application.engine.dispose()


def test_a_file_is_imported_and_counted(command: Command) -> None:
    code, out, err = command(LONG)
    assert (code, out.splitlines()[-1]) == (
        0, "2 read, 0 missing, 0 skipped, 2 new, 0 unchanged, 0 revised; 0 warnings",
    )  # fmt: skip
    assert "read as Buddhist-era, stored as 2023" in err


def test_json_is_one_document(command: Command) -> None:
    result = json.loads(command(LONG, "--json", "--era", "be")[1])
    assert (result["new"], result["periods"], result["dry_run"], result["warnings"]["count"]) == (2, [2023], False, 0)


def test_a_dry_run_says_so_and_stores_nothing(command: Command) -> None:
    assert "dry run, nothing was stored: 2 read" in command(LONG, "--dry-run")[1]
    assert json.loads(command(LONG, "--json")[1])["new"] == 2


def test_the_period_is_said_back(command: Command) -> None:
    code, out, err = command(
        "code,people\n501,1200\n", "--map", "code=place:nso", "--map", "people=population", "--period", "2566"
    )
    assert code == 0
    assert "period 2566 = 2023" in err
    assert "population  2023  1 new" in out


def test_bad_rows_are_reported_in_a_csv(command: Command, tmp_path: Path) -> None:
    code, _, err = command(
        LONG.replace("1300", "1,300").replace(",1200", ',"1,200"').replace("2566,population,1,300", "66,x,1")
    )
    report = tmp_path / "file.problems.csv"
    assert code == 2
    assert f"report: {report}" in err
    with report.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["row", "column", "value", "reason", "cure"]
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [
        ("2", "value", "1,200"),
        ("3", "indicator", "x"),
    ]


def test_a_conflict_exits_with_its_own_code(command: Command) -> None:
    command(LONG)
    changed = LONG.replace("1300", "1400")
    code, _, err = command(changed)
    assert code == 5
    assert "4500102 has 1300 in 2023 already" in err
    code, out, _ = command(changed, "--on-conflict", "revise", "--report", "changes.csv")
    assert code == 0
    assert "1 revised" in out
    assert "3,4500102,2023,population,revised,1400.0,A" in Path("changes.csv").read_text(encoding="utf-8-sig")


def test_warnings_are_listed(command: Command) -> None:
    code, _, err = command(LONG.replace("1200", "200"))
    assert code == 0
    assert "warning: 2: population «200»: is unusual" in err


def test_a_year_that_has_not_begun_is_to_be_confirmed(command: Command) -> None:
    assert "2123 has not begun" in command(LONG.replace("2566", "2666"))[2]
    assert "has not begun" not in command(LONG)[2]


def test_warnings_of_whole_series_come_first_and_all_of_them(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from cityindex.cli import import_observations
    from cityindex.services.observations import suspicions

    monkeypatch.setattr(import_observations, "SHOWN_WARNINGS", 1)
    monkeypatch.setattr(suspicions, "FEWEST", 1)
    values = {2560: 51, 2561: 51, 2562: 61, 2563: 61, 2564: 71}
    lines = [f"{place},{year},{value}" for year, value in values.items() for place in ("4500101", "4500102")]
    code, _, err = command("\n".join(["place,period,population", *lines]), "--era", "be")
    said = [line for line in err.splitlines() if line.startswith("warning: ")]
    assert code == 0
    assert ["repeats" in line for line in said] == [True, True, False]
    assert "more warnings" in err


def test_a_source_must_be_given_and_a_file_be_there(command: Command, tmp_path: Path) -> None:
    assert command(LONG, source=False)[0] == 2
    code, out, _ = command(LONG, "--json", source=False)
    assert (code, json.loads(out)["problems"]) == (2, [])
    command.patch.setattr("sys.argv", ["cityindex", "import", "observations", "none.csv", "--source", "x"])
    with pytest.raises(SystemExit) as ended:
        run(command.application)
    assert ended.value.code == 3


def test_long_work_shows_how_far_it_is(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from cityindex.cli import import_observations

    assert "storing" not in command(LONG)[2]
    monkeypatch.setattr(import_observations, "LONG_WORK", 1)
    assert "storing: 100 %" in command(LONG.replace("2566", "2567"))[2]

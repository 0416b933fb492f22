"""`cityindex import …` as it is typed: what it prints, what it writes, how it exits."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cityindex.app import Application
from cityindex.cli import run
from cityindex.config import read_settings
from tests.integration.registers import AREAS, CITY, SUTHEP, tile, write_csv, write_geojson

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs `cityindex import` over a fresh database, in a fresh folder; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": database_url}))

    def typed(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cityindex", "import", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            run(application)
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    write_csv(tmp_path / "areas.csv", AREAS)
    assert typed("places", "areas.csv")[0] == 0
    yield typed
    application.engine.dispose()


def report_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_places(command: Command, tmp_path: Path) -> None:
    renamed = [
        {"dla": row["code"], **{k: v for k, v in row.items() if k != "code"}, "x": "1"} for row in (SUTHEP, CITY)
    ]
    write_csv(tmp_path / "r.csv", renamed)
    exit_code, out, _ = command("places", "r.csv", "--map", "dla=code", "--dry-run")
    assert exit_code == 0
    assert "2 new" in out
    assert "columns not used: x" in out
    assert "nothing was changed" in out
    exit_code, out, _ = command("places", "r.csv", "--map", "dla=code", "--report", "rows.csv", "--json")
    result: dict[str, Any] = json.loads(out)
    assert (exit_code, result["new"], result["matched"], result["ignored_columns"]) == (0, 2, 0, ["x"])
    assert [(row["row"], row["code"], row["outcome"]) for row in report_of(tmp_path / "rows.csv")] == [
        ("2", "5500107", "new"),
        ("3", "3500102", "new"),
    ]
    assert json.loads(command("places", "r.csv", "--map", "dla=code", "--json")[1])["matched"] == 2


def test_a_refusal_leaves_a_report(command: Command, tmp_path: Path) -> None:
    write_csv(tmp_path / "r.csv", [SUTHEP, CITY | {"place_type": "นคร"}, CITY | {"area_km2": "0"}])
    exit_code, out, err = command("places", "r.csv")
    assert (exit_code, out) == (2, "")
    assert str(tmp_path / "r.problems.csv") in err
    rows = report_of(tmp_path / "r.problems.csv")
    assert list(rows[0]) == ["row", "column", "value", "reason", "cure"]
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [
        ("3", "place_type", "นคร"),
        ("4", "area_km2", "0"),
    ]
    exit_code, out, _ = command("places", "r.csv", "--json")
    assert [problem["row"] for problem in json.loads(out)["problems"]] == [3, 4]
    assert exit_code == 2


def test_boundaries(command: Command, tmp_path: Path) -> None:
    write_csv(tmp_path / "r.csv", [SUTHEP])
    command("places", "r.csv")
    write_geojson(tmp_path / "b.geojson", [("501999", tile()), ("1", tile(99.0))])
    line = ("boundaries", "b.geojson", "--key", "code", "--scheme", "nso", "--level", "municipality")
    exit_code, _, err = command(*line)
    assert exit_code == 2
    assert "--skip-unknown" in err
    exit_code, out, err = command(*line, "--skip-unknown", "--valid-from", "2566-10-01")
    assert exit_code == 0
    assert "1 new" in out
    assert "2566-10-01 was read as 2023-10-01" in err
    assert "warning: 2: code «1»" in err


def test_members(command: Command, tmp_path: Path) -> None:
    write_csv(tmp_path / "m.csv", [{"place": "50", "joined": "2565"}])
    assert command("members", "nobody", "m.csv")[0] == 3
    exit_code, out, _ = command("members", "unesco-gnlc", "m.csv")
    assert exit_code == 0
    assert "1 new" in out
    assert "2565 was read as 2022" in out


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("places", "none.csv"), 3),
        (("places", "areas.csv", "--map", "code"), 2),
        (("places", "areas.csv", "--map", "kode=code"), 2),
        (("places", "areas.csv", "--type", "village"), 3),
        (("boundaries", "areas.csv", "--key", "code", "--level", "province"), 2),
        (("nothing", "areas.csv"), 2),
    ],
)
def test_exit_codes(command: Command, words: tuple[str, ...], exit_code: int) -> None:
    assert command(*words)[0] == exit_code


def test_all_importers_are_listed(command: Command) -> None:
    exit_code, out, _ = command("--help")
    assert exit_code == 0
    assert all(name in out for name in ("places", "boundaries", "members", "observations"))

"""The commands from a run to an export, as scripts use them: exit codes, standard output, JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cityindex.app import Application
from cityindex.cli import run as run_command
from cityindex.config import read_settings
from cityindex.services.upkeep import Upkeep
from tests.integration.small import place, record

FIGURES = {  # own, shared and total revenue and subsidy (million baht), people, km2
    "4100001": (120.0, 200.0, 480.0, 160.0, 40_000.0, 12.5),
    "4100002": (15.5, 60.25, 151.75, 76.0, 21_345.0, 33.3),
    "5100003": (3.25, 18.0, 65.5, 44.25, 7_001.0, 51.0),
}
CODES = ("own_revenue", "shared_revenue", "total_revenue", "subsidy", "population", "area")


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out)
        return found


Command = Callable[..., Said]


@pytest.fixture
def command(
    database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """`command("run", "local-capacity", "2566")` as a shell would call it."""
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": database_url}))

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["cityindex", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command(application)
        return Said(int(str(ended.value.code or 0)), *capsys.readouterr())

    yield call
    application.engine.dispose()


@pytest.fixture
def figures(engine: Engine) -> None:
    """Three municipalities with figures of fiscal year 2566."""
    with Session(engine) as session:
        for code in FIGURES:
            kind = "town-municipality" if code.startswith("4") else "subdistrict-municipality"
            session.add(place(code, kind))
        session.flush()
        record(
            session,
            {(where, name): value for where, row in FIGURES.items() for name, value in zip(CODES, row, strict=True)},
        )
        session.commit()


@pytest.mark.usefixtures("figures")
def test_from_a_run_to_an_export(command: Command, tmp_path: Path) -> None:
    made = command("run", "local-capacity", "2566", "--json")
    assert made.code == 0
    assert "fiscal year 2566 = 2023" in made.err
    assert {"run": 1, "framework": "local-capacity", "period": 2023, "demo": False}.items() <= made.json.items()
    nothing = command("export", "local-capacity", "2023", "--format", "csv", tmp_path / "x.csv")
    assert nothing.code == 3
    assert command("publish", 1).code == 0
    assert command("publish", 1).code == 5
    for kind in ("csv", "xlsx", "parquet", "sdmx-csv", "geojson"):
        done = command("export", "local-capacity", "2566", "--format", kind, tmp_path / f"out.{kind}", "--json")
        assert (done.code, done.json["run"], done.json["places"]) == (0, 1, 3)
        assert (tmp_path / f"out.{kind}").stat().st_size > 0
    assert not (tmp_path / "x.csv").exists()
    second = command("run", "local-capacity", "2023")
    assert (second.code, second.out) == (0, "2\n")
    assert command("publish", 2, "--json").json["before"] == 1
    assert command("rollback", "local-capacity", "2566", "--json").json["run"] == 1
    withdrawn = command("rollback", "local-capacity", "2023")
    assert "nothing is public" in withdrawn.out
    assert command("rollback", "local-capacity", "2023").code == 3


@pytest.mark.usefixtures("figures")
def test_figures_agree_with_a_direct_calculation(command: Command, tmp_path: Path) -> None:
    command("run", "local-capacity", "2023")
    command("publish", 1)
    command("export", "local-capacity", "2023", "--format", "csv", tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    value = {(row["place"], row["node"]): float(row["value"]) for row in rows if row["value"]}
    for code, (own, shared, total, _, people, area) in FIGURES.items():
        assert value[code, "fiscal_self_dependency"] == pytest.approx(100 * own / total, rel=1e-12)
        assert value[code, "self_reliance"] == pytest.approx(100 * (own + shared) / total, rel=1e-12)
        assert value[code, "own_revenue_per_head"] == pytest.approx(1e6 * own / people, rel=1e-12)
        assert value[code, "population_density"] == pytest.approx(people / area, rel=1e-12)
        assert value[code, "total_revenue"] == total


def test_what_cannot_be_scored(command: Command) -> None:
    unknown = command("run", "local-capacty", "2566")
    assert (unknown.code, unknown.out) == (3, "")
    assert "did you mean local-capacity?" in unknown.err
    empty = command("run", "local-capacity", "2566")
    assert empty.code == 2
    assert "import observations" in empty.err
    assert command("run", "local-capacity", "twenty").code == 2
    assert command("run", "local-capacity", "25660").code == 2
    assert command("publish", "7").code == 3
    assert command("publish", "seven").code == 2
    assert command("export", "local-capacity", "2023", "--format", "pdf", "x").code == 2
    refused = command("run", "local-capacity", "2566", "--json")
    assert "no observations" in str(refused.json["error"])


@pytest.mark.usefixtures("figures")
def test_looking_after_the_database(command: Command, tmp_path: Path, engine: Engine) -> None:
    command("run", "local-capacity", "2023")
    command("publish", 1)
    assert command("db", "check", "--rebuild").code == 0
    assert command("db", "check", "--json").json == {"faults": []}
    backup = command("db", "backup", tmp_path / "b", "--json")
    assert backup.json["bytes"] == (tmp_path / "b").stat().st_size
    assert command("db", "restore", tmp_path / "b").code == 5
    assert command("db", "restore", tmp_path / "b", "--replace").code == 0
    assert command("db", "restore", tmp_path / "none").code == 3
    upgraded = command("db", "upgrade", "--json").json
    assert upgraded["before"] == upgraded["revision"]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE observation SET value = value * 2 WHERE place_id = 1")
    faulty = command("db", "check", "--rebuild")
    assert faulty.code == 2
    assert "run 1: the observations" in faulty.err
    assert command("db", "check").code == 0


@pytest.mark.usefixtures("figures")
def test_a_database_that_is_behind_says_the_cure(command: Command, engine: Engine) -> None:
    Upkeep(engine).downgrade("base")
    behind = command("run", "local-capacity", "2023")
    assert behind.code == 75
    assert "cityindex db upgrade" in behind.err
    assert command("db", "check").code == 2
    assert command("db", "upgrade").code == 0
    assert command("db", "check").code == 0

"""`cityindex uncertainty`: files in, files out; the same on one process, two, and a cluster."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cityindex.cli.uncertainty import uncertainty
from cityindex.errors import DefinitionError, Invalid
from tests.unit.scoring.test_command import FRAMEWORK

PLAN = """
weights: {noise: 0.25, levels: [1, 2]}
normalise: [min-max, percentile-rank]
aggregate: {city: [arithmetic, {method: power, p: 1}]}
treat: [none, {cap: 0.05}]
impute: [none, {method: median, by: region}]
leave_out: indicators
noise: {own: 0.1}
"""
SOBOL = f"{PLAN}sobol: true\n"
PROGRAM = str(Path(sys.executable).with_name("cityindex"))
FILES = ("ranks.csv", "replications.csv", "sensitivity.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw = random.Random(7)
    lines = ["place,period,own,total,air"]
    for period in (2565, 2566):
        lines += [f"p{n:02},{period},{n + draw.random():.2f},{40 + draw.random():.2f},{draw.choice(['', 20, 30, 40])}"
                  for n in range(30)]  # fmt: skip
    (tmp_path / "data.csv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "places.csv").write_text("place,region\n" + "".join(f"p{n:02},{'ab'[n % 2]}\n" for n in range(30)))
    bands = "bands: {share: [0.2, 0.8], names: [best, rest]}\n"
    (tmp_path / "toy.yaml").write_text(FRAMEWORK.replace("peers: [region]\n", bands), "utf-8")
    (tmp_path / "plan.yaml").write_text(PLAN, "utf-8")
    (tmp_path / "sobol.yaml").write_text(SOBOL, "utf-8")
    return tmp_path


def arguments(folder: Path, *options: str, plan: str = "plan.yaml", out: str = "out") -> list[str]:
    given = [
        str(folder / "toy.yaml"),
        str(folder / "data.csv"),
        "--plan",
        str(folder / plan),
        "--out",
        str(folder / out),
    ]
    defaults = {"--replications": "16", "--seed": "7"}
    given += [part for name, value in defaults.items() if name not in options for part in (name, value)]
    return [*given, "--era", "be", "--places", str(folder / "places.csv"), *options]


def run(folder: Path, *options: str, plan: str = "plan.yaml", out: str = "out") -> Result:
    given = arguments(folder, *options, plan=plan, out=out)
    return CliRunner().invoke(uncertainty, given, catch_exceptions=False, standalone_mode=False)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_every_file_with_its_columns(folder: Path) -> None:
    result = run(folder)
    assert "30 places of 2023 ranked 16 times" in result.output
    ranks, choices = rows(folder / "out/ranks.csv"), rows(folder / "out/replications.csv")
    assert list(ranks[0])[:8] == ["place", "nominal", "mean", "median", "p05", "p25", "p75", "p95"]
    assert list(ranks[0])[8:] == ["ranked", "top_tenth", "band:best", "band:rest"]
    assert list(choices[0]) == [
        "replication", "normalise", "treat", "impute", "leave_out", "aggregate:city", "weight:money", "weight:own",
        "weight:share", "weight:air", "noise",
    ]  # fmt: skip
    assert [row["replication"] for row in choices] == [str(number) for number in range(1, 17)]
    assert {row["normalise"] for row in choices} == {row["aggregate:city"] for row in choices} == {"1", "2"}
    assert {row["leave_out"] for row in choices} <= {"", "own", "share", "air"}
    assert all(1.5 <= float(row["weight:money"]) <= 2.5 for row in choices)
    assert not (folder / "out/sensitivity.csv").exists()
    about = json.loads((folder / "out/uncertainty.json").read_text())
    assert (about["seed"], about["replications"], about["period"], about["runs"]) == (7, 16, 2023, 16)


def test_ranks_are_in_order_and_whole(folder: Path) -> None:
    run(folder)
    ranks = rows(folder / "out/ranks.csv")
    assert [row["place"] for row in ranks] == [f"p{n:02}" for n in range(30)]
    for row in ranks:
        found = [int(row[name]) for name in ("p05", "p25", "median", "p75", "p95")]
        assert found == sorted(found)


def test_sensitivity_of_each_factor(folder: Path) -> None:
    run(folder, plan="sobol.yaml")
    factors = rows(folder / "out/sensitivity.csv")
    assert list(factors[0]) == ["factor", "s1", "s1_low", "s1_high", "st", "st_low", "st_high"]
    names = ["normalise", "treat", "impute", "leave_out", "aggregate:city", "weights", "noise"]
    assert [row["factor"] for row in factors] == names
    blocks = [row["block"] for row in rows(folder / "out/replications.csv")]
    assert blocks == [block for block in ("A", "B", *(f"A/{name}" for name in names)) for _ in range(16)]
    run(folder)
    assert not (folder / "out/sensitivity.csv").exists()  # an earlier run's is not left beside


def test_what_does_not_vary_is_left_empty(folder: Path) -> None:
    (folder / "plan.yaml").write_text("treat: [none]\n")
    run(folder)
    choices = rows(folder / "out/replications.csv")
    assert choices[0] == {"replication": "1", "normalise": "", "treat": "1", "impute": "", "leave_out": ""}
    for row in rows(folder / "out/ranks.csv"):
        assert row["nominal"] == row["p05"] == row["median"] == row["p95"]


def test_another_period(folder: Path) -> None:
    assert "of 2022" in run(folder, "--period", "2565").output
    with pytest.raises(Invalid, match="no data for 2030"):
        run(folder, "--period", "2030")


def test_the_same_bytes_on_two_processes(folder: Path) -> None:
    run(folder, plan="sobol.yaml")
    run(folder, "--jobs", "2", plan="sobol.yaml", out="two")
    for name in FILES:
        assert (folder / "out" / name).read_bytes() == (folder / "two" / name).read_bytes(), name


def test_the_same_bytes_on_a_cluster(folder: Path) -> None:
    """A scheduler and two workers, each a process of its own."""
    run(folder, plan="sobol.yaml")
    program = (
        "import subprocess, sys\nfrom distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:\n"
        "        asked = [*sys.argv[1:], '--dask', cluster.scheduler_address]\n"
        "        sys.exit(subprocess.run(asked).returncode)\n"
    )
    (folder / "cluster.py").write_text(program)
    asked = [PROGRAM, "uncertainty", *arguments(folder, plan="sobol.yaml", out="cluster")]
    done = subprocess.run(
        [sys.executable, folder / "cluster.py", *asked], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    for name in FILES:
        assert (folder / "out" / name).read_bytes() == (folder / "cluster" / name).read_bytes(), name


def test_a_plan_that_does_not_fit_changes_nothing(folder: Path) -> None:
    run(folder)
    before = (folder / "out/ranks.csv").read_bytes()
    (folder / "plan.yaml").write_text("aggregate: {town: [median]}\n")
    with pytest.raises(DefinitionError, match=r"plan\.aggregate\.town"):
        run(folder)
    with pytest.raises(Invalid, match="replications 0"):
        run(folder, "--replications", "0")
    assert (folder / "out/ranks.csv").read_bytes() == before


def test_processes_or_a_cluster(folder: Path) -> None:
    with pytest.raises(Invalid, match="--jobs and --dask"):
        run(folder, "--jobs", "2", "--dask", "tcp://localhost:1")


def test_nothing_heavy_is_loaded(folder: Path) -> None:
    code = (
        "import sys\nfrom cityindex.app import main\n"
        f"sys.argv[1:] = {['uncertainty', *arguments(folder)]}\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "print(sorted({'flask', 'sqlalchemy', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

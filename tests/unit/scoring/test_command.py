"""`cityindex score`: files in, files out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from cityindex.cli.score import score
from cityindex.errors import Invalid, NotFound

FRAMEWORK = """
framework: toy
peers: [region]
tree:
  code: city
  children:
    - {code: money, weight: 2, children: [{indicator: own, weight: 3}, {indicator: share}]}
    - {indicator: air}
indicators:
  - {code: own}
  - {code: total}
  - {code: share, formula: 100 * own / total}
  - {code: air, direction: lower, normalise: {method: goalposts, low: 0, high: 50}}
"""
DATA = ["place,period,own,total,air", "b,2566,4,8,25", "a,2566,1,4,50", "c,2566,7,7,", "c,2565,6,7,10", "a,2565,2,4,0"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "toy.yaml").write_text(FRAMEWORK, "utf-8")
    (tmp_path / "data.csv").write_text("\n".join(DATA), "utf-8")
    (tmp_path / "shuffled.csv").write_text("\n".join([DATA[0], *reversed(DATA[1:])]), "utf-8")
    (tmp_path / "places.csv").write_text("place,region\na,north\nb,\nc,south\n", "utf-8")
    return tmp_path


def run(folder: Path, *options: str, data: str = "data.csv", out: str = "out") -> Path:
    arguments = [str(folder / "toy.yaml"), str(folder / data), "--out", str(folder / out), "--era", "be", *options]
    CliRunner().invoke(score, arguments, catch_exceptions=False, standalone_mode=False)
    return folder / out


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_every_file_with_its_columns(folder: Path) -> None:
    out = run(folder, "--places", str(folder / "places.csv"))
    headers = {path.name: path.read_text().splitlines()[0] for path in out.glob("*.csv")}
    assert headers["scores.csv"] == "place,period,node,level,score,rank,coverage,imputed,flag"
    assert headers["treated.csv"].startswith(
        "indicator,period,method,points,low,high,skew_before,skew_after,kurtosis_before"
    )
    assert headers["statistics.csv"].startswith("indicator,period,n,min,max,mean,median,sd,skew,kurtosis,availability")
    record = json.loads((out / "run.json").read_text())
    assert record["framework"] == "toy"
    assert set(record["timings"]) == {"read", "score", "write"}
    assert set(record["fingerprints"]) == {"definitions", "weights", "data"}
    assert record["order"][0] == "derive"
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_scores_are_complete_and_exact(folder: Path) -> None:
    found = {(row["place"], row["period"], row["node"]): row for row in rows(run(folder) / "scores.csv")}
    assert len(found) == 3 * 2 * 5
    assert found["b", "2023", "own"]["score"] == "50.0"
    assert found["b", "2023", "share"]["score"] == repr((50 - 25) / 75 * 100)
    assert found["b", "2023", "city"]["level"] == "0"
    missing = found["c", "2023", "air"]
    assert (missing["score"], missing["rank"], missing["coverage"], missing["flag"]) == ("", "", "0.0", "missing")
    assert found["b", "2022", "city"]["flag"] == "missing"
    assert found["c", "2023", "money"]["rank"] == "1"


def test_the_order_of_rows_changes_no_byte(folder: Path) -> None:
    one, two = run(folder), run(folder, data="shuffled.csv", out="other")
    for name in ("scores.csv", "treated.csv", "statistics.csv", "parameters.json"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    prints = [json.loads((out / "run.json").read_text())["fingerprints"] for out in (one, two)]
    assert prints[0] == prints[1]


def test_frozen_parameters_give_the_same_bytes(folder: Path) -> None:
    one = run(folder)
    two = run(folder, "--parameters", str(one / "parameters.json"), out="other")
    assert (one / "scores.csv").read_bytes() == (two / "scores.csv").read_bytes()
    assert (one / "parameters.json").read_bytes() == (two / "parameters.json").read_bytes()


def test_parquet_of_nodes_only_replaces_an_earlier_file(folder: Path) -> None:
    run(folder)
    out = run(folder, "--format", "parquet", "--nodes-only")
    frame = pl.read_parquet(out / "scores.parquet")
    assert set(frame["node"]) == {"city", "money"}
    assert not (out / "scores.csv").exists()


def test_other_weights(folder: Path) -> None:
    weights = folder / "weights.csv"
    weights.write_text("node,weight\nmoney,0\n")
    plain = run(folder)
    frozen = ("--parameters", str(plain / "parameters.json"))
    for options in ((), frozen):
        out = run(folder, "--weights", str(weights), *options, out="other")
        found = {row["place"]: row for row in rows(out / "scores.csv") if row["node"] == "city"}
        assert found["a"]["score"] == "0.0"
        assert json.loads((out / "parameters.json").read_text())["weights"]["city"]["money"] == 0
    weights.write_text("node,weight\nmony,1\n")
    with pytest.raises(Invalid, match="not there"):
        run(folder, "--weights", str(weights))


def test_frozen_weights_that_are_not_named_stay(folder: Path) -> None:
    framework = folder / "toy.yaml"
    ruled = "{code: money, weight: 2, weights: {pca: first}, children: [{indicator: own}, {indicator: air}]}"
    framework.write_text(
        FRAMEWORK.split("    - {code: money", maxsplit=1)[0]
        + f"    - {ruled}\n    - {{indicator: share}}\n"
        + FRAMEWORK.split("air}\n")[1]
    )
    data = [
        f"{place},2566,{own},9,{air}"
        for place, own, air in zip("abcdef", (1, 2, 3, 4, 5, 9), (30, 9, 8, 7, 9, 2), strict=True)
    ]
    (folder / "many.csv").write_text("\n".join([DATA[0], *data]))
    (folder / "weights.csv").write_text("node,weight\nshare,5\n")
    fitted = json.loads((run(folder, data="many.csv") / "parameters.json").read_text())["weights"]
    assert fitted["money"] != {"own": 1, "air": 1}
    frozen = ("--parameters", str(folder / "out" / "parameters.json"), "--weights", str(folder / "weights.csv"))
    used = json.loads((run(folder, *frozen, data="many.csv", out="other") / "parameters.json").read_text())["weights"]
    assert used == {"city": {"money": 2, "share": 5}, "money": fitted["money"]}
    (folder / "weights.csv").write_text("node,weight\nown,1\nair,3\n")
    named = run(folder, "--weights", str(folder / "weights.csv"), data="many.csv", out="named")
    assert json.loads((named / "parameters.json").read_text())["weights"]["money"] == {"own": 1, "air": 3}


@pytest.mark.parametrize("content", ["no json", "{}", "[]", '{"format": 1}', '{"format": 1, "framework": 3}'])
def test_what_are_no_parameters_is_refused(folder: Path, content: str) -> None:
    (folder / "p.json").write_text(content)
    with pytest.raises(Invalid, match="parameters"):
        run(folder, "--parameters", str(folder / "p.json"))
    assert not (folder / "out").exists()


def test_bad_places_are_refused_by_line(folder: Path) -> None:
    (folder / "places.csv").write_text("place,region\na,north\na,south\n", "utf-8")
    with pytest.raises(Invalid) as refused:
        run(folder, "--places", str(folder / "places.csv"))
    assert refused.value.problems[0].row == 3
    (folder / "places.csv").write_text("name,region\na,north\n", "utf-8")
    with pytest.raises(Invalid, match="place codes"):
        run(folder, "--places", str(folder / "places.csv"))


def test_an_indicator_that_nobody_knows_is_refused_unless_told(folder: Path) -> None:
    text = (folder / "data.csv").read_text().replace("total", "totl")
    (folder / "data.csv").write_text(text)
    with pytest.raises(Invalid):
        run(folder)
    assert (run(folder, "--ignore-unknown") / "scores.csv").exists()


def test_files_that_are_not_there(folder: Path) -> None:
    for name in ("--parameters", "--weights", "--places"):
        with pytest.raises(NotFound):
            run(folder, name, str(folder / "nowhere"))


def test_a_failed_run_leaves_what_was_there(folder: Path) -> None:
    out = run(folder)
    before: dict[str, Any] = {path.name: path.read_bytes() for path in out.iterdir()}
    (folder / "data.csv").write_text("place,period,own,total,air\na,2566,x,1,1\n")
    with pytest.raises(Invalid):
        run(folder)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_scales_that_meet_are_warned_about_once(folder: Path) -> None:
    mixed = FRAMEWORK.replace("{code: own}", "{code: own, normalise: {method: z-score}}")
    (folder / "toy.yaml").write_text(mixed, "utf-8")
    said = json.loads((run(folder) / "run.json").read_text())["warnings"]
    assert sum("different scales" in one for one in said) == 1
    assert not any("meet in the tree" in one for one in said), "the engine would say it again without file and line"

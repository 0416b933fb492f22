"""Intervals of ranks: computed where a framework declares a plan, kept with the run, and the same when rebuilt."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from cityindex.errors import DefinitionError
from cityindex.formats.arrays import pack_array
from cityindex.formats.exports import FORMATS
from cityindex.models import Membership, Place, Run, RunArray, Score
from cityindex.queries.runs.arrays import RunArrays
from cityindex.queries.runs.edition_tables import edition_table
from cityindex.queries.runs.editions import edition
from cityindex.queries.runs.programme_scores import index_scores
from cityindex.queries.runs.scores import map_values, place_results, ranking
from cityindex.services.runs.intervals import BAND_SHARE, FROZEN, HIGH, LIMITED, LOW, PERCENTILE_RANKS
from tests.integration.small import PERIOD, POOLED, fill, publishing, record, scoring

PLAN = {"plan": {"weights": {"noise": 0.5}, "leave_out": "indicators"}, "replications": 60, "seed": 7}
STILL = {"plan": {"weights": {"noise": 0}}, "replications": 3, "seed": 7}
"""Varies nothing: whatever is kept must be the ranks themselves."""


def summary_of(engine: Engine, run: int) -> dict[str, Any]:
    with Session(engine) as session:
        found: dict[str, Any] = json.loads(session.get_one(Run, run).summary)
        return found


def without_figures_of_m4(engine: Engine) -> None:
    fill(engine)
    with Session(engine) as session:
        record(session, {("M4", code): None for code in ("roads", "water", "air")})
        session.commit()


def published(engine: Engine) -> int:
    without_figures_of_m4(engine)
    run = scoring(engine, uncertainty=PLAN).run("small", PERIOD, "test")
    publishing(engine).publish(run, "test")
    return run


def test_intervals_are_kept_with_the_run(engine: Engine) -> None:
    run = published(engine)
    with Session(engine) as session:
        rows = {row.place_id: row for row in session.scalars(select(Score).where(Score.position == 0))}
        arrays = RunArrays(session, run)
        places, percentiles, bands = arrays["place_id"].tolist(), arrays[PERCENTILE_RANKS], arrays[BAND_SHARE]
        below = select(func.count()).where(Score.position > 0, Score.rank_low.is_not(None))
        assert session.scalar(below) == 0, "the plan is about ranks on the index"
    assert percentiles.shape == (8, 5)
    assert bands.shape == (8, 2)
    widths = []
    for at, place in enumerate(places):
        row = rows[place]
        if row.rank is None:
            assert (row.rank_low, row.rank_high) == (None, None)
            continue
        assert (row.rank_low, row.rank_high) == (percentiles[at, LOW], percentiles[at, HIGH])
        assert 1 <= row.rank_low <= percentiles[at, 2] <= row.rank_high <= 7
        assert bands[at].sum() == pytest.approx(1)
        widths.append(row.rank_high - row.rank_low)
    assert len(widths) == 7
    assert max(widths) > 0
    said = summary_of(engine, run)["uncertainty"]
    assert said["replications"] == 60
    assert said["seed"] == 7
    assert said["plan"] == PLAN["plan"]
    assert 0 < said["mean_rank_shift"] < 7


def test_where_nothing_varies_every_place_keeps_its_rank_and_band(engine: Engine) -> None:
    without_figures_of_m4(engine)
    run = scoring(engine, uncertainty=STILL).run("small", PERIOD, "test")
    with Session(engine) as session:
        rows = session.scalars(select(Score).where(Score.position == 0)).all()
        arrays = RunArrays(session, run)
        assert sorted(row.rank for row in rows if row.rank) == [1, 2, 3, 4, 5, 6, 7]
        assert all(row.rank == row.rank_low == row.rank_high for row in rows)
        ranked = arrays["rank"][:, 0] > 0
        assert (arrays[PERCENTILE_RANKS] == arrays["rank"][:, :1]).all()
        assert (arrays[BAND_SHARE][ranked].argmax(axis=1) == arrays["band"][ranked]).all()
    assert summary_of(engine, run)["uncertainty"]["mean_rank_shift"] == 0


def test_a_run_with_intervals_is_rebuilt_to_the_bit(engine: Engine) -> None:
    run = published(engine)
    rebuilt = scoring(engine).rebuild(run)
    assert rebuilt.identical, "by the definition that is stored, whatever the files say now"
    with engine.begin() as connection:
        wrong = pack_array(np.ones((8, 5), np.int32))
        connection.execute(update(RunArray).where(RunArray.name == PERCENTILE_RANKS).values(data=wrong))
    assert scoring(engine).rebuild(run).differences == (PERCENTILE_RANKS,)


def test_without_a_plan_there_are_no_intervals(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    with Session(engine) as session:
        names = set(session.scalars(select(RunArray.name)))
        rows = session.execute(select(Score.rank_low, Score.rank_high)).all()
        assert not {PERCENTILE_RANKS, BAND_SHARE} & names
        assert set(map(tuple, rows)) == {(None, None)}
        assert all(one.rank_low is None for one in map_values(session, run).values())
    assert summary_of(engine, run)["uncertainty"] is None


VARIED = {**PLAN, "plan": {**PLAN["plan"], "normalise": ["min-max", "percentile-rank"]}}
SCALES = {**PLAN, "plan": {"normalise": ["min-max", "percentile-rank"]}}


@pytest.mark.parametrize(("plan", "fixed"), [(PLAN, []), (VARIED, ["normalise"]), (SCALES, None)])
def test_with_frozen_parameters_intervals_vary_what_is_not_frozen(
    engine: Engine, plan: dict[str, Any], fixed: list[str] | None
) -> None:
    fill(engine, period=2022)
    fill(engine)
    pooled = scoring(engine, method=POOLED, uncertainty=plan)
    first = pooled.run("small", 2022, "test")
    assert summary_of(engine, first)["uncertainty"]["fixed"] == []
    publishing(engine).publish(first, "test")
    frozen = pooled.run("small", PERIOD, "test")
    said = summary_of(engine, frozen)
    assert said["frozen"] == first
    if fixed is None:
        assert said["uncertainty"] is None
        assert FROZEN in said["warnings"]
    else:
        assert said["uncertainty"]["fixed"] == fixed
        assert [one for one in said["warnings"] if "frozen" not in one and "vary no" in one] == [
            LIMITED.format(steps="normalise") for _ in fixed
        ]
        with Session(engine) as session:
            index = select(Score).where(Score.run_id == frozen, Score.position == 0, Score.rank.is_not(None))
            rows = session.scalars(index).all()
            assert rows
            assert all(row.rank_low is not None and row.rank_low <= row.rank_high for row in rows)
    assert pooled.rebuild(frozen).identical


def test_a_plan_that_does_not_fit_stores_nothing(engine: Engine) -> None:
    fill(engine)
    plan = {"plan": {"aggregate": {"index": [{"method": "geometric"}]}}, "replications": 5}
    with pytest.raises(DefinitionError) as refused:
        scoring(engine, uncertainty=plan).run("small", PERIOD, "test")
    assert any("geometric" in str(problem) for problem in refused.value.problems)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_every_reader_gets_the_same_interval(engine: Engine) -> None:
    run = published(engine)
    with Session(engine) as session:
        places = dict(session.execute(select(Place.code, Place.id)).all())
        session.add(Membership(programme="net", place_id=places["M0"], source="x", joined=date(2020, 1, 1)))
        session.flush()
        index = {row.code: row.index for row in ranking(session, run).rows}
        on_map, inside = map_values(session, run), map_values(session, run, "works")
        for code, cell in index.items():
            results = place_results(session, run, places[code])
            assert results is not None
            assert results.nodes[0].cell == cell
            assert results.nodes[1].cell.rank_low is None
            for one in results.peers:
                assert one.rank_low is not None
                assert one.rank_high is not None
                assert 1 <= one.rank_low <= one.rank_high <= one.size
            assert bool(results.peers) == bool(cell.rank)
            assert (on_map[code].rank_low, on_map[code].rank_high) == (cell.rank_low, cell.rank_high)
            assert inside[code].rank_low is None
        member = index_scores(session, "net", [run])["M0", run]
        assert (member.rank, member.rank_low) == (index["M0"].rank, index["M0"].rank_low)
        assert member.rank_high == index["M0"].rank_high


def test_files_hold_intervals_after_the_columns_of_the_contract(engine: Engine, tmp_path: Path) -> None:
    run = published(engine)
    with Session(engine) as session:
        table = edition_table(session, edition(session, "small", PERIOD), geometry=True)
        expected = {code: (one.rank_low, one.rank_high) for code, one in map_values(session, run).items()}
    for kind, write in FORMATS.items():
        write(table, tmp_path / f"out.{kind}")
    long = pl.read_parquet(tmp_path / "out.parquet")
    assert long.columns[7:10] == ["coverage", "rank_low", "rank_high"]
    assert long.filter(pl.col("level") > 0)["rank_low"].null_count() == 8 * 5
    index = long.filter(pl.col("level") == 0)
    assert {row["place"]: (row["rank_low"], row["rank_high"]) for row in index.iter_rows(named=True)} == expected
    sdmx = csv.DictReader((tmp_path / "out.sdmx-csv").read_text().splitlines())
    found = {row["REF_AREA"]: (row["RANK_LOW"], row["RANK_HIGH"]) for row in sdmx if row["INDICATOR"] == "index"}
    assert found == {code: tuple("" if end is None else str(end) for end in ends) for code, ends in expected.items()}
    features = json.loads((tmp_path / "out.geojson").read_text())["features"]
    ends = {one["id"]: (one["properties"]["rank_low"], one["properties"]["rank_high"]) for one in features}
    assert ends == expected
    header, *rows = openpyxl.load_workbook(tmp_path / "out.xlsx")["ranking"].iter_rows(values_only=True)
    at = header.index("rank")
    assert header[at : at + 3] == ("rank", "rank_low", "rank_high")
    assert {row[0]: row[at + 1 : at + 3] for row in rows} == expected
    assert "rank_low" in (tmp_path / "out.csv").read_text().splitlines()[0]

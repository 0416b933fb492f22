"""Observations on both databases: recorded whole or not at all, every revision kept, read back as they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, select

from cityindex.database import make_engine, writing
from cityindex.errors import Conflict, Invalid, Problem, Unavailable
from cityindex.models import Observation, Recording
from cityindex.queries.observations.observations import (
    cell_history,
    coverage,
    has_observations,
    indicator_values,
    latest_periods,
    observation_cube,
    place_observations,
)
from cityindex.scoring.matrix import CellStatus
from tests.conftest import MakeDatabase
from tests.integration.recording import Records, many


@pytest.fixture
def records(engine: Engine, tmp_path: Path) -> Records:
    return Records(engine, tmp_path)


def refused(records: Records, text: str, **how: object) -> tuple[Problem, ...]:
    before = records.counts()
    with pytest.raises(Invalid) as caught:
        records.add(text, **how)  # type: ignore[arg-type]
    assert records.counts() == before
    return caught.value.problems


def rows_of(problems: tuple[Problem, ...]) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.value) for problem in problems]


def test_values_are_stored_with_their_source_and_status(records: Records) -> None:
    text = "place,period,indicator,value,status,source\n4500101,2023,roads,12.5,E,s1\n4500102,2023,people,,M,\n"
    report = records.add(text)
    assert (report.as_json()["new"], report.as_json()["missing"]) == (2, 0)
    with records.sessions() as session:
        (value,) = place_observations(session, records.place_id("4500101"))
        (missing,) = place_observations(session, records.place_id("4500102"))
    assert (value.indicator, value.period, value.value, value.status, value.source) == ("roads", 2023, 12.5, "E", "s1")
    assert (missing.value, missing.status, missing.source) == (None, "M", "the file")
    assert records.counts() == (2, 1, 1)


def test_empty_cells_are_no_observations(records: Records) -> None:
    report = records.add("place,period,roads,people\n4500101,2023,12,\n4500102,2023,,5\n").as_json()
    assert (report["read"], report["missing"], report["new"]) == (4, 2, 2)
    assert records.counts()[0] == 2


def test_places_are_found_by_codes_in_force_old_codes_and_other_schemes(records: Records) -> None:
    records.add("place,period,roads\n5500101,2023,12\n50,2023,13\n")
    records.add("nso,period,roads\n502,2023,14\n", columns={"nso": "place:nso"})
    assert [row[:3] for row in records.rows()] == [("4500101", 2023, 12.0), ("4500102", 2023, 14.0), ("50", 2023, 13.0)]


def test_codes_of_no_place_and_of_two_are_refused_in_every_row(records: Records) -> None:
    text = "place,period,roads,people\n5500199,2023,1,1\n4500101,2023,1,1\n9999999,2023,1,1\n9999999,2022,1,1\n"
    problems = refused(records, text)
    assert rows_of(problems) == [(2, "place", "5500199"), (4, "place", "9999999"), (5, "place", "9999999")]
    assert "2 places" in problems[0].reason


def test_unknown_codes_can_be_left_out_and_are_listed(records: Records) -> None:
    report = records.add("place,period,roads\n9999999,2023,20\n4500101,2023,20\n", skip_unknown=True)
    assert (report.as_json()["skipped"], report.as_json()["new"]) == (1, 1)
    assert rows_of(tuple(report.warnings.kept)) == [(2, "place", "9999999")]


def test_the_same_place_under_two_codes_is_a_double(records: Records) -> None:
    problems = refused(records, "place,period,roads\n4500101,2023,20\n5500101,2023,20\n4500102,2023,20\n")
    assert rows_of(problems) == [(3, "place", "5500101")]


def test_impossible_values_are_refused_and_unusual_ones_told(records: Records) -> None:
    text = "place,period,roads,people\n4500101,2023,101,-1\n4500102,2023,5,1.5\n"
    assert rows_of(refused(records, text)) == [(2, "roads", "101"), (2, "people", "-1")]
    report = records.add(text.replace("101,-1", "91,3"))
    assert [(p.row, p.column, p.reason) for p in report.warnings.kept] == [
        (2, "roads", "is unusual"),
        (3, "roads", "is unusual"),
        (3, "people", "is not a whole number"),
    ]


def test_an_indicator_that_is_not_for_a_type_of_place_is_told(records: Records) -> None:
    report = records.add("place,period,clinics\n6500103,2023,1\n4500101,2023,1\n")
    assert rows_of(tuple(report.warnings.kept)) == [(2, "clinics", "1")]


def test_derived_indicators_are_refused(records: Records) -> None:
    assert rows_of(refused(records, "place,period,per_head\n4500101,2023,1\n")) == [(1, "per_head", "")]


def test_a_file_without_a_period_and_an_import_without_a_source(records: Records) -> None:
    assert "--period" in refused(records, "place,roads\n4500101,12\n")[0].cure
    refused(records, "place,period,roads\n4500101,2023,12\n", source=" ")


def test_real_and_demo_never_mix(records: Records) -> None:
    assert "fictional" in refused(records, "place,period,roads\nD000001,2023,12\n")[0].reason
    assert "real" in refused(records, "place,period,roads\n4500101,2023,12\n", demo=True)[0].reason
    records.add("place,period,roads\nD000001,2023,12\n", demo=True)
    with records.sessions() as session:
        assert has_observations(session, demo=True)
        assert not has_observations(session, demo=False)


def test_what_is_there_already_is_not_written_again(records: Records) -> None:
    text = "place,period,roads\n4500101,2023,12\n4500102,2023,13\n"
    records.add(text)
    again = records.add(text, source="another source")
    assert (again.as_json()["unchanged"], again.recording) == (2, None)
    assert records.counts() == (2, 1, 1)


def test_what_differs_is_a_conflict_that_names_both_values(records: Records) -> None:
    records.add("place,period,roads\n4500101,2023,12\n4500102,2023,13\n")
    with pytest.raises(Conflict) as caught:
        records.add("place,period,roads\n4500102,2023,14\n4500101,2023,12\n6500103,2023,15\n")
    (problem,) = caught.value.problems
    assert (problem.row, problem.column, problem.value) == (2, "roads", "14")
    assert "4500102 has 13 in 2023" in problem.reason
    assert records.counts() == (2, 1, 1)


def test_revisions_are_kept_with_what_was_known_when(records: Records) -> None:
    first = records.add("place,period,roads\n4500101,2023,12\n4500102,2023,13\n").recording
    revised = records.add("place,period,roads\n4500101,2023,15\n4500102,2023,13\n", source="new", on_conflict="revise")
    back = records.add("place,period,indicator,value,status\n4500101,2023,roads,,Q\n", on_conflict="revise")
    assert (revised.as_json()["revised"], revised.as_json()["unchanged"], back.as_json()["revised"]) == (1, 1, 1)
    place = records.place_id("4500101")
    with records.sessions() as session:
        history = cell_history(session, place, "roads", 2023)
        assert [(r.revision, r.value, r.status, r.source) for r in history] == [
            (0, 12.0, "A", "the file"), (1, 15.0, "A", "new"), (2, None, "Q", "the file"),
        ]  # fmt: skip
        assert [r.superseded_at is None for r in history] == [False, False, True]
        known = [
            observation_cube(session, [place], ["roads"], [2023], cutoff)[0][0, 0, 0]
            for cutoff in (first, revised.recording, None)
        ]
        assert known[:2] == [12.0, 15.0]
        assert np.isnan(known[2])
        assert observation_cube(session, [place], ["roads"], [2023])[1][0, 0, 0] == CellStatus.SUPPRESSED
        assert len(place_observations(session, place)) == 1


def test_a_dry_run_says_what_would_be_and_changes_nothing(records: Records, tmp_path: Path) -> None:
    records.add("place,period,roads\n4500101,2023,12\n4500102,2023,13\n")
    before = records.rows(), records.counts()
    text = "place,period,roads\n4500101,2023,15\n4500102,2023,13\n6500103,2023,16\n"
    report = records.add(text, on_conflict="revise", dry_run=True)
    result = report.as_json()
    assert (result["new"], result["unchanged"], result["revised"]) == (1, 1, 1)
    assert result["by_indicator"] == [{"indicator": "roads", "period": 2023, "new": 1, "unchanged": 1, "revised": 1}]
    assert "4500101 has 12" in result["revisions"][0]
    report.write_changes(tmp_path / "changes.csv")
    assert (tmp_path / "changes.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "2,4500101,2023,roads,revised,15.0,A",
        "4,6500103,2023,roads,new,16.0,A",
    ]
    with pytest.raises(Conflict):
        records.add(text, dry_run=True)
    assert (records.rows(), records.counts()) == before


def test_a_year_copied_from_the_one_before_is_told(records: Records) -> None:
    suspicious = copied_year(records)
    report = records.add(suspicious)
    assert [p.column for p in report.warnings.kept if "repeats" in p.reason] == ["period"]
    assert any("2002 repeats 2001" in p.reason for p in report.warnings.kept)


def copied_year(records: Records) -> str:
    """Twelve places over four years; the third repeats the second, and in the fourth half of the people are 0."""
    from cityindex.models import Place, PlaceCode

    codes = [f"41000{i:02}" for i in range(12)]
    with records.sessions() as session:
        for code in codes:
            place = Place(code=code, place_type="x", name_th=code, name_sort="", name_search="", source="", demo=False)
            place.codes = [PlaceCode(scheme="dla", code=code)]
            session.add(place)
        session.commit()
    lines = ["place,period,roads,people"]
    for i, code in enumerate(codes):
        for year in range(4):
            likeness = 1 if year == 2 else year
            people = 0 if year == 3 and i % 2 else 100 + 10 * i + likeness
            lines.append(f"{code},{2000 + year},{20 + i + likeness},{people}")
    return "\n".join([*lines, ""])


def test_zeros_for_missing_values_are_told(records: Records) -> None:
    report = records.add(copied_year(records))
    told = [p for p in report.warnings.kept if "zero" in p.reason]
    assert [(p.column, "6 values are zero in 2003" in p.reason) for p in told] == [("people", True)]


def test_the_cube_follows_the_order_that_is_asked_for(records: Records) -> None:
    records.add("place,period,roads,people\n4500101,2023,12,1\n4500102,2022,13,2\n")
    ids = [records.place_id(code) for code in ("4500102", "6500103", "4500101")]
    with records.sessions() as session:
        values, status = observation_cube(session, ids, ["people", "nothing", "roads"], [2023, 2021, 2022])
    assert values.shape == status.shape == (3, 3, 3)
    assert (values[0, 2, 0], values[0, 2, 2], values[2, 0, 0], values[2, 0, 2]) == (1.0, 12.0, 2.0, 13.0)
    assert np.isnan(values).sum() == 27 - 4


def test_readings(records: Records) -> None:
    records.add(
        "place,period,indicator,value,status\n4500101,2023,roads,12,E\n4500102,2023,roads,,M\n50,2022,people,3,\n"
    )
    with records.sessions() as session:
        found = indicator_values(session, "roads", 2023)
        assert dict(zip(found.place_ids.tolist(), found.values.tolist(), strict=True)) == pytest.approx(
            {records.place_id("4500101"): 12.0, records.place_id("4500102"): float("nan")}, nan_ok=True
        )
        assert sorted(bytes(found.status)) == sorted(b"EM")
        assert [(c.indicator, c.period, c.places, c.values) for c in coverage(session)] == [
            ("people", 2022, 1, 1),
            ("roads", 2023, 2, 1),
        ]
        assert coverage(session, ["people"]) == coverage(session)[:1]
        assert latest_periods(session) == {"people": 2022, "roads": 2023}
        assert latest_periods(session, ["roads", "clinics"]) == {"roads": 2023}
        assert not len(indicator_values(session, "clinics", 2023).values)


def test_a_second_writer_is_told_to_come_again(spatialite_databases: MakeDatabase, tmp_path: Path) -> None:
    """SQLite has one writer at a time; on PostgreSQL the second one waits for the first."""
    engine = make_engine(spatialite_databases())
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=20"))
    records = Records(engine, tmp_path)
    with records.sessions() as first:
        writing(first)
        with pytest.raises(Unavailable, match="try again"):
            records.add("place,period,roads\n4500101,2023,12\n")
    assert records.add("place,period,roads\n4500101,2023,12\n").as_json()["new"] == 1
    engine.dispose()


KILLED = """
import sys, time
from pathlib import Path
from cityindex.database import make_engine
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.services.observations import observations, writer
from sqlalchemy.orm import sessionmaker
from tests.conftest import MakeDatabase
from tests.integration.recording import ENTRIES, catalogue

observations.CHUNK = 100
packed = writer.insert_rows

def half(session, chunks, recording_id):
    def some():
        for number, chunk in enumerate(chunks):
            if number == 3:
                print("half", flush=True)
                time.sleep(60)
            yield chunk
    packed(session, some(), recording_id)

observations.insert_rows = half
service = observations.Observations(sessionmaker(make_engine(sys.argv[1])), catalogue())
table = read_observations(Path(sys.argv[2]), ReadOptions(indicators=ENTRIES, era="ce"))
service.record(table, observations.ObservationsImport("file.csv", "tester", "source", on_conflict="revise"))
"""


def test_an_import_that_is_killed_leaves_nothing(records: Records, database_url: str, tmp_path: Path) -> None:
    """Part of it revises what is there, so that both kinds of writing are interrupted."""
    records.add(many(periods=200, places=1))
    before = records.rows(), records.counts()
    path = tmp_path / "many.csv"
    path.write_text(many(periods=200, more=1), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, database_url, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (records.rows(), records.counts()) == before
    report = records.add(path.read_text(encoding="utf-8"), on_conflict="revise").as_json()
    assert (report["new"], report["unchanged"], report["revised"]) == (800, 200, 200)


def test_a_large_import_equals_its_file(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    from cityindex.services.observations import observations

    monkeypatch.setattr(observations, "CHUNK", 7)
    text = many(periods=30)
    records.add(text)
    lines = [line.split(",") for line in text.splitlines()[1:]]
    expected = sorted(((c, int(y), float(v)) for c, y, *both in lines for v in both), key=str)
    assert sorted((row[:3] for row in records.rows()), key=str) == expected
    with records.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Observation)) == len(expected)
        assert session.scalars(select(Recording.rows)).one() == len(expected)

"""Runs: what they take in, that they are kept whole, and that they come out the same to the last bit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine, func, inspect, select, update
from sqlalchemy.orm import Session, sessionmaker

from cityindex.errors import Invalid, NotFound
from cityindex.formats.arrays import unpack_json
from cityindex.models import AuditEvent, PeerRank, Place, PlaceSpell, Run, RunArray, RunNode, Score
from cityindex.queries.runs.arrays import RunArrays, tree_of
from cityindex.queries.runs.scores import place_results
from cityindex.scoring.matrix import CellStatus
from cityindex.services.runs.inputs import band, days
from cityindex.services.runs.scoring import Scoring
from tests.integration.small import (
    PERIOD,
    POOLED,
    add_places,
    catalogue,
    fill,
    place,
    publishing,
    record,
    scoring,
)


def made(engine: Engine, run: int) -> Run:
    with Session(engine, expire_on_commit=False) as session:
        return session.get_one(Run, run)


def results(engine: Engine, run: int, code: str) -> dict[str, tuple[float | None, float | None]]:
    """Value and score by node of one place."""
    with Session(engine) as session:
        found = place_results(session, run, session.scalars(select(Place.id).where(Place.code == code)).one())
        assert found is not None
        return {one.node.code: (one.value, one.cell.score) for one in found.nodes}


def test_a_run_is_stored_whole(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "somebody")
    with Session(engine) as session:
        nodes = session.scalars(select(RunNode).order_by(RunNode.position)).all()
        assert [(node.code, node.parent, node.level, node.is_indicator) for node in nodes] == [
            ("index", None, 0, False),
            ("works", 0, 1, False),
            ("roads", 1, 2, True),
            ("water_per_head", 1, 2, True),
            ("nature", 0, 1, False),
            ("air", 4, 2, True),
        ]
        assert nodes[1].weight == pytest.approx(2 / 3)
        assert nodes[2].effective_weight == pytest.approx(1 / 3)
        assert session.scalar(select(func.count()).select_from(Score)) == 8 * 3
        arrays = RunArrays(session, run)
        for row in session.scalars(select(Score)):
            at = arrays.row(row.place_id), row.position
            assert row.score == arrays["score"][at]
            assert row.rank == arrays["rank"][at]
            assert row.coverage == arrays["coverage"][at]
        peers = set(session.scalars(select(PeerRank.peers)))
        assert peers == {"place_type", "population_band", "region"}
        assert session.scalars(select(AuditEvent.subject)).one() == f"small {PERIOD}"
    record_ = made(engine, run)
    assert (record_.created_by, record_.demo, record_.cutoff) == ("somebody", False, 1)
    assert "numpy" in record_.library
    summary = json.loads(record_.summary)
    assert (summary["places"], summary["scored"], summary["ranked"]) == (8, 8, 8)
    assert summary["inherited"] == 4
    assert summary["population_band"] == {"observation": 8, "attribute": 0}


def test_scores_agree_with_a_calculation_by_hand(engine: Engine) -> None:
    with Session(engine) as session:
        add_places(session, 2)
        figures = {("M0", "roads"): 3.0, ("M1", "roads"): 7.0, ("M0", "air"): 20.0, ("M1", "air"): 10.0}
        figures |= {
            ("M0", "water"): 8.0,
            ("M1", "water"): 9.0,
            ("M0", "population"): 4000.0,
            ("M1", "population"): 1000.0,
        }
        record(session, figures)
        session.commit()
    run = scoring(engine).run("small", PERIOD, "test")
    assert results(engine, run, "M0") == {
        "index": (None, pytest.approx(0.0)),
        "works": (None, 0.0),
        "roads": (3.0, 0.0),
        "water_per_head": (2.0, 0.0),
        "nature": (None, 0.0),
        "air": (20.0, 0.0),
    }
    assert results(engine, run, "M1")["water_per_head"] == (9.0, 100.0)
    assert results(engine, run, "M1")["index"] == (None, pytest.approx(100.0))


def test_a_province_stands_in_where_the_indicator_says_so(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    assert results(engine, run, "M1")["air"][0] == 0.4
    with Session(engine) as session:
        arrays = RunArrays(session, run)
        air = arrays["status"][:, 2]
        assert (air == CellStatus.INHERITED).sum() == 4
        assert results(engine, run, "M0")["air"][0] != 0.4


def test_a_name_means_the_observation_first_and_then_the_attribute(engine: Engine) -> None:
    with Session(engine) as session:
        add_places(session, 4)
        session.execute(update(Place).where(Place.code.startswith("M")).values(population=20_000))
        figures = {(f"M{i}", code): 10.0 + i for i in range(4) for code in ("roads", "water", "air")}
        record(session, {**figures, ("M0", "population"): 5_000.0})
        session.commit()
    run = scoring(engine).run("small", PERIOD, "test")
    assert results(engine, run, "M0")["water_per_head"][0] == 1000 * 10 / 5_000
    assert results(engine, run, "M1")["water_per_head"][0] == 1000 * 11 / 20_000
    with Session(engine) as session:
        query = select(Place.code, PeerRank.group_code).join(PeerRank, PeerRank.place_id == Place.id)
        bands = dict(session.execute(query.where(PeerRank.peers == "population_band")).all())
    assert bands == {"M0": "pop-5000", "M1": "pop-20000", "M2": "pop-20000", "M3": "pop-20000"}
    summary = json.loads(made(engine, run).summary)
    assert summary["population_band"] == {"observation": 1, "attribute": 3}
    assert summary["lookups"]["population"] == {"observation": 1, "attribute": 3}


def test_a_run_is_rebuilt_to_the_bit_whatever_came_later(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    with Session(engine) as session:
        record(session, {("M0", "roads"): 99.0, ("M2", "air"): None, ("50", "air"): 5.0})
        session.execute(update(Place).values(population=1, area_km2=7, place_type="sao", code=Place.code + "x"))
        session.commit()
    later = Scoring(sessionmaker(engine), replace(catalogue(), frameworks={}))
    rebuilt = later.rebuild(run)
    assert rebuilt.identical, rebuilt
    assert str(rebuilt) == f"run {run}: identical to the last bit"


def test_a_run_that_was_tampered_with_is_found_out(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE observation SET value = value + 0.1 WHERE place_id = 3")
        coverage = connection.scalar(select(RunArray.data).where(RunArray.name == "coverage"))
        connection.execute(update(RunArray).where(RunArray.name == "imputed").values(data=coverage))
    differences = scoring(engine).rebuild(run).differences
    assert {"the observations", "score", "values", "imputed"} <= set(differences)
    assert "coverage" not in differences


def test_the_same_data_give_the_same_run(engine: Engine) -> None:
    fill(engine)
    one, other = (scoring(engine).run("small", PERIOD, "test") for _ in range(2))
    assert one != other
    with Session(engine) as session:
        query = select(RunArray.name, RunArray.data)
        arrays = {run: dict(session.execute(query.where(RunArray.run_id == run)).all()) for run in (one, other)}
        assert arrays[one] == arrays[other]
        assert len(set(session.scalars(select(Run.data_fingerprint)))) == 1


def test_a_later_revision_counts_in_a_later_run(engine: Engine) -> None:
    fill(engine)
    before = scoring(engine).run("small", PERIOD, "test")
    with Session(engine) as session:
        record(session, {("M0", "roads"): 99.0})
        session.commit()
    after = scoring(engine).run("small", PERIOD, "test")
    assert results(engine, after, "M0")["roads"] == (99.0, 100.0)
    assert results(engine, before, "M0")["roads"][0] != 99.0
    assert made(engine, after).cutoff == made(engine, before).cutoff + 1


def test_an_unknown_framework_comes_with_a_suggestion(engine: Engine) -> None:
    with pytest.raises(NotFound, match="did you mean small"):
        scoring(engine).run("smal", PERIOD, "test")


def test_nothing_to_score_is_refused_and_stores_nothing(engine: Engine) -> None:
    with pytest.raises(Invalid, match="no observations at all"):
        scoring(engine).run("small", PERIOD, "test")
    fill(engine)
    with pytest.raises(Invalid, match="no observations of any indicator of small for 1999"):
        scoring(engine).run("small", 1999, "test")
    with pytest.raises(Invalid, match="no place of the types"):
        scoring(engine, places=["pao"]).run("small", PERIOD, "test")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_demo_figures_make_a_demo_run(engine: Engine) -> None:
    fill(engine, demo=True)
    run = scoring(engine).run("small", PERIOD, "test")
    assert made(engine, run).demo


def test_demo_and_real_places_never_stand_in_one_run(engine: Engine) -> None:
    fill(engine, demo=True)
    with Session(engine) as session:
        session.add_all(place(code, "town-municipality") for code in ("R1", "R2"))
        session.flush()
        record(session, {("R1", "roads"): 1.0, ("R2", "roads"): 2.0})
        session.commit()
    run = scoring(engine).run("small", PERIOD, "test")
    assert not made(engine, run).demo
    with Session(engine) as session:
        inputs = unpack_json(session.scalars(select(RunArray.data).where(RunArray.name == "inputs")).one())
    assert inputs["places"] == ["R1", "R2"]


def test_places_count_in_the_periods_they_were_there_and_as_what_they_were(engine: Engine) -> None:
    fill(engine, 4)
    first, last = days("calendar-year", PERIOD)
    with Session(engine) as session:
        ids = dict(session.execute(select(Place.code, Place.id)).all())
        session.execute(update(Place).where(Place.code == "M1").values(valid_to=first.replace(year=PERIOD - 1)))
        session.execute(update(Place).where(Place.code == "M2").values(valid_from=last.replace(year=PERIOD + 1)))
        session.execute(update(Place).where(Place.code == "M3").values(place_type="city-municipality"))
        session.add(PlaceSpell(place_id=ids["M3"], place_type="town-municipality", name_th="x", code="old",
                               valid_to=last.replace(year=PERIOD + 1)))  # fmt: skip
        session.commit()
    scoring(engine).run("small", PERIOD, "test")
    with Session(engine) as session:
        inputs = unpack_json(session.scalars(select(RunArray.data).where(RunArray.name == "inputs")).one())
    assert inputs["places"] == ["M0", "M3"]
    assert inputs["attributes"]["place_type"] == ["town-municipality", "town-municipality"]
    assert days("fiscal-year", 2023)[0].isoformat() == "2022-10-01"


@pytest.mark.parametrize(("fill_rule", "expected"), [
    ({"method": "none"}, {2023}),
    ({"method": "latest", "max_age": 2}, {2021, 2022, 2023}),
    ({"method": "latest"}, {2019, 2023}),
])  # fmt: skip
def test_a_run_looks_back_as_far_as_its_fill(engine: Engine, fill_rule: dict[str, object], expected: set[int]) -> None:
    fill(engine, period=2019)
    fill(engine)
    method = {"screen": {"coverage": 0}, "coverage": 0.3, "fill": fill_rule}
    scoring(engine, method=method).run("small", PERIOD, "test")
    with Session(engine) as session:
        inputs = unpack_json(session.scalars(select(RunArray.data).where(RunArray.name == "inputs")).one())
    assert set(inputs["periods"]) == expected


def test_pooled_parameters_are_frozen_by_the_first_publication(engine: Engine) -> None:
    fill(engine, period=2022)
    fill(engine)
    pooled = scoring(engine, method=POOLED)
    first = pooled.run("small", 2022, "test")
    with Session(engine) as session:
        record(session, {("M0", "roads"): 1000.0})
        session.commit()
    fresh = pooled.run("small", PERIOD, "test")
    assert results(engine, fresh, "M0")["roads"][1] == 100.0
    publishing(engine).publish(first, "test")
    frozen = pooled.run("small", PERIOD, "test")
    assert results(engine, frozen, "M0")["roads"][1] > 1000.0
    assert json.loads(made(engine, frozen).summary)["frozen"] == first
    assert json.loads(made(engine, frozen).parameters)["fits"] == json.loads(made(engine, first).parameters)["fits"]
    assert pooled.rebuild(frozen).identical
    assert json.loads(made(engine, fresh).summary)["frozen"] is None
    other = scoring(engine, method=POOLED, version="2").run("small", PERIOD, "test")
    assert results(engine, other, "M0")["roads"][1] == 100.0


def test_a_band_holds_its_lower_end() -> None:
    bands = catalogue().codelist("population-bands")
    assert [band(bands, number) for number in (0, 4999.9, 5000, 10**7, None)] == [
        "pop-0", "pop-0", "pop-5000", "pop-100000", None
    ]  # fmt: skip


def test_nothing_in_the_service_changes_a_run() -> None:
    public = {name for name in vars(Scoring) if not name.startswith("_")}
    assert public == {"run", "forecast", "rebuild", "rebuild_published"}


def test_the_tree_is_read_with_its_columns(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    with Session(engine) as session:
        assert [node.column for node in tree_of(session, run)] == [None, None, 0, 1, None, 2]
        assert RunArrays(session, run)["values"].shape == (8, 3)
        assert not RunArrays(session, run)["score"].flags.writeable
        assert np.isfinite(RunArrays(session, run)["score"]).all()
    assert "score" in inspect(engine).get_table_names()

"""Read models of scores: rankings with filters and orders, distributions, places, histories, maps; few statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import numpy as np
import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from cityindex.errors import Invalid, NotFound
from cityindex.models import Membership, Place
from cityindex.queries.runs.scores import Wanted, distribution, history, map_values, place_results, ranking
from cityindex.services.upkeep import Upkeep
from tests.integration.small import PERIOD, fill, publishing, record, scoring


@contextmanager
def counted(engine: Engine, most: int) -> Iterator[None]:
    statements: list[str] = []

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement != "BEGIN":
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield
    event.remove(engine, "before_cursor_execute", count)
    assert len(statements) <= most, statements


@pytest.fixture
def run(engine: Engine) -> int:
    """Eight places; M4 has nothing, so that it is not ranked."""
    fill(engine)
    with Session(engine) as session:
        missing = {("M4", code): None for code in ("roads", "water", "air")}
        record(session, missing)
        session.commit()
    return scoring(engine).run("small", PERIOD, "test")


def codes(engine: Engine, run: int, **wanted: object) -> list[str]:
    with Session(engine) as session:
        return [row.code for row in ranking(session, run, Wanted(**wanted)).rows]


def test_a_ranking_in_its_order(engine: Engine, run: int) -> None:
    with Session(engine) as session, counted(engine, 7):
        found = ranking(session, run)
    with Session(engine) as session, counted(engine, 4):  # arrays, tree and names are in memory
        assert ranking(session, run) == found
    assert found.total == 8
    assert found.nodes == ("works", "nature")
    ranks = [row.index.rank for row in found.rows]
    assert ranks[:-1] == sorted(ranks[:-1])
    last = found.rows[-1]
    assert (last.code, last.index.rank, last.index.flag) == ("M4", None, "missing")
    first = found.rows[0]
    assert first.index.rank == 1
    assert first.name_en == f"Town {first.code}"
    assert first.province_code in ("10", "50")
    assert {peer.peers for peer in first.peers} == {"place_type", "population_band", "region"}
    assert first.nodes["works"].score is not None
    assert first.band in ("upper", "lower")


def test_rankings_are_filtered(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        ids = dict(session.execute(select(Place.code, Place.id)).all())
        for code, left in (("M1", None), ("M2", date(2020, 1, 1))):
            session.add(Membership(programme="p", place_id=ids[code], joined=date(2010, 1, 1), left=left, source="x"))
        session.commit()
    assert set(codes(engine, run, place_type="town-municipality")) == {"M0", "M3", "M6"}
    assert set(codes(engine, run, province="50")) == {"M1", "M3", "M5", "M7"}
    assert codes(engine, run, programme="p") == ["M1"]
    assert codes(engine, run, search="m4") == ["M4"]
    assert codes(engine, run, search="100%") == []
    assert codes(engine, run, province="50", place_type="town-municipality") == ["M3"]


def test_rankings_are_sorted_and_paged(engine: Engine, run: int) -> None:
    assert codes(engine, run, sort="name") == [f"M{i}" for i in range(8)]
    assert codes(engine, run, sort="name", descending=True)[0] == "M7"
    by_rank = codes(engine, run)
    assert codes(engine, run, sort="score", descending=True) == by_rank
    assert codes(engine, run, sort="score")[-1] == "M4"
    assert codes(engine, run, limit=3, offset=2) == by_rank[2:5]
    with Session(engine) as session:
        assert ranking(session, run, Wanted(limit=3, offset=2)).total == 8
        found = ranking(session, run, Wanted(sort="nature", descending=True)).rows
        nature = [row.nodes["nature"].score for row in found if row.nodes["nature"].score is not None]
        assert nature == sorted(nature, reverse=True)
        with pytest.raises(Invalid, match="one of rank, name, score, coverage, index, works, nature"):
            ranking(session, run, Wanted(sort="roads"))
        with pytest.raises(NotFound):
            ranking(session, 99)


def test_a_distribution_counts_every_place_once(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        found = distribution(session, run, bins=5)
        assert (found.edges[0], found.edges[-1], len(found.counts)) == (0.0, 100.0, 5)
        assert sum(found.counts) == 7
        assert found.missing == 1
        assert sum(distribution(session, run, "roads").counts) == 7
        with pytest.raises(NotFound, match="no node other"):
            distribution(session, run, "other")


def test_one_place(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        ids = dict(session.execute(select(Place.code, Place.id)).all())
        with counted(engine, 12):
            found = place_results(session, run, ids["M1"])
        assert found is not None
        by_code = {one.node.code: one for one in found.nodes}
        assert list(by_code) == ["index", "works", "roads", "water_per_head", "nature", "air"]
        assert by_code["air"].value == 0.4
        assert by_code["air"].cell.flag == "inherited"
        assert by_code["index"].value is None
        assert by_code["index"].cell.rank is not None
        assert len(found.peers) == 3
        page = next(row for row in ranking(session, run).rows if row.code == "M1")
        assert by_code["index"].cell == page.index
        assert place_results(session, run, ids["10"]) is None


def test_arrays_are_read_once(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        map_values(session, run)
        with counted(engine, 3):
            map_values(session, run)


def test_history_is_of_what_is_published(engine: Engine, run: int) -> None:
    fill(engine, period=2022)
    other = scoring(engine).run("small", 2022, "test")
    with Session(engine) as session:
        place = session.scalars(select(Place.id).where(Place.code == "M0")).one()
        assert history(session, "small", place) == ()
    publishing(engine).publish(run, "test")
    publishing(engine).publish(other, "test")
    with Session(engine) as session, counted(engine, 2):
        found = history(session, "small", place)
        assert [(one.period, one.run) for one in found] == [(2022, other), (2023, run)]
        works = history(session, "small", place, "works")
    with Session(engine) as session:
        here = place_results(session, run, place)
        assert here is not None
        assert [works[1].cell, found[1].cell] == [here.nodes[1].cell, here.nodes[0].cell]
    publishing(engine).rollback("small", 2022, "test")
    with Session(engine) as session:
        assert [one.period for one in history(session, "small", place)] == [2023]


def test_the_map_has_every_place(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        index = map_values(session, run)
        roads = map_values(session, run, "roads")
    assert set(index) == {f"M{i}" for i in range(8)}
    assert index["M4"].score is None
    assert index["M4"].flag == "missing"
    assert index["M0"].value is None
    assert roads["M4"].value is None
    assert roads["M0"].value == pytest.approx(np.random.default_rng(PERIOD).random((8, 4))[0, 0])


def test_a_restored_database_does_not_show_the_arrays_of_another(engine: Engine, run: int, tmp_path: object) -> None:
    with Session(engine) as session:
        before = map_values(session, run)["M0"]
    with engine.begin() as connection:
        for table in ("run_array", "run_node", "peer_rank", "score", "run"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    with Session(engine) as session:
        record(session, {("M0", "roads"): 55.0})
        session.commit()
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT setval('run_id_seq', 1, false)")
    assert scoring(engine).run("small", PERIOD, "test") == run
    with Session(engine) as session:
        assert map_values(session, run)["M0"] != before
    assert Upkeep(engine).check(frozenset("AO")) == []

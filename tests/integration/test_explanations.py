"""Why a place has its score and what would raise it, from what a run stored, on both databases."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import Place
from cityindex.queries.runs.explanations import Explanation, explanation
from cityindex.queries.runs.frozen_runs import frozen_run
from cityindex.queries.runs.scores import place_results
from cityindex.queries.runs.ways_up import Linked, WaysUp, linked, ways_up
from cityindex.scoring.derive import figures
from cityindex.scoring.whatif import rescore
from tests.integration.small import DEFINITION, PERIOD, fill, framework, record, scoring

PLACES = 12


@pytest.fixture
def run(engine: Engine) -> int:
    """Twelve places; M4 has nothing, so that it is not ranked."""
    fill(engine, PLACES)
    with Session(engine) as session:
        record(session, {("M4", code): None for code in ("roads", "water", "air")})
        session.commit()
    return scoring(engine).run("small", PERIOD, "test")


def ids(session: Session) -> dict[str, int]:
    query = select(Place.code, Place.id).where(Place.code.startswith("M")).order_by(Place.id)
    return {code: key for code, key in session.execute(query)}


def explained(session: Session, run: int, code: str) -> Explanation:
    found = explanation(session, run, ids(session)[code])
    assert found is not None
    return found


def climbing(session: Session, run: int, code: str) -> WaysUp:
    found = ways_up(session, run, ids(session)[code])
    assert found is not None
    return found


def test_contributions_sum_to_the_published_score(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        for code, place in ids(session).items():
            if code == "M4":
                continue
            published = place_results(session, run, place)
            assert published is not None
            found = explained(session, run, code)
            score = published.nodes[0].cell.score
            assert found.score == score
            assert found.rank == published.nodes[0].cell.rank
            index = found.pieces[0]
            for piece in found.pieces:
                if not piece.node.is_indicator:
                    below = sum(one.contribution for one in found.children(piece))
                    assert below == pytest.approx(piece.contribution, abs=1e-9)
            assert sum(one.contribution for one in found.indicators(index)) == pytest.approx(score, abs=1e-9)
            assert sum(one.weight for one in found.indicators(index)) == pytest.approx(1.0)


def test_values_and_peers_are_those_of_the_run(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        found = explained(session, run, "M1")
        results = frozen_run(session, run).results
    assert found.peers.shared == (("place_type", "subdistrict-municipality"),)  # too few of its band
    assert "M1" not in found.peers.codes
    assert "M4" not in found.peers.codes
    assert set(found.peers.codes) == {f"M{k}" for k in range(PLACES) if k % 3 and k not in (1, 4)}
    roads = next(piece for piece in found.pieces if piece.node.code == "roads")
    others = [results.places.index(code) for code in found.peers.codes]
    column = results.nodes.index("roads")
    assert roads.value == results.values[0, results.places.index("M1"), results.indicators.index("roads")]
    assert roads.value_median == pytest.approx(np.median(results.values[0, others, results.indicators.index("roads")]))
    assert roads.median == pytest.approx(np.median(results.score[0, others, column]))
    assert roads.score is not None
    assert roads.difference == pytest.approx(roads.score - roads.median)
    assert roads.n == len(others)


def test_a_place_without_a_score_has_none_explained(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        place = ids(session)["M4"]
        assert explanation(session, run, place) is None
        assert ways_up(session, run, place) is None
        with pytest.raises(NotFound):
            explanation(session, run, 10**6)
        with pytest.raises(NotFound):
            explanation(session, run + 99, place)


def test_ways_up_hold_and_a_hair_less_does_not(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        kept = frozen_run(session, run)
        low = next(code for code in ids(session) if explained_rank(session, run, code) == PLACES - 1)
        found = climbing(session, run, low)
        row = kept.row(ids(session)[low])
    assert (found.rank, found.goal) == (PLACES - 1, PLACES - 6)
    feasible = [way for way in found.ways if way.target.feasible]
    assert feasible
    for way in feasible:
        code, value, change = way.target.indicator, way.target.value, way.target.change
        assert change * way.better > 0
        assert rescore(kept.frozen, kept.standing, row, {code: value}).rank <= found.goal
        assert rescore(kept.frozen, kept.standing, row, {code: value - 1e-6 * change}).rank > found.goal
    points = [abs(way.target.points) for way in feasible]
    assert points == sorted(points)
    assert all(way.target.why for way in found.ways[len(feasible) :])


def test_the_mix_keeps_its_limits(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        kept = frozen_run(session, run)
        low = next(code for code in ids(session) if explained_rank(session, run, code) == PLACES - 1)
        found = climbing(session, run, low)
        row = kept.row(ids(session)[low])
    assert found.mix is not None
    changes = {one.indicator: one.before + one.change for one in found.mix.changes}
    assert rescore(kept.frozen, kept.standing, row, changes).rank == found.mix.rank
    assert found.mix.feasible == (found.mix.rank <= found.goal)


def test_the_first_has_nowhere_to_climb_and_those_after_it_less(engine: Engine, run: int) -> None:
    with Session(engine) as session:
        by_rank = {explained_rank(session, run, code): code for code in ids(session)}
        assert ways_up(session, run, ids(session)[by_rank[1]]) is None
        assert climbing(session, run, by_rank[3]).goal == 1


def test_what_is_computed_from_the_same_figures_is_linked(engine: Engine) -> None:
    rates = {"road_rate": "100 * roads / population", "road_share": "100 * roads / water", "double": "2 * road_share"}
    derived = [{"code": code, "formula": formula, "type": "derived"} for code, formula in rates.items()]
    tree = {"code": "index", "children": [{"indicator": code} for code in ("road_rate", "double", "air")]}
    changes = {"indicators": [*DEFINITION["indicators"], *derived], "tree": tree}
    fill(engine, PLACES)
    run = scoring(engine, **changes).run("small", PERIOD, "test")
    with Session(engine) as session:
        found = [up for place in ids(session).values() if (up := ways_up(session, run, place))]
    assert {one for up in found for one in up.linked} == {
        Linked(("road_rate", "double"), ("roads",)),
        Linked(("double", "road_rate"), ("roads",)),  # in the order in which they are looked at
    }


def test_indicators_are_linked_by_figures_through_others_and_not_by_attributes() -> None:
    derived = [{"code": "share", "formula": "100 * roads / water", "type": "derived"},
               {"code": "double", "formula": "2 * share", "type": "derived"},
               {"code": "road_rate", "formula": "roads / population", "type": "derived"}]  # fmt: skip
    kept = framework(indicators=[*DEFINITION["indicators"], *derived]).framework

    def found(*codes: str) -> tuple[Linked, ...]:
        return linked({code: figures(kept, code) for code in codes})

    assert figures(kept, "double") == {"roads", "water"}
    assert figures(kept, "air") == {"air"}
    assert found("road_rate", "air", "double") == (Linked(("road_rate", "double"), ("roads",)),)
    assert found("roads", "share", "air") == (Linked(("roads", "share"), ("roads",)),)
    assert found("water", "road_rate", "share") == (Linked(("water", "road_rate", "share"), ("roads", "water")),)
    assert found("road_rate", "water_per_head") == ()  # nobody raises a rate by having fewer residents


def explained_rank(session: Session, run: int, code: str) -> int:
    found = explanation(session, run, ids(session)[code])
    return found.rank if found else 0


def test_there_is_no_half_of_a_yes(engine: Engine) -> None:
    fill(engine, PLACES)
    with Session(engine) as session:
        record(session, {(f"M{k}", "roads"): float(k % 2) for k in range(PLACES)})
        session.commit()
    others = [one for one in DEFINITION["indicators"] if one != {"code": "roads"}]
    posts = {"method": "goalposts", "low": 0, "high": 1}
    indicators = [{"code": "roads", "type": "yes-no", "normalise": posts}, *others]
    run = scoring(engine, indicators=indicators).run("small", PERIOD, "test")
    with Session(engine) as session:
        kept = frozen_run(session, run)
        found = {code: ways_up(session, run, place) for code, place in ids(session).items()}
        rows = {code: kept.row(place) for code, place in ids(session).items()}
    seen = 0
    for code, up in found.items():
        for way in up.ways if up else ():
            if way.whole and way.target.feasible:
                seen += 1
                assert (way.target.before, way.target.value) == (0.0, 1.0)
                expected = rescore(kept.frozen, kept.standing, rows[code], {"roads": 1.0})
                assert (way.target.score, way.target.rank) == (expected.score[0], expected.rank)
            assert not (up and up.mix) or "roads" not in {one.indicator for one in up.mix.changes}
    assert seen

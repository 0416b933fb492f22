"""What was claimed is kept with the run that publishes a round; what the cohort reached is read from the run alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from cityindex.assessment.appeals import Appeals
from cityindex.assessment.workflow import Verdict
from cityindex.calendars import day_of
from cityindex.models import Recording, Run, RunArray, now
from cityindex.queries.assessments.progress import (
    Funnel,
    cohort,
    funnel,
    gaps,
    movement,
    spreads_by_group,
    spreads_by_pillar,
)
from cityindex.queries.assessments.results import ASSESSED, CLAIMED, place_result, run_results
from cityindex.queries.runs.arrays import RunArrays
from cityindex.scoring.ladder import standing
from cityindex.services.assessments.reviews import Ruling
from tests.databases import MakeDatabase
from tests.integration.assessing import (
    PERIOD,
    PROGRAMME,
    World,
    answer,
    answer_all,
    approve,
    framework,
    opened,
    prepared,
    submit,
)

LEVELS = framework().framework.levels
CODES = {"M1": "3", "M2": "2"}
SCORE_OF_SERVICE = (100 + 60) / 2
"""A website, and 12 of 20 services."""


@pytest.fixture
def world(databases: MakeDatabase) -> Iterator[World]:
    made = prepared(databases)
    yield made
    made.application.engine.dispose()


def published(world: World, period: int = PERIOD, **levels: str) -> tuple[int, int]:
    """A round in which each place says a level and has it verified one lower; its number and its run."""
    number = opened(world, period)
    for place, level in (levels or CODES).items():
        one = world.assessment_of(place, number)
        answer_all(world, one, digital_plan=level)
        submit(world, one)
        approve(world, one, digital_plan=(str(int(level) - 1), "แผนยังไม่ลงนาม"))
    return number, world.application.results.publish(number, world.people["officer"]).run


def index_of(plan: float) -> float:
    """The index by hand: governance is the mean of the plan and a data officer."""
    return ((20 * plan + 100) / 2 + SCORE_OF_SERVICE) / 2


def test_claims_are_scored_as_what_holds_is(world: World) -> None:
    _, run = published(world)
    with world.application.sessions() as session:
        found = place_result(session, run, world.places["M1"])
    assert found is not None
    index, governance, service = found.nodes
    assert index.score == pytest.approx(index_of(2))
    assert index.claimed == pytest.approx(index_of(3))
    assert governance.gap == pytest.approx(10)
    assert service.gap == pytest.approx(0)
    assert found.assessed
    assert found.values == {"digital_plan": 2, "data_officer": 1, "website": 1, "online_services": 12}


def test_peers_are_those_of_the_same_type_with_their_number(world: World) -> None:
    _, run = published(world)
    with world.application.sessions() as session:
        results = run_results(session, run)
        found = place_result(session, run, world.places["M1"])
    assert found is not None
    kind = results.groups["place_type"]
    same = [score for score, one in zip(results.score[:, 0], kind, strict=True) if one == found.place_type]
    known = [score for score in same if not np.isnan(score)]
    assert found.nodes[0].peers == len(known)
    assert found.nodes[0].median == pytest.approx(np.median(known))


def test_a_place_that_was_not_approved_has_no_claim(world: World) -> None:
    number = opened(world)
    for place in ("M1", "M2"):
        answer_all(world, world.assessment_of(place))
        submit(world, world.assessment_of(place))
    approve(world, world.assessment_of("M1"))
    run = world.application.results.publish(number, None).run
    with world.application.sessions() as session:
        results = run_results(session, run)
        assert results.round is not None
        assert results.round.places == {world.places["M1"]}
        assert (results.round.cohort, results.round.submitted) == (4, 2)
        [row] = results.rows([world.places["M2"]])
        assert np.isnan(results.claimed[row]).all()
        assert np.isnan(results.score[row, 0])


def test_an_edition_does_not_change_when_an_answer_does_afterwards(world: World) -> None:
    _, run = published(world)
    with world.application.sessions() as session:
        query = select(RunArray.name, RunArray.data).where(RunArray.run_id == run)
        before = {name: data for name, data in session.execute(query)}
    assert {CLAIMED, ASSESSED} <= before.keys()
    number = world.assessment_of("M1")
    world.application.reviews.reopen(number, "ตรวจใหม่", day_of(now()) + timedelta(days=9), world.people["reviewer"])
    answer(world, number, "digital_plan", "5")
    with world.application.sessions() as session:
        assert {name: data for name, data in session.execute(query)} == before


def test_an_open_appeal_leaves_the_claim_public(world: World) -> None:
    number, _ = published(world)
    one = world.assessment_of("M1")
    world.application.assessments.appeal(one, {"digital_plan": "ลงนามแล้ว"}, world.people["approver"])
    answer_all(world, world.assessment_of("M3"))
    submit(world, world.assessment_of("M3"))
    approve(world, world.assessment_of("M3"))
    run = world.application.results.publish(number, None).run
    with world.application.sessions() as session:
        found = place_result(session, run, world.places["M1"])
        results = run_results(session, run)
    assert found is not None
    assert found.nodes[0].claimed == pytest.approx(index_of(3))
    assert results.round is not None
    assert results.round.appeals == Appeals(made=1)


def test_a_run_with_claims_is_rebuilt_to_the_last_bit(world: World) -> None:
    _, run = published(world)
    assert world.application.scoring.rebuild(run).identical


def test_the_cohort_is_counted_by_rung(world: World) -> None:
    _, run = published(world)
    with world.application.sessions() as session:
        results, places = run_results(session, run), cohort(session, PROGRAMME)
    assert [one.code for one in places] == ["M0", "M1", "M2", "M3"]
    rows = results.rows([one.id for one in places])
    index, *_ = spreads_by_pillar(results, rows, LEVELS)
    held = [standing(LEVELS, index_of(level)) for level in (2, 1)]
    assert index.counts == tuple(sum(one is not None and one.number == at for one in held) for at in range(3))
    assert index.places == 2
    assert sum(one.places for one in spreads_by_group(results, rows, LEVELS, "place_type")) == 2
    assert spreads_by_group(results, rows, LEVELS, "nothing") == ()
    assert [(one.code, one.places) for one in gaps(results, rows)] == [
        ("maturity", 2), ("governance", 2), ("service", 2),
    ]  # fmt: skip
    assert gaps(results, rows)[0].claimed == pytest.approx((index_of(3) + index_of(2)) / 2)


def test_movement_is_over_those_with_both_results(world: World) -> None:
    _, first = published(world, PERIOD - 1, M1="2", M2="5")
    _, second = published(world, PERIOD, M1="5", M2="2", M3="4")
    with world.application.sessions() as session:
        places = cohort(session, PROGRAMME)
        found = movement(run_results(session, first), run_results(session, second), places, LEVELS)
    assert found.places == 2
    assert [one.place.code for one in found.improved] == ["M1"]
    assert found.improved[0].after - found.improved[0].before == pytest.approx(index_of(4) - index_of(1))
    assert found.up + found.same + found.down == 2


def test_the_funnel_counts_and_names_nobody(world: World) -> None:
    number = opened(world)
    for place in ("M1", "M2", "M3"):
        answer_all(world, world.assessment_of(place))
        submit(world, world.assessment_of(place))
    approve(world, world.assessment_of("M2"))
    reviews, by = world.application.reviews, world.people["reviewer"]
    back = world.assessment_of("M3")
    reviews.decide(back, [Ruling("digital_plan", Verdict.RETURN, reason="ขาดหน้า")], by)
    reviews.return_(back, "ขอเพิ่ม", day_of(now()) + timedelta(days=3), by)
    world.application.rounds.extend(
        world.assessment_of("M0"), day_of(now()) + timedelta(days=40), "น้ำท่วม", world.people["officer"]
    )
    with world.application.sessions() as session:
        assert funnel(session, number) == Funnel(invited=4, handed_in=2, approved=1)


def test_a_forecast_is_what_publishing_gives_and_leaves_nothing_behind(world: World) -> None:
    number = opened(world, PERIOD)
    for place, level in CODES.items():
        one = world.assessment_of(place, number)
        answer_all(world, one, digital_plan=level)
        submit(world, one)
        approve(world, one, digital_plan=(str(int(level) - 1), "แผนยังไม่ลงนาม"))
    seen = world.application.results.forecast(number)
    assert seen.fresh == seen.places == {world.places[code] for code in CODES}
    with world.application.sessions() as session:
        assert not session.scalars(select(Recording.id).where(Recording.door == "assessment")).all()
        assert not session.scalars(select(Run.id)).all()
    run = world.application.results.publish(number, world.people["officer"]).run
    with world.application.sessions() as session:
        results, ranks = run_results(session, run), RunArrays(session, run)["rank"]
    expected = seen.forecast
    assert expected.inputs.ids == tuple(results.ids.tolist())
    np.testing.assert_array_equal(expected.results.score[0], results.score)
    np.testing.assert_array_equal(expected.results.rank[0], ranks)
    again = world.application.results.forecast(number)
    assert not again.fresh
    np.testing.assert_array_equal(again.forecast.results.score, expected.results.score)

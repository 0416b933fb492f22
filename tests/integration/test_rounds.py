"""Rounds through the services, on both databases: opened, answered, carried over, closed, published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cityindex.assessment.workflow import State, Verdict
from cityindex.calendars import day_of
from cityindex.errors import Conflict, Forbidden, Invalid
from cityindex.models import AnswerChange, Place, Score, now
from cityindex.queries.assessments.answers import answers_of, decisions_of, submission
from cityindex.queries.assessments.rounds import assessment, assessments, round_
from cityindex.queries.assessments.verified import verified
from cityindex.queries.observations.observations import place_observations
from cityindex.queries.plans.plans import present_values
from cityindex.queries.runs.editions import run_record
from cityindex.services.assessments.assessments import GivenAnswer, NotAnswerable, StaleAnswer, WrongAnswer
from cityindex.services.assessments.reviews import Ruling
from tests.databases import MakeDatabase
from tests.integration.assessing import (
    PERIOD,
    World,
    answer,
    answer_all,
    approve,
    give_back,
    opened,
    prepared,
    submit,
)

TODAY = day_of(now())


@pytest.fixture
def world(databases: MakeDatabase) -> Iterator[World]:
    made = prepared(databases)
    yield made
    made.application.engine.dispose()


def state(world: World, number: int) -> State:
    with world.application.sessions() as session:
        return assessment(session, number).standing.state


def test_a_round_is_opened_for_the_members_that_can_answer_it_and_once(world: World) -> None:
    opened(world)
    with world.application.sessions() as session:
        found = {one.place.code: one.standing.state for one in assessments(session)}
    assert set(found) == {"M0", "M1", "M2", "M3"}
    assert set(found.values()) == {State.OPEN}
    with pytest.raises(Conflict, match="already"):
        opened(world)


@pytest.mark.parametrize(("made_up", "takes_part", "demo"), [(4, 4, True), (1, 3, False), (0, 4, False)])
def test_made_up_places_take_part_where_there_are_no_others(
    world: World, made_up: int, takes_part: int, demo: bool
) -> None:
    with world.application.sessions() as session:
        codes = ["M0", "M1", "M2", "M3"][:made_up]
        session.execute(update(Place).where(Place.code.in_(codes)).values(demo=True))
        session.commit()
    assert world.application.rounds.cohort_size("small-maturity") == takes_part
    number = opened(world)
    with world.application.sessions() as session:
        assert round_(session, number).demo is demo
        assert len(assessments(session)) == takes_part


@pytest.mark.parametrize(("days", "holds"), [(7, 30), (60, 60)])
def test_the_day_that_is_told_after_a_return_is_the_one_that_holds(world: World, days: int, holds: int) -> None:
    opened(world)
    number = world.assessment_of("M0")
    answer_all(world, number)
    submit(world, number)
    give_back(world, number, "digital_plan", days=days)
    with world.application.sessions() as session:
        record = assessment(session, number)
    assert record.due == TODAY + timedelta(days=holds)
    assert record.events[-1].detail["due"] == record.due.isoformat()


def test_a_deadline_that_is_over_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="is over"):
        opened(world, days=-1)


def test_a_wrong_answer_is_refused_and_the_stored_one_stays(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    answer(world, number, "digital_plan", "3")
    with pytest.raises(WrongAnswer, match="choose one of"):
        answer(world, number, "digital_plan", "7")
    with world.application.sessions() as session:
        assert answers_of(session, number)["digital_plan"].value == 3


def test_the_same_answer_sent_twice_is_saved_once(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    sent = GivenAnswer("digital_plan", "3", seen=0)
    first, second = (world.application.assessments.save(number, sent, world.people["editor"]) for _ in range(2))
    assert first == second
    with world.application.sessions() as session:
        changes = select(AnswerChange.revision).where(AnswerChange.assessment_id == number)
        assert list(session.scalars(changes)) == [1]


def test_who_saves_over_an_answer_that_he_has_not_seen_gets_both(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    answer(world, number, "digital_plan", "2", by="editor")
    late = GivenAnswer("digital_plan", "4", note="อีกเครื่องหนึ่ง", seen=0)
    with pytest.raises(StaleAnswer) as refused:
        world.application.assessments.save(number, late, world.people["colleague"])
    assert (refused.value.theirs.value, refused.value.yours.value) == (2, "4")
    kept = GivenAnswer("digital_plan", "4", note="อีกเครื่องหนึ่ง", seen=refused.value.theirs.revision)
    assert world.application.assessments.save(number, kept, world.people["colleague"]).value == 4


def test_gaps_never_block_submitting_and_are_frozen_with_it(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    answer(world, number, "digital_plan", "3")
    receipt = submit(world, number)
    with world.application.sessions() as session:
        content = submission(session, number, receipt.number).content
    assert "data_officer" in content["unanswered"]
    assert content["without_evidence"] == ["digital_plan"]
    assert content["answers"]["digital_plan"]["value"] == 3
    with pytest.raises(NotAnswerable, match="submitted"):
        answer(world, number, "digital_plan", "1")


def test_what_changed_since_the_approver_looked_is_not_submitted(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    with pytest.raises(Conflict, match="changed since you looked"):
        world.application.submissions.submit(number, "0" * 16, world.people["approver"])
    assert state(world, number) is State.OPEN


def test_decisions_on_unchanged_answers_are_kept_when_it_comes_back(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    answer_all(world, number)
    submit(world, number)
    give_back(world, number, "digital_plan")
    answer(world, number, "digital_plan", "2")
    submit(world, number)
    with world.application.sessions() as session:
        frozen = submission(session, number, 2)
        decided = {one.question: one.verdict for one in decisions_of(session, frozen.id)}
    assert set(frozen.content["applicable"]) - set(decided) == {"digital_plan"}
    assert set(decided.values()) == {Verdict.ACCEPT}


def test_returning_needs_a_reason_for_each_answer(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    submit(world, number)
    reviews, by = world.application.reviews, world.people["reviewer"]
    with pytest.raises(Invalid) as refused:
        reviews.decide(number, [Ruling("digital_plan", Verdict.RETURN)], by)
    assert [problem.column for problem in refused.value.problems] == ["digital_plan"]
    with pytest.raises(Invalid, match="which answers go back"):
        reviews.return_(number, "แก้ไข", TODAY, by)


def test_the_second_review_is_by_another_person(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    submit(world, number)
    reviews = world.application.reviews
    reviews.accept_rest(number, world.people["reviewer"])
    with pytest.raises(Forbidden, match="another person"):
        reviews.accept_rest(number, world.people["reviewer"], "second")
    assert reviews.accept_rest(number, world.people["second-reviewer"], "second") > 0


def test_verified_values_hold_what_was_adjusted_and_appealed(world: World) -> None:
    round_id = opened(world)
    number = world.assessment_of("M1")
    answer_all(world, number, digital_plan="5", online_services="12")
    submit(world, number)
    approve(world, number, digital_plan=("2", "แผนยังไม่มีงบ"), online_services=("10", "นับได้ 10"))
    world.application.assessments.appeal(number, {"digital_plan": "มีงบแล้ว"}, world.people["approver"])
    assert state(world, number) is State.APPEALED
    ruling = Ruling("digital_plan", Verdict.ADJUST, "3", "พบในข้อบัญญัติ")
    world.application.reviews.decide(number, [ruling], world.people["officer"], "appeal")
    assert world.application.reviews.decide_appeal(number, "ปรับเป็นระดับ 3", world.people["officer"]) is True
    with world.application.sessions() as session:
        (done,) = verified(session, round_id)
    assert (done.claimed["digital_plan"], done.verified["digital_plan"]) == (5, 3)
    assert (done.claimed["online_services"], done.verified["online_services"]) == (12, 10)


def test_what_hangs_on_an_adjusted_answer_is_not_published(world: World) -> None:
    round_id = opened(world)
    for place in ("M1", "M2"):
        answer_all(world, world.assessment_of(place), website="yes", online_services="12")
        submit(world, world.assessment_of(place))
    approve(world, world.assessment_of("M1"), website=("no", "เว็บไซต์ปิดมาสามเดือน"))
    approve(world, world.assessment_of("M2"))
    with world.application.sessions() as session:
        without, whole = verified(session, round_id)
        assert (without.claimed["online_services"], without.verified["online_services"]) == (12, None)
        assert whole.verified["online_services"] == 12
        record = assessment(session, world.assessment_of("M1"))
        assert "online_services" not in present_values(session, record)
    world.application.results.publish(round_id, None)
    assert [_observed(world, place, "online_services") for place in ("M1", "M2")] == [None, 12]


def _observed(world: World, place: str, indicator: str) -> float | None:
    with world.application.sessions() as session:
        number = session.scalars(select(Place.id).where(Place.code == place)).one()
        found = [one for one in place_observations(session, number) if one.indicator == indicator]
    return found[-1].value


def test_the_time_for_an_appeal_ends(world: World) -> None:
    opened(world, appeal_days=5)
    number = world.assessment_of("M1")
    submit(world, number)
    approve(world, number)
    service = world.application.assessments
    service.clock = lambda: now() + timedelta(days=6)
    with pytest.raises(Conflict, match="time for an appeal ended"):
        service.appeal(number, {"digital_plan": "ช้าไป"}, world.people["approver"])


def test_the_next_round_begins_with_the_last_words_of_the_one_before(world: World) -> None:
    opened(world, PERIOD - 1)
    first = world.assessment_of("M1")
    answer_all(world, first, digital_plan="5")
    submit(world, first)
    approve(world, first, digital_plan=("2", "ไม่มีหลักฐานของงบ"))
    opened(world, PERIOD)
    second = world.assessment_of("M1")
    with world.application.sessions() as session:
        carried = answers_of(session, second)
    assert carried["digital_plan"].value == 2
    assert {one.carried for one in carried.values()} == {"unconfirmed"}
    service, by = world.application.assessments, world.people["editor"]
    kept = service.save(second, GivenAnswer("digital_plan", seen=1, still_true=True), by)
    assert (kept.value, kept.carried) == (2, "still-true")
    moved = service.save(second, GivenAnswer("website", "no", seen=1), by)
    assert (moved.value, moved.carried) == ("no", "changed")


def test_closing_ends_answering_for_all_but_who_is_extended(world: World) -> None:
    round_id = opened(world)
    here, there = world.assessment_of("M1"), world.assessment_of("M2")
    submit(world, there, by="other-approver")
    assert world.application.rounds.close(round_id, world.people["officer"]) == 3
    with pytest.raises(NotAnswerable, match="closed"):
        answer(world, here, "website", "yes")
    world.application.rounds.extend(here, TODAY + timedelta(days=3), "น้ำท่วม", world.people["officer"])
    assert answer(world, here, "website", "yes").value == "yes"
    give_back(world, there, "website")
    assert answer(world, there, "website", "yes", by="other-editor").value == "yes"


def test_publishing_scores_what_is_approved_and_marks_it(world: World) -> None:
    round_id = opened(world)
    for place in ("M1", "M2"):
        number = world.assessment_of(place)
        answer_all(world, number, digital_plan="4" if place == "M1" else "1")
        submit(world, number)
    approve(world, world.assessment_of("M1"))
    done = world.application.results.publish(round_id, world.people["officer"])
    assert (done.published, done.assessments) == (1, 1)
    assert state(world, world.assessment_of("M1")) is State.PUBLISHED
    assert state(world, world.assessment_of("M2")) is State.SUBMITTED
    with world.application.sessions() as session:
        assert run_record(session, done.run).framework == "small-maturity"
        scores = dict(
            session.execute(
                select(Score.place_id, Score.score).where(Score.run_id == done.run, Score.position == 0)
            ).all()
        )
        assert not place_observations(session, world.places["M2"])
    # Governance: a plan at 4 of 5 and an officer, (80 + 100) / 2; service: a website and 12 of 20, (100 + 60) / 2.
    assert scores[world.places["M1"]] == pytest.approx(85.0)
    assert scores.get(world.places["M2"]) is None


def test_what_is_opened_again_leaves_the_next_edition(world: World) -> None:
    round_id = opened(world)
    officer = world.people["officer"]
    for place in ("M1", "M2"):
        number = world.assessment_of(place)
        answer_all(world, number)
        submit(world, number)
        approve(world, number)
    world.application.results.publish(round_id, officer)
    world.application.reviews.reopen(world.assessment_of("M2"), "พบข้อผิดพลาด", TODAY, officer)
    done = world.application.results.publish(round_id, officer)
    assert (done.assessments, done.withdrawn) == (1, 1)
    with world.application.sessions() as session:
        values = {one.value for one in place_observations(session, world.places["M2"])}
        score = select(Score.score).where(Score.run_id == done.run, Score.place_id == world.places["M2"])
        assert session.scalars(score.where(Score.position == 0)).all() in ([], [None])
    assert values == {None}

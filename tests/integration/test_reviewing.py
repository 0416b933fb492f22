"""Reviewing through the services on both databases: queue, second reviews, appeals, assignment, extensions, letters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cityindex.assessment.workflow import State, Verdict
from cityindex.calendars import day_of
from cityindex.errors import Conflict, Forbidden, Invalid
from cityindex.formats.assignments import Assigned
from cityindex.models import Account, Assessment, AssessmentEvent, Letter, now
from cityindex.queries.assessments.agreements import agreement_of
from cityindex.queries.assessments.answers import decisions_of, submission
from cityindex.queries.assessments.review_queue import Waiting, assigned, in_queue, weighed
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.services.assessments.evidence import Described
from cityindex.services.assessments.reviews import Ruling
from tests import files
from tests.databases import MakeDatabase
from tests.integration.assessing import (
    ANSWERS,
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
STATES = (State.SUBMITTED,)


@pytest.fixture
def world(databases: MakeDatabase, tmp_path: Any) -> Iterator[World]:
    world = prepared(databases, evidence_url=str(tmp_path / "evidence"))
    yield world
    world.application.engine.dispose()


@pytest.fixture
def number(world: World) -> int:
    opened(world, second_share=1.0)
    found = world.assessment_of("M1")
    answer_all(world, found)
    submit(world, found)
    return found


def record(world: World, number: int) -> AssessmentRecord:
    with world.application.sessions() as session:
        return assessment(session, number)


def waiting(world: World, *where: Any, states: Any = STATES) -> list[Waiting]:
    rules = {
        code: [one.contradiction for one in some] for code, some in world.application.catalogue.contradictions.items()
    }
    with world.application.sessions() as session:
        return weighed(session, in_queue(session, where, states, TODAY), rules)


def letters(world: World, kind: str) -> dict[str, list[dict[str, Any]]]:
    """What waits to be sent, by the address before its @."""
    with world.application.sessions() as session:
        query = select(Account.email, Letter.details).join(Letter, Letter.account_id == Account.id)
        found: dict[str, list[dict[str, Any]]] = {}
        for email, details in session.execute(query.where(Letter.kind == kind).order_by(Letter.id)):
            found.setdefault(email.split("@")[0], []).append(json.loads(details))
        return found


def whys(one: Waiting) -> set[tuple[str, str]]:
    return {(reason.question, reason.why) for reason in one.reasons}


def test_the_queue_shows_what_is_risky_first_with_its_reasons(world: World, number: int) -> None:
    other = world.assessment_of("M2")
    submit(world, other, by="other-approver")
    first, second = waiting(world)
    assert first.record.id == other
    assert whys(first) == {
        (question, "unanswered") for question in ("digital_plan", "data_officer", "website", "channels", "remarks")
    }
    assert whys(second) == {("digital_plan", "no-evidence"), ("data_officer", "no-evidence")}
    assert (second.decided, second.asked, second.days) == (0, len(ANSWERS), 0)
    assert second.drawn
    world.application.reviews.decide(number, [Ruling("website", Verdict.ACCEPT)], world.people["reviewer"])
    assert waiting(world, Assessment.id == number)[0].decided == 1


def test_a_jump_since_the_last_round_and_old_evidence(world: World) -> None:
    opened(world, PERIOD - 1)
    before = world.assessment_of("M1")
    answer_all(world, before, digital_plan="1")
    submit(world, before)
    approve(world, before)
    opened(world, PERIOD)
    now_ = world.assessment_of("M1")
    answer_all(world, now_, digital_plan="4")
    said = Described("แผน", dated=TODAY - timedelta(days=900))
    evidence = world.application.evidence
    evidence.add_link(now_, "digital_plan", "https://example.go.th/plan", said, world.people["editor"])
    submit(world, now_)
    (found,) = waiting(world)
    assert ("digital_plan", "jump") in whys(found)
    assert ("digital_plan", "outdated") in whys(found)
    (jump,) = [one for one in found.reasons if one.why == "jump"]
    assert (jump.detail["before"], jump.detail["now"]) == (1, 4)


def test_the_same_file_of_another_municipality_is_said(world: World, tmp_path: Any) -> None:
    opened(world)
    pages = {"M1": ("editor", "approver"), "M2": ("other-editor", "other-approver")}
    for place, (editor, approver) in pages.items():
        found = world.assessment_of(place)
        path = tmp_path / f"{place}.pdf"
        path.write_bytes(files.pdf("The same plan"))
        with path.open("rb") as stream:
            said = Described("plan.pdf")
            world.application.evidence.add_file(found, "digital_plan", stream, said, world.people[editor])
        answer(world, found, "digital_plan", "3", by=editor)
        submit(world, found, by=approver)
    for one in waiting(world):
        assert {("digital_plan", "shared-file"), ("digital_plan", "undated")} <= whys(one)


def test_a_stale_page_decides_nothing(world: World, number: int) -> None:
    give_back(world, number, "digital_plan")
    answer(world, number, "digital_plan", "2")
    submit(world, number)
    reviews, by = world.application.reviews, world.people["reviewer"]
    with pytest.raises(Conflict, match="submitted anew"):
        reviews.decide(number, [Ruling("digital_plan", Verdict.ACCEPT, submission=1)], by)
    reviews.decide(number, [Ruling("digital_plan", Verdict.ACCEPT, submission=2)], by)


def test_an_address_looked_at_is_kept_through_a_return(world: World, number: int) -> None:
    reviews, by = world.application.reviews, world.people["reviewer"]
    reviews.decide(number, [Ruling("website", Verdict.ACCEPT, looked_at="https://www.m1.go.th")], by)
    give_back(world, number, "digital_plan")
    submit(world, number)
    with world.application.sessions() as session:
        kept = decisions_of(session, submission(session, number, 2).id)
    assert [one.looked_at for one in kept if one.question == "website"] == ["https://www.m1.go.th"]


def test_agreement_counts_what_was_said_without_sight_of_the_other(world: World, number: int) -> None:
    reviews = world.application.reviews
    first, second = (world.people[one] for one in ("reviewer", "second-reviewer"))
    reviews.decide(number, [Ruling("digital_plan", Verdict.ADJUST, "2", "ไม่มีงบ")], first)
    approve(world, number)
    reviews.decide(number, [Ruling("digital_plan", Verdict.ACCEPT)], second, "second")
    with world.application.sessions() as session:
        assert agreement_of(session, record(world, number).round).whole.count == 0
    reviews.accept_rest(number, second, "second")
    reviews.decide(number, [Ruling("digital_plan", Verdict.ADJUST, "2", "เห็นด้วย")], second, "second")
    with world.application.sessions() as session:
        found = agreement_of(session, record(world, number).round)
    assert (found.whole.count, found.whole.same, found.whole.levels) == (len(ANSWERS), len(ANSWERS) - 1, 1)
    assert set(found.pairs) == {(first, second)}


def test_an_appeal_is_decided_by_others_and_only_what_it_asks(world: World, number: int) -> None:
    approve(world, number, digital_plan=("1", "ไม่พบ"))
    world.application.assessments.appeal(number, {"digital_plan": "มีในหน้า 9"}, world.people["approver"])
    reviews, officer = world.application.reviews, world.people["officer"]
    with pytest.raises(Forbidden, match="another person"):
        reviews.decide(number, [Ruling("digital_plan", Verdict.ACCEPT)], world.people["reviewer"], "appeal")
    with pytest.raises(Invalid) as refused:
        reviews.decide(number, [Ruling("website", Verdict.ACCEPT)], officer, "appeal")
    assert [problem.column for problem in refused.value.problems] == ["website"]
    with pytest.raises(Conflict, match="not decided yet"):
        reviews.decide_appeal(number, "", officer)
    reviews.decide(number, [Ruling("digital_plan", Verdict.ACCEPT, reason="พบหน้า 9")], officer, "appeal")
    assert reviews.decide_appeal(number, "ขอบคุณ", officer)
    assert [one["upheld"] for one in letters(world, "appeal-decided")["approver"]] == [True]
    (told,) = letters(world, "appealed")["officer"]
    assert told["count"] == 1


def test_everything_decided_is_approved_at_once(world: World, number: int) -> None:
    other, officer = world.assessment_of("M2"), world.people["officer"]
    submit(world, other, by="other-approver")
    reviews, by = world.application.reviews, world.people["reviewer"]
    round_id = record(world, number).round.id
    assert reviews.approve_decided(round_id, officer) == 0
    reviews.accept_rest(number, by)
    reviews.accept_rest(other, by)
    reviews.decide(other, [Ruling("website", Verdict.RETURN, reason="ดูอีกครั้ง")], by)
    assert reviews.approve_decided(round_id, officer) == 1
    assert record(world, number).standing.state is State.APPROVED
    assert record(world, other).standing.state is State.SUBMITTED


def test_nobody_is_given_a_place_of_his_own(world: World, number: int) -> None:
    assigning, officer = world.application.assigning, world.people["officer"]
    for person in ("editor", "officer"):
        with pytest.raises(Invalid) as refused:
            assigning.assign([number], world.people[person], officer)
        assert [problem.value for problem in refused.value.problems] == ["M1"]
    reviewer = world.people["reviewer"]
    assert assigning.assign([number], reviewer, officer) == 1
    assert assigning.assign([number], reviewer, officer) == 0, "the same again is no event"
    with pytest.raises(Invalid):
        assigning.assign([number], reviewer, officer, "second")
    assert assigning.assign([number], world.people["second-reviewer"], officer, "second") == 1
    with world.application.sessions() as session:
        assert assigned(session, [number]) == {number: {"first": reviewer, "second": world.people["second-reviewer"]}}


def test_a_list_is_taken_whole_or_not_at_all(world: World, number: int) -> None:
    assigning, officer = world.application.assigning, world.people["officer"]
    round_id = record(world, number).round.id
    bad = [
        Assigned(2, "M1", "reviewer@example.go.th"),
        Assigned(3, "X9", "reviewer@example.go.th"),
        Assigned(4, "M2", "nobody@example.go.th"),
        Assigned(5, "M3", "officer@example.go.th"),
        Assigned(6, "M1", "second-reviewer@example.go.th"),
    ]
    with pytest.raises(Invalid) as refused:
        assigning.assign_list(round_id, bad, officer)
    assert sorted(problem.row or 0 for problem in refused.value.problems) == [3, 4, 5, 6]
    with world.application.sessions() as session:
        assert assigned(session, [number]) == {}
    good = [Assigned(2, "M1", " Reviewer@Example.go.th"), Assigned(3, "M2", "second-reviewer@example.go.th")]
    assert assigning.assign_list(round_id, good, officer) == 2


def test_more_time_for_several_is_one_letter_each(world: World, number: int) -> None:
    numbers = [world.assessment_of(place) for place in ("M1", "M2", "M3")]
    until = TODAY + timedelta(days=60)
    officer = world.people["officer"]
    with pytest.raises(Invalid, match="say why"):
        world.application.rounds.extend_all(numbers, until, " ", officer)
    assert world.application.rounds.extend_all(numbers, until, "น้ำท่วม", officer) == 2, "M1 has submitted"
    assert record(world, numbers[1]).due == until
    assert record(world, number).due != until
    (told,) = letters(world, "extended")["other-editor"]
    assert [one["assessment"] for one in told["assessments"]] == [numbers[1]]
    assert "editor" not in letters(world, "extended")


def test_returning_approving_and_reopening_are_told(world: World, number: int) -> None:
    give_back(world, number, "digital_plan")
    assert {*letters(world, "returned")} == {"editor", "colleague", "approver"}
    submit(world, number)
    approve(world, number)
    assert {*letters(world, "approved")} == {"editor", "colleague", "approver"}
    reviews, officer = world.application.reviews, world.people["officer"]
    reviews.reopen(number, "พบข้อมูลใหม่", TODAY + timedelta(days=5), officer)
    assert len(letters(world, "returned")["editor"]) == 2
    sent = [letter for kind in ("returned", "approved") for letter in letters(world, kind)["editor"]]
    assert all("M1" in one["place_en"] or one["place_th"] for one in sent)


def test_every_letter_can_be_written_out(world: World, number: int) -> None:
    """Every template with the facts that its deed gives it."""
    give_back(world, number, "digital_plan")
    submit(world, number)
    approve(world, number, digital_plan=("1", "ไม่พบ"))
    world.application.assessments.appeal(number, {"digital_plan": "มี"}, world.people["approver"])
    officer = world.people["officer"]
    reviews = world.application.reviews
    reviews.decide(number, [Ruling("digital_plan", Verdict.ACCEPT)], officer, "appeal")
    reviews.decide_appeal(number, "พบแล้ว", officer)
    other = world.assessment_of("M2")
    world.application.rounds.extend(other, TODAY + timedelta(days=40), "น้ำท่วม", officer)
    submit(world, other, by="other-approver")
    world.application.reminders.clock = lambda: now() + timedelta(days=53)
    assert world.application.reminders.remind().reviewers == 2
    third = world.assessment_of("M3")
    assert third
    with world.application.sessions() as session:
        waiting_ = session.execute(select(Letter.id, Letter.kind).where(Letter.next_try_at.is_not(None))).all()
    kinds = set()
    for one, kind in waiting_:
        message = world.application.letters.hand_out(one, "test")
        kinds.add(kind)
        assert "http" in message.text
        assert "None" not in message.text
    assert {"returned", "approved", "appealed", "appeal-decided", "extended", "review-reminder"} <= kinds


@pytest.mark.parametrize(
    ("days", "written"), [(-15, 0), (-14, 5), (-8, 0), (-7, 5), (-3, 5), (-1, 5), (0, 5), (1, 5), (5, 0)]
)
def test_reminders_come_on_their_days_and_once(world: World, days: int, written: int) -> None:
    opened(world, days=30)
    reminders = world.application.reminders
    reminders.clock = lambda: now() + timedelta(days=30 + days)
    done = reminders.remind().municipalities
    assert done == written
    assert reminders.remind().municipalities == 0
    assert sum(map(len, letters(world, "reminder").values())) == written


def test_a_reminder_that_was_missed_is_made_up_for_once(world: World) -> None:
    opened(world, days=30)
    reminders = world.application.reminders
    for day, written in ((16, 5), (17, 0), (23, 5), (25, 0)):  # 14 days before, the day after it, 7, and 5 days before
        reminders.clock = lambda day=day: now() + timedelta(days=day)
        assert reminders.remind().municipalities == written, day


def test_who_has_submitted_is_not_reminded_and_who_was_just_asked_is_not_either(world: World) -> None:
    opened(world, days=7)
    submit(world, world.assessment_of("M1"))
    reminders = world.application.reminders
    assert reminders.remind().municipalities == 2, "the people of M2; seven days before is today"
    assert "editor" not in letters(world, "reminder")


def test_reviewers_are_reminded_of_what_is_theirs(world: World, number: int) -> None:
    other = world.assessment_of("M2")
    submit(world, other, by="other-approver")
    world.application.assigning.assign([number], world.people["reviewer"], world.people["officer"])
    deadline = record(world, number).round.review_deadline
    reminders = world.application.reminders
    reminders.clock = lambda: now() + (deadline - timedelta(days=7) - TODAY)
    assert reminders.remind().reviewers == 2
    told = letters(world, "review-reminder")
    ids = {who: {one["assessment"] for one in some[0]["assessments"]} for who, some in told.items()}
    assert ids == {"reviewer": {number, other}, "second-reviewer": {other}}


def test_who_is_given_work_is_told_once(world: World, number: int) -> None:
    assigning, officer, other = world.application.assigning, world.people["officer"], world.assessment_of("M2")
    assigning.assign([number, other], world.people["reviewer"], officer)
    assigning.assign([number, other], world.people["reviewer"], officer)
    assigning.assign([number], world.people["second-reviewer"], officer, "second")
    told = letters(world, "assigned")
    assert {
        who: [{one["assessment"] for one in each["assessments"]} for each in some] for who, some in told.items()
    } == {
        "reviewer": [{number, other}],
        "second-reviewer": [{number}],
    }
    deadline = record(world, number).round.review_deadline.isoformat()
    assert told["reviewer"][0]["assessments"][0]["due"] == deadline
    with world.application.sessions() as session:
        waiting_ = session.scalars(select(Letter.id).where(Letter.kind == "assigned").order_by(Letter.id)).all()
    texts = [world.application.letters.hand_out(one, "test").text for one in waiting_]
    assert ["as the second reviewer" in text for text in texts] == [False, True]
    assert all("/en/reviews/?whose=me" in text and "None" not in text for text in texts)


def test_check_finds_events_that_cannot_be(world: World, number: int) -> None:
    statuses = frozenset("AEMOQ")
    upkeep = world.application.upkeep
    assert upkeep.check(statuses) == []
    with world.application.sessions() as session:
        rows = update(AssessmentEvent).where(AssessmentEvent.assessment_id == number)
        session.execute(rows.where(AssessmentEvent.deed == "submitted").values(deed="published"))
        session.commit()
    (fault,) = upkeep.check(statuses)
    assert f"assessment {number}" in fault
    assert "cannot be published" in fault

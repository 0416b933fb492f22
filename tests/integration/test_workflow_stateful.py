"""Random people do random things to assessments, through the real services: no illegal state, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from cityindex.assessment.workflow import ANSWERABLE, State, Verdict
from cityindex.calendars import day_of
from cityindex.definitions.fingerprint import sha256
from cityindex.errors import CityIndexError, Conflict, Forbidden, Invalid
from cityindex.models import AnswerChange, Submission, now
from cityindex.queries.assessments.answers import AnswerRecord, answers_of, decisions_of, in_force, submission
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.queries.observations.observations import place_observations
from cityindex.services.assessments.assessments import GivenAnswer, NotAnswerable, StaleAnswer
from cityindex.services.assessments.reviews import Ruling
from tests.databases import MakeDatabase
from tests.integration.assessing import ANSWERS, World, opened, prepared, submit

PLACES = ("M1", "M2")
ONE = st.integers(0, len(PLACES) - 1)
QUESTIONS = st.sampled_from(list(ANSWERS))
PEOPLE = st.sampled_from(["editor", "colleague", "other-editor"])
SOON = 7


class Round(RuleBasedStateMachine):
    """One open round of two places. `said` is what the machine itself remembers of every save that was taken."""

    world: World
    number_of_round: int
    period: int

    def __init__(self) -> None:
        super().__init__()
        self.saves: dict[tuple[int, str], list[tuple[int, Any]]] = {}
        self.frozen: dict[tuple[int, int], str] = {}
        self.numbers = [self.world.assessment_of(place) for place in PLACES]
        with self.world.application.sessions() as session:
            for number in self.numbers:
                self._remember(answers_of(session, number), number)

    def _remember(self, answers: Any, number: int) -> None:
        for question, one in answers.items():
            self.saves.setdefault((number, question), []).append((one.revision, one.value))

    def record(self, number: int) -> AssessmentRecord:
        with self.world.application.sessions() as session:
            return assessment(session, number)

    def attempt(self, number: int, allowed: bool, deed: Callable[[], object]) -> bool:
        """Do it; it is refused exactly where it may not be, and then nothing has moved."""
        before = self.record(number)
        try:
            deed()
        except (Conflict, Invalid, Forbidden):
            assert self.record(number) == before
            return False
        assert allowed, f"{before.standing.state} should have refused it"
        return True

    @rule(one=ONE, question=QUESTIONS, by=PEOPLE, value=st.sampled_from(["0", "1", "5", "yes", "no", "rented", ""]))
    def save(self, one: int, question: str, by: str, value: str) -> None:
        number = self.numbers[one]
        stored = self._stored(number, question)
        given = GivenAnswer(question, value, seen=stored.revision if stored else 0)
        saved: list[AnswerRecord] = []
        allowed = self.record(number).standing.state in ANSWERABLE
        people = self.world.people[by]
        if self.attempt(number, allowed, lambda: saved.append(self._save(number, given, people))):
            known = self.saves.setdefault((number, question), [])
            if not known or known[-1][0] != saved[0].revision:
                known.append((saved[0].revision, saved[0].value))

    @rule(one=ONE, question=QUESTIONS)
    def save_over_an_unseen_answer(self, one: int, question: str) -> None:
        number = self.numbers[one]
        stored = self._stored(number, question)
        given = GivenAnswer(question, ANSWERS[question], note="ไม่ได้อ่านก่อน", seen=(stored.revision if stored else 0) + 7)
        with pytest.raises((StaleAnswer, NotAnswerable, Conflict)):
            self._save(number, given, self.world.people["editor"])

    @rule(one=ONE)
    def submit(self, one: int) -> None:
        number = self.numbers[one]
        allowed = self.record(number).standing.state in ANSWERABLE
        if self.attempt(number, allowed, lambda: submit(self.world, number)):
            standing = self.record(number).standing
            with self.world.application.sessions() as session:
                row = self._row(session, number, standing.submission)
                self.frozen[number, standing.submission] = row.content
                assert row.sha256 == sha256(row.content)

    @rule(one=ONE, question=QUESTIONS, verdict=st.sampled_from(list(Verdict)), value=st.sampled_from(["1", "no", "4"]))
    def decide(self, one: int, question: str, verdict: Verdict, value: str) -> None:
        number = self.numbers[one]
        ruling = Ruling(question, verdict, value, "หลักฐานแสดงอย่างนี้")
        allowed = self.record(number).standing.state is State.SUBMITTED
        self.attempt(number, allowed, lambda: self._reviews.decide(number, [ruling], self.world.people["reviewer"]))

    @rule(one=ONE)
    def accept_rest(self, one: int) -> None:
        number = self.numbers[one]
        allowed = self.record(number).standing.state is State.SUBMITTED
        self.attempt(number, allowed, lambda: self._reviews.accept_rest(number, self.world.people["reviewer"]))

    @rule(one=ONE)
    def give_back(self, one: int) -> None:
        number = self.numbers[one]
        due = day_of(now()) + timedelta(days=SOON)
        allowed = self.record(number).standing.state is State.SUBMITTED
        by = self.world.people["reviewer"]
        self.attempt(number, allowed, lambda: self._reviews.return_(number, "แก้ไข", due, by))

    @rule(one=ONE)
    def approve(self, one: int) -> None:
        number = self.numbers[one]
        record = self.record(number)
        allowed = record.standing.state is State.SUBMITTED and self._all_decided(record)
        self.attempt(number, allowed, lambda: self._reviews.approve(number, self.world.people["reviewer"]))

    @rule(one=ONE)
    def reopen(self, one: int) -> None:
        number = self.numbers[one]
        due = day_of(now()) + timedelta(days=SOON)
        allowed = self.record(number).standing.state in (State.APPROVED, State.PUBLISHED)
        self.attempt(
            number, allowed, lambda: self._reviews.reopen(number, "พบข้อมูลใหม่", due, self.world.people["officer"])
        )

    @rule(one=ONE, question=QUESTIONS)
    def appeal(self, one: int, question: str) -> None:
        number = self.numbers[one]
        standing = self.record(number).standing
        allowed = standing.state in (State.APPROVED, State.PUBLISHED) and not standing.appealed
        by = self.world.people["approver"]
        service = self.world.application.assessments
        self.attempt(number, allowed, lambda: service.appeal(number, {question: "ไม่เห็นด้วย"}, by))

    @rule(one=ONE, verdict=st.sampled_from([Verdict.ACCEPT, Verdict.ADJUST]), value=st.sampled_from(["0", "yes", "9"]))
    def decide_appeal(self, one: int, verdict: Verdict, value: str) -> None:
        number = self.numbers[one]
        record = self.record(number)
        allowed = record.standing.state is State.APPEALED
        questions = list(record.events[-1].detail["reasons"]) if allowed else ["digital_plan"]
        rulings = [Ruling(question, verdict, value, "พิจารณาใหม่") for question in questions]
        by = self.world.people["officer"]
        if self.attempt(number, allowed, lambda: self._reviews.decide(number, rulings, by, "appeal")):
            self._reviews.decide_appeal(number, "พิจารณาแล้ว", by)

    @rule(one=ONE)
    def go_on(self, one: int) -> None:
        """What usually comes next, so that stories get far."""
        state = self.record(self.numbers[one]).standing.state
        if state in ANSWERABLE:
            self.submit(one)
        elif state is State.SUBMITTED:
            self.accept_rest(one)
            self.approve(one)
        elif state is State.APPROVED:
            self.publish()

    @rule(one=ONE)
    def extend(self, one: int) -> None:
        number = self.numbers[one]
        record = self.record(number)
        until = max(record.due, day_of(now())) + timedelta(days=1)
        by = self.world.people["officer"]
        allowed = record.standing.state in ANSWERABLE
        self.attempt(number, allowed, lambda: self.world.application.rounds.extend(number, until, "น้ำท่วม", by))

    @rule()
    def publish(self) -> None:
        before = {number: self.record(number).standing for number in self.numbers}
        try:
            self.world.application.results.publish(self.number_of_round, self.world.people["officer"])
        except CityIndexError:  # nothing approved, or nobody can be ranked from it: nothing moved
            assert {number: self.record(number).standing for number in self.numbers} == before
            return
        for number, standing in before.items():
            after = self.record(number).standing.state
            assert after is (State.PUBLISHED if standing.state is State.APPROVED else standing.state)

    @invariant()
    def every_save_is_kept(self) -> None:
        with self.world.application.sessions() as session:
            query = select(AnswerChange).where(AnswerChange.assessment_id.in_(self.numbers)).order_by(AnswerChange.id)
            kept: dict[tuple[int, str], list[tuple[int, Any]]] = {}
            for one in session.scalars(query):
                value = None if one.value is None else json.loads(one.value)
                value = tuple(value) if isinstance(value, list) else value
                kept.setdefault((one.assessment_id, one.question), []).append((one.revision, value))
            assert {key: saves for key, saves in self.saves.items() if saves} == kept
            for number in self.numbers:
                for question, one in answers_of(session, number).items():
                    assert kept[number, question][-1] == (one.revision, one.value)

    @invariant()
    def what_was_submitted_never_changes(self) -> None:
        with self.world.application.sessions() as session:
            for (number, submitted), content in self.frozen.items():
                assert self._row(session, number, submitted).content == content

    @invariant()
    def only_what_was_published_is_an_observation(self) -> None:
        with self.world.application.sessions() as session:
            for place, number in zip(PLACES, self.numbers, strict=True):
                record = assessment(session, number)
                published = any(event.deed == "published" for event in record.events)
                every = place_observations(session, self.world.places[place])
                shown = [one for one in every if one.period == self.period and one.value is not None]
                assert published or not shown

    def _save(self, number: int, given: GivenAnswer, by: int) -> AnswerRecord:
        return self.world.application.assessments.save(number, given, by)

    def _stored(self, number: int, question: str) -> AnswerRecord | None:
        with self.world.application.sessions() as session:
            return answers_of(session, number).get(question)

    def _all_decided(self, record: AssessmentRecord) -> bool:
        with self.world.application.sessions() as session:
            frozen = submission(session, record.id, record.standing.submission)
            decided = in_force(decisions_of(session, frozen.id))
        asked = frozen.content["applicable"]
        return all(one in decided and decided[one].verdict is not Verdict.RETURN for one in asked)

    @staticmethod
    def _row(session: Any, number: int, submitted: int) -> Submission:
        where = (Submission.assessment_id == number, Submission.number == submitted)
        return session.scalars(select(Submission).where(*where)).one()  # type: ignore[no-any-return]

    @property
    def _reviews(self) -> Any:
        return self.world.application.reviews


def test_no_illegal_state_is_reachable_and_nothing_is_lost(databases: MakeDatabase) -> None:
    """Each story gets a round of its own in one database, and begins with what the story before left to it."""
    world = prepared(databases)
    periods = count(2001)

    class Story(Round):
        def __init__(self) -> None:
            self.world = world
            self.period = next(periods)
            self.number_of_round = opened(world, self.period)
            super().__init__()

    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=15, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    world.application.engine.dispose()

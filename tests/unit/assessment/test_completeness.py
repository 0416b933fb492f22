"""Completeness in numbers that add up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.assessment import completeness
from cityindex.assessment.conditions import Value
from cityindex.assessment.path import counted
from cityindex.assessment.questionnaire import Questionnaire
from tests.unit.assessment.examples import CITY, PLACES, SMALL, TOWN, answered

Answers = dict[str, Value]


def test_in_numbers() -> None:
    answers: Answers = {"policy": 3, "website": "yes", "uptime": 50.0, "host": "own"}
    found = completeness.of(SMALL, answers, {"website": 2, "policy": 0}, TOWN, marked={"systems", "host"})
    assert (found.applicable, found.answered, found.without_evidence, found.marked) == (4, 3, 1, 1)
    assert (found.open_questions, found.unproven_questions, found.marked_questions) == (
        ("systems",),
        ("policy",),
        ("systems",),
    )
    governance, service = found.sections["governance"], found.sections["service"]
    assert (governance.state, service.state, found.state) == ("done", "in-progress", "in-progress")


def test_evidence_is_wanted_from_a_level_on() -> None:
    for level, lacking in ((1, ()), (2, ("policy",))):
        assert completeness.of(SMALL, {"policy": level}, {}, TOWN).unproven_questions == lacking
    assert completeness.of(SMALL, {"website": "yes"}, {}, TOWN).unproven_questions == ("website",)
    assert completeness.of(SMALL, {"website": "no"}, {}, TOWN).unproven_questions == ()
    assert completeness.of(SMALL, {"systems": "not-applicable"}, {}, TOWN).answered == 1


def test_states() -> None:
    nothing = completeness.of(SMALL, {}, {}, CITY)
    assert (nothing.state, nothing.applicable, nothing.answered) == ("not-started", 4, 0)
    assert completeness.of(SMALL, {"policy": 1}, {}, "sao").state == "does-not-apply"


@settings(max_examples=50)
@given(answered(), PLACES, st.sets(st.sampled_from([f"q{number}" for number in range(9)])))
def test_the_numbers_add_up(case: tuple[Questionnaire, Answers], place: str, some: set[str]) -> None:
    questionnaire, answers = case
    found = completeness.of(questionnaire, answers, dict.fromkeys(some, 1), place, marked=some)
    for name in ("applicable", "answered", "without_evidence", "marked"):
        assert sum(getattr(section, name) for section in found.sections.values()) == getattr(found, name)
    assert found.answered + len(found.open_questions) == found.applicable
    assert found.answered == len(counted(questionnaire, answers, place))
    assert not set(found.unproven_questions) & (some | set(found.open_questions))
    assert found.without_evidence <= found.answered
    assert set(found.marked_questions) == some & set(found.questions)
    assert (found.state == "done") == (found.applicable > 0 and found.answered == found.applicable)


@settings(max_examples=50)
@given(answered(), PLACES)
def test_answers_that_do_not_apply_do_not_count(case: tuple[Questionnaire, Answers], place: str) -> None:
    questionnaire, answers = case
    known = counted(questionnaire, answers, place)
    assert completeness.of(questionnaire, answers, {}, place) == completeness.of(questionnaire, known, {}, place)

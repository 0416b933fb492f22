"""Which questions apply: for the small questionnaire by hand, for any questionnaire by its laws."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.assessment.conditions import AllOf, AnyOf, AtLeast, Condition, Is, IsNot, Not, Value, asked_of, holds
from cityindex.assessment.path import Effect, applicable, counted, effect, for_type, hanging_on, held
from cityindex.assessment.questionnaire import Questionnaire
from cityindex.errors import NotFound
from tests.unit.assessment.examples import CITY, PLACES, SMALL, TOWN, answered, values

Answers = dict[str, Value]


def codes(answers: Answers, place_type: str = TOWN) -> list[str]:
    return [question.code for question in applicable(SMALL, answers, place_type)]


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ({}, []),
        ({"website": "no"}, []),
        ({"website": "yes"}, ["uptime"]),
        ({"website": "yes", "uptime": 89.9}, ["uptime"]),
        ({"website": "yes", "uptime": 90.0}, ["uptime", "host"]),
        ({"website": "yes", "uptime": "do-not-know"}, ["uptime"]),
        ({"website": "no", "uptime": 99.0}, []),  # an answer that does not apply opens nothing
    ],
)
def test_what_hangs_on_an_answer(answers: Answers, more: list[str]) -> None:
    assert codes(answers) == ["policy", "website", *more, "systems"]


def test_what_hangs_on_the_type_of_place() -> None:
    assert codes({}, CITY)[-1] == "remarks"
    assert codes({}, "sao") == []
    assert [question.code for question in for_type(SMALL, TOWN)] == ["policy", "website", "uptime", "host", "systems"]


def test_only_answers_that_apply_count() -> None:
    answers: Answers = {"remarks": "words", "uptime": 99.0, "host": "own", "website": "no"}
    assert counted(SMALL, answers, CITY) == {"website": "no", "remarks": "words"}
    assert len(answers) == 4


def test_what_hangs_on_an_adjusted_answer_has_no_effect() -> None:
    claimed = {"policy": 3, "website": "yes", "uptime": 99.0, "host": "own", "systems": ["e-laas"]}
    assert held(SMALL, claimed, {"website": "no"}, TOWN) == claimed | {"website": "no", "uptime": None, "host": None}
    assert held(SMALL, claimed, {"uptime": 80.0}, TOWN) == claimed | {"uptime": 80.0, "host": None}
    assert held(SMALL, claimed, {"website": "yes", "policy": 2}, TOWN) == claimed | {"policy": 2}
    assert held(SMALL, claimed, {}, TOWN) == claimed


def test_what_a_decision_does_to_others_is_known_before() -> None:
    claimed = {"policy": 3, "website": "yes", "uptime": 99.0, "host": "own", "systems": ["e-laas"]}
    assert effect(SMALL, claimed, {}, ("website", "no"), TOWN) == Effect(("uptime", "host"), (), ())
    assert effect(SMALL, claimed, {}, ("policy", 2), TOWN) == Effect((), (), ())
    assert effect(SMALL, claimed, {"uptime": 80.0}, ("website", "no"), TOWN) == Effect(("uptime",), (), ())
    assert effect(SMALL, claimed, {"website": "no"}, ("website", "yes"), TOWN) == Effect((), ("uptime", "host"), ())
    silent = {"policy": 3, "website": "no", "systems": None}
    assert effect(SMALL, silent, {}, ("website", "yes"), TOWN) == Effect((), (), ("uptime",))
    assert effect(SMALL, silent, {"website": "yes"}, ("policy", 1), TOWN) == Effect((), (), ()), "said before"


def test_which_questions_hang_on_one() -> None:
    assert hanging_on(SMALL, "website", TOWN) == ("uptime", "host")
    assert hanging_on(SMALL, "uptime", TOWN) == ("host",)
    assert hanging_on(SMALL, "policy", CITY) == ()
    assert hanging_on(SMALL, "website", "sao") == ()


@given(answered(), PLACES, st.data())
def test_only_what_hangs_on_an_answer_is_touched_by_it(
    known: tuple[Questionnaire, Answers], place: str, data: st.DataObject
) -> None:
    questionnaire, answers = known
    asked = applicable(questionnaire, answers, place)
    if not asked:
        return
    claimed = {question.code: answers.get(question.code) for question in asked}
    question = data.draw(st.sampled_from(asked))
    decided = (question.code, data.draw(values(question)))
    found = effect(questionnaire, claimed, {}, decided, place)
    after = held(questionnaire, claimed, dict([decided]), place)
    assert set(found.lost + found.back + found.unasked) <= set(hanging_on(questionnaire, question.code, place))
    gone = [code for code, value in claimed.items() if value is not None and after[code] is None]
    assert found.lost == tuple(code for code in gone if code != question.code)
    assert found.back == ()
    assert not set(found.unasked) & set(claimed)


YES, NO, SILENT = Is("a", 1), Is("a", 2), Is("b", 1)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (YES, True),
        (NO, False),
        (SILENT, None),
        (IsNot("a", 1), False),
        (IsNot("b", 1), None),
        (Not(SILENT), None),
        (Not(NO), True),
        (AtLeast("a", 1), True),
        (AtLeast("a", 1.5), False),
        (AnyOf((SILENT, YES)), True),
        (AnyOf((SILENT, NO)), None),
        (AnyOf((NO, NO)), False),
        (AllOf((SILENT, NO)), False),
        (AllOf((SILENT, YES)), None),
        (AllOf((YES, YES)), True),
        (Is("c", "x"), True),
        (IsNot("c", "z"), True),
    ],
)
def test_an_answer_that_is_not_there_decides_nothing(condition: Condition, expected: bool | None) -> None:
    answers: Answers = {"a": 1, "c": ("x", "y")}
    assert holds(condition, answers) is expected
    assert holds(condition, json.loads(json.dumps(answers))) is expected


def test_the_comparisons_in_a_condition() -> None:
    assert list(asked_of(AllOf((AnyOf((YES, NO)), Not(SILENT))))) == [YES, NO, SILENT]


@settings(max_examples=50)
@given(answered(), PLACES)
def test_the_path_is_the_same_each_time_and_in_order(case: tuple[Questionnaire, Answers], place: str) -> None:
    questionnaire, answers = case
    path = applicable(questionnaire, answers, place)
    assert path == applicable(questionnaire, dict(reversed(answers.items())), place)
    every = [question.code for question in for_type(questionnaire, place)]
    assert [code for code in every if code in {question.code for question in path}] == [one.code for one in path]


@settings(max_examples=50)
@given(answered(), PLACES, st.data())
def test_a_hidden_question_has_no_effect(case: tuple[Questionnaire, Answers], place: str, data: st.DataObject) -> None:
    questionnaire, answers = case
    path = applicable(questionnaire, answers, place)
    hidden = [question for question in questionnaire.questions if question not in path]
    changed = answers | {question.code: data.draw(values(question)) for question in hidden}
    assert applicable(questionnaire, changed, place) == path
    without = {code: value for code, value in answers.items() if code in {question.code for question in path}}
    assert counted(questionnaire, without, place) == counted(questionnaire, changed, place) == without


@settings(max_examples=50)
@given(answered(), PLACES)
def test_an_answer_changes_nothing_before_its_question(case: tuple[Questionnaire, Answers], place: str) -> None:
    questionnaire, answers = case
    order = [question.code for question in questionnaire.questions]
    for code in answers:
        others = {other: value for other, value in answers.items() if other != code}
        until = order.index(code) + 1
        before, after = (
            [one.code for one in applicable(questionnaire, given, place) if order.index(one.code) < until]
            for given in (answers, others)
        )
        assert before == after


def test_looking_up_a_question() -> None:
    assert SMALL.question("host").kind == "choice"
    assert SMALL.section_of("host").code == "service"
    with pytest.raises(NotFound):
        SMALL.question("hots")

"""Which questions are asked of a place, given what it has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cityindex.assessment.conditions import Answers, Value, asked_of, holds
from cityindex.assessment.questionnaire import Question, Questionnaire


@dataclass(frozen=True, slots=True)
class Effect:
    """What deciding one answer does to others, by code: those that count no more, those that count again, and
    questions that would be asked now and were not."""

    lost: tuple[str, ...]
    back: tuple[str, ...]
    unasked: tuple[str, ...]


def applicable(questionnaire: Questionnaire, answers: Answers, place_type: str) -> tuple[Question, ...]:
    """The questions that apply, in their order.

    An answer to a question that does not apply is kept by whoever keeps it, but has no effect: neither here, on what
    comes after it, nor in any count. Conditions look back only, so one way through the questionnaire is enough.
    """
    found: list[Question] = []
    counted: dict[str, Value] = {}
    for question in for_type(questionnaire, place_type):
        if question.show_if is None or holds(question.show_if, counted):
            found.append(question)
            if question.code in answers:
                counted[question.code] = answers[question.code]
    return tuple(found)


def counted(questionnaire: Questionnaire, answers: Answers, place_type: str) -> Answers:
    """The answers that count: those to questions that apply, in the order of the questions."""
    asked = applicable(questionnaire, answers, place_type)
    return {question.code: answers[question.code] for question in asked if question.code in answers}


def held(
    questionnaire: Questionnaire, claimed: Mapping[str, Any], ruled: Mapping[str, Any], place_type: str
) -> dict[str, Any]:
    """What holds after a review, by question of the submission; None where there is no value.

    `ruled` are the values that were decided. Where one of them is another than was claimed, questions that hang on it
    may no longer apply: an answer to such a question has no effect, accepted or not.
    """
    values = {code: ruled.get(code, value) for code, value in claimed.items()}
    if all(values[code] == value for code, value in claimed.items()):
        return values
    asked = _asked(questionnaire, values, place_type)
    return {code: value if code in asked else None for code, value in values.items()}


def effect(
    questionnaire: Questionnaire,
    claimed: Mapping[str, Any],
    ruled: Mapping[str, Any],
    decided: tuple[str, Any],
    place_type: str,
) -> Effect:
    """What `decided` (a question and its value) does to the others, after `ruled`, in the order of the questions."""
    both = [dict(ruled), {**ruled, decided[0]: decided[1]}]
    before, after = (held(questionnaire, claimed, one, place_type) for one in both)
    asked_before, asked_after = (_asked(questionnaire, one, place_type) for one in (before, after))
    others = [code for code in asked_before | asked_after if code != decided[0]]
    order = [question.code for question in questionnaire.questions if question.code in others]
    return Effect(
        tuple(code for code in order if before.get(code) is not None and after.get(code) is None),
        tuple(code for code in order if before.get(code) is None and after.get(code) is not None),
        tuple(code for code in order if code not in claimed and code in asked_after - asked_before),
    )


def hanging_on(questionnaire: Questionnaire, code: str, place_type: str) -> tuple[str, ...]:
    """The questions whose being asked hangs on the answer to this one, itself or through others, in their order."""
    found = [code]
    for question in for_type(questionnaire, place_type):
        if question.show_if is not None and any(one.question in found for one in asked_of(question.show_if)):
            found.append(question.code)
    return tuple(found[1:])


def for_type(questionnaire: Questionnaire, place_type: str) -> tuple[Question, ...]:
    """The questions that a type of place may meet, whatever it answers; none where it does not take part."""
    if not questionnaire.applies(place_type):
        return ()
    return tuple(question for question in questionnaire.questions if question.applies(place_type))


def _asked(questionnaire: Questionnaire, values: Mapping[str, Any], place_type: str) -> frozenset[str]:
    there = {code: _answer(value) for code, value in values.items() if value is not None}
    return frozenset(question.code for question in applicable(questionnaire, there, place_type))


def _answer(value: Any) -> Value:
    """As conditions take it: several options come as a list from what was stored."""
    return tuple(value) if isinstance(value, list) else value

"""Answer once, fill several forms: which questions fill which item of another scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cityindex.assessment.conditions import Answers, Value
from cityindex.assessment.path import counted
from cityindex.assessment.questionnaire import Question, Questionnaire


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a scheme, with the questions that fill it, in the order in which they are asked."""

    code: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """An item as one place fills it: answers by the code of their question; what is not answered is not there."""

    item: Item
    answers: Mapping[str, Value]


def schemes(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The other schemes that a questionnaire fills, by name."""
    return tuple(sorted({scheme for question in questionnaire.questions for scheme in question.crosswalk}))


def items(questionnaire: Questionnaire, scheme: str) -> tuple[Item, ...]:
    """The items of a scheme that questions fill, in the order in which they are first met; none for another scheme."""
    found: dict[str, list[Question]] = {}
    for question in questionnaire.questions:
        for code in question.crosswalk.get(scheme, ()):
            found.setdefault(code, []).append(question)
    return tuple(Item(code, tuple(questions)) for code, questions in found.items())


def filled(questionnaire: Questionnaire, scheme: str, answers: Answers, place_type: str) -> tuple[Filled, ...]:
    """Every item of a scheme with the answers that count for it."""
    known = counted(questionnaire, answers, place_type)
    return tuple(
        Filled(item, {one.code: known[one.code] for one in item.questions if one.code in known})
        for item in items(questionnaire, scheme)
    )

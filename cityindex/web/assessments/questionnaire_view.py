"""A questionnaire as pages show it: numbered, in words, whole or for one type of place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cityindex.assessment import crosswalk, path
from cityindex.assessment.questionnaire import Question
from cityindex.definitions.catalogue import QuestionnaireEntry, QuestionWords, Text
from cityindex.web.assessments.answer_words import asked_if, numbers, scheme


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its number and words; `condition` says when it is asked, empty for always."""

    number: str
    question: Question
    words: QuestionWords
    condition: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section with those of its questions that are shown."""

    number: int
    code: str
    name: Text
    description: Text | None
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """Another scheme by name, with the names of its items and the questions that fill each."""

    name: str
    items: tuple[tuple[str, tuple[Asked, ...]], ...]


def parts(entry: QuestionnaireEntry, place_type: str = "") -> tuple[Part, ...]:
    """The sections that have questions for a type of place; for all of them where it is empty."""
    shown = path.for_type(entry.questionnaire, place_type) if place_type else entry.questionnaire.questions
    codes = {question.code for question in shown}
    found = [_part(entry, number, codes) for number in range(1, len(entry.questionnaire.sections) + 1)]
    return tuple(part for part in found if part.questions)


def forms(entry: QuestionnaireEntry, shown: Collection[Part]) -> tuple[Form, ...]:
    """The forms of other schemes that the shown questions fill, each with the items that are left."""
    known = {asked.question.code: asked for part in shown for asked in part.questions}
    found = []
    for code in crosswalk.schemes(entry.questionnaire):
        items = [
            (scheme(f"{code}:{item.code}"), tuple(known[one.code] for one in item.questions if one.code in known))
            for item in crosswalk.items(entry.questionnaire, code)
        ]
        kept = tuple(item for item in items if item[1])
        if kept:
            found.append(Form(scheme(code), kept))
    return tuple(found)


def _part(entry: QuestionnaireEntry, number: int, codes: Collection[str]) -> Part:
    section = entry.questionnaire.sections[number - 1]
    called = numbers(entry.questionnaire)
    asked = tuple(
        Asked(
            called[question.code],
            question,
            entry.words_of(question.code),
            asked_if(entry, question.show_if) if question.show_if else "",
        )
        for question in section.questions
        if question.code in codes
    )
    return Part(number, section.code, entry.names[section.code], entry.descriptions.get(section.code), asked)

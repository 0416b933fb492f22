"""What questions, answers and conditions say, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from cityindex.assessment.answers import AnswerProblem, Why
from cityindex.assessment.conditions import AllOf, AnyOf, AtLeast, Condition, Is, IsNot, Not, Value
from cityindex.assessment.questionnaire import DO_NOT_KNOW, NO, NOT_APPLICABLE, YES, Question, Questionnaire
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.web.filters import number, translated
from cityindex.web.session import application

KINDS = {
    "rubric": lazy_gettext("a level from 0 to 5"),
    "yes-no": lazy_gettext("“yes” or “no”"),
    "number": lazy_gettext("a number"),
    "choice": lazy_gettext("one of these"),
    "multiple-choice": lazy_gettext("all that apply"),
    "text": lazy_gettext("in your own words"),
}
EVIDENCE = {
    "document": lazy_gettext("document"),
    "image": lazy_gettext("picture"),
    "url": lazy_gettext("link"),
}
FIXED = {
    YES: lazy_gettext("Yes"),
    NO: lazy_gettext("No"),
    NOT_APPLICABLE: lazy_gettext("Does not apply to us"),
    DO_NOT_KNOW: lazy_gettext("We do not know"),
}
REFUSED: Mapping[Why, tuple[Any, Any]] = {
    "several": (lazy_gettext("Several answers came."), lazy_gettext("Choose one.")),
    "not-permitted": (
        lazy_gettext("This question has no such answer."),
        lazy_gettext("Choose an answer, or leave it for later."),
    ),
    "not-a-level": (lazy_gettext("This is not a level of this question."), lazy_gettext("Choose a level.")),
    "not-an-option": (
        lazy_gettext("This is not an answer of this question."),
        lazy_gettext("Choose one of the answers."),
    ),
    "not-a-number": (lazy_gettext("This is not a number."), lazy_gettext("Write a number without its unit.")),
    "two-ways": (
        lazy_gettext("This could be read as %(whole)s or as %(point)s."),
        lazy_gettext("Write %(whole)s or %(point)s."),
    ),
    "decimals": (
        lazy_gettext("This has more than %(decimals)s decimal places."),
        lazy_gettext("Round it to %(decimals)s."),
    ),
    "too-low": (lazy_gettext("This is below %(limit)s."), lazy_gettext("Write %(limit)s or more, and check the unit.")),
    "too-high": (
        lazy_gettext("This is above %(limit)s."),
        lazy_gettext("Write %(limit)s or less, and check the unit."),
    ),
    "not-text": (lazy_gettext("These are not words."), lazy_gettext("Write words.")),
    "too-long": (
        lazy_gettext("This is longer than %(limit)s characters."),
        lazy_gettext("Shorten it, or attach a document."),
    ),
}


def refused(problem: AnswerProblem) -> tuple[str, str]:
    """Why an answer cannot be taken, and what to do."""
    reason, cure = (str(said) % problem.values for said in REFUSED[problem.why])
    return reason, cure


def answered(entry: QuestionnaireEntry, question: Question, value: Value) -> str:
    """An answer in words: the level with its statement, the names of options, a number."""
    words = entry.words_of(question.code)
    if isinstance(value, tuple | list):
        return ", ".join(answered(entry, question, one) for one in value)
    if question.kind == "rubric" and isinstance(value, int):
        return f"{value}: {translated(words.levels.get(value))}"
    if isinstance(value, int | float):
        return number(value, question.decimals)
    return short(entry, question.code, value)


def short(entry: QuestionnaireEntry, code: str, value: Value) -> str:
    """A value of an answer in a few words: a level is its number."""
    if isinstance(value, int | float):
        return number(value)
    option = entry.words_of(code).options.get(str(value))
    return translated(option) if option else str(FIXED.get(str(value), value))


def unit(code: str) -> str:
    """The name of a unit, or its code where the list has lost it since."""
    units = application().catalogue.codelist("units").items
    return translated(units[code].name) if code in units else code


def scheme(code: str) -> str:
    """The name of another scheme, or of an item of it (`LPA:1`); its code where the list has lost it since."""
    listed = application().catalogue.codelists.get("crosswalk")
    return translated(listed.items[code].name) if listed and code in listed.items else code


def numbers(questionnaire: Questionnaire) -> dict[str, str]:
    """What people call a question in a meeting: `2.3` is the third of the second section."""
    return {
        question.code: f"{place}.{position}"
        for place, section in enumerate(questionnaire.sections, 1)
        for position, question in enumerate(section.questions, 1)
    }


def asked_if(entry: QuestionnaireEntry, condition: Condition) -> str:
    """When a question is asked, as half a sentence over the numbers of earlier ones."""
    known = numbers(entry.questionnaire)

    def said(rule: Condition, inside: bool = True) -> str:
        match rule:
            case AnyOf(parts) | AllOf(parts):
                word = gettext("or") if isinstance(rule, AnyOf) else gettext("and")
                joined = f" {word} ".join(said(part) for part in parts)
                return f"({joined})" if inside and len(parts) > 1 else joined
            case Not(part):
                return gettext("not (%(rule)s)", rule=said(part, inside=False))
            case Is(code, value):
                return gettext("%(question)s is “%(answer)s”", question=known[code], answer=short(entry, code, value))
            case IsNot(code, value):
                return gettext(
                    "%(question)s is not “%(answer)s”", question=known[code], answer=short(entry, code, value)
                )
            case AtLeast(code, value):
                return gettext("%(question)s is %(least)s or more", question=known[code], least=number(value))

    return said(condition, inside=False)

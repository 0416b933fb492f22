"""Reading one answer as a form or JSON sends it, and what it says as an observation."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from cityindex.assessment.conditions import Value
from cityindex.assessment.questionnaire import NO_VALUE, YES, Kind, Question
from cityindex.errors import Problem
from cityindex.thai import arabic_digits

LONGEST = 10_000
MOST_DIGITS = 25
SIGNS = str.maketrans({"−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " "})
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
COMMA = re.compile(r"[+-]?\d+,\d+")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3}){2,}(\.\d+)?|(,\d{3})\.\d+|( \d{3})+(\.\d+)?)")
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
NOTHING: Mapping[str, str] = MappingProxyType({})

Why = Literal[
    "several",
    "not-permitted",
    "not-a-level",
    "not-an-option",
    "not-a-number",
    "two-ways",
    "decimals",
    "too-low",
    "too-high",
    "not-text",
    "too-long",
]
_ENGLISH: Mapping[Why, tuple[str, str]] = {
    "several": ("several answers came where one is asked for", "choose one"),
    "not-permitted": ("this question has no such answer", "choose an answer, or leave it for later"),
    "not-a-level": ("is not a level of this question", "choose one of {offered}"),
    "not-an-option": ("is not an answer of this question", "choose one of {offered}"),
    "not-a-number": ("is not a number", "write a number without its unit"),
    "two-ways": ("could be read as {whole} or as {point}", "write {whole} or {point}"),
    "decimals": ("has more than {decimals} decimal places", "round it to {decimals}"),
    "too-low": ("is below {limit}", "write {limit} or more; check the unit"),
    "too-high": ("is above {limit}", "write {limit} or less; check the unit"),
    "not-text": ("is not text", "write words"),
    "too-long": ("is longer than {limit} characters", "shorten it, or attach a document"),
}


@dataclass(frozen=True, slots=True)
class AnswerProblem(Problem):
    """Why an answer cannot be taken. `why` and `values` let a page say it in the reader's language."""

    why: Why = "not-permitted"
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING, hash=False)


def check(question: Question, raw: Any) -> Value | AnswerProblem | None:
    """The value of an answer as a form or JSON sends it; None where nothing is answered.

    Levels become integers; numbers are read with Thai digits, thousands and a decimal comma, and what could be read in
    two ways is refused; `not-applicable` and `do-not-know` are taken where the question permits them.
    """
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or raw in ("", [], ()):
        return None
    if question.kind != "multiple-choice" and isinstance(raw, list | tuple):
        if len(raw) > 1:
            return _problem("several", ", ".join(map(str, raw)))
        return check(question, raw[0])
    if isinstance(raw, str) and raw in NO_VALUE and question.kind != "text":
        return raw if raw in question.permits else _problem("not-permitted", raw)
    return _READERS[question.kind](question, raw)


def observed(question: Question, value: Value) -> float | None:
    """The value that an answer gives to the indicator with the question's code; None where it gives none.

    A level is its number, yes 1 and no 0. Choices and words are no observation, nor is an answer without a value.
    """
    if value in NO_VALUE or not question.measured:
        return None
    if question.kind == "yes-no":
        return float(value == YES)
    return float(value) if isinstance(value, int | float) else None


def _level(question: Question, raw: Any) -> Value | AnswerProblem:
    text = arabic_digits(str(raw))
    for level in question.levels:
        if text == str(level) and not isinstance(raw, bool):
            return level
    return _problem("not-a-level", raw, offered=_offered(question))


def _yes_no(question: Question, raw: Any) -> Value | AnswerProblem:
    words = {True: "yes", False: "no"}
    return _option(question, words[raw] if isinstance(raw, bool) else raw)


def _option(question: Question, raw: Any) -> Value | AnswerProblem:
    if isinstance(raw, str) and raw in question.values:
        return raw
    return _problem("not-an-option", raw, offered=_offered(question))


def _options(question: Question, raw: Any) -> Value | AnswerProblem:
    """In the order of the questionnaire, each once."""
    chosen = list(raw) if isinstance(raw, list | tuple) else [raw]
    unknown = [one for one in chosen if one not in question.options]
    if len(chosen) == 1 and chosen[0] in question.permits:
        return str(chosen[0])
    if unknown:
        return _problem("not-an-option", unknown[0], offered=_offered(question))
    return tuple(option for option in question.options if option in chosen)


def _number(question: Question, raw: Any) -> Value | AnswerProblem:
    number = _decimal(raw)
    if isinstance(number, AnswerProblem):
        return number
    whole = question.decimals == 0
    return _limits(question, number, raw) or (int(number) if whole else float(number))


def _decimal(raw: Any) -> Decimal | AnswerProblem:
    text = arabic_digits(str(raw).translate(SIGNS)).strip()
    if TWO_WAYS.fullmatch(text):
        return _problem("two-ways", raw, whole=text.replace(",", ""), point=text.replace(",", "."))
    if GROUPED.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    elif COMMA.fullmatch(text):
        text = text.replace(",", ".")
    readable = len(text) <= MOST_DIGITS and (_is_number(raw) or PLAIN.fullmatch(text))
    return Decimal(text) if readable else _problem("not-a-number", raw)


def _is_number(raw: Any) -> bool:
    """A number of JSON, which may be written as 1e-05; infinities and NaN are none."""
    return isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)


def _limits(question: Question, number: Decimal, raw: Any) -> AnswerProblem | None:
    low, high = question.bounds or (None, None)
    if low is not None and number < Decimal(str(low)):
        return _problem("too-low", raw, limit=f"{low:g}")
    if high is not None and number > Decimal(str(high)):
        return _problem("too-high", raw, limit=f"{high:g}")
    decimals = question.decimals
    if decimals is not None and -int(number.normalize().as_tuple().exponent) > decimals:
        return _problem("decimals", raw, decimals=str(decimals))
    return None


def _text(_: Question, raw: Any) -> Value | AnswerProblem:
    if not isinstance(raw, str):
        return _problem("not-text", raw)
    return _problem("too-long", raw[:60], limit=str(LONGEST)) if len(raw) > LONGEST else raw


def _offered(question: Question) -> str:
    return ", ".join(map(str, question.values))


def _problem(why: Why, raw: Any, **values: str) -> AnswerProblem:
    reason, cure = (text.format(**values) for text in _ENGLISH[why])
    return AnswerProblem(reason, cure, value=str(raw)[:60], why=why, values=MappingProxyType(values))


_READERS: Mapping[Kind, Callable[[Question, Any], Value | AnswerProblem]] = {
    "rubric": _level,
    "yes-no": _yes_no,
    "number": _number,
    "choice": _option,
    "multiple-choice": _options,
    "text": _text,
}

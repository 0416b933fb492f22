"""When a question is asked: rules over earlier answers, as data.

An answer that is not there makes a comparison neither true nor false (None), whichever way it is asked: a question is
shown once what it depends on is answered, so `not` and `is_not` agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Value = int | float | str | tuple[str, ...]
"""An answer: a level, a number, a code of an option (`yes` and `no` too), words, or several codes."""
Answers = Mapping[str, Value]
"""The answers that are there, by the code of their question. What is not answered is not among them."""


@dataclass(frozen=True, slots=True)
class Is:
    """The answer is `value`; of several options, `value` is among them."""

    question: str
    value: Value


@dataclass(frozen=True, slots=True)
class IsNot:
    """There is an answer, and it is not `value`."""

    question: str
    value: Value


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The answer is a level or a number from `value` on; "does not apply" and "do not know" are not."""

    question: str
    value: float


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


Condition = Is | IsNot | AtLeast | AnyOf | AllOf | Not


def holds(condition: Condition, answers: Answers) -> bool | None:
    """Whether a condition is true of the answers; None where that hangs on an answer that is not there."""
    match condition:
        case AnyOf(conditions):
            return _any(holds(one, answers) for one in conditions)
        case AllOf(conditions):
            return _opposite(_any(_opposite(holds(one, answers)) for one in conditions))
        case Not(inner):
            return _opposite(holds(inner, answers))
        case _:
            answer = answers.get(condition.question)
            return None if answer is None else _compare(condition, answer)


def asked_of(condition: Condition) -> Iterator[Is | IsNot | AtLeast]:
    """Every comparison in a condition, in its order."""
    match condition:
        case AnyOf(conditions) | AllOf(conditions):
            for one in conditions:
                yield from asked_of(one)
        case Not(inner):
            yield from asked_of(inner)
        case _:
            yield condition


def _compare(condition: Is | IsNot | AtLeast, answer: Value) -> bool:
    match condition:
        case Is(_, value):
            return _is(answer, value)
        case IsNot(_, value):
            return not _is(answer, value)
        case AtLeast(_, value):
            return isinstance(answer, int | float) and answer >= value


def _is(answer: Value, value: Value) -> bool:
    """Answers that were stored as JSON have lists where there were tuples."""
    return value in answer if isinstance(answer, tuple | list) else answer == value


def _any(found: Iterable[bool | None]) -> bool | None:
    known = list(found)
    return True if True in known else None if None in known else False


def _opposite(found: bool | None) -> bool | None:
    return None if found is None else not found

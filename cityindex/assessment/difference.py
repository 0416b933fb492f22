"""What differs between two submissions: the rest needs no second look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DESCRIBED = ("name", "note", "dated", "valid_until")
"""What is said of evidence."""


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions of `now` whose answer, note or evidence differs from `before`, in their order.

    Both are contents of submissions. A question that was not asked before has changed.
    """
    return tuple(question for question in now["applicable"] if _said(before, question) != _said(now, question))


def _said(content: Mapping[str, Any], question: str) -> tuple[Any, ...] | None:
    answer = content["answers"].get(question)
    if answer is None:
        return None
    evidence = content["evidence"].get(question, ())
    return (
        answer["value"],
        answer["note"],
        tuple(sorted((one["id"], *(one.get(name) or "" for name in DESCRIBED)) for one in evidence)),
    )

"""Before a decision is taken that changes which questions apply: what becomes of the others is said, and asked once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import render_template, request

from cityindex.assessment import answers as reading
from cityindex.assessment.path import Effect, effect
from cityindex.assessment.workflow import Verdict
from cityindex.errors import Problem
from cityindex.services.assessments.reviews import Part, Ruling
from cityindex.web.assessments.review_view import ReviewSheet
from cityindex.web.filters import translated
from cityindex.web.forms import given

KNOWN, BACK = "known", "back"
"""Fields of the form that asks: what the reviewer was told of, and the button that leads back."""


@dataclass(frozen=True, slots=True)
class Line:
    """A question by number and name, and what the municipality answered."""

    number: str
    text: str
    claimed: str


@dataclass(frozen=True)
class Asking:
    """A decision with what it does. `known` is sent back with it, so that nothing is agreed to that was not shown."""

    sheet: ReviewSheet
    question: str
    value: Any
    effect: Effect

    @property
    def known(self) -> str:
        return " ".join((*self.effect.lost, *self.effect.unasked))

    @property
    def said(self) -> bool:
        return given(KNOWN) == self.known

    @cached_property
    def decided(self) -> Line:
        return self._lines([self.question])[0]

    @property
    def becomes(self) -> str:
        return self.sheet.words(self.question, self.value)

    @cached_property
    def lost(self) -> list[Line]:
        return self._lines(self.effect.lost)

    @cached_property
    def back(self) -> list[Line]:
        return self._lines(self.effect.back)

    @cached_property
    def unasked(self) -> list[Line]:
        return self._lines(self.effect.unasked)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The decision as it was sent, to be sent again."""
        own = ("csrf_token", KNOWN, BACK)
        return [(name, one) for name, some in request.form.lists() if name not in own for one in some]

    def _lines(self, codes: Iterable[str]) -> list[Line]:
        entry, claimed = self.sheet.entry, self.sheet.claimed
        return [
            Line(
                self.sheet.numbers[code],
                translated(entry.words_of(code).text),
                self.sheet.words(code, claimed.get(code)),
            )
            for code in codes
        ]


def asked_first(sheet: ReviewSheet, ruling: Ruling, part: Part, action: str) -> str | None:
    """The page that asks whether a decision is meant; None where nothing hangs on it, or it was agreed to already.

    A second review changes no value, and what goes back is answered anew: of these nothing is asked.
    """
    found = None if part == "second" or ruling.verdict is Verdict.RETURN else _asking(sheet, ruling)
    if found is None or not found.known or found.said:
        return None
    return render_template(
        "pages/reviews/confirm.html", asking=found, sheet=sheet, record=sheet.record, entry=sheet.entry, action=action
    )


def _asking(sheet: ReviewSheet, ruling: Ruling) -> Asking | None:
    """None of a decision that will be refused for what is wrong with it."""
    code, stale = ruling.question, ruling.submission not in (None, sheet.submitted.number)
    if code not in sheet.claimed or stale or (ruling.verdict is Verdict.ADJUST and not ruling.reason.strip()):
        return None
    questionnaire, value = sheet.entry.questionnaire, sheet.claimed[code]
    if ruling.verdict is Verdict.ADJUST:
        value = reading.check(questionnaire.question(code), ruling.value)
        if value is None or isinstance(value, Problem):
            return None
    type_ = sheet.submitted.content["place_type"]
    return Asking(sheet, code, value, effect(questionnaire, sheet.claimed, sheet.ruled, (code, value), type_))

"""The frozen classes of a questionnaire.

`cityindex.definitions` reads files into these classes; anything else may build them by hand. They hold the rules and
no words: the words of a section, question, level or option stand in the catalogue, by the same codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from cityindex.assessment.conditions import Condition, Value
from cityindex.errors import NotFound

Kind = Literal["rubric", "yes-no", "number", "choice", "multiple-choice", "text"]
KINDS: tuple[Kind, ...] = ("rubric", "yes-no", "number", "choice", "multiple-choice", "text")
MEASURED: tuple[Kind, ...] = ("rubric", "yes-no", "number")
"""The kinds whose answers become observations of the indicator with the question's code."""

YES, NO = "yes", "no"
NOT_APPLICABLE, DO_NOT_KNOW = "not-applicable", "do-not-know"
NO_VALUE = (NOT_APPLICABLE, DO_NOT_KNOW)
"""Answers without a value, where a question permits them: they count as answered and are observed as missing."""

EVIDENCE_KINDS = ("document", "image", "url")
NO_CROSSWALK: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer rests on: wanted from a level on (a yes is 1), of certain kinds. A `no` never needs it."""

    from_level: int = 1
    kinds: tuple[str, ...] = EVIDENCE_KINDS


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `applies_to` are place types (None: all of the questionnaire's); `permits` are of `NO_VALUE`.

    `external` marks an item that a reviewer can check from outside, such as a service on a website.
    """

    code: str
    kind: Kind
    levels: tuple[int, ...] = ()
    options: tuple[str, ...] = ()
    evidence: Evidence | None = None
    show_if: Condition | None = None
    applies_to: tuple[str, ...] | None = None
    crosswalk: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_CROSSWALK, hash=False)
    external: bool = False
    permits: tuple[str, ...] = ()
    decimals: int | None = None
    bounds: tuple[float | None, float | None] | None = None

    @property
    def measured(self) -> bool:
        """Whether its answers become observations."""
        return self.kind in MEASURED

    @property
    def values(self) -> tuple[Value, ...]:
        """Every value that an answer can be chosen from, lowest level first; none for a number or words."""
        chosen: tuple[Value, ...] = (YES, NO) if self.kind == "yes-no" else self.levels or self.options
        return (*chosen, *self.permits)

    def applies(self, place_type: str) -> bool:
        return self.applies_to is None or place_type in self.applies_to

    def wants_evidence(self, answer: Value | None) -> bool:
        """Whether this answer should have evidence beside it: that something is not there needs none."""
        if self.evidence is None or answer is None or answer in (*NO_VALUE, NO):
            return False
        return self.kind != "rubric" or (isinstance(answer, int) and answer >= self.evidence.from_level)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together, in their order."""

    code: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of an instrument. Approved answers become observations of the indicators of `framework`.

    `applies_to` are the types of places that answer it; None where all do.
    """

    code: str
    version: str
    framework: str
    applies_to: tuple[str, ...] | None
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the order in which they are asked."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, code: str) -> Question:
        """Raises `NotFound`."""
        return self._found(code)[1]

    def section_of(self, code: str) -> Section:
        """The section of a question. Raises `NotFound`."""
        return self._found(code)[0]

    def applies(self, place_type: str) -> bool:
        return self.applies_to is None or place_type in self.applies_to

    def _found(self, code: str) -> tuple[Section, Question]:
        for section, question in self._pairs():
            if question.code == code:
                return section, question
        raise NotFound(f"there is no question {code} in {self.code} {self.version}")

    def _pairs(self) -> Iterator[tuple[Section, Question]]:
        for section in self.sections:
            yield from ((section, question) for question in section.questions)

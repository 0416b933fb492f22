"""How far an assessment has come: "23 of 40 applicable, 5 without evidence"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cityindex.assessment.conditions import Answers
from cityindex.assessment.path import applicable
from cityindex.assessment.questionnaire import Question, Questionnaire

State = Literal["not-started", "in-progress", "done", "does-not-apply"]


@dataclass(frozen=True, slots=True)
class Progress:
    """The codes of questions that apply, in their order: all, those without an answer, those whose answer wants
    evidence and has none, and those that somebody marked for later."""

    questions: tuple[str, ...]
    open_questions: tuple[str, ...]
    unproven_questions: tuple[str, ...]
    marked_questions: tuple[str, ...]

    @property
    def applicable(self) -> int:
        return len(self.questions)

    @property
    def answered(self) -> int:
        return len(self.questions) - len(self.open_questions)

    @property
    def without_evidence(self) -> int:
        return len(self.unproven_questions)

    @property
    def marked(self) -> int:
        return len(self.marked_questions)

    @property
    def state(self) -> State:
        """Of answering; missing evidence and marks never hold it back."""
        if not self.questions:
            return "does-not-apply"
        if not self.open_questions:
            return "done"
        return "in-progress" if self.answered else "not-started"


@dataclass(frozen=True, slots=True)
class Completeness(Progress):
    """The whole, with each section by its code, in the order of the questionnaire."""

    sections: Mapping[str, Progress]


def of(
    questionnaire: Questionnaire,
    answers: Answers,
    evidence_counts: Mapping[str, int],
    place_type: str,
    marked: Collection[str] = (),
) -> Completeness:
    """The completeness of an assessment. Answers, evidence and marks of questions that do not apply do not count.

    `evidence_counts` gives how many files and links stand beside a question, by its code; none where it is absent.
    """
    asked = {question.code for question in applicable(questionnaire, answers, place_type)}

    def progress(questions: tuple[Question, ...]) -> Progress:
        there = [question for question in questions if question.code in asked]
        return Progress(
            tuple(question.code for question in there),
            tuple(question.code for question in there if question.code not in answers),
            tuple(question.code for question in there if _lacks_evidence(question, answers, evidence_counts)),
            tuple(question.code for question in there if question.code in marked),
        )

    whole = progress(questionnaire.questions)
    return Completeness(
        whole.questions,
        whole.open_questions,
        whole.unproven_questions,
        whole.marked_questions,
        MappingProxyType({section.code: progress(section.questions) for section in questionnaire.sections}),
    )


def _lacks_evidence(question: Question, answers: Answers, evidence_counts: Mapping[str, int]) -> bool:
    return question.wants_evidence(answers.get(question.code)) and not evidence_counts.get(question.code)

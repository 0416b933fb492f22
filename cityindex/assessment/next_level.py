"""What comes next: the questions of a municipality with the level it has and the one above, the lowest first."""

from __future__ import annotations

from dataclasses import dataclass

from cityindex.assessment.conditions import Answers
from cityindex.assessment.path import applicable
from cityindex.assessment.questionnaire import Question, Questionnaire


@dataclass(frozen=True, slots=True)
class Step:
    """A question whose next level can be worked for. `start` is None where nothing is answered."""

    question: Question
    start: int | None
    goal: int


def steps(questionnaire: Questionnaire, answers: Answers, place_type: str) -> tuple[Step, ...]:
    """The rubric questions that apply and are not at their highest level: the lowest level first, else as asked.

    A question without an answer counts as below its lowest level; one that was answered without a level (it does not
    apply to them, they do not know) has no step.
    """
    found = [
        step
        for question in applicable(questionnaire, answers, place_type)
        if question.kind == "rubric" and (step := _step(question, answers.get(question.code))) is not None
    ]
    return tuple(sorted(found, key=lambda step: -1 if step.start is None else step.start))


def _step(question: Question, answer: object) -> Step | None:
    if answer is None:
        return Step(question, None, next((level for level in question.levels if level > 0), question.levels[0]))
    above = [level for level in question.levels if isinstance(answer, int) and level > answer]
    return Step(question, int(str(answer)), above[0]) if above else None

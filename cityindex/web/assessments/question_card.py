"""A question with what stands beside it, whether it is answered or reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from cityindex.assessment.questionnaire import Question
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.queries.assessments.answers import CommentRecord


class OfQuestions(Protocol):
    """A page of questions."""

    @property
    def entry(self) -> QuestionnaireEntry: ...
    @property
    def numbers(self) -> Any: ...
    @property
    def comments(self) -> tuple[CommentRecord, ...]: ...


Page = TypeVar("Page", bound=OfQuestions)


@dataclass(frozen=True)
class QuestionCard(Generic[Page]):
    """What every card of a question has."""

    sheet: Page
    question: Question

    @property
    def code(self) -> str:
        return self.question.code

    @property
    def number(self) -> str:
        found: str = self.sheet.numbers[self.code]
        return found

    @property
    def words(self) -> Any:
        return self.sheet.entry.words_of(self.code)

    @property
    def comments(self) -> tuple[CommentRecord, ...]:
        return tuple(one for one in self.sheet.comments if one.question == self.code)

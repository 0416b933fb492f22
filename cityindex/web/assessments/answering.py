"""An assessment as the pages of answering show it: its questions with what is answered, said and missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cityindex.assessment.questionnaire import Question, Section
from cityindex.assessment.workflow import Deed, State, Verdict
from cityindex.calendars import day_of
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.models import now
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.accounts.tasks import names_of
from cityindex.queries.assessments.answers import (
    AnswerRecord,
    CommentRecord,
    DecisionRecord,
    comments_of,
    decisions_of,
    in_force,
)
from cityindex.queries.assessments.answers import changes_of as all_changes
from cityindex.queries.assessments.answers import submission as one_submission
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.queries.plans.plans import ActionRecord, plan_by_question
from cityindex.services.accounts.roles import HANDS_IN, Permission
from cityindex.services.accounts.roles import reach as held_reach
from cityindex.services.assessments.assessments import UNCONFIRMED
from cityindex.services.assessments.submissions import Draft, draft_of
from cityindex.web.assessments.answer_words import answered, numbers
from cityindex.web.assessments.evidence_view import Beside, all_beside
from cityindex.web.assessments.question_card import QuestionCard
from cityindex.web.permissions import may, require
from cityindex.web.reader import me
from cityindex.web.session import database

TO_MUNICIPALITY, TO_ALL = "municipality", "all"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form sent and could not be saved: shown again, so that nothing is lost. `problem` says why."""

    question: str
    values: tuple[str, ...]
    note: str
    later: bool
    seen: int
    problem: tuple[str, str] | None = None
    theirs: AnswerRecord | None = None
    closed: str = ""


@dataclass(frozen=True)
class Sheet:
    """What a reader with a right to its drafts sees of an assessment."""

    record: AssessmentRecord
    entry: QuestionnaireEntry
    draft: Draft
    insider: bool
    may_answer: bool
    may_submit: bool
    may_comment: bool
    typed: Typed | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def plan(self) -> Mapping[str, tuple[ActionRecord, ...]]:
        """What the improvement plan of the place says about each question."""
        return plan_by_question(database(), self.record.place.id)

    @property
    def answerable(self) -> bool:
        """Whether the municipality may write today."""
        return self.record.answerable(day_of(now()))

    @property
    def writes(self) -> bool:
        """Whether the reader may write today."""
        return self.may_answer and self.answerable

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        return numbers(self.entry.questionnaire)

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """The questions that apply, in their order."""
        return tuple(map(self.entry.questionnaire.question, self.draft.completeness.questions))

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Questions whose answer of the round before waits for a word."""
        answers = self.draft.answers
        return tuple(one for one in self.draft.completeness.questions if _unconfirmed(answers.get(one)))

    @cached_property
    def decided(self) -> Mapping[str, DecisionRecord]:
        """What reviewers decided on the newest submission, by question; nothing that is still under review."""
        moved = [one.deed for one in self.record.events if one.deed not in (Deed.EXTENDED, Deed.ASSIGNED)]
        if moved[-1] in (Deed.OPENED, Deed.SUBMITTED):
            return {}
        newest = one_submission(database(), self.record.id, self.record.standing.submission)
        decisions = decisions_of(database(), newest.id)
        if self.record.standing.state is State.APPEALED:  # what the programme office says to it is not said yet
            decisions = tuple(one for one in decisions if one.part != "appeal")
        return in_force(decisions)

    @property
    def returned(self) -> tuple[str, ...]:
        """Questions that a reviewer returned, while the municipality has them."""
        if not self.record.standing.answerable:
            return ()
        back = [code for code, one in self.decided.items() if one.verdict is Verdict.RETURN]
        return tuple(one for one in self.draft.completeness.questions if one in back)

    @cached_property
    def comments(self) -> tuple[CommentRecord, ...]:
        """Those for the reader: what people of the municipality say to each other stays among them."""
        audiences = {TO_ALL, TO_MUNICIPALITY} if self.insider else {TO_ALL}
        return tuple(one for one in comments_of(database(), self.record.id) if one.audience in audiences)

    @cached_property
    def changes(self) -> Mapping[str, tuple[AnswerRecord, ...]]:
        """Every save, by question, the newest first."""
        found: dict[str, list[AnswerRecord]] = {}
        for one in all_changes(database(), self.record.id):
            found.setdefault(one.question, []).append(one)
        return {question: tuple(some) for question, some in found.items()}

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The names of everybody who had a hand in it."""
        people = [event.by for event in self.record.events]
        people += [event.detail.get("reviewer") for event in self.record.events]
        people += [one.by for some in self.changes.values() for one in some] + [one.by for one in self.comments]
        return names_of(database(), people)

    def question(self, code: str) -> Card:
        return Card(self, self.entry.questionnaire.question(code))

    def cards(self, section: Section) -> tuple[Card, ...]:
        """The questions of a section that this type of place may meet; those that do not apply now are hidden."""
        place_type = self.record.place.place_type
        return tuple(Card(self, question) for question in section.questions if question.applies(place_type))

    def words(self, code: str, value: Any) -> str:
        """An answer in words; empty where there is none."""
        return "" if value is None else answered(self.entry, self.entry.questionnaire.question(code), value)

    def written(self, card: Card) -> str:
        """What was sent and could not be saved, in words as far as they are known."""
        entry, known = self.entry, card.question.values
        read = {str(value): value for value in known}
        values = card.typed.values if card.typed else ()
        return ", ".join(answered(entry, card.question, read[one]) if one in read else one for one in values)


@dataclass(frozen=True)
class Card(QuestionCard["Sheet"]):
    """One question with everything that an answer needs beside it."""

    @property
    def section(self) -> str:
        return self.sheet.entry.questionnaire.section_of(self.code).code

    @property
    def applies(self) -> bool:
        return self.code in self.sheet.draft.completeness.questions

    @property
    def answer(self) -> AnswerRecord | None:
        return self.sheet.draft.answers.get(self.code)

    @property
    def typed(self) -> Typed | None:
        """What was sent just now and is not saved."""
        typed = self.sheet.typed
        return typed if typed is not None and typed.question == self.code else None

    @property
    def values(self) -> tuple[str, ...]:
        """What is chosen or written in the form, as its fields hold it."""
        if self.typed is not None:
            return self.typed.values
        return fields_of(self.answer.value if self.answer else None)

    @property
    def note(self) -> str:
        return self.typed.note if self.typed else self.answer.note if self.answer else ""

    @property
    def later(self) -> bool:
        return self.typed.later if self.typed else bool(self.answer and self.answer.later)

    @property
    def seen(self) -> int:
        """The revision that whoever saves next has before him: in a conflict, both answers."""
        if self.typed is not None:
            return self.typed.theirs.revision if self.typed.theirs else self.typed.seen
        return self.answer.revision if self.answer else 0

    @property
    def said(self) -> str:
        """The stored answer in words."""
        return self.sheet.words(self.code, self.answer.value) if self.answer else ""

    @property
    def unconfirmed(self) -> bool:
        return _unconfirmed(self.answer)

    @property
    def reason(self) -> str:
        """Why a reviewer returned it; empty where none did."""
        return self.sheet.decided[self.code].reason if self.code in self.sheet.returned else ""

    @property
    def unproven(self) -> bool:
        return self.code in self.sheet.draft.completeness.unproven_questions

    @property
    def changes(self) -> tuple[AnswerRecord, ...]:
        return self.sheet.changes.get(self.code, ())

    def beside(self, back: str) -> Beside:
        """Its evidence; after adding to it, the reader goes on to `back`."""
        items = self.sheet.evidence.get(self.code, ())
        return Beside(self.sheet.record.id, self.code, items, self.sheet.writes, back)


@dataclass(frozen=True)
class Steps:
    """The way from question to question: those that apply, through all sections."""

    sheet: Sheet

    def section_of(self, code: str) -> str:
        return self.sheet.entry.questionnaire.section_of(code).code

    def after(self, code: str) -> str | None:
        """The next question that applies; also of one that does not apply itself."""
        return self._beyond(code, 1)

    def before(self, code: str) -> str | None:
        return self._beyond(code, -1)

    def _beyond(self, code: str, step: int) -> str | None:
        order = [question.code for question in self.sheet.entry.questionnaire.questions]
        applies = set(self.sheet.draft.completeness.questions)
        later = order[order.index(code) + 1 :] if step > 0 else order[: order.index(code)][::-1]
        return next((one for one in later if one in applies), None)


def sheet(number: int, *permissions: Permission, typed: Typed | None = None, evidence: bool = False) -> Sheet:
    """An assessment for whoever holds one of `permissions` at its place; to see it, where none is named."""
    record = assessment(database(), number)
    require(*(permissions or (Permission.SEE_ASSESSMENT,)), place=record.place)
    return sheet_of(record, typed, evidence)


def sheet_of(record: AssessmentRecord, typed: Typed | None = None, evidence: bool = False) -> Sheet:
    session, place = database(), record.place
    return Sheet(
        record,
        instrument(session, record.round.definition),
        draft_of(session, record),
        insider(record),
        may(Permission.ANSWER, place),
        may(Permission.APPROVE_ASSESSMENT, place),
        may(Permission.COMMENT, place),
        typed,
        all_beside(record) if evidence else {},
    )


def near() -> Reach:
    """The places where the reader is of the municipality, or advises it."""
    return held_reach([grant for grant in me().held if grant.role in HANDS_IN], Permission.SEE_ASSESSMENT)


def insider(record: AssessmentRecord) -> bool:
    """Whether the place of an assessment is among them."""
    return near().covers(record.place)


def fields_of(value: Any) -> tuple[str, ...]:
    """A stored answer as the fields of a form hold it."""
    if value is None:
        return ()
    if isinstance(value, tuple | list):
        return tuple(map(str, value))
    return (f"{value:.15g}" if isinstance(value, float) else str(value),)


def _unconfirmed(answer: AnswerRecord | None) -> bool:
    return answer is not None and answer.carried == UNCONFIRMED

"""A submission as its reviewers see it: what is claimed, what it rests on, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext

from cityindex.assessment.difference import changed
from cityindex.assessment.path import hanging_on, held
from cityindex.assessment.risk import Reason, drawn
from cityindex.assessment.workflow import State, Verdict
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.errors import NotFound
from cityindex.queries.accounts.tasks import names_of
from cityindex.queries.assessments.answers import (
    CommentRecord,
    DecisionRecord,
    SubmissionRecord,
    comments_of,
    decisions_of,
    submission,
)
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.review_queue import assigned, risks_of
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment, round_before
from cityindex.queries.assessments.verified import VerifiedAssessment, verified
from cityindex.services.accounts.roles import Permission
from cityindex.services.assessments.reviews import Part, left
from cityindex.web.assessments.answer_words import answered, numbers
from cityindex.web.assessments.answering import fields_of
from cityindex.web.assessments.evidence_view import Beside, submitted_beside
from cityindex.web.assessments.question_card import QuestionCard
from cityindex.web.assessments.review_words import reason, rules
from cityindex.web.permissions import may, require
from cityindex.web.reader import me
from cityindex.web.session import database

TO_REVIEWERS, TO_ALL = "reviewers", "all"
SECOND_STATES = (State.SUBMITTED, State.APPROVED, State.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Typed:
    """A decision that could not be taken: shown again, so that nothing is lost. `problem` says why."""

    question: str
    values: tuple[str, ...]
    reason: str
    looked_at: str
    problem: str


@dataclass(frozen=True)
class ReviewSheet:
    """The newest submission of an assessment, for whoever reviews it or runs the round."""

    record: AssessmentRecord
    entry: QuestionnaireEntry
    submitted: SubmissionRecord
    evidence: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    decisions: tuple[DecisionRecord, ...]
    held: Mapping[str, int]
    part: Part | None
    typed: Typed | None = None
    everything: bool = False

    @property
    def writes(self) -> bool:
        """Whether the reader may decide now."""
        if self.part == "second":
            return self.record.standing.state in SECOND_STATES
        return self.part == "first" and self.record.standing.state is State.SUBMITTED

    @property
    def may_run(self) -> bool:
        return may(Permission.RUN_ROUNDS, self.record.place)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        return numbers(self.entry.questionnaire)

    @cached_property
    def before(self) -> VerifiedAssessment | None:
        """What was claimed and verified in the round before."""
        earlier = round_before(database(), self.record.round)
        found = verified(database(), earlier.id, (self.record.place.id,)) if earlier else ()
        return found[0] if found else None

    @cached_property
    def changed(self) -> frozenset[str] | None:
        """What differs from the submission before; None for a first one."""
        if self.submitted.number == 1:
            return None
        earlier = submission(database(), self.record.id, self.submitted.number - 1)
        return frozenset(changed(earlier.content, self.submitted.content))

    @cached_property
    def said(self) -> Mapping[str, Mapping[str, DecisionRecord]]:
        """The newest decision of each part, by question."""
        found: dict[str, dict[str, DecisionRecord]] = {"first": {}, "second": {}, "appeal": {}}
        for one in self.decisions:
            found[one.part][one.question] = one
        return found

    @property
    def ruled(self) -> Mapping[str, Any]:
        """Values that were decided, by question. A second review changes none, and sees none of the first."""
        parts = () if self.part == "second" else ("first", "appeal")
        return {
            code: one.value
            for part in parts
            for code, one in self.said[part].items()
            if one.verdict is not Verdict.RETURN
        }

    @cached_property
    def claimed(self) -> Mapping[str, Any]:
        """What was submitted, by question; None where it was not answered."""
        return {code: given["value"] for code, given in self.submitted.content["answers"].items()}

    @cached_property
    def holding(self) -> Mapping[str, Any]:
        """What holds as it is decided now: None also of an answer that falls away with another one."""
        return held(self.entry.questionnaire, self.claimed, self.ruled, self.submitted.content["place_type"])

    @property
    def mine(self) -> Mapping[str, DecisionRecord]:
        """The reader's own decisions; of the first review for whoever only reads."""
        if self.part is None and not self.sees_all:
            return {}
        return self.said[self.part or "first"]

    @property
    def sees_all(self) -> bool:
        """Whoever runs the round; others who do not review it, only when the first review is over."""
        return self.may_run or self.record.standing.state is not State.SUBMITTED

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(self.submitted.content["applicable"])

    @property
    def undecided(self) -> tuple[str, ...]:
        return tuple(one for one in self.asked if one not in self.mine)

    @property
    def returned(self) -> tuple[str, ...]:
        return tuple(left(self.submitted, self.mine)[1])

    @property
    def second_complete(self) -> bool:
        return all(one in self.said["second"] for one in self.asked)

    @cached_property
    def cards(self) -> tuple[ReviewCard, ...]:
        return tuple(ReviewCard(self, self.entry.questionnaire.question(code)) for code in self.asked)

    @cached_property
    def comments(self) -> tuple[CommentRecord, ...]:
        """What the municipality says among itself stays there."""
        return tuple(one for one in comments_of(database(), self.record.id) if one.audience in (TO_REVIEWERS, TO_ALL))

    @cached_property
    def names(self) -> Mapping[int, str]:
        people = [event.by for event in self.record.events]
        people += [event.detail.get("reviewer") for event in self.record.events]
        people += [one.by for one in self.decisions] + [one.by for one in self.comments] + list(self.held.values())
        return names_of(database(), people)

    def words(self, code: str, value: Any) -> str:
        """A value in words; says so where there is none."""
        if value is None:
            return gettext("not answered")
        return answered(self.entry, self.entry.questionnaire.question(code), value)

    def next_after(self, code: str) -> str | None:
        """The next answer that waits for a decision, round to the first; those that need a look before the others."""
        at = self.asked.index(code) + 1 if code in self.asked else 0
        waiting = [card for card in (*self.cards[at:], *self.cards[:at]) if card.code in self.undecided]
        return next((card.code for card in sorted(waiting, key=lambda card: not card.open)), None)


@dataclass(frozen=True)
class ReviewCard(QuestionCard["ReviewSheet"]):
    """One answer with everything that a decision needs beside it."""

    @property
    def given(self) -> Mapping[str, Any]:
        """The answer as it was submitted: `value`, `note`, `carried`."""
        found: Mapping[str, Any] = self.sheet.submitted.content["answers"][self.code]
        return found

    @property
    def claimed(self) -> str:
        return self.sheet.words(self.code, self.given["value"])

    @property
    def before(self) -> tuple[str, str] | None:
        """What was claimed and verified in the round before."""
        earlier = self.sheet.before
        if earlier is None or self.code not in earlier.claimed:
            return None
        return tuple(self.sheet.words(self.code, each.get(self.code)) for each in (earlier.claimed, earlier.verified))  # type: ignore[return-value]

    @property
    def reasons(self) -> list[str]:
        of_round = self.sheet.record.round.questionnaire
        return [reason(of_round, one) for one in self.sheet.reasons if one.question == self.code]

    @property
    def decision(self) -> DecisionRecord | None:
        return self.sheet.mine.get(self.code)

    @property
    def verdict(self) -> str:
        """In words; empty where the reader's part has not decided it."""
        return self.decision.verdict if self.decision else ""

    @property
    def other(self) -> DecisionRecord | None:
        """What the other review says, once each has said his own without sight of it."""
        sheet = self.sheet
        seen = "first" if sheet.part == "second" else "second"
        free = sheet.part is None or self.decision is not None
        return sheet.said[seen].get(self.code) if free and sheet.second_complete and sheet.said["second"] else None

    @property
    def hanging(self) -> list[str]:
        """The numbers of the questions that hang on this one."""
        type_ = self.sheet.submitted.content["place_type"]
        return [self.sheet.numbers[code] for code in hanging_on(self.sheet.entry.questionnaire, self.code, type_)]

    @property
    def fallen(self) -> bool:
        """Whether it counts no more, because another answer was decided otherwise than it was given."""
        back = self.decision is not None and self.decision.verdict is Verdict.RETURN
        return not back and self.given["value"] is not None and self.sheet.holding[self.code] is None

    @property
    def beside(self) -> Beside:
        return Beside(self.sheet.record.id, self.code, self.sheet.evidence.get(self.code, ()), False, "")

    @property
    def moved(self) -> bool | None:
        """Whether it differs from the submission before; None for a first submission."""
        return None if self.sheet.changed is None else self.code in self.sheet.changed

    @property
    def open(self) -> bool:
        """What needs a look: not decided yet, and changed or with a reason. The rest is a line that opens."""
        if self.sheet.everything or (self.sheet.typed is not None and self.sheet.typed.question == self.code):
            return True
        if self.moved is not None:
            return self.moved or self.decision is None
        confirmed = self.given["carried"] == "still-true" and not self.reasons and not self.question.external
        return self.decision is None and not confirmed

    @property
    def typed(self) -> Typed | None:
        typed = self.sheet.typed
        return typed if typed is not None and typed.question == self.code else None

    @property
    def values(self) -> tuple[str, ...]:
        """What is chosen in the form: what was typed, decided, or claimed."""
        if self.typed is not None:
            return self.typed.values
        adjusted = self.decision is not None and self.decision.verdict is Verdict.ADJUST
        return fields_of(self.decision.value if adjusted and self.decision else self.given["value"])

    @property
    def written(self) -> tuple[str, str]:
        """Reason and address in the form."""
        if self.typed is not None:
            return self.typed.reason, self.typed.looked_at
        return (self.decision.reason, self.decision.looked_at) if self.decision else ("", "")

    @property
    def near(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Levels of a rubric: the claimed one with the one below and above it, and the others."""
        value, levels = self.given["value"], self.question.levels
        close = tuple(one for one in levels if isinstance(value, int) and abs(one - value) <= 1)
        return (close, tuple(one for one in levels if one not in close)) if close else (levels, ())


def review_sheet(
    number: int, *permissions: Permission, typed: Typed | None = None, everything: bool = False
) -> ReviewSheet:
    """The newest submission, for whoever holds one of `permissions` there. `NotFound` before there is one."""
    session = database()
    record = assessment(session, number)
    require(*permissions, place=record.place)
    if not record.standing.submission:
        raise NotFound(f"assessment {number} was not submitted yet")
    frozen = submission(session, number, record.standing.submission)
    decisions = decisions_of(session, frozen.id)
    held = assigned(session, [number]).get(number, {})
    return ReviewSheet(
        record,
        instrument(session, record.round.definition),
        frozen,
        submitted_beside(record, frozen.number),
        risks_of(session, [record], {number: frozen.content}, rules())[number],
        decisions,
        held,
        _part(record, held, decisions),
        typed,
        everything,
    )


def _part(record: AssessmentRecord, held: Mapping[str, int], decisions: tuple[DecisionRecord, ...]) -> Part | None:
    """Which review is the reader's: what a list says, what he has begun, or what nobody has yet."""
    if not may(Permission.REVIEW, record.place):
        return None
    own = me().id
    whose = {part: held.get(part) or _begun(decisions, part) for part in ("first", "second")}
    if whose["second"] == own:
        return "second"
    if whose["first"] in (own, None):
        return "first"
    sample = drawn(record.round.id, record.place.id, record.round.second_share)
    return "second" if sample and whose["second"] is None else None


def _begun(decisions: tuple[DecisionRecord, ...], part: str) -> int | None:
    """Whoever decided something in a part, where no list names anybody."""
    return next((one.by for one in reversed(decisions) if one.part == part), None)

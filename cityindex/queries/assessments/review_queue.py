"""What waits for review: who has it, how long it waits, and what should be looked at first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from cityindex.assessment.risk import Contradiction, Piece, Reason, Submitted, drawn, points, reasons
from cityindex.assessment.workflow import Deed, State
from cityindex.calendars import day_of
from cityindex.models import (
    AssessmentEvent,
    Decision,
    IndicatorKey,
    Observation,
    Place,
    ReviewAssignment,
    Submission,
)
from cityindex.queries.assessments.evidence import uses_of
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, RoundRecord, assessments, round_before
from cityindex.queries.assessments.verified import verified

Rules = Mapping[str, Sequence[Contradiction]]
"""Contradictions by the code of their questionnaire."""
MOST_VALUES = 5000
MOST_WEIGHED = 1000
"""Beyond it a queue stands by days of waiting: reading a whole country takes seconds, and nobody reviews it at once."""
LAST_MOVES: Mapping[State, tuple[Deed, ...]] = {
    State.OPEN: (Deed.OPENED,),
    State.SUBMITTED: (Deed.SUBMITTED,),
    State.RETURNED: (Deed.RETURNED, Deed.REOPENED),
    State.APPEALED: (Deed.APPEALED,),
    State.APPROVED: (Deed.APPROVED, Deed.APPEAL_DECIDED),
    State.PUBLISHED: (Deed.PUBLISHED, Deed.APPEAL_DECIDED),
}
province = aliased(Place)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An assessment in the queue. `first` and `second` are the reviewers that a list names.

    `drawn`: it is in the random sample for a second review. `decided` of `asked` answers are decided by the first.
    """

    record: AssessmentRecord
    days: int
    first: int | None
    second: int | None
    drawn: bool
    decided: int = 0
    asked: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def points(self) -> int:
        return points(self.reasons)


def in_queue(
    session: Session,
    where: Iterable[Any],
    states: Collection[State],
    today: date,
    wanted: Callable[[Waiting], bool] = lambda waiting: True,
) -> list[Waiting]:
    """Assessments in some states, those that wait longest first; nothing of what was submitted is read.

    `wanted` chooses among them by who has them and since when.
    """
    found = [one for one in assessments(session, *where) if one.standing.state in states and one.standing.submission]
    held = assigned(session, [one.id for one in found])
    chosen = filter(wanted, (_waiting(record, held.get(record.id, {}), today) for record in found))
    return sorted(chosen, key=lambda one: (-one.days, one.record.id))


def weighed(session: Session, waiting: Sequence[Waiting], rules: Rules) -> list[Waiting]:
    """The same with their reasons and what is decided, those with the heaviest reasons first, then the longest waiting.

    Reads what was submitted, which is most of the work: ask for at most `MOST_WEIGHED` of them.
    """
    records = [one.record for one in waiting]
    contents = newest(session, records)
    risks = risks_of(session, records, contents, rules)
    decided = _decided(session, records, contents)
    found = []
    for one in waiting:
        done, asked = decided[one.record.id]
        found.append(replace(one, decided=done, asked=asked, reasons=risks[one.record.id]))
    return sorted(found, key=lambda one: (-one.points, -one.days, one.record.id))


def _waiting(record: AssessmentRecord, held: Mapping[str, int], today: date) -> Waiting:
    """What is known of one without reading what was submitted."""
    return Waiting(
        record,
        (today - day_of(record.standing.since)).days,
        held.get("first"),
        held.get("second"),
        drawn(record.round.id, record.place.id, record.round.second_share),
    )


def moved_to(state: State) -> Select[Any]:
    """Assessments whose last move can have led to a state: narrows a queue before anything is folded."""
    moves = AssessmentEvent.deed.not_in([Deed.EXTENDED, Deed.ASSIGNED])
    newest_move = select(func.max(AssessmentEvent.id)).where(moves).group_by(AssessmentEvent.assessment_id)
    last = (AssessmentEvent.id.in_(newest_move), AssessmentEvent.deed.in_(LAST_MOVES[state]))
    return select(AssessmentEvent.assessment_id).where(*last)


def in_province(code: str) -> ColumnElement[bool]:
    """Places in the province with a code; the province itself is none of them."""
    return Place.province_id == select(province.id).where(province.code == code).scalar_subquery()


def assigned(session: Session, ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """The reviewers that a list names, by assessment and part."""
    columns = (ReviewAssignment.assessment_id, ReviewAssignment.part, ReviewAssignment.account_id)
    query = select(*columns).where(ReviewAssignment.ended_at.is_(None))
    few = query.where(ReviewAssignment.assessment_id.in_(ids)) if len(ids) < MOST_VALUES else query
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for one, part, account in session.execute(few.order_by(ReviewAssignment.id)):
        found[one][part] = account
    return found


def risks_of(
    session: Session, records: Sequence[AssessmentRecord], contents: Mapping[int, Mapping[str, Any]], rules: Rules
) -> Mapping[int, tuple[Reason, ...]]:
    """The reasons to look at each of some submitted assessments first: of their newest submissions."""
    shared = _shared(session, [one.id for one in records])
    before = _before(session, records)
    figures = _figures(session, {one.place.id for one in records}, rules)
    found: dict[int, tuple[Reason, ...]] = {}
    for one in records:
        content = contents[one.id]
        asked = instrument(session, one.round.definition).questionnaire
        earlier, since = before.get(one.id, ({}, None))
        given = Submitted(
            tuple(content["applicable"]),
            _answers(content),
            _pieces(content, shared.get(one.id, frozenset())),
            earlier,
            since,
            day_of(one.round.opened_at),
            figures.get(one.place.id, {}),
        )
        found[one.id] = reasons(asked, given, rules.get(one.round.questionnaire, ()))
    return found


def _answers(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is answered, as the questionnaire's conditions take it."""
    answers = {code: _value(content["answers"][code]["value"]) for code in content["applicable"]}
    return {code: value for code, value in answers.items() if value is not None}


def _pieces(content: Mapping[str, Any], shared: Collection[int]) -> Mapping[str, tuple[Piece, ...]]:
    return {
        code: tuple(
            Piece(_day(one["dated"]), one["kind"] == "file", one["id"] in shared, _day(one.get("valid_until")))
            for one in some
        )
        for code, some in content["evidence"].items()
    }


def newest(session: Session, records: Sequence[AssessmentRecord]) -> Mapping[int, Mapping[str, Any]]:
    """The content of the newest submission of each assessment."""
    wanted = {one.id: one.standing.submission for one in records}
    found: dict[int, Mapping[str, Any]] = {}
    for some in _portions(list(wanted)):
        query = select(Submission.assessment_id, Submission.number, Submission.content)
        for one, number, content in session.execute(query.where(Submission.assessment_id.in_(some))):
            if wanted[one] == number:
                found[one] = orjson.loads(content)
    return found


def _shared(session: Session, ids: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """The evidence that another place handed in, too, by assessment."""
    found: dict[int, frozenset[int]] = {}
    for some in _portions(ids):
        for one, uses in uses_of(session, some, everywhere=True).items():
            found[one] = frozenset(
                number for number, use in uses.items() if any(each.where == "elsewhere" for each in use)
            )
    return found


def _before(session: Session, records: Sequence[AssessmentRecord]) -> Mapping[int, tuple[Mapping[str, Any], date]]:
    """What was verified in the round before, and when that was opened; for those that took part and were approved."""
    found: dict[int, tuple[Mapping[str, Any], date]] = {}
    for asked in {one.round.id: one.round for one in records}.values():
        earlier = round_before(session, asked)
        if earlier is not None:
            own = {one.place.id: one.id for one in records if one.round.id == asked.id}
            found |= _of_round(session, earlier, own)
    return found


def _of_round(
    session: Session, earlier: RoundRecord, own: Mapping[int, int]
) -> Mapping[int, tuple[Mapping[str, Any], date]]:
    since = day_of(earlier.opened_at)
    done = {one.record.place.id: one.verified for one in verified(session, earlier.id, tuple(own))}
    return {one: (done.get(place, {}), since) for place, one in own.items()}


def _figures(session: Session, places: Collection[int], rules: Rules) -> Mapping[int, Mapping[str, float]]:
    """The newest value of each indicator that a contradiction names, by place."""
    named = {one.known.indicator for some in rules.values() for one in some if one.known is not None}
    if not named or not places:
        return {}
    query = (
        select(Observation.place_id, IndicatorKey.code, Observation.value)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .where(IndicatorKey.code.in_(named), Observation.superseded_by.is_(None), Observation.value.is_not(None))
        .order_by(Observation.period)
    )
    few = query.where(Observation.place_id.in_(places)) if len(places) < MOST_VALUES else query
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for place, code, value in session.execute(few):
        found[place][code] = value  # type: ignore[assignment]  # it is not null
    return found


def _decided(
    session: Session, records: Sequence[AssessmentRecord], contents: Mapping[int, Mapping[str, Any]]
) -> Mapping[int, tuple[int, int]]:
    """How many answers of the newest submission the first reviewer has decided, of how many."""
    wanted = {one.id: one.standing.submission for one in records}
    said: dict[int, set[str]] = defaultdict(set)
    for some in _portions(list(wanted)):
        query = (
            select(Submission.assessment_id, Submission.number, Decision.question)
            .join(Decision, Decision.submission_id == Submission.id)
            .where(Submission.assessment_id.in_(some), Decision.part == "first")
        )
        for one, number, question in session.execute(query):
            if wanted[one] == number:
                said[one].add(question)
    asked = {one: frozenset(content["applicable"]) for one, content in contents.items()}
    return {one: (len(said[one] & asked[one]), len(asked[one])) for one in wanted}


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + MOST_VALUES] for start in range(0, len(ids), MOST_VALUES))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

"""Publishing a round: approved answers become observations, the framework is scored, the edition is published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from cityindex.assessment import answers as reading
from cityindex.assessment.questionnaire import Question
from cityindex.assessment.workflow import Deed, Event, State
from cityindex.database import writing
from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.errors import CityIndexError, Conflict
from cityindex.formats.observations import ObservationTable
from cityindex.models import Round, now
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.assessments.claims import claims_of, is_public_under_appeal
from cityindex.queries.assessments.instruments import instrument
from cityindex.queries.assessments.rounds import AssessmentRecord, RoundRecord, assessments, round_
from cityindex.queries.assessments.verified import FINAL, VerifiedAssessment, verified
from cityindex.services.assessments.assessments import happened, locked
from cityindex.services.assessments.claims import Answered, keep_claims
from cityindex.services.observations.observations import ObservationsImport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.services.observations.observations import Observations
    from cityindex.services.runs.forecast import Forecast
    from cityindex.services.runs.publication import Publishing
    from cityindex.services.runs.scoring import Scoring

NORMAL, MISSING = ord("A"), ord("M")


@dataclass(frozen=True, slots=True)
class PublishedRound:
    """`published`: assessments that became public by it; `withdrawn`: opened again since, so their values are out."""

    run: int
    published: int
    assessments: int
    withdrawn: int


@dataclass(frozen=True)
class RoundForecast:
    """What publishing a round would show. Places by id: those of the round, those new in it, those taken out of it."""

    forecast: Forecast
    places: frozenset[int]
    fresh: frozenset[int]
    withdrawn: frozenset[int]


@dataclass(frozen=True)
class Makers:
    """What stores values, scores them and moves the pointer."""

    observations: Observations
    scoring: Scoring
    publishing: Publishing


class Results:
    """The use case of the programme officer. It may be repeated at any time: what is public already stays as it is."""

    def __init__(self, sessions: sessionmaker[Session], makers: Makers, clock: Callable[[], datetime] = now) -> None:
        self.sessions = sessions
        self.makers = makers
        self.clock = clock

    def publish(self, round_id: int, by: int | None) -> PublishedRound:
        """Publish every approved assessment of a round. `Conflict` where none is approved.

        The steps are transactions of their own. Stopped between two of them, it is simply done again: recording the
        same values writes nothing, and an assessment is marked as published by the run that used it, last.
        """
        actor = "cityindex" if by is None else actor_of(by)
        with self.sessions() as session:
            asked = round_(session, round_id)
            entry = instrument(session, asked.definition)
            done = verified(session, round_id)
            everybody = assessments(session, Round.id == round_id)
            opened_again = _opened_again(everybody)
            public = [*(one.record for one in done), *filter(is_public_under_appeal, everybody)]
            answered = Answered(asked, entry, everybody, claims_of(session, round_id, public))
        if not done:
            raise Conflict("no assessment of this round is approved yet: there is nothing to publish")
        self._record(asked, entry, actor, _observed(entry, asked, done, opened_again))
        try:
            run = self.makers.scoring.run(entry.questionnaire.framework, asked.period, actor)
            with self.sessions() as session:
                keep_claims(session, run, answered, self.clock())
            self.makers.publishing.publish(run, actor)
        except CityIndexError:
            # Nothing was published, so nothing may stay to be seen of what was approved since the last time.
            waiting = [one for one in done if one.record.standing.state is State.APPROVED]
            before = [one for one in done if one not in waiting]
            out = [*opened_again, *(one.record for one in waiting)]
            self._record(asked, entry, actor, _observed(entry, asked, before, out))
            raise
        return PublishedRound(run, self._mark(done, run, by), len(done), len(opened_again))

    def forecast(self, round_id: int) -> RoundForecast:
        """What `publish` would show now, with nothing stored and nothing public. `Conflict` where none is approved."""
        with self.sessions() as session:
            asked = round_(session, round_id)
            entry = instrument(session, asked.definition)
            done = verified(session, round_id)
            opened_again = _opened_again(assessments(session, Round.id == round_id))
        if not done:
            raise Conflict("no assessment of this round is approved yet: there is nothing to publish")
        figures = _observed(entry, asked, done, opened_again)
        found = self.makers.scoring.forecast(entry.questionnaire.framework, asked.period, figures, asked.demo)
        return RoundForecast(
            found,
            frozenset(one.record.place.id for one in done),
            frozenset(one.record.place.id for one in done if one.record.standing.state is State.APPROVED),
            frozenset(one.place.id for one in opened_again),
        )

    def _record(self, asked: RoundRecord, entry: QuestionnaireEntry, actor: str, table: ObservationTable) -> None:
        source = f"{entry.code} {entry.version}, {asked.period + 543}: ผ่านการตรวจ / verified self-assessment"
        how = ObservationsImport(
            f"round {asked.id}", actor, source, door="assessment", on_conflict="revise", demo=asked.demo
        )
        self.makers.observations.record(table, how)

    def _mark(self, done: Sequence[VerifiedAssessment], run: int, by: int | None) -> int:
        """Mark those as published whose approval is still the one that the run used."""
        count = 0
        with self.sessions() as session:
            writing(session)
            for one in done:
                record = locked(session, one.record.id)
                if record.standing.state is State.APPROVED and record.standing == one.record.standing:
                    happened(session, record, Event(Deed.PUBLISHED, self.clock(), by, {"run": run}))
                    count += 1
            session.commit()
        return count


def _opened_again(everybody: Iterable[AssessmentRecord]) -> tuple[AssessmentRecord, ...]:
    """Assessments that were approved once and are not now: what they said before is no longer what they say."""
    approved = [one for one in everybody if any(event.deed is Deed.APPROVED for event in one.events)]
    return tuple(one for one in approved if one.standing.state not in FINAL and not is_public_under_appeal(one))


def _observed(
    entry: QuestionnaireEntry,
    asked: RoundRecord,
    done: Sequence[VerifiedAssessment],
    opened_again: Iterable[AssessmentRecord],
) -> ObservationTable:
    """The verified values as a file of observations would give them; what has no value is said to be missing."""
    questions = sorted((one for one in entry.questionnaire.questions if one.measured), key=lambda one: one.code)
    rows = {one.record.place.code: _values(questions, one.verified) for one in done}
    rows |= {one.place.code: np.full(len(questions), np.nan) for one in opened_again}
    codes = sorted(rows)
    cube = np.stack([rows[code] for code in codes])
    count, width = cube.shape
    value = cube.ravel()
    return ObservationTable(
        places=tuple(codes),
        indicators=tuple(one.code for one in questions),
        sources=(),
        place=np.repeat(np.arange(count, dtype=np.int32), width),
        indicator=np.tile(np.arange(width, dtype=np.int16), count),
        period=np.full(count * width, asked.period, np.int16),
        value=value,
        status=np.where(np.isnan(value), MISSING, NORMAL).astype(np.uint8),
        source=None,
        line=np.arange(1, count * width + 1, dtype=np.int32),
        scheme="",
        notes=(),
    )


def _values(questions: Sequence[Question], answers: Mapping[str, Any]) -> Any:
    given = [answers.get(question.code) for question in questions]
    observed = [None if one is None else reading.observed(q, one) for q, one in zip(questions, given, strict=True)]
    return np.array([np.nan if one is None else one for one in observed])

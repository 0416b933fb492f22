"""Consultations: opened by a municipality, ended, concluded once, and answered outcome by outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import String, cast, select, update

from cityindex.database import is_sqlite, writing
from cityindex.errors import Conflict, Invalid, NotFound, Problem
from cityindex.models import (
    AuditEvent,
    Consultation,
    ConsultationAnswer,
    ConsultationTopic,
    Place,
    Target,
    TargetRevision,
    Voice,
    now,
)
from cityindex.participation.counting import Result
from cityindex.participation.reasons import cleaned
from cityindex.participation.recognising import new_secret
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.participation.consultations import ConsultationRecord, consultation, result_of
from cityindex.queries.participation.offers import Offered, ground, offered
from cityindex.queries.participation.targets import PLACE, RESIDENTS
from cityindex.queries.runs.editions import edition
from cityindex.services.participation.consultation_rules import (
    ADOPTED,
    CHANGED,
    Answered,
    Asked,
    answer_problems,
    problems_of,
)
from cityindex.services.participation.targets import Said, Subject, Targets

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

OUTCOME = "ผลการรับฟังความเห็นของประชาชน: {title}"
"""The reason of a target that nobody gave another one for. Kept in Thai, as everything that a place says."""


class Consultations:
    """Use cases of the municipality. Who may is asked by whoever calls; `doors` are those that are set up here."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        targets: Targets,
        doors: tuple[str, ...],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.sessions = sessions
        self.targets = targets
        self.doors = doors
        self.clock = clock

    def open(self, asked: Asked, by: int | None) -> int:
        """Open a consultation; its number. `Invalid` with every problem; `NotFound` where no edition holds it."""
        with self.sessions() as session:
            place = writing(session).get(Place, asked.place_id)
            if place is None:
                raise NotFound(f"there is no place {asked.place_id}")
            problems = problems_of(asked, self.clock(), self.doors_for(place.demo))
            if problems:
                raise Invalid("the consultation cannot be opened", problems)
            row = self._row(session, asked, by, place.demo)
            facts = self._facts(session, asked, row.run_id, place.place_type)
            session.add(row)
            session.flush()
            for position, (code, one) in enumerate(facts.items()):
                text = json.dumps(one.as_json())
                session.add(ConsultationTopic(consultation_id=row.id, position=position, code=code, facts=text))
            self._note(session, by, "consultation opened", row)
            session.commit()
            return row.id

    def doors_for(self, demo: bool) -> tuple[str, ...]:
        """How people can be recognised. Of demo data nobody is written to: its links are shown instead."""
        return tuple(dict.fromkeys(["email", *self.doors])) if demo else self.doors

    def end(self, number: int, by: int) -> None:
        """End a consultation before its day; that it was is shown. `NotFound`, `Conflict` where it is over."""
        with self.sessions() as session:
            row = self._alone(session, number)
            if self.clock() >= row.closes_at:
                raise Conflict(f"consultation {number} is over already")
            row.announced = row.announced or row.closes_at
            row.closes_at = self.clock()
            session.flush()
            self._note(session, by, "consultation ended early", row)
            self._conclude(session, row)
            session.commit()

    def conclude(self) -> int:
        """Conclude every consultation that is over: how many were."""
        with self.sessions() as session:
            due = select(Consultation.id).where(
                Consultation.closes_at <= self.clock(), Consultation.secret.is_not(None)
            )
            numbers = session.scalars(due.order_by(Consultation.id)).all()
        return sum(self._conclude_one(number) for number in numbers)

    def answer(self, number: int, topic_id: int, said: Answered, by: int) -> None:
        """Answer the outcome of a topic; what is adopted becomes a target of the place.

        `Invalid` with every problem, `Conflict` while it is open, `NotFound`, also where the voices were too few.
        """
        problems = answer_problems(said)
        if problems:
            raise Invalid("the answer cannot be taken", problems)
        with self.sessions() as session:
            row = self._alone(session, number)
            if self.clock() < row.closes_at:
                raise Conflict(f"consultation {number} is still open")
            self._conclude(session, row)
            record = consultation(session, number)
            topic = record.topic(topic_id)
            wanted = self._wanted(result_of(session, record, self.clock()), topic_id)
            value = said.value if said.verdict == CHANGED else wanted if said.verdict == ADOPTED else None
            words = cleaned(said.reason)
            session.add(
                ConsultationAnswer(
                    topic_id=topic_id, verdict=said.verdict, value=value, reason=words, account_id=by, at=self.clock()
                )
            )
            subject = Subject(row.place_id, topic.code, row.period)
            self._set(session, subject, value, words or OUTCOME.format(title=row.title), topic_id, by)
            self._note(session, by, "consultation answered", row)
            session.commit()

    def _row(self, session: Session, asked: Asked, by: int | None, demo: bool) -> Consultation:
        run = edition(session, asked.framework).run
        about = ground(session, run, asked.place_id)
        return Consultation(
            place_id=asked.place_id,
            framework=asked.framework,
            run_id=run,
            period=asked.period,
            title=cleaned(asked.title),
            about=cleaned(asked.about),
            most=asked.most,
            door=asked.door,
            opens_at=asked.opens_at,
            closes_at=asked.closes_at,
            opened_at=self.clock(),
            opened_by=by,
            facts=json.dumps(asdict(about)),
            secret=new_secret(),
            demo=demo,
        )

    def _facts(self, session: Session, asked: Asked, run: int, place_type: str) -> Mapping[str, Offered]:
        """What is shown of each topic. `Invalid` where a target could not be set, or there is nothing to choose."""
        found = offered(session, self.targets.catalogue, run, asked.place_id, asked.topics)
        problems = []
        for code, own in asked.topics.items():
            subject = Subject(asked.place_id, code, asked.period)
            values = [one.value for one in found[code].offers] if code in found else []
            if len(values) < 2:
                problems.append(Problem("leaves nothing to choose", "take another", column="topics", value=code))
            elif not set(own) <= set(values):
                problems.append(Problem("has a value that cannot be", "correct it", column="topics", value=code))
            else:
                problems += self.targets.problems_of(subject, Said(values[0], asked.title), place_type)
        if problems:
            raise Invalid("the consultation cannot be opened", list(dict.fromkeys(problems)))
        return {code: found[code] for code in asked.topics}

    def _conclude_one(self, number: int) -> bool:
        with self.sessions() as session:
            done = self._conclude(session, self._alone(session, number))
            session.commit()
            return done

    def _conclude(self, session: Session, row: Consultation) -> bool:
        """Keep what residents propose, and forget by what they were recognised. Done once; False where it was."""
        if row.secret is None:
            return False
        record = consultation(session, row.id)
        outcome = result_of(session, record, self.clock())
        for one in outcome.topics if outcome else ():
            if one.wanted is not None:
                subject = Subject(row.place_id, record.topic(one.topic).code, row.period)
                said = Said(one.wanted, OUTCOME.format(title=row.title), one.topic)
                self.targets.write(session, subject, RESIDENTS, said, None)
        row.secret = None
        forget = update(Voice).where(Voice.consultation_id == row.id).values(key="voice " + cast(Voice.id, String))
        session.execute(forget, execution_options={"synchronize_session": False})
        session.flush()
        return True

    def _set(  # noqa: PLR0913, PLR0917 (what is said of what, by whom)
        self, session: Session, subject: Subject, value: float | None, reason: str, topic: int, by: int
    ) -> None:
        """Set the target of the place, or take back the one that an earlier answer to the same outcome had set."""
        if value is not None:
            self.targets.write(session, subject, PLACE, Said(value, reason, topic), by)
            return
        same = (TargetRevision.target_id == Target.id) & (TargetRevision.revision == Target.revision)
        query = select(Target).join(TargetRevision, same)
        about = {"place_id": subject.place_id, "framework": "", "code": subject.code, "period": subject.period}
        mine = query.filter_by(**about, owner=PLACE).where(TargetRevision.topic_id == topic)
        for row in session.scalars(mine.where(TargetRevision.value.is_not(None))).all():
            self.targets.undo(session, row, reason, by)

    @staticmethod
    def _wanted(outcome: Result | None, topic: int) -> float:
        found: Iterable[float | None] = (one.wanted for one in outcome.topics if one.topic == topic) if outcome else ()
        wanted = next(iter(found), None)
        if wanted is None:
            raise NotFound("too few voices chose this for an outcome")
        return wanted

    @staticmethod
    def _alone(session: Session, number: int) -> Consultation:
        """Voices that are being given now come first; those that come later see what was done here."""
        row = writing(session).get(Consultation, number, with_for_update=not is_sqlite(session))
        if row is None:
            raise NotFound(f"there is no consultation {number}")
        return row

    @staticmethod
    def _note(session: Session, by: int | None, deed: str, row: Consultation) -> None:
        if by is not None:
            detail = f"place {row.place_id}"
            session.add(AuditEvent(actor=actor_of(by), action=deed, subject=f"consultation {row.id}", detail=detail))


__all__ = ["Answered", "Asked", "ConsultationRecord", "Consultations"]

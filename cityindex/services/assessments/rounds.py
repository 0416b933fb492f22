"""Rounds: opened for a cohort, carried over from the round before, extended, reminded of, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from cityindex.assessment.questionnaire import Questionnaire
from cityindex.assessment.workflow import Deed, Event, require
from cityindex.calendars import day_of
from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue, QuestionnaireEntry
from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import (
    Assessment,
    AssessmentEvent,
    AuditEvent,
    DefinitionRecord,
    Membership,
    Place,
    Round,
    now,
)
from cityindex.queries.accounts.accounts import actor_of
from cityindex.queries.assessments.rounds import AssessmentRecord, assessments, round_
from cityindex.services.assessments.assessments import happened, locked
from cityindex.services.assessments.carry_over import carry_over
from cityindex.services.assessments.notices import Notices

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

REVIEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class NewRound:
    """What a round is opened with. Without a programme, the one that uses the questionnaire is meant.

    `demo`: made-up places take part; without a word, they do where the programme has no others.
    """

    questionnaire: str
    period: int
    deadline: date
    programme: str | None = None
    review_deadline: date | None = None
    appeal_days: int = 15
    second_share: float = 0.1
    demo: bool | None = None


@dataclass(frozen=True, slots=True)
class OpenedRound:
    """`carried`: answers of the round before that wait to be confirmed."""

    round: int
    assessments: int
    carried: int


class Rounds:
    """Use cases of the programme office."""

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, clock: Callable[[], datetime] = now
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.notices = Notices(catalogue.codelist("place-types"))
        self.clock = clock

    def open(self, new: NewRound, by: int | None) -> OpenedRound:
        """Open a round for whoever is a member today and of a type that the questionnaire is for.

        `NotFound`, `Invalid`; `Conflict` where there is such a round already.
        """
        entry = self.catalogue.questionnaire(new.questionnaire)
        programme = new.programme or self._programme_of(entry)
        _require_sense(new, day_of(self.clock()))
        with self.sessions() as session:
            same = (Round.questionnaire == entry.code, Round.programme == programme, Round.period == new.period)
            if writing(session).scalar(select(Round.id).where(*same)) is not None:
                raise Conflict(f"the round {entry.code} {new.period} of {programme} is there already")
            cohort, demo = self._cohort(session, programme, entry.questionnaire, new.demo)
            row = self._round(session, entry, programme, replace(new, demo=demo), by)
            self._enrol(session, row, cohort, by)
            carried = carry_over(session, round_(session, row.id), entry.questionnaire, self.clock())
            self._tell(session, "round opened", row, by, f"{len(cohort)} assessments, {carried} answers carried over")
            session.commit()
            return OpenedRound(row.id, len(cohort), carried)

    def join(self, round_id: int, place_id: int, by: int | None) -> int:
        """Take one more member into an open round; the number of its assessment."""
        with self.sessions() as session:
            row = self._open_round(writing(session), round_id)
            place = session.get(Place, place_id)
            if place is None:
                raise NotFound(f"there is no place {place_id}")
            inside = select(Assessment.id).where(Assessment.round_id == round_id, Assessment.place_id == place_id)
            if session.scalar(inside) is not None:
                raise Conflict(f"{place.name_th} takes part in this round already")
            self._enrol(session, row, [(place.id, place.place_type)], by)
            session.commit()
            with self.sessions() as reading_session:
                return reading_session.scalars(inside).one()

    def extend(self, assessment_id: int, until: date, reason: str, by: int) -> None:
        """Give one municipality more time; also after the round was closed."""
        with self.sessions() as session:
            record = locked(writing(session), assessment_id)
            require(record.standing, Deed.EXTENDED)
            if until < max(record.due, day_of(self.clock())):
                raise Invalid(f"{until} is no extension: it is due on {record.due}")
            self._extend(session, [record], until, reason, by)

    def extend_all(self, wanted: Iterable[int], until: date, reason: str, by: int) -> int:
        """Give more time to those of several who are answering and are due before; how many got it."""
        if until < day_of(self.clock()):
            raise Invalid(f"{until} is over: take a day to come")
        with self.sessions() as session:
            writing(session)
            records = [locked(session, one) for one in wanted]
            answering = [one for one in records if one.standing.answerable and one.due < until]
            self._extend(session, answering, until, reason, by)
            return len(answering)

    def close(self, round_id: int, by: int | None) -> int:
        """End answering for everybody; reviews and appeals go on. How many were not submitted."""
        with self.sessions() as session:
            row = self._open_round(writing(session), round_id)
            row.closed_at, row.closed_by = self.clock(), by
            today = day_of(self.clock())
            inside = (Assessment.round_id == round_id, Assessment.due > today)
            session.execute(update(Assessment).where(*inside).values(due=today))
            waiting = [one for one in assessments(session, Round.id == round_id) if one.standing.answerable]
            self._tell(session, "round closed", row, by, f"{len(waiting)} not submitted")
            session.commit()
            return len(waiting)

    def cohort_size(self, questionnaire: str, programme: str | None = None) -> int:
        """How many would take part in a round that was opened today. `Invalid` where nobody would."""
        entry = self.catalogue.questionnaire(questionnaire)
        with self.sessions() as session:
            cohort, _ = self._cohort(session, programme or self._programme_of(entry), entry.questionnaire)
            return len(cohort)

    def _extend(self, session: Session, records: Sequence[AssessmentRecord], until: date, reason: str, by: int) -> None:
        if not reason.strip():
            raise Invalid("say why there is more time")
        detail = {"until": until.isoformat(), "reason": reason.strip()}
        for one in records:
            session.execute(update(Assessment).where(Assessment.id == one.id).values(due=until))
            happened(session, one, Event(Deed.EXTENDED, self.clock(), by, detail))
        more = {"until": until, "reason": reason.strip()}
        self.notices.to_places(session, records, "extended", self.clock(), **more)
        session.commit()

    def _programme_of(self, entry: QuestionnaireEntry) -> str:
        found = [one.code for one in self.catalogue.programmes.values() if one.questionnaire == entry.code]
        if len(found) != 1:
            known = ", ".join(found or self.catalogue.programmes)
            raise Invalid(f"for which programme? {entry.code} is used by {len(found)}: name one of {known}")
        return found[0]

    def _cohort(
        self, session: Session, programme: str, asked: Questionnaire, demo: bool | None = None
    ) -> tuple[list[tuple[int, str]], bool]:
        """Places (row and type) in the programme today that the questionnaire is for; whether they are made up."""
        self.catalogue.programme(programme)
        today = day_of(self.clock())
        query = (
            select(Place.id, Place.place_type, Place.demo)
            .join(Membership, Membership.place_id == Place.id)
            .where(
                Membership.programme == programme,
                or_(Membership.joined.is_(None), Membership.joined <= today),
                or_(Membership.left.is_(None), Membership.left > today),
            )
            .distinct()
            .order_by(Place.id)
        )
        able = [(place, kind, made_up) for place, kind, made_up in session.execute(query) if asked.applies(kind)]
        of_demo = all(made_up for _, _, made_up in able) if demo is None else demo
        found = [(place, kind) for place, kind, made_up in able if made_up == of_demo]
        if not found:
            raise Invalid(f"nobody in {programme} can answer {asked.code}: `cityindex import members` first")
        return found, of_demo

    def _round(
        self, session: Session, entry: QuestionnaireEntry, programme: str, new: NewRound, by: int | None
    ) -> Round:
        if session.get(DefinitionRecord, entry.fingerprint) is None:
            record = DefinitionRecord(fingerprint=entry.fingerprint, kind="questionnaire", content=entry.canonical)
            session.add(record)
            session.flush()
        row = Round(
            questionnaire=entry.code,
            version=entry.version,
            definition=entry.fingerprint,
            programme=programme,
            period=new.period,
            opened_at=self.clock(),
            opened_by=by,
            deadline=new.deadline,
            review_deadline=new.review_deadline or new.deadline + timedelta(days=REVIEW_DAYS),
            appeal_days=new.appeal_days,
            second_share=new.second_share,
            demo=bool(new.demo),
        )
        session.add(row)
        session.flush()
        return row

    def _enrol(self, session: Session, row: Round, cohort: Iterable[tuple[int, str]], by: int | None) -> None:
        rows = [
            {"round_id": row.id, "place_id": place, "place_type": kind, "due": row.deadline} for place, kind in cohort
        ]
        session.execute(insert(Assessment), rows)
        places = [one["place_id"] for one in rows]
        added = select(Assessment.id).where(Assessment.round_id == row.id, Assessment.place_id.in_(places))
        opened = {"deed": Deed.OPENED, "at": self.clock(), "account_id": by, "detail": "{}"}
        session.execute(insert(AssessmentEvent), [{"assessment_id": one, **opened} for one in session.scalars(added)])

    def _open_round(self, session: Session, round_id: int) -> Round:
        row = session.get(Round, round_id)
        if row is None:
            raise NotFound(f"there is no round {round_id}")
        if row.closed_at is not None:
            raise Conflict(f"the round {row.questionnaire} {row.period} is closed already")
        return row

    def _tell(self, session: Session, action: str, row: Round, by: int | None, detail: str) -> None:
        actor = "cityindex" if by is None else actor_of(by)
        subject = f"{row.questionnaire} {row.period} {row.programme}"
        session.add(AuditEvent(at=self.clock(), actor=actor, action=action, subject=subject, detail=detail))


def _require_sense(new: NewRound, today: date) -> None:
    review = new.review_deadline or new.deadline
    if not new.demo and new.deadline < today:
        raise Invalid(f"the deadline {new.deadline} is over: take a day to come")
    if review < new.deadline:
        raise Invalid(f"reviewing cannot end on {review}, before answering does ({new.deadline})")
    if new.appeal_days < 1 or not 0 <= new.second_share <= 1:
        raise Invalid("an appeal needs a day at least, and the share of second reviews lies between 0 and 1")

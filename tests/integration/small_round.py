"""A small round: a questionnaire of two questions, answered by municipalities of the small world, with their people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import Deed
from cityindex.definitions.catalogue import canonical_json, sha256
from cityindex.models import (
    Account,
    Assessment,
    AssessmentEvent,
    DefinitionRecord,
    Evidence,
    Place,
    RoleGrant,
    Round,
    Submission,
)
from cityindex.queries.accounts import account
from cityindex.queries.evidence import evidence_of
from cityindex.services.roles import Held
from tests.integration import small

CANONICAL = canonical_json(
    {
        "questionnaire": "small-maturity",
        "version": "1",
        "name": {"th": "แบบเล็ก", "en": "Small"},
        "framework": "small",
        "sections": [
            {
                "code": "people",
                "name": {"th": "คน", "en": "People"},
                "questions": [
                    {
                        "code": "staff",
                        "text": {"th": "มีเจ้าหน้าที่ดิจิทัลหรือไม่", "en": "Is there digital staff?"},
                        "answer": "yes-no",
                        "evidence": {"from_level": 1},
                    },
                    {"code": "plan", "text": {"th": "มีแผนหรือไม่", "en": "Is there a plan?"}, "answer": "yes-no"},
                ],
            }
        ],
    }
)


@dataclass(frozen=True)
class SmallRound:
    """A round of 2026. `assessments` and `places` by place code, accounts by role and place code."""

    engine: Engine
    round: int
    assessments: dict[str, int]
    places: dict[str, int]

    def person(self, role: str, place: str | None = None) -> int:
        """An account that holds a role, made here and now."""
        with Session(self.engine) as session:
            number = len(session.scalars(select(Account.id)).all()) + 1
            one = Account(email=f"{role}{number}@example.go.th")
            session.add(one)
            session.flush()
            held = self.places[place] if place else None
            session.add(RoleGrant(account_id=one.id, role=role, place_id=held, granted_by="test"))
            session.commit()
            return one.id

    def grants(self, account_id: int) -> tuple[Held, ...]:
        with Session(self.engine) as session:
            found = account(session, account_id)
            assert found is not None
            return found.held

    def happened(self, place: str, deed: Deed) -> None:
        with Session(self.engine) as session:
            session.add(AssessmentEvent(assessment_id=self.assessments[place], deed=deed))
            session.commit()

    def submit(self, place: str, number: int = 1) -> None:
        """As the approver does, as far as evidence is concerned."""
        with Session(self.engine) as session:
            here = self.assessments[place]
            shown = {
                question: [{"id": one.id} for one in some] for question, some in evidence_of(session, here).items()
            }
            content = canonical_json({"evidence": shown})
            session.add(Submission(assessment_id=here, number=number, content=content, sha256=sha256(content)))
            session.commit()
        self.happened(place, Deed.SUBMITTED)

    def rows(self) -> list[Evidence]:
        with Session(self.engine) as session:
            return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def small_round(engine: Engine, period: int = 2026, due: date | None = None, places: int = 4) -> SmallRound:
    """A round of `period`; the small world is made where it is not there."""
    with Session(engine) as session:
        if session.scalar(select(Place.id).limit(1)) is None:
            small.add_places(session, places)
        if session.get(DefinitionRecord, sha256(CANONICAL)) is None:
            session.add(DefinitionRecord(fingerprint=sha256(CANONICAL), kind="questionnaire", content=CANONICAL))
            session.flush()
        last = due or datetime.now(UTC).date() + timedelta(days=30)
        one = Round(
            questionnaire="small-maturity",
            version="1",
            definition=sha256(CANONICAL),
            programme="small",
            period=period,
            deadline=last,
            review_deadline=last + timedelta(days=30),
            appeal_days=15,
            second_share=0.1,
        )
        session.add(one)
        session.flush()
        members = session.scalars(select(Place).where(Place.code.startswith("M")).order_by(Place.id)).all()
        made = {
            place.code: Assessment(round_id=one.id, place_id=place.id, place_type=place.place_type, due=last)
            for place in members
        }
        session.add_all(made.values())
        session.flush()
        session.add_all(AssessmentEvent(assessment_id=each.id, deed=Deed.OPENED) for each in made.values())
        session.commit()
        return SmallRound(
            engine,
            one.id,
            {code: each.id for code, each in made.items()},
            {code: each.place_id for code, each in made.items()},
        )

"""Targets and consultations of the demo: opened, voiced and answered through the same doors as real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cityindex.models import Account, Consultation, Place, TargetRevision, now
from cityindex.queries.participation.consultations import ConsultationRecord, consultation, queue, result_of
from cityindex.queries.participation.offers import SAME, askable, offered
from cityindex.queries.participation.targets import PLACE
from cityindex.queries.runs.editions import current_editions
from cityindex.services.demo.accounts import DOMAIN, NAMED
from cityindex.services.participation.consultation_rules import ADOPTED, CHANGED, EMAIL, NOT_ADOPTED, Answered, Asked
from cityindex.services.participation.consultations import Consultations
from cityindex.services.participation.targets import Said, Subject, Targets
from cityindex.services.participation.voices import Given, Voices, fingerprint

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

FRAMEWORK, BY_YEAR, START, SEED = "livable-city", 2028, 2022, 2570
OPEN, CLOSED = "open", "returned"
"""Whose place asks its residents, and whose has asked them: names of demo accounts."""
VOICES = {OPEN: 34, CLOSED: 60}
TITLE = "[ข้อมูลตัวอย่าง] สามเรื่องใดสำคัญที่สุด และควรไปถึงไหนภายในปี 2571"
ABOUT = "เทศบาลกำลังทำแผนพัฒนาท้องถิ่นรอบใหม่ จึงอยากรู้ว่าควรเริ่มจากเรื่องใดก่อน (เทศบาลสมมติ)"
REASONS = ("รถเก็บขยะมาไม่ตรงเวลา", "ฝุ่นเยอะทุกปี เด็กป่วยบ่อย", "อยากให้ซอยสว่างกว่านี้", "", "", "")
WHYS = ("ข้อมูลตัวอย่าง: ตั้งตามแผนพัฒนาท้องถิ่นสมมติ", "ข้อมูลตัวอย่าง: ปีแรกทำได้ดี สภาจึงขยับเป้า (สมมติ)")
EVERY = 9
"""One demo place in so many has targets of its own."""


class DemoConsultations:
    """Adds what is not there yet."""

    def __init__(self, sessions: sessionmaker[Session], targets: Targets) -> None:
        self.sessions = sessions
        self.targets = targets

    def add(self) -> str:
        """An open and an answered consultation with voices, and targets of some places."""
        with self.sessions() as session:
            done = session.scalar(select(Consultation.id).where(Consultation.demo).limit(1))
            editions = [one.run for one in current_editions(session, FRAMEWORK) if one.demo]
            if done or not editions:
                return ""
        count = self._set_targets(editions[0])
        self._ask(OPEN, editions[0], now() - timedelta(days=3), now() + timedelta(days=60))
        number = self._ask(CLOSED, editions[0], now() - timedelta(days=70), now() - timedelta(days=20))
        self._answer(number)
        voices = sum(VOICES.values())
        return f"{count} targets, a consultation that is open and one that was answered, with {voices} voices"

    def _set_targets(self, run: int) -> int:
        """Values that similar places have reached; counted from some years ago, so that there is progress to see."""
        with self.sessions() as session:
            places = session.scalars(select(Place.id).where(Place.demo).order_by(Place.code)).all()[::EVERY]
            wanted = [one for place in places for one in self._aims(session, run, place)]
            for subject, values in wanted:
                for said, value in enumerate(values, 1):
                    number = self.targets.write(session, subject, PLACE, Said(value, WHYS[-1 if said > 1 else 0]), None)
                    one = update(TargetRevision).filter_by(target_id=number, revision=said)
                    at = datetime(START + said, 2, 1, tzinfo=now().tzinfo)
                    session.execute(one.values(baseline=START, at=at))
            session.commit()
            return len(wanted)

    def _aims(self, session: Session, run: int, place: int) -> Iterator[tuple[Subject, list[float]]]:
        """Some targets, each with its values: what is within reach first, then more."""
        catalogue = self.targets.catalogue
        codes = [
            code
            for code in askable(session, run, place)
            if not catalogue.indicators[code].indicator.denominator and not catalogue.indicators[code].indicator.formula
        ][:3]
        for code, facts in offered(session, catalogue, run, place, {code: () for code in codes}).items():
            values = [one.value for one in facts.offers if one.kind != SAME]
            yield Subject(place, code, BY_YEAR), values[-2:]

    def _ask(self, called: str, run: int, opens: datetime, closes: datetime) -> int:
        with self.sessions() as session:
            place = session.scalars(select(Place.id).where(Place.code == NAMED[called])).one()
            codes = askable(session, run, place)[:5]
        topics = {code: () for code in codes}
        asked = Asked(place, FRAMEWORK, BY_YEAR, TITLE, ABOUT, min(3, len(codes)), EMAIL, opens, closes, topics)
        opening = Consultations(self.sessions, self.targets, (EMAIL,), clock=lambda: opens)
        number = opening.open(asked, self._person(called))
        self._speak(number, VOICES[called], opens + timedelta(days=1))
        return number

    def _speak(self, number: int, count: int, at: datetime) -> None:
        rng, voices = np.random.default_rng(SEED + count), Voices(self.sessions, clock=lambda: at)
        with self.sessions() as session:
            asked = consultation(session, number)
        for voice in range(count):
            _, token = voices.invite(number, f"resident-{voice}@{DOMAIN}")
            topics = rng.permutation(len(asked.topics))[: asked.most]
            chosen = [_drawn(asked, int(topic), float(rng.random())) for topic in topics]
            voices.give(number, token, Given(chosen, REASONS[voice % len(REASONS)]))
        with self.sessions() as session:
            waiting = queue(session, number)[: count // 6]
        for one in waiting:
            voices.moderate(one.voice, fingerprint(one.text), "", self._person(CLOSED))

    def _answer(self, number: int) -> None:
        keeping = Consultations(self.sessions, self.targets, (EMAIL,))
        keeping.conclude()
        with self.sessions() as session:
            asked = consultation(session, number)
            outcome = result_of(session, asked, now())
        topics = [one for one in outcome.topics if one.wanted is not None] if outcome else []
        for at, one in enumerate(topics[:3]):
            first = asked.topic(one.topic).offers[0].value
            said = (
                Answered(ADOPTED, None, "ข้อมูลตัวอย่าง: บรรจุในแผนแล้ว"),
                Answered(CHANGED, first, "ข้อมูลตัวอย่าง: งบประมาณปีแรกทำได้เท่านี้ก่อน"),
                Answered(NOT_ADOPTED, None, "ข้อมูลตัวอย่าง: เป็นหน้าที่ของหน่วยงานอื่น เทศบาลจะประสานให้"),
            )[at]
            keeping.answer(number, one.topic, said, self._person(CLOSED))

    def _person(self, called: str) -> int:
        with self.sessions() as session:
            return session.scalars(select(Account.id).where(Account.email == f"approver-{called}@{DOMAIN}")).one()


def _drawn(asked: ConsultationRecord, topic: int, chance: float) -> tuple[int, float]:
    """One of the values of a topic."""
    one = asked.topics[topic]
    return one.id, one.values[int(chance * len(one.values))]

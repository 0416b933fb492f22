"""Rounds of the demo: members, their answers, evidence, reviews, appeals and plans, in every state there is.

Opening, carrying over, freezing, closing and publishing are done by the services; the mass of what people would have
typed is written row by row as they would have written it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from sqlalchemy import insert, select

from cityindex.assessment.workflow import Deed
from cityindex.calendars import buddhist_year, day_of
from cityindex.database import writing
from cityindex.models import (
    Account,
    Answer,
    Assessment,
    AssessmentEvent,
    Evidence,
    ImprovementAction,
    Membership,
    Place,
    RoleGrant,
    Round,
    now,
)
from cityindex.queries.assessments.rounds import assessments
from cityindex.services.accounts.passwords import hashed
from cityindex.services.accounts.roles import NAMES
from cityindex.services.assessments.results import Makers, Results
from cityindex.services.assessments.rounds import NewRound, Rounds
from cityindex.services.demo.accounts import DOMAIN, NAMED
from cityindex.services.demo.answers import demo_answers
from cityindex.services.demo.courses import CLOSED, DAYS_LEFT, DEADLINE, PUBLISHED, SOON, fates, opening
from cityindex.services.demo.evidence import Paper, evidence_of, note_files, stored
from cityindex.services.demo.plans import plan_rows
from cityindex.services.demo.stories import People, Story, appeal, write

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Catalogue, QuestionnaireEntry
    from cityindex.gateways.evidence import EvidenceStore
    from cityindex.services.demo.places import DemoPlace

SEED = 2569
MEMBERS = {"digital-transformation": 334, "national-learning-city": 20}
"""As many as the sources report; which ones is made up."""
SOURCE = "ข้อมูลตัวอย่าง ไม่ใช่รายชื่อจริง / Demo data, not the real list"
BY = "seed --demo"
MORE_REVIEWERS = {"north": "ภาคเหนือ", "south": "ภาคใต้"}
"""Reviewers beside the one with an account to try."""


@dataclass(frozen=True, slots=True)
class DemoRound:
    """A round of the demo. `step` counts the rounds from the first; `ago` is 0 for the open one."""

    questionnaire: str
    programme: str
    period: int
    step: int
    ago: int
    appeals: bool = False

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng([SEED, self.period, crc32(self.questionnaire.encode())])


ROUNDS = (
    DemoRound("digital-maturity", "digital-transformation", 2024, step=0, ago=2),
    DemoRound("digital-maturity", "digital-transformation", 2025, step=1, ago=1, appeals=True),
    DemoRound("learning-city", "national-learning-city", 2025, step=1, ago=1),
    DemoRound("digital-maturity", "digital-transformation", 2026, step=2, ago=0),
)


class DemoRounds:
    """The part of the demo that is assessments. Every step does what is not there yet, and says what that was."""

    def __init__(
        self, sessions: sessionmaker[Session], catalogue: Catalogue, makers: Makers, store: EvidenceStore
    ) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.makers = makers
        self.store = store

    def add_members(self, places: Sequence[DemoPlace]) -> str:
        """Members of the programmes, with an editor and an approver each."""
        with self.sessions() as session:
            if writing(session).scalar(select(Membership.id).where(Membership.demo).limit(1)):
                return ""
            numbers = {code: one for code, one in session.execute(select(Place.code, Place.id).where(Place.demo))}
            chosen = {programme: members(places, programme) for programme in MEMBERS}
            joined = opening(self.today, 2).date() - timedelta(days=90)
            session.execute(insert(Membership), [
                {"programme": programme, "place_id": numbers[place.code], "joined": joined, "joined_precision": "day",
                 "left_precision": "day", "source": SOURCE, "demo": True}
                for programme, some in chosen.items() for place in some
            ])  # fmt: skip
            self._add_people(session, {place.code: place for some in chosen.values() for place in some}, numbers)
            session.commit()
        return f"{', '.join(f'{len(some)} members of {programme}' for programme, some in chosen.items())}"

    def add_round(self, asked: DemoRound, places: Sequence[DemoPlace]) -> str:
        """Open a round, live through it, and publish what was approved."""
        step = _Step(self, asked, members(places, asked.programme))
        told = step.take()
        return f"{asked.questionnaire} {buddhist_year(asked.period)}: {', '.join(told)}" if told else ""

    @cached_property
    def today(self) -> date:
        return day_of(now())

    def _add_people(self, session: Session, places: Mapping[str, DemoPlace], numbers: Mapping[str, int]) -> None:
        """Everybody has chosen a password, and nobody knows it."""
        began = opening(self.today, 2) - timedelta(days=60)
        grants = [
            (role, code, f"{NAMES[role]['th']} {place.name_th}")
            for code, place in places.items()
            if code not in NAMED.values()
            for role in ("editor", "approver")
        ]
        grants += [
            ("reviewer", region, f"{NAMES['reviewer']['th']} {name} (ข้อมูลตัวอย่าง)")
            for region, name in MORE_REVIEWERS.items()
        ]
        chosen = hashed(token_urlsafe())
        session.execute(insert(Account), [
            {"email": email_of(role, code), "name": name, "epoch": 0, "created_at": began,
             "password_hash": chosen}
            for role, code, name in grants
        ])  # fmt: skip
        known = _accounts(session)
        session.execute(insert(RoleGrant), [
            {"account_id": known[email_of(role, code)], "role": role, "place_id": numbers.get(code), "granted_by": BY,
             "granted_at": began}
            for role, code, _ in grants
        ])  # fmt: skip


def members(places: Sequence[DemoPlace], programme: str) -> tuple[DemoPlace, ...]:
    """Who is in a programme: the places with accounts to try, and others drawn; the smaller ones within the larger."""
    by_code = {place.code: place for place in places}
    named = [by_code[code] for code in NAMED.values()]
    rest = [place for place in places if place.code not in NAMED.values()]
    order = np.random.default_rng([SEED, 334]).permutation(len(rest))
    found = [*named, *(rest[one] for one in order[: MEMBERS[programme] - len(named)])]
    return tuple(sorted(found, key=lambda place: place.code))


def email_of(role: str, code: str) -> str:
    """The address of whoever holds a role at a place."""
    states = {place: state for state, place in NAMED.items()}
    return f"{role}-{states.get(code, code.lower())}@{DOMAIN}"


def _accounts(session: Session) -> dict[str, int]:
    query = select(Account.email, Account.id).where(Account.email.endswith(f"@{DOMAIN}"), Account.closed_at.is_(None))
    return {email: one for email, one in session.execute(query)}


class _Step:
    """One round, from its opening to its publication."""

    def __init__(self, demo: DemoRounds, asked: DemoRound, places: Sequence[DemoPlace]) -> None:
        self.demo, self.asked, self.places = demo, asked, places
        self._told: dict[bool, list[Story]] = {}
        self.entry: QuestionnaireEntry = demo.catalogue.questionnaire(asked.questionnaire)
        self.fates = dict(
            zip((place.code for place in places),
                fates([place.code for place in places], asked.ago, asked.appeals, asked.rng), strict=True)
        )  # fmt: skip

    def take(self) -> list[str]:
        told = [self._open()]
        told.append(self._live(early=True))
        if self.asked.ago:
            told.append(self._close())
        told.append(self._publish(early=True))
        if any(not fate.early for fate in self.fates.values()):
            told.append(self._live(early=False))
        if self.asked.appeals:
            told += [self._publish(early=False), self._appeal()]
        if self.asked.appeals:
            told.append(self._plan())
        return [one for one in told if one]

    @cached_property
    def opened(self) -> datetime:
        return opening(self.demo.today, self.asked.ago)

    @cached_property
    def people(self) -> People:
        with self.demo.sessions() as session:
            known = _accounts(session)
            numbers = {code: one for code, one in session.execute(select(Place.code, Place.id).where(Place.demo))}
        editors, approvers = (
            {numbers[place.code]: known[email_of(role, place.code)] for place in self.places}
            for role in ("editor", "approver")
        )
        reviewers = [known[f"reviewer@{DOMAIN}"], *(known[email_of("reviewer", region)] for region in MORE_REVIEWERS)]
        return People(
            editors, approvers, reviewers, known[f"second-reviewer@{DOMAIN}"], known[f"programme-officer@{DOMAIN}"]
        )

    @cached_property
    def number(self) -> int:
        with self.demo.sessions() as session:
            return int(session.scalars(self._same()).one())

    def _same(self) -> Any:
        asked = self.asked
        same = (Round.questionnaire == asked.questionnaire, Round.programme == asked.programme)
        return select(Round.id).where(*same, Round.period == asked.period)

    def _open(self) -> str:
        with self.demo.sessions() as session:
            if session.scalar(self._same()) is not None:
                return ""
        day = day_of(self.opened)
        deadline = day + timedelta(days=DEADLINE) if self.asked.ago else self.demo.today + timedelta(days=DAYS_LEFT)
        new = NewRound(self.asked.questionnaire, self.asked.period, deadline, self.asked.programme, demo=True)
        rounds = Rounds(self.demo.sessions, self.demo.catalogue, lambda: self.opened)
        opened = rounds.open(new, self.people.officer)
        return f"{opened.assessments} assessments" + (
            f", {opened.carried:,} answers carried over" if opened.carried else ""
        )

    def _live(self, early: bool) -> str:
        stories = self._stories(early)
        with self.demo.sessions() as session:
            if _happened(session, stories, Deed.SUBMITTED):
                return ""
        asked = self.entry.questionnaire
        there = self._evidence_there()
        found = [one for story in stories for one in evidence_of(story, asked, there[story.record.id])]
        files = stored(self.demo.store, [one for one in found if isinstance(one, Paper)], self.opened)
        rows = [one.row if isinstance(one, Paper) else one for one in found]
        with self.demo.sessions() as session:
            note_files(writing(session), files)
            write(session, asked, stories, rows)
            session.commit()
        return "" if not early else f"{len(rows):,} pieces of evidence ({len(files)} files)"

    def _stories(self, early: bool) -> list[Story]:
        if early not in self._told:
            self._told[early] = self._made_up(early)
        return self._told[early]

    def _made_up(self, early: bool) -> list[Story]:
        said = dict(
            zip((place.code for place in self.places),
                demo_answers(self.entry.questionnaire, self.places, self.asked.step, SEED), strict=True)
        )  # fmt: skip
        with self.demo.sessions() as session:
            records = [one for one in assessments(session, Round.id == self.number) if one.place.code in self.fates]
            held = _held(session, self.number)
        return [
            Story(one, self.fates[one.place.code], said[one.place.code], self.people, held[one.id], SEED)
            for one in records
            if self.fates[one.place.code].early == early
        ]

    def _evidence_there(self) -> Mapping[int, frozenset[str]]:
        query = select(Evidence.assessment_id, Evidence.question).join(
            Assessment, Assessment.id == Evidence.assessment_id
        )
        found: dict[int, set[str]] = defaultdict(set)
        with self.demo.sessions() as session:
            for one, question in session.execute(query.where(Assessment.round_id == self.number)):
                found[one].add(question)
        return defaultdict(frozenset, {one: frozenset(some) for one, some in found.items()})

    def _close(self) -> str:
        with self.demo.sessions() as session:
            if session.get_one(Round, self.number).closed_at is not None:
                return ""
        moment = self.opened + timedelta(days=CLOSED)
        Rounds(self.demo.sessions, self.demo.catalogue, lambda: moment).close(self.number, self.people.officer)
        return "closed"

    def _publish(self, early: bool) -> str:
        with self.demo.sessions() as session:
            if _happened(session, self._stories(early), Deed.PUBLISHED):
                return ""
        moment = self._days(PUBLISHED if self.asked.ago else SOON - 0.5) if early else now() - timedelta(days=12)
        done = Results(self.demo.sessions, self.demo.makers, lambda: moment).publish(self.number, self.people.officer)
        return f"{done.published} published" if early else ""

    def _days(self, days: float) -> datetime:
        return self.opened + timedelta(days=days)

    def _appeal(self) -> str:
        """Appeals against what was published late, which nobody has answered yet."""
        stories = [story for story in self._stories(early=False) if story.fate.appeal == "pending"]
        with self.demo.sessions() as session:
            if _happened(writing(session), stories, Deed.APPEALED):
                return ""
            appeal(session, stories, 12)
            session.commit()
        return f"{len(stories)} appeals to decide"

    def _plan(self) -> str:
        rows = [row for story in self._stories(early=True) for row in plan_rows(story, self.entry)]
        with self.demo.sessions() as session:
            places = select(Place.id).where(Place.demo).scalar_subquery()
            known = select(ImprovementAction.id).where(ImprovementAction.place_id.in_(places)).limit(1)
            if writing(session).scalar(known) is not None:
                return ""
            session.execute(insert(ImprovementAction), rows)
            session.commit()
        return f"{len(rows)} lines of improvement plans"


def _held(session: Session, round_id: int) -> Mapping[int, Mapping[str, tuple[Any, int]]]:
    """What stands in a round before anybody touches it, by assessment and question: value and revision."""
    query = (
        select(Answer.assessment_id, Answer.question, Answer.value, Answer.revision)
        .join(Assessment, Assessment.id == Answer.assessment_id)
        .where(Assessment.round_id == round_id)
    )
    found: dict[int, dict[str, tuple[Any, int]]] = defaultdict(dict)
    for one, question, value, revision in session.execute(query):
        read = json.loads(value or "null")
        found[one][question] = (tuple(read) if isinstance(read, list) else read, revision)
    return found


def _happened(session: Session, stories: Iterable[Story], deed: Deed) -> bool:
    ids = [story.record.id for story in stories]
    query = select(AssessmentEvent.id).where(AssessmentEvent.assessment_id.in_(ids), AssessmentEvent.deed == deed)
    return session.scalar(query.limit(1)) is not None

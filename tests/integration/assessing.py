"""A small round of self-assessment, made through the services as people would make it.

`prepared` gives a site with places, an account for each role and the small questionnaire; `opened` opens a round in it.
The rest are steps that a test puts together: `answer`, `answer_all`, `submit`, `approve`, `give_back`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.app import Application
from cityindex.assessment.workflow import Verdict
from cityindex.calendars import day_of
from cityindex.config import read_settings
from cityindex.definitions.catalogue import Catalogue, FrameworkEntry, Programme, QuestionnaireEntry, Text
from cityindex.definitions.findings import At
from cityindex.definitions.loader import self_contained
from cityindex.definitions.questionnaires import questionnaire_from_canonical
from cityindex.definitions.yaml_ import located
from cityindex.models import Assessment, Membership, Place, PlaceCode, now
from cityindex.models.codes import LOCAL
from cityindex.queries.assessments.answers import AnswerRecord, answers_of
from cityindex.queries.assessments.rounds import assessment
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.assessments.assessments import GivenAnswer
from cityindex.services.assessments.reviews import Ruling
from cityindex.services.assessments.rounds import NewRound
from cityindex.services.assessments.submissions import Receipt, draft_of
from tests.databases import MakeDatabase
from tests.integration import small

PERIOD = 2026
PROGRAMME = "small-programme"
PLACES = ("M0", "M1", "M2", "M3")
PASSWORD = "ม้าเขียวกินทุเรียน"
FRAMEWORK = {
    "framework": "small-maturity",
    "version": "1",
    "period": "fiscal-year",
    "places": ["town-municipality", "subdistrict-municipality"],
    "method": {"screen": {"coverage": 0}, "coverage": 0.3, "normalise": {"method": "min-max", "over": "pooled"}},
    "levels": [
        {"code": "initial", "from": 0, "name": {"th": "เริ่มต้น", "en": "Initial"}},
        {"code": "defined", "from": 50, "name": {"th": "เป็นระบบ", "en": "Defined"}},
        {"code": "optimizing", "from": 90, "name": {"th": "ปรับปรุงต่อเนื่อง", "en": "Optimizing"}},
    ],
    "tree": {
        "code": "maturity",
        "children": [
            {"code": "governance", "children": [{"indicator": "digital_plan"}, {"indicator": "data_officer"}]},
            {"code": "service", "children": [{"indicator": "website"}, {"indicator": "online_services"}]},
        ],
    },
    "indicators": [
        {"code": "digital_plan", "normalise": {"method": "goalposts", "low": 0, "high": 5}},
        {"code": "data_officer", "normalise": {"method": "goalposts", "low": 0, "high": 1}},
        {"code": "website", "normalise": {"method": "goalposts", "low": 0, "high": 1}},
        {"code": "online_services", "normalise": {"method": "goalposts", "low": 0, "high": 20, "clip": "both"}},
    ],
}


def _text(th: str, en: str) -> dict[str, str]:
    return {"th": th, "en": en}


LEVELS = (
    _text("ยังไม่มีแผน", "There is no plan."),
    _text("เริ่มร่างแผน", "A plan is being drafted."),
    _text("ผู้บริหารประกาศใช้แผน", "The mayor has put a plan in force."),
    _text("แผนมีงบประมาณในข้อบัญญัติ", "The plan has money in the budget."),
    _text("รายงานผลตามแผนทุกปี", "Its results are reported every year."),
    _text("ปรับแผนจากข้อมูลผลที่เกิดขึ้น", "The plan is changed by what its results show."),
)
QUESTIONNAIRE: Mapping[str, Any] = {
    "questionnaire": "small-maturity",
    "version": "2569.1",
    "name": _text("แบบประเมินวุฒิภาวะฉบับเล็ก", "Small maturity questionnaire"),
    "framework": "small-maturity",
    "applies_to": ["town-municipality", "subdistrict-municipality"],
    "sections": [
        {
            "code": "governance",
            "name": _text("นโยบายและการกำกับ", "Policy and governance"),
            "description": _text("แผน คน และการใช้ข้อมูล", "Plans, people and the use of data."),
            "questions": [
                {
                    "code": "digital_plan",
                    "text": _text("เทศบาลมีแผนดิจิทัลหรือไม่", "Does the municipality have a digital plan?"),
                    "help": _text(
                        "นับแผนที่เป็นเล่มหรือเป็นหมวดในแผนพัฒนาท้องถิ่น",
                        "A plan of its own, or a chapter of the local development plan.",
                    ),
                    "answer": "rubric",
                    "crosswalk": {"DGA": "policy"},
                    "levels": {str(level): words for level, words in enumerate(LEVELS)},
                    "evidence": {
                        "from_level": 2,
                        "kinds": ["document", "url"],
                        "note": _text("หน้าแผนที่ลงนามแล้ว", "The signed page of the plan."),
                    },
                },
                {
                    "code": "data_officer",
                    "text": _text("มีผู้รับผิดชอบข้อมูลที่แต่งตั้งเป็นหนังสือหรือไม่", "Is somebody in charge of data, in writing?"),
                    "answer": "yes-no",
                    "evidence": {"kinds": ["document"]},
                },
            ],
        },
        {
            "code": "service",
            "name": _text("บริการประชาชน", "Service to the public"),
            "questions": [
                {
                    "code": "website",
                    "text": _text("เทศบาลมีเว็บไซต์ของตนเองหรือไม่", "Does the municipality have a website of its own?"),
                    "answer": "yes-no",
                    "external": True,
                },
                {
                    "code": "online_services",
                    "text": _text("มีบริการออนไลน์กี่บริการ", "How many services can be had online?"),
                    "answer": "number",
                    "decimals": 0,
                    "bounds": [0, 200],
                    "permits": ["do-not-know"],
                    "show_if": {"question": "website", "is": "yes"},
                },
                {
                    "code": "hosting",
                    "text": _text("ใครดูแลเครื่องแม่ข่าย", "Who looks after the server?"),
                    "answer": "choice",
                    "options": [
                        {"code": "own", "name": _text("เทศบาลเอง", "The municipality itself")},
                        {"code": "rented", "name": _text("เช่าจากเอกชน", "A company")},
                    ],
                    "show_if": {"question": "website", "is": "yes"},
                },
                {
                    "code": "channels",
                    "text": _text("ประชาชนร้องเรียนทางใดได้บ้าง", "By which ways can people complain?"),
                    "answer": "multiple-choice",
                    "options": [
                        {"code": "counter", "name": _text("ที่เคาน์เตอร์", "At the counter")},
                        {"code": "line", "name": _text("ทาง LINE", "By LINE")},
                        {"code": "traffy", "name": _text("ทาง Traffy Fondue", "By Traffy Fondue")},
                    ],
                    "permits": ["not-applicable"],
                },
                {
                    "code": "remarks",
                    "text": _text("มีอะไรที่อยากเล่าเพิ่มเติม", "Is there anything else to tell?"),
                    "answer": "text",
                },
            ],
        },
    ],
}  # fmt: skip
ANSWERS: Mapping[str, Any] = {
    "digital_plan": "3",
    "data_officer": "yes",
    "website": "yes",
    "online_services": "12",
    "hosting": "rented",
    "channels": ["counter", "line"],
    "remarks": "ไม่มี",
}
"""An answer to every question, as a form sends them."""


def framework() -> FrameworkEntry:
    return self_contained(located(FRAMEWORK, At("small-maturity.yaml", 1, "framework")))


def questionnaire(**changes: object) -> QuestionnaireEntry:
    return questionnaire_from_canonical(json.dumps({**QUESTIONNAIRE, **changes}))


def catalogue(**changes: object) -> Catalogue:
    """The code lists of the project with the small questionnaire, its framework and its programme."""
    programme = Programme(
        PROGRAMME, Text("โปรแกรมเล็ก", "Small programme"), framework="small-maturity", questionnaire="small-maturity"
    )
    scored = framework()
    return replace(
        small.catalogue(),
        indicators=scored.indicators,
        frameworks={"small-maturity": scored},
        questionnaires={"small-maturity": questionnaire(**changes)},
        programmes={PROGRAMME: programme},
    )


ROLES: Mapping[str, tuple[str, str | None]] = {
    "editor": ("editor", "M1"),
    "colleague": ("editor", "M1"),
    "approver": ("approver", "M1"),
    "advisor": ("advisor", "M1"),
    "other-editor": ("editor", "M2"),
    "other-approver": ("approver", "M2"),
    "reviewer": ("reviewer", None),
    "second-reviewer": ("reviewer", None),
    "officer": ("programme-officer", None),
    "methodologist": ("methodologist", None),
    "province-administrator": ("province-administrator", "10"),
    "administrator": ("administrator", None),
}
"""Who there is: the name of an account with its role and place. `M1` is the place that tests are about."""


@dataclass(frozen=True)
class World:
    """A site with people: accounts by their names in `ROLES`, and places by code."""

    application: Application
    people: Mapping[str, int]
    places: Mapping[str, int]

    def assessment_of(self, place: str, round_id: int | None = None) -> int:
        """The number of a place's assessment: of a round, or of the newest."""
        with self.application.sessions() as session:
            query = select(Assessment.id).where(Assessment.place_id == self.places[place])
            query = query if round_id is None else query.where(Assessment.round_id == round_id)
            found = session.scalars(query.order_by(Assessment.id.desc())).first()
            assert found is not None
            return found


def prepared(where: MakeDatabase | str, *, sign_in: bool = False, **settings: str) -> World:
    """Places and people: in a copy of a database that has them already, or over an empty one whose URL is given.

    `sign_in`: they have the password `PASSWORD` (slow to hash).
    """
    fill = _people_with_passwords if sign_in else _people
    url, (people, places) = (where, fill(where)) if isinstance(where, str) else where.filled(fill)
    return World(_application(url, settings), people, places)


def _application(url: str, settings: Mapping[str, str]) -> Application:
    environ = {f"CITYINDEX_{name.upper()}": value for name, value in settings.items()}
    application = Application(read_settings({"CITYINDEX_DATABASE_URL": url, **environ}))
    application.__dict__["catalogue"] = catalogue()
    return application


def _people_with_passwords(url: str) -> tuple[dict[str, int], dict[str, int]]:
    return _people(url, PASSWORD)


def _people(url: str, password: str | None = None) -> tuple[dict[str, int], dict[str, int]]:
    application = _application(url, {})
    with application.sessions() as session:
        small.add_places(session, 8)
        _join(session)
        session.commit()
        places = {code: number for code, number in session.execute(select(Place.code, Place.id))}
    people = {
        name: application.accounts.add(
            NewAccount(f"{name}@example.go.th", role, place, f"คุณ{name}", password), "test"
        ).account
        for name, (role, place) in ROLES.items()
    }
    application.engine.dispose()
    return people, places


def _join(session: Session) -> None:
    for place in session.scalars(select(Place).where(Place.code.in_(PLACES))):
        session.add(Membership(programme=PROGRAMME, place_id=place.id, joined=date(2020, 1, 1), source="made up"))
        # Results are stored by code, as a file of observations names its places.
        session.add(PlaceCode(place_id=place.id, scheme=LOCAL, code=place.code))


def opened(world: World, period: int = PERIOD, *, days: int = 30, **more: Any) -> int:
    """Open a round for the four places; its number."""
    new = NewRound("small-maturity", period, day_of(now()) + timedelta(days=days), **more)
    return world.application.rounds.open(new, world.people["officer"]).round


def answer(world: World, number: int, question: str, value: Any, *, by: str = "editor", **more: Any) -> AnswerRecord:
    """Save one answer over whatever is stored."""
    with world.application.sessions() as session:
        stored = answers_of(session, number).get(question)
    given = GivenAnswer(question, value, **{"seen": stored.revision if stored else 0, **more})
    return world.application.assessments.save(number, given, world.people[by])


def answer_all(world: World, number: int, *, by: str = "editor", **changes: Any) -> None:
    """Answer every question."""
    for question, value in {**ANSWERS, **changes}.items():
        answer(world, number, question, value, by=by)


def submit(world: World, number: int, *, by: str = "approver") -> Receipt:
    """Submit what is there, gaps and all."""
    with world.application.sessions() as session:
        seal = draft_of(session, assessment(session, number)).seal
    return world.application.submissions.submit(number, seal, world.people[by])


def give_back(world: World, number: int, *questions: str, reason: str = "แนบหน้าที่ลงนาม", days: int = 7) -> None:
    """Return some answers and accept the rest."""
    reviews, by = world.application.reviews, world.people["reviewer"]
    reviews.decide(number, [Ruling(one, Verdict.RETURN, reason=reason) for one in questions], by)
    reviews.accept_rest(number, by)
    reviews.return_(number, "ขอเอกสารเพิ่ม", day_of(now()) + timedelta(days=days), by)


def approve(world: World, number: int, **adjusted: tuple[Any, str]) -> None:
    """Accept everything but what is `adjusted` to a value with a reason, and approve."""
    reviews, by = world.application.reviews, world.people["reviewer"]
    rulings = [Ruling(one, Verdict.ADJUST, value, reason) for one, (value, reason) in adjusted.items()]
    if rulings:
        reviews.decide(number, rulings, by)
    reviews.accept_rest(number, by)
    reviews.approve(number, by)

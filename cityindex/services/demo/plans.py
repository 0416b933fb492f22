"""Improvement plans of the demo: the words of the next level, made into something to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.models import ImprovementAction, Place, PlanOpening, now
from cityindex.queries.participation.targets import RESIDENTS, TargetRecord, targets_of
from cityindex.services.demo.accounts import NAMED
from cityindex.services.demo.stories import Story

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from cityindex.definitions.catalogue import Catalogue

Row = dict[str, Any]
OFFICES = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองยุทธศาสตร์และงบประมาณ", "กองสาธารณสุข")
PROGRAMMES = ("แผนงานบริหารงานทั่วไป", "แผนงานสาธารณสุข", "แผนงานเคหะและชุมชน", "แผนงานสร้างความเข้มแข็งของชุมชน")
STATES = ("planned", "running", "running", "done")
WITH_PLAN = 0.6
SHOWN = ("returned", "published")
"""Names of places that show their plan to everybody."""


def plan_rows(story: Story, entry: QuestionnaireEntry) -> Iterator[Row]:
    """Some of the lowest answers of a place, each with what would bring it a level further."""
    rng, period = story.rng, story.record.round.period
    if rng.random() > WITH_PLAN:
        return
    rubrics = {question.code for question in entry.questionnaire.questions if question.kind == "rubric"}
    levels = sorted(
        (value, code) for code, value in story.said.verified.items() if code in rubrics and value is not None
    )
    for level, code in levels[: int(rng.integers(1, 4))]:
        words = entry.words_of(code).levels
        if level + 1 not in words:
            continue
        state, year = str(rng.choice(STATES)), period + 1 + int(rng.integers(0, 2))
        yield {
            "place_id": story.record.place.id, "assessment_id": story.record.id, "question": code,
            "from_level": level, "to_level": level + 1, "what": words[level + 1].th,
            "owner": str(rng.choice(OFFICES)), "budgets": json.dumps({str(year): float(rng.integers(1, 40) * 10_000)}),
            "fiscal_year": year, "programme": str(rng.choice(PROGRAMMES)),
            "plan_reference": f"ข้อมูลตัวอย่าง แผนพัฒนาท้องถิ่น หน้า {int(rng.integers(20, 180))}", "status": state,
            "progress": "" if state == "planned" else "ข้อมูลตัวอย่าง ดำเนินการแล้วบางส่วน",
            "revision": 1, "account_id": story.editor, "created_at": now(), "changed_at": now(), "removed_at": None,
        }  # fmt: skip


class DemoAims:
    """Lines that serve targets, of the places that somebody can sign in for; two of them show their plan."""

    def __init__(self, sessions: sessionmaker[Session], catalogue: Catalogue) -> None:
        self.sessions = sessions
        self.catalogue = catalogue

    def add(self) -> str:
        """Adds them once."""
        with self.sessions() as session:
            places = dict(session.execute(select(Place.code, Place.id).where(Place.code.in_(NAMED.values()))).all())
            if not places or session.scalar(select(PlanOpening.id).where(PlanOpening.place_id.in_(places.values()))):
                return ""
            rows = [row for code in NAMED.values() if code in places for row in self._rows(session, places[code])]
            shown = [places[NAMED[name]] for name in SHOWN if NAMED[name] in places]
            if rows:
                session.execute(insert(ImprovementAction), rows)
            session.execute(insert(PlanOpening), [{"place_id": one, "shown": True, "at": now()} for one in shown])
            session.commit()
            return f"{len(rows)} lines of plans that serve targets, and {len(shown)} plans that everybody can read"

    def _rows(self, session: Session, place: int) -> Iterator[Row]:
        own = [one for one in targets_of(session, place) if one.owner != RESIDENTS]
        for at, target in enumerate(own[:3]):
            yield _serving(target, self.catalogue, at) | {"place_id": place}


def _serving(target: TargetRecord, catalogue: Catalogue, at: int) -> Row:
    known = catalogue.indicators.get(target.code)
    name = known.name.th if known else target.code
    first = target.period - 1
    return {
        "what": f"ข้อมูลตัวอย่าง: โครงการเพื่อเป้าหมาย «{name}»", "objective": f"ให้ {name} ถึงเป้าหมายภายในปีเป้าหมาย",
        "output": "ข้อมูลตัวอย่าง: 3 ชุมชน", "outcome": "ข้อมูลตัวอย่าง: ประชาชนได้รับบริการดีขึ้น", "owner": OFFICES[at],
        "programme": PROGRAMMES[at], "budgets": json.dumps({str(first): 250_000.0, str(first + 1): 400_000.0}),
        "fiscal_year": target.period, "indicator": known.code if known else None, "target_id": target.id,
        "strategy": " ".join(known.aligned_to[:4]) if known else "", "status": STATES[at],
        "evidence": "ข้อมูลตัวอย่าง", "revision": 1, "created_at": now(), "changed_at": now(),
    }  # fmt: skip

"""Improvement plans of the demo: the words of the next level, made into something to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cityindex.definitions.catalogue import QuestionnaireEntry
from cityindex.models import now
from cityindex.services.demo_stories import Story

Row = dict[str, Any]
OFFICES = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองยุทธศาสตร์และงบประมาณ", "กองสาธารณสุข")
STATES = ("planned", "running", "running", "done")
WITH_PLAN = 0.6


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
        state = str(rng.choice(STATES))
        yield {
            "place_id": story.record.place.id, "assessment_id": story.record.id, "question": code,
            "from_level": level, "to_level": level + 1, "what": words[level + 1].th,
            "owner": str(rng.choice(OFFICES)), "budget": float(rng.integers(1, 40) * 10_000),
            "fiscal_year": period + 1 + int(rng.integers(0, 2)),
            "plan_reference": f"ข้อมูลตัวอย่าง แผนพัฒนาท้องถิ่น หน้า {int(rng.integers(20, 180))}", "status": state,
            "progress": "" if state == "planned" else "ข้อมูลตัวอย่าง ดำเนินการแล้วบางส่วน",
            "revision": 1, "account_id": story.editor, "created_at": now(), "changed_at": now(), "removed_at": None,
        }  # fmt: skip

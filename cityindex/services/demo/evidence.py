"""Evidence of the demo: links and small real files that say what they are."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cityindex.assessment.questionnaire import Questionnaire
from cityindex.calendars import day_of
from cityindex.formats.demo_papers import demo_pdf, demo_png
from cityindex.gateways.scanner import Verdict
from cityindex.models import EvidenceFile
from cityindex.services.demo.accounts import NAMED
from cityindex.services.demo.courses import Course

if TYPE_CHECKING:
    from cityindex.gateways.evidence import EvidenceStore
    from cityindex.services.demo.stories import Story

Row = dict[str, Any]

LACKING, UNDATED, SHARED = 0.1, 0.12, 0.03
"""Shares of answers without the evidence they want, of files without a date, and of places with a file of others."""
FILES, FILES_OF_NAMED = 1, 8
"""Files of an assessment; all other evidence is a link."""
LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that is to stand beside an answer."""

    row: Row
    content: bytes
    media_type: str


def evidence_of(story: Story, asked: Questionnaire, there: frozenset[str]) -> Iterator[Row | Paper]:
    """New evidence of one assessment; `there` are questions that have some of the round before."""
    if story.fate.course in (Course.UNTOUCHED, Course.PARTLY):
        return
    left = FILES_OF_NAMED if story.record.place.code in NAMED.values() else FILES
    for code, value in story.said.claimed.items():
        question = asked.question(code)
        if not question.wants_evidence(value) or (code in there and code not in story.back):
            continue
        if story.rng.random() < LACKING and code not in story.back:
            continue
        as_file = left > 0 and question.evidence is not None and "document" in question.evidence.kinds
        left -= as_file
        yield _paper(story, code, left) if as_file else _link(story, code)


def stored(store: EvidenceStore, papers: Sequence[Paper], moment: datetime) -> Mapping[str, Row]:
    """Put files into the store; the rows of `EvidenceFile` by hash."""
    rows: dict[str, Row] = {}
    for paper in papers:
        file = store.put(io.BytesIO(paper.content), LARGEST)
        paper.row["sha256"] = file.sha256
        rows[file.sha256] = {
            "sha256": file.sha256, "size": file.size, "media_type": paper.media_type, "locked": False,
            "stored_at": moment, "verdict": Verdict.UNSCANNED, "finding": "",
        }  # fmt: skip
    return rows


def note_files(session: Session, rows: Mapping[str, Row]) -> None:
    """Enter files that are not known yet."""
    known = set(session.scalars(select(EvidenceFile.sha256).where(EvidenceFile.sha256.in_(rows))))
    fresh = [row for hash_, row in rows.items() if hash_ not in known]
    if fresh:
        session.execute(insert(EvidenceFile), fresh)


def _paper(story: Story, code: str, left: int) -> Paper:
    """A page, or for every third file a picture. Some places hand in one and the same page."""
    place, period = story.record.place, story.record.round.period
    shared = story.rng.random() < SHARED and place.code not in NAMED.values()
    words = f"{'shared' if shared else place.code} {code} fiscal year {period}"
    dated = None if story.rng.random() < UNDATED else _day(story)
    row = {**_row(story, code), "kind": "file", "url": None, "dated": dated}
    if left % 3 == 2:
        return Paper({**row, "name": f"ภาพตัวอย่าง {code}.png"}, demo_png(words), "image/png")
    lines = [words, "a town that does not exist" if shared else place.name_en or place.code]
    return Paper({**row, "name": f"เอกสารตัวอย่าง {code}.pdf"}, demo_pdf(lines), "application/pdf")


def _link(story: Story, code: str) -> Row:
    url = f"https://{story.record.place.code.lower()}.demo.example/{story.record.round.period}/{code}"
    row = _row(story, code)
    return {**row, "kind": "link", "url": url, "sha256": None, "name": f"หน้าเว็บตัวอย่าง {code}", "dated": None}


def _row(story: Story, code: str) -> Row:
    days = story.fate.decided + 2 if code in story.back else story.fate.submitted - 0.5
    return {
        "assessment_id": story.record.id, "question": code, "note": "", "uploaded_at": story.at(days),
        "uploaded_by": story.editor, "carried_from": None,
    }  # fmt: skip


def _day(story: Story) -> date:
    """A day in the year before it was submitted."""
    return day_of(story.at(story.fate.submitted)) - timedelta(days=int(story.rng.integers(1, 330)))

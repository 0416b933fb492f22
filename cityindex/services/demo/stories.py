"""What people would have typed into an assessment of the demo, as the rows that their typing leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from cityindex.assessment.questionnaire import Questionnaire
from cityindex.assessment.risk import drawn
from cityindex.assessment.workflow import Deed, Verdict
from cityindex.calendars import day_of
from cityindex.definitions.fingerprint import canonical_json, sha256
from cityindex.models import (
    Answer,
    AnswerChange,
    Assessment,
    AssessmentComment,
    AssessmentEvent,
    Decision,
    Evidence,
    ReviewAssignment,
    Submission,
)
from cityindex.queries.assessments.rounds import AssessmentRecord
from cityindex.services.assessments.assessments import CHANGED, STILL_TRUE
from cityindex.services.assessments.submissions import draft_of, frozen
from cityindex.services.demo.answers import SAID, Said
from cityindex.services.demo.courses import ANSWERED, APPROVES, RESUBMITS, RETURNS, SOON, Course, Fate

ADJUSTED = (
    "หลักฐานแสดงถึงระดับนี้เท่านั้น (ข้อมูลตัวอย่าง)",
    "เอกสารที่แนบยังไม่ลงนาม จึงนับถึงระดับก่อนหน้า (ข้อมูลตัวอย่าง)",
    "ตรวจจากภายนอกแล้วพบตามนี้ (ข้อมูลตัวอย่าง)",
)
GIVEN_BACK = (
    "โปรดแนบหน้าที่ลงนามและลงวันที่ (ข้อมูลตัวอย่าง)",
    "หลักฐานเป็นของปีก่อน โปรดแนบของปีนี้ (ข้อมูลตัวอย่าง)",
    "เปิดลิงก์ไม่ได้ โปรดตรวจอีกครั้ง (ข้อมูลตัวอย่าง)",
)
APPEALED = "มีหลักฐานเพิ่มเติมที่ยังไม่ได้พิจารณา (ข้อมูลตัวอย่าง)"
WORDS = (
    ("municipality", "ฝากกองยุทธศาสตร์ตรวจตัวเลขข้อนี้อีกครั้ง (ข้อมูลตัวอย่าง)"),
    ("municipality", "รอเอกสารจากสำนักปลัด (ข้อมูลตัวอย่าง)"),
    ("all", "แนบหลักฐานชุดใหม่แล้ว (ข้อมูลตัวอย่าง)"),
)
AGREE = 0.88
"""Share of answers that a second reviewer sees as the first does."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Accounts: of places by the place's row, and of the programme."""

    editors: Mapping[int, int]
    approvers: Mapping[int, int]
    reviewers: Sequence[int]
    second: int
    officer: int


@dataclass(frozen=True)
class Story:
    """One assessment and what becomes of it. `held`: what was carried over, by question (value and revision)."""

    record: AssessmentRecord
    fate: Fate
    said: Said
    people: People
    held: Mapping[str, tuple[Any, int]]
    seed: int

    @cached_property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.record.round.period, self.record.place.id])

    @property
    def editor(self) -> int:
        return self.people.editors[self.record.place.id]

    @property
    def approver(self) -> int:
        return self.people.approvers[self.record.place.id]

    @property
    def reviewer(self) -> int:
        return self.people.reviewers[self.record.place.id % len(self.people.reviewers)]

    @cached_property
    def back(self) -> tuple[str, ...]:
        """The questions that a reviewer returns."""
        if self.fate.course not in RETURNS:
            return ()
        levels = [code for code, value in self.said.claimed.items() if isinstance(value, int) and value >= 2]
        picked = self.rng.permutation(levels)[: 1 + self.record.place.id % 3]
        return tuple(code for code in self.said.claimed if code in picked)

    def at(self, days: float) -> datetime:
        """A moment, in days after the opening of the round."""
        return self.record.round.opened_at + timedelta(minutes=round(days * 1440))

    @property
    def approved(self) -> float:
        days = self.fate.decided + (4.5 if self.fate.course is Course.TWICE else 0)
        return days if self.fate.early or self.fate.late else max(days, SOON)

    def verdict(self, code: str) -> tuple[str, str | None, str]:
        """What the first reviewer says: verdict, value and reason."""
        claimed, found = self.said.claimed.get(code), self.said.verified.get(code)
        if claimed == found:
            return Verdict.ACCEPT, _text(claimed), ""
        return Verdict.ADJUST, _text(found), ADJUSTED[(self.record.id + len(code)) % len(ADJUSTED)]


def write(session: Session, asked: Questionnaire, stories: Sequence[Story], evidence: Sequence[Row]) -> None:
    """Everything of some assessments. `evidence` are rows of theirs, in the order in which they were attached."""
    _put(session, AnswerChange, _answers(session, asked, stories))
    back = {(story.record.id, code) for story in stories for code in story.back if story.fate.course in RESUBMITS}
    later = [row for row in evidence if (row["assessment_id"], row["question"]) in back]
    _put(session, Evidence, [row for row in evidence if (row["assessment_id"], row["question"]) not in back])
    handed_in = [story for story in stories if story.fate.course in ANSWERED]
    first = _submit(session, handed_in, 1)
    _put(session, Evidence, later)
    _renote(session, stories)
    second = _submit(session, [story for story in handed_in if story.fate.course in RESUBMITS], 2)
    _put(session, Decision, [row for story in handed_in for row in _decisions(story, first, second)])
    _put(session, ReviewAssignment, [row for story in handed_in for row in _assignments(story)])
    _put(session, AssessmentComment, [row for story in stories for row in _comments(story)])
    _put(session, AssessmentEvent, [row for story in stories for row in _events(story, first, second)])
    _give_time(session, stories)


def appeal(session: Session, stories: Sequence[Story], days_after: float) -> None:
    """Appeals that nobody has decided yet, some days after the approval."""
    detail = [{"reasons": dict.fromkeys(_contested(story), APPEALED)} for story in stories]
    _put(session, AssessmentEvent, [
        _event(story, story.approved + days_after, Deed.APPEALED, story.approver, said)
        for story, said in zip(stories, detail, strict=True)
    ])  # fmt: skip


Frozen = Mapping[int, tuple[int, Mapping[str, Any], str]]
"""Submissions by assessment: row, content, hash."""


def _answers(session: Session, asked: Questionnaire, stories: Sequence[Story]) -> list[Row]:
    """Store the answers; returns every save of them."""
    changes: list[Row] = []
    for story in stories:
        changes += _saves(story, asked)
    newest = {(row["assessment_id"], row["question"]): row for row in changes}
    touched = sorted({one for one, _ in newest})
    columns = [column for column in Answer.__table__.columns]
    for some in (touched[start : start + 500] for start in range(0, len(touched), 500)):
        kept = session.execute(select(*columns).where(Answer.assessment_id.in_(some))).mappings().all()
        session.execute(delete(Answer).where(Answer.assessment_id.in_(some)))
        rest = [dict(row) for row in kept if (row["assessment_id"], row["question"]) not in newest]
        _put(session, Answer, rest)
    _put(session, Answer, list(newest.values()))
    return changes


def _saves(story: Story, asked: Questionnaire) -> Iterator[Row]:
    course, rng = story.fate.course, story.rng
    if course is Course.UNTOUCHED:
        return
    codes = list(story.said.claimed)
    begun, ended = story.fate.submitted - 5, story.fate.submitted - 0.1
    if course is Course.PARTLY:
        codes = codes[: int(len(codes) * rng.uniform(0.2, 0.85))]
    moments = np.sort(rng.uniform(begun, ended, len(codes)))
    for code, moment, luck in zip(codes, moments, rng.random(len(codes)), strict=True):
        value = story.said.claimed[code]
        held, revision = story.held.get(code, (None, 0))
        carried = None if not revision else STILL_TRUE if held == value else CHANGED
        if not revision and luck < 0.05 and asked.question(code).kind == "rubric" and value:
            yield {**_save(story, code, value - 1, moment - 0.05), "revision": 1}
            revision = 1
        later = course is Course.PARTLY and luck > 0.94
        more = {"revision": revision + 1, "carried": carried, "later": later}
        yield {**_save(story, code, value, moment), **more}


def _save(story: Story, code: str, value: Any, moment: float) -> Row:
    return {
        "assessment_id": story.record.id, "question": code, "revision": 0, "value": _text(value), "note": "",
        "carried": None, "later": False, "account_id": story.editor, "at": story.at(moment),
    }  # fmt: skip


def _renote(session: Session, stories: Sequence[Story]) -> None:
    """What was returned is explained when it is submitted again: a save more of each."""
    again = [story for story in stories if story.fate.course in RESUBMITS]
    rows: list[Row] = []
    for story in again:
        query = select(*Answer.__table__.columns).where(
            Answer.assessment_id == story.record.id, Answer.question.in_(story.back)
        )
        more = {"note": SAID, "at": story.at(story.fate.decided + 2)}
        rows += [{**row, "revision": row["revision"] + 1, **more} for row in session.execute(query).mappings()]
    _put(session, AnswerChange, rows)
    for row in rows:
        same = (Answer.assessment_id == row["assessment_id"], Answer.question == row["question"])
        session.execute(update(Answer).where(*same).values(revision=row["revision"], note=SAID, at=row["at"]))


def _submit(session: Session, stories: Sequence[Story], number: int) -> Frozen:
    """Freeze as the approver's button does."""
    rows, contents = [], {}
    for story in stories:
        content = frozen(draft_of(session, story.record), number)
        contents[story.record.id] = content
        text = canonical_json(content)
        rows.append({
            "assessment_id": story.record.id, "number": number, "content": text, "sha256": sha256(text),
            "account_id": story.approver, "at": story.at(_submitted(story, number)),
        })  # fmt: skip
    _put(session, Submission, rows)
    query = select(Submission.assessment_id, Submission.id, Submission.sha256).where(Submission.number == number)
    return {one: (row, contents[one], hash_) for one, row, hash_ in session.execute(query) if one in contents}


def _submitted(story: Story, number: int) -> float:
    return story.fate.submitted if number == 1 else story.fate.decided + 2.5


def _decisions(story: Story, first: Frozen, second: Frozen) -> Iterator[Row]:
    course = story.fate.course
    row, content, _ = first[story.record.id]
    asked = content["applicable"]
    if course is Course.SUBMITTED:
        return
    until = len(asked) if course is not Course.IN_REVIEW else len(asked) // 2
    moments = np.sort(story.rng.uniform(story.fate.submitted + 0.5, story.fate.decided, len(asked)))
    said = [_first(story, row, code, moment) for code, moment in zip(asked[:until], moments, strict=False)]
    yield from said
    last = row
    if course in RESUBMITS:
        last = second[story.record.id][0]
        yield from ({**one, "submission_id": last} for one in said if one["question"] not in story.back)
    if course is Course.TWICE:
        yield from (_decision(story, last, code, story.approved - 0.2, story.verdict(code)) for code in story.back)
    if course in APPROVES and drawn(story.record.round.id, story.record.place.id, story.record.round.second_share):
        yield from (_second(story, last, code) for code in asked)
    if story.fate.appeal in ("upheld", "dismissed"):
        yield from (_of_appeal(story, last, code) for code in _contested(story))


def _first(story: Story, row: int, code: str, moment: float) -> Row:
    if code in story.back:
        return _decision(story, row, code, moment, (Verdict.RETURN, None, GIVEN_BACK[len(code) % len(GIVEN_BACK)]))
    return _decision(story, row, code, moment, story.verdict(code))


def _second(story: Story, row: int, code: str) -> Row:
    verdict, value, reason = story.verdict(code)
    found = story.said.verified.get(code)
    if isinstance(found, int) and 0 < found < 5 and story.rng.random() > AGREE:
        verdict, value, reason = Verdict.ADJUST, _text(found + (1 if story.rng.random() < 0.5 else -1)), ADJUSTED[0]
    said = _decision(story, row, code, story.approved - 0.4, (verdict, value, reason))
    return {**said, "part": "second", "account_id": story.people.second}


def _of_appeal(story: Story, row: int, code: str) -> Row:
    upheld = story.fate.appeal == "upheld"
    value = (story.said.claimed if upheld else story.said.verified).get(code)
    reason = "รับตามหลักฐานเพิ่มเติม (ข้อมูลตัวอย่าง)" if upheld else "คงผลเดิมตามหลักฐาน (ข้อมูลตัวอย่าง)"
    said = _decision(story, row, code, story.approved + 12, (Verdict.ADJUST, _text(value), reason))
    return {**said, "part": "appeal", "account_id": story.people.officer}


def _decision(story: Story, row: int, code: str, days: float, said: tuple[str, str | None, str]) -> Row:
    verdict, value, reason = said
    return {
        "submission_id": row, "question": code, "part": "first", "verdict": verdict, "value": value,
        "reason": reason, "looked_at": "", "account_id": story.reviewer, "at": story.at(days),
    }  # fmt: skip


def _contested(story: Story) -> tuple[str, ...]:
    """What an appeal is about: the first answers that were adjusted."""
    claimed, found = story.said.claimed, story.said.verified
    return tuple(code for code in claimed if claimed[code] != found.get(code))[:2] or tuple(claimed)[:1]


def _assignments(story: Story) -> Iterator[Row]:
    if not _assigned(story):
        return
    yield {
        "assessment_id": story.record.id, "account_id": story.reviewer, "part": "first",
        "assigned_by": story.people.officer, "assigned_at": story.at(story.fate.submitted + 0.3),
    }  # fmt: skip


def _assigned(story: Story) -> bool:
    """Some of those that wait are nobody's yet."""
    return story.fate.course is not Course.SUBMITTED or story.record.id % 3 > 0


def _comments(story: Story) -> Iterator[Row]:
    codes = list(story.said.claimed)
    if story.fate.course is not Course.UNTOUCHED and story.record.id % 7 == 0:
        audience, words = WORDS[story.record.id % len(WORDS)]
        yield _comment(story, codes[story.record.id % len(codes)], audience, words, story.editor)
    for code in story.back:
        yield _comment(story, code, "all", "ดูตัวอย่างหลักฐานในคู่มือได้ (ข้อมูลตัวอย่าง)", story.reviewer)


def _comment(story: Story, code: str, audience: str, words: str, by: int) -> Row:
    days = story.fate.decided if by == story.reviewer else story.fate.submitted - 1
    return {
        "assessment_id": story.record.id, "question": code, "audience": audience, "text": words,
        "account_id": by, "at": story.at(days),
    }  # fmt: skip


def _events(story: Story, first: Frozen, second: Frozen) -> list[Row]:
    fate, people = story.fate, story.people
    events = []
    if fate.extended:
        days = fate.submitted - 1 if fate.course in ANSWERED else 36
        detail = {"until": _until(story).isoformat(), "reason": "น้ำท่วมสำนักงาน (ข้อมูลตัวอย่าง)"}
        events.append(_event(story, days, Deed.EXTENDED, people.officer, detail))
    if fate.course in ANSWERED:
        events.append(_handed_in(story, 1, first))
        if _assigned(story):
            detail = {"reviewer": story.reviewer, "part": "first"}
            events.append(_event(story, fate.submitted + 0.3, Deed.ASSIGNED, people.officer, detail))
    if fate.course in RETURNS:
        due = day_of(story.at(fate.decided + 14)).isoformat()
        detail = {"questions": list(story.back), "message": "ขอเอกสารเพิ่ม (ข้อมูลตัวอย่าง)", "due": due}
        events.append(_event(story, fate.decided, Deed.RETURNED, story.reviewer, detail))
    if fate.course in RESUBMITS:
        events.append(_handed_in(story, 2, second))
    if fate.course in APPROVES:
        number, frozen_ = (2, second) if fate.course is Course.TWICE else (1, first)
        detail = {"number": number, "sha256": frozen_[story.record.id][2], "note": ""}
        events.append(_event(story, story.approved, Deed.APPROVED, story.reviewer, detail))
    if fate.appeal in ("upheld", "dismissed"):
        events += _appeal_events(story)
    return events


def _handed_in(story: Story, number: int, frozen_: Frozen) -> Row:
    _, content, hash_ = frozen_[story.record.id]
    gaps = {name: content[name] for name in ("unanswered", "without_evidence")}
    detail = {"number": number, "sha256": hash_, **gaps}
    return _event(story, _submitted(story, number), Deed.SUBMITTED, story.approver, detail)


def _appeal_events(story: Story) -> Iterable[Row]:
    about = _contested(story)
    claimed, found = story.said.claimed, story.said.verified
    upheld = story.fate.appeal == "upheld" and any(claimed[code] != found.get(code) for code in about)
    detail = {"upheld": upheld, "message": SAID, "questions": sorted(about)}
    reasons = {"reasons": dict.fromkeys(about, APPEALED)}
    yield _event(story, story.approved + 6, Deed.APPEALED, story.approver, reasons)
    yield _event(story, story.approved + 12, Deed.APPEAL_DECIDED, story.people.officer, detail)


def _event(story: Story, days: float, deed: Deed, by: int, detail: Mapping[str, Any]) -> Row:
    text = json.dumps(detail, ensure_ascii=False)
    return {"assessment_id": story.record.id, "deed": deed, "at": story.at(days), "account_id": by, "detail": text}


def _until(story: Story) -> Any:
    if story.fate.late:
        return day_of(story.at(story.fate.submitted + 5))
    return story.record.round.deadline + timedelta(days=14)


def _give_time(session: Session, stories: Sequence[Story]) -> None:
    for story in stories:
        due = story.record.due
        if story.fate.extended:
            due = _until(story)
        if story.fate.course in RETURNS:
            due = max(due, day_of(story.at(story.fate.decided + 14)))
        if due != story.record.due:
            session.execute(update(Assessment).where(Assessment.id == story.record.id).values(due=due))


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _put(session: Session, table: Any, rows: Sequence[Row]) -> None:
    if rows:
        session.execute(insert(table), list(rows))

"""Knowledge and proposals of the demo: handed in and decided through the same doors as real ones, marked as demo."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.formats.demo_papers import demo_pdf
from cityindex.models import Account, KnowledgeItem, Place, RoleGrant
from cityindex.services.demo.accounts import DOMAIN, NAMED
from cityindex.services.knowledge.proposals import ProposalsImport
from cityindex.services.knowledge.proposed import Proposed
from cityindex.services.knowledge.said import Said
from cityindex.services.seeding import Listed

if TYPE_CHECKING:
    from cityindex.services.demo.places import DemoPlace
    from cityindex.services.knowledge.knowledge import Knowledge
    from cityindex.services.knowledge.proposals import Proposals
    from cityindex.services.knowledge.proposing import Proposing

MARK_TH, MARK_EN = "[ข้อมูลตัวอย่าง]", "[demo data]"
LIST, FILE = "demo", "demo proposals"
SOURCE = "ข้อมูลตัวอย่าง สร้างขึ้น ไม่ใช่รายชื่อจริง / Demo data, generated; not a real list"
EACH = 3
"""Places that tell of the same subject."""
HEADER = ("code", "kind", "place", "title_th", "title_en", "status", "since", "rule", "summary", "outcome")


@dataclass(frozen=True, slots=True)
class Subject:
    """What several demo places tell of."""

    kind: str
    title_th: str
    title_en: str
    summary_th: str
    summary_en: str
    theme: str
    indicators: tuple[str, ...]
    area: str = ""


SUBJECTS = (
    Subject("story", "ธนาคารขยะในโรงเรียน", "A waste bank in schools",
            "เด็กนำขยะรีไซเคิลมาฝากเป็นเงินออม โรงเรียนสามแห่งเริ่มพร้อมกัน ขยะที่ต้องฝังกลบลดลงในสองปี",
            "Pupils save by bringing recyclables. Three schools began together; landfilled waste fell in two years.",
            "environment", ("waste_per_head", "waste_recycling_rate"), "schooling"),
    Subject("document", "คู่มือคัดแยกขยะครัวเรือนสำหรับอาสาสมัคร", "A handbook of sorting waste at home for volunteers",
            "ขั้นตอนเดินเยี่ยมบ้าน ตารางนัดเก็บ และแบบบันทึกหนึ่งหน้า ใช้กับชุมชนที่ไม่มีพื้นที่วางถัง",
            "Steps of home visits, a timetable of collection and a one-page record, for streets without room for bins.",
            "environment", ("waste_recycling_rate", "waste_proper_disposal_rate"), "sustainability"),
    Subject("story", "โรงเรียนผู้สูงอายุที่ผู้เรียนเป็นผู้สอน", "A school of the elderly in which learners teach",
            "ผู้สูงอายุสลับกันสอนงานฝีมือและการใช้โทรศัพท์ ผู้ดูแลระยะยาวพบผู้ป่วยติดบ้านได้เร็วขึ้น",
            "Older people take turns teaching crafts and phones; carers found people confined to their homes sooner.",
            "health", ("ltc_coverage",), "families"),
    Subject("data-set", "จุดติดตั้งไฟฟ้าสาธารณะและวันที่ซ่อม", "Street lights and the days they were repaired",
            "ตารางจุดไฟ พิกัด วันที่แจ้ง และวันที่ซ่อม ปรับทุกเดือน ใช้จัดลำดับการซ่อมตามความเสี่ยงของถนน",
            "Lights with positions, days of report and repair, monthly; used to order repairs by the risk of the road.",
            "mobility", ("streetlight_working_rate",)),
    Subject("map", "แผนที่เส้นทางอพยพน้ำท่วมที่ชุมชนวาดเอง", "A map of ways out of a flood, drawn by the people",
            "แผนที่จุดรวมพล เส้นทางปลอดภัย และบ้านที่ต้องช่วยก่อน ซ้อมปีละสองครั้ง",
            "Meeting points, safe ways and homes to be helped first; drilled twice a year.",
            "safety", ("disaster_drill",), "sustainability"),
    Subject("technology", "ระบบรับเรื่องร้องเรียนที่แจ้งผลกลับทุกเรื่อง", "A system of complaints that answers each of them",
            "เจ้าหน้าที่รับเรื่องในระบบเดียว ผู้แจ้งเห็นขั้นตอนและวันที่จะเสร็จ จำนวนวันมัธยฐานลดลง",
            "One system for all offices; whoever reports sees the step and the day it will be done. Median days fell.",
            "governance", ("complaints_resolved_rate", "complaint_median_days"), "technology"),
    Subject("story", "ศูนย์เด็กเล็กที่วัดพัฒนาการทุกเดือน", "A child centre that measures development every month",
            "ครูและผู้ปกครองใช้แบบวัดเดียวกัน พบเด็กที่ต้องช่วยเร็วขึ้น และส่งต่อสถานพยาบาลได้ทัน",
            "Teachers and parents use one measure, find children who need help sooner and refer them in time.",
            "learning", ("child_development_rate", "child_centre_enrolment_rate"), "schooling"),
    Subject("document", "แนวทางเก็บภาษีที่ดินที่ประชาชนเข้าใจ", "Collecting land tax so that people understand it",
            "จดหมายหนึ่งหน้า ตัวอย่างการคำนวณ และจุดถามตอบเคลื่อนที่ รายได้จัดเก็บเองเพิ่มขึ้นโดยไม่เพิ่มอัตรา",
            "A one-page letter, a worked example and a mobile desk; own revenue rose without a higher rate.",
            "local-finance", ("fiscal_self_dependency", "own_revenue_per_head")),
)  # fmt: skip
PROPOSALS = (
    ("sandbox", "ทดลองให้ชุมชนดูแลสวนสาธารณะ", "Parks looked after by the neighbourhood", "trying",
     "ระเบียบพัสดุ ข้อว่าด้วยการจ้างดูแลสวน"),
    ("proposal", "เสนอแก้เทศบัญญัติให้ตลาดนัดแยกขยะ", "A bylaw on sorting waste at markets", "considered",
     "เทศบัญญัติว่าด้วยตลาด"),
    ("mechanism", "กลไกพี่เลี้ยงข้ามเทศบาล", "Municipalities that coach each other", "adopted", ""),
    ("innovation", "ระบบเตือนน้ำท่วมจากเสาวัดที่ชุมชนทำเอง", "A flood warning with gauges made by the people", "trying", ""),
)  # fmt: skip
NOT_REAL = "ข้อมูลตัวอย่าง ไม่ได้เกิดขึ้นจริง"
WRITTEN = (
    Proposed("sandbox", "trying", "ตลาดเช้าที่ขอใช้ทางเท้าครั้งเดียวต่อปี", "A morning market that asks once a year",
             "ผู้ค้ายื่นขอใช้ทางเท้าครั้งเดียวต่อปีแทนทุกเดือน ลองกับสามถนน", "เทศบัญญัติว่าด้วยการใช้ทางเท้า ข้อ 12",
             since="1/5/2568", until="2570", theme=("economy",)),
    Proposed("sandbox", "ended", "อาสาสมัครอ่านมาตรน้ำแทนเจ้าหน้าที่", "Volunteers who read water meters",
             "ชุมชนอ่านมาตรเองและส่งภาพ ลองหนึ่งปีกับสี่ชุมชน", "ระเบียบการจัดเก็บค่าน้ำ ข้อ 8",
             "บันทึกการอ่านรายเดือน ปี 2567", "อ่านได้ครบทุกเดือน แต่ภาพหนึ่งในห้าอ่านไม่ออก จึงกลับไปใช้วิธีเดิม",
             since="2567", until="2568", theme=("governance",)),
)  # fmt: skip
"""What a demo place writes itself, from the draft to the register."""
WAITING = Proposed(
    "proposal", "considered", "ให้ศูนย์เด็กเล็กเปิดถึงหกโมงเย็น", "Child centres that stay open until six",
    "พ่อแม่ที่ทำงานนอกเมืองรับลูกไม่ทัน เสนอแก้ระเบียบเวลาราชการของศูนย์", "ระเบียบว่าด้วยเวลาเปิดของศูนย์เด็กเล็ก",
    since="2569", theme=("learning",),
)  # fmt: skip
"""Handed in, so that whoever decides has something to decide on."""


@dataclass(frozen=True)
class DemoKnowledge:
    """The step of `seed --demo` that shares and proposes."""

    knowledge: Knowledge
    proposals: Proposals
    proposing: Proposing

    def add(self, places: Sequence[DemoPlace]) -> str:
        """What was added, in words; empty where it is there already, or nobody of the demo could have written it."""
        with self.knowledge.sessions() as session:
            if session.scalar(select(KnowledgeItem.id).where(KnowledgeItem.demo).limit(1)):
                return ""
            people, rows = _people(session), _rows(session, places)
        if people is None:
            return ""
        shown = sum(self._share(one, people) for one in rows)
        self._propose(places)
        wrote = self._write(rows[0][1], people)
        self._hand_in(rows[1], people[0])
        lines = len(PROPOSALS) * EACH + wrote
        return f"{shown} items of knowledge, and {lines} proposals and sandboxes, {wrote} of them written by a place"

    def _hand_in(self, one: tuple[Subject, int, str], writer: int) -> None:
        """An item that waits for whoever decides."""
        subject, place, _ = one
        said = replace(_said(subject), title_th=f"{MARK_TH} สมุดบันทึกขยะของชุมชน", title_en=f"{MARK_EN} A waste diary")
        self.knowledge.submit(self.knowledge.begin(place, said, writer, demo=True), writer)

    def _share(self, one: tuple[Subject, int, str], people: tuple[int, int]) -> int:
        subject, place, code = one
        writer, reviewer = people
        number = self.knowledge.begin(place, _said(subject), writer, demo=True)
        if subject.kind in ("document", "data-set", "map"):
            paper = io.BytesIO(demo_pdf([code, subject.title_en]))
            self.knowledge.add_file(number, paper, "เอกสารตัวอย่าง.pdf", writer)
        if code in NAMED.values():
            self.knowledge.thank(number, writer, "ผู้ใช้ตัวอย่าง (ข้อมูลตัวอย่าง)")
        self.knowledge.submit(number, writer)
        self.knowledge.accept(number, reviewer, 1)
        return 1

    def _write(self, place: int, people: tuple[int, int]) -> int:
        """What a place writes itself. Returns how many of it stand in the register."""
        writer, reviewer = people
        for said in (*WRITTEN, WAITING):
            number = self.proposing.begin(place, _marked(said), writer, demo=True)
            self.proposing.submit(number, writer)
            if said is not WAITING:
                self.proposing.accept(number, reviewer, 1)
        return len(WRITTEN)

    def _propose(self, places: Sequence[DemoPlace]) -> None:
        rows = list(_lines(places))
        how = ProposalsImport(FILE, "seed --demo", SOURCE, LIST, demo=True)
        self.proposals.import_list(Listed(HEADER, rows), how)


def _said(subject: Subject) -> Said:
    return Said(
        kind=subject.kind,
        title_th=f"{MARK_TH} {subject.title_th}",
        title_en=f"{MARK_EN} {subject.title_en}",
        summary_th=f"{subject.summary_th}\n\n{NOT_REAL}",
        summary_en=f"{subject.summary_en}\n\nDemo data: none of this happened.",
        creator="กองตัวอย่าง (ข้อมูลตัวอย่าง)",
        dated="2568",
        licence="CC-BY-4.0",
        theme=(subject.theme,),
        indicator=subject.indicators,
        area=(subject.area,) if subject.area else (),
    )


def _marked(said: Proposed) -> Proposed:
    """Every text says that it is invented."""
    thai, english = f"{MARK_TH} {said.title_th}", f"{MARK_EN} {said.title_en}"
    return replace(said, title_th=thai, title_en=english, summary=f"{said.summary}\n\n{NOT_REAL}")


def _people(session: Session) -> tuple[int, int] | None:
    """An editor who writes, and a programme officer who decides."""
    query = (
        select(RoleGrant.role, Account.id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(Account.email.endswith(f"@{DOMAIN}"), RoleGrant.role.in_(("editor", "programme-officer")))
        .order_by(Account.id.desc())
    )
    found = {role: account for role, account in session.execute(query)}
    return (found["editor"], found["programme-officer"]) if len(found) == 2 else None


def _rows(session: Session, places: Sequence[DemoPlace]) -> list[tuple[Subject, int, str]]:
    """Each subject at `EACH` places: those that somebody can sign in for, then others far apart."""
    named = list(NAMED.values())
    codes = named + [one.code for one in places if one.code not in named][:: max(len(places) // 30, 1)]
    query = select(Place.code, Place.id).where(Place.code.in_(codes))
    ids = {code: number for code, number in session.execute(query)}
    known = [code for code in codes if code in ids]
    return [
        (subject, ids[code], code)
        for number, subject in enumerate(SUBJECTS)
        for code in [known[(number * EACH + step) % len(known)] for step in range(EACH)]
    ]


def _lines(places: Sequence[DemoPlace]) -> Iterator[tuple[int, Mapping[str, str]]]:
    chosen = places[:: max(len(places) // (len(PROPOSALS) * EACH), 1)]
    for number in range(len(PROPOSALS) * EACH):
        kind, title_th, title_en, status, rule = PROPOSALS[number % len(PROPOSALS)]
        values = (
            f"D{number + 1:03}", kind, chosen[number].code, f"{MARK_TH} {title_th}", f"{MARK_EN} {title_en}", status,
            "2567", rule, "ข้อมูลตัวอย่าง ไม่ใช่ข้อเสนอจริง", "",
        )  # fmt: skip
        yield number + 2, dict(zip(HEADER, values, strict=True))

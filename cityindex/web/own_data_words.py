"""What the tables with a person's data are called, what each is, and how long it is kept: in both languages at once,
because the file that is taken away says it in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from cityindex.definitions.catalogue import Text

Keeping = Literal["account", "way-in", "letters", "uploads", "stays", "setting", "thanks", "tasks"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A table in words."""

    name: Text
    what: Text
    keeping: Keeping


KEEPING: Mapping[Keeping, Text] = {
    "account": Text(
        "จนกว่าคุณจะลบเอง หรือ {accounts} วันหลังปิดบัญชี จากนั้นชื่อและอีเมลถูกลบ เหลือเพียงเลขบัญชี",
        "Until you erase it, or {accounts} days after the account is closed; then name and address are erased, and a "
        "number is left.",
    ),
    "way-in": Text("จนกว่าคุณจะเอาออก หรือบัญชีถูกปิด", "Until you remove it, or the account is closed."),
    "letters": Text(
        "{letters} วันหลังเขียน ถ้าส่งแล้วหรือเลิกส่งแล้ว หรือจนบัญชีถูกปิด ข้อความข้างในลบทันทีที่ส่ง",
        "{letters} days after it was written, where it has gone or was given up, or until the account is closed; what "
        "it told is deleted when it goes.",
    ),
    "uploads": Text(
        "30 วันถ้าไม่มีใครยืนยัน ถ้ายืนยันแล้วเก็บไว้เป็นที่มาของตัวเลข",
        "30 days where nobody confirmed it; confirmed, it stays as the source of figures.",
    ),
    "stays": Text(
        "เก็บไว้เป็นหลักฐานของตัวเลข ในชื่อ “account” ตามด้วยเลข ไม่มีชื่อหรืออีเมลของคุณ",
        "It stays as the record of the figures, under “account” and a number, without your name or address.",
    ),
    "setting": Text("จนกว่าจะมีคนเปลี่ยนอีกครั้ง", "Until somebody changes it again."),
    "thanks": Text("จนกว่าคุณจะลบชื่อและอีเมลของคุณ", "Until you erase your name and address."),
    "tasks": Text(
        "เก็บไว้กับรอบประเมิน ในชื่อ “account” ตามด้วยเลข", "It stays with the round, under “account” and a number."
    ),
}
"""`{accounts}` and `{letters}` are days that the operator has set."""

_WORDS = """
account | account
บัญชีของคุณ | Your account
ชื่อ อีเมล และการเข้าสู่ระบบ อยู่ที่นี่ที่เดียว | Name, e-mail address and how you sign in; they stand nowhere else.
role_grant | stays
บทบาท | Roles
บทบาทที่คุณได้รับ หรือที่คุณมอบให้คนอื่น | Roles that you were given, or gave to others.
second_factor | way-in
ขั้นที่สองของการเข้าสู่ระบบ | Second step at sign-in
รหัสลับของแอปบนโทรศัพท์ ไม่แสดงให้ใครเห็น | The secret of the app on your phone; it is shown to nobody.
recovery_code | way-in
รหัสสำรอง | Recovery codes
ใช้เข้าสู่ระบบแทนโทรศัพท์ได้ครั้งละรหัส เก็บเฉพาะลายนิ้วมือ | Each stands in for the phone once; only fingerprints are kept.
identity | way-in
การเข้าสู่ระบบด้วยบริการอื่น | Sign-in by another service
ผู้ให้บริการที่คุณผูกไว้ และเลขที่เขาใช้เรียกคุณ | The provider that you linked, and the number by which it knows you.
letter | letters
จดหมายถึงคุณ | Letters to you
อีเมลที่ระบบเขียนถึงคุณ หรือที่คุณรับไปส่งต่อ | E-mails that the site wrote to you, or that you took out to hand over.
audit_event | stays
บันทึกการกระทำ | Audit trail
สิ่งที่คุณทำ หรือที่คนอื่นทำกับบัญชีของคุณ | What you did, or others did with your account.
client | stays
โปรแกรมที่ขอสิทธิ์ | Access for programs
คำขอใช้ข้อมูลด้วยโปรแกรม ที่คุณยื่นหรือตัดสิน | Requests for programs, made or decided by you.
api_key | stays
กุญแจของโปรแกรม | Keys of programs
กุญแจที่คุณออกหรือยกเลิก เก็บเฉพาะลายนิ้วมือ | Keys that you issued or revoked; only fingerprints are kept.
answer | stays
คำตอบแบบประเมิน | Answers
คำตอบล่าสุดของแต่ละข้อที่คุณบันทึก | The newest answer to each question that you saved.
answer_change | stays
ประวัติคำตอบ | History of answers
ทุกครั้งที่คุณบันทึกคำตอบ | Every time that you saved an answer.
assessment_comment | stays
ความเห็นในแบบประเมิน | Comments
สิ่งที่คุณเขียนไว้ข้างคำตอบ | What you wrote beside answers.
assessment_event | stays
ขั้นตอนของการประเมิน | Steps of assessments
การส่ง ตรวจ ส่งกลับ หรืออนุมัติ ที่คุณทำ | What you submitted, returned or approved.
evidence | stays
หลักฐาน | Evidence
ไฟล์และลิงก์ที่คุณแนบหรือเอาออก | Files and links that you attached or removed.
submission | stays
ฉบับที่ส่ง | Submissions
แบบประเมินทั้งฉบับที่คุณส่ง | Whole assessments that you submitted.
decision | stays
การตัดสินของผู้ตรวจ | Decisions of reviews
สิ่งที่คุณตัดสินในแต่ละข้อ พร้อมเหตุผล | What you decided on answers, with the reason.
review_assignment | tasks
งานตรวจที่มอบหมาย | Reviews that were given
แบบประเมินที่คุณต้องตรวจ หรือที่คุณมอบให้คนอื่น | Assessments that you review, or that you gave to others.
round | stays
รอบประเมิน | Rounds
รอบที่คุณเปิดหรือปิด | Rounds that you opened or closed.
upload | uploads
ไฟล์ตัวเลขที่อัปโหลด | Uploaded figures
ไฟล์ตัวเลขที่คุณส่งเข้ามา | Files of figures that you handed in.
upload_event | uploads
ขั้นตอนของไฟล์ตัวเลข | Steps of uploads
การยืนยัน รับ ส่งกลับ หรือถอนไฟล์ ที่คุณทำ | What you confirmed, accepted, returned or withdrew.
recording | stays
การบันทึกตัวเลข | Recordings
ชุดตัวเลขที่บันทึกในชื่อของคุณ | Sets of figures that were stored in your name.
run | stays
การคำนวณ | Runs
การคำนวณคะแนนที่คุณสั่ง | Computations that you asked for.
publication | stays
การเผยแพร่ | Publications
ผลที่คุณเผยแพร่หรือย้อนกลับ | Editions that you published or rolled back.
planned_release | stays
การเผยแพร่ที่วางแผนไว้ | Planned releases
กำหนดเผยแพร่ที่คุณวางหรือยกเลิก | Releases that you planned or cancelled.
edition_note | stays
หมายเหตุของผล | Notes of editions
สิ่งที่คุณบอกไว้เมื่อเผยแพร่ เช่น แก้อะไร เพราะอะไร | What you said when publishing, such as what was corrected and why.
preview | stays
การเปิดให้ดูก่อนเผยแพร่ | Previews
ผลที่คุณเปิดให้พื้นที่ดูก่อน | Runs that you opened to places before they were public.
objection | stays
ข้อโต้แย้ง | Objections
ข้อโต้แย้งที่คุณยื่นหรือตอบ | Objections that you made or answered.
improvement_action | stays
กิจกรรมในแผน | Actions of plans
บรรทัดในแผนพัฒนาที่คุณแก้ล่าสุด | Lines of plans that you changed last.
action_revision | stays
ประวัติของแผน | History of plans
ทุกครั้งที่คุณแก้บรรทัดในแผน | Every time that you changed a line of a plan.
plan_opening | stays
การเปิดเผยแผน | Showing of plans
เมื่อคุณเปิดหรือปิดแผนต่อสาธารณะ | When you showed a plan to everybody, or took it back.
target_revision | stays
เป้าหมาย | Targets
เป้าหมายที่คุณตั้งหรือถอน | Targets that you set or took back.
consultation | stays
การรับฟังความเห็น | Consultations
การรับฟังที่คุณเปิด | Consultations that you opened.
consultation_answer | stays
คำตอบต่อการรับฟัง | Answers to consultations
สิ่งที่คุณตอบประชาชนในนามของพื้นที่ | What you answered to residents, for the place.
voice_reason | stays
เหตุผลของประชาชนที่คุณอ่าน | Reasons that you moderated
เหตุผลที่คุณตัดสินว่าให้แสดงหรือไม่ ผู้เขียนเป็นใครไม่มีใครรู้ | Reasons that you showed or held back; nobody knows who wrote them.
mistake | stays
ตัวเลขที่มีผู้แจ้งว่าผิด | Reported mistakes
เรื่องที่คุณตอบหรือส่งต่อ | Reports that you answered or passed on.
knowledge_item | stays
ความรู้ที่แบ่งปัน | Shared knowledge
เรื่องที่คุณเริ่มเขียน | Items that you began.
knowledge_version | stays
รุ่นของความรู้ | Versions of knowledge
เนื้อหาแต่ละรุ่นที่คุณเขียน | Each version that you wrote.
knowledge_event | stays
ขั้นตอนของความรู้ | Steps of knowledge
การส่ง รับ ส่งกลับ หรือซ่อน ที่คุณทำ | What you handed in, accepted, returned or hid.
knowledge_thanks | thanks
คำขอบคุณ | Thanks
เรื่องที่คุณได้รับการขอบคุณโดยมีชื่อ | Items for which you are thanked by name.
written_proposal | stays
ข้อเสนอ | Proposals
ข้อเสนอหรือแซนด์บ็อกซ์ที่คุณเริ่มเขียน | Proposals or sandboxes that you began.
proposal_version | stays
รุ่นของข้อเสนอ | Versions of proposals
เนื้อหาแต่ละรุ่นที่คุณเขียน | Each version that you wrote.
proposal_event | stays
ขั้นตอนของข้อเสนอ | Steps of proposals
การส่ง รับ ส่งกลับ หรือซ่อน ที่คุณทำ | What you handed in, accepted, returned or hid.
schedule | setting
งานตามเวลา | Schedules
เวลาของงานที่คุณเปลี่ยนล่าสุด | Times of jobs that you changed last.
delivery | stays
การส่งข้อมูลให้หน่วยงานอื่น | Deliveries
ชุดข้อมูลที่คุณสั่งส่ง | Packages that you had sent.
exchange_entry | stays
บันทึกการแลกเปลี่ยนข้อมูล | Trail of exchange
สิ่งที่คุณทำกับการแลกเปลี่ยนข้อมูล | What you did in exchange with partners.
partner_comment | stays
ความเห็นของหน่วยงานอื่น | Comments of partners
ความเห็นที่คุณตอบ | Comments that you answered.
pull | stays
การดึงข้อมูล | Data fetched
การดึงข้อมูลจากหน่วยงานอื่นที่คุณสั่ง | Data that you had fetched from others.
"""
"""Three lines a table: its name and how long it is kept; what it is called; what it is."""


def _read(lines: Sequence[str]) -> tuple[str, Kept]:
    (code, keeping), name, what = (line.split(" | ") for line in lines)
    return code, Kept(Text(*name), Text(*what), cast("Keeping", keeping))


TABLES: Mapping[str, Kept] = MappingProxyType(
    dict(map(_read, zip(*[iter(_WORDS.strip().splitlines())] * 3, strict=True)))
)
"""By the name of the table."""

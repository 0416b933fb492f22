"""What the columns of a person's data are called: one word for a name, wherever it stands. See `own_data_words`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cityindex.definitions.catalogue import Text

_WORDS = """
about | เรื่อง | About
accepted | รับแล้ว | Accepted
account_id | เลขบัญชี | Number of the account
action | การกระทำ | Deed
action_id | เลขกิจกรรมในแผน | Number of the action
actor | ผู้ทำ | Who did it
agreement | ข้อตกลง | Agreement
announced | ประกาศแล้ว | Announced
answer | คำตอบ | Answer
answered_at | ตอบเมื่อ | Answered at
answered_by | ผู้ตอบ | Answered by
appeal_days | จำนวนวันที่อุทธรณ์ได้ | Days for an appeal
asked_at | ขอเมื่อ | Asked at
assessment_id | เลขแบบประเมิน | Number of the assessment
assigned_at | มอบหมายเมื่อ | Given at
assigned_by | ผู้มอบหมาย | Given by
at | เมื่อ | At
at_place | ส่งถึงพื้นที่ | With the place
audience | ผู้ที่อ่านได้ | Who may read it
baseline | ค่าเริ่มต้น | Value to begin with
before | ก่อนหน้า | Before
budgets | งบประมาณแต่ละปี | Money by fiscal year
by | ผู้ทำ | By
bytes | ขนาด (ไบต์) | Size (bytes)
carried | ยกมาจากรอบก่อน | Carried over from the round before
carried_from | ยกมาจากหลักฐานเลขที่ | Carried over from evidence number
changed_at | แก้เมื่อ | Changed at
changed_by | ผู้แก้ | Changed by
client_id | เลขโปรแกรม | Number of the program
closed_at | ปิดเมื่อ | Closed at
closed_by | ผู้ปิด | Closed by
closes_at | จะปิดเมื่อ | Closes at
code | รหัส | Code
code_hash | ลายนิ้วมือของรหัส | Fingerprint of the code
confirmed_at | ยืนยันเมื่อ | Confirmed at
consultation_id | เลขการรับฟังความเห็น | Number of the consultation
content | เนื้อหาทั้งหมด | All of it
corrects | แก้ผลคำนวณเลขที่ | Corrects run number
created_at | สร้างเมื่อ | Made at
created_by | ผู้สร้าง | Made by
creator | ผู้จัดทำ | Creator
cutoff | นับถึงการบันทึกเลขที่ | Up to recording number
data_fingerprint | ลายนิ้วมือของข้อมูล | Fingerprint of the data
dated | วันที่ของเอกสาร | Date of the document
deadline | วันสุดท้าย | Last day
decided_at | ตัดสินเมื่อ | Decided at
decided_by | ผู้ตัดสิน | Decided by
deed | ขั้นตอน | Deed
definition | ลายนิ้วมือของนิยาม | Fingerprint of the definition
delivery_id | เลขการส่งข้อมูล | Number of the delivery
demo | ข้อมูลสาธิต | Demo data
detail | รายละเอียด | Detail
details | สิ่งที่จดหมายจะบอก | What the letter tells
difference | ลายนิ้วมือของสิ่งที่จะบันทึก | Fingerprint of what is stored
direction | ส่งออกหรือรับเข้า | Sent or received
door | เข้ามาทาง | Came in by
due | กำหนดถึง | Due
email | อีเมล | E-mail address
enabled | เปิดใช้ | Turned on
ended_at | สิ้นสุดเมื่อ | Ended at
ended_by | ผู้สิ้นสุด | Ended by
epoch | จำนวนครั้งที่สั่งออกจากทุกเครื่อง | Times signed out everywhere
era | ศักราชของปี | Era of the years
error | ข้อผิดพลาด | Error
evidence | หลักฐาน | Evidence
expires_at | หมดอายุเมื่อ | Expires at
facts | ตัวเลขที่แสดงตอนนั้น | Figures shown at the time
file_hash | ลายนิ้วมือของไฟล์ | Fingerprint of the file
file_name | ชื่อไฟล์ | Name of the file
file_size | ขนาดไฟล์ (ไบต์) | Size of the file (bytes)
fiscal_year | ปีงบประมาณ (ค.ศ.) | Fiscal year (CE)
framework | ดัชนี | Framework
from_level | จากระดับ | From level
granted | สิทธิ์ที่ให้ | Granted
granted_at | ให้เมื่อ | Given at
granted_by | ผู้ให้ | Given by
handed_by | ผู้รับไปส่งต่อ | Handed over by
hash | ลายนิ้วมือ | Fingerprint
id | เลขที่ | Number
indicator | ตัวชี้วัด | Indicator
innovation | นวัตกรรม | Innovation
issuer | ผู้ให้บริการ | Provider
item_id | เลขเรื่อง | Number of the item
job | งาน | Job
key_hash | ลายนิ้วมือของกุญแจ | Fingerprint of the key
kind | ชนิด | Kind
language | ภาษา | Language
last_step | รหัสที่ใช้ครั้งสุดท้าย | Code used last
last_used_at | ใช้ครั้งสุดท้ายเมื่อ | Last used at
later | ทำเครื่องหมายไว้ทำทีหลัง | Marked for later
library | รุ่นของโปรแกรมคำนวณ | Versions of libraries
licence | สัญญาอนุญาต | Licence
link_expires_at | ลิงก์หมดอายุเมื่อ | Link works until
link_hash | ลายนิ้วมือของลิงก์ | Fingerprint of the link
linked_at | ผูกเมื่อ | Linked at
looked_at | ที่อยู่ที่เปิดดู | Address that was looked at
made_at | ทำเมื่อ | Made at
made_by | ผู้ทำ | Made by
manifest | ใบกำกับที่ลงลายมือชื่อ | Signed manifest
mapping | วิธีอ่านข้อมูล | Mapping
mark | สถานะของผล | Mark
modified | ต้นทางแก้เมื่อ | Changed at the source
most | จำนวนมากที่สุด | At most
name | ชื่อ | Name
next_try_at | จะลองอีกเมื่อ | Next try at
node | ส่วนของดัชนี | Part of the framework
note | หมายเหตุ | Note
number | ครั้งที่ | Number
objective | วัตถุประสงค์ | Objective
opened_at | เปิดเมื่อ | Opened at
opened_by | ผู้เปิด | Opened by
opens_at | จะเปิดเมื่อ | Opens at
organisation | หน่วยงาน | Organisation
outcome | ผล | Outcome
output | ผลผลิต | Output
owner | ผู้รับผิดชอบ | Who is responsible
parameters | ค่าที่ใช้คำนวณ | Parameters
part | ส่วนของการตรวจ | Part of the review
password_hash | ลายนิ้วมือของรหัสผ่าน | Fingerprint of the password
period | ปี (ค.ศ.) | Year (CE)
place_id | พื้นที่ | Place
plan_reference | เลขอ้างอิงในแผน | Reference in the plan
planned_at | วางแผนเมื่อ | Planned at
planned_by | ผู้วางแผน | Planned by
position | ลำดับ | Position
precision | ความละเอียดของวันที่ | Precision of the date
preview_id | เลขการเปิดให้ดูก่อน | Number of the preview
programme | โครงการ | Programme
progress | ความคืบหน้า | Progress
publish_at | จะเผยแพร่เมื่อ | Is to come out at
purpose | ใช้ทำอะไร | Purpose
question | คำถาม | Question
questionnaire | แบบประเมิน | Questionnaire
rate | คำขอต่อนาที | Requests a minute
reason | เหตุผล | Reason
receipt | ใบรับที่ลงลายมือชื่อ | Signed receipt
recorded_at | บันทึกเมื่อ | Stored at
recorded_by | ผู้บันทึก | Stored by
recording_id | เลขการบันทึก | Number of the recording
reference | เลขอ้างอิง | Reference
rejected | ไม่รับ | Not taken
removed_at | เอาออกเมื่อ | Removed at
removed_by | ผู้เอาออก | Removed by
review_deadline | ตรวจให้เสร็จภายใน | Last day of reviewing
revision | แก้ครั้งที่ | Revision
revoked_at | ยกเลิกเมื่อ | Revoked at
revoked_by | ผู้ยกเลิก | Revoked by
role | บทบาท | Role
rows | จำนวนแถว | Rows
rule | กฎที่เกี่ยวข้อง | Rule
run_id | เลขผลคำนวณ | Number of the run
said | ข้อความ | Words
said_at | ขอบคุณเมื่อ | Thanked at
scopes | สิทธิ์ | Scopes
second_share | สัดส่วนที่ตรวจสองคน | Share of second reviews
secret | รหัสลับ | Secret
sent_at | ส่งเมื่อ | Sent at
sequence | ลำดับที่ | Number in its agreement
settled_at | ได้ใบรับเมื่อ | Receipt at
sha256 | ลายนิ้วมือ (SHA-256) | Fingerprint (SHA-256)
sheet | แผ่นงาน | Sheet
shown | ที่แสดง | Shown
since | ตั้งแต่ | Since
source | ที่มา | Source
start | ตัวอักษรแรกของกุญแจ | First letters of the key
state | สถานะ | State
status | สถานะ | Status
strategy | ยุทธศาสตร์ | Strategy
subject | เรื่องหรือผู้ที่ถูกกระทำ | About whom or what
submission_id | เลขฉบับที่ส่ง | Number of the submission
summary | สรุป | Summary
summary_en | สรุป (อังกฤษ) | Summary (English)
summary_th | สรุป (ไทย) | Summary (Thai)
target_id | เลขเป้าหมาย | Number of the target
tell_at | จะแจ้งผลเมื่อ | Is told at
terms | เงื่อนไข | Terms
text | ข้อความ | Words
themes | ประเด็น | Themes
title | ชื่อเรื่อง | Title
title_en | ชื่อเรื่อง (อังกฤษ) | Title (English)
title_th | ชื่อเรื่อง (ไทย) | Title (Thai)
to_level | ถึงระดับ | To level
topic_id | เลขหัวข้อ | Number of the topic
tries | จำนวนครั้งที่ลอง | Tries
until | ถึง | Until
until_precision | ความละเอียดของวันสิ้นสุด | Precision of the end
upload_id | เลขไฟล์ตัวเลข | Number of the upload
uploaded_at | แนบเมื่อ | Attached at
uploaded_by | ผู้แนบ | Attached by
url | ที่อยู่เว็บ | Web address
valid_until | ใช้ได้ถึง | Valid until
value | ค่า | Value
verdict | คำตัดสิน | Verdict
version | รุ่น | Version
version_id | เลขรุ่น | Number of the version
voice_id | เลขเสียง | Number of the voice
what | ทำอะไร | What
what_en | แก้อะไร (อังกฤษ) | What changed (English)
what_th | แก้อะไร (ไทย) | What changed (Thai)
why | เพราะอะไร | Why
why_en | เพราะอะไร (อังกฤษ) | Why (English)
why_th | เพราะอะไร (ไทย) | Why (Thai)
written_at | เขียนเมื่อ | Written at
written_id | เลขข้อเสนอ | Number of the proposal
zone | เขตเวลา | Time zone
"""
"""Name, Thai, English."""


def _read(line: str) -> tuple[str, Text]:
    name, th, en = line.split(" | ")
    return name, Text(th, en)


COLUMNS: Mapping[str, Text] = MappingProxyType(dict(map(_read, _WORDS.strip().splitlines())))
"""By the name of the column."""

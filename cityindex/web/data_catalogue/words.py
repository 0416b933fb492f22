"""What the catalogue says of data sets, in both languages, and the choices of the Thai catalogue that it fits in."""

from __future__ import annotations

from collections.abc import Iterable

from cityindex.definitions.catalogue import Text

LOCAL_GOVERNMENTS = Text("องค์กรปกครองส่วนท้องถิ่น", "local governments")
CITIES, THAILAND = Text("เมือง", "cities"), Text("ประเทศไทย", "Thailand")
DEMO_WORD = Text("ข้อมูลตัวอย่าง", "demo data")
DEMO_TITLE = Text("{} (ข้อมูลตัวอย่าง)", "{} (demo data)")
DEMO_NOTE = Text("ข้อมูลตัวอย่าง ไม่เกี่ยวกับพื้นที่จริง", "Demo data about no real place")
AREAS = {"province": "จังหวัด", "district": "อำเภอ"}
LOCAL = "เทศบาล/อบต."
PURPOSES = {
    "national-strategy": "ยุทธศาสตร์ชาติ",
    "plan-13": "แผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ",
    "master-plans": "แผนแม่บทภายใต้ยุทธศาสตร์ชาติ",
    "master-plan-targets": "แผนแม่บทภายใต้ยุทธศาสตร์ชาติ",
    "sdg": "ดัชนี/ตัวชี้วัดระดับนานาชาติ",
}
"""By vocabulary that indicators are aligned to: the objective as the Thai catalogue names it."""
NO_LICENCE = Text(
    "ตัวเลขอยู่ภายใต้สัญญาอนุญาตของแหล่งที่มา แหล่งที่มาไม่ได้ระบุสัญญาอนุญาต",
    "Figures remain under the licence of their source; the source states none",
)
UNSTATED = Text("ไม่ได้ระบุสัญญาอนุญาต", "No licence is stated")
TERMS = Text(
    "คะแนน อันดับ และความครบถ้วนคำนวณที่เว็บไซต์นี้ ใช้ ดัดแปลง และเผยแพร่ได้ รวมทั้งเพื่อการค้า เมื่อบอกชื่อเว็บไซต์ ดัชนีพร้อมรุ่น และปี",
    "Scores, ranks and coverage are computed here: use, change and publish them, also commercially, naming this site, "
    "the framework with its version, and the period",
)
LICENCES = Text("ตัวเลขอยู่ภายใต้สัญญาอนุญาตของแหล่งที่มา", "Figures remain under the licence of their source")
ABOUT = Text(
    "ตัวชี้วัด คะแนน และอันดับขององค์กรปกครองส่วนท้องถิ่นของไทย พร้อมแหล่งที่มาและวิธีคำนวณ",
    "Indicators, scores and ranks of Thailand's local governments, with their sources and methods",
)
VALUES = Text("ค่าของตัวชี้วัดตามที่รายงาน", "Values of indicators as reported")
VALUES_ABOUT = Text(
    "ค่าของตัวชี้วัด {} ตัวในหน่วยของตัวเอง ตามพื้นที่และปี พร้อมสถานะและแหล่งที่มาของแต่ละค่า",
    "Values of {} indicators in their own unit by place and year, each with its status and source",
)
REGISTER = Text("ทะเบียนพื้นที่", "Register of places")
REGISTER_ABOUT = Text(
    "องค์กรปกครองส่วนท้องถิ่น อำเภอ และจังหวัด {} แห่ง พร้อมรหัส ประเภท ชื่อ และจุดที่ตั้งเท่าที่ทราบ",
    "{} local governments, districts and provinces with codes, types, names and positions where they are known",
)
REGISTER_DEMO = Text("ในจำนวนนี้ {} แห่งเป็นข้อมูลตัวอย่าง ไม่ใช่พื้นที่จริง", "{} of them are demo data, no real places")
BOUNDARIES = Text("แนวเขต: {}", "Boundaries: {}")
BOUNDARIES_ABOUT = Text("แนวเขตที่ใช้อยู่ของ {} แห่ง", "The boundaries in force of {} places")
MEMBERS = Text("รายชื่อสมาชิก: {}", "Members: {}")
MUNICIPALITIES = Text("เทศบาล", "Municipalities")
RUN_METHOD = Text(
    "คำนวณตาม{} รุ่น {} ชุดคำนวณที่ {} วิธีคำนวณอยู่ที่ {}",
    "Computed by framework {}, version {}, run {}; the method is at {}",
)


def marked(keywords: Iterable[Text], *, demo: bool) -> tuple[Text, ...]:
    """Keywords, and that it is demo data."""
    return (*keywords, DEMO_WORD) if demo else tuple(keywords)


def titled(title: Text, *, demo: bool) -> Text:
    return named(DEMO_TITLE, title) if demo else title


def described(said: Text, *, demo: bool) -> Text:
    """Demo data say so first."""
    return Text(f"{DEMO_NOTE.th} · {said.th}", f"{DEMO_NOTE.en}. {said.en}") if demo else said


def named(pattern: Text, name: Text) -> Text:
    return Text(pattern.th.format(name.th), pattern.en.format(name.en))


def filled(pattern: Text, count: object) -> Text:
    return Text(pattern.th.format(count), pattern.en.format(count))

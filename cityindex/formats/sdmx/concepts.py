"""The concepts of the platform and the components of its shapes of data: scores, observations, targets."""

from __future__ import annotations

from cityindex.definitions.catalogue import Text
from cityindex.formats.sdmx.artefacts import CONCEPTS, TIME, VALUE, Artefact, Component, Item, Reference

FREQUENCIES = Reference("codelist", "CL_FREQ")
AREAS = Reference("codelist", "CL_AREA")
STATUSES = Reference("codelist", "CL_OBS_STATUS")
UNITS = Reference("codelist", "CL_UNIT_MEASURE")

NAMES = {
    "FREQ": Text("ความถี่", "Frequency"),
    "REF_AREA": Text("พื้นที่", "Reference area"),
    "INDICATOR": Text("ตัวชี้วัดหรือองค์ประกอบ", "Indicator or node"),
    TIME: Text("ช่วงเวลา (ค.ศ.)", "Time period (common era)"),
    VALUE: Text("ค่า", "Observation value"),
    "OBS_STATUS": Text("สถานะของค่า", "Observation status"),
    "COVERAGE": Text("ความครบถ้วนของข้อมูล", "Coverage"),
    "RANK": Text("อันดับ", "Rank"),
    "RANK_LOW": Text("อันดับดีที่สุดในช่วง", "Rank, lower end of the interval"),
    "RANK_HIGH": Text("อันดับแย่ที่สุดในช่วง", "Rank, upper end of the interval"),
    "EDITION": Text("รุ่นของดัชนีและการคำนวณ", "Version of the framework"),
    "UNIT_MEASURE": Text("หน่วยวัด", "Unit of measure"),
    "SOURCE": Text("แหล่งข้อมูล", "Source"),
    "OWNER": Text("ผู้ตั้งเป้าหมาย", "Who set the target"),
    "DEMO": Text("ข้อมูลตัวอย่าง", "Demo data"),
    "VALID_FROM": Text("มีผลตั้งแต่", "In force from"),
    "VALID_TO": Text("มีผลถึง", "In force until"),
}
NOTES = {
    TIME: Text(
        "ปีคริสต์ศักราช ปีงบประมาณระบุด้วยปีที่สิ้นสุด (ปีงบประมาณ 2566 คือ 2023)",
        "A year of the common era; a fiscal year by the year it ends in (fiscal year 2566 is 2023)",
    ),
    "COVERAGE": Text("สัดส่วนน้ำหนักของข้อมูลที่มี ตั้งแต่ 0 ถึง 1", "Share of the weight that has data, 0 to 1"),
    "RANK_LOW": Text(
        "ใน 90 จาก 100 ครั้งที่ปรับวิธีคำนวณ อันดับอยู่ในช่วงนี้",
        "The rank stays within the interval in 90 of 100 repetitions with other choices of the method",
    ),
    "DEMO": Text(
        "true หมายถึงข้อมูลที่สร้างขึ้นเป็นตัวอย่าง ไม่เกี่ยวกับพื้นที่จริงใด ๆ ข้อมูลจริงเว้นว่างไว้",
        "true: generated for demonstration, it says nothing about any real place; left out for real data",
    ),
    "OWNER": Text("place, province หรือ nation", "place, province or nation"),
    "VALID_FROM": Text("ใส่เมื่อขอประวัติการแก้ไข (includeHistory)", "Given where a history is asked for (includeHistory)"),
}
CODED = {"FREQ": FREQUENCIES, "REF_AREA": AREAS, "OBS_STATUS": STATUSES, "UNIT_MEASURE": UNITS}
_COMMON = (
    Component("DEMO", "attribute", None),
    Component("VALID_FROM", "attribute", None, "DateTime"),
    Component("VALID_TO", "attribute", None, "DateTime"),
)


def concept_scheme() -> Artefact:
    items = tuple(Item(code, name, NOTES.get(code), codelist=CODED.get(code)) for code, name in NAMES.items())
    return Artefact(CONCEPTS.kind, CONCEPTS.id, Text("แนวคิดของ City Index", "Concepts of City Index"), items=items)


def scores(indicators: Reference) -> tuple[Component, ...]:
    """Components of the data structure of a framework's scores."""
    return (
        *_key(indicators),
        Component("OBS_STATUS", "attribute", STATUSES, required=True),
        Component("COVERAGE", "attribute", None, "Double"),
        *(Component(name, "attribute", None, "Integer") for name in ("RANK", "RANK_LOW", "RANK_HIGH")),
        Component("EDITION", "attribute", None, required=True),
        *_COMMON,
    )


def observations(indicators: Reference) -> tuple[Component, ...]:
    """Components of the data structure of values as they were reported."""
    return (
        *_key(indicators),
        Component("UNIT_MEASURE", "attribute", UNITS),
        Component("OBS_STATUS", "attribute", STATUSES, required=True),
        Component("SOURCE", "attribute", None),
        *_COMMON,
    )


def targets(subjects: Reference) -> tuple[Component, ...]:
    """Components of the data structure of targets."""
    return (
        *_key(subjects),
        Component("UNIT_MEASURE", "attribute", UNITS),
        Component("OBS_STATUS", "attribute", STATUSES, required=True),
        Component("OWNER", "attribute", None, required=True),
        *_COMMON,
    )


def _key(indicators: Reference) -> tuple[Component, ...]:
    return (
        Component("FREQ", "dimension", FREQUENCIES),
        Component("REF_AREA", "dimension", AREAS),
        Component("INDICATOR", "dimension", indicators),
        Component(TIME, "time", None, "ObservationalTimePeriod"),
        Component(VALUE, "measure", None, "Double"),
    )

"""The plans that places show to everybody, as one data set."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Text
from cityindex.formats.data_sets import DataSet
from cityindex.queries.observations.indicator_tables import Filter
from cityindex.queries.places.directory import directory
from cityindex.queries.plans.shown import shown_places
from cityindex.web.data_catalogue import distributions as ways
from cityindex.web.data_catalogue import words

NAME = "plans"
TITLE = Text("แผนพัฒนาที่พื้นที่เปิดให้อ่าน", "Improvement plans that places show")
ABOUT = Text(
    "แผนของ {} พื้นที่: โครงการ ปีงบประมาณ งบประมาณ และสถานะ พื้นที่เขียนเองและไม่มีใครตรวจยืนยัน",
    "Plans of {} places: projects, fiscal years, budgets and states, as written by the places and verified by nobody",
)
LIST = Text("หนึ่งแถวต่อพื้นที่", "A row for each place")
KEYWORD = Text("แผนพัฒนาท้องถิ่น", "local development plans")
BY_PLACES = "พื้นที่ที่เปิดแผนให้อ่าน"


def shown_plans(session: Session) -> Iterator[DataSet]:
    """One data set, where any place shows its plan."""
    found, named = shown_places(session, Filter()), directory(session).named
    if not found.size:
        return
    invented = [named[one].demo for one in found.tolist()]
    yield DataSet(
        name=NAME,
        kind="records",
        title=words.titled(TITLE, demo=any(invented)),
        description=words.described(words.filled(ABOUT, f"{found.size:,}"), demo=all(invented)),
        keywords=words.marked([words.LOCAL_GOVERNMENTS, KEYWORD], demo=any(invented)),
        objectives=(),
        covers=words.LOCAL,
        frequency="irregular",
        pages=ways.pages("plan_shown.index"),
        sources=(BY_PLACES,),
        licence=words.UNSTATED,
        distributions=(*ways.table_files("plan_shown.index", LIST), ways.rest("/api/v1/plans")),
        elsewhere=ways.elsewhere(NAME),
        demo=any(invented),
    )

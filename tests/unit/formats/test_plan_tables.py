"""The plan as a Word file: a page of the form on landscape A4 that prints as offices print it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from cityindex.formats.plan_tables import FONT, Period, PlanBook, Project, write_document

MONEY = (None, None, None, 1_234_567.0, 2.5)
PROJECT = Project("จ้าง", "", "3 แห่ง", MONEY, "ร้อยละ", "", "กองช่าง", ("เป้าหมาย: ก",))
NOTES = ("ข้อมูลตัวอย่าง", "ช่องจัดตามแบบ ผ.02 ที่ใช้กันทั่วไป")
BOOK = PlanBook("เทศบาลสมมติ", [Period(2023, [("แผนงานเคหะ", [PROJECT, PROJECT])]), Period(2028, [("", [])])], NOTES)


@pytest.fixture(scope="module")
def document() -> Any:
    return Document(BytesIO(write_document(BOOK, "th")))


def test_it_is_a_landscape_page_with_what_the_file_is_on_each(document: Any) -> None:
    [section] = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert section.footer.paragraphs[0].text.split("\n") == list(NOTES)
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{kind}")) for kind in ("ascii", "cs")} == {FONT}


def test_tables_fill_the_page_their_head_is_repeated_and_no_project_is_split(document: Any) -> None:
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    for table in document.tables:
        assert abs(sum(column.width for column in table.columns) - room) < Mm(1)
        rows = list(table.rows)
        assert [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [
            True, True, *[False] * (len(rows) - 2),
        ]  # fmt: skip
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows[2:-1])


def test_projects_and_their_sums_stand_where_they_belong(document: Any) -> None:
    first, empty = document.tables
    texts = [[cell.text for cell in row.cells] for row in first.rows]
    assert texts[1][4:9] == ["2566", "2567", "2568", "2569", "2570"]
    assert texts[2] == [
        "1", "จ้าง\nเป้าหมาย: ก", "–", "3 แห่ง", "–", "–", "–", "1,234,567", "2.50", "ร้อยละ", "–", "กองช่าง",
    ]  # fmt: skip
    assert texts[-1][4:9] == ["–", "–", "–", "2,469,134", "5"]
    assert [cell.text for cell in empty.rows[-1].cells][4:9] == ["–"] * 5, "nothing is said, so nothing is summed"

"""A plan as tables to print, in the columns of form ผ.02 of a five-year local development plan: XLSX and DOCX."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cityindex.calendars import show_year, show_years

if TYPE_CHECKING:
    from docx.table import Table, _Cell

YEARS = 5
"""Of a local development plan."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "th": (
        "ที่", "โครงการ", "วัตถุประสงค์", "เป้าหมาย\n(ผลผลิตของโครงการ)", "งบประมาณ (บาท)", "ตัวชี้วัด\n(KPI)",
        "ผลที่คาดว่าจะได้รับ", "หน่วยงาน\nรับผิดชอบหลัก",
    ),
    "en": (
        "No.", "Project", "Objective", "Output of the project", "Budget (baht)", "Indicator (KPI)", "Expected result",
        "Office in charge",
    ),
}  # fmt: skip
MONEY_AT = 4
"""Where the columns of money begin."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "th": {
        "plan": "แผนพัฒนาท้องถิ่น (พ.ศ. {years})", "details": "รายละเอียดโครงการพัฒนา (จัดช่องตามแบบ ผ.02)",
        "none": "ยังไม่ระบุแผนงาน", "programme": "{name}", "total": "รวม", "sheet": "ผ.02 {years}",
    },
    "en": {
        "plan": "Local development plan ({years})", "details": "Projects in detail (columns of form ผ.02)",
        "none": "No programme said", "programme": "{name}", "total": "Total", "sheet": "form 02 {years}",
    },
}  # fmt: skip
FONT = "TH Sarabun New"
"""What offices write in; a program that has it not takes another one with Thai letters."""
WIDTHS_MM = (9, 43, 27, 28, 20, 20, 20, 20, 20, 21, 23, 22)
HEAD_MM = (9, 11)
"""Heights of the two rows of the head: programs that repeat it on each page would cut merged cells off without."""
BESIDE_MM = 1
"""Between the lines of a table and its text, so that 1,234,567 stands on one line."""
NOT_SAID = "–"


@dataclass(frozen=True, slots=True)
class Project:
    """A row. `money` has baht for each of the five years, None where none is said; `notes` stand below the name."""

    name: str
    objective: str
    output: str
    money: Sequence[float | None]
    kpi: str
    outcome: str
    owner: str
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """One five-year plan from `first`, a fiscal year of the common era: its projects by programme."""

    first: int
    groups: Sequence[tuple[str, Sequence[Project]]]

    @property
    def years(self) -> range:
        return range(self.first, self.first + YEARS)


@dataclass(frozen=True, slots=True)
class PlanBook:
    """The plans of a place. `notes` stand below each: what the file is, from where, and that it is demo data."""

    place: str
    periods: Sequence[Period]
    notes: Sequence[str] = ()


def write_document(book: PlanBook, language: str) -> bytes:
    """The plan as DOCX: a landscape page for each five-year plan, headings of tables repeated on each page."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    document: Any = Document()
    _set_font(document)
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.bottom_margin = Mm(12)
    section.top_margin = Mm(15)
    document.core_properties.title = book.place
    for at, period in enumerate(book.periods):
        if at:
            document.add_page_break()
        _write_period(document, book, period, language)
    _write_foot(section.footer.paragraphs[0], book.notes)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _write_foot(paragraph: Any, notes: Sequence[str]) -> None:
    """What the file is stands on each page that is printed of it."""
    from docx.shared import Pt

    for at, note in enumerate(notes):
        if at:
            paragraph.add_run().add_break()
        paragraph.add_run(note)
    paragraph.paragraph_format.space_before = Pt(4)


def _set_font(document: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.paragraph_format.space_after = Pt(2)
    properties = style.element.get_or_add_rPr()
    # Thai is a complex script to Word, with a font and a size of its own.
    properties.get_or_add_rFonts().set(qn("w:cs"), FONT)
    size = properties.makeelement(qn("w:szCs"), {qn("w:val"): "24"})
    properties.append(size)


def _write_period(document: Any, book: PlanBook, period: Period, language: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    words = WORDS[language]
    title = words["plan"].format(years=show_years(period.years, language))
    for text in (words["details"], title, book.place):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(paragraph, text, bold=True)
    for programme, projects in period.groups:
        heading = document.add_paragraph()
        heading.paragraph_format.keep_with_next = True
        _run(heading, programme or words["none"], bold=True)
        _write_table(document, period, projects, language)


def _write_table(document: Any, period: Period, projects: Sequence[Project], language: str) -> None:
    table = document.add_table(rows=2, cols=len(WIDTHS_MM), style="Table Grid")
    table.autofit = False
    _set_margins(table)
    _write_head(table, period, language)
    for number, project in enumerate(projects, start=1):
        _write_project(table, number, project)
    _write_total(table, projects, language)
    _set_widths(table)


def _write_head(table: Table, period: Period, language: str) -> None:
    from docx.shared import Mm

    first, second = table.rows
    for at, text in enumerate(COLUMNS[language]):
        left = at if at <= MONEY_AT else at + YEARS - 1
        if at == MONEY_AT:
            cell = first.cells[left].merge(first.cells[left + YEARS - 1])
        else:
            cell = first.cells[left].merge(second.cells[left])
        _say(cell, text, bold=True)
    for at, year in enumerate(period.years):
        _say(second.cells[MONEY_AT + at], show_year(year, language), bold=True)
    for row, height in zip((first, second), HEAD_MM, strict=True):
        row.height = Mm(height)
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        properties = row._tr.get_or_add_trPr()
        properties.append(properties.makeelement(_name("w:tblHeader"), {}))


def _write_project(table: Any, number: int, project: Project) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(properties.makeelement(_name("w:cantSplit"), {}))  # a project stands on one page
    cells = row.cells
    said = (project.objective, project.output)
    texts = (str(number), project.name, *said, *map(_baht, project.money), project.kpi, project.outcome, project.owner)
    for at, text in enumerate(texts):
        _say(cells[at], text or NOT_SAID, right=MONEY_AT <= at < MONEY_AT + YEARS)
    for note in project.notes:
        cells[1].add_paragraph(note)


def _write_total(table: Any, projects: Sequence[Project], language: str) -> None:
    cells = table.add_row().cells
    _say(cells[0].merge(cells[MONEY_AT - 1]), WORDS[language]["total"], bold=True)
    for at in range(YEARS):
        _say(cells[MONEY_AT + at], _baht(total([one.money[at] for one in projects])), bold=True, right=True)


def _say(cell: _Cell, text: str, *, bold: bool = False, right: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = cell.paragraphs[0]
    _run(paragraph, text, bold=bold)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _run(paragraph: Any, text: str, *, bold: bool) -> None:
    run = paragraph.add_run(text)
    if bold:  # Thai letters heed the one for complex scripts
        run.bold = run.font.cs_bold = True


def _set_margins(table: Table) -> None:
    from docx.shared import Mm

    properties = table._tbl.tblPr
    margins = properties.makeelement(_name("w:tblCellMar"), {})
    for side in ("left", "right"):
        said = {_name("w:w"): str(Mm(BESIDE_MM).twips), _name("w:type"): "dxa"}
        margins.append(margins.makeelement(_name(f"w:{side}"), said))
    properties.append(margins)


def _set_widths(table: Table) -> None:
    from docx.shared import Mm

    for column, width in zip(table.columns, WIDTHS_MM, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        at = 0
        for cell in row._tr.tc_lst:  # the cells of the file: `row.cells` has merged ones several times
            cell.width = Mm(sum(WIDTHS_MM[at : at + cell.grid_span]))
            at += cell.grid_span


def _name(name: str) -> Any:
    from docx.oxml.ns import qn

    return qn(name)


def total(money: Sequence[float | None]) -> float | None:
    """The sum of what is said; None where nothing is."""
    said = [one for one in money if one is not None]
    return sum(said) if said else None


def _baht(value: float | None) -> str:
    if value is None:
        return NOT_SAID
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def write_tables(book: Any, plan: PlanBook, language: str) -> None:
    """A sheet for each five-year plan in a workbook of `xlsxwriter`, ready to print on A4."""
    for period in plan.periods:
        years = show_years(period.years, language)
        page = book.add_worksheet(WORDS[language]["sheet"].format(years=years.replace("–", "-")))
        _Printed(book, page, language).write(plan, period)


class _Printed:
    """Writes the tables of a period into a sheet, from the top."""

    def __init__(self, book: Any, page: Any, language: str) -> None:
        self.page, self.language, self.at = page, language, 0
        line = {"border": 1, "text_wrap": True, "valign": "top"}
        self.head = book.add_format({**line, "bold": True, "align": "center"})
        self.text, self.bold = book.add_format(line), book.add_format({"bold": True})
        self.money = book.add_format({**line, "num_format": "#,##0.##"})
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        for at, width in enumerate(WIDTHS_MM):
            page.set_column(at, at, width / 1.9)

    def write(self, plan: PlanBook, period: Period) -> None:
        words = WORDS[self.language]
        title = words["plan"].format(years=show_years(period.years, self.language))
        for text in (words["details"], title, plan.place):
            self._line(text)
        for programme, projects in period.groups:
            self.at += 1
            self._line(programme or words["none"])
            self._head(period)
            for number, project in enumerate(projects, start=1):
                self._project(number, project)
            self._total(projects)
        self.at += 1
        for note in plan.notes:
            self._line(note)

    def _line(self, text: str) -> None:
        self.page.write_string(self.at, 0, text, self.bold)
        self.at += 1

    def _head(self, period: Period) -> None:
        top = self.at
        for at, text in enumerate(COLUMNS[self.language]):
            left = at if at <= MONEY_AT else at + YEARS - 1
            if at == MONEY_AT:
                self.page.merge_range(top, left, top, left + YEARS - 1, text, self.head)
            else:
                self.page.merge_range(top, left, top + 1, left, text, self.head)
        for at, year in enumerate(period.years):
            self.page.write_string(top + 1, MONEY_AT + at, show_year(year, self.language), self.head)
        self.at += 2

    def _project(self, number: int, project: Project) -> None:
        name = "\n".join((project.name, *project.notes))
        before = (str(number), name, project.objective, project.output)
        after = (project.kpi, project.outcome, project.owner)
        for at, text in enumerate(before):
            self.page.write_string(self.at, at, text or NOT_SAID, self.text)
        for at, baht in enumerate(project.money, start=MONEY_AT):
            self._baht(at, baht)
        for at, text in enumerate(after, start=MONEY_AT + YEARS):
            self.page.write_string(self.at, at, text or NOT_SAID, self.text)
        self.at += 1

    def _total(self, projects: Sequence[Project]) -> None:
        self.page.merge_range(self.at, 0, self.at, MONEY_AT - 1, WORDS[self.language]["total"], self.head)
        for at in range(YEARS):
            self._baht(MONEY_AT + at, total([one.money[at] for one in projects]))
        self.at += 1

    def _baht(self, column: int, value: float | None) -> None:
        if value is None:
            self.page.write_string(self.at, column, NOT_SAID, self.money)
        else:
            self.page.write_number(self.at, column, value, self.money)

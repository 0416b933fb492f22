"""What a file would change in a plan; a file that was not touched changes nothing, whatever the plan says."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.formats.plan_sheets import STATUSES, PlanRow, read_plan, write_plan
from cityindex.queries.plans import ActionRecord
from cityindex.services.plan_changes import difference
from cityindex.services.plans import LONGEST, Line, problems_of

STORED = ActionRecord(
    4, 1, None, "digital_plan", 1, 2, "ทำแผน", "กองแผน", 1000.0, 2027, "หน้า 4", "planned", "", 3, None,
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def row_of(stored: ActionRecord, row: int = 2) -> PlanRow:
    names = ("id", "revision", "what", "owner", "budget", "fiscal_year", "plan_reference", "status", "progress")
    return PlanRow(**{name: getattr(stored, name) for name in names}, row=row)


lines = st.builds(
    Line,
    what=st.text(min_size=1, max_size=60).filter(lambda text: Line(text).values()["what"] != ""),
    owner=st.text(max_size=20),
    budget=st.none() | st.floats(0, 1e12),
    fiscal_year=st.none() | st.integers(2000, 2099),
    plan_reference=st.text(max_size=20),
    status=st.sampled_from(list(STATUSES)),
    progress=st.text(max_size=60),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(lines, max_size=8), st.sampled_from(["th", "en"]))
def test_a_file_that_was_not_touched_changes_nothing(some: list[Line], language: str) -> None:
    plan = [replace(STORED, id=number, **line.values()) for number, line in enumerate(some, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        path.write_bytes(write_plan([row_of(one) for one in plan], language, "x"))
        rows = read_plan(path) if plan else []
    found = difference(plan, rows, language)
    assert not found.anything
    assert not found.problems
    assert found.same == len(plan)


def test_rows_are_told_apart() -> None:
    plan = [STORED, replace(STORED, id=5), replace(STORED, id=6, revision=9)]
    rows = [
        row_of(STORED, 2),
        replace(row_of(plan[1], 3), owner="กองช่าง", budget=None),
        replace(row_of(plan[2], 4), revision=8, what="อื่น"),
        PlanRow(None, 0, "งานใหม่", row=5),
    ]
    found = difference(plan, rows, "th")
    assert found.same == 1
    assert [(one.row, one.fields, one.change.seen) for one in found.changed] == [(3, ("owner", "budget"), 3)]
    assert [(one.row, one.fields, one.change.seen) for one in found.conflicts] == [(4, ("what",), 9)]
    assert [one.line.what for one in found.added] == ["งานใหม่"]


def test_an_old_file_without_a_difference_is_no_conflict() -> None:
    assert not difference([STORED], [replace(row_of(STORED), revision=1)], "th").anything


def test_every_problem_is_named_by_row_and_heading() -> None:
    rows = [
        replace(row_of(STORED, 2), what=" "),
        replace(row_of(STORED, 3), id=77),
        replace(row_of(STORED, 4), budget=-1.0, fiscal_year=1999),
        PlanRow(None, 0, "x" * (LONGEST["what"] + 1), row=5),
    ]
    found = difference([STORED], rows, "th")
    assert [(one.row, one.column) for one in found.problems] == [
        (2, "จะทำอะไร"), (3, "เลขที่"), (4, "งบประมาณ (บาท)"), (4, "ปีงบประมาณ (พ.ศ.)"), (5, "จะทำอะไร"),
    ]  # fmt: skip
    assert all(one.reason and one.cure for one in found.problems)


def test_a_status_of_nobody_is_a_problem() -> None:
    assert [one.column for one in problems_of(Line("ก", status="perhaps", budget=float("nan")))] == ["budget", "status"]

"""What a file would change in a plan; a file that was not touched changes nothing, whatever the plan says."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.formats.plan_reading import read_plan
from cityindex.formats.plan_sheets import STATUSES, PlanRow, PlanSheet, write_plan
from cityindex.formats.plan_tables import PlanBook
from cityindex.queries.plans.plans import ActionRecord, Said
from cityindex.services.plans.changes import Now, difference
from cityindex.services.plans.lines import FIELDS, LONGEST, Known, Line, flat, from_flat, problems_of
from cityindex.services.plans.plans import line_of

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
LINE = Line("ทำแผน", "กองแผน", ((2027, 1000.0),), 2027, "หน้า 4")
KNOWN = Known(frozenset({"pm25"}), frozenset({"NS1"}), frozenset({4}), 2027)


def stored(line: Line, number: int = 4, revision: int = 3) -> ActionRecord:
    said: dict[str, Any] = {name: getattr(line.cleaned(), name) for name in FIELDS}
    return ActionRecord(
        id=number, place=1, assessment=None, question="digital_plan", from_level=1, to_level=2, revision=revision,
        by=None, changed_at=WHEN, **said,
    )  # fmt: skip


def row_of(one: ActionRecord, row: int = 2, **fields: Any) -> PlanRow:
    return PlanRow(one.id, one.revision, {**flat(line_of(one)), **fields}, row=row)


lines = st.builds(
    Line,
    what=st.text(min_size=1, max_size=60).filter(lambda text: Line(text).cleaned().what != ""),
    owner=st.text(max_size=20),
    budgets=st.dictionaries(st.integers(2012, 2042) | st.just(0), st.floats(0, 1e12), max_size=3).map(
        lambda said: tuple(said.items())
    ),
    fiscal_year=st.none() | st.integers(2012, 2042),
    plan_reference=st.text(max_size=20),
    status=st.sampled_from(list(STATUSES)),
    progress=st.text(max_size=60),
    target=st.none() | st.just(4),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(lines, max_size=8), st.sampled_from(["th", "en"]))
def test_a_file_that_was_not_touched_changes_nothing(some: list[Line], language: str) -> None:
    plan = [stored(line, number) for number, line in enumerate(some, start=1)]
    years = sorted({year for one in plan for year, _ in one.budgets} | {2027})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        path.write_bytes(write_plan(PlanSheet("x", [row_of(one) for one in plan], years, PlanBook("x", ())), language))
        rows = read_plan(path).rows if plan else []
    found = difference(Now(plan), rows, KNOWN)
    assert not found.anything
    assert not found.problems
    assert found.same == len(plan)


@given(lines)
def test_a_line_is_its_fields(line: Line) -> None:
    assert from_flat(flat(line.cleaned())) == line.cleaned()


def test_rows_are_told_apart() -> None:
    plan = [stored(LINE), stored(LINE, 5), stored(LINE, 6, 9), stored(LINE, 7)]
    rows = [
        row_of(plan[0], 2),
        row_of(plan[1], 3, owner="กองช่าง", **{"budget:2027": None}),
        replace(row_of(plan[2], 4, what="อื่น"), revision=8),
        PlanRow(None, 0, {"what": "งานใหม่"}, row=5),
    ]
    found = difference(Now(plan), rows, KNOWN)
    assert found.same == 1
    assert [(one.row, one.fields, one.change.seen) for one in found.changed] == [
        (3, ("owner", "budget:2027"), 3), (4, (), 9),
    ]  # fmt: skip
    assert [(one.row, one.field, one.theirs, one.yours) for one in found.met] == [(4, "what", "ทำแผน", "อื่น")]
    assert [one.line.what for one in found.added if one.line] == ["งานใหม่"]
    assert [one.id for one in found.missing] == [7]


def test_a_new_sheet_asks_about_nothing() -> None:
    found = difference(Now([stored(LINE)]), [PlanRow(None, 0, {"what": "งานใหม่"}, row=2)], KNOWN)
    assert not found.missing


def test_money_of_a_year_that_the_file_has_not_stays() -> None:
    held = stored(replace(LINE, budgets=((2027, 1.0), (2030, 2.0))))
    said = {name: value for name, value in flat(line_of(held)).items() if name != "budget:2030"}
    [one] = difference(Now([held]), [PlanRow(4, 3, {**said, "budget:2027": 5.0}, row=2)], KNOWN).changed
    assert one.change.line is not None
    assert one.change.line.budgets == ((2027, 5.0), (2030, 2.0))


def test_an_old_file_without_a_difference_is_no_conflict() -> None:
    found = difference(Now([stored(LINE, revision=9)]), [row_of(stored(LINE))], KNOWN)
    assert (found.same, found.anything) == (1, False)


def test_who_wrote_what_is_met_is_who_wrote_it_first() -> None:
    now = stored(replace(LINE, owner="ข", status="done"), revision=5)
    before = [
        Said(4, 4, flat(replace(LINE, owner="ข")), 44, WHEN),
        Said(4, 3, flat(LINE), 33, WHEN),
    ]
    [met] = difference(Now([now], (), {4: before}), [row_of(stored(LINE), owner="ค")], KNOWN).met
    assert (met.field, met.by) == ("owner", 44)


def test_a_line_that_is_not_in_the_plan_is_a_problem_or_was_taken_out() -> None:
    row = row_of(stored(LINE, 77))
    [problem] = difference(Now([]), [row], KNOWN).problems
    assert (problem.row, problem.column, problem.value) == (2, "id", "77")
    [gone] = difference(Now([], [stored(LINE, 77)]), [row], KNOWN).gone
    assert gone.change.line == LINE


def test_problems_stand_at_their_cell() -> None:
    wrong = {"what": "", "owner": "x" * 201, "evidence": "<i>a</i>", "budget:2027": -1.0, "strategy": "NS1 no"}
    rows = [row_of(stored(LINE)), row_of(stored(LINE, 5), 3, **wrong)]
    found = difference(Now([stored(LINE), stored(LINE, 5)]), rows, KNOWN).problems
    assert {(one.row, one.column) for one in found} == {(3, name) for name in wrong}


def test_what_stood_there_before_is_not_asked_about_again() -> None:
    old = replace(LINE, strategy="GONE", target=99, what="<b>x</b>")
    assert problems_of(replace(old, owner="ใหม่"), KNOWN, old) == []
    assert {one.column for one in problems_of(old, KNOWN)} == {"strategy", "target", "what"}
    assert set(LONGEST) <= set(FIELDS)

"""Improvement plans through the service, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cityindex.errors import Invalid, NotFound
from cityindex.formats.plan_sheets import PlanRow
from cityindex.queries.plans.plans import ActionRecord, earlier, is_shown, plan_by_question, plan_of, taken_out
from cityindex.services.plans.changes import Now, difference
from cityindex.services.plans.lines import Change, Line, flat
from cityindex.services.plans.plans import MOST_LINES, StaleAction, line_of
from tests.databases import MakeDatabase
from tests.integration.assessing import LEVELS, World, answer, answer_all, approve, opened, prepared, submit


@pytest.fixture
def world(databases: MakeDatabase) -> Iterator[World]:
    made = prepared(databases)
    yield made
    made.application.engine.dispose()


def plan(world: World, place: str = "M1") -> tuple[ActionRecord, ...]:
    with world.application.sessions() as session:
        return plan_of(session, world.places[place])


def drawn(world: World, *questions: str, place: str = "M1", language: str = "th") -> int:
    plans = world.application.plans
    return plans.draw(world.places[place], questions or ("digital_plan",), 2027, world.people["editor"], language)


def added(world: World, line: Line) -> int:
    return world.application.plans.add(world.places["M1"], line, world.people["editor"])


def test_a_line_says_what_the_next_level_says(world: World) -> None:
    opened(world)
    answer(world, world.assessment_of("M1"), "digital_plan", "3")
    assert drawn(world) == 1
    [line] = plan(world)
    assert line.what == LEVELS[4]["th"]
    assert (line.question, line.from_level, line.to_level) == ("digital_plan", 3, 4)
    assert (line.fiscal_year, line.status, line.revision) == (2027, "planned", 1)
    assert line.assessment == world.assessment_of("M1")


def test_what_was_verified_counts_not_what_was_claimed(world: World) -> None:
    opened(world)
    number = world.assessment_of("M1")
    answer_all(world, number, digital_plan="4")
    submit(world, number)
    approve(world, number, digital_plan=("1", "ยังไม่ประกาศ"))
    drawn(world, language="en")
    [line] = plan(world)
    assert (line.from_level, line.to_level, line.what) == (1, 2, LEVELS[2]["en"])


def test_drawing_twice_adds_nothing_and_a_dropped_line_comes_again(world: World) -> None:
    opened(world)
    assert drawn(world) == 1
    assert drawn(world) == 0
    [line] = plan(world)
    dropped = replace(line_of(line), status="dropped")
    world.application.plans.save(world.places["M1"], Change(dropped, line.id, 1), world.people["editor"])
    assert drawn(world) == 1


def test_a_place_without_an_assessment_has_nothing_to_draw_from(world: World) -> None:
    with pytest.raises(NotFound):
        drawn(world)
    with pytest.raises(NotFound):
        world.application.plans.draw(999_999, ["digital_plan"], None, world.people["editor"], "th")


def test_a_line_is_saved_over_the_revision_that_was_seen(world: World) -> None:
    number = added(world, Line(" ทำแผน\r\n", budgets=((2028, 12.345), (2027, 1.0))))
    [stored] = plan(world)
    assert (stored.what, stored.budgets, stored.total) == ("ทำแผน", ((2027, 1.0), (2028, 12.35)), 13.35)
    first = replace(line_of(stored), owner="กองคลัง")
    world.application.plans.save(world.places["M1"], Change(first, number, 1), world.people["editor"])
    second = replace(line_of(stored), owner="กองช่าง")
    with pytest.raises(StaleAction) as caught:
        world.application.plans.save(world.places["M1"], Change(second, number, 1), world.people["colleague"])
    assert (caught.value.yours.owner, caught.value.theirs.owner) == ("กองช่าง", "กองคลัง")
    [stored] = plan(world)
    assert (stored.owner, stored.revision, stored.by) == ("กองคลัง", 2, world.people["editor"])


def test_sending_the_same_twice_is_no_conflict(world: World) -> None:
    number = added(world, Line("ทำแผน"))
    change = Change(Line("ทำแผน", status="done"), number, 1)
    for _ in range(2):
        world.application.plans.save(world.places["M1"], change, world.people["editor"])
    assert plan(world)[0].revision == 2


def test_changes_are_taken_all_or_none(world: World) -> None:
    number = added(world, Line("ทำแผน"))
    changes = [Change(Line("ใหม่")), Change(Line("อื่น"), number, 7)]
    with pytest.raises(StaleAction):
        world.application.plans.apply(world.places["M1"], changes, world.people["editor"])
    with pytest.raises(Invalid) as caught:
        world.application.plans.apply(
            world.places["M1"], [Change(Line("ใหม่")), Change(Line("", status="x"))], world.people["editor"]
        )
    assert [one.column for one in caught.value.problems] == ["what", "status"]
    assert [one.what for one in plan(world)] == ["ทำแผน"]


def test_a_line_of_another_place_is_not_there(world: World) -> None:
    number = added(world, Line("ทำแผน"))
    for deed in (
        lambda: world.application.plans.save(world.places["M2"], Change(Line("ยึด"), number, 1), 1),
        lambda: world.application.plans.remove(world.places["M2"], number, 1, 1),
    ):
        with pytest.raises(NotFound):
            deed()
    assert plan(world)[0].what == "ทำแผน"


def test_a_line_that_was_taken_out_is_gone_for_everybody(world: World) -> None:
    number = added(world, Line("ทำแผน"))
    with pytest.raises(StaleAction):
        world.application.plans.remove(world.places["M1"], number, 9, world.people["editor"])
    world.application.plans.remove(world.places["M1"], number, 1, world.people["editor"])
    assert plan(world) == ()
    with pytest.raises(NotFound):
        world.application.plans.save(world.places["M1"], Change(Line("กลับมา"), number, 2), world.people["editor"])


def test_a_plan_has_an_end(world: World) -> None:
    full = [Change(Line(f"งาน {number}")) for number in range(MOST_LINES)]
    world.application.plans.apply(world.places["M1"], full, world.people["editor"])
    with pytest.raises(Invalid, match="500"):
        added(world, Line("อีกหนึ่ง"))
    assert len(plan(world)) == MOST_LINES


def test_lines_by_question(world: World) -> None:
    opened(world)
    drawn(world)
    added(world, Line("เรื่องอื่น"))
    with world.application.sessions() as session:
        found = plan_by_question(session, world.places["M1"])
    assert list(found) == ["digital_plan"]


def test_what_a_line_said_before_is_kept(world: World) -> None:
    number, place = added(world, Line("ทำแผน", owner="กองคลัง", budgets=((2027, 5.0),))), world.places["M1"]
    [first] = plan(world)
    world.application.plans.save(
        place, Change(replace(line_of(first), owner="กองช่าง"), number, 1), world.people["colleague"]
    )
    world.application.plans.remove(place, number, 2, world.people["editor"])
    with world.application.sessions() as session:
        second, before = earlier(session, [number])[number]
        [gone] = taken_out(session, place)
    assert dict(before.content) == flat(line_of(first))
    assert [(one.revision, one.by, one.content["owner"]) for one in (second, before)] == [
        (2, world.people["colleague"], "กองช่าง"), (1, world.people["editor"], "กองคลัง"),
    ]  # fmt: skip
    assert (gone.id, gone.by, gone.revision) == (number, world.people["editor"], 3)


def test_a_file_of_two_people_is_told_apart_by_value(world: World) -> None:
    place, plans = world.places["M1"], world.application.plans
    number = added(world, Line("ทำแผน", owner="กองคลัง", progress="ก", budgets=((2027, 5.0),)))
    [seen] = plan(world)
    for revision, fields in enumerate(({"owner": "กองช่าง"}, {"progress": "ข"}, {"status": "running"}), start=1):
        [held] = plan(world)
        plans.save(place, Change(replace(line_of(held), **fields), number, revision), world.people["colleague"])
    file = {**flat(line_of(seen)), "owner": "สำนักปลัด", "budget:2027": 7.0}
    with world.application.sessions() as session:
        lines = plan_of(session, place)
        found = difference(
            Now(lines, (), earlier(session, [number])), [PlanRow(number, 1, file, row=2)], plans.known(session, place)
        )
    [met], [changed] = found.met, found.changed
    assert (met.field, met.theirs, met.yours, met.by) == ("owner", "กองช่าง", "สำนักปลัด", world.people["colleague"])
    assert changed.fields == ("budget:2027",)
    assert found.kept == 2, "progress and status are theirs alone"
    assert changed.change.line is not None
    assert (changed.change.line.owner, changed.change.line.progress, changed.change.seen) == ("กองช่าง", "ข", 4)


def test_only_what_is_there_can_be_named(world: World) -> None:
    wrong = Line("x", indicator="no", target=99, strategy="NS1 XX", fiscal_year=2057, budgets=((1999, 1.0),))
    with pytest.raises(Invalid) as caught:
        added(world, wrong)
    assert {one.column for one in caught.value.problems} == {
        "indicator", "target", "strategy", "fiscal_year", "budget:1999"
    }  # fmt: skip


def test_the_newest_word_decides_who_reads_a_plan(world: World) -> None:
    place, plans = world.places["M1"], world.application.plans
    said = []
    for shown in (False, True, True, False):
        plans.show(place, world.people["approver"], shown=shown)
        with world.application.sessions() as session:
            said.append(is_shown(session, place))
    assert said == [False, True, True, False]

"""The improvement plan in the browser: who may see and keep it, and the way out to Excel and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from cityindex.queries.answers import answers_of
from cityindex.queries.plans import ActionRecord, plan_of
from cityindex.services.plans import Change, Line
from tests.databases import MakeDatabase
from tests.integration.assessing import LEVELS, World, answer, opened, prepared
from tests.web.conftest import Reader
from tests.web.reading import table_of, text_of
from tests.web.test_results import become

PLAN = "/en/places/M1/plan"


@pytest.fixture
def world(databases: MakeDatabase) -> Iterator[World]:
    made = prepared(databases)
    opened(made)
    answer(made, made.assessment_of("M1"), "digital_plan", "3")
    yield made
    made.application.engine.dispose()


@pytest.fixture
def client(world: World) -> FlaskClient:
    app = world.application.web()
    app.test_client_class = Reader
    app.config["WTF_CSRF_ENABLED"] = False
    made = app.test_client()
    become(world, made, "editor")
    return made


def plan(world: World) -> tuple[ActionRecord, ...]:
    with world.application.sessions() as session:
        return plan_of(session, world.places["M1"])


def form(**fields: Any) -> dict[str, Any]:
    return {"what": "ทำแผน", "owner": "กองแผน", "budget": "1,200", "fiscal_year": "2570", "status": "running", **fields}


def bring(client: FlaskClient, content: bytes) -> TestResponse:
    return client.post(f"{PLAN}/file", data={"file": (BytesIO(content), "plan.xlsx")})


def edited(content: bytes, **cells: Any) -> bytes:
    """The file with cells of its first sheet changed: `E2="…"`."""
    book = load_workbook(BytesIO(content))
    for cell, value in cells.items():
        book.worksheets[0][cell] = value
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def changes(page: str) -> list[str]:
    return [unescape(value) for value in re.findall(r'<input type="hidden" name="change" value="([^"]*)"', page)]


def test_only_people_of_the_place_see_it_and_only_some_write(world: World, client: FlaskClient) -> None:
    seen = {"editor": 200, "approver": 200, "advisor": 200, "officer": 200, "other-editor": 404, "reviewer": 403}
    for who, status in seen.items():
        become(world, client, who)
        assert client.get(PLAN).status_code == status, who
    for who, status in {"editor": 303, "advisor": 403, "officer": 403, "other-editor": 404}.items():
        become(world, client, who)
        assert client.post(PLAN, data=form()).status_code == status, who
    become(world, client, None)
    assert client.get(PLAN).status_code == 303
    assert len(plan(world)) == 1


def test_what_is_ticked_becomes_a_line(world: World, client: FlaskClient) -> None:
    assert LEVELS[4]["en"] in text_of(client.get(PLAN).text)
    client.post(f"{PLAN}/draw", data={"question": ["digital_plan"], "fiscal_year": "2570"})
    [line] = plan(world)
    assert (line.what, line.fiscal_year, line.from_level, line.to_level) == (LEVELS[4]["en"], 2027, 3, 4)
    page = client.get(PLAN).text
    assert "1 line was added to the plan." in text_of(page)
    assert "2027" in table_of(page, "Lines of the plan")[0][3]
    assert "2570" in table_of(client.get(PLAN.replace("/en/", "/th/")).text, "บรรทัดของแผน")[0][3]


def test_a_wrong_form_comes_back_as_it_was_typed(world: World, client: FlaskClient) -> None:
    got = client.post(PLAN, data=form(budget="แพง", fiscal_year="หน้า"))
    assert got.status_code == 422
    said = text_of(got.text)
    assert "Write baht as a number" in said
    assert "Write a fiscal year" in said
    assert 'value="แพง"' in got.text
    assert client.post(PLAN, data=form(what=" ")).status_code == 422
    assert plan(world) == ()


def test_two_who_change_a_line_see_both(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    [line] = plan(world)
    page = client.get(f"{PLAN}/{line.id}").text
    assert 'name="seen" value="1"' in page
    other = Change(Line("ทำแผน", owner="กองช่าง"), line.id, 1)
    world.application.plans.save(world.places["M1"], other, world.people["colleague"])
    got = client.post(f"{PLAN}/{line.id}", data=form(owner="กองคลัง", seen="1"))
    assert got.status_code == 409
    assert "กองช่าง" in got.text
    assert "กองคลัง" in got.text
    assert plan(world)[0].owner == "กองช่าง"
    assert 'name="seen" value="2"' in got.text
    client.post(f"{PLAN}/{line.id}", data=form(owner="กองคลัง", seen="2"))
    assert plan(world)[0].owner == "กองคลัง"


def test_a_line_is_taken_out(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    [line] = plan(world)
    assert client.post(f"{PLAN}/{line.id}/remove", data={"seen": "9"}).status_code == 409
    assert client.post(f"{PLAN}/{line.id}/remove", data={"seen": "1"}).status_code == 303
    assert plan(world) == ()
    assert client.get(f"{PLAN}/{line.id}").status_code == 404


def test_a_line_of_another_place_is_not_shown(world: World, client: FlaskClient) -> None:
    number = world.application.plans.add(world.places["M2"], Line("ลับ"), world.people["other-editor"])
    assert client.get(f"{PLAN}/{number}").status_code == 404
    assert client.post(f"{PLAN}/{number}", data=form(seen="1")).status_code == 404


def test_out_to_excel_and_back(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    file = client.get(f"{PLAN}.xlsx").data
    assert "The file changes nothing" in text_of(bring(client, file).text)
    got = bring(client, edited(file, F2="กองช่าง", E3="งานใหม่", G3=5000))
    said = text_of(got.text)
    assert "1 lines differ, 1 are new, 0 are as they are. Nothing is saved yet." in said
    assert [one.owner for one in plan(world)] == ["กองแผน"]
    taken = client.post(f"{PLAN}/file/changes", data={"change": changes(got.text)})
    assert taken.status_code == 303
    assert [(one.what, one.owner, one.budget) for one in plan(world)] == [
        ("ทำแผน", "กองช่าง", 1200), ("งานใหม่", "", 5000),
    ]  # fmt: skip


def test_a_row_that_somebody_changed_since_is_shown_with_both(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    file = client.get(f"{PLAN}.xlsx").data
    [line] = plan(world)
    other = Change(Line("ทำแผน", owner="กองคลัง"), line.id, 1)
    world.application.plans.save(world.places["M1"], other, world.people["colleague"])
    got = bring(client, edited(file, F2="กองช่าง"))
    assert "Changed by somebody else since you downloaded the file" in text_of(got.text)
    assert "กองคลัง" in got.text
    assert "กองช่าง" in got.text
    assert changes(got.text) == [], "nothing is taken but what is ticked"
    ticked = re.findall(r'<input type="checkbox" name="change" value="([^"]*)"', got.text)
    client.post(f"{PLAN}/file/changes", data={"change": [unescape(one) for one in ticked]})
    assert plan(world)[0].owner == "กองช่าง"


def test_a_plan_that_moved_between_looking_and_saving_is_left_alone(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    got = bring(client, edited(client.get(f"{PLAN}.xlsx").data, F2="กองช่าง", E3="งานใหม่"))
    [line] = plan(world)
    other = Change(Line("ทำแผน", owner="กองคลัง"), line.id, 1)
    world.application.plans.save(world.places["M1"], other, world.people["colleague"])
    taken = client.post(f"{PLAN}/file/changes", data={"change": changes(got.text)})
    assert taken.status_code == 409
    assert [one.owner for one in plan(world)] == ["กองคลัง"]


def test_rows_that_cannot_be_taken_are_told(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    got = bring(client, edited(client.get(f"{PLAN}.xlsx").data, G2="แพง"))
    assert got.status_code == 422
    [row] = table_of(got.text, "What has to be put right")
    assert row[:3] == ["2", "Budget (baht)", "แพง"]
    assert all(row[3:])


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 not a plan", b"a,b\n1,2\n"])
def test_what_is_no_plan_is_refused(world: World, client: FlaskClient, content: bytes) -> None:
    assert bring(client, content).status_code == 422
    assert plan(world) == ()


@pytest.mark.parametrize("sent", ["", "[]", "{}", '{"id": 1}', '{"id": "x", "seen": 1}'])
def test_a_change_that_nobody_was_shown_is_refused(world: World, client: FlaskClient, sent: str) -> None:
    assert client.post(f"{PLAN}/file/changes", data={"change": sent}).status_code == 422
    assert plan(world) == ()


def test_progress_of_the_plan_goes_into_the_note_of_the_answer(world: World, client: FlaskClient) -> None:
    client.post(f"{PLAN}/draw", data={"question": ["digital_plan"], "fiscal_year": "2570"})
    [line] = plan(world)
    number = world.assessment_of("M1")
    client.post(f"{PLAN}/{line.id}", data=form(progress="ประกาศแล้ว 1 ต.ค.", seen="1"))
    question = f"/en/assessments/{number}/governance/digital_plan"
    assert "What your plan says about this (1)" in text_of(client.get(question).text)
    for _ in range(2):
        got = client.post(f"{PLAN}/{line.id}/note", data={"assessment": str(number)})
        assert (got.status_code, got.location) == (303, question)
    with world.application.sessions() as session:
        saved = answers_of(session, number)["digital_plan"]
    assert (saved.value, saved.note, saved.revision) == (3, "ประกาศแล้ว 1 ต.ค.", 2)
    other = world.assessment_of("M2")
    assert client.post(f"{PLAN}/{line.id}/note", data={"assessment": str(other)}).status_code == 404
    assert client.post(f"{PLAN}/{line.id}/note", data={"assessment": "x"}).status_code == 404

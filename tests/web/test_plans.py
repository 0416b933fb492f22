"""The improvement plan in the browser: who may see and keep it, and the way out to Excel and back."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse, encode_multipart

from cityindex.formats.plan_sheets import heading
from cityindex.queries.assessments.answers import answers_of
from cityindex.queries.places.places import PlaceRecord, find_place
from cityindex.queries.plans.plans import ActionRecord, plan_of
from cityindex.services.plans.lines import Change, Line
from cityindex.services.plans.plans import line_of
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
    said = {"what": "ทำแผน", "owner": "กองแผน", "budget:2027": "1,200", "fiscal_year": "2570", "status": "running"}
    return {**said, **fields}


def bring(client: FlaskClient, content: bytes) -> TestResponse:
    return client.post(f"{PLAN}/file", data={"file": (BytesIO(content), "plan.xlsx")})


def edited(content: bytes, *cells: tuple[int, str, Any], without: int = 0) -> bytes:
    """The file with cells of its first sheet changed, each named by row and field, and without a row."""
    book = load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row, field, value in cells:
        sheet.cell(row, columns[heading(field, "en")], value)
    if without:
        sheet.delete_rows(without)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def changes(page: str) -> list[str]:
    return [unescape(value) for value in re.findall(r'<input type="hidden" name="change" value="([^"]*)"', page)]


def test_only_people_of_the_place_see_it_and_only_some_write(world: World, client: FlaskClient) -> None:
    seen = {"editor": 200, "approver": 200, "advisor": 200, "officer": 200, "other-editor": 404, "reviewer": 200}
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
    got = client.post(PLAN, data=form(**{"budget:2027": "แพง"}, fiscal_year="หน้า"))
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
    got = bring(client, edited(file, (2, "owner", "กองช่าง"), (3, "what", "งานใหม่"), (3, "budget:2028", 5000)))
    said = text_of(got.text)
    assert "1 lines differ, 1 are new, 0 are as they are. Nothing is saved yet." in said
    assert [one.owner for one in plan(world)] == ["กองแผน"]
    taken = client.post(f"{PLAN}/file/changes", data={"change": changes(got.text)})
    assert taken.status_code == 303
    assert [(one.what, one.owner, one.budgets) for one in plan(world)] == [
        ("ทำแผน", "กองช่าง", ((2027, 1200),)), ("งานใหม่", "", ((2028, 5000),)),
    ]  # fmt: skip


def test_what_two_have_changed_is_decided_and_what_one_has_is_kept(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form(progress="เริ่ม"))
    file = client.get(f"{PLAN}.xlsx").data
    [line] = plan(world)
    theirs = replace(line_of(line), owner="กองคลัง", progress="จ้างแล้ว")
    world.application.plans.save(world.places["M1"], Change(theirs, line.id, 1), world.people["colleague"])
    got = bring(client, edited(file, (2, "owner", "กองช่าง"), (2, "evidence", "ประกาศ 1/2570")))
    said = text_of(got.text)
    assert "Changed by somebody else, too" in said
    assert "1 value was changed by somebody else" in said, "progress is theirs alone"
    for words in ("กองคลัง", "กองช่าง", "Row 2", "stored now, by"):
        assert words in said
    sent = {"change": changes(got.text)}
    undecided = client.post(f"{PLAN}/file/changes", data=sent)
    assert undecided.status_code == 422
    assert plan(world)[0].owner == "กองคลัง", "nothing is taken before it is decided"
    decided = client.post(f"{PLAN}/file/changes", data=sent | {f"right-{line.id}-owner": "file"})
    assert decided.status_code == 303
    [after] = plan(world)
    assert (after.owner, after.progress, after.evidence) == ("กองช่าง", "จ้างแล้ว", "ประกาศ 1/2570")


def test_rows_that_are_missing_are_asked_about(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    client.post(PLAN, data=form(what="ซื้อรถ"))
    first, second = plan(world)
    file = edited(client.get(f"{PLAN}.xlsx").data, without=2)
    got = bring(client, file)
    assert "Not in the file" in text_of(got.text)
    client.post(f"{PLAN}/file/changes", data={})
    assert len(plan(world)) == 2, "what is not ticked stays"
    assert f'name="remove" value="{first.id}:1"' in got.text
    client.post(f"{PLAN}/file/changes", data={"remove": f"{first.id}:1"})
    assert plan(world) == (second,)
    again = bring(client, client.get(f"{PLAN}.xlsx").data)
    assert "The file changes nothing" in text_of(again.text)


def test_a_line_that_somebody_took_out_can_come_back(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    client.post(PLAN, data=form(what="ซื้อรถ"))
    file, (first, _) = client.get(f"{PLAN}.xlsx").data, plan(world)
    world.application.plans.remove(world.places["M1"], first.id, 1, world.people["colleague"])
    got = bring(client, edited(file, (2, "progress", "ทำไปแล้ว")))
    assert "Taken out by somebody else" in text_of(got.text)
    ticked = re.findall(r'<input type="checkbox" name="change" value="([^"]*)"', got.text)
    client.post(f"{PLAN}/file/changes", data={"change": [unescape(one) for one in ticked]})
    assert [(one.what, one.progress) for one in plan(world)] == [("ซื้อรถ", ""), ("ทำแผน", "ทำไปแล้ว")]


def test_everything_that_is_wrong_in_a_file_is_told_at_once(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    cells = {
        "what": "<b>งาน</b>", "owner": "=A1", "budget:2028": "=SUM(A1)", "fiscal_year": "2057", "strategy": "NS1 XX9",
        "indicator": "no-such", "target": "77", "status": "รอก่อน",
    }  # fmt: skip
    got = bring(client, edited(client.get(f"{PLAN}.xlsx").data, *((2, field, value) for field, value in cells.items())))
    assert got.status_code == 422
    rows = {row[1]: row for row in table_of(got.text, "What has to be put right")}
    assert set(rows) == {heading(field, "en") for field in cells}
    assert all(all(row) and row[0] == "2" for row in rows.values())
    assert rows[heading("strategy", "en")][2] == "XX9"
    assert plan(world)[0].what == "ทำแผน"


def test_a_plan_is_public_only_where_the_place_says_so(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form(progress="ความลับ", evidence="https://example.go.th/a javascript:x"))
    shown = f"{PLAN}/published"
    assert client.get(shown).status_code == 404
    assert client.post(f"{PLAN}/shown", data={"shown": "yes"}).status_code == 403, "an editor does not decide"
    become(world, client, "approver")
    assert client.post(f"{PLAN}/shown", data={"shown": "yes"}).status_code == 303
    become(world, client, None)
    for page in (client.get(shown).text, client.get("/en/places/M1").text, client.get(f"{shown}?format=csv").text):
        assert "ความลับ" not in page
    said = client.get(shown).text
    assert "ทำแผน" in said
    assert 'href="https://example.go.th/a"' in said
    assert "What the place plans" in text_of(client.get("/en/places/M1").text)
    become(world, client, "approver")
    client.post(f"{PLAN}/shown", data={"shown": "no"})
    become(world, client, None)
    assert client.get(shown).status_code == 404
    assert "What the place plans" not in text_of(client.get("/en/places/M1").text)


def test_word_and_one_page(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form(programme="แผนงานสาธารณสุข", **{"budget:2031": "๕,๐๐๐.๕๐"}))
    document = Document(BytesIO(client.get(f"{PLAN}.docx".replace("/en/", "/th/")).data))
    first, second = document.tables
    assert [cell.text for cell in first.rows[1].cells][4:9] == ["2566", "2567", "2568", "2569", "2570"]
    assert [cell.text for cell in first.rows[2].cells][1:9] == ["ทำแผน", "–", "–", "–", "–", "–", "–", "1,200"]
    assert second.rows[2].cells[7].text == "5,000.50", "2574 is of the next plan"
    assert "แผนงานสาธารณสุข" in [one.text for one in document.paragraphs]
    said = text_of(client.get(f"{PLAN}/summary").text)
    assert "6,200.50 baht in all" in said
    become(world, client, "other-editor")
    assert client.get(f"{PLAN}.docx").status_code == 404


def test_a_plan_that_moved_between_looking_and_saving_is_left_alone(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    got = bring(client, edited(client.get(f"{PLAN}.xlsx").data, (2, "owner", "กองช่าง"), (3, "what", "งานใหม่")))
    [line] = plan(world)
    other = Change(Line("ทำแผน", owner="กองคลัง"), line.id, 1)
    world.application.plans.save(world.places["M1"], other, world.people["colleague"])
    taken = client.post(f"{PLAN}/file/changes", data={"change": changes(got.text)})
    assert taken.status_code == 409
    assert [one.owner for one in plan(world)] == ["กองคลัง"]


def test_rows_that_cannot_be_taken_are_told(world: World, client: FlaskClient) -> None:
    client.post(PLAN, data=form())
    got = bring(client, edited(client.get(f"{PLAN}.xlsx").data, (2, "budget:2027", "แพง")))
    assert got.status_code == 422
    [row] = table_of(got.text, "What has to be put right")
    assert row[:3] == ["2", "Budget 2027 (baht)", "แพง"]
    assert all(row[3:])


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 not a plan", b"a,b\n1,2\n"])
def test_what_is_no_plan_is_refused(world: World, client: FlaskClient, content: bytes) -> None:
    assert bring(client, content).status_code == 422
    assert plan(world) == ()


def test_changes_of_a_whole_plan_fit_into_the_form(world: World, client: FlaskClient) -> None:
    lines = [json.dumps({"id": None, "seen": 0, "line": {"what": "ก" * 1900}, "open": {}}) for _ in range(200)]
    many = {f"right-{number}-what": "file" for number in range(2000)}
    boundary, sent = encode_multipart(MultiDict({"change": lines, **many}))
    kind = f"multipart/form-data; boundary={boundary}"
    got = client.post(f"{PLAN}/file/changes", data=sent, content_type=kind)
    assert got.status_code == 303
    assert len(plan(world)) == 200


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


def test_the_sheet_shows_every_year_that_it_sums(world: World, client: FlaskClient) -> None:
    """Of ten fiscal years seven stand one by one, the others in one row, and all of them in the sum."""
    client.post(PLAN, data=form(**{f"budget:{year}": "1000" for year in range(2027, 2037)}))
    client.post(PLAN, data=form(**{"budget:2027": "", "budget:2036": "500", "budget:0": "20"}))
    rows = table_of(client.get(f"{PLAN}/summary").text, "Money by fiscal year")
    shown = [(str(year), "1,000", "1") for year in range(2027, 2034)]
    later = ("3 later fiscal years", "3,500", "2")
    assert [tuple(row) for row in rows] == [*shown, later, ("no year said", "20", "1"), ("Together", "10,520", "2")]
    assert "10,520 baht in all" in text_of(client.get(f"{PLAN}/summary").text)


def test_a_published_plan_is_read_by_programs_as_its_page_shows_it(world: World, client: FlaskClient) -> None:
    address = "/api/v1/places/M1/plan"
    client.post(PLAN, data=form(progress="ความลับ", evidence="มติสภา", strategy="NS5", **{"budget:0": "7"}))
    client.post(PLAN, data=form(what="งานที่ยกเลิก", status="dropped"))
    assert client.get(address).status_code == 404
    become(world, client, "approver")
    client.post(f"{PLAN}/shown", data={"shown": "yes"})
    become(world, client, None)
    answer = client.get(address)
    first, second = answer.get_json()["items"]
    assert "ความลับ" not in answer.text
    assert (first["what"], first["evidence"], first["strategy"], first["ends_be"]) == ("ทำแผน", "มติสภา", ["NS5"], 2570)
    assert [(one["period"], one["period_be"], one["baht"]) for one in first["budgets"]] == [
        (None, None, 7.0), (2027, 2570, 1200.0),
    ]  # fmt: skip
    assert (second["status"], second["place"]) == ("dropped", "M1")
    page = client.get(f"{address}?limit=1").get_json()
    assert client.get(f"{address}?limit=1&cursor={page['next']}").get_json() == {"items": [second], "next": None}
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    become(world, client, "editor")
    client.post(f"{PLAN}/{first['line']}", data=form(what="ทำแผนใหม่", seen="1"))
    become(world, client, None)
    assert client.get(address, headers=known).get_json()["items"][0]["what"] == "ทำแผนใหม่"
    assert client.get("/api/v1/places/nowhere/plan").status_code == 404


def listed(client: FlaskClient, query: str = "") -> list[str]:
    """The places of the list of the country, as the file has them; the page and the API say the same."""
    file = client.get(f"/th/plans/?{query}&format=csv")
    assert file.status_code == 200
    rows = list(csv.DictReader(StringIO(file.get_data(as_text=True).lstrip("\ufeff"))))
    named = query.replace("type=", "place_type=")
    answered = client.get(f"/api/v1/plans?{named}").get_json()["items"]
    assert [one["place"] for one in answered] == [row["place"] for row in rows]
    assert [(one["lines"], one["baht"]) for one in answered] == [
        (int(row["lines"]), float(row["baht"]) if row["baht"] else None) for row in rows
    ]
    page = client.get(f"/en/plans/?{query}").text
    shown = re.findall(r'<th scope="row"><a href="/en/places/(\w+)/plan/published">', page)
    assert shown == [row["place"] for row in rows]
    return shown


def test_the_list_of_the_country_holds_the_plans_that_are_shown_and_no_other(world: World, client: FlaskClient) -> None:
    empty = client.get("/en/plans/")
    assert (empty.status_code, "No place shows its improvement plan yet" in empty.text) == (200, True)
    client.post(PLAN, data=form(what="ทำ", **{"budget:2028": "300"}))
    client.post(PLAN, data=form(what="เลิก", status="dropped", **{"budget:2035": "9,000"}))
    assert listed(client) == []
    become(world, client, "approver")
    client.post(f"{PLAN}/shown", data={"shown": "yes"})
    become(world, client, None)
    assert listed(client) == ["M1"]
    [one] = client.get("/api/v1/plans").get_json()["items"]
    assert (one["lines"], one["years"], one["years_be"], one["baht"]) == (2, [2027, 2028], [2570, 2571], 1500.0)
    assert one["statuses"] == {"planned": 0, "running": 1, "done": 0, "dropped": 1}
    [row] = table_of(client.get("/th/plans/").text, "แผน เรียงตามชื่อพื้นที่")
    assert (row[2], row[4], row[5]) == ("2", "2570–2571", "1,500")
    place = find(world)
    for query, found in (
        (f"q={place.code}", ["M1"]), ("q=ไม่มีที่นี่", []), (f"type={place.place_type}", ["M1"]), ("type=sao", []),
        (f"province={place.province_code}", ["M1"]), ("province=99", []),
    ):  # fmt: skip
        assert listed(client, query) == found, query
    assert client.get("/en/plans/?page=2").status_code == 404
    for query in ("type=moon", "page=0", "format=exe"):
        answer = client.get(f"/en/plans/?{query}")
        assert (answer.status_code in (400, 404), "moon" in answer.text) == (True, False), query
    assert "/plans/" in client.get("/en/results/").text
    assert "/plans/" in client.get("/en/data").text
    assert "Improvement plans that places show" in client.get("/catalog/plans.ttl").text
    become(world, client, "approver")
    client.post(f"{PLAN}/shown", data={"shown": "no"})
    become(world, client, None)
    assert listed(client) == []
    assert client.get("/catalog/plans.ttl").status_code == 404


def find(world: World) -> PlaceRecord:
    with world.application.sessions() as session:
        return find_place(session, "M1").place

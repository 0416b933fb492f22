"""Pages around people: invitations, roles, letters, the second step, handing over, one's data, and who sees whom."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, LargeBinary
from werkzeug.test import TestResponse

from cityindex.models import Base
from cityindex.services.accounts import personal_data
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.accounts.totp import code_at, step_at
from cityindex.web.own_data_columns import COLUMNS
from cityindex.web.own_data_words import TABLES
from tests.integration import small
from tests.web.conftest import application_of, client_over, counted
from tests.web.reading import table_of, text_of
from tests.web.test_account import GOOD, OTHER, send

LIST = "อีเมล,ชื่อ,บทบาท,รหัสพื้นที่\na@example.go.th,สมศรี,ผู้กรอกข้อมูล,M0\nb@example.go.th,,approver,M0\n"
INVITATIONS, PEOPLE = "/en/admin/invitations", "/en/admin/people"


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """Two provinces with municipalities; an administrator, an editor of M1, an administrator of province 10."""
    small.fill(engine)
    client = client_over(database_url)
    for name, role, place in (
        ("boss", "administrator", None),
        ("editor", "editor", "M1"),
        ("editor", "approver", "M1"),
        ("north", "province-administrator", "10"),
    ):
        password = GOOD if role != "approver" else None
        application_of(client).accounts.add(NewAccount(f"{name}@example.go.th", role, place, "", password), "test")
    yield client
    application_of(client).engine.dispose()


def sign_in(client: FlaskClient, name: str) -> TestResponse:
    client.delete_cookie("session")
    return send(client, "/en/account/login", email=f"{name}@example.go.th", password=GOOD)


def upload(client: FlaskClient, text: str, name: str = "list.csv") -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(INVITATIONS).text)
    assert token is not None
    data = {"csrf_token": token[1], "file": (io.BytesIO(text.encode()), name)}
    return client.post(INVITATIONS, data=data, content_type="multipart/form-data")


def hidden(page: str, name: str) -> str:
    import html

    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_from_a_list_to_a_password(site: FlaskClient) -> None:
    sign_in(site, "boss")
    seen = upload(site, LIST)
    assert "Nobody is invited" not in text_of(seen.text)
    assert "Roles to give 2" in text_of(seen.text)
    assert "a@example.go.th" not in site.get(PEOPLE).text  # looking changes nothing
    done = site.post(
        INVITATIONS, data={"csrf_token": hidden(seen.text, "csrf_token"), "rows": hidden(seen.text, "rows")}
    )
    assert "2 people are invited" in done.text
    numbers = re.findall(r'name="account" value="(\d+)"', done.text)
    form = {"csrf_token": hidden(done.text, "csrf_token"), "account": numbers}
    answer = site.post("/en/admin/invitations/links.xlsx", data=form)
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == ["a@example.go.th", "b@example.go.th"]
    path = str(rows[0][3]).removeprefix("http://localhost")
    assert send(site, path, password=OTHER, again=OTHER).location == "/th/account/login"
    assert "a@example.go.th" in text_of(sign_in_as(site, "a@example.go.th", OTHER))


def sign_in_as(client: FlaskClient, email: str, password: str) -> str:
    client.delete_cookie("session")
    send(client, "/en/account/login", email=email, password=password)
    return client.get("/en/account/").text


def test_every_bad_row_is_shown_and_can_be_taken_along(site: FlaskClient) -> None:
    sign_in(site, "boss")
    answer = upload(site, "e-mail,name,role,place code\nnobody,=1+1,king,M0\nb@example.go.th,,approver,Z\n")
    assert answer.status_code == 422
    assert [row[:3] for row in table_of(answer.text, "What is wrong with the list")] == [
        ["2", "E-mail address", "nobody"],
        ["2", "Role", "king"],
        ["3", "Place", "Z"],
    ]
    assert "data:text/csv" in answer.text
    assert "row%2Ccolumn%2Cvalue%2Creason%2Ccure" in answer.text
    thai = site.post("/th/admin/invitations", data={"csrf_token": hidden(answer.text, "csrf_token")})
    assert "ยังไม่ได้เลือกไฟล์" in thai.text


@pytest.mark.parametrize(
    "rows",
    ["", "{", "[1]", '[["x"]]', '[[1,"a@example.go.th","","administrator",""]]', '[[1,"a","b"]]', "[[1]]", "null"],
)
def test_rows_that_were_tampered_with(site: FlaskClient, rows: str) -> None:
    sign_in(site, "north")
    token = hidden(site.get(INVITATIONS).text, "csrf_token")
    assert site.post(INVITATIONS, data={"csrf_token": token, "rows": rows}).status_code == 422


def test_a_file_that_is_no_table_or_too_large(site: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(site, "boss")
    assert upload(site, "not a workbook", "list.xlsx").status_code == 422
    monkeypatch.setattr(import_module("cityindex.web.pages.people"), "LARGEST_MB", 0)
    assert "2 MB" in upload(site, LIST).text


def test_a_province_administrator_sees_and_touches_the_province_only(site: FlaskClient) -> None:
    sign_in(site, "boss")
    seen = upload(site, LIST)
    site.post(INVITATIONS, data={"csrf_token": hidden(seen.text, "csrf_token"), "rows": hidden(seen.text, "rows")})
    everybody = site.get(PEOPLE).text
    ends = dict(re.findall(r"people/grants/(\d+)/end.*?hidden\"> ([^<]+)<", everybody))
    sign_in(site, "north")
    page = site.get(PEOPLE).text
    assert "a@example.go.th" in page
    assert not re.search("editor@|boss@", text_of(page))
    token = hidden(page, "csrf_token")
    for number, who in ends.items():
        answer = site.post(f"/en/admin/people/grants/{number}/end", data={"csrf_token": token})
        assert answer.status_code == (303 if who in ("สมศรี", "b@example.go.th") else 404), who
    assert site.get("/en/admin/people/2/hand-over/M1").status_code == 404
    assert site.get("/en/admin/letters").status_code == 403
    assert site.get("/en/admin/trail").status_code == 403
    assert "Roles and invitations" in site.get("/en/account/").text


def test_the_list_of_people(site: FlaskClient) -> None:
    sign_in(site, "boss")
    assert len(table_of(site.get(PEOPLE).text, "Roles in force")) == 4
    assert len(table_of(site.get(PEOPLE + "?q=EDITOR@").text, "Roles in force")) == 2
    assert "Nobody fits" in site.get(PEOPLE + "?waiting=true").text
    with counted(application_of(site).engine) as said:
        site.get(PEOPLE)
    assert len(said) <= 15


def test_letters_wait_where_no_mail_is_set(site: FlaskClient) -> None:
    send(site, "/en/account/forgotten", email="editor@example.go.th")
    sign_in(site, "boss")
    page = site.get("/en/admin/letters").text
    (row,) = table_of(page, "Letters")
    assert row[:2] == ["editor@example.go.th", "new password"]
    number = re.search(r"/en/admin/letters/(\d+)", page)
    assert number is not None
    answer = send(site, f"/en/admin/letters/{number[1]}", "/en/admin/letters")
    token = re.search(r"/th/account/welcome/(\S+)", answer.text)
    assert token is not None
    assert send(site, f"/en/account/welcome/{token[1]}", password=OTHER, again=OTHER).status_code == 303
    sign_in(site, "boss")
    assert "taken out" in site.get("/en/admin/letters").text


def test_a_forgotten_password_is_answered_alike(site: FlaskClient) -> None:
    pages = [
        re.sub('value="[^"]+"', "", send(site, "/en/account/forgotten", email=email).text)
        for email in ("editor@example.go.th", "nobody@example.go.th")
    ]
    assert pages[0] == pages[1]
    assert "If there is an account" in pages[0]
    statuses = [send(site, "/en/account/forgotten", email="nobody@example.go.th").status_code for _ in range(10)]
    assert statuses[-1] == 429
    assert statuses[0] == 200


def test_the_second_step(site: FlaskClient) -> None:
    sign_in(site, "boss")
    page = send(site, "/en/account/second-step", "/en/account/").text
    assert "<svg" in page
    secret = re.search(r"<p><code>([A-Z2-7]{32})</code>", page)
    assert secret is not None
    wrong = send(site, "/en/account/second-step", "/en/account/", code="000000")
    assert wrong.status_code == 422
    assert secret[1] in wrong.text
    code = code_at(secret[1], step_at(time.time()))
    codes = re.findall(
        r"<li><code>([\w-]+)</code>", send(site, "/en/account/second-step", "/en/account/", code=code).text
    )
    assert len(codes) == 10
    answer = sign_in(site, "boss")
    assert "six digits" in answer.text
    assert site.get("/en/account/").status_code == 303  # halfway is not in
    bad = send(site, "/en/account/code", code=code)
    assert bad.status_code == 422
    assert send(site, "/en/account/code", code=codes[0]).location == "/en/account/"
    assert "Recovery codes left: 9" in site.get("/en/account/").text
    send(site, "/en/account/second-step/remove", "/en/account/", code=codes[1])
    assert sign_in(site, "boss").location == "/en/account/"


def test_a_second_step_that_the_site_asks_of_its_staff(site: FlaskClient) -> None:
    app = application_of(site)
    app.__dict__["settings"] = replace(app.settings, second_step="staff")
    sign_in(site, "editor")
    assert site.get("/en/assessments/").status_code == 200
    sign_in(site, "boss")
    for path in ("/en/account/", "/en/admin/accounts", "/en/reviews/", "/en/account/data.json", PEOPLE):
        assert site.get(path).location == "/en/account/second-step", path
    told = site.post("/en/account/password", headers={"Accept": "application/json"})
    assert (told.status_code, told.json) == (401, {"error": "second-step", "login": "/en/account/second-step"})
    assert "Your role here needs it" in site.get("/en/account/second-step").text
    page = send(site, "/en/account/second-step").text
    secret = re.search(r"<p><code>([A-Z2-7]{32})</code>", page)
    assert secret is not None
    code = code_at(secret[1], step_at(time.time()))
    recovery = send(site, "/en/account/second-step", code=code).text
    assert site.get("/en/admin/accounts").status_code == 200
    assert site.get("/en/account/second-step").location == "/en/account/"
    spare = re.findall(r"<li><code>([\w-]+)</code>", recovery)[0]
    send(site, "/en/account/second-step/remove", "/en/account/", code=spare)
    assert site.get("/en/admin/accounts").location == "/en/account/second-step"


def test_the_code_is_awaited_for_ten_minutes(site: FlaskClient) -> None:
    with site.session_transaction() as cookie:
        cookie.update(half=1, half_epoch=0, half_at=time.time() - 601)
    assert site.get("/en/account/code").location.startswith("/en/account/login")


def test_handing_over(site: FlaskClient) -> None:
    sign_in(site, "editor")
    assert site.get("/en/account/hand-over/M2").status_code == 404
    path = "/en/account/hand-over/M1"
    for wrong in ("nobody", "editor@example.go.th"):
        assert send(site, path, email=wrong).status_code == 422
    assert send(site, path, email="next@example.go.th", name="มานี").location == "/en/account/"
    page = site.get("/en/account/").text
    assert "You have no role at present" in page
    sign_in(site, "boss")
    assert len(table_of(site.get(PEOPLE + "?q=next@").text, "Roles in force")) == 2
    assert send(site, "/en/admin/people/4/hand-over/M1", email="last@example.go.th", name="x").location == PEOPLE
    assert "last@example.go.th" in site.get(PEOPLE).text


def test_ones_own_data(site: FlaskClient) -> None:
    sign_in(site, "editor")
    page = site.get("/en/account/data")
    assert "editor@example.go.th" in page.text
    assert "argon2" not in page.text
    file = site.get("/en/account/data.json")
    assert file.json is not None
    assert file.json["known_as"] == "account 2"
    assert "boss@" not in file.text
    assert file.headers["Cache-Control"] == "private, no-store"
    assert file.json["tables"]["account"][0]["email"] == "editor@example.go.th", "keys are stable"
    assert file.json["legend"]["tables"]["account"]["name"] == {"th": "บัญชีของคุณ", "en": "Your account"}
    assert file.json["legend"]["columns"]["email"] == {"th": "อีเมล", "en": "E-mail address"}
    assert {name for rows in file.json["tables"].values() for row in rows for name in row} == set(
        file.json["legend"]["columns"]
    )


def test_ones_own_data_is_in_words(site: FlaskClient) -> None:
    sign_in(site, "editor")
    thai = text_of(site.get("/th/account/data").text)
    for words in (
        "บัญชีของคุณ",
        "อีเมล editor@example.go.th",
        "730 วันหลังปิดบัญชี",
        "บทบาท",
        "ลายนิ้วมือของรหัสผ่าน เก็บไว้ และไม่แสดง",
    ):
        assert words in thai
    for code in ("role_grant", "granted_by", "account_id", "place_id", "created_at", "+00:00"):
        assert code not in thai
    english = text_of(site.get("/en/account/data").text)
    assert "How long it is kept: Until you erase it, or 730 days after the account is closed" in english
    assert "Fingerprint of the password kept, and shown to nobody" in english


def test_every_table_and_column_of_a_person_has_words() -> None:
    tables = [table for table in Base.metadata.sorted_tables if list(personal_data.of_person(table, 1))]
    assert {table.name for table in tables} == set(TABLES)
    shown = {one.name for table in tables for one in table.columns if not isinstance(one.type, LargeBinary)}
    assert shown == set(COLUMNS)
    assert all(words.th and words.en and words.th != words.en for words in COLUMNS.values())


def test_erasing_oneself(site: FlaskClient) -> None:
    sign_in(site, "editor")
    assert send(site, "/en/account/erase", email="boss@example.go.th").status_code == 422
    assert send(site, "/en/account/erase", email="Editor@example.go.th").location == "/en/account/login"
    assert sign_in(site, "editor").status_code == 422
    sign_in(site, "boss")
    assert "editor@" not in site.get("/en/admin/accounts").text
    assert "account 2" in site.get("/en/admin/accounts").text
    refused = send(site, "/en/account/erase", email="boss@example.go.th")
    assert "last administrator" in refused.text

"""Pages that set targets and tell how far they are: who may, what is refused, what comes out, what is kept."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from io import StringIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cityindex.models import Place
from cityindex.queries.participation.targets import NATION, PLACE, PROVINCE, RESIDENTS
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.participation.targets import Said, Subject, Targets
from tests.conftest import MakeDatabase
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_account import GOOD, send

SET_IN = datetime(2022, 6, 1, tzinfo=UTC)
FIGURES = {
    2021: {
        ("M1", "roads"): 10.0,
        ("M1", "air"): 40.0,
        ("M0", "air"): 40.0,
        ("M0", "roads"): 10.0,
        ("M2", "roads"): 1.0,
    },
    2023: {
        ("M1", "roads"): 20.0,
        ("M1", "air"): 30.0,
        ("M0", "air"): 31.0,
        ("M0", "roads"): 20.0,
        ("M2", "roads"): 2.0,
    },
}
PEOPLE = {
    "place": ("approver", "M1"),
    "elsewhere": ("approver", "M0"),
    "editor": ("editor", "M1"),
    "province": ("province-administrator", "50"),
    "another-province": ("province-administrator", "10"),
    "nation": ("programme-officer", None),
}
NUMBERS = {"M1": "50", "M0": "10", "M2": "10"}
"""The provinces of the places."""


@dataclass(frozen=True)
class Case:
    """A target that was set in 2022, and what is told of it today."""

    place: str
    code: str
    value: float
    year: int
    told: str
    expected: float | None = None


BY_HAND = (
    # From 10 in 2021 to 40 in 2027 the line is at 20 in 2023: 10 + 30 * 2 / 6.
    Case("M1", "roads", 40, 2027, "on track: 20 in 2023, on the straight line it would be 20", 20),
    # To 46 it is at 22.
    Case("M1", "roads", 46, 2028, "behind: 20 in 2023, on the straight line it would be 20.29", 10 + 36 * 2 / 7),
    Case("M1", "roads", 20, 2029, "reached: 20 in 2023"),
    Case("M1", "roads", 50, 2023, "behind: its year is over, 20 in 2023"),
    Case("M1", "roads", 50, 2024, "cannot be told: its year is over, and the value of that year is not known yet"),
    # Less air is better: from 40 in 2021 to 10 in 2027 the line is at 30.
    Case("M1", "air", 10, 2027, "on track: 30 in 2023, on the straight line it would be 30", 30),
    Case("M0", "air", 10, 2027, "behind: 31 in 2023, on the straight line it would be 30", 30),
    Case("M1", "water", 10, 2027, "cannot be told: there is no value yet"),
)


@pytest.fixture(scope="module")
def site(spatialite_databases: MakeDatabase) -> Iterator[FlaskClient]:
    client = client_over(spatialite_databases())
    application = application_of(client)
    entry = small.framework()
    catalogue = replace(small.catalogue(), frameworks={"small": entry}, indicators=entry.indicators)
    application.__dict__["catalogue"] = catalogue
    with application.sessions() as session:
        small.add_places(session, 4)
        small.record(session, FIGURES[2021], period=2021)
        session.commit()
    for name, (role, place) in PEOPLE.items():
        application.accounts.add(NewAccount(f"{name}@example.go.th", role, place, "", GOOD), "test")
    setting = Targets(application.sessions, catalogue, clock=lambda: SET_IN)
    for one in BY_HAND:
        setting.set(subject(client, one.place, one.code, one.year), PLACE, Said(one.value, "ตามแผนพัฒนา"), 1)
    with application.sessions() as session:
        small.record(session, FIGURES[2023], period=2023)
        session.commit()
    yield client
    application.engine.dispose()


@pytest.fixture
def nobody(site: FlaskClient) -> FlaskClient:
    return site.application.test_client()


def subject(site: FlaskClient, place: str, code: str, year: int, framework: str = "") -> Subject:
    with application_of(site).sessions() as session:
        number = session.scalars(select(Place.id).where(Place.code == place)).one()
    return Subject(number, code, year, framework)


def person(site: FlaskClient, name: str) -> FlaskClient:
    """Somebody who has signed in with a browser of his own."""
    browser = site.application.test_client()
    answer = send(browser, "/en/account/login", email=f"{name}@example.go.th", password=GOOD)
    assert answer.status_code == 303
    return browser


def card(page: str, code: str, year: int) -> str:
    """The part of a place's page that tells of one target."""
    cards = re.findall(r'<section class="card target".*?</section>', page, re.DOTALL)
    found = [one for one in cards if f"/indicators/{code}?" in one and f"by {year}" in re.sub(r"\s+", " ", one)]
    assert len(found) == 1, (code, year)
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(found[0])).split())


@pytest.mark.parametrize("case", BY_HAND, ids=lambda one: f"{one.place} {one.code} {one.year}")
def test_progress_is_what_was_computed_by_hand(nobody: FlaskClient, case: Case) -> None:
    """On the page in words, in the file and for programs in figures."""
    shown = card(nobody.get(f"/en/places/{case.place}/targets").text, case.code, case.year)
    assert case.told in shown
    file = nobody.get(f"/en/places/{case.place}/targets?format=csv").get_data(as_text=True).lstrip("﻿")
    rows = csv.DictReader(StringIO(file))
    [row] = [one for one in rows if (one["indicator"], one["period"]) == (case.code, str(case.year))]
    items = nobody.get(f"/api/v1/targets?place={case.place}&indicator={case.code}&period={case.year}").get_json()
    [item] = items["items"]
    word = case.told.split(":")[0].replace(" ", "-")
    assert row["progress"] == item["progress"] == word
    assert item["expected"] == (None if case.expected is None else pytest.approx(case.expected))
    assert row["expected"] == ("" if case.expected is None else row["expected"])
    assert (row["period_be"], row["demo"]) == (str(case.year + 543), "false")


def test_a_target_set_after_the_newest_value_waits_for_the_next(site: FlaskClient, nobody: FlaskClient) -> None:
    application_of(site).targets.set(subject(site, "M2", "roads", 2031), PLACE, Said(9, "ตั้งใหม่"), 1)
    shown = card(nobody.get("/en/places/M2/targets").text, "roads", 2031)
    assert "cannot be told: there is no newer value since it was set, 2 in 2023" in shown
    assert "Counted from the value of 2023" in shown


SENT = {"code": "roads", "value": "๓๕", "period": "2573", "reason": "<b>ถนนปลอดภัย</b>"}


def test_each_sets_on_his_own_behalf_only(site: FlaskClient, nobody: FlaskClient) -> None:
    page = "/en/places/M1/targets/set"
    for name, owner, status in (
        ("place", PLACE, 303), ("place", PROVINCE, 403), ("place", NATION, 403),
        ("province", PROVINCE, 303), ("province", PLACE, 403), ("nation", NATION, 303), ("nation", PROVINCE, 403),
    ):  # fmt: skip
        assert send(person(site, name), page, **SENT, owner=owner).status_code == status, (name, owner)
    for name in ("elsewhere", "editor", "another-province"):
        assert person(site, name).get(page).status_code in (403, 404), name
    assert nobody.get(page).status_code == 303
    assert nobody.get(page).location.startswith("/en/account/login")
    shown = nobody.get("/en/places/M1/targets").text
    for words in ("set by the place", "set by the province", "set for the country"):
        assert words in shown
    assert "<b>ถนน" not in shown
    assert "&lt;b&gt;ถนนปลอดภัย" in shown
    owners = {one["owner"]: one["value"] for one in api(nobody, "place=M1&period=2030")}
    assert owners == {"place": 35.0, "province": 35.0, "nation": 35.0}


def test_what_cannot_be_a_target_is_refused_beside_its_field(site: FlaskClient) -> None:
    browser = person(site, "place")
    page = "/en/places/M1/targets/set"
    before = len(api(browser, "place=M1"))
    for change, words in (
        ({"code": ""}, "Choose what the target is about"),
        ({"code": "unknown"}, "A target cannot be set for this"),
        ({"code": "small/works"}, "A target cannot be set for this"),
        ({"value": "many"}, "Write the value as a number"),
        ({"value": "nan"}, "cannot have this value"),
        ({"period": "2566"}, "Choose a year that is not over"),
        ({"period": "2058"}, "Choose a year that is not over"),
        ({"period": "soon"}, "Write a year such as"),
        ({"reason": " "}, "Say why"),
        ({"reason": "ก" * 1001}, "Say why"),
        ({"owner": "residents"}, "Choose on whose behalf"),
    ):
        answer = send(browser, page, **{**SENT, "owner": PLACE, "period": "2029", **change})
        assert (answer.status_code, words in answer.text) == (422, True), change
        assert 'aria-invalid="true"' in answer.text, change
    assert len(api(browser, "place=M1")) == before


def test_a_target_is_changed_over_what_was_seen_and_taken_back_with_a_reason(site: FlaskClient) -> None:
    browser = person(site, "place")
    page = "/en/places/M1/targets/set"
    sent = {"code": "air", "value": "25", "period": "2574", "reason": "เริ่มจากเท่านี้", "owner": PLACE}
    assert send(browser, page, **sent).status_code == 303
    [held] = api(browser, "place=M1&indicator=air&period=2031")
    there = f"{page}?target={held['target']}"
    assert f'href="{there}"' in browser.get("/en/places/M1/targets").text
    again = send(browser, page, there, **sent)
    assert again.status_code == 409, "the same target is not set twice over nothing"
    changed = {**sent, "value": "20", "reason": "ทำได้มากกว่าที่คิด", "seen": "1"}
    assert send(browser, page, there, **changed).status_code == 303
    late = send(browser, page, there, **{**changed, "value": "22"})
    assert (late.status_code, "somebody changed it" in late.text) == (409, True)
    back = f"/en/places/M1/targets/{held['target']}/take-back"
    refused = send(browser, back, there, reason=" ", seen="2")
    assert refused.status_code == 422
    assert re.search(r'id="f-why"[^>]*aria-invalid="true"', refused.text)
    assert send(browser, back, there, reason="ผิดปี", seen="1").status_code == 409
    other = person(site, "province")
    assert send(other, back, page, reason="ผิดปี", seen="2").status_code == 404
    details = browser.get(f"/api/v1/targets/{held['target']}").get_json()
    assert [one["value"] for one in details["revisions"]] == [20.0, 25.0]
    history = browser.get("/en/places/M1/targets").text
    assert "1 earlier revision" in history
    assert "เริ่มจากเท่านี้" in history
    assert send(browser, back, there, reason="ผิดปี", seen="2").status_code == 303
    assert api(browser, "place=M1&indicator=air&period=2031") == []


def test_the_country_is_counted_by_the_filters_and_taken_away_as_it_is_shown(
    site: FlaskClient, nobody: FlaskClient
) -> None:
    application = application_of(site)
    with application.sessions() as session:
        said = Said(5.0, "ประชาชนเสนอ")
        application.targets.write(session, subject(site, "M2", "roads", 2030), RESIDENTS, said, None)
        application.targets.write(session, subject(site, "M2", "roads", 2032), PROVINCE, said, None)
        session.commit()
    every = api(nobody, "")
    listed = [one for one in every if one["owner"] != RESIDENTS]
    for query, fits in (
        ("", lambda _: True),
        ("province=50", lambda one: NUMBERS[one["place"]] == "50"),
        ("province=10&progress=behind", lambda one: NUMBERS[one["place"]] == "10" and one["progress"] == "behind"),
        ("indicator=air", lambda one: one["indicator"] == "air"),
        ("owner=province", lambda one: one["owner"] == "province"),
        ("period=2570", lambda one: one["period"] == 2027),
        ("progress=cannot-be-told", lambda one: one["progress"] == "cannot-be-told"),
    ):
        wanted = {one["target"] for one in listed if fits(one)}
        assert wanted, query
        file = nobody.get(f"/th/targets/?{query}&format=csv").get_data(as_text=True).lstrip("﻿")
        assert {int(row["target"]) for row in csv.DictReader(StringIO(file))} == wanted, query
        shown = nobody.get(f"/en/targets/?{query}").text
        assert f"{len(wanted)} target" in shown, query
    for kind in ("xlsx", "parquet"):
        assert nobody.get(f"/th/targets/?format={kind}").status_code == 200


@pytest.mark.parametrize("query", ["progress=good", "owner=residents", "period=x", "page=0", "page=999", "format=exe"])
def test_a_list_that_cannot_be_says_so(nobody: FlaskClient, query: str) -> None:
    answer = nobody.get(f"/en/targets/?{query}")
    assert answer.status_code in (400, 404)
    assert "Traceback" not in answer.text


def test_missing_is_missing(nobody: FlaskClient) -> None:
    """A place without a target says so; a target without a value has no number in any column."""
    assert "No target is set for this place yet" in nobody.get("/en/places/M3/targets").text
    file = nobody.get("/th/targets/?indicator=water&format=csv").get_data(as_text=True).lstrip("﻿")
    [row] = csv.DictReader(StringIO(file))
    assert (row["newest"], row["newest_period"], row["start_period"], row["expected"]) == ("", "", "", "")
    assert nobody.get("/en/places/nowhere/targets").status_code == 404


def test_the_pages_ask_little_of_the_database(site: FlaskClient, nobody: FlaskClient) -> None:
    for path in ("/th/targets/", "/th/places/M1/targets"):
        nobody.get(path)
        with counted(application_of(site).engine) as queries:
            assert nobody.get(path).status_code == 200
        assert len(queries) <= MOST_QUERIES, "\n".join(queries)


def api(client: FlaskClient, query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(f"/api/v1/targets?{query}").get_json()["items"]
    return found


SDMX = "/sdmx/2.1/data/DF_TARGETS"
SDMX_CSV = {"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"}


def test_the_history_of_a_target_is_told_to_programs(site: FlaskClient, nobody: FlaskClient) -> None:
    """The place's own stands before the province's; when it is taken back, the province's is told again."""
    application = application_of(site)
    about = subject(site, "M2", "air", 2032)
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 5, 7)]
    for moment, owner, value in ((0, PROVINCE, 30.0), (1, PLACE, 20.0), (2, PLACE, 15.0)):
        at = Targets(application.sessions, application.catalogue, clock=lambda moment=moment: moments[moment])
        at.set(about, owner, Said(value, f"ครั้งที่ {moment}"), 1, 1 if moment == 2 else 0)
    [own] = api(nobody, "place=M2&indicator=air&owner=place")
    assert told(nobody, "") == [("15.0", "place", "2026-05-01", "")]
    taking = Targets(application.sessions, application.catalogue, clock=lambda: moments[3])
    taking.take_back(int(str(own["target"])), "ผิด", 2, 1)
    assert told(nobody, "") == [("30.0", "province", "2026-07-01", "")]
    assert told(nobody, "&includeHistory=true") == [
        ("30.0", "province", "2026-01-01", "2026-03-01"),
        ("20.0", "place", "2026-03-01", "2026-05-01"),
        ("15.0", "place", "2026-05-01", "2026-07-01"),
        ("30.0", "province", "2026-07-01", ""),
    ]
    assert told(nobody, "&includeHistory=true&updatedAfter=2026-04-01T00:00:00Z")[0][0] == "15.0"
    assert told(nobody, "&updatedAfter=2026-06-01T00:00:00Z") == [("30.0", "province", "2026-07-01", "")]
    assert told(nobody, "&updatedAfter=2026-08-01T00:00:00Z", 404) == []
    assert len(told(nobody, "&includeHistory=true&lastNObservations=1")) == 4, "of one year there is one observation"
    said = nobody.get("/api/v1/targets/revisions?place=M2&indicator=air").get_json()["items"]
    assert [(one["owner"], one["revision"], one["value"], one["in_force"]) for one in said] == [
        ("province", 1, 30.0, True), ("place", 1, 20.0, False), ("place", 2, 15.0, False), ("place", 3, None, False),
    ]  # fmt: skip
    newer = nobody.get("/api/v1/targets/revisions?place=M2&updated_after=2026-07-01T00:00:00Z&indicator=air")
    assert [one["revision"] for one in newer.get_json()["items"]] == [3]
    first = nobody.get("/api/v1/targets/revisions?limit=2").get_json()
    second = nobody.get(f"/api/v1/targets/revisions?limit=2&cursor={first['next']}").get_json()
    assert len({(one["target"], one["revision"]) for one in first["items"] + second["items"]}) == 4


def told(client: FlaskClient, query: str, status: int = 200) -> list[tuple[str, str, str, str]]:
    """Value, owner, and the days from when until when it was in force: the last two only where they are told."""
    answer = client.get(f"{SDMX}/A.M2.air?startPeriod=2032{query}", headers=SDMX_CSV)
    assert answer.status_code == status
    rows = csv.DictReader(StringIO(answer.text)) if status == 200 else ()
    with_time = client.get(f"{SDMX}/A.M2.air?startPeriod=2032&includeHistory=true", headers=SDMX_CSV)
    since = {
        (row["OBS_VALUE"], row["OWNER"], row["VALID_TO"]): row["VALID_FROM"][:10]
        for row in csv.DictReader(StringIO(with_time.text))
    }
    return [
        (
            str(float(row["OBS_VALUE"])),
            row["OWNER"],
            (row.get("VALID_FROM") or since[row["OBS_VALUE"], row["OWNER"], ""])[:10],
            row.get("VALID_TO", "")[:10],
        )
        for row in rows
    ]

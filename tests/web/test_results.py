"""Maturity and progress in the browser: what is published is told well, and nothing else is public, in any state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from cityindex.assessment.workflow import Verdict
from cityindex.calendars import day_of
from cityindex.definitions.catalogue import Text
from cityindex.models import now
from cityindex.queries.accounts.accounts import account
from cityindex.queries.assessments.rounds import assessment
from cityindex.services.assessments.assessments import GivenAnswer
from cityindex.services.assessments.reviews import Ruling
from cityindex.web.api import limits, programmes
from cityindex.web.assessments import progress_view
from cityindex.web.permissions import PUBLIC, need_of
from tests.databases import MakeDatabase
from tests.integration.assessing import (
    PERIOD,
    PROGRAMME,
    World,
    answer,
    answer_all,
    approve,
    give_back,
    opened,
    prepared,
    submit,
)
from tests.web.conftest import MOST_QUERIES, Reader, counted
from tests.web.reading import table_of, text_of

SECRET = "ลับเฉพาะ9817"
"""Stands in notes, comments, reasons and text answers: it is never public."""
ADDRESSES = {
    "kind": "xlsx",
    "part": "tiles",
    "framework": "small-maturity",
    "period": str(PERIOD - 1),
    "question": "digital_plan",
}


@pytest.fixture
def world(databases: MakeDatabase) -> Iterator[World]:
    made = prepared(databases)
    known = made.application.catalogue
    indicators = {code: replace(entry, theme="digital") for code, entry in known.indicators.items()}
    themed = replace(known, indicators=indicators, themes={"digital": Text("ดิจิทัล", "Digital")})
    made.application.__dict__["catalogue"] = themed
    yield made
    made.application.engine.dispose()


@pytest.fixture
def client(world: World) -> FlaskClient:
    app = world.application.web()
    app.test_client_class = Reader
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions[limits.KEY].count = lambda _who, _at: 1  # the walk over all pages asks more than a reader may
    return app.test_client()


def become(world: World, client: FlaskClient, who: str | None) -> None:
    with client.session_transaction() as cookie:
        cookie.clear()
        if who is not None:
            with world.application.sessions() as session:
                found = account(session, world.people[who])
            assert found is not None
            cookie.update(account=found.id, epoch=found.epoch)


def finished(world: World, period: int = PERIOD, **levels: tuple[str, str]) -> int:
    """A published round: each place with the level that it said and the one that was verified."""
    number = opened(world, period)
    for place, (said, held) in (levels or {"M1": ("4", "3"), "M2": ("2", "2")}).items():
        one = world.assessment_of(place, number)
        answer_all(world, one, digital_plan=said, remarks=SECRET)
        submit(world, one)
        approve(world, one, **({"digital_plan": (held, SECRET)} if held != said else {}))
    world.application.results.publish(number, world.people["officer"])
    return number


def test_a_mayor_sees_level_pillars_and_what_comes_next(world: World, client: FlaskClient) -> None:
    finished(world, M1=("4", "3"), M2=("2", "2"))
    page = client.get("/en/places/M1/maturity").text
    said = text_of(page)
    assert "Level 1 of 2: Defined" in said
    assert "To the next level, Optimizing, 10.0 is missing." in said
    index, governance, service = table_of(page, "Levels by pillar")
    assert governance[1:5] == ["80.0", "Defined", "90.0", "+10.0"]
    assert service[1:5] == ["80.0", "Defined", "80.0", "0.0"]
    assert index[1] == "80.0"
    assert "3: The plan has money in the budget." in said
    assert "4: Its results are reported every year." in said
    assert "There is no median" in said


def test_history_is_of_every_published_round(world: World, client: FlaskClient) -> None:
    finished(world, PERIOD - 1, M1=("2", "1"))
    finished(world, PERIOD, M1=("4", "3"))
    page = client.get("/en/places/M1/maturity").text
    rows = table_of(page, "Verified levels of every round")
    assert [row[2] for row in rows] == ["80.0", "70.0"]
    earlier = client.get(f"/en/places/M1/maturity?period={PERIOD - 1}").text
    assert "fiscal year 2025" in text_of(earlier)
    assert table_of(earlier, "Levels by pillar")[1][1] == "60.0"


def test_without_a_published_result_there_is_no_page(world: World, client: FlaskClient) -> None:
    finished(world)
    assert client.get("/en/places/M3/maturity").status_code == 404
    assert client.get("/en/places/M1/maturity?period=1999").status_code == 404
    assert client.get("/en/places/nowhere/maturity").status_code == 404


def test_the_plan_is_offered_to_its_people_only(world: World, client: FlaskClient) -> None:
    finished(world)
    for who, offered in ((None, False), ("editor", True), ("other-editor", False), ("advisor", True)):
        become(world, client, who)
        assert ("/places/M1/plan" in client.get("/en/places/M1/maturity").text) == offered, who


def test_a_programme_tells_its_published_results(world: World, client: FlaskClient) -> None:
    finished(world, PERIOD - 1, M1=("1", "1"), M2=("5", "5"))
    finished(world, PERIOD, M1=("5", "4"), M2=("5", "5"), M3=("0", "0"))
    page = client.get(f"/en/programmes/{PROGRAMME}").text
    first = text_of(client.get(f"/en/programmes/{PROGRAMME}?period={PERIOD - 1}").text)
    assert "2 of 4 members have a published result" in first
    assert "Since" not in first
    said = text_of(page)
    assert "3 of 4 members have a published result" in said
    assert "Of 2 members with a result in both rounds, 0 stand on a higher level, 2 on the same" in said
    assert [row[0] for row in table_of(page, "Members whose level rose most")] == ["Town M1"]
    gap = table_of(page, "Means over the members assessed")
    assert gap[1][1:] == ["83.3", "80.0", "+3.3", "3"]
    assert table_of(page, "Levels by pillar")[0][1:5] == ["0", "2", "1", "3"]
    assert "Nobody had appealed when it was published." in said


def test_a_file_holds_codes_and_labels(world: World, client: FlaskClient) -> None:
    finished(world)
    lines = client.get(f"/en/programmes/{PROGRAMME}/results.csv").data.decode("utf-8-sig").splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    assert [row["place"] for row in rows] == ["M0", "M1", "M2", "M3"]
    assert (rows[1]["level"], rows[1]["level_th"], rows[1]["period_be"]) == ("defined", "เป็นระบบ", "2569")
    assert (float(rows[1]["score_governance"]), float(rows[1]["claimed_score_governance"])) == (80, 90)
    assert rows[0]["score_maturity"] == rows[0]["level"] == ""
    assert client.get(f"/en/programmes/{PROGRAMME}/results.xlsx").status_code == 200
    assert client.get("/en/programmes/nothing/results.csv").status_code == 404


def test_the_office_sees_by_name_where_everybody_stands(world: World, client: FlaskClient) -> None:
    opened(world)
    answer_all(world, world.assessment_of("M1"))
    submit(world, world.assessment_of("M1"))
    become(world, client, "officer")
    page = client.get(f"/en/programmes/{PROGRAMME}/progress").text
    rows = {row[0][:7]: row[1] for row in table_of(page, "assessments, late ones first")}
    waiting = dict.fromkeys(("Town M0", "Town M2", "Town M3"), "Being answered")
    assert rows == {**waiting, "Town M1": "Submitted"}
    some = client.get(f"/en/programmes/{PROGRAMME}/progress?state=submitted").text
    assert [row[0][:7] for row in table_of(some, "assessment")] == ["Town M1"]
    assert client.get(f"/en/programmes/{PROGRAMME}/progress?state=perhaps").status_code == 400
    sheet = load_workbook(BytesIO(client.get(f"/th/programmes/{PROGRAMME}/progress.xlsx").data)).worksheets[0]
    assert sheet.max_row == 5
    for who in (None, "editor", "reviewer", "methodologist"):
        become(world, client, who)
        assert client.get(f"/en/programmes/{PROGRAMME}/progress").status_code in (303, 403), who


OTHERS = ("static", "account.", "sign_in.", "metrics")
"""Forms of signing in, which are another each time, and counts, which are told to this machine alone."""


def _one_of(rule: Any, name: str) -> str:
    """A value that a part of an address takes: the last where it is one of several words."""
    return max(getattr(rule._converters[name], "items", ("1",)))


def public_pages(client: FlaskClient) -> dict[str, str]:
    """Every public page as somebody without an account gets it, without what differs each time."""
    app, found = client.application, {}
    with app.test_request_context():
        rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        public = [
            rule for rule in rules if need_of(app, rule.endpoint) == PUBLIC and not rule.endpoint.startswith(OTHERS)
        ]
        addresses = set()
        for rule in public:
            for code in ("M1", PROGRAMME, "small-maturity", "digital_plan"):
                values = {name: ADDRESSES.get(name) or _one_of(rule, name) for name in rule.arguments - {"language"}}
                values |= {"code": code} if "code" in rule.arguments else {}
                built = rule.build({**values, "language": "en"})
                addresses |= {built[1]} if built else set()
    for address in sorted(addresses):
        got = client.get(address)
        words = (
            got.get_data(as_text=True) if got.status_code == 200 and re.search(r"text|json|\bxml", got.mimetype) else ""
        )
        found[address] = f"{got.status_code} " + re.sub(r'(nonce|value)="[^"]*"', "", words)
    return found


def test_nothing_is_public_before_it_is_approved_and_published(world: World, client: FlaskClient) -> None:
    """Every public page, in every state, is the page that it was before the round; the deeds leave no trace on it."""
    finished(world, PERIOD - 1, M1=("3", "2"), M2=("2", "2"))
    opened(world)
    number, (by, reviews) = world.assessment_of("M1"), (world.people["editor"], world.application.reviews)
    become(world, client, None)
    before = public_pages(client)
    assert sum(page.startswith("200") for page in before.values()) > 15
    assert "/en/places/M1/maturity" in before
    assert not [address for address, page in before.items() if page.startswith("5") and not page.startswith("501")]

    def unchanged(state: str) -> None:
        now_ = public_pages(client)
        assert [address for address in before if before[address] != now_[address]] == [], state
        assert not any(SECRET in page for page in now_.values()), state

    def draft() -> None:
        answer_all(world, number, digital_plan="5", remarks=SECRET)
        with_note = GivenAnswer("website", "no", note=SECRET, seen=2)
        world.application.assessments.save(number, with_note, by)
        world.application.assessments.comment(number, SECRET, "all", by, "website")
        world.application.plans.draw(world.places["M1"], ["data_officer", "digital_plan"], 2027, by, "th")

    def reopen() -> None:
        reviews.reopen(number, SECRET, day_of(now()) + timedelta(days=5), world.people["reviewer"])

    deeds: dict[str, Callable[[], object]] = {
        "open": draft,
        "submitted": lambda: submit(world, number),
        "returned": lambda: give_back(world, number, "website", reason=SECRET),
        "answered again": lambda: answer(world, number, "website", "yes", note=SECRET),
        "submitted again": lambda: submit(world, number),
        "approved": lambda: approve(world, number, digital_plan=("4", SECRET)),
        "appealed": lambda: world.application.assessments.appeal(
            number, {"digital_plan": SECRET}, world.people["approver"]
        ),
        "appeal decided": lambda: _decide_appeal(world, number),
        "opened again": reopen,
    }
    for state, deed in deeds.items():
        deed()
        unchanged(state)
    submit(world, number)
    approve(world, number)
    world.application.results.publish(_round(world, number), None)
    after = public_pages(client)
    assert before["/en/places/M1/maturity"] != after["/en/places/M1/maturity"], "the walk sees what is published"
    assert not any(SECRET in page for page in after.values())


def _round(world: World, number: int) -> int:
    with world.application.sessions() as session:
        return assessment(session, number).round.id


def _decide_appeal(world: World, number: int) -> None:
    reviews, officer = world.application.reviews, world.people["officer"]
    reviews.decide(number, [Ruling("digital_plan", Verdict.ADJUST, "5", SECRET)], officer, "appeal")
    reviews.decide_appeal(number, SECRET, officer)


def test_how_a_round_stands_is_for_the_office_until_something_is_published(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (progress_view, programmes):
        monkeypatch.setattr(module, "FEWEST", 1)
    number = opened(world)
    answer_all(world, world.assessment_of("M1"))
    submit(world, world.assessment_of("M1"))
    approve(world, world.assessment_of("M1"))

    def told() -> tuple[bool, Any]:
        page = text_of(client.get(f"/en/programmes/{PROGRAMME}").text)
        return "Handed in" in page, client.get(f"/api/v1/rounds/{_round(world, number)}").get_json()["handed_in"]

    assert told() == (False, None)
    become(world, client, "officer")
    assert told()[0]
    become(world, client, None)
    world.application.results.publish(number, world.people["officer"])
    assert told() == (True, 1)


def test_counts_of_few_members_are_not_public(world: World, client: FlaskClient) -> None:
    opened(world)
    answer_all(world, world.assessment_of("M1"))
    submit(world, world.assessment_of("M1"))
    said = text_of(client.get(f"/en/programmes/{PROGRAMME}").text)
    assert "How many have handed in is said in public once results of the round are published" in said
    assert "Handed in" not in said


@pytest.mark.parametrize("path", [f"programmes/{PROGRAMME}", "places/M1/maturity"])
def test_pages_ask_the_database_little(world: World, client: FlaskClient, path: str) -> None:
    finished(world)
    client.get(f"/en/{path}")
    with counted(world.application.engine) as said:
        assert client.get(f"/en/{path}").status_code == 200
    assert len(said) <= MOST_QUERIES, said

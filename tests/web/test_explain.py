"""The page that explains a score: parts that add up as written, ways up in own units, few queries, no score made."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.models import Place, PlaceCode
from cityindex.web.editions.explain_view import rounded
from cityindex.web.editions.ways_view import outward
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_places import text_of

PLAN = {"plan": {"weights": {"noise": 0.5}, "leave_out": "indicators"}, "replications": 40, "seed": 7}


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """Twelve municipalities, scored and published; M4 reported nothing."""
    small.fill(engine, 12)
    with Session(engine) as session:
        small.record(session, {("M4", code): None for code in ("roads", "water", "air")})
        place = session.scalar(select(Place.id).where(Place.code == "M1"))
        session.add(PlaceCode(place_id=place, scheme="dla", code="OLD1", in_force=False))
        session.commit()
    small.publishing(engine).publish(small.scoring(engine).run("small", small.PERIOD, "test"), "test")
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    yield client
    application_of(client).engine.dispose()


def tables(html: str) -> list[list[list[str]]]:
    """The cells of every table, row by row, in words."""
    return [
        [
            [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        ]
        for table in re.findall(r"<table>(.*?)</table>", html, re.DOTALL)
    ]


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("place", ["M0", "M1", "M7"])
def test_contributions_add_up_as_they_are_written(site: FlaskClient, place: str) -> None:
    page = site.get(f"/en/places/{place}/explain").text
    shown = number(re.findall(r"How the score of ([\d.]+) adds up", page)[0])
    domains, *below = tables(page)[:3]
    contributions = {row[0]: number(row[1]) for row in domains[1:]}
    assert contributions.pop("Score") == shown
    assert round(sum(contributions.values()), 2) == shown
    for table in below:
        *rows, whole = [(row[0], number(row[1])) for row in table[1:]]
        assert contributions[whole[0]] == whole[1]
        assert round(sum(part for _, part in rows), 2) == whole[1]


def test_the_score_is_that_of_the_profile(site: FlaskClient) -> None:
    whole = re.search(r"How the score of ([\d.]+) adds up", site.get("/en/places/M0/explain").text)
    profile = site.get("/en/places/M0").text
    assert whole
    assert re.search(rf"<dt>Score</dt><dd>{float(whole[1]):.1f}", profile)
    assert "/en/places/M0/explain?framework=small&amp;period=2023" in profile


def test_it_says_who_the_peers_are_and_that_it_is_no_forecast(site: FlaskClient) -> None:
    said = text_of(site.get("/en/places/M7/explain").text)
    assert re.search(r"The peers are \d other ranked places of the same kind: Subdistrict municipality", said)
    assert re.search(r"points (above|below) the median of \d peers", said)
    assert "not a forecast" in said
    assert "ไม่ใช่การพยากรณ์" in site.get("/th/places/M7/explain").text


def test_the_first_has_nothing_to_climb(site: FlaskClient) -> None:
    pages = [text_of(site.get(f"/en/places/M{k}/explain").text) for k in range(12)]
    assert sum("The place is first already." in page for page in pages) == 1
    assert sum("One indicator alone" in page for page in pages) == 10


def test_a_place_without_a_score_is_told_so(site: FlaskClient) -> None:
    answer = site.get("/en/places/M4/explain")
    assert answer.status_code == 200
    assert "There is no score to explain" in answer.text
    assert "<table>" not in answer.text
    assert "/explain" not in site.get("/en/places/M4").text


def test_what_is_not_there_and_what_has_moved(site: FlaskClient) -> None:
    assert site.get("/en/places/nothing/explain").status_code == 404
    assert site.get("/en/places/M0/explain?period=1999").status_code == 404
    assert site.get("/en/places/50/explain").status_code == 404
    moved = site.get("/en/places/OLD1/explain?framework=small")
    assert (moved.status_code, moved.location) == (301, "/en/places/M1/explain?framework=small")


def test_queries(site: FlaskClient) -> None:
    for _ in range(2):  # with nothing kept yet, and with what the first reader left
        with counted(application_of(site).engine) as said:
            site.get("/th/places/M0/explain")
        assert len(said) <= MOST_QUERIES, said


def test_rounded_parts_add_up() -> None:
    parts = rounded([1 / 3, 1 / 3, 1 / 3, 0.0], 1.0)
    assert round(sum(parts), 2) == 1.0
    assert all(abs(part - exact) < 0.01 for part, exact in zip(parts, [1 / 3, 1 / 3, 1 / 3, 0.0], strict=True))
    assert rounded([], 0.0) == [0.0]


def test_values_are_rounded_to_the_better_side() -> None:
    entry = next(iter(small.framework().indicators.values()))
    assert isinstance(entry, IndicatorEntry)
    assert outward(8.123, entry, 1.0) == 8.13
    assert outward(8.123, entry, -1.0) == 8.12
    assert outward(8.12, entry, 1.0) == 8.12
    assert outward(1234.2, entry, 1.0) == 1235


def test_what_changed_adds_up_as_it_is_written(engine: Engine, database_url: str) -> None:
    for period in (2022, small.PERIOD):
        small.fill(engine, 12, period=period)
        small.publishing(engine).publish(
            small.scoring(engine, bands={"cuts": [50], "names": ["upper", "lower"]}, uncertainty=PLAN).run(
                "small", period, "test"
            ),
            "test",
        )
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue(uncertainty=PLAN)
    for place in ("M0", "M5", "M11"):
        page = client.get(f"/en/places/{place}/explain").text
        changed = page.split('id="changed"')[1].split('id="ways"')[0]
        assert "What changed since 2022" in text_of(page)
        causes = {row[0]: number(row[1]) for row in tables(changed)[0][1:]}
        change = causes.pop("Change of the score")
        assert round(sum(causes.values()), 2) == change
        said = text_of(f"<main>{changed}</main>")
        before, now = (re.findall(rf"Score {when}\D+([\d.]+)", said)[0] for when in ("before", "now"))
        assert round(float(now) - float(before), 2) == change
        assert re.search(r"Rank \d+ \(\d+–\d+\) became rank \d+ \(\d+–\d+\)", text_of(page))
        shares = [int(one) for one in re.findall(r"(?:upper|lower) in <?(\d+)%", text_of(page))]
        assert sum(shares) in (99, 100, 101), "of 40 other choices, each is in one of the two bands"
    first = text_of(client.get("/en/places/M0/explain?period=2022").text)
    assert "the first edition that holds the place" in first
    with counted(application_of(client).engine) as statements:
        client.get("/th/places/M0/explain")
    assert len(statements) <= MOST_QUERIES
    application_of(client).engine.dispose()

"""Programmes and learning cities: members are imported and never guessed, dates say no more than is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient

from cityindex.queries.places.programmes import MembershipRecord
from cityindex.queries.runs.editions import current_editions
from cityindex.queries.runs.scores import Wanted, ranking
from cityindex.web.assessments.member_view import Due, next_due
from tests.web.conftest import MOST_QUERIES, MakeClient, application_of, client_over, counted
from tests.web.reading import table_of, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def client(demo_url: str) -> Iterator[FlaskClient]:
    made = client_over(demo_url)
    yield made
    application_of(made).engine.dispose()


def joined(day: date | None, precision: str = "day") -> MembershipRecord:
    return MembershipRecord("x", "1", "province", "ก", None, day, precision, None, "day", None, "ข่าว", False)


@pytest.mark.parametrize(
    ("record", "every", "due"),
    [
        (joined(date(2022, 9, 2)), 2, Due(date(2028, 9, 2), "day")),
        (joined(date(2024, 11, 23)), 2, Due(TODAY, "day")),
        (joined(date(2025, 12, 4)), 2, Due(date(2027, 12, 4), "day")),
        (joined(date(2020, 1, 1), "year"), 2, Due(date(2026, 1, 1), "year")),
        (joined(date(2019, 1, 1), "year"), 2, Due(date(2027, 1, 1), "year")),
        (joined(date(2024, 2, 29)), 1, Due(date(2027, 2, 28), "day")),
        (joined(None), 2, None),
        (joined(date(2020, 1, 1)), None, None),
    ],
)
def test_reports_are_due_whole_terms_after_joining(
    record: MembershipRecord, every: float | None, due: Due | None
) -> None:
    assert next_due(record, every, TODAY) == due


def test_learning_cities_are_shown_with_what_is_known(client: FlaskClient) -> None:
    page = client.get("/th/learning-cities").text
    rows = {row[0]: row for row in table_of(page, "สมาชิกของ")}
    assert len(rows) == 13
    assert rows["เชียงราย"][3] == "2562", "only the year of joining is known"
    assert rows["พะเยา"][3] == "2 ก.ย. 2565"
    assert rows["สุโขทัย"][1] == "ทั้งจังหวัด"
    assert rows["หาดใหญ่"][1:3] == ["เทศบาลนคร", "สงขลา"]
    assert "(คำนวณ)" in page
    assert "13 แห่ง เป็นองค์กรปกครองส่วนท้องถิ่น 10 แห่ง และทั้งจังหวัด 3 แห่ง" in text_of(page)


def test_a_list_that_was_not_imported_is_not_guessed(make_client: MakeClient) -> None:
    client = make_client()
    application_of(client).seeding.seed()
    said = text_of(client.get("/en/programmes/digital-transformation").text)
    assert "The list of members has not been imported." in said
    assert "cityindex import members digital-transformation members.csv --dry-run" in said
    assert "D110001" not in said


@pytest.mark.parametrize("code", ["unesco-gnlc", "digital-transformation", "national-learning-city"])
def test_reported_figures_are_in_the_words_and_the_era_of_the_reader(client: FlaskClient, code: str) -> None:
    thai, english = (
        client.get(f"/{language}/programmes/{code}", follow_redirects=True).text for language in ("th", "en")
    )
    sources = [re.findall('<td class="small">(.*?)</td></tr>', page) for page in (thai, english)]
    assert all(sources)
    assert not re.search("more than|same news|December|figures as of|University", thai)
    assert not re.search(r"25[67]\d(?!\d)", "".join(sources[1]) + "".join(re.findall("<td>(.*?)</td>", english)))


def test_reported_figures_are_marked_with_date_and_source(client: FlaskClient) -> None:
    page = client.get("/th/programmes/digital-transformation").text
    [row] = table_of(page, "เว็บไซต์นี้ไม่ได้นับเอง")
    assert row[1] == "334"
    assert row[2] == "30 ก.ย. 2568"
    assert row[3]


def test_every_programme_is_listed(client: FlaskClient) -> None:
    page = client.get("/en/programmes/").text
    for code in application_of(client).catalogue.programmes:
        assert f'href="/en/programmes/{code}"' in page
    assert "13 members on this site" in text_of(page)
    assert client.get("/en/programmes/nothing").status_code == 404


def test_an_empty_site_says_so(make_client: MakeClient) -> None:
    assert "The list of members has not been imported." in make_client().get("/en/learning-cities").text


@pytest.mark.parametrize("path", ["programmes/", "programmes/unesco-gnlc", "learning-cities"])
def test_pages_ask_the_database_little(client: FlaskClient, path: str) -> None:
    with counted(application_of(client).engine) as said:
        assert client.get(f"/th/{path}").status_code == 200
    assert len(said) <= MOST_QUERIES


def test_every_member_is_on_the_map_and_may_be_ticked(client: FlaskClient) -> None:
    page = client.get("/en/learning-cities").text
    drawn = re.findall(r'class="member (town|area)" data-place="(\w+)"', page)
    assert sorted(kind for kind, _ in drawn) == ["area"] * 3 + ["town"] * 10
    assert {"BMA", "3500102", "64"} <= {place for _, place in drawn}
    assert page.count('name="place" value="3500102"') == 1
    assert "The next report due, counted from joining" in text_of(page)


def test_results_in_the_focal_areas_are_those_published(client: FlaskClient) -> None:
    page = client.get("/en/learning-cities").text
    head = re.findall(r"<thead>(.*?)</thead>", page[page.index("Focal areas: scores of") :], re.DOTALL)[0]
    assert head.count("<th ") == 2 + 12
    rows = table_of(page, "Focal areas: scores of")
    with application_of(client).sessions() as session:
        latest = current_editions(session, "learning-city")[0]
        scores = [
            row.index.score for row in ranking(session, latest.run, Wanted(programme="national-learning-city")).rows
        ]
    published = [f"{score:.1f}" for score in scores if score is not None]
    assert [row[1].split()[0] for row in rows[1:]] == published
    assert all("demo" in row[0] for row in rows[1:])


def test_members_like_a_place_are_of_its_kind(client: FlaskClient) -> None:
    demo = text_of(client.get("/en/learning-cities/like-mine?place=D110001").text)
    assert "demo data never with real data" in demo
    assert "same type" in demo
    real = client.get("/en/learning-cities/like-mine?place=3500102").text
    assert re.findall(r'<strong><a href="/en/places/(\w+)"', real)[0] == "3570102", "of the same type and region"
    assert "No published result of both to compare." in real
    province = client.get("/en/learning-cities/like-mine?place=50").text
    assert set(re.findall(r'<strong><a href="/en/places/(\w+)"', province)) == {"64", "21", "91"}
    assert client.get("/en/learning-cities/like-mine?place=nobody").status_code == 404
    assert "Chiang Mai" in client.get("/en/learning-cities/like-mine?q=chiang").text


@pytest.mark.parametrize("path", ["/th/learning-cities", "/th/learning-cities/like-mine?place=D110001"])
def test_pages_of_learning_cities_ask_the_database_little(client: FlaskClient, path: str) -> None:
    client.get(path)
    with counted(application_of(client).engine) as said:
        assert client.get(path).status_code == 200
    assert len(said) <= MOST_QUERIES, said

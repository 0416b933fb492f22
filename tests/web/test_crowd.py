"""Places of equal size: what the map shows, in two more ways, from addresses that may be kept for ever."""

from __future__ import annotations

import re
import statistics

import pytest
from flask.testing import FlaskClient

from cityindex.queries.places.places import named_places
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import map_values
from tests.web.conftest import MOST_QUERIES, MakeClient, application_of, counted
from tests.web.reading import text_of

VIEW = "framework=livable-city&period=2025"


def parts(client: FlaskClient, query: str = VIEW, language: str = "en") -> dict[str, str]:
    page = client.get(f"/{language}/map?{query}").text
    return {name: url.replace("&amp;", "&") for name, url in re.findall(r'data-(tiles|cells|dots)="([^"]+)"', page)}


def marks(markup: str) -> dict[str, str]:
    return dict(re.findall(r'data-place="(\w+)" data-say="([^"]+)"', markup))


def test_the_map_page_names_its_pictures_and_stays_light(demo_client: FlaskClient) -> None:
    answer = demo_client.get(f"/th/map?{VIEW}", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 60_000
    assert set(parts(demo_client)) == {"tiles", "cells", "dots"}


def test_pictures_are_kept_for_ever_under_the_data_they_show(demo_client: FlaskClient) -> None:
    for address in (one for name, one in parts(demo_client).items() if name != "cells"):
        assert demo_client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
        other = re.sub("stamp=.{4}", "stamp=0000", address)
        assert "immutable" not in demo_client.get(other).headers["Cache-Control"]


def test_a_tile_says_the_median_of_its_places(demo_client: FlaskClient, edition: Edition) -> None:
    with application_of(demo_client).sessions() as session:
        results, names = map_values(session, edition.run), named_places(session)
    scores = [one.score for code, one in results.items() if names[code].province_code == "50"]
    known = [one for one in scores if one is not None]
    said = marks(demo_client.get(parts(demo_client)["tiles"]).text)["50"]
    assert f"median {statistics.median(known):,.1f}" in said
    assert f"{len(known)} of {len(scores)} places with data" in said


def test_every_place_with_a_score_is_a_dot_and_the_others_are_counted(
    demo_client: FlaskClient, edition: Edition
) -> None:
    with application_of(demo_client).sessions() as session:
        results = map_values(session, edition.run)
    known = {code for code, one in results.items() if one.score is not None}
    picture = demo_client.get(parts(demo_client)["dots"]).text
    assert set(marks(picture)) == known
    first = next(said for said in marks(picture).values() if "rank 1 " in said)
    assert re.search(r"rank 1 \(1–\d+\)", first), "no rank without its interval"
    assert f">{len(results) - len(known)}</text>" in picture


def test_a_filter_greys_the_others_and_keeps_them(demo_client: FlaskClient) -> None:
    whole = marks(demo_client.get(parts(demo_client)["dots"]).text)
    picture = demo_client.get(parts(demo_client, f"{VIEW}&province=50")["dots"]).text
    assert marks(picture).keys() == whole.keys()
    grey = picture.split('class="others"')[1]
    assert 0 < len(whole) - len(marks(grey.split("</g>")[0])) < 30


def test_a_province_opens_into_its_places_the_highest_first(demo_client: FlaskClient) -> None:
    page = demo_client.get(f"/en/map/crowd?{VIEW}&province=50").text
    cells = page.split('id="province"')[1].split("</svg>")[0]
    values = [float(value) for value in re.findall(r"&#10;([\d.]+)", cells)]
    assert values == sorted(values, reverse=True)
    assert re.search(r'href="/en/places/D\w+"', cells)
    fetched = demo_client.get(f"{parts(demo_client)['cells']}&province=50")
    assert marks(fetched.text) == marks(cells)


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_page_says_source_period_in_both_eras_and_that_it_is_demo(demo_client: FlaskClient, language: str) -> None:
    page = demo_client.get(f"/{language}/map/crowd?{VIEW}").text
    words = text_of(page)
    assert "2568" in words
    assert "2025" in words
    for picture in re.findall(r'<svg class="chart drawn".*?</svg>', page, re.DOTALL):
        assert {"th": "ตัวอย่าง", "en": "Demo data"}[language] in picture


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/en/map/crowd?framework=nothing", 404),
        ("/en/map/crowd/cells?province=00", 404),
        ("/en/map/crowd/castle", 404),
        ("/en/map/crowd?classes=<script>alert(1)", 400),
    ],
)
def test_what_cannot_be_is_answered_and_not_reflected(demo_client: FlaskClient, path: str, status: int) -> None:
    answer = demo_client.get(path)
    assert answer.status_code == status
    assert "<script>alert" not in answer.text


def test_nothing_published_says_so(make_client: MakeClient) -> None:
    assert "Nothing is published yet" in make_client().get("/en/map/crowd").text


def test_the_page_asks_little_of_the_database(demo_client: FlaskClient) -> None:
    demo_client.get("/th/map/crowd")
    with counted(application_of(demo_client).engine) as said:
        demo_client.get("/th/map/crowd")
    assert len(said) <= MOST_QUERIES


def test_every_place_is_taken_away_with_the_dots_as_the_picture(demo_client: FlaskClient, edition: Edition) -> None:
    address = f"/en/map/crowd?{VIEW}"
    assert 'id="take-away"' in demo_client.get(address).text
    with application_of(demo_client).sessions() as session:
        known = {code for code, one in map_values(session, edition.run).items() if one.score is not None}
    picture = demo_client.get(f"{address}&format=svg").text
    assert set(marks(picture)) == known
    assert "Demo data" in picture
    assert len(demo_client.get(f"{address}&format=csv").data.splitlines()) == 401

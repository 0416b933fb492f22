"""What if the weights were others: the address is the state, nothing is stored, odd values get a clear answer."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from cityindex.errors import Invalid
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.queries.runs.scores import map_values
from cityindex.queries.runs.what_if import Asked, parts, what_if
from tests.web.conftest import MOST_QUERIES, application_of, counted
from tests.web.reading import codes_of, figures, table_of, text_of

PAGE = "/en/frameworks/livable-city/2025/what-if"
TABLE = "What-if, not published"


def test_with_one_part_only_its_ranking_is_that_of_the_part(world: FlaskClient) -> None:
    with application_of(world).sessions() as session:
        edition = current_editions(session, "small")[0]
        assert [(part.code, round(part.share, 3)) for part in parts(session, edition.run)] == [
            ("works", 0.667),
            ("nature", 0.333),
        ]
        nature = map_values(session, edition.run, "nature")
        index = map_values(session, edition.run)
        found = what_if(session, edition.run, {"works": 0.0})
        with pytest.raises(Invalid, match="sorted by"):
            what_if(session, edition.run, {}, Asked(sort="name"))
    assert {row.code: (row.rank, row.score) for row in found.rows} == {
        code: (one.rank, one.score) for code, one in nature.items()
    }
    assert {row.code: (row.was_rank, row.was_score) for row in found.rows} == {
        code: (one.rank, one.score) for code, one in index.items()
    }
    assert [row.rank for row in found.rows] == sorted(row.rank or 99 for row in found.rows)
    moves = [abs(row.up or 0) for row in found.rows]
    assert found.changed == sum(move > 0 for move in moves) > 0
    assert found.shift == pytest.approx(sum(moves) / len(moves))
    assert found.highest == max(row.up or 0 for row in found.rows)
    page = world.get("/en/frameworks/small/2023/what-if?w_works=0").text
    assert f"{found.changed} of 8 places would have another rank" in text_of(page)
    assert "here: 0.0% " in text_of(page)
    assert "here: 100.0% " in text_of(page)


def test_published_weights_give_the_published_ranking(demo_client: FlaskClient, edition: Edition) -> None:
    for query in ("", "?w_health=14.3", "?w_health=", "?w_safety=14.3&w_learning=14.3%25"):
        page = demo_client.get(PAGE + query).text
        said = text_of(page)
        assert "the published weights" in said
        assert "would have another rank" not in said
        rows = table_of(page, TABLE)
        assert len(rows) == 100
        assert {row[2] for row in rows} == {"= the same"}
        assert all(row[4].startswith(f"{row[1]} (") for row in rows), "with its interval"
        assert {row[3] for row in rows} <= {"A", "B", "C", "D", "E", "–"}, "nobody changes its band"
        assert codes_of(page) == codes_of(demo_client.get("/en/frameworks/livable-city").text)


def test_the_headline_and_the_table_agree(demo_client: FlaskClient, edition: Edition) -> None:
    page = demo_client.get(f"{PAGE}?w_health=60&sort=down").text
    said = text_of(page)
    changed, ranked = figures(said.split("With these weights,")[1])[:2]
    assert 0 < changed <= ranked == edition.ranked
    fall = figures(said.split("the deepest fall")[1])[0]
    first, *rest = table_of(page, TABLE)
    assert first[2] == f"↓ down {fall:.0f}"
    assert figures(first[1])[0] - figures(first[4])[0] == fall
    assert all(figures(row[2])[0] <= fall for row in rest)
    climb = table_of(demo_client.get(f"{PAGE}?w_health=60&sort=up").text, TABLE)[0][2]
    assert climb == f"↑ up {figures(said.split('highest climb is')[1])[0]:.0f}"


def test_bands_as_published_and_as_they_would_be(demo_client: FlaskClient) -> None:
    page = demo_client.get(f"{PAGE}?w_health=60&sort=up").text
    bands = [row[3] for row in table_of(page, TABLE)]
    changed = [band for band in bands if "→" in band]
    assert changed, "who climbs that far changes its band"
    assert all(re.fullmatch(r"published [A-E] → as it would be [A-D]", band) for band in changed)
    assert '<th scope="col">Band</th>' in page


def test_published_weights_are_marked_and_the_state_is_in_the_address(demo_client: FlaskClient) -> None:
    page = demo_client.get(f"{PAGE}?w_health=60").text
    assert page.count("published: 14.3%") == 7
    assert "here: 41.2%" in page, "60 of 6 x 14.2857 + 60"
    assert 'value="60"' in page
    assert re.search(r'href="[^"]*what-if\?[^"]*w_health=60[^"]*page=2|href="[^"]*page=2[^"]*w_health=60', page)
    assert codes_of(demo_client.get(f"{PAGE}?w_health=60&page=2").text)[0] not in codes_of(page)
    assert "what-if, not published" in text_of(page)
    assert "ไม่ใช่ผลที่เผยแพร่" in text_of(demo_client.get(f"{PAGE}?w_health=60".replace("/en/", "/th/")).text)


def test_nobody_keeps_or_lists_it(demo_client: FlaskClient) -> None:
    answer = demo_client.get(f"{PAGE}?w_health=60")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "ETag" not in answer.headers
    assert '<meta name="robots" content="noindex">' in answer.text
    with counted(application_of(demo_client).engine) as said:
        demo_client.get(f"{PAGE}?w_health=61")
    assert not [one for one in said if not one.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN"))]


@pytest.mark.parametrize("value", ["x", "-1", "101", "nan", "inf", "1e99", "14,3"])
def test_odd_weights_are_told_at_their_field(demo_client: FlaskClient, value: str) -> None:
    answer = demo_client.get(f"{PAGE}?w_health={value}&w_safety=20")
    assert answer.status_code == 400
    said = text_of(answer.text)
    assert said.count("Give a number from 0 to 100.") == 2, "at the field and at the top"
    assert "Nothing was computed" in said
    assert f'value="{value}"' in answer.text, "what was written is not lost"
    assert 'value="20"' in answer.text
    assert TABLE + ":" not in said


@pytest.mark.parametrize(
    "query", ["w_nothing=5", "w_livability=5", "w_health=5&w_health=6", "sort=name", "page=0", "page=x", "w_='"]
)
def test_what_cannot_be_meant_is_a_bad_request(demo_client: FlaskClient, query: str) -> None:
    assert demo_client.get(f"{PAGE}?{query}").status_code == 400


def test_only_zeros_are_refused_in_words(demo_client: FlaskClient) -> None:
    names = re.findall(r'name="(w_\w+)"', demo_client.get(PAGE).text)
    answer = demo_client.get(PAGE + "?" + "&".join(f"{name}=0" for name in names))
    assert answer.status_code == 400
    assert "All weights are 0" in text_of(answer.text)


def test_places_are_found_by_name(demo_client: FlaskClient) -> None:
    page = demo_client.get(f"{PAGE}?w_health=60").text
    name, code = table_of(page, TABLE)[7][0], codes_of(page)[7]
    found = demo_client.get(f"{PAGE}?w_health=60&q={code}").text
    assert codes_of(found) == [code]
    assert table_of(found, TABLE)[0][0] == name
    assert "No place fits" in text_of(demo_client.get(f"{PAGE}?q=qqqqqq").text)


def test_addresses(demo_client: FlaskClient) -> None:
    there = demo_client.get("/th/frameworks/livable-city/2568/what-if?w_health=60")
    assert there.status_code == 301
    assert there.headers["Location"] == "/th/frameworks/livable-city/2025/what-if?w_health=60"
    assert demo_client.get("/en/frameworks/livable-city/1999/what-if").status_code == 404
    assert demo_client.get("/en/frameworks/nothing/2025/what-if").status_code == 404
    assert demo_client.get(f"{PAGE}?page=9").status_code == 404
    assert f'href="{PAGE}"' in demo_client.get("/en/frameworks/livable-city").text


@pytest.mark.parametrize("language", ["th", "en"])
def test_it_asks_the_database_little(demo_client: FlaskClient, language: str) -> None:
    with counted(application_of(demo_client).engine) as said:
        assert demo_client.get(f"/{language}/frameworks/local-capacity/2024/what-if?q=a&page=1").status_code == 200
    assert len(said) <= MOST_QUERIES

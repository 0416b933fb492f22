"""Moves in a ranking: they are the differences of the stored ranks, parted where the method changed."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from cityindex.queries.runs.editions import current_editions
from cityindex.queries.runs.scores import map_values
from tests.integration import small
from tests.web.conftest import application_of
from tests.web.reading import codes_of, figures, table_of, text_of

PAGE = "/en/frameworks/livable-city/2025/movement"


def ranks(client: FlaskClient) -> tuple[dict[str, int], dict[str, int]]:
    with application_of(client).sessions() as session:
        now, before = current_editions(session, "livable-city")[:2]
        old, new = (
            {code: one.rank for code, one in map_values(session, run.run).items() if one.rank} for run in (before, now)
        )
    return old, new


def test_moves_are_differences_of_ranks(demo_client: FlaskClient) -> None:
    old, new = ranks(demo_client)
    moved = {code: old[code] - new[code] for code in old.keys() & new.keys()}
    rows = list(csv.DictReader(io.StringIO(demo_client.get(f"{PAGE}?format=csv").data.decode("utf-8-sig"))))
    assert {row["place"]: int(row["moved"]) for row in rows} == moved
    page = demo_client.get(PAGE).text
    assert [moved[code] for code in codes_of(page)] == sorted(moved.values(), reverse=True)[:50]
    up, down = sum(move > 0 for move in moved.values()), sum(move < 0 for move in moved.values())
    assert f"{up} places moved up and {down} down" in text_of(page)
    last = codes_of(demo_client.get(f"{PAGE}?order=asc").text)[0]
    assert moved[last] == min(moved.values())


def test_the_ranking_shows_the_same_move_and_the_place_pointed_out(demo_client: FlaskClient) -> None:
    old, new = ranks(demo_client)
    code = next(code for code, rank in sorted(new.items(), key=lambda one: -one[1]) if code in old)
    page = demo_client.get(f"/en/frameworks/livable-city/2025?place={code}").text
    [first, *_] = table_of(page, "scores from 0 to 100")
    assert figures(first[1])[0] == new[code], "the place comes first, wherever it is ranked"
    assert figures(first[3])[0] == abs(old[code] - new[code])
    assert page.count(f'/en/places/{code}"') >= 2


def test_groups_filter_the_ranking(demo_client: FlaskClient) -> None:
    whole = figures(text_of(demo_client.get("/en/frameworks/livable-city").text))
    assert whole
    counts = []
    regions = application_of(demo_client).catalogue.codelist("regions").items
    for region in regions:
        page = demo_client.get(f"/en/frameworks/livable-city?format=csv&region={region}")
        counts.append(len(list(csv.DictReader(io.StringIO(page.data.decode("utf-8-sig"))))))
    assert sum(counts) == 400
    assert demo_client.get("/en/frameworks/livable-city?region=nowhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("livable-city/2021/movement", 404),
        ("livable-city/1999/movement", 404),
        ("nothing/2025/movement", 404),
        ("livable-city/2025/movement?sort=x", 400),
        ("livable-city/2025/movement?page=99", 404),
        ("livable-city/2025/movement?type=planet", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(demo_client: FlaskClient, path: str, status: int) -> None:
    assert demo_client.get(f"/th/frameworks/{path}").status_code == status


def test_causes_add_up_where_the_method_changed(world: FlaskClient, engine: Engine) -> None:
    small.fill(engine, period=2024)
    tree = {"code": "index", "children": [{"indicator": "roads"}, {"indicator": "air", "weight": 3}]}
    run = small.scoring(engine, version="2", tree=tree).run("small", 2024, "test")
    small.publishing(engine).publish(run, "test")
    answer = world.get("/en/frameworks/small/2024/movement?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows
    for row in rows:
        assert int(row["moved_by_figures"]) + int(row["moved_by_method"]) == int(row["moved"])
        assert int(row["rank_before"]) - int(row["rank"]) == int(row["moved"])
    assert "What the new method did" in text_of(world.get("/en/frameworks/small/2024/movement").text)

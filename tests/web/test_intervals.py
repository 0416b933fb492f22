"""A rank is never shown without its interval where there is one; where there is none, pages say nothing about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Catalogue
from cityindex.models import Membership, Place, Run
from cityindex.queries.runs.scores import ranking
from tests.integration import small
from tests.web.conftest import application_of, client_over
from tests.web.reading import table_of, text_of

PLAN: dict[str, Any] = {
    "plan": {
        "weights": {"noise": 0.5},
        "normalise": ["min-max", "percentile-rank"],
        "aggregate": {"index": ["arithmetic", {"method": "power", "p": 2}]},
        "treat": ["none", {"cap": 0.01}],
        "impute": ["none", {"method": "median", "by": "place_type"}],
        "leave_out": "indicators",
        "noise": {"roads": 0.1},
    },
    "replications": 40,
    "seed": 11,
}
PAGES = (
    "/en/", "/en/frameworks/small", "/en/places/M0", "/en/map", "/en/learning-cities", "/en/methods/small",
)  # fmt: skip
INTERVAL = r"\d \(\d–\d\)"
NOTE = "In brackets"


def catalogue(plan: dict[str, Any] | None) -> Catalogue:
    """The small framework with a plan or without, and its indicators as if they were the project's."""
    found = small.catalogue(uncertainty=plan) if plan else small.catalogue()
    return replace(found, indicators={**found.indicators, **found.frameworks["small"].indicators})


@pytest.fixture(params=[PLAN, None], ids=["plan", "no plan"])
def site(request: pytest.FixtureRequest, engine: Engine, database_url: str) -> Iterator[tuple[FlaskClient, bool]]:
    """A small world scored for two years, of which M0 is a learning city; and whether its framework has a plan."""
    plan = request.param
    changes = {"uncertainty": plan} if plan else {}
    for period in (small.PERIOD, small.PERIOD + 1):
        small.fill(engine, period=period)
    with Session(engine) as session:
        place = session.scalars(select(Place.id).where(Place.code == "M0")).one()
        session.add(Membership(programme="unesco-gnlc", place_id=place, joined=date(2019, 1, 1), source="x"))
        session.commit()
    for period in (small.PERIOD, small.PERIOD + 1):
        small.publishing(engine).publish(small.scoring(engine, **changes).run("small", period, "test"), "test")
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = catalogue(plan)
    yield client, plan is not None
    application_of(client).engine.dispose()


def test_ranks_stand_with_their_interval_or_say_nothing(site: tuple[FlaskClient, bool]) -> None:
    client, planned = site
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, path
        said = text_of(answer.text)
        if not planned:
            assert not re.search(r"\(\d–\d\)", said), path
            assert NOTE not in said, path
            assert "How sure a rank is" not in said, path
            continue
        assert "How sure a rank is" in said, path
        if "methods" not in path:
            assert re.search(INTERVAL, said), path
            assert said.count(NOTE) == 1, path
            assert 'href="/en/methods/small#uncertainty"' in answer.text, path


def test_every_row_of_a_table_has_its_interval(site: tuple[FlaskClient, bool]) -> None:
    client, planned = site
    pattern = INTERVAL if planned else r"\d"
    tables = {
        "/en/": ("ranked places", 1),
        "/en/frameworks/small": ("scores from 0 to 100", 1),
        "/en/map": ("the first 8 of 8 places", 1),
        "/en/places/M0": ("Results over the years", -2),
    }
    for path, (caption, column) in tables.items():
        for row in table_of(client.get(path).text, caption):
            assert re.match(rf"{pattern}( of 8)?$", row[column]), (path, row)


def test_headline_picture_and_description_of_a_place(site: tuple[FlaskClient, bool]) -> None:
    client, planned = site
    with application_of(client).sessions() as session:
        newest = session.scalars(select(Run.id).order_by(Run.id.desc())).first()
        assert newest
        cell = next(row.index for row in ranking(session, newest).rows if row.code == "M0")
    shown = f"{cell.rank} ({cell.rank_low}–{cell.rank_high})" if planned else f"{cell.rank}"
    page = client.get("/en/places/M0").text
    assert f"Rank {shown} of 8 " in text_of(page)
    assert f"rank {shown} of 8 in" in page.split("</head>")[0]
    assert f"{shown} of 8" in page.split("Rank over the years")[1], "the chart says it, too"
    assert f"อันดับ {shown} จาก 8 " in text_of(client.get("/th/places/M0").text)


def test_the_map_gets_the_ends_for_the_index_only(site: tuple[FlaskClient, bool]) -> None:
    client, planned = site
    run = re.search(r"run (\d+)", text_of(client.get("/en/map").text))
    assert run
    for node, told in (("index", planned), ("works", False), ("roads", False)):
        columns = client.get(f"/map/values/{run[1]}/{node}.json").get_json()
        assert len(columns["order"]) == 8
        assert ("lows" in columns, "highs" in columns) == (told, told)


def test_the_plan_is_told_in_both_languages(site: tuple[FlaskClient, bool]) -> None:
    client, planned = site
    if not planned:
        return
    said = text_of(client.get("/en/methods/small").text)
    for words in (
        "ranked 40 times more",
        "Weights : each goes up or down by up to 50% of itself",
        "between the lowest and the highest value found, or by the share of places that it does better than",
        "«index» are put together : the weighted average (arithmetic mean), or a generalised mean (p = 2)",
        "Extreme values : left as they are, or set to the next one (1%)",
        "What is missing : left out, or the median of other places of the same type",
        "all of them, or all but one",
        "roads ±10%",
        "from the seed 11",
    ):
        assert words.replace(" : ", ": ") in said, words
    with application_of(client).engine.connect() as connection:
        shift = connection.scalar(text("SELECT summary FROM run ORDER BY id DESC"))
    assert '"mean_rank_shift"' in shift
    assert re.search(r"places move by \d\.\d ranks on average \(R_S\), of 8\.", said)
    assert "จัดอันดับซ้ำอีก 40 ครั้ง" in text_of(client.get("/th/methods/small").text)

"""Two indicators beside each other: the figures are those of a direct calculation, and what is missing is counted."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from flask.testing import FlaskClient

from cityindex.queries.observations.indicator_columns import indicator_columns
from cityindex.queries.observations.indicator_tables import Filter, matching_places
from tests.web.conftest import application_of
from tests.web.reading import codes_of, figures, table_of, text_of

PAIR = "/en/indicators/scatter?x=total_revenue&y=waste_per_head&period=2025"


def values(client: FlaskClient, code: str) -> dict[int, float]:
    application = application_of(client)
    with application.sessions() as session:
        data = indicator_columns(session, application.catalogue.indicator(code).indicator, ["livable-city"])
        column = data.columns[2025]
    return dict(zip(column.place_ids[~column.standing_in].tolist(), column.own.tolist(), strict=True))


def test_correlations_are_those_of_a_direct_calculation(demo_client: FlaskClient) -> None:
    x, y = values(demo_client, "total_revenue"), values(demo_client, "waste_per_head")
    both = sorted(x.keys() & y.keys())
    one, other = (np.array([side[place] for place in both]) for side in (x, y))
    said = text_of(demo_client.get(PAIR).text)
    assert figures(said.split("Places with both values")[1])[0] == len(both)
    r = figures(said.split("Pearson’s correlation")[1].replace("−", ""))[0]
    assert r == pytest.approx(abs(np.corrcoef(one, other)[0, 1]), abs=0.0051)
    ranks = [np.argsort(np.argsort(side)) for side in (one, other)]
    rho = figures(said.split("Spearman’s correlation")[1].replace("−", ""))[0]
    assert rho == pytest.approx(abs(np.corrcoef(*ranks)[0, 1]), abs=0.02), "ties are few"
    log = text_of(demo_client.get(f"{PAIR}&log=x").text)
    r_log = figures(log.split("Pearson’s correlation")[1].replace("−", ""))[0]
    assert r_log == pytest.approx(abs(np.corrcoef(np.log10(one), other)[0, 1]), abs=0.0051)


def test_what_is_missing_is_counted(demo_client: FlaskClient) -> None:
    x, y = values(demo_client, "total_revenue"), values(demo_client, "waste_per_head")
    said = text_of(demo_client.get(PAIR).text)
    counts = [
        figures(said.split(name)[1])[0] for name in ("Only Total revenue", "Only Waste per person per day", "Neither")
    ]
    assert counts[:2] == [len(x.keys() - y.keys()), len(y.keys() - x.keys())]
    assert sum(counts) + len(x.keys() & y.keys()) == 400


def test_the_filter_holds_and_a_place_is_pointed_out(demo_client: FlaskClient) -> None:
    with application_of(demo_client).sessions() as session:
        cities = set(matching_places(session, Filter(["city-municipality"])).tolist())
    x, y = values(demo_client, "total_revenue"), values(demo_client, "waste_per_head")
    page = demo_client.get(f"{PAIR}&type=city_municipality").text
    rows = table_of(page, "Waste per person per day beside Total revenue")
    assert len(rows) == len(cities & x.keys() & y.keys())
    code = codes_of(page)[0]
    marked = demo_client.get(f"{PAIR}&place={code}").text
    assert 'class="point place" cx="' in marked
    assert marked.count(f'data-place="{code}"') == 1


def test_files_hold_every_pair(demo_client: FlaskClient) -> None:
    answer = demo_client.get(f"{PAIR}&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    x, y = values(demo_client, "total_revenue"), values(demo_client, "waste_per_head")
    assert len(rows) == len(x.keys() & y.keys())
    assert sum(float(row["x"]) for row in rows) == pytest.approx(sum(x[place] for place in x.keys() & y.keys()))
    assert {row["demo"].lower() for row in rows} == {"true"}
    svg = demo_client.get(f"{PAIR}&format=svg").text
    assert "<svg" in svg
    assert "<script" not in svg


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("x=total_revenue", 200),
        ("x=nothing&y=total_revenue", 404),
        ("x=livable-city/nothing&y=total_revenue", 404),
        ("x=nothing/learning&y=total_revenue", 404),
        ("x=total_revenue&y=livable-city/learning&period=1990", 200),
        ("x=total_revenue&y=waste_per_head&log=z", 400),
        ("x=total_revenue&y=waste_per_head&page=99", 404),
        ("x=total_revenue&y=waste_per_head&type=planet", 404),
        ("x=total_revenue&y=waste_per_head&place=nowhere", 404),
        ("x=total_revenue&y=total_revenue", 200),
        ("x=%3Cscript%3E&y=total_revenue", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(demo_client: FlaskClient, query: str, status: int) -> None:
    answer = demo_client.get(f"/th/indicators/scatter?{query}")
    assert answer.status_code == status
    assert "<script>" not in answer.text

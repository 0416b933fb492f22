"""The catalogue of indicators and the page of one: values add up, what is missing is said, nothing is echoed raw."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from flask.testing import FlaskClient

from cityindex.queries.observations.indicator_columns import indicator_columns
from tests.web.conftest import MOST_QUERIES, MakeClient, application_of, client_over, counted
from tests.web.reading import codes_of, figures, table_of, text_of


@pytest.fixture(scope="module")
def client(demo_url: str) -> Iterator[FlaskClient]:
    made = client_over(demo_url)
    yield made
    application_of(made).engine.dispose()


def listed(page: str) -> set[str]:
    return set(re.findall(r'<th scope="row"><a href="/\w\w/indicators/(\w+)"', page))


def test_every_indicator_is_listed(client: FlaskClient) -> None:
    catalogue = application_of(client).catalogue
    assert listed(client.get("/th/indicators/").text) == set(catalogue.indicators)


def test_filters_narrow_the_list(client: FlaskClient) -> None:
    catalogue = application_of(client).catalogue
    by_theme = listed(client.get("/en/indicators/?theme=learning").text)
    assert by_theme == {entry.code for entry in catalogue.of_theme("learning")}
    by_framework = listed(client.get("/en/indicators/?framework=local-capacity").text)
    assert by_framework == set(catalogue.framework("local-capacity").indicators)
    aligned = client.get("/en/indicators/?aligned=MP18").text
    assert listed(aligned) == {entry.code for entry in catalogue.aligned_with("MP18")}
    assert "MP18" in text_of(aligned)
    assert listed(client.get("/en/indicators/?theme=learning&framework=local-capacity").text) == set()


@pytest.mark.parametrize(("words", "code"), [("นำขยะกลับมาใช้", "waste_recycling_rate"), ("PM2.5", "pm25_annual_mean")])
def test_search_finds_names_without_tone_marks(client: FlaskClient, words: str, code: str) -> None:
    assert code in listed(client.get("/th/indicators/", query_string={"q": words}).text)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("theme=nothing", 404),
        ("framework=nothing", 404),
        ("aligned=%3Cscript%3E", 404),
        ("q=" + "x" * 101, 400),
        ("utm_source=x", 200),
    ],
)
def test_what_cannot_be_meant_is_refused(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/th/indicators/?{query}").status_code == status


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("period=abc", 400),
        ("period=1990", 404),
        ("period=2568", 200),
        ("type=planet", 404),
        ("page=0", 400),
        ("page=99", 404),
        ("sort=score", 400),
        ("order=up", 400),
        ("tab=nothing", 400),
        ("place=nowhere", 404),
        ("place=%3Cscript%3E", 404),
        ("&".join(f"place=D11000{n}" for n in range(1, 8)), 400),
        ("province=99", 200),
    ],
)
def test_what_a_profile_is_asked_is_checked(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/en/indicators/waste_recycling_rate?{query}").status_code == status


@pytest.mark.parametrize("path", ["/en/indicators/", "/en/indicators/total_revenue", "/en/frameworks/livable-city"])
def test_search_words_are_never_markup(client: FlaskClient, path: str) -> None:
    page = client.get(path, query_string={"tab": "table", "q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("code", ["total_revenue", "waste_recycling_rate", "road_deaths"])
def test_figures_are_those_of_a_direct_calculation(client: FlaskClient, code: str) -> None:
    application = application_of(client)
    with application.sessions() as session:
        indicator = application.catalogue.indicator(code).indicator
        data = indicator_columns(session, indicator, ["livable-city", "local-capacity"])
    column = data.columns[2025]
    page = text_of(client.get(f"/en/indicators/{code}").text)
    said = page.split("half of the places have ")[1]
    decimals = re.match(r"[\d,]+\.?(\d*)", said)
    assert decimals
    assert figures(said)[0] == pytest.approx(float(np.median(column.own)), abs=0.51 * 10 ** -len(decimals[1]))
    n, everybody = figures(page.split("Places with a value ")[1])[:2]
    missing = figures(page.split("Without data ")[1])[0]
    assert n == len(column.own)
    assert everybody == 400
    assert n + column.standing_in.sum() + missing == everybody


def test_values_that_stand_in_are_marked_and_left_out(client: FlaskClient) -> None:
    page = client.get("/en/indicators/waste_recycling_rate").text
    assert "Values standing in are left out." in page
    rows = [
        row
        for number in range(1, 9)
        for row in table_of(
            client.get(f"/en/indicators/waste_recycling_rate?tab=table&page={number}").text, "Waste recycling"
        )
    ]
    marked = [row for row in rows if row[2] == "carried forward from an earlier year"]
    assert len(marked) == figures(text_of(page).split("Values standing in ")[1])[0] > 0


def test_pages_hold_every_place_once_and_values_in_order(client: FlaskClient) -> None:
    places, values = [], []
    for number in range(1, 9):
        page = client.get(f"/en/indicators/waste_per_head?tab=table&page={number}").text
        places += codes_of(page)
        values += [row[1] for row in table_of(page, "Waste per person")]
    assert len(places) == len(set(places)) == 400
    numbers = [float(value) for value in values if value != "no data"]
    assert numbers == sorted(numbers), "lower is better, so the lowest come first"
    assert values[-1] == "no data"
    assert "no data" not in values[: len(numbers)]


def test_names_sort_both_ways(client: FlaskClient) -> None:
    there = codes_of(client.get("/th/indicators/total_revenue?tab=table&sort=name&order=asc").text)
    back = codes_of(client.get("/th/indicators/total_revenue?tab=table&sort=name&order=desc&page=8").text)
    assert there == back[::-1]


def test_the_filter_holds_for_figures_and_table(client: FlaskClient) -> None:
    page = client.get("/en/indicators/total_revenue?tab=table&type=city-municipality").text
    rows = table_of(page, "Total revenue, Million baht")
    assert {row[3] for row in rows} == {"City municipality"}
    assert figures(text_of(page).split("Places with a value ")[1])[1] == len(rows)


def test_definition_says_what_is_known_of_it(client: FlaskClient) -> None:
    page = text_of(client.get("/en/indicators/fiscal_self_dependency?tab=about").text)
    assert "100 × Own-collected revenue ÷ Total revenue" in page
    assert "0% scores 0 and 30% scores 100, in a straight line between" in page
    assert "higher is better" in page
    assert "Not yet verified" in page
    assert "not stated by the source" in page
    weights = table_of(client.get("/en/indicators/fiscal_self_dependency?tab=about").text, "Frameworks that use")
    assert ["Local fiscal and service capacity version 2569.1", "Fiscal independence", "66.7%", "26.7%"] in weights


def test_counts_are_shown_per_people(client: FlaskClient) -> None:
    page = text_of(client.get("/en/indicators/road_deaths?tab=about").text)
    assert "per 100,000 people" in page
    assert "the reported count divided by: Registered population, per 100,000" in page


def test_direction_is_not_claimed_where_nothing_is_scored(client: FlaskClient) -> None:
    assert "is better" not in text_of(client.get("/en/indicators/population").text)
    pilot = text_of(client.get("/en/indicators/grant_dependency?tab=about").text)
    assert "pilot: no weight" in pilot


def test_whole_table_opens_in_excel(client: FlaskClient) -> None:
    answer = client.get("/th/indicators/total_revenue/values.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert 'filename="total_revenue.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {(row["period"], row["period_be"]) for row in rows} == {(str(y), str(y + 543)) for y in range(2021, 2026)}
    assert {row["demo"] for row in rows} == {"True"}
    assert all(row["source"] and row["status"] and row["place_th"] and row["province_th"] for row in rows)
    page = client.get("/en/indicators/total_revenue?tab=table").text
    newest = [row for row in rows if row["period"] == "2025"]
    assert len(newest) == figures(text_of(page).split("Places with a value ")[1])[0]
    best = max(newest, key=lambda row: float(row["value"]))
    assert codes_of(page)[0] == best["place"]


def test_calculated_table_names_the_run(client: FlaskClient) -> None:
    body = client.get("/th/indicators/fiscal_self_dependency/values.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert rows
    assert all(re.fullmatch(r"cityindex, run \d+ \([a-z-]+\)", row["source"]) for row in rows)


def test_without_data_the_page_says_so(make_client: MakeClient) -> None:
    client = make_client()
    assert "nothing has been reported for it" in client.get("/en/indicators/total_revenue").text
    assert "when a framework that uses them is scored" in client.get("/en/indicators/road_deaths").text
    assert client.get("/th/indicators/").text.count("ไม่มีข้อมูล") >= 78


PATHS = (
    "",
    "total_revenue",
    "waste_recycling_rate?place=D110001&place=D110002",
    "waste_recycling_rate?tab=map",
    "pm25_annual_mean?tab=about",
    "road_deaths?tab=table&type=city-municipality&sort=name&place=D110001",
    "scatter?x=population&y=livable-city/learning&place=D110001",
)


@pytest.mark.parametrize("language", ["th", "en"])
def test_pages_ask_the_database_little(client: FlaskClient, language: str) -> None:
    for path in PATHS:
        with counted(application_of(client).engine) as said:
            assert client.get(f"/{language}/indicators/{path}").status_code == 200
        assert len(said) <= MOST_QUERIES


def test_a_place_is_told_and_drawn_wherever_it_is_pointed_out(client: FlaskClient) -> None:
    rows = list(
        csv.DictReader(io.StringIO(client.get("/th/indicators/total_revenue/values.csv").data.decode("utf-8-sig")))
    )
    newest = {row["place"]: float(row["value"]) for row in rows if row["period"] == "2025"}
    code = sorted(newest)[3]
    less = sum(value < newest[code] for value in newest.values())
    page = client.get(f"/en/indicators/total_revenue?place={code}").text
    assert f"of {len(newest) - 1} other places, {less} have less" in text_of(page)
    assert page.count(f'data-place="{code}"') >= 3
    by_name = client.get("/th/indicators/total_revenue", query_string={"place": rows[0]["place_th"]})
    assert by_name.status_code == 200
    assert f'/places/{rows[0]["place"]}"' in by_name.text


def test_a_name_of_many_places_is_asked_back(client: FlaskClient) -> None:
    page = client.get("/en/indicators/total_revenue?place=Demo").text
    assert "places may be meant. Which one?" in text_of(page)
    assert re.search(r"place=D\d+", page)


def test_targets_stand_in_chart_table_and_file_with_their_source(client: FlaskClient) -> None:
    chart = text_of(client.get("/en/indicators/pm25_annual_mean").text)
    assert "Thai annual standard (from 2023 on)" in chart
    assert "National Environment Board (notice not yet checked)" in chart
    rows = table_of(client.get("/en/indicators/pm25_annual_mean?tab=table").text, "Medians, quartiles and targets")
    by_year = {row[0][:4]: row[-2:] for row in rows}
    assert by_year["2025"] == ["15", "5"]
    assert by_year["2022"] == ["–", "5"], "the standard holds from 2023 on"
    answer = client.get("/en/indicators/pm25_annual_mean?format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [line["target_a"] for line in lines if line["period"] == "2022"] == [""]
    assert [float(line["target_a"]) for line in lines if line["period"] == "2025"] == [15]
    assert "none is invented" in text_of(client.get("/en/indicators/total_revenue?tab=about").text)


def test_the_line_to_a_target_is_drawn_where_progress_says_it_is(client: FlaskClient) -> None:
    """The side of the line on which the newest dot lies is what is told of the target; words and files say the same."""
    every = client.get("/api/v1/targets?limit=1000").json["items"]
    told = {(one["indicator"], one["progress"]): one for one in every if one["expected"] is not None}
    for code, progress in product(("fire_response_time", "household_safety_rate"), ("on-track", "behind")):
        one = told[code, progress]
        address = f"/en/indicators/{code}?place={one['place']}"
        page = client.get(address).text
        picture = page.split("Year by year")[1].split("<figcaption")[0]
        [(x, y, end_x, end_y)] = re.findall(r'<path class="line way" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', picture)
        dots = re.findall(r'<circle class="point place" cx="([\d.]+)%" cy="([\d.]+)"', picture)
        slope = (float(end_y) - float(y)) / (float(end_x) - float(x))
        above = float(y) + slope * (float(dots[-1][0]) - float(x)) - float(dots[-1][1])
        assert "the straight line to " in page
        said = text_of(page)
        assert re.search(
            rf"\(by {one['period']}\)\. {progress.replace('-', ' ')}: [^.]+\.\d.* on the straight line it would be",
            said,
        )
        better = -1 if code == "fire_response_time" else 1
        if abs(above) > 0.5:
            assert (above * better > 0) == (progress == "on-track"), one
        rows = client.get(f"{address}&format=csv").data.decode("utf-8-sig")
        lines = {row["period"]: row for row in csv.DictReader(io.StringIO(rows))}
        [column] = [name for name in lines["2025"] if name.startswith("line_")]
        assert float(lines[str(one["newest_period"])][column]) == pytest.approx(one["expected"])
        profile = client.get(f"/en/places/{one['place']}").text
        assert profile.split('id="targets"')[1].count('class="line way"') >= 2, "a picture and the key"


def test_years_are_those_of_a_direct_calculation(client: FlaskClient) -> None:
    application = application_of(client)
    with application.sessions() as session:
        data = indicator_columns(session, application.catalogue.indicator("total_revenue").indicator, [])
    answer = client.get("/en/indicators/total_revenue?format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [int(line["period"]) for line in lines] == sorted(data.columns)
    for line in lines:
        own = data.columns[int(line["period"])].own
        assert (int(line["n"]), int(line["period_be"])) == (len(own), int(line["period"]) + 543)
        assert [float(line[name]) for name in ("q1", "median", "q3")] == np.percentile(own, (25, 50, 75)).tolist()


def test_what_there_is_of_it_is_told_by_year(client: FlaskClient) -> None:
    page = client.get("/en/indicators/waste_recycling_rate?tab=about").text
    rows = table_of(page, "Values by year")
    assert rows[0][0] == "2025 (B.E. 2568)"
    assert "carried forward from an earlier year" in rows[0][2]
    values = figures(rows[0][1])[0]
    assert sum(figures(part)[0] for part in rows[0][2].split(" · ")) == values


@pytest.mark.parametrize("code", ["waste_per_head", "road_deaths", "ita_score"])
def test_the_api_and_the_file_of_years_are_of_what_is_shown(client: FlaskClient, code: str) -> None:
    """Values that a run calculated or divided stand among its scores; those of each year have a run of their own."""
    page = client.get(f"/en/indicators/{code}?tab=table").text
    path = html.unescape(re.findall(r"<code>[^<]*(/api/v1/[^<]+)</code>", page)[0])
    answer = client.get(f"{path}&limit=1000").get_json()
    given = {one["place"]: one["value"] for one in answer["items"] if one["value"] is not None}
    body = client.get(f"/en/indicators/{code}?tab=table&format=csv").data.decode("utf-8-sig")
    rows = {one["place"]: float(one["value"]) for one in csv.DictReader(io.StringIO(body)) if one["value"]}
    assert rows
    assert given == rows
    years = client.get(f"/en/indicators/{code}?format=csv").data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(years)))
    assert "coverage" not in lines[0], "each year has its own"
    if code != "ita_score":
        assert "2021–2025 (runs 1, 2, 3, 4, 5)" in lines[0]["source"]


def test_the_map_counts_every_place(client: FlaskClient) -> None:
    page = client.get("/en/indicators/waste_recycling_rate?tab=map").text
    rows = table_of(page, "Classes of the map")
    assert sum(figures(row[1])[0] for row in rows) == 400


def test_states_part_the_list(client: FlaskClient) -> None:
    every = listed(client.get("/en/indicators/").text)
    for one, other in (("reported", "unreported"), ("verified", "unverified")):
        first, second = (listed(client.get(f"/en/indicators/?status={state}").text) for state in (one, other))
        assert first | second == every
        assert not first & second
    pilots = listed(client.get("/en/indicators/?status=pilot").text)
    assert "grant_dependency" in pilots
    assert client.get("/en/indicators/?status=x").status_code == 400

"""Places side by side: the best marked, gaps that add up, missing as missing, every odd address answered clearly."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cityindex.models import Place, PlaceCode
from cityindex.queries.runs.comparison import comparison, gaps
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import ranking
from tests.integration import small
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.reading import figures, table_of, text_of


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """Twelve municipalities, scored and published in two years; M4 reported nothing, M3 no roads."""
    for period in (2022, small.PERIOD):
        small.fill(engine, 12, period=period)
        with Session(engine) as session:
            gone = {("M4", code): None for code in ("roads", "water", "air")} | {("M3", "roads"): None}
            small.record(session, gone, period=period)
            session.commit()
        small.publishing(engine).publish(small.scoring(engine).run("small", period, "test"), "test")
    with Session(engine) as session:
        place = session.scalar(select(Place.id).where(Place.code == "M1"))
        session.add(PlaceCode(place_id=place, scheme="dla", code="OLD1", in_force=False))
        session.commit()
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    yield client
    application_of(client).engine.dispose()


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_scores_stand_side_by_side_as_published(site: FlaskClient) -> None:
    page = site.get("/en/compare?place=M0&place=M1&place=M2").text
    rows = {row[0]: row[1:] for row in table_of(page, "Results side by side")}
    with application_of(site).sessions() as session:
        run = int(re.findall(r"run (\d+)", text_of(page))[0])
        scores = {row.code: row.index.score for row in ranking(session, run).rows}
    cells = rows["Score: index"][:3]
    assert [figures(cell)[0] for cell in cells] == [round(scores[code] or 0, 1) for code in ("M0", "M1", "M2")]
    best = max(range(3), key=lambda k: scores[f"M{k}"] or 0)
    assert [number for number, cell in enumerate(cells) if "▲ best" in cell] == [best]
    assert f"Town M{best} " in text_of(page.split("<h1>")[0] + page.split("<h1>")[1])
    assert re.search(rf"<h1>Town M{best}.* is ahead with {scores[f'M{best}']:.1f} points", page)


def test_lower_is_better_where_it_is_and_missing_is_missing(site: FlaskClient) -> None:
    page = site.get("/en/compare?place=M0&place=M2&place=M3&place=M4").text
    rows = {row[0]: row[1:] for row in table_of(page, "Results side by side")}
    air = next(cells for name, cells in rows.items() if name.startswith("air"))
    there = [figures(cell)[0] for cell in air[:2]]
    assert "▲" in air[there.index(min(there))]
    assert "figure of the province" in air[2]
    roads = rows["roads"]
    assert "no data" in roads[2]
    assert "no data" in roads[3]
    assert "▲" not in roads[2] + roads[3]
    assert "no score" in text_of(page)


@pytest.mark.parametrize(("first", "other"), [("M0", "M1"), ("M3", "M5"), ("M7", "M3")])
def test_gaps_add_up_as_they_are_written(site: FlaskClient, first: str, other: str) -> None:
    page = site.get(f"/en/compare?place={first}&place={other}").text
    rows = [(row[0], number(row[1])) for row in table_of(page, "Gap between")]
    whole = rows[-1][1]
    groups = [points for name, points in rows if name in ("works", "nature", "different figures at hand")]
    table = re.search(r"<caption>Gap between.*?</table>", page, re.DOTALL)
    assert table
    heads = [
        number(one) for one in re.findall(r'class="group"><th[^>]*>[^<]*</th><td class="number">([^<]*)', table[0])
    ]
    assert round(sum(heads), 2) == whole
    assert set(heads) <= set(groups)
    for block in re.split(r'<tr class="(?:group|mine)">', table[0])[1:-1]:
        head, *below = [number(one) for one in re.findall(r'<td class="number">([^<]*)', block)]
        assert not below or round(sum(below), 2) == head
    with application_of(site).sessions() as session:
        ids = {code: place for code, place in session.execute(select(Place.code, Place.id))}
        run = int(re.findall(r"run (\d+)", text_of(page))[0])
        (found,) = gaps(session, run, ids[first], [ids[other]])
        sides = comparison(session, run, [ids[first], ids[other]], []).sides
        assert found
        one, two = (side.nodes[0].cell.score for side in sides if side)
        assert found.gap == pytest.approx((one or 0) - (two or 0), abs=1e-9)
        index = found.parts[0]
        assert sum(part.effect for part in found.children(index)) + index.coverage == pytest.approx(found.gap, abs=1e-9)
        whole_tree = sum(part.effect for part in found.indicators(index)) + found.different(index)
        assert whole_tree == pytest.approx(found.gap, abs=1e-9)


def test_the_peers_are_told_and_chosen_in_the_address(site: FlaskClient) -> None:
    page = site.get("/en/compare?place=M2&place=M0&peers=3").text
    peers = [row[0] for row in table_of(page, "Peers, the most similar first")]
    assert len(peers) == 3
    assert not any("M4" in name for name in peers), "M4 has no score, so no median is taken of it"
    assert "population" in table_of(page, "Peers, the most similar first")[0][1]
    code = peers[0].split()[1]
    out = site.get(f"/en/compare?place=M2&place=M0&peers=3&without={code}").text
    assert code not in " ".join(row[0] for row in table_of(out, "Peers, the most similar first"))
    assert f"without={code}" not in re.findall(r'href="([^"]*)"[^>]*>take back in', out)[0]
    pinned = site.get("/en/compare?place=M2&place=M0&peers=3&pin=M9").text
    assert table_of(pinned, "Peers, the most similar first")[0][0].startswith("Town M9")
    with application_of(site).sessions() as session:
        run = int(re.findall(r"run (\d+)", text_of(page))[0])
        wanted = [re.findall(r"M\d+", name)[0] for name in peers]
        scores = sorted(row.index.score or 0 for row in ranking(session, run).rows if row.code in wanted)
    middle = next(row for row in table_of(page, "Results side by side") if row[0].startswith("Score"))[-1]
    assert figures(middle) == [round(scores[1], 1), 3]


def test_one_place_is_offered_those_most_like_it(site: FlaskClient) -> None:
    page = site.get("/en/compare?place=M2").text
    assert page.count('type="checkbox" name="place"') == 10
    assert "It says nothing of who does better" in text_of(page)
    assert "same type" in page


def test_a_search_works_without_a_script(site: FlaskClient) -> None:
    page = site.get("/en/compare?place=M2&q=m1").text
    links = [html.unescape(one) for one in re.findall(r'class="button" href="([^"]*)"', page)]
    assert "/en/compare?place=M2&place=M1" in links
    assert "No place has this name" in site.get("/en/compare?q=nowhere").text
    chosen = site.get("/en/compare?place=M2&q=m2").text
    assert "is chosen already" in chosen


ADDRESSES = (
    ("/en/compare", 200, "Up to six places side by side"),
    ("/en/compare?" + "&".join(f"place=M{k}" for k in range(7)), 400, "That is 7 places; 6 fit"),
    ("/en/compare?place=M1&place=nobody", 404, "1 place of the address is not known here"),
    ("/en/compare?place=M1&place=M1&place=M2", 200, "stood in the address more than once"),
    ("/en/compare?place=M1&place=10", 200, "This framework does not score places of this type: Province"),
    ("/en/compare?place=10&place=50", 200, "None of these places has a score"),
    ("/en/compare?place=M3&place=M4", 200, "has a score:"),
    ("/en/compare?place=M1&place=M2&framework=nothing", 404, "There is no such page"),
    ("/en/compare?place=M1&place=M2&period=1999", 404, "There is no such page"),
    ("/en/compare?place=M1&place=M2&period=soon", 400, "We could not read that request"),
    ("/en/compare?place=M1&place=M2&peers=5000", 400, "We could not read that request"),
    ("/en/compare?place=M1&place=M2&run=99", 404, "There is no such page"),
    ("/en/compare?place=M1&place=M2&period=2566", 200, "2023"),
    ("/en/compare?place=%3Cscript%3Ealert(1)%3C/script%3E&q=%3Cscript%3E", 404, "not known here"),
    ("/en/compare?place=M1%00", 400, "We could not read that request"),
)


def test_every_address_is_answered_clearly(site: FlaskClient) -> None:
    for address, status, said in ADDRESSES:
        answer = site.get(address)
        assert answer.status_code == status, address
        assert said in text_of(answer.text), address
        assert "<script>alert" not in answer.text


def test_old_codes_lead_to_the_places(site: FlaskClient) -> None:
    moved = site.get("/en/compare?place=M2&place=OLD1&peers=5")
    assert (moved.status_code, moved.location) == (301, "/en/compare?place=M2&place=M1&peers=5")


def test_years_and_their_missing_ones(site: FlaskClient) -> None:
    page = site.get("/th/compare?place=M0&place=M1&place=M4").text
    assert page.count("ย้อนหลังหลายปี:") >= 2
    assert "ใช้สเกลเดียวกัน" in page
    earlier = site.get("/en/compare?place=M0&place=M1&period=2022").text
    assert "2022" in text_of(earlier).split("Chosen")[0]


def test_it_asks_the_database_little(site: FlaskClient) -> None:
    address = "/th/compare?" + "&".join(f"place=M{k}" for k in range(6))
    for _ in range(2):
        with counted(application_of(site).engine) as said:
            assert site.get(address).status_code == 200
    assert len(said) <= MOST_QUERIES, said


def test_it_may_be_taken_away(demo_client: FlaskClient, edition: Edition) -> None:
    with application_of(demo_client).sessions() as session:
        rows = ranking(session, edition.run).rows[:2]
    codes = [row.code for row in rows]
    address = f"/th/compare?framework=livable-city&place={codes[0]}&place={codes[1]}"
    page = demo_client.get(address).text
    assert "ตัวอย่าง" in page
    link = re.findall(r'href="[^"]*(/th/compare[^"]*format=csv)"', page)[0]
    body = demo_client.get(html.unescape(link)).get_data().decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(body)))
    index = {row["place"]: row for row in table if row["level"] == "0"}
    assert {code: float(row["score"]) for code, row in index.items()} == {row.code: row.index.score for row in rows}
    assert {row["value_period_be"] for row in table if row["value_period"] == "2025"} == {"2568"}
    svg = demo_client.get(html.unescape(link).replace("=csv", "=svg"))
    assert svg.status_code == 200
    assert "<title>" in svg.text

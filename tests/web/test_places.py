"""The list of places and the profile of one, on both databases: what is said, what is not, and what it costs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from cityindex.models import Membership, Observation, Place, PlaceCode, PlaceSpell, Source
from tests.integration import small
from tests.web.conftest import MOST_OF_A_PROFILE, MOST_QUERIES, application_of, client_over, counted

pytestmark = pytest.mark.both_databases

NAMES = ("บางน้ำเปรี้ยว", "แม่สาย", "เกาะสมุย", "กันตัง", "ปัว")
"""Of M0 to M4; in the order of a dictionary: กันตัง เกาะสมุย บางน้ำเปรี้ยว ปัว แม่สาย."""


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """A site with eight municipalities, scored for two years; M4 reported nothing."""
    from cityindex.thai import collation_key, fold

    for period in (small.PERIOD, small.PERIOD + 1):
        small.fill(engine, period=period)
    with Session(engine) as session:
        for number, name in enumerate(NAMES):
            values = {"name_th": name, "name_sort": collation_key(name), "name_search": fold(f"{name} M{number}")}
            session.execute(update(Place).where(Place.code == f"M{number}").values(**values))
        silent = session.scalar(select(Place.id).where(Place.code == "M4"))
        session.query(Observation).filter_by(place_id=silent).delete()
        place = session.scalar(select(Place.id).where(Place.code == "M1"))
        session.add_all(
            [
                PlaceCode(place_id=place, scheme="dla", code="M1"),
                PlaceCode(place_id=place, scheme="dla", code="OLD1", in_force=False, valid_to=date(2020, 9, 30)),
                PlaceSpell(
                    place_id=place, place_type="sao", name_th="เวียงพางคำ", code="OLD1", valid_to=date(2020, 9, 30)
                ),
                Membership(
                    programme="unesco-gnlc",
                    place_id=place,
                    joined=date(2019, 1, 1),
                    joined_precision="year",
                    source="ข่าว",
                ),
            ]
        )
        session.commit()
    for period in (small.PERIOD, small.PERIOD + 1):
        small.publishing(engine).publish(small.scoring(engine).run("small", period, "test"), "test")
    client = client_over(database_url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    yield client
    application_of(client).engine.dispose()


def text_of(html: str) -> str:
    main = re.search("<main.*</main>", html, re.DOTALL)
    assert main
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main[0]))


def names_listed(html: str) -> list[str]:
    return re.findall(r'href="/th/places/M\d+">([^<]+)</a>', html)


def test_list_is_in_the_order_of_a_dictionary(site: FlaskClient) -> None:
    listed = [name for name in names_listed(site.get("/th/places/").text) if name in NAMES]
    assert listed == ["กันตัง", "เกาะสมุย", "บางน้ำเปรี้ยว", "ปัว", "แม่สาย"]


@pytest.mark.parametrize("words", ["บางน้ำเปรี้ยว", "บางนำเปรียว", "นำ", "m0"])
def test_search_needs_no_tone_marks(site: FlaskClient, words: str) -> None:
    assert names_listed(site.get("/th/places/", query_string={"q": words}).text) == ["บางน้ำเปรี้ยว"]


def test_filters(site: FlaskClient) -> None:
    assert len(names_listed(site.get("/th/places/?type=town_municipality").text)) == 3
    assert len(names_listed(site.get("/th/places/?province=50").text)) == 4
    assert names_listed(site.get("/th/places/?programme=unesco-gnlc").text) == ["แม่สาย"]
    assert "ไม่พบพื้นที่ที่ตรง" in site.get("/th/places/?q=ไม่มีที่ไหนชื่อนี้").text


def test_areas_are_listed_only_when_asked_for(site: FlaskClient) -> None:
    assert "8 แห่ง" in site.get("/th/places/").text
    assert "2 แห่ง" in site.get("/th/places/?type=province").text


def test_what_cannot_be_meant_is_refused(site: FlaskClient) -> None:
    assert site.get("/th/places/?type=planet").status_code == 404
    assert site.get("/th/places/?page=99").status_code == 404
    assert site.get("/th/places/?page=0").status_code == 400
    assert site.get("/th/places/?page=x").status_code == 400
    assert site.get("/th/places/M0?period=x").status_code == 400
    assert site.get("/th/places/M0?framework=nothing").status_code == 404
    assert site.get("/th/places/nothing").status_code == 404


def test_search_words_are_never_markup(site: FlaskClient) -> None:
    page = site.get("/th/places/", query_string={"q": "<script>alert(1)</script>%_"}).text
    assert "<script>alert" not in page


def test_headline_is_the_answer(site: FlaskClient) -> None:
    said = text_of(site.get("/th/places/M0").text)
    assert re.search(r"อันดับ \d จาก 7 ", said)
    assert "พ.ศ. 2567" in said
    assert re.search(r"Rank \d of 7 ", text_of(site.get("/en/places/M0").text))


def test_an_earlier_edition_can_be_chosen(site: FlaskClient) -> None:
    said = text_of(site.get("/en/places/M0?framework=small&period=2023").text)
    assert "Results by indicator, 2023" in said


def test_missing_is_no_data_and_never_zero(site: FlaskClient) -> None:
    page = site.get("/en/places/M4").text
    said = text_of(page)
    assert "No score yet" in said
    assert "has no score" in page  # the words of the picture, too
    table = page.split("<caption>Results by indicator")[1].split("</table>")[0]
    values = re.findall(r'<td class="number">(.*?)</td>', table, re.DOTALL)
    assert values
    assert all(value == "" or "no data" in value for value in values)
    assert "url(#no-data)" in table


def test_ranks_only_where_scores_cannot_be_compared(site: FlaskClient) -> None:
    page = site.get("/en/places/M0").text
    assert "Only ranks are shown over time" in page
    assert "Rank over the years" in page
    assert "Score over the years" not in page


def test_a_figure_without_a_source_says_so(site: FlaskClient, engine: Engine) -> None:
    assert ">[1]</a>" in site.get("/en/places/M0").text
    with Session(engine) as session:
        session.execute(update(Source).values(text=""))
        session.commit()
    said = site.get("/en/places/M0").text
    assert "not stated" in said
    assert "[1]" not in said


def test_peers_are_named(site: FlaskClient) -> None:
    said = text_of(site.get("/th/places/M0").text)
    assert "อันดับในกลุ่ม: เทศบาลเมือง" in said
    assert "อันดับในกลุ่ม: ต่ำกว่า 5,000 คน" in said


def test_facts_are_the_newest_figures_with_period_and_source(site: FlaskClient, engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(update(Place).where(Place.code.in_(("M1", "M4"))).values(population=7, source="ทะเบียน"))
        session.commit()
    reported, silent = (
        re.search("<dt>ประชากรตามทะเบียน</dt>.*?</div>", site.get(f"/th/places/{code}").text, re.DOTALL)
        for code in ("M1", "M4")
    )
    assert reported
    assert silent
    assert f"พ.ศ. {small.PERIOD + 1 + 543}" in reported[0]
    assert "ที่มา: made up" in reported[0]
    assert "<dd>7 " not in reported[0]
    assert "<dd>7 " in silent[0]
    assert "ที่มา: ทะเบียน" in silent[0]


def test_memberships_and_what_it_was_before(site: FlaskClient) -> None:
    said = text_of(site.get("/th/places/M1").text)
    assert "ตั้งแต่ 2562" in said
    assert "องค์การบริหารส่วนตำบลเวียงพางคำ" in said
    assert "ถึง 30 ก.ย. 2563" in said


def test_an_old_code_leads_to_the_present_page(site: FlaskClient) -> None:
    answer = site.get("/th/places/OLD1?framework=small")
    assert (answer.status_code, answer.location) == (301, "/th/places/M1?framework=small")


def test_a_province_leads_to_what_lies_in_it(site: FlaskClient) -> None:
    assert 'href="/th/places/?province=50"' in site.get("/th/places/50").text


def test_figures_as_files(site: FlaskClient) -> None:
    answer = site.get("/th/places/M0/figures.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 8
    assert {row["period_be"] for row in rows} == {"2566", "2567"}
    sheet = openpyxl.load_workbook(io.BytesIO(site.get("/th/places/M0/figures.xlsx").data)).active
    assert [cell.value for cell in sheet[1]] == list(rows[0])
    values = [row[12].value for row in sheet.iter_rows(min_row=2)]
    assert values == pytest.approx([float(row["value"]) for row in rows])


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/th/", MOST_QUERIES),
        ("/th/places/", MOST_QUERIES),
        ("/th/places/?q=แม่&type=sao&province=50", MOST_QUERIES),
        ("/th/places/M1", MOST_OF_A_PROFILE),
        ("/th/places/50", MOST_OF_A_PROFILE),
    ],
)
def test_a_page_asks_little_of_the_database(site: FlaskClient, path: str, most: int) -> None:
    application = application_of(site)
    application.sessions  # noqa: B018  (the check at the start is not the page's)
    with counted(application.engine) as queries:
        assert site.get(path).status_code == 200
    assert len(queries) <= most, "\n".join(queries)


def test_front_page_shows_what_is_scored(site: FlaskClient) -> None:
    said = text_of(site.get("/en/").text)
    assert "2024" in said
    assert "of 8 places" in said
    assert "The first 5 of 7 ranked places" in said

"""The profile of a place, on paper and as a workbook too: scores beside peers, intervals and neighbours."""

from __future__ import annotations

import fcntl
import html
import io
import os
import re
import subprocess
import tempfile
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from cityindex.models import Place
from cityindex.queries.runs.editions import Edition
from cityindex.reports import browser
from cityindex.web.take_away import paper
from tests.integration import small
from tests.web.conftest import MOST_OF_A_PROFILE, application_of, counted
from tests.web.reading import figures, table_of, text_of

PLACE = "D110001"


def words_of(pdf: bytes, folder: Path) -> str:
    file = folder / "sheet.pdf"
    file.write_bytes(pdf)
    made = subprocess.run(["pdftotext", "-raw", str(file), "-"], check=True, capture_output=True, text=True)
    return made.stdout


def sheets_of(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {one.title: list(one.iter_rows(values_only=True)) for one in book.worksheets}


def test_strengths_and_weaknesses_name_the_peers(demo_client: FlaskClient) -> None:
    page = demo_client.get(f"/en/places/{PLACE}").text
    said = text_of(page)
    assert re.search(
        r"Compared with \d+ other ranked places of the same kind: town municipality, 10,000", said, re.IGNORECASE
    )
    ups = re.findall(r"<strong class=\"nowrap\">([^<]+) points", page.split("told up")[1].split("</ol>")[0])
    downs = re.findall(r"<strong class=\"nowrap\">([^<]+) points", page.split("told down")[1].split("</ol>")[0])
    assert all(one.startswith("+") for one in ups)
    assert all(one.startswith("\u2212") for one in downs)
    assert ups
    assert downs


def test_a_difference_is_the_score_less_the_median(demo_client: FlaskClient) -> None:
    page = html.unescape(demo_client.get(f"/en/places/{PLACE}").text)
    part = page.split("told up")[1].split("</ol>")[0]
    points = float(re.findall(r"\+([\d.]+) points", part)[0])
    own, median = (float(one) for one in re.findall(r"score ([\d.]+), peers ([\d.]+)", part)[0])
    assert own - median == pytest.approx(points, abs=0.11)


def test_ranks_over_time_have_their_intervals(demo_client: FlaskClient) -> None:
    page = demo_client.get(f"/en/places/{PLACE}").text
    rows = table_of(page, "Results over the years")
    ranks = [figures(row[-2]) for row in rows]
    assert len(ranks) == 5
    assert all(low <= rank <= high <= size for rank, low, high, size in ranks)
    assert page.count('class="whisker"') == 5


def test_neighbours_are_the_nearest_with_their_ranks(demo_client: FlaskClient) -> None:
    rows = table_of(demo_client.get(f"/en/places/{PLACE}").text, "The nearest places")
    distances = [figures(row[1])[0] for row in rows]
    assert distances == sorted(distances)
    assert len(rows) == 5


def test_real_and_demo_places_are_no_neighbours(world: FlaskClient, engine: Engine) -> None:
    with Session(engine) as session:
        for number, demo in enumerate((False, True, False, False)):
            where = {"latitude": 15.0 + number / 10, "longitude": 101.0, "demo": demo}
            session.execute(update(Place).where(Place.code == f"M{number}").values(**where))
        session.commit()
    rows = table_of(world.get("/en/places/M0").text, "The nearest places")
    assert ["M2" in row[0] for row in rows] == [True, False]
    assert figures(rows[0][1])[0] == pytest.approx(22.2, abs=0.1)


def test_maturity_stands_on_the_profile(demo_client: FlaskClient) -> None:
    said = text_of(demo_client.get(f"/en/places/{PLACE}").text)
    assert re.search(r"Verified \d\.\d out of 5, said by itself \d\.\d, median of its type \d\.\d", said)


def test_a_place_without_scores_says_what_it_takes(demo_client: FlaskClient) -> None:
    said = text_of(demo_client.get("/en/places/3570102").text)
    assert "No published edition holds this place yet" in said
    assert "Strengths" not in said
    assert "Rank " not in said


def test_what_it_was_before_is_told_beside_its_history(world: FlaskClient, engine: Engine) -> None:
    from cityindex.models import PlaceSpell

    small.fill(engine, period=small.PERIOD + 1)
    small.publishing(engine).publish(small.scoring(engine).run("small", small.PERIOD + 1, "test"), "test")
    with Session(engine) as session:
        place = session.query(Place).filter_by(code="M1").one()
        session.add(PlaceSpell(place_id=place.id, place_type="sao", name_th="เวียง", code="OLD1"))
        session.commit()
    assert "It is the same body" in text_of(world.get("/en/places/M1").text)


def test_the_workbook_says_what_the_page_says(demo_client: FlaskClient, edition: Edition) -> None:
    answer = demo_client.get(f"/en/places/{PLACE}.xlsx")
    assert f"cityindex-{PLACE}-livable-city-{edition.period}.xlsx" in answer.headers["Content-Disposition"]
    sheets = sheets_of(answer.data)
    assert list(sheets) == ["summary", "indicators", "history", "contributions", "targets", "sources"]
    summary = {row[0]: row[1] for row in sheets["summary"]}
    page = demo_client.get(f"/en/places/{PLACE}").text
    headline = figures(text_of(page).split("Rank ")[1].split(" of")[0])
    assert [summary["Rank"], summary["Rank from"], summary["Rank to"]] == headline
    assert summary["Period"] == f"{edition.period} (B.E. {edition.period + 543})"
    assert "Demo data" in summary
    shown = [row[-3] for row in table_of(page, "Results by indicator")]
    scores = [row[9] for row in sheets["indicators"][2:]]
    assert shown == ["no data" if one is None else f"{one:.1f}" for one in scores]


def test_contributions_in_the_workbook_sum_to_the_score(demo_client: FlaskClient) -> None:
    sheets = sheets_of(demo_client.get(f"/th/places/{PLACE}.xlsx").data)
    summary = {row[0]: row[1] for row in sheets["summary"]}
    parts = [row[3] for row in sheets["contributions"][1:] if row[2] is None]
    assert sum(parts) == pytest.approx(summary["คะแนน"])
    assert sheets["history"][0][:2] == ("ช่วงเวลา (พ.ศ.)", "ช่วงเวลา (ค.ศ.)")


def test_every_figure_of_the_workbook_has_a_source(demo_client: FlaskClient) -> None:
    rows = sheets_of(demo_client.get(f"/en/places/{PLACE}.xlsx").data)["sources"][1:]
    assert len(rows) > 100
    assert all(row[8] for row in rows)
    assert all(row[3] == row[4] + 543 for row in rows)


def test_old_codes_and_nonsense(demo_client: FlaskClient) -> None:
    assert demo_client.get("/th/places/nothing.pdf").status_code == 404
    assert demo_client.get("/th/places/nothing.xlsx").status_code == 404
    assert demo_client.get(f"/th/places/{PLACE}.pdf?period=x").status_code == 400
    assert demo_client.get(f"/th/places/{PLACE}?format=<script>").status_code == 400
    assert demo_client.get(f"/th/places/0{PLACE}.doc").status_code == 404


def test_the_page_may_be_taken_away(demo_client: FlaskClient, edition: Edition) -> None:
    answer = demo_client.get(f"/th/places/{PLACE}?format=csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert f"run={edition.run}" in demo_client.get(f"/th/places/{PLACE}").text
    named = demo_client.get(f"/en/places/{PLACE}?framework=livable-city&period={edition.period}&run={edition.run}")
    assert "Rank " in text_of(named.text)
    assert demo_client.get(f"/th/places/{PLACE}?run=999999").status_code == 404


def test_the_profile_of_the_demo_asks_little(demo_client: FlaskClient) -> None:
    demo_client.get(f"/th/places/{PLACE}")
    with counted(application_of(demo_client).engine) as queries:
        demo_client.get(f"/th/places/{PLACE}")
    assert len(queries) <= MOST_OF_A_PROFILE


@pytest.mark.browser
@pytest.mark.parametrize("code", [PLACE, "3570102", "57"])
def test_one_sheet_whose_words_can_be_copied(demo_client: FlaskClient, tmp_path: Path, code: str) -> None:
    answer = demo_client.get(f"/th/places/{code}.pdf")
    assert answer.mimetype == "application/pdf"
    words = words_of(answer.data, tmp_path)
    assert words.count("\f") == 1
    names = {PLACE: "เทศบาลเมืองตัวอย่างดอนตะวันอุ่น", "3570102": "เทศบาลนครเชียงราย", "57": "จังหวัดเชียงราย"}
    assert names[code] in words
    if code == PLACE:
        assert "ข้อมูลตัวอย่าง" in words
        assert "มีน้ำประปาใช้ทั้งปี" in words or "คะแนน" in words
        rank = text_of(demo_client.get(f"/th/places/{PLACE}").text).split("อันดับ ")[1].split(" จาก")[0]
        assert f"อันดับ {rank} จาก" in words
        assert not re.search(r"^(\d+\.\d)\s+\1$", words, re.MULTILINE), "an outlined number is there twice"


@pytest.mark.browser
def test_what_was_printed_is_kept(demo_client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = demo_client.get(f"/en/places/{PLACE}.pdf").data
    monkeypatch.setattr(paper, "html_to_pdf", None)
    assert demo_client.get(f"/en/places/{PLACE}.pdf").data == first


@pytest.mark.browser
def test_a_long_name_and_many_figures_stay_on_one_sheet(world: FlaskClient, engine: Engine, tmp_path: Path) -> None:
    name = "องค์การที่มีชื่อยาวมากเพื่อทดสอบ" * 6
    with Session(engine) as session:
        session.execute(update(Place).where(Place.code == "M0").values(name_th=name, source="ที่มา " * 80))
        session.commit()
    words = words_of(world.get("/th/places/M0.pdf").data, tmp_path)
    assert words.count("\f") == 1
    assert name[:30] in words.replace("\n", "")


def test_while_the_browser_prints_for_others_the_sheet_waits_and_the_workbook_does_not(
    demo_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "WAITS", 0)
    with Path(tempfile.gettempdir(), f"cityindex-pdf.{os.geteuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        answer = demo_client.get("/en/places/D500005.pdf")
        assert demo_client.get("/en/places/D500005.xlsx").status_code == 200
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "busy" in text_of(answer.text)

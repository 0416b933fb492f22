"""Take it with you: every format of a view holds the same figures, says what it is, and names its run."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

import numpy as np
import openpyxl
import polars as pl
import pyogrio
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from cityindex.queries.runs.editions import Edition, current_editions
from tests.web.conftest import application_of
from tests.web.reading import text_of

VIEW = "/th/programmes/digital-transformation"
PREFIX = "http://localhost"
PICTURED = (
    "/", "/places/D500001", "/places/D500001/explain", "/compare?place=D500001&place=D500002",
    "/indicators/population", "/frameworks/livable-city/2025",
    "/map?framework=livable-city&period=2025", "/map/crowd?framework=livable-city", "/learning-cities",
)  # fmt: skip


@pytest.fixture(scope="module")
def assessed(demo_client: FlaskClient) -> Edition:
    with application_of(demo_client).sessions() as session:
        return next(one for one in current_editions(session, "digital-maturity") if one.period == 2025)


@pytest.fixture(scope="module")
def rows(demo_client: FlaskClient) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(demo_client.get(f"{VIEW}?format=csv").data.decode("utf-8-sig"))))


def test_the_menu_offers_excel_first_and_names_the_run(demo_client: FlaskClient, assessed: Edition) -> None:
    menu = re.search('<details class="take-away.*?</section>', demo_client.get(VIEW).text, re.DOTALL)
    assert menu
    links = [html.unescape(link) for link in re.findall('href="([^"]+)"', menu[0])]
    offered = [re.search(r"format=(\w+)$", link) for link in links]
    assert [one[1] for one in offered if one] == ["xlsx", "csv", "png", "svg", "parquet", "geojson", "gpkg"]
    assert all(f"run={assessed.run}" in link for link in links if "format=" in link)


def test_all_files_hold_the_same_figures(demo_client: FlaskClient, rows: list[dict[str, str]], tmp_path: Path) -> None:
    places = [row["place"] for row in rows]
    scores = [float(row["score_policy"]) if row["score_policy"] else None for row in rows]
    book = openpyxl.load_workbook(io.BytesIO(demo_client.get(f"{VIEW}?format=xlsx").data), read_only=True)
    sheet = list(book.worksheets[0].iter_rows(values_only=True))
    policy = list(rows[0]).index("score_policy")
    assert [row[0] for row in sheet[1:]] == places
    assert [row[policy] for row in sheet[1:]] == pytest.approx(scores)
    parquet = pl.read_parquet(io.BytesIO(demo_client.get(f"{VIEW}?format=parquet").data))
    assert parquet.select("place", "score_policy").rows() == list(zip(places, scores, strict=True))
    for kind in ("geojson", "gpkg"):
        file = tmp_path / f"view.{kind}"
        file.write_bytes(demo_client.get(f"{VIEW}?format={kind}").data)
        meta, _, wkb, columns = pyogrio.raw.read(file)
        read = dict(zip(meta["fields"].tolist(), columns, strict=True))
        assert read["place"].tolist() == places
        assert sum(shape is not None for shape in wkb) > 300


def test_files_and_the_api_say_the_same(
    demo_client: FlaskClient, rows: list[dict[str, str]], assessed: Edition
) -> None:
    page = html.unescape(demo_client.get(VIEW).text)
    address = re.search(r"/api/v1/runs/\d+/scores", page)
    assert address, "the run that the page shows, also when a later edition follows"
    told = demo_client.get(f"{address[0]}?node=policy&limit=1000").json
    assert told
    by_place = {item["place"]: item for item in told["items"]}
    assert {item["run"] for item in told["items"]} == {assessed.run}
    there = [row for row in rows if row["score_policy"]]
    assert len(there) > 300
    for row in there:
        assert float(row["score_policy"]) == by_place[row["place"]]["score"]


def test_every_file_says_what_it_is(demo_client: FlaskClient, rows: list[dict[str, str]], assessed: Edition) -> None:
    row = rows[0]
    assert (row["period"], row["period_be"], row["demo"]) == ("2025", "2568", "true")
    assert f"run={assessed.run}" in row["retrieved_from"]
    assert all(row[name] for name in ("title", "unit", "source", "edition", "licence", "status", "coverage"))
    picture = demo_client.get(f"{VIEW}?format=svg").data
    said = " ".join(ElementTree.fromstring(picture).itertext())
    for words in ("ปีงบประมาณ 2568 (ค.ศ. 2025)", "ข้อมูลตัวอย่าง:", f"ชุดคำนวณที่ {assessed.run}", "ที่มา:"):
        assert words in said
    assert b"var(--" not in picture, "other drawing programs know no variables"


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("path", PICTURED)
def test_every_picture_is_one_for_other_programs_too(demo_client: FlaskClient, language: str, path: str) -> None:
    """Well-formed, with its words in it, and drawn without what only this site knows."""
    links = re.findall(r'href="([^"]*format=svg)"', demo_client.get(f"/{language}{path}").text)
    assert links
    for link in {html.unescape(one).removeprefix(PREFIX) for one in links}:
        picture = demo_client.get(link).data
        drawn = ElementTree.fromstring(picture)
        assert ("ที่มา" if language == "th" else "Source") in " ".join(drawn.itertext()), link
        assert b"var(--" not in picture, link


def test_an_address_that_names_its_run_never_changes(demo_client: FlaskClient, assessed: Edition) -> None:
    lasting = demo_client.get(f"{VIEW}?period=2025&run={assessed.run}&format=csv")
    assert lasting.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f"run{assessed.run}.csv" in lasting.headers["Content-Disposition"]
    assert "immutable" not in demo_client.get(f"{VIEW}?format=csv").headers["Cache-Control"]


@pytest.mark.parametrize("asked", ["run=99999", "run=x", "run=1.5", "run=99999999999", "run=-1"])
def test_runs_that_were_never_published_are_not_there(demo_client: FlaskClient, asked: str) -> None:
    assert demo_client.get(f"{VIEW}?{asked}").status_code == 404


def test_a_run_of_another_framework_or_period_is_refused(
    demo_client: FlaskClient, edition: Edition, assessed: Edition
) -> None:
    assert demo_client.get(f"{VIEW}?run={edition.run}").status_code == 404
    assert demo_client.get(f"{VIEW}?period=2024&run={assessed.run}").status_code == 404
    assert demo_client.get(f"{VIEW}?period=2568&run={assessed.run}").status_code == 200


def test_unknown_formats_are_answered_with_those_there_are(demo_client: FlaskClient) -> None:
    answer = demo_client.get(f"{VIEW}?format=%3Cscript%3Ealert(1)")
    assert answer.status_code == 400
    assert "xlsx, csv, parquet" in answer.text
    assert "<script>alert" not in answer.text


def test_an_embed_may_be_framed_and_nothing_else(demo_client: FlaskClient) -> None:
    embed = demo_client.get(f"{VIEW}?format=embed")
    assert "frame-ancestors *" in embed.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in demo_client.get(VIEW).headers["Content-Security-Policy"]
    for words in ("<svg", "ที่มา:", "ข้อมูลตัวอย่าง:", f'href="{PREFIX}{VIEW}?'):
        assert words in embed.text
    code = html.unescape(re.search("&lt;iframe.*?&lt;/iframe&gt;", demo_client.get(VIEW).text)[0])  # type: ignore[index]
    assert f'src="{PREFIX}{VIEW}?' in code.replace("&amp;", "&")
    assert "format=embed" in code


def test_citations_are_of_the_view_and_its_run(demo_client: FlaskClient, assessed: Edition) -> None:
    page = html.unescape(demo_client.get(VIEW).text)
    assert f"รุ่น {assessed.version} ชุดคำนวณที่ {assessed.run}) [ชุดข้อมูล; ข้อมูลตัวอย่าง" in page
    assert f"version {assessed.version}, run {assessed.run}) [Data set; Demo data" in page
    entry = demo_client.get(f"{VIEW}?format=bib").text
    assert entry.startswith(f"@misc{{digital-transformation-2025-run{assessed.run},")
    assert entry.count("{") == entry.count("}")
    assert f"/en/programmes/digital-transformation?period=2025&run={assessed.run}" in entry


@pytest.mark.parametrize(
    ("view", "thai", "english"),
    [
        ("places/D110001", "ปีงบประมาณ 2568 รุ่น", "fiscal year 2025, version"),
        ("compare?place=D110001&place=D360001", "ปีงบประมาณ 2568 รุ่น", "fiscal year 2025, version"),
        ("indicators/scatter?x=ita_score&y=lpa_score", "คะแนน LPA เทียบกับ คะแนน ITA", "LPA score beside ITA score"),
        ("indicators/ita_score?tab=table", "ปีงบประมาณ 2568, ข้อมูลเมื่อ", "fiscal year 2025, as of"),
    ],
)
def test_a_citation_says_its_period_in_its_own_language(
    demo_client: FlaskClient, view: str, thai: str, english: str
) -> None:
    page = html.unescape(demo_client.get(f"/th/{view}").text)
    said = dict(re.findall(r'<p class="citation" lang="(th|en)">([^<]*)</p>', page))
    assert thai in said["th"]
    assert english in said["en"]


def test_an_address_names_its_run_once_and_so_does_the_embed(demo_client: FlaskClient, edition: Edition) -> None:
    asked = f"/th/map?framework=livable-city&period={edition.period}&run={edition.run}"
    rows = list(csv.DictReader(io.StringIO(demo_client.get(f"{asked}&format=csv").data.decode("utf-8-sig"))))
    assert rows[0]["retrieved_from"].count("run=") == 1
    framed = re.findall(r'src="[^"]*(/th/map/embed[^"]*)"', html.unescape(demo_client.get(asked).text))[0]
    assert framed.count(f"run={edition.run}") == 1
    assert demo_client.get(html.unescape(framed)).status_code == 200
    home = re.findall(r"<code>([^<]*/th/[^<]*)</code>", demo_client.get("/th/").text)[0]
    assert home.endswith(f"/th/?run={edition.run}")


def table(client: FlaskClient, address: str) -> list[dict[str, str]]:
    body = client.get(f"{address}{'&' if '?' in address else '?'}format=csv").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def test_why_a_score_is_what_it_is_is_taken_as_well(demo_client: FlaskClient, edition: Edition) -> None:
    page = f"/th/places/D110001/explain?framework=livable-city&period={edition.period}"
    rows = table(demo_client, page)
    index = float(rows[0]["score"])
    domains = [float(row["contribution"]) for row in rows if row["level"] == "1"]
    assert sum(domains) == pytest.approx(index, abs=1e-9)
    leaves = [row for row in rows if row["unit"] and float(row["weight"])]
    assert sum(float(row["contribution"]) for row in leaves) == pytest.approx(index, abs=1e-9)
    assert sum(float(row["effect"]) for row in leaves) == pytest.approx(float(rows[0]["effect"]), abs=1e-9)
    assert f"run={edition.run}" in rows[0]["retrieved_from"]
    assert "<title>" in demo_client.get(f"{page}&format=svg").text
    assert demo_client.get(f"{page}&run={edition.run}").status_code == 200
    assert demo_client.get(f"{page}&run=999999").status_code == 404


def test_weights_and_statistics_of_a_method_are_taken_as_well(demo_client: FlaskClient, edition: Edition) -> None:
    rows = {row["node"]: row for row in table(demo_client, "/en/methods/livable-city")}
    domains = [row for row in rows.values() if row["level"] == "1"]
    for name in ("weight", "share_of_index", "effective_weight"):
        assert sum(float(row[name]) for row in domains) == pytest.approx(1), name
    given = demo_client.get(f"/api/v1/runs/{edition.run}/scores?node=ita_score&limit=1000").json
    assert given
    values = np.array([one["value"] for one in given["items"] if one["value"] is not None])
    line = rows["ita_score"]
    assert int(line["n"]) == values.size
    for name, made in (("mean", values.mean()), ("median", np.median(values)), ("sd", values.std(ddof=1))):
        assert float(line[name]) == pytest.approx(made), name
    assert rows["cctv_working_rate"]["weight"] == "0.0", "a pilot has none"
    assert (line["period_be"], line["demo"]) == ("2568", "true")


def test_previews_of_links_are_absolute(demo_client: FlaskClient) -> None:
    page = html.unescape(demo_client.get(VIEW).text)
    said = dict(re.findall('<meta property="(og:[a-z:]+)" content="([^"]*)">', page))
    assert said["og:image"].startswith(f"{PREFIX}{VIEW}?")
    assert said["og:image"].endswith("format=preview")
    assert "ปีงบประมาณ 2568 (ค.ศ. 2025)" in said["og:description"]
    assert "ข้อมูลตัวอย่าง" in said["og:description"]


def test_pages_without_a_view_have_a_title_for_links(demo_client: FlaskClient) -> None:
    assert '<meta property="og:title" content="' in demo_client.get("/th/about/privacy").text


def test_the_list_of_editions_and_a_maturity_are_taken_as_well(
    demo_client: FlaskClient, rows: list[dict[str, str]]
) -> None:
    for path in ("/th/data", "/th/frameworks/"):
        listed = pl.read_csv(demo_client.get(f"{path}?format=csv").data)
        assert {"livable-city", "digital-maturity"} <= set(listed["framework"])
        assert demo_client.get(f"{path}?format=png").status_code == 400, "a list has no picture"
    row = next(row for row in rows if row["score_policy"])
    told = pl.read_csv(demo_client.get(f"/th/places/{row['place']}/maturity?format=csv").data)
    assert told.filter(pl.col("node") == "policy")["verified"].item() == float(row["level_policy"])


def test_a_maturity_and_a_profile_show_the_run_that_their_address_names(
    demo_client: FlaskClient, rows: list[dict[str, str]], assessed: Edition
) -> None:
    place = next(row["place"] for row in rows if row["score_policy"])
    page = demo_client.get(f"/en/places/{place}/maturity").text
    assert f"run={assessed.run}" in page.split("How to cite")[0].rsplit("<h3>Link</h3>", 1)[1]
    with application_of(demo_client).sessions() as session:
        earlier = next(
            one for one in current_editions(session) if one.framework == "livable-city" and one.period == 2022
        )
    shown = demo_client.get(f"/en/places/{place}?run={earlier.run}").text
    assert "fiscal year 2022" in text_of(shown).split("Rank ")[1][:200]
    wrong = demo_client.get(f"/en/places/{place}/maturity?framework=digital-maturity&run={earlier.run}")
    assert wrong.status_code == 404


def test_the_python_program_reads_the_view_again(demo_client: FlaskClient, rows: list[dict[str, str]]) -> None:
    server = make_server("127.0.0.1", 0, demo_client.application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        program = demo_client.get(f"{VIEW}?format=py", base_url=f"http://127.0.0.1:{server.server_port}").text
        # Without the packages of this project: a reader has none of them.
        command = [sys.executable, "-I", "-S", "-c", program]
        made = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(f"{len(rows)} rows")
    assert rows[0]["place"] in made.stdout


def test_programs_cannot_be_broken_out_of(demo_client: FlaskClient) -> None:
    for kind in ("py", "r"):
        program = demo_client.get(f"{VIEW}?period=2025&format={kind}").text
        assert all(line.startswith("#") for line in program.split("\n")[:4])
    assert 'colClasses = c("place" = "character"' in program


def test_an_archive_holds_what_its_manifest_says(demo_client: FlaskClient, edition: Edition) -> None:
    path = f"/th/frameworks/livable-city/2025/download/{edition.run}.zip"
    with zipfile.ZipFile(io.BytesIO(demo_client.get(path).data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    assert set(manifest["files"]) == set(parts)
    for name, body in parts.items():
        assert manifest["files"][name]["sha256"] == sha256(body).hexdigest()
    scores = pl.read_csv(parts["scores.csv"], schema_overrides={"place": pl.String, "province": pl.String})
    assert scores.height == manifest["files"]["scores.csv"]["rows"]
    exact = pl.read_parquet(parts["scores.parquet"])
    for name in ("place", "node", "score", "rank", "value", "rank_low"):
        assert scores[name].to_list() == exact[name].to_list()
    values = pl.read_csv(parts["values.csv"], schema_overrides={"place": pl.String})
    assert values.height == scores["value"].is_not_null().sum() > 0
    assert set(values["demo"]) == {True}
    described = pl.read_csv(parts["dictionary.csv"])
    for name in ("scores.csv", "values.csv", "nodes.csv"):
        header = pl.read_csv(parts[name], n_rows=1).columns
        assert described.filter(pl.col("file").str.contains(name))["column"].to_list() == header
    for name in ("README.md", "CITATION.txt"):
        assert "ข้อมูลตัวอย่าง" in parts[name].decode()

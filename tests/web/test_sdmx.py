"""The SDMX service over a small world, on both databases: messages, choices, histories and errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from math import isnan
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import select
from werkzeug.test import TestResponse

from cityindex.database import make_engine
from cityindex.models import Publication, Recording
from cityindex.queries.runs.arrays import RunArrays, tree_of
from cityindex.queries.runs.editions import current_editions
from cityindex.web.sdmx.formats import REGISTER
from tests.integration import small
from tests.sdmx_schemas import complaints, error_complaints
from tests.web.conftest import application_of, client_over

pytestmark = pytest.mark.both_databases

DATA = {"2.1": "/sdmx/2.1/data/DF_SMALL", "3.0": "/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL/1.0.0"}
OBSERVED = "/sdmx/2.1/data/DF_OBSERVATIONS"
CSV = "application/vnd.sdmx.data+csv;version=2.0.0"
Rows = list[dict[str, str]]
FORMATS = [(api, one.media_type) for (api, subject), forms in REGISTER.items() if subject == "data" for one in forms]
STRUCTURES = [
    (api, one.media_type) for (api, subject), forms in REGISTER.items() if subject == "structure" for one in forms
]


def get(client: FlaskClient, path: str, accept: str = CSV, **headers: str) -> TestResponse:
    return client.get(path, headers={"Accept": accept, **headers})


def rows(client: FlaskClient, path: str) -> Rows:
    """The observations of an answer as SDMX-CSV 2.0."""
    answer = get(client, path)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == CSV
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def refused(client: FlaskClient, path: str, status: int, code: int, accept: str = CSV) -> str:
    """The words of an error message; its schema says nothing against it."""
    answer = get(client, path, accept)
    assert (answer.status_code, answer.mimetype) == (status, "application/xml"), answer.text
    version = "30" if path.startswith("/sdmx/3.0") else "21"
    assert error_complaints(answer.data, version) == []
    (message,) = etree.fromstring(answer.data)
    assert message.get("code") == str(code)
    return "".join(message.itertext())


def number(text: str) -> float | None:
    return float(text) if text else None


@pytest.fixture(scope="module", params=["spatialite", "postgis"])
def site(request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """A client over a small world, for tests that write nothing."""
    url = request.getfixturevalue(f"{request.param}_databases")()
    engine = make_engine(url)
    small.published_run(engine)
    client = client_over(url)
    application_of(client).__dict__["catalogue"] = small.catalogue()
    yield client
    application_of(client).engine.dispose()
    engine.dispose()


# Data


@pytest.mark.parametrize(("api", "accept"), FORMATS)
def test_every_message_is_as_its_schema_says(site: FlaskClient, api: str, accept: str) -> None:
    shapes = [*product(("TIME_PERIOD", "AllDimensions", "REF_AREA"), ("full", "serieskeysonly"))]
    for at, detail in [*shapes, ("TIME_PERIOD", "dataonly"), ("AllDimensions", "nodata")]:
        path = DATA[api].replace("DF_SMALL", "DF_SMALL" if detail == "full" else "DF_OBSERVATIONS")
        answer = get(site, f"{path}?detail={detail}&dimensionAtObservation={at}", accept)
        assert (answer.status_code, answer.content_type) == (200, accept), answer.text
        if "csv" not in accept:
            assert complaints(accept, answer.data) == [], (at, detail)


def test_scores_are_those_that_are_published(site: FlaskClient) -> None:
    with application_of(site).sessions() as session:
        run = current_editions(session)[0].run
        arrays, tree = RunArrays(session, run), tree_of(session, run)
        wanted = {
            (place, node.code): score
            for place, line in zip(arrays["place_id"].tolist(), arrays["score"].tolist(), strict=True)
            for node, score in zip(tree, line, strict=True)
        }
    found = {(row["REF_AREA"], row["INDICATOR"]): row for row in rows(site, DATA["2.1"])}
    assert len(found) == len(wanted) == 8 * len(tree)
    with application_of(site).sessions() as session:
        codes = dict(session.execute(select(small.Place.id, small.Place.code)).all())
    for (place, node), score in wanted.items():
        row = found[codes[place], node]
        assert number(row["OBS_VALUE"]) == (None if isnan(score) else score)
        assert (row["OBS_STATUS"] in "MO") == (row["OBS_VALUE"] == "")
        assert (row["FREQ"], row["TIME_PERIOD"], row["EDITION"]) == ("A", str(small.PERIOD), "1")


def test_the_file_of_an_edition_is_what_the_service_gives(site: FlaskClient) -> None:
    with application_of(site).sessions() as session:
        run = current_editions(session)[0].run
    file = site.get(f"/en/frameworks/small/{small.PERIOD}/download/{run}.sdmx-csv")
    assert file.data == get(site, DATA["2.1"]).data


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("/A.M1.index", 1),
        ("/A.M1+M2.index+roads", 4),
        ("/.M1.", 7),
        ("/*.M1.*", 7),
        ("/A.M1.index.", 1),
        ("/all?startPeriod=2023&endPeriod=2023", 56),
        ("/all?startPeriod=2566&endPeriod=2566", 56),
        ("/all?endPeriod=2566-12-31", 56),
        ("/all/all?firstNObservations=1", 56),
        ("/all/TH_CITYINDEX", 56),
    ],
)
def test_what_is_asked_for_is_given(site: FlaskClient, asked: str, count: int) -> None:
    width = len({row["INDICATOR"] for row in rows(site, DATA["2.1"])})
    wanted = {7: width, 56: 8 * width}.get(count, count)
    assert len(rows(site, DATA["2.1"] + asked)) == wanted


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("/A.M1.index", 1),
        ("/*.M1.index,A.M2.roads", 2),
        ("/A.M1+M2.index", 2),
        ("?c[REF_AREA]=M1,M2&c[INDICATOR]=index", 2),
        ("/A.M1?c[REF_AREA]=M1&c[INDICATOR]=eq:index", 1),
        ("/A.*.index?c[TIME_PERIOD]=ge:2020%2Ble:2566", 8),
        ("/A.*.index?c[TIME_PERIOD]=2023,2019", 8),
        ("/A.*.index?c[REF_AREA]=sw:M", 8),
        ("/A.*.index?c[REF_AREA]=ew:1,co:2", 2),
        ("/A.*.index?c[REF_AREA]=ne:M1%2Bne:M2", 6),
        ("/A.*.index?c[REF_AREA]=ge:M2%2Blt:M5", 3),
        ("/A.*.index?c[REF_AREA]=nc:1&c[FREQ]=ne:M", 7),
        ("/A.M1.*?c[INDICATOR]=sw:in,roads", 2),
        ("/A.*.index?c[OBS_VALUE]=ge:-1e9", 8),
        ("/A.*.index?c[RANK]=le:3", 3),
        ("/A.*.index?c[OBS_STATUS]=A&c[DEMO]=ne:true", 8),
    ],
)
def test_keys_and_filters_of_the_newer_interface(site: FlaskClient, asked: str, count: int) -> None:
    assert len(rows(site, DATA["3.0"] + asked)) == count


@pytest.mark.parametrize(
    "asked",
    [
        "/A.NOBODY.index",
        "/M.M1.index",
        "/all?startPeriod=2024",
        "/all?endPeriod=2022",
        "/all?startPeriod=2023-02",
        "/all?updatedAfter=2999-01-01",
        "/all?c[FREQ]=M",
        "/all?c[FREQ]=lt:A",
        "/all?c[REF_AREA]=M1%2BM2",
        "/all?c[OBS_VALUE]=gt:1e9",
        "/all?c[DEMO]=true",
    ],
)
def test_without_results_it_is_said_so(site: FlaskClient, asked: str) -> None:
    assert "no data" in refused(site, DATA["2.1"] + asked, 404, 100)


@pytest.mark.parametrize(
    ("path", "status", "code", "said"),
    [
        ("/sdmx/2.1/data/DF_SMALL/A.M1.index.2023.x", 400, 140, "5 parts"),
        ("/sdmx/2.1/data/DF_SMALL/A.M1", 400, 140, "2 parts"),
        ("/sdmx/2.1/data/DF_SMALL/A.M1%3B.index", 400, 140, "no code"),
        ("/sdmx/2.1/data/DF_SMALL/A.M1,M2.index", 400, 140, "no code"),
        ("/sdmx/2.1/data/DF_NOTHING", 404, 100, "DF_SMALL"),
        ("/sdmx/2.1/data/OTHER,DF_SMALL", 404, 100, "no such dataflow"),
        ("/sdmx/2.1/data/TH_CITYINDEX,DF_SMALL,2.0", 404, 100, "no such dataflow"),
        ("/sdmx/2.1/data/TH_CITYINDEX,DF_SMALL,one", 400, 140, "version"),
        ("/sdmx/2.1/data/A,B,C,D", 400, 140, "AGENCY,ID,VERSION"),
        ("/sdmx/2.1/data/DF_SMALL/all/SOMEBODY", 404, 100, "provider"),
        ("/sdmx/2.1/data/DF_SMALL?startPeriod=2023&endPeriod=2020", 400, 140, "after"),
        ("/sdmx/2.1/data/DF_SMALL?startPeriod=2566&endPeriod=2020", 400, 140, "after"),
        ("/sdmx/2.1/data/DF_SMALL?startPeriod=2023-13", 400, 140, "no such day"),
        ("/sdmx/2.1/data/DF_SMALL?startPeriod=soon", 400, 140, "not a period"),
        ("/sdmx/2.1/data/DF_SMALL?updatedAfter=soon", 400, 140, "updatedAfter"),
        ("/sdmx/2.1/data/DF_SMALL?detail=much", 400, 140, "serieskeysonly"),
        ("/sdmx/2.1/data/DF_SMALL?firstNObservations=0", 400, 140, "1 or more"),
        ("/sdmx/2.1/data/DF_SMALL?lastNObservations=-1", 400, 140, "1 or more"),
        ("/sdmx/2.1/data/DF_SMALL?includeHistory=maybe", 400, 140, "true or false"),
        ("/sdmx/2.1/data/DF_SMALL?dimensionAtObservation=SEX", 400, 140, "AllDimensions"),
        ("/sdmx/2.1/data/DF_SMALL?startperiod=2023", 400, 140, "no such parameter"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL/1.0.0/A.M1.index.2023.x", 400, 140, "5 parts"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL/1.x", 400, 140, "version"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[SEX]=F", 400, 140, "names no component"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[VALID_FROM]=2020", 400, 140, "names no component"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[REF_AREA]=like:1", 400, 140, "no such operator"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[REF_AREA]=eq:", 400, 140, "value is missing"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[OBS_VALUE]=gt:high", 400, 140, "is a number"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[OBS_VALUE]=sw:5", 400, 140, "is a number"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?c[OBS_VALUE]=gt:nan", 400, 140, "is a number"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/*", 501, 501, "one dataflow"),
        ("/sdmx/3.0/metadata/metadataset/TH_CITYINDEX", 501, 501, "metadata"),
        ("/sdmx/2.1/data/DF_SMALL?startPeriod=2020&startPeriod=2023", 400, 140, "twice"),
        ("/sdmx/2.1/availableconstraint/DF_SMALL?mode=guess", 400, 140, "available"),
        ("/sdmx/2.1/availableconstraint/DF_SMALL?references=parents", 400, 140, "codelist"),
        ("/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_SMALL?attributes=SEX", 400, 140, "EDITION"),
        ("/sdmx/3.0/data/metadataflow/TH_CITYINDEX/DF_SMALL", 400, 140, "dataflow"),
        ("/sdmx/3.0/data/provisionagreement/TH_CITYINDEX/DF_SMALL", 501, 501, "dataflow"),
        ("/sdmx/3.0/structure/nothing", 400, 140, "codelist"),
        ("/sdmx/2.1/codelist/TH_CITYINDEX/CL_NOTHING", 404, 100, "no such artefact"),
        ("/sdmx/2.1/hierarchicalcodelist", 404, 100, "hierarchicalcodelist"),
        ("/sdmx/2.1/dataflow?references=cousins", 400, 140, "references"),
        ("/sdmx/2.1/dataflow?detail=much", 400, 140, "detail"),
        ("/sdmx/2.1/codelist/TH_CITYINDEX/CL_FREQ/1.x", 400, 140, "version"),
        ("/sdmx/1.0/data", 404, 100, "/sdmx/2.1/"),
    ],
)
def test_what_cannot_be_read_is_said_as_the_standard_says_it(
    site: FlaskClient, path: str, status: int, code: int, said: str
) -> None:
    assert said in refused(site, path, status, code, CSV if "/data/" in path else "*/*")


def test_errors_reflect_nothing(site: FlaskClient) -> None:
    for path in ("/sdmx/2.1/data/%3Cb%3Eodd", "/sdmx/2.1/data/DF_SMALL?startPeriod=odd", "/sdmx/2.1/odd"):
        assert "odd" not in get(site, path, "*/*").text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/sdmx/2.1/data/DF_SMALL", "/sdmx/3.0/structure/dataflow", "/features/collections"])
def test_another_method_than_get_is_refused_as_the_standard_says_it(site: FlaskClient, path: str, method: str) -> None:
    answer = site.open(path, method=method, data=b"<x/>")
    assert answer.status_code == 405
    assert "GET" in (answer.allow or ())
    assert answer.mimetype == ("application/json" if path.startswith("/features") else "application/xml")


def test_formats_that_are_not_made_here(site: FlaskClient) -> None:
    assert "formats" in refused(site, DATA["2.1"], 406, 140, "text/html")
    assert "formats" in refused(site, "/sdmx/2.1/codelist", 406, 140, CSV)
    assert "formats" in refused(site, f"{DATA['2.1']}?format=parquet", 406, 140)


def test_errors_as_json_for_who_reads_json(site: FlaskClient) -> None:
    answer = get(site, "/sdmx/3.0/data/dataflow/TH_CITYINDEX/DF_NO", "application/vnd.sdmx.data+json;version=2.0.0")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (404, 100)


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "structurespecificdata+xml;version=2.1"),
        ("application/json", "data+json;version=1.0.0"),
        ("text/csv", "data+csv;version=1.0.0"),
        ("application/vnd.sdmx.data+csv", "data+csv;version=1.0.0"),
        ("application/vnd.sdmx.data+csv;version=2.0", "data+csv;version=2.0.0"),
        ("text/html,application/vnd.sdmx.genericdata+xml;q=0.3", "genericdata+xml;version=2.1"),
        ("format=csv", "data+csv;version=1.0.0"),
        ("format=csv-2.0", "data+csv;version=2.0.0"),
        ("format=jsondata", "data+json;version=1.0.0"),
        ("format=json-2", "data+json;version=2.0.0"),
        ("format=genericdata", "genericdata+xml;version=2.1"),
        ("format=xml-3.0", "data+xml;version=3.0.0"),
        ("format=application/vnd.sdmx.data+csv;version=2.0.0", "data+csv;version=2.0.0"),
    ],
)
def test_the_format_is_what_the_client_likes(site: FlaskClient, accept: str, given: str) -> None:
    path = f"{DATA['2.1']}?{accept}" if accept.startswith("format=") else DATA["2.1"]
    assert (
        get(site, path, "text/html" if path != DATA["2.1"] else accept).content_type == f"application/vnd.sdmx.{given}"
    )


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_a_table_with_the_names_of_its_codes_where_both_are_asked_for(site: FlaskClient, version: str) -> None:
    path, kind = "/sdmx/2.1/data/DF_SMALL", f"application/vnd.sdmx.data+csv;version={version}"
    plain, named = (get(site, path, accept) for accept in (kind, f"{kind};labels=both"))
    assert named.content_type == f"{kind};labels=both"
    assert named.headers["ETag"] != plain.headers["ETag"]
    codes, said = (list(csv.reader(io.StringIO(one.text))) for one in (plain, named))
    assert "REF_AREA: " in ",".join(said[0])
    area = codes[0].index("REF_AREA")
    assert {row[area].split(": ")[0] for row in said[1:]} == {row[area] for row in codes[1:]}
    assert all(": " in row[area] for row in said[1:])
    assert [[cell.split(": ")[0] for cell in row] for row in said] == codes


def test_names_are_in_the_language_asked_for(site: FlaskClient) -> None:
    path, accept = f"{DATA['3.0']}/A.M1.index", "application/vnd.sdmx.data+json;version=2.0.0"
    for language, name in (("th", "เทศบาล M1"), ("en", "Town M1")):
        answer = get(site, path, accept, **{"Accept-Language": language})
        assert answer.headers["Content-Language"] == language
        area = answer.json["data"]["structures"][0]["dimensions"]["series"][1]
        assert area["values"] == [{"id": "M1", "name": name, "names": {"th": "เทศบาล M1", "en": "Town M1"}}]


def test_what_did_not_change_is_not_sent_again(world: FlaskClient, engine: Any) -> None:
    for path, accept in ((DATA["2.1"], CSV), ("/sdmx/3.0/structure/codelist", "*/*"), (OBSERVED, CSV)):
        tag = get(world, path, accept).headers["ETag"]
        assert get(world, path, accept, **{"If-None-Match": tag}).status_code == 304
        other = "application/xml" if accept == CSV else "application/json"
        assert get(world, path, other, **{"If-None-Match": tag}).status_code == 200
    with small.Session(engine) as session:
        small.record(session, {("M1", "roads"): 0.25})
        session.commit()
    again = get(world, OBSERVED, CSV, **{"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["ETag"] != tag
    assert again.headers["Cache-Control"] == "public, max-age=60"


# Histories


@pytest.fixture
def revised(world: FlaskClient, engine: Any) -> tuple[FlaskClient, str]:
    """A figure revised and an edition published again, a day later; and the moment between."""
    with small.Session(engine) as session:
        small.record(session, {("M1", "roads"): 0.25})
        session.commit()
    run = small.scoring(engine).run("small", small.PERIOD, "test")
    small.publishing(engine).publish(run, "test")
    with small.Session(engine) as session:
        later = session.scalars(select(Recording).order_by(Recording.id.desc())).first()
        second = session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        assert later
        assert second
        between = later.recorded_at + timedelta(hours=12)
        later.recorded_at += timedelta(days=1)
        second.at += timedelta(days=1)
        session.commit()
    return world, between.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_only_what_is_newer_where_that_is_asked(revised: tuple[FlaskClient, str]) -> None:
    client, between = revised
    (only,) = rows(client, f"{OBSERVED}?updatedAfter={between}")
    assert (only["REF_AREA"], only["INDICATOR"], only["OBS_VALUE"]) == ("M1", "roads", "0.25")
    width = len({row["INDICATOR"] for row in rows(client, DATA["2.1"])})
    assert len(rows(client, f"{DATA['2.1']}?updatedAfter={between}")) == 8 * width


def test_every_revision_where_the_history_is_asked(revised: tuple[FlaskClient, str]) -> None:
    client, between = revised
    was, now = rows(client, f"{OBSERVED}/A.M1.roads?includeHistory=true")
    assert (now["OBS_VALUE"], now["VALID_TO"]) == ("0.25", "")
    assert was["OBS_VALUE"] != "0.25"
    assert was["VALID_FROM"] < between < was["VALID_TO"] == now["VALID_FROM"]
    assert rows(client, f"{OBSERVED}/A.M1.roads?includeHistory=true&updatedAfter={between}") == [now]
    assert len(rows(client, f"{OBSERVED}/A.M1.roads?includeHistory=true&lastNObservations=1")) == 2
    assert "VALID_FROM" not in rows(client, f"{OBSERVED}/A.M1.roads")[0]


def test_editions_that_were_published_before(revised: tuple[FlaskClient, str]) -> None:
    client, between = revised
    was, now = rows(client, f"{DATA['2.1']}/A.M1.index?includeHistory=true")
    assert was["OBS_VALUE"] != now["OBS_VALUE"] == rows(client, f"{DATA['2.1']}/A.M1.index")[0]["OBS_VALUE"]
    assert was["VALID_FROM"] < between < was["VALID_TO"] == now["VALID_FROM"]
    for accept in ("application/vnd.sdmx.genericdata+xml;version=2.1", "application/vnd.sdmx.data+json;version=2.0.0"):
        answer = get(client, f"{DATA['2.1']}?includeHistory=true", accept)
        assert complaints(accept, answer.data) == []


def test_what_is_taken_back_is_gone_and_stays_in_the_history(revised: tuple[FlaskClient, str], engine: Any) -> None:
    client, _ = revised
    small.publishing(engine).rollback("small", small.PERIOD, "test")
    small.publishing(engine).rollback("small", small.PERIOD, "test")
    assert "no data" in refused(client, DATA["2.1"], 404, 100)
    history = rows(client, f"{DATA['2.1']}/A.M1.index?includeHistory=true")
    assert all(row["VALID_TO"] for row in history)
    assert len(history) == 3


# Structures


@pytest.mark.parametrize(("api", "accept"), STRUCTURES)
def test_every_structure_message_is_as_its_schema_says(site: FlaskClient, api: str, accept: str) -> None:
    base = "/sdmx/2.1/structure/all/all/all" if api == "2.1" else "/sdmx/3.0/structure/*/*/*/*"
    for detail in ("full", "allstubs", "allcompletestubs", "referencestubs"):
        answer = get(site, f"{base}?detail={detail}", accept)
        assert (answer.status_code, answer.content_type) == (200, accept), answer.text
        assert complaints(accept, answer.data) == [], detail


def ids(client: FlaskClient, path: str) -> dict[str, list[str]]:
    """The ids of the artefacts of an answer, by their kind."""
    answer = get(client, path, "application/vnd.sdmx.structure+json;version=2.0.0")
    assert answer.status_code == 200, answer.text
    return {kind: [one["id"] for one in listed] for kind, listed in answer.json["data"].items()}


@pytest.mark.parametrize(
    "version", ["1.0.0", "1.0", "1", "latest", "all", "*", "+", "~", "1.0+", "1+.0.0", "1.0.0,2.0"]
)
def test_versions_by_all_their_names(site: FlaskClient, version: str) -> None:
    assert ids(site, f"/sdmx/3.0/structure/codelist/TH_CITYINDEX/CL_FREQ/{version}") == {"codelists": ["CL_FREQ"]}
    assert ids(site, f"/sdmx/2.1/codelist/TH_CITYINDEX/CL_FREQ/{version}") == {"codelists": ["CL_FREQ"]}


def test_what_is_referred_to_comes_along(site: FlaskClient) -> None:
    flow = "/sdmx/2.1/dataflow/TH_CITYINDEX/DF_SMALL/latest?references="
    assert set(ids(site, f"{flow}none")) == {"dataflows"}
    assert set(ids(site, f"{flow}children")) == {"dataflows", "dataStructures"}
    assert set(ids(site, f"{flow}descendants")) == {"dataflows", "dataStructures", "codelists", "conceptSchemes"}
    assert set(ids(site, f"{flow}parents")) == {"dataflows", "categorisations", "dataConstraints"}
    assert set(ids(site, f"{flow}codelist")) == {"dataflows", "codelists"}
    assert ids(site, f"{flow}all")["dataflows"] == ["DF_SMALL"]
    assert "CL_INDICATOR_SMALL" in ids(site, f"{flow}all")["codelists"]


def test_a_code_list_with_what_there_is_data_of(site: FlaskClient) -> None:
    path = "/sdmx/2.1/dataflow/TH_CITYINDEX/DF_SMALL?references=descendants&detail=referencepartial"
    answer = get(site, path, "application/vnd.sdmx.structure+json;version=2.0.0")
    (areas,) = [one for one in answer.json["data"]["codelists"] if one["id"] == "CL_AREA"]
    assert [code["id"] for code in areas["codes"]] == [f"M{number}" for number in range(8)]


def test_single_codes(site: FlaskClient) -> None:
    path = "/sdmx/2.1/codelist/TH_CITYINDEX/CL_AREA/1.0.0/M1+M2"
    answer = get(site, path, "application/vnd.sdmx.structure+json;version=2.0.0")
    assert [code["id"] for code in answer.json["data"]["codelists"][0]["codes"]] == ["M1", "M2"]
    assert answer.json["data"]["codelists"][0]["isPartial"] is True


def test_what_there_is(site: FlaskClient) -> None:
    accept = "application/vnd.sdmx.structure+json;version=2.0.0"
    newer = DATA["3.0"].replace("/data/", "/availability/")
    for path in ("/sdmx/2.1/availableconstraint/DF_SMALL/A.M1.index", f"{newer}/A.M1.index"):
        answer = get(site, path, accept)
        assert complaints(accept, answer.data) == []
        (region,) = answer.json["data"]["dataConstraints"][0]["cubeRegions"]
        held = {one["id"]: one.get("values") for one in region["keyValues"]}
        assert held["REF_AREA"] == [{"value": "M1"}]
        assert held["INDICATOR"] == [{"value": "index"}]
    answer = get(site, "/sdmx/2.1/availableconstraint/DF_SMALL/all/all/INDICATOR", accept)
    (region,) = answer.json["data"]["dataConstraints"][0]["cubeRegions"]
    assert [one["id"] for one in region["keyValues"]] == ["INDICATOR"]


def test_what_there_would_be_if_one_dimension_were_another(site: FlaskClient) -> None:
    accept = "application/vnd.sdmx.structure+json;version=2.0.0"
    path = DATA["3.0"].replace("/data/", "/availability/")
    answer = get(site, f"{path}/A.M1.index?mode=available&references=codelist", accept)
    assert complaints(accept, answer.data) == []
    (region,) = answer.json["data"]["dataConstraints"][0]["cubeRegions"]
    held = {one["id"]: [value["value"] for value in one.get("values", [])] for one in region["keyValues"]}
    assert held["REF_AREA"] == [f"M{number}" for number in range(8)]
    assert len(held["INDICATOR"]) == len({row["INDICATOR"] for row in rows(site, DATA["2.1"])})
    lists = {one["id"]: [code["id"] for code in one["codes"]] for one in answer.json["data"]["codelists"]}
    assert lists["CL_AREA"] == held["REF_AREA"]
    assert set(answer.json["data"]) == {"dataConstraints", "codelists"}


def test_some_attributes_only(site: FlaskClient) -> None:
    found = rows(site, f"{DATA['3.0']}/A.M1.index?attributes=EDITION")
    assert set(found[0]) & {"OBS_VALUE", "OBS_STATUS", "EDITION"} == {"OBS_VALUE", "EDITION"}
    found = rows(site, f"{DATA['3.0']}/A.M1.index?attributes=none")
    assert list(found[0])[-1] == "OBS_VALUE"
    assert "OBS_VALUE" not in rows(site, f"{DATA['3.0']}/A.M1.index?measures=none")[0]

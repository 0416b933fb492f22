"""The REST API: what it answers, page by page, and how it says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cityindex.models import Place, PlaceCode
from cityindex.queries.observations.observations import place_observations
from cityindex.queries.runs.editions import Edition
from cityindex.queries.runs.scores import place_results
from tests.integration import small
from tests.web.conftest import application_of, counted

pytestmark = pytest.mark.both_databases

API = "/api/v1"
LISTS = (
    "places", "scores", "observations", "indicators", "frameworks", "codelists", "editions", "runs", "programmes",
    "programmes/digital-transformation/members", "rounds", "assessments",
    "releases", "questionnaires", "knowledge", "proposals",
)  # fmt: skip


def get(client: FlaskClient, path: str, **asked: Any) -> Any:
    """The JSON of an address of the API."""
    answer = client.get(f"{API}/{path}", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.json


def every(client: FlaskClient, path: str, **asked: Any) -> list[dict[str, Any]]:
    """All items of a list, over its pages."""
    found, cursor = [], None
    while True:
        page = get(client, path, **asked, **({"cursor": cursor} if cursor else {}))
        assert set(page) == {"items", "next"}
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def problem(client: FlaskClient, path: str, status: int, **asked: Any) -> dict[str, Any]:
    answer = client.get(f"{API}/{path}", query_string=asked)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    found: dict[str, Any] = answer.json
    return found


def publish_another(client: FlaskClient) -> None:
    engine = application_of(client).engine
    small.publishing(engine).publish(small.scoring(engine).run("small", small.PERIOD, "test"), "test")


@pytest.mark.parametrize("path", LISTS)
def test_every_list_has_items_and_a_next(demo_client: FlaskClient, path: str) -> None:
    page = get(demo_client, path, limit=2)
    assert set(page) == {"items", "next"}
    assert 1 <= len(page["items"]) <= 2


@pytest.mark.parametrize("path", [one for one in LISTS if one not in ("scores", "observations", "places")])
def test_pages_are_complete_and_hold_nothing_twice(demo_client: FlaskClient, path: str) -> None:
    whole = get(demo_client, path, limit=1000)["items"]
    assert every(demo_client, path, limit=max(len(whole) // 3, 1)) == whole


def test_places_are_filtered(demo_client: FlaskClient) -> None:
    towns = every(demo_client, "places", province="50", place_type="เทศบาลตำบล", limit=7)
    assert towns
    assert {(one["province"], one["place_type"]) for one in towns} == {("50", "subdistrict-municipality")}
    assert [one["place"] for one in towns] == sorted(one["place"] for one in towns)
    members = every(demo_client, "places", programme="national-learning-city", limit=1000)
    assert len(members) == get(demo_client, "programmes/national-learning-city")["members"]


def test_a_place_with_its_codes(demo_client: FlaskClient) -> None:
    place = get(demo_client, "places/50", lang="en")
    assert (place["name"], place["place_type"]) == ("Chiang Mai", "province")
    assert {"scheme": "iso3166-2", "code": "TH-50"}.items() <= place["codes"][0].items()
    assert demo_client.get(place["links"]["observations"]).status_code == 200
    problem(demo_client, "places/9999999", 404)


def test_an_earlier_code_leads_to_the_present_one(world: FlaskClient) -> None:
    with application_of(world).sessions() as session:
        place = session.scalars(select(Place).where(Place.code == "M1")).one()
        session.add(PlaceCode(place_id=place.id, scheme="dla", code="1100", in_force=False))
        session.commit()
    answer = world.get(f"{API}/places/1100?lang=en")
    assert (answer.status_code, answer.location) == (301, f"{API}/places/M1?lang=en")


def test_scores_are_those_of_the_pages(demo_client: FlaskClient, edition: Edition) -> None:
    """Every line of a place, against what its profile reads."""
    with application_of(demo_client).sessions() as session:
        place = session.scalars(select(Place).where(Place.demo, Place.code.startswith("D50"))).first()
        assert place is not None
        known = place_results(session, edition.run, place.id)
    assert known is not None
    asked = {"framework": edition.framework, "period": edition.period, "place": place.code}
    lines = every(demo_client, "scores", **asked, limit=10)
    assert [line["node"] for line in lines] == [one.node.code for one in known.nodes]
    for line, one in zip(lines, known.nodes, strict=True):
        same = ("score", "rank", "rank_low", "rank_high", "coverage", "flag")
        assert [line[name] for name in same] == [getattr(one.cell, name) for name in same]
        assert line["value"] == one.value
        assert (line["unit"] is None) == (not one.node.is_indicator)
        assert (line["run"], line["edition"], line["demo"]) == (edition.run, edition.version, True)
        assert (line["period"], line["period_be"]) == (edition.period, edition.period + 543)


def test_a_missing_score_is_null_and_says_why(demo_client: FlaskClient, edition: Edition) -> None:
    lines = every(demo_client, f"runs/{edition.run}/scores", limit=1000)
    missing = [line for line in lines if line["score"] is None]
    assert missing
    assert all(line["flag"] and line["status"] in "OM" and line["rank"] is None for line in missing)
    assert len(lines) == edition.places * len(get(demo_client, f"runs/{edition.run}")["nodes"])


def test_scores_over_pages_are_those_of_one(demo_client: FlaskClient, edition: Edition) -> None:
    asked = {"framework": edition.framework, "node": "index", "place_type": "town-municipality"}
    pages = every(demo_client, "scores", **asked, limit=37)
    assert pages == every(demo_client, "scores", **asked, limit=1000)
    assert len({(one["run"], one["place"]) for one in pages}) == len(pages)
    assert len({one["run"] for one in pages}) == 5


def test_pages_stay_with_their_edition_while_another_is_published(world: FlaskClient) -> None:
    first = get(world, "scores", framework="small", limit=5)
    before = every(world, "scores", framework="small", limit=1000)
    publish_another(world)
    rest, cursor = first["items"], first["next"]
    while cursor:
        page = get(world, "scores", framework="small", limit=5, cursor=cursor)
        rest, cursor = rest + page["items"], page["next"]
    assert rest == before
    assert {one["run"] for one in every(world, "scores", framework="small", limit=1000)} == {2}
    old = get(world, "runs/1")
    assert (old["published"], old["followed_by"]) == (False, 2)
    assert [one["id"] for one in get(world, "editions")["items"]] == [2]


def test_pages_of_releases_go_on_where_they_were_while_another_comes_out(world: FlaskClient) -> None:
    publish_another(world)
    first = get(world, "releases", limit=1)
    publish_another(world)
    rest = get(world, "releases", limit=1, cursor=first["next"])
    assert (first["items"][0]["kind"], rest["items"][0]["kind"], rest["next"]) == ("again", "first", None)
    newest, *earlier = every(world, "releases")
    assert earlier == first["items"] + rest["items"]
    assert newest["before"] == earlier[0]["run"]


def test_a_questionnaire_with_its_questions(demo_client: FlaskClient) -> None:
    entry = application_of(demo_client).catalogue.questionnaire("digital-maturity")
    found = get(demo_client, "questionnaires/digital-maturity", lang="en")
    asked = [question for section in found["sections"] for question in section["questions"]]
    assert [one["question"] for one in asked] == [one.code for one in entry.questionnaire.questions]
    assert len(asked) == found["questions"] > 0
    for one in asked:
        words = entry.words_of(one["question"])
        assert one["name"] == words.text.en
        assert [choice["name"] for choice in one["choices"]] == [
            level.en for level in (*words.levels.values(), *words.options.values())
        ]


def test_pages_of_observations_show_what_was_known_at_first(world: FlaskClient) -> None:
    before = every(world, "observations", limit=1000)
    first = get(world, "observations", limit=3)
    with application_of(world).sessions() as session:
        small.record(session, {("M0", "roads"): 0.123, ("M7", "water"): 0.456})
        session.commit()
    rest, cursor = first["items"], first["next"]
    while cursor:
        page = get(world, "observations", limit=3, cursor=cursor)
        rest, cursor = rest + page["items"], page["next"]
    assert rest == before
    after = {(one["place"], one["indicator"]): one for one in every(world, "observations", limit=1000)}
    assert after["M7", "water"]["value"] == 0.456
    history = every(world, "observations", indicator="water", place="M7", history="true")
    assert [(one["revision"], one["in_force"]) for one in history] == [(0, False), (1, True)]
    changed = every(world, "observations", updated_after=after["M7", "water"]["recorded_at"])
    assert {(one["place"], one["indicator"]) for one in changed} == {("M0", "roads"), ("M7", "water")}


def test_observations_are_those_of_the_pages(demo_client: FlaskClient) -> None:
    with application_of(demo_client).sessions() as session:
        place = session.scalars(select(Place).where(Place.code.startswith("D50"))).first()
        assert place is not None
        known = {(one.indicator, one.period): one for one in place_observations(session, place.id)}
    found = {(one["indicator"], one["period"]): one for one in every(demo_client, "observations", place=place.code)}
    assert found.keys() == known.keys()
    for key, one in found.items():
        assert (one["value"], one["status"], one["source"]) == (known[key].value, known[key].status, known[key].source)
        assert one["period_be"] == one["period"] + 543


def test_a_period_may_be_of_either_era(demo_client: FlaskClient) -> None:
    asked = {"framework": "livable-city", "node": "index", "limit": 3}
    buddhist, common = (get(demo_client, "scores", period=year, **asked)["items"] for year in (2566, 2023))
    assert buddhist == common


def test_similar_places_have_their_reasons(demo_client: FlaskClient) -> None:
    place = get(demo_client, "places", programme="national-learning-city", place_type="town-municipality")["items"][0]
    found = get(demo_client, f"places/{place['place']}/similar", limit=7)
    distances = [one["distance"] for one in found["items"]]
    assert (len(distances), found["next"]) == (7, None)
    assert distances == sorted(distances)
    assert place["place"] not in {one["place"] for one in found["items"]}
    kinds = [x for x in found["items"][0]["traits"] if x["trait"] == "place_type"]
    assert kinds[0]["other"] == found["items"][0]["place_type"]


def test_an_explanation_adds_up(demo_client: FlaskClient, edition: Edition) -> None:
    best = next(one for one in every(demo_client, f"runs/{edition.run}/scores", node="index") if one["rank"] == 1)
    path = f"runs/{edition.run}/explanations/{best['place']}"
    why = get(demo_client, path)
    leaves = [one["contribution"] for one in why["pieces"] if one["is_indicator"]]
    assert sum(leaves) == pytest.approx(best["score"])
    assert [why[name] for name in ("rank", "rank_low", "rank_high")] == [1, best["rank_low"], best["rank_high"]]
    assert best["rank_high"] >= 1
    asked = {"framework": edition.framework, "period": edition.period}
    assert get(demo_client, f"places/{best['place']}/explanation", **asked) == why


def test_only_published_assessments_are_there(demo_client: FlaskClient) -> None:
    found = every(demo_client, "assessments", limit=400)
    assert {one["state"] for one in found} == {"published"}
    assert len(found) == 317 + 315 + 19 + 15
    assert get(demo_client, "assessments", state="open") == {"items": [], "next": None}
    assert {one["id"] for one in every(demo_client, "runs")} >= {one["run"] for one in found}


def test_fields_and_language(demo_client: FlaskClient) -> None:
    one = get(demo_client, "places", fields="place,name", limit=1, lang="en")["items"][0]
    assert one == {"place": "10", "name": "Bangkok"}
    thai = demo_client.get(f"{API}/places/10", headers={"Accept-Language": "th-TH, en;q=0.5"})
    assert (thai.json["name"], thai.headers["Content-Language"]) == ("กรุงเทพมหานคร", "th")
    assert "Accept-Language" in thai.headers["Vary"]
    assert "Accept-Language" not in demo_client.get(f"{API}/places/10?lang=th").headers["Vary"]


def test_what_is_known_is_not_made_again(demo_client: FlaskClient, edition: Edition) -> None:
    path = f"{API}/scores?framework=livable-city&limit=1000"
    first = demo_client.get(path)
    with counted(application_of(demo_client).engine) as said:
        again = demo_client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert len(said) <= 8
    assert first.headers["Cache-Control"] == "public, max-age=60"
    kept = demo_client.get(f"{API}/runs/{edition.run}/scores?limit=1&lang=th")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    other = demo_client.get(path + "&lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_what_was_known_is_made_again_after_a_publication(world: FlaskClient) -> None:
    first = world.get(f"{API}/scores")
    publish_another(world)
    assert world.get(f"{API}/scores", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_run_that_is_not_public_is_not_there(world: FlaskClient) -> None:
    application_of(world).publishing.rollback("small", 2023, "test")
    for path in ("runs/1", "runs/1/scores", "runs/1/explanations/M1", "runs/99"):
        problem(world, path, 404)
    assert get(world, "runs") == get(world, "editions") == get(world, "scores") == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("path", "asked", "parameter"),
    [
        ("scores", {"framwork": "x"}, "framwork"),
        ("scores", {"limit": 0}, "limit"),
        ("scores", {"limit": "many"}, "limit"),
        ("scores", {"period": 2300}, "period"),
        ("scores", {"fields": "score,colour"}, "fields"),
        ("scores", {"cursor": "x" * 40}, "cursor"),
        ("scores", {"limit": ["1", "2"]}, "limit"),
        ("places", {"province": "<script>"}, "province"),
        ("places", {"lang": "fr"}, "lang"),
        ("observations", {"updated_after": "2023-01-01"}, "updated_after"),
        ("assessments", {"state": "draft"}, "state"),
        ("places/50/explanation", {}, "framework"),
    ],
)
def test_bad_input_is_named_with_its_cure(demo_client: FlaskClient, path: str, asked: Any, parameter: str) -> None:
    said = problem(demo_client, path, 400, **asked)
    assert [one["parameter"] for one in said["problems"]] == [parameter]
    assert all(one["reason"] and one["cure"] for one in said["problems"])
    assert "<script>" not in str(said)


def test_a_cursor_is_good_for_its_question_only(demo_client: FlaskClient) -> None:
    cursor = get(demo_client, "places", limit=2)["next"]
    assert get(demo_client, "places", limit=5, cursor=cursor, fields="place")["items"]
    for path, asked in (("places", {"province": "50"}), ("indicators", {})):
        assert problem(demo_client, path, 400, cursor=cursor, **asked)["problems"][0]["parameter"] == "cursor"
    problem(demo_client, "places", 400, cursor=cursor[:-2] + "xx")


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("scores", {"framework": "nothing"}),
        ("scores", {"framework": "livable-city", "period": 1999}),
        ("scores", {"node": "nothing"}),
        ("places", {"place_type": "village"}),
        ("observations", {"indicator": "nothing"}),
        ("indicators/nothing", {}),
        ("codelists/nothing", {}),
        ("programmes/nothing/members", {}),
        ("nothing", {}),
    ],
)
def test_what_is_not_there_is_said(demo_client: FlaskClient, path: str, asked: Any) -> None:
    assert problem(demo_client, path, 404, **asked)["detail"]


def test_methods_and_media_types(demo_client: FlaskClient) -> None:
    refused = demo_client.post(f"{API}/places")
    assert (refused.status_code, refused.mimetype) == (405, "application/problem+json")
    assert "GET" in refused.headers["Allow"]
    assert demo_client.get(f"{API}/places", headers={"Accept": "text/csv"}).status_code == 406
    assert demo_client.get(f"{API}/places", headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200
    head = demo_client.head(f"{API}/places")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == demo_client.get(f"{API}/places").headers["ETag"]


def test_pages_of_other_sites_may_read(demo_client: FlaskClient) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Headers": "authorization"}
    before = demo_client.options(f"{API}/scores", headers=asked)
    assert before.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    read = demo_client.get(f"{API}/places?limit=1", headers={"Origin": "https://example.org"})
    assert read.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in read.headers
    assert "Access-Control-Allow-Origin" not in demo_client.get("/en/places/").headers


def test_a_request_keeps_its_name(demo_client: FlaskClient) -> None:
    answer = demo_client.get(f"{API}/nothing", headers={"X-Request-ID": "from-the-reader-1"})
    assert answer.json["request_id"] == answer.headers["X-Request-ID"] == "from-the-reader-1"


def test_the_document_declares_every_address(demo_client: FlaskClient) -> None:
    document = get(demo_client, "openapi.json")
    assert document["openapi"] == "3.1.0"
    rules = {rule.rule for rule in demo_client.application.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    plain = {rule.replace("<int:", "<").replace("<", "{").replace(">", "}") for rule in rules}
    assert plain - set(document["paths"]) <= {f"{API}/openapi.json", f"{API}/docs", "/.well-known/jwks.json"}
    for path, operations in document["paths"].items():
        for method in {"get", "post"} & set(operations):
            answers = set(operations[method]["responses"])
            assert {"200", "400", "404", "406", "429"} <= answers, path
            never_kept = method == "post" or "204" in answers
            assert ("304" in answers) != never_kept, path
            assert operations[method]["summary"], path

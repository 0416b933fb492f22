"""Numbers for Prometheus: what they count, what they must not tell, and who may read them."""

from __future__ import annotations

import re

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.conftest import CHECKOUT
from tests.web.conftest import MakeClient, application_of

DEPLOY = CHECKOUT / "templates" / "deploy"
Samples = dict[tuple[str, ...], float]


def told(client: FlaskClient, name: str) -> Samples:
    """Samples of a number by the values of their labels, in the order of the labels' names."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples if sample.name == f"cityindex_{name}"]
    return {tuple(value for _, value in sorted(one.labels.items())): one.value for one in samples}


def test_requests_are_counted_by_route_method_and_class(client: FlaskClient) -> None:
    client.get("/th/places/5510101")
    client.get("/en/places/5799999")
    client.get("/th/about/privacy")
    client.get("/th/secret-of-somebody")
    client.post("/th/about/privacy")
    client.open("/th/about/privacy", method="BREW")
    client.get("/static/favicon.svg")
    assert told(client, "http_requests_total") == {
        ("GET", "/<language>/places/<code>", "4xx"): 2,
        ("GET", "/<language>/about/privacy", "2xx"): 1,
        ("GET", "none", "4xx"): 1,
        ("POST", "none", "4xx"): 1,
        ("other", "none", "4xx"): 1,
        ("GET", "/static/<filename>", "2xx"): 1,
    }
    assert told(client, "http_request_duration_seconds_count")[("GET", "/<language>/places/<code>")] == 2
    assert not re.search(r"5510101|secret|BREW|favicon", client.get("/metrics").text)


def test_an_answer_is_timed_to_its_last_byte(client: FlaskClient) -> None:
    answer = client.get("/th/about/privacy", buffered=False)
    key = ("GET", "/<language>/about/privacy", "2xx")
    assert told(client, "http_requests_total")[key] == 0
    answer.close()
    assert told(client, "http_requests_total")[key] == 1


def test_routes_are_bounded_by_the_program(client: FlaskClient) -> None:
    rules = [rule.rule for rule in client.application.url_map.iter_rules()]
    from cityindex.web.metrics import _route

    assert all(re.fullmatch(r"[\w/.,{}~@$:-]*(<\w+>[\w/.,{}~@$:-]*)*", _route(rule)) for rule in rules)


def _asked(client: FlaskClient, address: str | None = None, **headers: str) -> TestResponse:
    environ = {"REMOTE_ADDR": address} if address is not None else {}
    return client.get("/metrics", environ_overrides=environ, headers=headers)


def test_without_a_key_only_this_machine_is_told(client: FlaskClient) -> None:
    for address in (None, "127.0.0.1", "::1", ""):
        assert _asked(client, address).status_code == 200
    for address in ("192.0.2.7", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "nonsense"):
        answer = _asked(client, address)
        assert answer.status_code == 403
        assert "CITYINDEX_METRICS_KEY" in answer.text
        assert "cityindex_" not in answer.text
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"):
        assert _asked(client, "127.0.0.1", **{header: "127.0.0.1"}).status_code == 403


def test_with_a_key_everybody_needs_it(make_client: MakeClient) -> None:
    client = make_client(metrics_key="of the operator")
    for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "of the operator"}):
        answer = _asked(client, "127.0.0.1", **headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "of the operator" not in answer.text
    answer = _asked(client, "192.0.2.7", Authorization="Bearer of the operator", Via="a proxy")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_it_is_read_at_the_inner_address(make_client: MakeClient) -> None:
    assert make_client(base_url="https://cityindex.example.go.th").get("/metrics").status_code == 200


def test_a_database_behind_is_said_and_the_counts_are_told(client: FlaskClient) -> None:
    assert told(client, "ready") == {(): 1}
    with application_of(client).engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert told(client, "ready") == {(): 0}
    assert [labels[1] for labels in told(client, "build_info")] == ["older"]
    assert told(client, "http_requests_total")[("GET", "/metrics", "2xx")] == 3


def test_without_a_database_the_counts_are_told(make_client: MakeClient) -> None:
    client = make_client(database_url="postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    assert told(client, "ready") == {(): 0}
    assert "secret" not in client.get("/metrics").text


@pytest.mark.parametrize("name", ["prometheus.yml", "cityindex-alerts.yml"])
def test_files_for_prometheus_can_be_read(name: str) -> None:
    assert yaml.safe_load((DEPLOY / name).read_text())


def test_alerts_and_the_manual_name_numbers_that_there_are(client: FlaskClient) -> None:
    known = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").text, re.MULTILINE))
    rules = yaml.safe_load((DEPLOY / "cityindex-alerts.yml").read_text())["groups"][0]["rules"]
    used = {name for rule in rules for name in re.findall(r"cityindex_\w+", rule["expr"])}
    assert used <= known
    manual = set(re.findall(r"`(cityindex_\w+)", (CHECKOUT / "OPERATING.md").read_text()))
    assert manual == known

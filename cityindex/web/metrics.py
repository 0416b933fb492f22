"""Numbers for Prometheus at `/metrics`: what was asked, how long it took, and what an operator should know of.

Requests are counted by route (the rule, never the address), so no number says what somebody read. Behind several
processes the counts are those of all, by files in the folder that `PROMETHEUS_MULTIPROC_DIR` names (`cityindex serve`
makes one). What the database knows is asked when the numbers are fetched.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from cityindex import __version__
from cityindex.errors import CityIndexError
from cityindex.web.permissions import PUBLIC, needs
from cityindex.web.session import held

if TYPE_CHECKING:
    from cityindex.app import Application
    from cityindex.services.watching import Facts

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Seconds: a page has to be there within the first, an export may take minutes."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE, OTHER = "none", "other"
CONVERTED = re.compile(r"<[^<>:]*:(\w+)>")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
"""What says that a request came through a proxy, and so not from this machine."""
REFUSED = (
    "These numbers are for whoever keeps the site. Without a key they are told to this machine alone, directly and not "
    "through a proxy; set CITYINDEX_METRICS_KEY and send it as «Authorization: Bearer KEY» to read them elsewhere.\n"
)
WRONG_KEY = "These numbers need the key of CITYINDEX_METRICS_KEY, as «Authorization: Bearer KEY».\n"


class Requests:
    """What is counted of each request of one application."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "cityindex_http_request_duration_seconds",
            "From the arrival of a request to the last byte of its answer.",
            ("route", "method"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.count = Counter(
            "cityindex_http_requests",
            "Answers, by class of status.",
            ("route", "method", "status"),
            registry=self.registry,
        )

    def begin(self) -> None:
        g.begun = time.perf_counter()

    def end(self, response: Response) -> Response:
        """Counted when the last byte has gone. An answer that the server sends by itself is counted at once."""
        rule = request.url_rule
        route = _route(rule.rule) if rule else NO_ROUTE
        method = request.method if request.method in METHODS else OTHER
        count = self.count.labels(route, method, f"{response.status_code // 100}xx")
        seconds, begun = self.seconds.labels(route, method), g.get("begun", time.perf_counter())

        def note() -> None:
            count.inc()
            seconds.observe(time.perf_counter() - begun)

        if response.direct_passthrough:
            note()
        else:
            response.call_on_close(note)
        return response

    def of_all_processes(self) -> CollectorRegistry:
        """The counts of this process or, where several write theirs into files, of all."""
        if not values.ValueClass._multiprocess:
            return self.registry
        found = CollectorRegistry()
        MultiProcessCollector(found)  # type: ignore[no-untyped-call]
        return found


def install(app: Flask) -> None:
    """Installed before everything else: what is done first is timed, too, and what is answered last is counted."""
    requests = Requests()
    app.before_request(requests.begin)
    app.after_request(requests.end)

    @app.get("/metrics")
    @needs(PUBLIC)
    def metrics() -> Response:
        """Open to everybody by its route; `_refusal` decides, for Prometheus has no account."""
        return _refusal(held(app).settings.metrics_key) or _told(requests, held(app))


def _refusal(key: str | None) -> Response | None:
    if key is None:
        return None if _of_this_machine() else _plain(REFUSED, 403)
    given = request.headers.get("Authorization", "")
    if hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
        return None
    refused = _plain(WRONG_KEY, 401)
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


def _of_this_machine() -> bool:
    direct = request.remote_addr or "127.0.0.1"  # a socket of this machine has no address
    try:
        near = ipaddress.ip_address(direct).is_loopback
    except ValueError:
        return False
    return near and not any(name in request.headers for name in FORWARDED)


def _told(requests: Requests, application: Application) -> Response:
    registry = requests.of_all_processes()
    state = CollectorRegistry()
    state.register(_State(application))
    return _plain(generate_latest(state) + generate_latest(registry), 200)


def _plain(body: bytes | str, status: int) -> Response:
    response = Response(body, status, content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response.headers["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=4096)
def _route(rule: str) -> str:
    """`/<any(th, en):language>/runs/<int:run>` as `/<language>/runs/<run>`."""
    return CONVERTED.sub(r"<\1>", rule)


class _State:
    """What the database knows, asked when it is told. Where it does not answer, the rest is told all the same."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def collect(self) -> Iterator[Metric]:
        revision, facts = self._asked()
        kind = make_url(self.application.settings.database_url).get_backend_name()
        about = {(__version__, kind, revision): 1}
        yield _gauge("build_info", "The program and its tables.", about, "version", "database", "revision")
        yield _gauge(
            "ready", "1 where the database answers and its tables are those of the program.", {(): bool(facts)}
        )
        if facts:
            yield from _of_jobs(facts)
            yield from _of_what_waits(facts)

    def _asked(self) -> tuple[str, Facts | None]:
        """The revision of the tables, as far as it is known, and the facts where they can be read."""
        revision = ""
        try:
            revision = self.application.upkeep.revision() or ""
            self.application.upkeep.require_current()
            return revision, self.application.watching.facts()
        except (SQLAlchemyError, CityIndexError):
            return revision, None


def _of_jobs(facts: Facts) -> Iterator[Metric]:
    done = {one.job: one.succeeded_at.timestamp() for one in facts.jobs if one.succeeded_at}
    yield _gauge("job_last_success_timestamp_seconds", "When a job last ended well.", done, "job")
    failures = {one.job: one.failures for one in facts.jobs}
    yield _gauge("job_failures", "Runs of a job that failed since the last one that ended well.", failures, "job")
    overdue = {one.job: one.overdue for one in facts.jobs}
    yield _gauge("job_overdue_seconds", "How long ago a run should have begun; 0 where none is owed.", overdue, "job")


def _of_what_waits(facts: Facts) -> Iterator[Metric]:
    yield _gauge("letters", "E-mails that have not gone.", facts.letters, "state")
    yield _gauge("letters_oldest_seconds", "How long the oldest e-mail has waited.", {(): facts.oldest_letter})
    yield _gauge("deliveries", "Deliveries that no partner has taken.", facts.deliveries, "state")
    ages = {(one.framework, str(one.demo).lower()): one.published_at.timestamp() for one in facts.editions}
    said = "When the newest edition of a framework was published."
    yield _gauge("edition_published_timestamp_seconds", said, ages, "framework", "demo")


def _gauge(name: str, said: str, samples: Mapping[Any, float], *labels: str) -> GaugeMetricFamily:
    """Numbers by the values of their labels: a tuple of them or, of one label, its value."""
    family = GaugeMetricFamily(f"cityindex_{name}", said, labels=labels)
    for key, value in samples.items():
        family.add_metric([key] if isinstance(key, str) else key, value)
    return family

"""Two sites that exchange with each other, and a proxy between them that loses, bends and doubles messages."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.formats.observations import read_observations
from cityindex.models import IndicatorKey, Observation, Place, PlaceCode
from cityindex.services.exchange.clients import NewKey, Wish
from cityindex.services.exchange.scopes import read_scopes
from cityindex.services.observations.observations import ObservationsImport

PLACES, YEARS = 500, (2022, 2023)
CODES = tuple(f"{4_900_000 + number}" for number in range(PLACES))
Cells = dict[tuple[str, int, str], list[float | None]]


def agreement(code: str, direction: str, address: str, indicator: str, **more: Any) -> dict[str, Any]:
    """An agreement about one indicator, as its file says it (JSON is YAML)."""
    words = {"th": code, "en": code}
    return {
        "agreement": code,
        "version": "1",
        "name": words,
        "direction": direction,
        "status": "active",
        "partner": {"name": {"th": "อีกฝั่ง", "en": "Other side"}, "address": address},
        "contact": {"name": words},
        "purpose": words,
        "legal_basis": words,
        "data": {"indicators": [indicator]},
        "places": {"types": ["town-municipality"]},
        "periods": {"from": 2020, "to": 2024},
        "frequency": "daily",
        "format": "csv",
        "verified": False,
        **more,
    }


def write_agreements(folder: Path, agreements: Iterable[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True)
    for one in agreements:
        (folder / f"{one['agreement']}.yaml").write_text(json.dumps(one, ensure_ascii=False))
    return folder


def site(url: str, folder: Path, keys: str = "") -> Application:
    """A site as its commands and jobs see it."""
    made = {"DATABASE_URL": url, "AGREEMENTS": str(folder), "PARTNER_KEYS": keys}
    return Application(read_settings({f"CITYINDEX_{name}": value for name, value in made.items()}))


def add_places(app: Application) -> None:
    with app.sessions() as session:
        for code in CODES:
            kind = "town-municipality"
            place = Place(code=code, place_type=kind, name_th=code, name_sort=code, name_search=code, source="test")
            place.codes = [PlaceCode(scheme="dla", code=code, in_force=True)]
            session.add(place)
        session.commit()


def record(app: Application, folder: Path, indicator: str, plus: float, places: int = PLACES) -> None:
    """Bring in a value for each place and year; with another `plus`, all of them are revised."""
    rows = [(code, year, indicator, round(int(code) % 997 + plus, 3)) for code in CODES[:places] for year in YEARS]
    file = folder / f"{indicator}-{plus}.csv"
    pl.DataFrame(rows, ["place", "period", "indicator", "value"], orient="row").write_csv(file)
    how = ObservationsImport(file.name, "test", "own books", on_conflict="revise")
    app.observations.record(read_observations(file), how)


def cells(app: Application, indicator: str) -> Cells:
    """Every value of every cell of an indicator, the oldest first."""
    query = (
        select(IndicatorKey.code, Observation.period, Place.code, Observation.value)
        .join(IndicatorKey, IndicatorKey.id == Observation.indicator_id)
        .join(Place, Place.id == Observation.place_id)
        .where(IndicatorKey.code == indicator)
        .order_by(Observation.revision)
    )
    found: Cells = {}
    with app.sessions() as session:
        for code, year, place, value in session.execute(query):
            found.setdefault((code, year, place), []).append(value)
    return found


def key_for(app: Application, *codes: str) -> NewKey:
    scopes = read_scopes(f"deliveries:exchange@{code}" for code in codes)
    return app.clients.add(Wish("sender", "Other side", "test", scopes), "test")


DROPPED = ("host", "accept-encoding")
"""Headers that the proxy does not pass on: answers go through it as plain text."""


@dataclass
class Between:
    """A proxy. What it does to the next messages is in `faults`: one word for each, and then it is honest."""

    target: int
    faults: list[str] = field(default_factory=list)
    seen: int = 0
    delay: float = 0.3

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.target, timeout=60)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes] | None:
        """The answer to give; None: hang up."""
        self.seen += 1
        fault = self.faults.pop(0) if self.faults else "none"
        if fault == "lose":
            return None
        if fault == "delay":
            time.sleep(self.delay)
        if fault == "bend":
            body = bent(body, len(body) - 40)
        if fault == "bend-manifest":
            body = bent(body, 120)
        if fault == "cut":
            body = body[: len(body) // 2]
            headers = {**headers, "Content-Length": str(len(body))}
        status, said = self.forward(method, path, headers, body)
        if fault == "double":
            status, said = self.forward(method, path, headers, body)
        if fault == "lose-answer":
            return None
        return (status, bent(said, len(said) // 2)) if fault == "bend-answer" else (status, said)


def bent(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


@contextmanager
def between(port: int, target: int) -> Iterator[Between]:
    """A proxy at a port, in front of another."""
    proxy = Between(target)

    class Handler(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in DROPPED}
            answer = proxy.handle(self.command, self.path, headers, body)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        do_POST = do_GET = _pass  # noqa: N815 (the library's names)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["cityindex.services.exchange.deliveries", __name__])


def send_in_a_process(url: str, folder: Path, keys: str, code: str) -> tuple[Any, Connection]:
    """A sender that may be killed: it says when it begins, and when it is done."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=_send, args=(url, folder, keys, code, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _send(url: str, folder: Path, keys: str, code: str, told: Connection) -> None:
    app = site(url, folder, keys)
    app.deliveries  # noqa: B018 (what takes long is done before it says that it begins)
    app.sessions  # noqa: B018
    told.send("begins")
    app.deliveries.build(code, "killed")
    app.deliveries.send("killed", code, at_once=True)
    told.send("done")

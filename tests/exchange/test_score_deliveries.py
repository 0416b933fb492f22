"""Scores of published editions under an agreement: sent whole when an edition changes, kept beside our own."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from cityindex.app import Application
from cityindex.database import make_engine
from cityindex.errors import Conflict
from cityindex.jobs.registry import jobs_of
from cityindex.models import Delivery, Place, ReceivedScore
from cityindex.queries.exchange.deliveries import ACCEPTED, WAITING
from cityindex.services.exchange.delivery_preview import preview
from cityindex.services.exchange.receiving import Sender
from cityindex.services.exchange.signing import read
from cityindex.services.runs.publication import Terms
from tests.conftest import MakeDatabase
from tests.exchange.conftest import free_port
from tests.exchange.test_deliveries import Sides, _package, _post
from tests.exchange.two_sides import Between, agreement, key_for, site, write_agreements
from tests.integration import small


@contextmanager
def serving(app: Application, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app.web(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()


@dataclass
class Pair:
    sender: Application
    receiver: Application
    engine: Engine
    sides: Sides
    """As the packages made by hand want them."""


@pytest.fixture
def pair(spatialite_databases: MakeDatabase, tmp_path: Path) -> Iterator[Pair]:
    urls, ports = (spatialite_databases(), spatialite_databases()), (free_port(), free_port())
    asked: dict[str, Any] = {"data": {"scores": [{"framework": "local-capacity"}]}, "places": {}}
    ours, theirs_at = (f"http://127.0.0.1:{port}" for port in ports)
    fetched = {**asked, "transport": "fetch"}
    came = [agreement("scores", "receive", ours, "x", **asked), agreement("fetched", "receive", ours, "x", **fetched)]
    receiver = site(urls[1], write_agreements(tmp_path / "receive", came))
    nowhere = {"partner": {"name": {"th": "อีกฝั่ง", "en": "Other side"}, "keys": [receiver.signing.rotate()]}}
    push, pulled = (
        agreement("scores", "send", theirs_at, "x", **asked),
        agreement("fetched", "send", "", "x", **fetched),
    )
    sending = write_agreements(tmp_path / "send", [push, {**pulled, **nowhere}])
    engine, theirs = make_engine(urls[0]), make_engine(urls[1])
    small.fill(engine)
    small.fill(theirs)
    key = key_for(receiver, "scores").secret
    sender = site(urls[0], sending, f"scores={key}")
    receiver.fetching.way.keys["fetched"] = key_for(sender, "fetched").secret  # type: ignore[index]
    sides = Sides(sender, receiver, Between(0), ours, theirs_at, None, key, "", tmp_path, tmp_path)
    with serving(sender, ports[0]), serving(receiver, ports[1]):
        yield Pair(sender, receiver, engine, sides)
    for each in (engine, theirs, sender.engine, receiver.engine):
        each.dispose()


def publish(pair: Pair, terms: Terms, roads: float | None = None) -> int:
    """A run of the small framework under the name of one that the project knows."""
    from sqlalchemy.orm import Session

    if roads is not None:
        with Session(pair.engine) as session:
            small.record(session, {("M1", "roads"): roads})
            session.commit()
    run = small.scoring(pair.engine).run("small", small.PERIOD, "test")
    with Session(pair.engine) as session:
        from cityindex.models import Run

        session.get_one(Run, run).framework = "local-capacity"
        session.commit()
    small.publishing(pair.engine).publish(run, "test", terms)
    return run


def held(pair: Pair) -> dict[tuple[str, str], tuple[float | None, int, str]]:
    query = select(Place.code, ReceivedScore).join(Place, Place.id == ReceivedScore.place_id)
    with pair.receiver.sessions() as session:
        return {(code, one.node): (one.score, one.run, one.mark) for code, one in session.execute(query)}


def test_an_edition_comes_whole_with_its_mark_and_its_correction_replaces_it(pair: Pair) -> None:
    assert pair.sender.deliveries.deliver("scores", "test") is None, "nothing is published"
    first = publish(pair, Terms("provisional"))
    seen = preview(pair.sender.sessions, pair.sender.catalogue, "scores")
    assert [(part.indicator, part.new, part.corrected) for part in seen.parts] == [("local-capacity", 24, 0)]
    done = pair.sender.deliveries.deliver("scores", "test")
    assert done is not None
    assert done.state == ACCEPTED, done.error
    before = held(pair)
    assert len(before) == 24
    assert {(run, mark) for _, run, mark in before.values()} == {(first, "provisional")}
    assert pair.sender.deliveries.deliver("scores", "test") is None, "nothing changed"
    second = publish(pair, Terms("final", "ถนนผิด", "นับซ้ำ"), roads=0.99)
    assert pair.sender.deliveries.deliver("scores", "test").state == ACCEPTED  # type: ignore[union-attr]
    after = held(pair)
    assert {(run, mark) for _, run, mark in after.values()} == {(second, "final corrected")}
    assert after["M1", "works"][0] != before["M1", "works"][0]
    with pair.sender.sessions() as session:
        papers = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        said, receipt = read(papers[-1].manifest), read(papers[-1].receipt or "")
    assert said["editions"][0]["mark"] == "final"
    assert said["editions"][0]["corrects"] == first
    assert receipt["accepted"] == {"rows": 24, "new": 0, "unchanged": 0, "revised": 24}
    small.publishing(pair.engine).rollback("local-capacity", small.PERIOD, "test")
    small.publishing(pair.engine).rollback("local-capacity", small.PERIOD, "test")
    assert pair.sender.deliveries.deliver("scores", "test").state == ACCEPTED  # type: ignore[union-attr]
    assert held(pair) == {}, "what was withdrawn there is gone here"
    pair.receiver.exchange_trail.verify()


HEAD = "place,framework,period,node,score,rank,rank_low,rank_high,coverage,version,run,mark\n"


def test_rows_of_scores_that_cannot_be_taken_are_named(pair: Pair) -> None:
    lines = [
        "M1,local-capacity,2023,works,0.5,1,1,2,1,1,7,final",
        "M9,local-capacity,2023,works,0.5,1,,,1,1,7,",
        "M2,other,2023,works,0.5,1,,,1,1,7,",
        "M2,local-capacity,1999,works,0.5,1,,,1,1,7,",
        "M3,local-capacity,2023,works,0.5,0,,,1,1,7,",
        "M4,local-capacity,2023,works,many,1,,,1,1,7,",
        "M5,local-capacity,2023,works,0.5,1,,,1.5,1,7,",
    ]
    body = _package(pair.sides, "scores", (HEAD + "\n".join(lines) + "\n").encode())
    answer = _post(pair.sides, body)
    assert answer.status_code == 201, answer.text
    said = read(answer.json()["receipt"])
    assert said["accepted"] == {"rows": 1, "new": 1, "unchanged": 0, "revised": 0}
    assert sorted((one["row"], one["column"]) for one in said["rejected"]) == [
        (3, "place"), (4, "framework"), (5, "period"), (6, "rank"), (7, "score"), (8, "coverage"),
    ]  # fmt: skip
    assert all(one["cure"] for one in said["rejected"])
    assert held(pair) == {("M1", "works"): (0.5, 7, "final")}
    again = _post(pair.sides, body)
    assert (again.status_code, len(held(pair))) == (200, 1)
    for content, changes in ((b"place,score\nM1,1\n", {}), (HEAD.encode(), {"rows": 3})):
        bad = _post(pair.sides, _package(pair.sides, "scores", content, sequence=2, **changes))
        assert bad.status_code == 400, bad.text
    assert len(held(pair)) == 1


def test_a_receiver_whom_nobody_can_reach_comes_for_its_deliveries(pair: Pair) -> None:
    assert pair.receiver.fetching.fetch("fetched") == 0, "nothing waits"
    publish(pair, Terms("provisional"))
    built = pair.sender.deliveries.deliver("fetched", "test")
    assert built is not None
    assert built.state == WAITING
    head = {"Authorization": f"Bearer {pair.receiver.fetching.way.keys['fetched']}"}
    address = f"{pair.sides.at_sender}/api/v1"
    mine = f"{address}/deliveries/next?agreement=fetched"
    first, again = (requests.get(mine, headers=head, timeout=30) for _ in "ab")
    assert (first.status_code, first.content) == (200, again.content), "the same until there is a receipt"
    assert requests.get(f"{address}/deliveries/next?agreement=scores", headers=head, timeout=30).status_code == 403
    assert requests.get(mine, timeout=30).status_code == 401
    receipt = pair.receiver.receiving.receive(io.BytesIO(first.content), Sender("test", frozenset(["fetched"]))).signed
    [own] = pair.receiver.signing.published()["keys"]
    bent = receipt[:-9] + "A" * 9
    for sent, status in ((dict(receipt=bent, key=own), 422), (dict(receipt="x", key=own), 422), (dict(key=own), 400)):
        answer = requests.post(f"{address}/receipts", json=sent, headers=head, timeout=30)
        assert answer.status_code == status, answer.text
    assert len(held(pair)) == 24, "it was applied, and the receipt was lost"
    assert pair.receiver.fetching.fetch("fetched") == 1
    assert len(held(pair)) == 24
    with pair.sender.sessions() as session:
        [row] = session.scalars(select(Delivery).where(Delivery.agreement == "fetched"))
    assert (row.state, row.accepted) == (ACCEPTED, 24)
    assert pair.receiver.fetching.fetch("fetched") == 0
    assert "fetch-fetched" in {job.name for job in jobs_of(pair.receiver)}
    assert "deliver-fetched" in {job.name for job in jobs_of(pair.sender)}
    with pytest.raises(Conflict, match="brought to us"):
        pair.receiver.fetching.fetch("scores")

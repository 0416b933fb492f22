"""Two running sites exchange: with receipts, through a bad line, killed at any moment, and with partners who err."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import func, select, text

from cityindex.app import Application
from cityindex.errors import Conflict
from cityindex.formats.packages import MEDIA_TYPE
from cityindex.models import Delivery, ExchangeEntry, Recording, SigningKey, now
from cityindex.queries.exchange.deliveries import ACCEPTED, GIVEN_UP, WAITING, delivery
from cityindex.services.exchange.delivery_preview import preview
from cityindex.services.exchange.partners import NOT_SOONER
from cityindex.services.exchange.signing import read
from tests.conftest import MakeDatabase
from tests.exchange.conftest import free_port, running, wait_for
from tests.exchange.two_sides import (
    CODES,
    PLACES,
    YEARS,
    Between,
    add_places,
    agreement,
    between,
    cells,
    key_for,
    record,
    send_in_a_process,
    site,
    write_agreements,
)
from tests.waiting import wait_until

# Two sides that go through one story, in this order.
pytestmark = pytest.mark.postgis
SEED = 2569
TURNS, INTERRUPTED = 10, 3
"""How often one side is killed; a machine that is busy only at the first delivery kills too late, and goes on."""
ROWS = PLACES * len(YEARS)
USES = {
    "plain": "own_revenue",
    "line": "shared_revenue",
    "killed": "subsidy",
    "forged": "total_revenue",
    "small": "total_revenue",
    "revoked": "total_revenue",
    "talk": "own_revenue",
}
"""Agreements with their indicator: each test has its own."""


@dataclass
class Sides:
    """The sender with its key and address, the receiver, the process that serves it, and the proxy before it."""

    sender: Application
    receiver: Application
    proxy: Between
    at_sender: str
    at_receiver: str
    served: Any
    key: str
    keys: str
    folder: Path
    tmp: Path


@pytest.fixture(scope="module")
def sides(postgis_databases: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    tmp = tmp_path_factory.mktemp("sides")
    ours, theirs, middle = free_port(), free_port(), free_port()
    at_ours, at_middle = f"http://127.0.0.1:{ours}", f"http://127.0.0.1:{middle}"
    sent = [agreement(code, "send", at_middle, indicator) for code, indicator in USES.items()]
    came = [agreement(code, "receive", at_ours, indicator) for code, indicator in USES.items()]
    here, there = write_agreements(tmp / "send", sent), write_agreements(tmp / "receive", came)
    urls = postgis_databases(), postgis_databases()
    receiver = site(urls[1], there)
    key = key_for(receiver, *USES).secret
    keys = " ".join(f"{code}={key}" for code in USES)
    sender = site(urls[0], here, keys)
    for app in (sender, receiver):
        add_places(app)
    with (
        running(ours, urls[0], CITYINDEX_AGREEMENTS=str(here)) as (at_sender, _),
        running(theirs, urls[1], CITYINDEX_AGREEMENTS=str(there)) as (at_receiver, served),
        between(middle, theirs) as proxy,
    ):
        yield Sides(sender, receiver, proxy, at_sender, at_receiver, served, key, keys, here, tmp)
    for app in (sender, receiver):
        app.engine.dispose()


def test_what_changed_is_sent_and_receipted(sides: Sides) -> None:
    record(sides.sender, sides.tmp, "own_revenue", 1)
    seen = preview(sides.sender.sessions, sides.sender.catalogue, "plain")
    assert (seen.rows, seen.places, sum(part.new for part in seen.parts)) == (ROWS, PLACES, ROWS)
    outcome = sides.sender.deliveries.deliver("plain", "test")
    assert outcome is not None
    assert (outcome.sequence, outcome.state) == (1, ACCEPTED), outcome.error
    assert sides.sender.deliveries.deliver("plain", "test") is None, "nothing changed"
    assert cells(sides.receiver, "own_revenue") == cells(sides.sender, "own_revenue")

    record(sides.sender, sides.tmp, "own_revenue", 2, places=3)
    seen = preview(sides.sender.sessions, sides.sender.catalogue, "plain")
    assert [(part.new, part.corrected) for part in seen.parts] == [(0, 3), (0, 3)]
    assert {one.value - (one.before or (0, ""))[0] for one in seen.first} == {1}
    second = sides.sender.deliveries.deliver("plain", "test")
    assert second is not None
    with sides.sender.sessions() as session:
        made = delivery(session, second.delivery)
    said, receipt = read(made.manifest), read(made.receipt or "")
    assert (made.rows, made.accepted, made.rejected) == (6, 6, 0)
    assert (said["sequence"], said["era"], said["periods"]) == (2, "ce", list(YEARS))
    assert receipt["accepted"] == {"rows": 6, "new": 0, "unchanged": 0, "revised": 6}
    assert receipt["sha256"] == said["sha256"] == made.sha256
    assert cells(sides.receiver, "own_revenue") == cells(sides.sender, "own_revenue"), "history and all"


def test_both_sides_see_how_it_stands(sides: Sides) -> None:
    test_of = {"Authorization": f"Bearer {sides.key}"}
    found = requests.get(f"{sides.at_receiver}/api/v1/deliveries", headers=test_of, timeout=30).json()["items"]
    assert {one["direction"] for one in found} == {"receive"}
    standing = requests.get(f"{sides.at_receiver}/api/v1/agreements?lang=en", headers=test_of, timeout=30).json()
    plain = next(one for one in standing["items"] if one["agreement"] == "plain")
    assert (plain["last_sequence"], plain["rows"], plain["waiting"]) == (2, 6, None)
    assert requests.get(f"{sides.at_receiver}/api/v1/deliveries", timeout=30).status_code == 401
    other = {"Authorization": f"Bearer {_key_without_agreement(sides.receiver)}"}
    assert requests.get(f"{sides.at_receiver}/api/v1/deliveries", headers=other, timeout=30).status_code == 403
    keys = requests.get(f"{sides.at_sender}/.well-known/jwks.json", timeout=30).json()["keys"]
    assert keys
    assert not any("d" in one for one in keys), "the private part stays here"


def test_a_bad_line_delivers_everything_exactly_once(sides: Sides) -> None:
    record(sides.sender, sides.tmp, "shared_revenue", 1)
    number = sides.sender.deliveries.build("line", "test")
    assert number is not None
    bad = ["lose", "bend", "bend-manifest", "cut", "lose-answer", "bend-answer", "double"]
    sides.proxy.faults[:] = bad
    states = []
    for _ in bad:
        [outcome] = sides.sender.deliveries.send("test", "line", at_once=True)
        states.append(outcome.state)
        if outcome.state == ACCEPTED:
            break
        assert outcome.error
    assert states[:5] == [WAITING] * 5, states
    sides.proxy.faults.clear()
    if states[-1] != ACCEPTED:
        [outcome] = sides.sender.deliveries.send("test", "line", at_once=True)
        assert outcome.state == ACCEPTED
    assert cells(sides.receiver, "shared_revenue") == cells(sides.sender, "shared_revenue")
    assert _applied(sides.receiver, "line") == [1]
    record(sides.sender, sides.tmp, "shared_revenue", 2)
    sides.proxy.faults[:] = ["double"]
    assert sides.sender.deliveries.deliver("line", "test").state == ACCEPTED  # type: ignore[union-attr]
    sides.proxy.faults[:] = ["delay"]
    record(sides.sender, sides.tmp, "shared_revenue", 3)
    assert sides.sender.deliveries.deliver("line", "test").state == ACCEPTED  # type: ignore[union-attr]
    assert cells(sides.receiver, "shared_revenue") == cells(sides.sender, "shared_revenue")
    assert _applied(sides.receiver, "line") == [1, 2, 3]


def test_two_at_once_are_one(sides: Sides) -> None:
    record(sides.sender, sides.tmp, "shared_revenue", 4)
    number = sides.sender.deliveries.build("line", "test")
    assert number is not None
    body = sides.sender.deliveries.package(number)[1]
    answers: list[requests.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(_post(sides, body))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.status_code for one in answers} == {200, 201}
    assert len({one.json()["receipt"] for one in answers}) == 1
    assert sides.sender.deliveries.send("test", "line")[0].state == ACCEPTED
    assert cells(sides.receiver, "shared_revenue") == cells(sides.sender, "shared_revenue")


def test_killed_at_any_moment_every_row_is_applied_once(sides: Sides) -> None:
    chance = random.Random(SEED)
    record(sides.sender, sides.tmp, "subsidy", 0)
    begun = time.monotonic()
    assert sides.sender.deliveries.deliver("killed", "test").state == ACCEPTED  # type: ignore[union-attr]
    lasts = time.monotonic() - begun
    turn = interrupted = 0
    while turn < TURNS or (interrupted < INTERRUPTED and turn < 3 * TURNS):
        turn += 1
        record(sides.sender, sides.tmp, "subsidy", turn)
        after = chance.uniform(0, lasts)
        interrupted += _kill_sender(sides, after) if turn % 2 else _kill_receiver(sides, after)
        _resume(sides, "killed")
        assert cells(sides.receiver, "subsidy") == cells(sides.sender, "subsidy"), f"turn {turn}, killed at {after}"
    assert interrupted >= INTERRUPTED, "the test has killed nothing"
    assert _applied(sides.receiver, "killed") == list(range(1, turn + 2))
    with sides.receiver.sessions() as session:
        names = select(Recording.file_name).where(Recording.file_name.like("killed %"))
        assert sorted(session.scalars(names)) == sorted(f"killed {number}" for number in range(1, turn + 2))
    for app in (sides.sender, sides.receiver):
        app.exchange_trail.verify()


def test_a_partner_who_errs_is_told_what_and_nothing_is_applied(sides: Sides) -> None:
    rows = "place,period,indicator,value\n" + f"{CODES[0]},2023,total_revenue,5\n"
    before = cells(sides.receiver, "total_revenue")
    bad: list[tuple[dict[str, Any], bytes, int, str]] = [
        ({"sha256": "0" * 64}, rows.encode(), 422, "SHA-256"),
        ({"sequence": 3}, rows.encode(), 409, "delivery 1 comes next, not 3"),
        ({"made_at": "2569-01-01T00:00:00+07:00"}, rows.encode(), 400, "the future"),
        ({"made_at": "yesterday"}, rows.encode(), 400, "manifest"),
        ({"version": "2"}, rows.encode(), 409, "does not fit"),
        ({"demo": True}, rows.encode(), 409, "does not fit"),
        ({"rows": 7}, rows.encode(), 400, "says 7 rows"),
        ({"era": "roman"}, rows.encode(), 400, "manifest"),
        ({}, rows.replace("2023", "2019").encode(), 400, "outside the agreement"),
        ({}, rows.replace("total_revenue", "own_revenue").encode(), 400, "problem"),
        ({"era": "be"}, rows.encode(), 400, "problem"),
        ({"agreement": "nesdc-example"}, rows.encode(), 403, "opens no delivery"),
    ]
    for changes, content, status, words in bad:
        answer = _post(sides, _package(sides, "forged", content, **changes))
        assert (answer.status_code, words in json.dumps(answer.json())) == (status, True), (changes, answer.text)
    assert _post(sides, _package(sides, "forged", rows.encode(), sequence=3)).json()["expected"] == 1
    forger = ECKey.generate_key("P-256", auto_kid=True)
    unknown = _post(sides, _package(sides, "forged", rows.encode(), key=forger))
    assert (unknown.status_code, unknown.json()["again"]) == (422, True)
    named = _post(sides, _package(sides, "forged", rows.encode(), key=forger, kid=_our_key(sides).thumbprint()))
    assert named.status_code == 422
    assert "signature" in named.json()["detail"]
    assert _post(sides, b"no manifest at all").status_code in (400, 422)
    assert _post(sides, b"").status_code == 400
    bare = jws.serialize_compact({"alg": "ES256", "kid": "x"}, b"no json", _our_key(sides), algorithms=["ES256"])
    assert _post(sides, bare.encode() + b"\nx").status_code == 422
    assert _post(sides, b"x", kind="text/csv").status_code == 415
    assert _post(sides, b"\n", key="ci_nobody").status_code == 401
    assert cells(sides.receiver, "total_revenue") == before
    with sides.receiver.sessions() as session:
        refused = select(func.count()).where(ExchangeEntry.deed == "refused", ExchangeEntry.agreement == "forged")
        assert (session.scalar(refused) or 0) >= len(bad) - 1, "what was refused is written down"


def test_years_of_the_buddhist_era_and_rows_that_cannot_be_taken(sides: Sides) -> None:
    content = (
        "place,period,indicator,value\n"
        f"{CODES[0]},2566,total_revenue,5\n{CODES[1]},2566,total_revenue,99999999\n9999999,2566,total_revenue,7\n"
    )
    body = _package(sides, "small", content.encode(), era="be", rows=3)
    taken = _post(sides, body)
    assert taken.status_code == 201, taken.text
    said = read(taken.json()["receipt"])
    assert said["accepted"] == {"rows": 1, "new": 1, "unchanged": 0, "revised": 0}
    assert [(one["row"], one["column"]) for one in said["rejected"]] == [(3, "total_revenue"), (4, "place")]
    assert all(one["reason"] and one["cure"] for one in said["rejected"])
    assert cells(sides.receiver, "total_revenue") == {("total_revenue", 2023, CODES[0]): [5.0]}
    again = _post(sides, body)
    assert (again.status_code, again.json()["receipt"]) == (200, taken.json()["receipt"]), "the same receipt"
    other = _post(sides, _package(sides, "small", content.replace(",5\n", ",6\n").encode(), era="be", rows=3))
    assert (other.status_code, "another content" in other.text) == (409, True)
    none = content.splitlines()[0] + "\n9999999,2566,total_revenue,7\n"
    empty = _post(sides, _package(sides, "small", none.encode(), era="be", sequence=2))
    assert (empty.status_code, empty.json()["rejected_rows"]) == (201, 1)


def test_a_key_revoked_in_mid_stream_applies_nothing(sides: Sides) -> None:
    key = key_for(sides.receiver, "revoked")
    content = f"place,period,indicator,value\n{CODES[2]},2023,total_revenue,5\n".encode()
    body = _package(sides, "revoked", content)

    before = _being_received()

    def slowly() -> Iterator[bytes]:
        yield body[:200]
        wait_until(lambda: _being_received() - before)  # the key was looked at, and the rows are on their way
        sides.receiver.clients.revoke(key.id, "test")
        yield body[200:]

    answer = _post(sides, slowly(), key=key.secret)
    assert (answer.status_code, "meanwhile" in answer.text) == (403, True)
    assert ("total_revenue", 2023, CODES[2]) not in cells(sides.receiver, "total_revenue")
    assert _applied(sides.receiver, "revoked") == []


def test_what_cannot_be_sent_is_given_up_and_replayed(sides: Sides) -> None:
    record(sides.sender, sides.tmp, "total_revenue", 1)
    number = sides.sender.deliveries.build("revoked", "test")
    assert number is not None
    with sides.sender.sessions() as session:
        session.get_one(Delivery, number).tries = 7
        session.commit()
    sides.proxy.faults[:] = ["lose"]
    [outcome] = sides.sender.deliveries.send("test", "revoked")
    assert (outcome.state, "does not answer" in outcome.error) == (GIVEN_UP, True)
    assert sides.sender.deliveries.send("test", "revoked", at_once=True) == ()
    assert sides.sender.deliveries.build("revoked", "test") == number, "the next waits for it"
    sides.sender.deliveries.replay(number, "test")
    assert sides.sender.deliveries.send("test", "revoked")[0].state == ACCEPTED


def test_keys_are_rotated_and_old_signatures_still_count(sides: Sides) -> None:
    before = {one["kid"] for one in sides.sender.signing.published()["keys"]}
    sides.sender.signing.rotate()
    sides.receiver.signing.rotate()
    assert before < {one["kid"] for one in sides.sender.signing.published()["keys"]}
    with sides.sender.sessions() as session:
        retired = session.scalars(select(SigningKey).where(SigningKey.retired_at.is_not(None))).all()
        assert not any("d" in json.loads(one.content) for one in retired)
    record(sides.sender, sides.tmp, "own_revenue", 3, places=1)
    sides.sender.deliveries.build("plain", "test")
    [outcome] = sides.sender.deliveries.send("test", "plain")
    for _ in range(3):  # an unknown key is asked for no sooner, and each try counts
        if outcome.state == WAITING:
            time.sleep(NOT_SOONER)
            [outcome] = sides.sender.deliveries.send("test", "plain", at_once=True)
    assert outcome.state == ACCEPTED, outcome.error


def test_a_comment_is_a_task_once_and_its_answer_goes_back(sides: Sides) -> None:
    place = CODES[5]
    sent = {"agreement": "talk", "reference": "A-1", "place": place, "indicator": "own_revenue", "period": 2566}
    sent |= {"text": "ทำไมสูงกว่าปีก่อนมาก"}
    head = {"Authorization": f"Bearer {sides.key}"}
    address = f"{sides.at_receiver}/api/v1/comments"
    first, again = (requests.post(address, json=sent, headers=head, timeout=30) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["comment"] == again.json()["comment"]
    changed = requests.post(address, json={**sent, "text": "x"}, headers=head, timeout=30)
    assert changed.status_code == 409
    outside = requests.post(address, json={**sent, "indicator": "subsidy"}, headers=head, timeout=30)
    assert (outside.status_code, "not in the agreement" in outside.text) == (400, True)
    number = first.json()["comment"]
    with sides.receiver.sessions() as session:
        place_id = session.scalar(text("SELECT id FROM place WHERE code = :code"), {"code": place})
    sides.receiver.partner_comments.answer(number, place_id, "รวมเงินอุดหนุนเฉพาะกิจ", "account 1")
    [found] = requests.get(address, headers=head, timeout=30).json()["items"]
    assert (found["answer"], found["period"], found["period_be"]) == ("รวมเงินอุดหนุนเฉพาะกิจ", 2023, 2566)


def test_the_trail_cannot_be_bent_unseen(sides: Sides) -> None:
    """Last: it bends the trail of the receiver."""
    whole = sides.receiver.exchange_trail.verify()
    assert whole.entries > 20
    assert whole.anchors > 10
    with sides.receiver.sessions() as session, pytest.raises(Exception, match="never changed"):
        session.execute(text("UPDATE exchange_entry SET actor = 'nobody' WHERE position = 5"))
    with sides.receiver.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER exchange_entry_stays ON exchange_entry"))
        connection.execute(text("UPDATE exchange_entry SET actor = 'nobody' WHERE position = 5"))
        connection.execute(text("DELETE FROM exchange_entry WHERE position = 9"))
        connection.execute(text("DELETE FROM exchange_entry WHERE position > :end"), {"end": whole.entries - 3})
    with pytest.raises(Conflict) as error:
        sides.receiver.exchange_trail.verify()
    rows = [(problem.row, problem.reason) for problem in error.value.problems]
    assert (5, "what it says was changed") in rows
    assert (10, "entries before 10 are missing") in rows


def _applied(app: Application, code: str) -> list[int]:
    with app.sessions() as session:
        query = select(Delivery.sequence).where(Delivery.agreement == code, Delivery.direction == "receive")
        return list(session.scalars(query.order_by(Delivery.sequence)))


def _being_received() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("cityindex-delivery-*"))


def _kill_sender(sides: Sides, after: float) -> bool:
    process, told = send_in_a_process(sides.sender.settings.database_url, sides.folder, sides.keys, "killed")
    assert told.recv() == "begins"
    time.sleep(after)
    process.kill()
    process.join(30)
    try:
        return not (told.poll() and told.recv() == "done")
    except EOFError:
        return True


def _kill_receiver(sides: Sides, after: float) -> bool:
    sides.sender.deliveries.build("killed", "test")
    outcomes: list[Any] = []
    thread = threading.Thread(
        target=lambda: outcomes.extend(sides.sender.deliveries.send("test", "killed", at_once=True))
    )
    thread.start()
    time.sleep(after)
    pid = sides.served.pid
    for worker in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(worker), signal.SIGKILL)
    thread.join(60)
    wait_for(sides.at_receiver, sides.served)
    return bool(outcomes) and outcomes[0].state != ACCEPTED


def _resume(sides: Sides, code: str) -> None:
    """As the scheduler does it: build what is not built, send what waits, until there is a receipt."""
    for _ in range(10):
        sides.sender.deliveries.build(code, "test")
        if all(one.state == ACCEPTED for one in sides.sender.deliveries.send("test", code, at_once=True)):
            return
        time.sleep(0.2)
    raise AssertionError("it was never accepted")


def _post(sides: Sides, body: Any, key: str | None = None, kind: str = MEDIA_TYPE) -> requests.Response:
    headers = {"Authorization": f"Bearer {key or sides.key}", "Content-Type": kind}
    return requests.post(f"{sides.at_receiver}/api/v1/deliveries", data=body, headers=headers, timeout=60)


def _our_key(sides: Sides) -> ECKey:
    if not sides.sender.signing.published()["keys"]:  # it is made with the first package
        sides.sender.signing.rotate()
    with sides.sender.sessions() as session:
        row = session.scalar(select(SigningKey).where(SigningKey.retired_at.is_(None)))
        assert row is not None
        return ECKey.import_key(json.loads(row.content))


def _package(
    sides: Sides, code: str, lines: bytes, key: ECKey | None = None, kid: str | None = None, **changes: Any
) -> bytes:
    """A package by hand, as a partner with another program would make it."""
    import gzip

    content = gzip.compress(lines)
    said = {"agreement": code, "version": "1", "sequence": 1, "made_at": now().isoformat(), "era": "ce"}
    said |= {"format": "csv", "rows": lines.count(b"\n") - 1, "bytes": len(content), "demo": False}
    said |= {"sha256": hashlib.sha256(content).hexdigest(), **changes}
    key = key or _our_key(sides)
    header = {"alg": "ES256", "kid": kid or key.thumbprint(), "typ": "cityindex-delivery+jws"}
    return jws.serialize_compact(header, json.dumps(said), key, algorithms=["ES256"]).encode() + b"\n" + content


def _key_without_agreement(app: Application) -> str:
    from cityindex.services.exchange.clients import Wish

    return app.clients.add(Wish("reader", "Somebody", "test"), "test").secret

"""50,000 voices on one consultation: how soon one that comes is taken, and that none is lost or counts twice.

A real server over PostGIS with the demo. All but the last thousands are written beforehand; these come by the form of
the page, fifty a second, every tenth of them twice at the same moment, every twentieth changing its mind.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import func, insert, select

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.database import make_engine
from cityindex.models import Consultation, Voice, VoiceChoice, now
from cityindex.queries.participation.consultations import ConsultationRecord, consultations
from cityindex.services.upkeep import Upkeep
from tests import postgres
from tests.bench.answering import TOKEN
from tests.demo import demo_file
from tests.exchange.conftest import copy_to_postgis, serving

ALL, A_SECOND, SENDERS = 50_000, 50, 16
LIMIT, RESULT_LIMIT = 0.150, 0.200
ADDRESS = re.compile(r"//([^/:]+):(\d+)")


@dataclass(frozen=True)
class Send:
    """A voice to be sent at a moment (seconds from the beginning): whose, and which offer of each topic."""

    at: float
    token: str
    chosen: tuple[tuple[int, int], ...]


@dataclass
class Sender:
    """Browsers one after another, each with the cookie and token of the form."""

    site: str
    number: int
    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    cookie: str = ""
    csrf: str = ""

    def open_page(self, token: str) -> None:
        status, headers, body = self._ask("GET", token, None)
        found = TOKEN.search(body)
        if status != 200 or found is None:
            raise SystemExit(f"the page of a voice answers {status}")
        self.csrf, self.cookie = found[1], headers.get("Set-Cookie", "").split(";")[0]

    def give(self, one: Send) -> None:
        form = {"csrf_token": self.csrf, **{f"t{topic}": str(at) for topic, at in one.chosen}}
        started = time.perf_counter()
        try:
            status, _, _ = self._ask("POST", one.token, form)
        except (OSError, http.client.HTTPException) as error:
            self.failed[repr(error)] += 1
            return
        self.seconds.append(time.perf_counter() - started)
        if status != 200:
            self.failed[str(status)] += 1

    def _ask(self, method: str, token: str, form: dict[str, str] | None) -> tuple[int, dict[str, str], str]:
        found = ADDRESS.search(self.site)
        assert found is not None
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=30)
        try:
            path = f"/th/consultations/{self.number}/voice/{token}"
            connection.request(method, path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()
        finally:
            connection.close()


def open_one(application: Application) -> ConsultationRecord:
    """A consultation of the demo that is open."""
    at = now()
    with application.sessions() as session:
        found = consultations(session, Consultation.opens_at <= at, Consultation.closes_at > at)
    if not found:
        raise SystemExit("no consultation of the demo is open")
    return found[0]


def fill(application: Application, asked: ConsultationRecord, many: int) -> None:
    """Voices as they are stored, for which there is no link: only to be many."""
    draw, topics = random.Random(1), asked.topics[: asked.most]
    of_these = select(Voice.id).where(Voice.consultation_id == asked.id, Voice.key.like("filled %"))
    with application.sessions() as session:
        said = [{"consultation_id": asked.id, "key": f"filled {n}", "revision": 1} for n in range(many)]
        session.execute(insert(Voice), said)
        numbers = session.scalars(of_these).all()
        chosen = [
            {"voice_id": n, "topic_id": one.id, "value": draw.choice(one.values)} for n in numbers for one in topics
        ]
        session.execute(insert(VoiceChoice), chosen)
        session.commit()


def plan(application: Application, asked: ConsultationRecord, sends: int) -> list[Send]:
    """What is sent, one every fiftieth of a second: every tenth person twice at once, every twentieth once more."""
    draw, topics = random.Random(2), asked.topics[: asked.most]
    made: list[Send] = []
    for person in range(sends):
        _, token = application.voices.invite(asked.id, f"resident-{person}@example.com")
        at = len(made) / A_SECOND
        chosen = tuple((one.id, draw.randrange(len(one.values))) for one in topics)
        made += [Send(at, token, chosen)] * (2 if person % 10 == 0 else 1)
        if person % 20 == 0:  # long after the first is answered
            made.append(Send(at + 10.0, token, tuple((topic, 0) for topic, _ in chosen)))
        if len(made) >= sends:
            break
    return sorted(made, key=lambda one: one.at)


def send(sender: Sender, mine: Sequence[Send], begin: float) -> None:
    for one in mine:
        time.sleep(max(0.0, begin + one.at - time.perf_counter()))
        sender.give(one)


def faults(application: Application, asked: ConsultationRecord, sent: Sequence[Send]) -> Counter[str]:
    """Persons whose voice is not there, or not what they chose last; and voices that nobody gave."""
    last = {one.token: one.chosen for one in sent}
    times = Counter(one.token for one in sent)
    offers = {one.id: one.values for one in asked.topics}
    found: Counter[str] = Counter({"lost": 0, "another choice": 0, "not counted": 0})
    with application.sessions() as session:
        for token, chosen in last.items():
            key = application.voices.key_of(asked.id, token)
            voices = session.scalars(select(Voice).where(Voice.key == key)).all()
            found["lost"] += len(voices) != 1
            for voice in voices:
                rows = session.scalars(select(VoiceChoice).where(VoiceChoice.voice_id == voice.id))
                held = {row.topic_id: row.value for row in rows}
                found["another choice"] += held != {topic: offers[topic][at] for topic, at in chosen}
                found["not counted"] += voice.revision != times[token]
    return found


def count(application: Application, asked: ConsultationRecord) -> int:
    with application.sessions() as session:
        return session.scalar(select(func.count()).select_from(Voice).where(Voice.consultation_id == asked.id)) or 0


def result_seconds(site: str, number: int) -> list[float]:
    """Of the page with the result so far, each time with another address so that nothing kept is given."""
    times = []
    for turn in range(20):
        started = time.perf_counter()
        with urllib.request.urlopen(f"{site}/th/consultations/{number}?turn={turn}", timeout=60) as answer:
            answer.read()
        times.append(time.perf_counter() - started)
    return times


def measure(url: str, sends: int) -> bool:
    os.environ |= {"CITYINDEX_DATABASE_URL": url, "CITYINDEX_SECRET_KEY": "x" * 40}
    application = Application(read_settings())
    asked = open_one(application)
    planned = plan(application, asked, sends)
    persons = len({one.token for one in planned})
    fill(application, asked, ALL - persons - count(application, asked))
    before = count(application, asked)
    with serving(url) as site:
        senders = [Sender(site, asked.id) for _ in range(SENDERS)]
        for sender, one in zip(senders, planned, strict=False):
            sender.open_page(one.token)
        begin = time.perf_counter() + 0.5
        threads = [
            threading.Thread(target=send, args=(sender, planned[at::SENDERS], begin))
            for at, sender in enumerate(senders)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lasted = time.perf_counter() - begin
        results = result_seconds(site, asked.id)
    found = faults(application, asked, planned)
    found["too many or too few"] = count(application, asked) - before - persons
    application.engine.dispose()
    return tell(senders, found, lasted, results)


def tell(senders: Sequence[Sender], found: Counter[str], lasted: float, results: Sequence[float]) -> bool:
    times = np.array([one for sender in senders for one in sender.seconds])
    failed = sum((sender.failed for sender in senders), Counter[str]())
    median, high, highest = np.percentile(times, [50, 95, 99])
    shown = max(results)
    good = high < LIMIT and shown < RESULT_LIMIT and not failed and not any(found.values())
    print(f"{len(times):,} voices in {lasted:.0f} s: {len(times) / lasted:.1f} a second, {ALL:,} in all")
    print(
        f"a voice: median {1000 * median:.0f} ms, 95 % {1000 * high:.0f} ms (limit {1000 * LIMIT:.0f} ms), "
        f"99 % {1000 * highest:.0f} ms"
    )
    print(f"the result: longest of {len(results)} {1000 * shown:.0f} ms (limit {1000 * RESULT_LIMIT:.0f} ms)")
    print(", ".join(f"{name} {many}" for name, many in found.items()), "" if good else "OVER")
    for why, many in failed.most_common(5):
        print(f"  {many} x {why}")
    return good


def main() -> int:
    sends = 600 if "--quick" in sys.argv else 3_000
    with postgres.empty_database() as url:
        engine = make_engine(url)
        Upkeep(engine).upgrade()
        engine.dispose()
        copy_to_postgis(demo_file(), url)
        return 0 if measure(url, sends) else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""200 people answering at once in a round of 7,850 units: how soon a save is confirmed, and that none is lost.

A real server over PostGIS, forms as the page's own script sends them (cookie, token, JSON back), the clients on the
same machine. Afterwards every confirmed save is looked for in the database: in `answer_change` under the revision that
was confirmed, once, and in `answer` as the newest.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from cityindex.app import Application
from cityindex.calendars import day_of
from cityindex.config import read_settings
from cityindex.models import Account, Answer, AnswerChange, Assessment, Membership, Place, RoleGrant, now
from cityindex.services.assessments.rounds import NewRound
from tests import postgres
from tests.bench.pages import CITYINDEX, free_port, wait_for

UNITS, PEOPLE, EVERY, SECONDS = 7850, 200, 5.0, 75.0
LIMIT = 0.150
QUESTIONNAIRE, PROGRAMME = "digital-maturity", "digital-transformation"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Person:
    """An editor at a browser: what was confirmed is remembered with its revision."""

    assessment: int
    cookie: str
    port: int
    token: str = ""
    confirmed: dict[tuple[str, int], str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unknown: int = 0
    """Saves that were sent and not answered: they may be stored or not."""

    def open_page(self) -> None:
        answer, body = self._ask("GET", f"/th/assessments/{self.assessment}/policy", None)
        found = TOKEN.search(body)
        if answer.status != 200 or found is None:
            raise SystemExit(f"the page of questions answers {answer.status}")
        self.token = found[1]
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).split(";")[0]

    def work(self, asked: Sequence[tuple[str, str]], begin: float, seconds: float) -> None:
        """Answer a question every `EVERY` seconds, through the questions and round again."""
        draw = random.Random(self.assessment)
        moment = begin + draw.uniform(0, EVERY)
        seen: Counter[str] = Counter()
        number = draw.randrange(len(asked))
        while moment < begin + seconds:
            time.sleep(max(0.0, moment - time.perf_counter()))
            section, question = asked[number % len(asked)]
            seen[question] = self._save(section, question, str(draw.randrange(6)), seen[question])
            moment, number = moment + EVERY, number + 1

    def _save(self, section: str, question: str, value: str, seen: int) -> int:
        form = {"value": value, "note": f"{len(self.seconds)}", "then": "stay", "seen": str(seen)}
        path = f"/th/assessments/{self.assessment}/{section}/{question}"
        started = time.perf_counter()
        try:
            answer, body = self._ask("POST", path, form)
        except (OSError, http.client.HTTPException) as error:
            self.unknown += 1
            self.failed.append(repr(error))
            return seen
        self.seconds.append(time.perf_counter() - started)
        said = json.loads(body) if answer.status == 200 else {}
        if said.get("state") != "saved":
            self.failed.append(f"{answer.status} {body[:80]}")
            return seen
        self.confirmed[question, said["revision"]] = value
        return int(said["revision"])

    def _ask(self, method: str, path: str, form: dict[str, str] | None) -> tuple[http.client.HTTPResponse, str]:
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        if form is not None:
            headers |= {"X-CSRFToken": self.token, "Accept": "application/json"}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()


def fill(application: Application) -> None:
    """The units, all members, and an editor for each of the first."""
    joined = date(2024, 1, 1)
    with application.sessions() as session:
        session.execute(insert(Place), [
            {"code": f"B{number}", "place_type": "subdistrict-municipality", "name_th": f"เทศบาล {number}",
             "name_sort": f"{number:05}", "name_search": str(number), "source": "bench", "demo": False}
            for number in range(UNITS)
        ])  # fmt: skip
        places = session.scalars(select(Place.id).where(Place.source == "bench").order_by(Place.id)).all()
        session.execute(insert(Membership), [
            {"programme": PROGRAMME, "place_id": one, "joined": joined, "joined_precision": "day",
             "left_precision": "day", "source": "bench", "demo": False}
            for one in places
        ])  # fmt: skip
        for number, place in enumerate(places[:PEOPLE]):
            person = Account(email=f"p{number}@bench.example", name=f"P{number}", created_at=now())
            session.add(person)
            session.flush()
            session.add(RoleGrant(account_id=person.id, role="editor", place_id=place, granted_by="bench"))
        session.commit()


def open_round(application: Application) -> float:
    """Seconds that opening takes."""
    new = NewRound(QUESTIONNAIRE, 2026, day_of(now()) + timedelta(days=30))
    started = time.perf_counter()
    opened = application.rounds.open(new, None)
    if opened.assessments != UNITS:
        raise SystemExit(f"{opened.assessments} assessments were opened")
    return time.perf_counter() - started


def people(application: Application, port: int) -> list[Person]:
    signer = SecureCookieSessionInterface().get_signing_serializer(application.web())
    if signer is None:
        raise SystemExit("there is no secret key")
    query = (
        select(Assessment.id, Account.id, Account.epoch)
        .join(RoleGrant, RoleGrant.place_id == Assessment.place_id)
        .join(Account, Account.id == RoleGrant.account_id)
    )
    with application.sessions() as session:
        rows = session.execute(query).all()
    cookie = {"_permanent": True, "seen": time.time()}
    return [
        Person(one, f"session={signer.dumps({**cookie, 'account': account, 'epoch': epoch})}", port)
        for one, account, epoch in rows
    ]


def in_parallel(tasks: Sequence[Any]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def faults(session: Session, everybody: Sequence[Person]) -> Counter[str]:
    """Confirmed saves that are not stored as they were confirmed, and stored ones that nobody sent."""
    found: Counter[str] = Counter()
    changes: dict[tuple[int, str, int], list[str]] = {}
    columns = (AnswerChange.assessment_id, AnswerChange.question, AnswerChange.revision, AnswerChange.value)
    for one, question, revision, value in session.execute(select(*columns)):
        changes.setdefault((one, question, revision), []).append(value or "")
    newest = {
        (one, question): (revision, value)
        for one, question, revision, value in session.execute(
            select(Answer.assessment_id, Answer.question, Answer.revision, Answer.value)
        )
    }
    for person in everybody:
        last: dict[str, tuple[int, str]] = {}
        for (question, revision), value in person.confirmed.items():
            stored = changes.pop((person.assessment, question, revision), [])
            found["lost"] += value not in stored
            found["doubled"] += len(stored) > 1
            last[question] = max(last.get(question, (0, "")), (revision, value))
        if not person.unknown:
            found["not the newest"] += sum(newest.get((person.assessment, q)) != one for q, one in last.items())
    found["stored, not confirmed"] = len(changes) - sum(person.unknown for person in everybody)
    return found


def measure(url: str, seconds: float) -> bool:
    os.environ |= {"CITYINDEX_DATABASE_URL": url, "CITYINDEX_SECRET_KEY": "x" * 40}
    application = Application(read_settings())
    application.upkeep.upgrade()
    fill(application)
    print(f"opening a round of {UNITS:,} units: {open_round(application):.2f} s")
    port = free_port()
    server = subprocess.Popen(
        [str(CITYINDEX), "serve", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        everybody = people(application, port)
        for person in everybody:
            person.open_page()
        entry = application.catalogue.questionnaire(QUESTIONNAIRE).questionnaire
        asked = [(part.code, one.code) for part in entry.sections for one in part.questions if one.kind == "rubric"]
        begin = time.perf_counter()
        in_parallel([lambda who=person: who.work(asked, begin, seconds) for person in everybody])
    finally:
        server.terminate()
        server.wait()
    with application.sessions() as session:
        found = faults(session, everybody)
        waiting = session.scalar(text("SELECT count(*) FROM answer_change"))
    application.engine.dispose()
    return tell(everybody, found, int(waiting or 0), seconds)


def tell(everybody: Sequence[Person], found: Counter[str], stored: int, seconds: float) -> bool:
    times = np.array([one for person in everybody for one in person.seconds])
    failed = [why for person in everybody for why in person.failed]
    median, high, highest = np.percentile(times, [50, 95, 99])
    good = high < LIMIT and not failed and not sum(found.values())
    print(f"{len(everybody)} people, {len(times):,} saves in {seconds:.0f} s: {len(times) / seconds:.1f} a second")
    print(f"{'save':12}{'median':>10}{'95 %':>10}{'99 %':>10}{'longest':>10}{'limit 95 %':>12}")
    shown = "".join(f"{1000 * one:>7.0f} ms" for one in (median, high, highest, times.max()))
    print(f"{'':12}{shown}{1000 * LIMIT:>9.0f} ms  {'' if good else 'OVER'}")
    print(f"errors {len(failed)}, stored {stored:,}, {', '.join(f'{name} {count}' for name, count in found.items())}")
    for why, count in Counter(failed).most_common(5):
        print(f"  {count} x {why}")
    return good


def main() -> int:
    seconds = 15.0 if "--quick" in sys.argv else SECONDS
    with postgres.empty_database() as url:
        return 0 if measure(url, seconds) else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""Voices on both databases: none is lost, none counts twice, also when many come at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.errors import Invalid, NotFound
from cityindex.models import Consultation, ConsultationTopic, DefinitionRecord, Place, Run, Voice, VoiceChoice, now
from cityindex.participation.recognising import new_secret
from cityindex.queries.participation.consultations import consultation, queue, reasons, result_of, voices
from cityindex.services.accounts.attempts import TooMany
from cityindex.services.participation.voices import MOST_CHANGES, Given, NotOpen, Voices

VALUES = (10.0, 20.0, 30.0)
Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    made = sessionmaker(engine, expire_on_commit=False)
    with made() as session:
        session.add(DefinitionRecord(fingerprint="f", kind="framework", content="{}"))
        place = Place(
            code="M1", place_type="town-municipality", name_th="เมือง", name_sort="a", name_search="a", source="t"
        )
        session.add(place)
        session.flush()
        said = {"library": "", "parameters": "{}", "summary": "{}", "data_fingerprint": "d", "cutoff": 0}
        run = Run(framework="small", version="1", period=2025, created_by="t", definition="f", **said)
        session.add(run)
        session.flush()
        session.add(_consultation(place.id, run.id))
        session.flush()
        facts = {"value": 10.0, "better": 1.0, "peers": 9, "behind": 3, "median": 20.0, "quarter": 30.0}
        offers = [{"kind": "own", "value": value, "score": None, "rank": None} for value in VALUES]
        for position in range(3):
            text = json.dumps({**facts, "offers": offers})
            session.add(ConsultationTopic(consultation_id=1, position=position, code=f"t{position}", facts=text))
        session.commit()
    return made


def _consultation(place: int, run: int) -> Consultation:
    about = json.dumps({"edition": 2025, "shared": [], "score": None, "rank": None, "ranked": 0})
    when = {"opens_at": now() - timedelta(days=1), "closes_at": now() + timedelta(days=1)}
    return Consultation(
        place_id=place, framework="small", run_id=run, period=2030, title="?", most=2, door="email", facts=about,
        secret=new_secret(), **when,
    )  # fmt: skip


def test_many_at_once_are_each_counted_once(sessions: Sessions) -> None:
    taking = Voices(sessions)
    tokens = [taking.invite(1, f"person-{n}@example.com")[1] for n in range(20)]

    def give(at: int) -> bool:
        # Everybody sends three times at the same time: twice the same, then another mind.
        return taking.give(1, tokens[at % 20], Given([(1, VALUES[at // 20])]))

    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(give, range(60)))
    assert changed.count(False) == 20
    with sessions() as session:
        assert voices(session, 1) == 20
        assert session.scalar(select(func.count()).select_from(VoiceChoice)) == 20


def test_one_person_at_eight_doors_has_one_voice(sessions: Sessions) -> None:
    taking = Voices(sessions)
    _, token = taking.invite(1, "Somchai+a@Example.com")
    _, same = taking.invite(1, "somchai@example.com")
    assert token == same
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(taking.give, repeat(1), [token] * 16, [Given([(1, 10.0), (2, VALUES[n % 3])]) for n in range(16)])
        )
    with sessions() as session:
        assert session.scalar(select(Voice.revision)) == 16
        assert session.scalar(select(func.count()).select_from(VoiceChoice)) == 2


def test_what_is_refused_changes_nothing(sessions: Sessions) -> None:
    taking = Voices(sessions)
    _, token = taking.invite(1, "a@example.com")
    wrong = [Given([]), Given([(1, 99.0)]), Given([(1, 10.0), (2, 10.0), (3, 10.0)]), Given([(1, 10.0)], "<b>")]
    for given in wrong:
        with pytest.raises(Invalid):
            taking.give(1, token, given)
    with pytest.raises(NotFound):
        taking.give(1, token[:-2] + "xx", Given([(1, 10.0)]))
    with pytest.raises(Invalid):
        taking.invite(1, "no address")
    with sessions() as session:
        assert voices(session, 1) == 0


def test_a_mind_is_changed_often_but_not_for_ever(sessions: Sessions) -> None:
    taking = Voices(sessions)
    _, token = taking.invite(1, "a@example.com")
    for _ in range(MOST_CHANGES):
        taking.give(1, token, Given([(1, 10.0)]))
    with pytest.raises(TooMany):
        taking.give(1, token, Given([(1, 30.0)]))
    with sessions() as session:
        assert session.scalar(select(VoiceChoice.value)) == 10.0


def test_results_from_ten_on_in_tens_and_reasons_once_they_are_read(sessions: Sessions) -> None:
    taking = Voices(sessions)
    for n in range(19):
        _, token = taking.invite(1, f"p{n}@example.com")
        taking.give(1, token, Given([(1, 30.0 if n < 10 else 10.0)], "ถนนมืด" if not n else ""))
        with sessions() as session:
            assert (result_of(session, consultation(session, 1), now()) is None) == (n < 9)
    with sessions() as session:
        asked = consultation(session, 1)
        assert [one.wanted for one in result_of(session, asked, now()).topics] == [30.0, None, None]  # type: ignore[union-attr]
        after = result_of(session, asked, asked.closes_at)
        assert after is not None
        assert after.topics[0].counts == ((10.0, 9), (30.0, 10))
        assert [one.text for one in queue(session, 1)] == ["ถนนมืด"]
        assert (reasons(session, 1).shown, reasons(session, 1).waiting) == ((), 1)
    late = Voices(sessions, clock=lambda: asked.closes_at)
    with pytest.raises(NotOpen):
        late.invite(1, "late@example.com")

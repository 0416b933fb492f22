"""Releases: approved together, published once at their moment, and nothing said twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.models import AuditEvent, Publication
from cityindex.queries.runs.editions import current_editions, run_record
from cityindex.queries.runs.releases import coming, plans, released
from cityindex.services.runs.publication import Terms
from cityindex.services.runs.releases import Approved, Due, Releases
from tests.integration.small import PERIOD, fill, publishing, record, scoring

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
SILENT = Terms()
NOTE = Terms("final", "แก้ถนน", "ต้นทางแก้", "Roads", "The source revised them")


class Clock:
    """A clock that is set by hand."""

    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def releases(engine: Engine, clock: Clock) -> Releases:
    """Three runs, of which none is public: two of one period, one of another."""
    fill(engine)
    for period in (PERIOD, PERIOD, PERIOD + 1):
        if period != PERIOD:
            with Session(engine) as session:
                record(session, {("M1", "roads"): 5.0, ("M2", "roads"): 6.0, ("50", "air"): 3.0}, period=period)
                session.commit()
        scoring(engine).run("small", period, "test")
    return Releases(sessionmaker(engine, expire_on_commit=False), clock)


def public(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return sorted(one.run for one in current_editions(session))


def outcomes(engine: Engine) -> list[tuple[int, str | None]]:
    with Session(engine) as session:
        return [(one.run, one.outcome) for one in plans(session)]


def approve(run: int, before: int | None = None, terms: Terms = SILENT) -> Approved:
    return Approved(run, before, terms)


def test_a_planned_release_comes_out_at_its_moment_and_once(engine: Engine, releases: Releases, clock: Clock) -> None:
    releases.plan([approve(1, terms=Terms("provisional"))], LATER + timedelta(seconds=40), "a")
    assert releases.publish_due() == Due(0, 0)
    with Session(engine) as session:
        (one,) = coming(session)
        assert (one.framework, one.period, one.at, one.again) == ("small", PERIOD, LATER, False)
    clock.at = LATER - timedelta(seconds=1)
    assert releases.publish_due() == Due(0, 0)
    assert public(engine) == []
    clock.at = LATER
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: releases.publish_due(), range(4)))
    assert sum(one.published for one in done) == 1
    assert (public(engine), outcomes(engine)) == ([1], [(1, "published")])
    with Session(engine) as session:
        assert coming(session) == ()
        assert session.scalars(select(Publication.by)).all() == ["a"]
        assert run_record(session, 1).note.mark == "provisional"


def test_a_release_is_refused_where_another_edition_came_in_between(
    engine: Engine, releases: Releases, clock: Clock
) -> None:
    releases.plan([approve(1)], LATER, "a")
    publishing(engine).publish(2, "b")
    clock.at = LATER
    assert releases.publish_due() == Due(0, 1)
    assert public(engine) == [2]
    with Session(engine) as session:
        (one,) = plans(session)
        assert (one.outcome, one.said) == (
            "refused",
            f"run 2 of small {PERIOD} is in force now, which is not what was approved",
        )
        assert "release refused" in session.scalars(select(AuditEvent.action)).all()
    assert releases.publish_due() == Due(0, 0)


def test_what_is_cancelled_does_not_come_out(engine: Engine, releases: Releases, clock: Clock) -> None:
    releases.plan([approve(1)], LATER, "a", announced=False)
    with Session(engine) as session:
        assert coming(session) == ()
        plan = plans(session)[0].id
    with pytest.raises(Conflict, match="cancel it first"):
        releases.plan([approve(2)], LATER, "a")
    releases.cancel(plan, "b")
    with pytest.raises(Conflict, match="cancelled already"):
        releases.cancel(plan, "b")
    with pytest.raises(NotFound, match="no planned release 99"):
        releases.cancel(99, "b")
    clock.at = LATER
    assert releases.publish_due() == Due(0, 0)
    assert public(engine) == []


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=1000)])
def test_moments_that_cannot_be_meant(releases: Releases, at: datetime) -> None:
    with pytest.raises(Invalid, match="a moment to come"):
        releases.plan([approve(1)], at, "a")


def test_several_come_out_together_or_not_at_all(engine: Engine, releases: Releases) -> None:
    with pytest.raises(NotFound, match="no run 99"):
        releases.publish([approve(1), approve(99)], "a")
    with pytest.raises(Conflict, match="not what was approved"):
        releases.publish([approve(1), approve(3, before=2)], "a")
    with pytest.raises(Conflict, match="not what was approved"):
        releases.publish([approve(1), approve(2)], "a")  # of one period: the second would replace the first unseen
    for runs in ([], [approve(1), approve(1)]):
        with pytest.raises(Invalid, match="chosen"):
            releases.publish(runs, "a")
    assert public(engine) == []
    releases.publish([approve(1), approve(3)], "a")
    assert public(engine) == [1, 3]


def test_a_correction_says_what_changed_and_stays_said(engine: Engine, releases: Releases) -> None:
    publishing(engine).publish(1, "a")
    releases.publish([approve(2, 1, NOTE)], "a")
    with Session(engine) as session:
        (one,) = current_editions(session)
        assert (one.note.mark, one.note.corrects) == ("final", 1)
        assert (one.note.what["en"], one.note.why["th"]) == ("Roads", "ต้นทางแก้")
        assert run_record(session, 2).note == one.note
    publishing(engine).rollback("small", PERIOD, "a")
    publishing(engine).publish(2, "a")  # as it was
    publishing(engine).rollback("small", PERIOD, "a")
    with pytest.raises(Conflict, match="what was said of it then stands"):
        publishing(engine).publish(2, "a", Terms("provisional"))
    publishing(engine).rollback("small", PERIOD, "a")
    with pytest.raises(Conflict, match="what was said of it then stands"):
        publishing(engine).publish(1, "a", Terms("final"))  # nothing was said of it
    publishing(engine).publish(2, "a", NOTE)


def test_the_calendar_tells_every_movement(engine: Engine, releases: Releases) -> None:
    releases.publish([approve(1), approve(3)], "a")
    releases.publish([approve(2, 1, NOTE)], "a")
    publishing(engine).rollback("small", PERIOD, "a")
    publishing(engine).rollback("small", PERIOD, "a")
    with Session(engine) as session:
        found = released(session, 10)
        told = [
            (one.kind, one.period - PERIOD, one.run, one.before, one.standing, bool(one.note.what))
            for one in found.items
        ]
        assert released(session, 1, 1).items == found.items[1:2]
    assert found.total == 5
    assert told == [
        ("withdrawn", 0, None, 1, False, False),
        ("back", 0, 1, 2, False, False),
        ("again", 0, 2, 1, False, True),
        ("first", 1, 3, None, True, False),
        ("first", 0, 1, None, False, False),
    ]


@pytest.mark.parametrize(
    "words",
    [
        {"mark": "nearly"},
        {"what_th": "x"},
        {"why_en": "x"},
        {"what_en": "x", "why_en": "y"},
        {"what_th": "x" * 2001, "why_th": "y"},
    ],
)
def test_half_a_note_is_none(words: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Terms(**words)

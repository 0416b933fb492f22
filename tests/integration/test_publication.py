"""Publishing and rolling back: the pointer moves, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cityindex.errors import Conflict, NotFound
from cityindex.models import AuditEvent, Publication, Run
from cityindex.queries.runs.editions import current_editions, edition, neighbours, run_record, runs
from cityindex.services.runs.publication import PUBLISHED, ROLLED_BACK, editions
from tests.integration.small import PERIOD, POOLED, fill, publishing, record, scoring


def public(engine: Engine, period: int = PERIOD) -> int | None:
    with Session(engine) as session:
        return next((one.run for one in current_editions(session, "small") if one.period == period), None)


def test_publish_and_roll_back_step_by_step(engine: Engine) -> None:
    fill(engine)
    one, two = (scoring(engine).run("small", PERIOD, "test") for _ in range(2))
    service = publishing(engine)
    assert public(engine) is None
    assert service.publish(one, "a").before is None
    assert service.publish(two, "b").before == one
    assert public(engine) == two
    assert service.rollback("small", PERIOD, "c").run == one
    assert public(engine) == one
    assert service.rollback("small", PERIOD, "d").run is None
    assert public(engine) is None
    with pytest.raises(NotFound, match="nothing to roll back"):
        service.rollback("small", PERIOD, "e")
    service.publish(two, "f")
    with Session(engine) as session:
        moves = session.execute(select(Publication.action, Publication.run_id, Publication.by).order_by(Publication.id))
        assert [tuple(move) for move in moves] == [
            ("published", one, "a"),
            ("published", two, "b"),
            ("rolled-back", one, "c"),
            ("rolled-back", None, "d"),
            ("published", two, "f"),
        ]
        assert session.scalar(select(func.count()).select_from(Run)) == 2
        said = select(AuditEvent.action).where(AuditEvent.action.startswith("edition")).order_by(AuditEvent.id)
        deeds = session.scalars(said).all()
        assert deeds == ["edition published"] * 2 + ["edition rolled-back"] * 2 + ["edition published"]


def test_publishing_twice_is_a_conflict(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    publishing(engine).publish(run, "test")
    with pytest.raises(Conflict, match="already"):
        publishing(engine).publish(run, "test")
    with pytest.raises(NotFound, match="no run 99"):
        publishing(engine).publish(99, "test")


EVERYTHING = {"normalise": "none", "screen": {"coverage": 1}, "coverage": 0.3}
"""A place without one of the figures is not ranked."""


@pytest.mark.parametrize(
    ("method", "missing", "said"),
    [({"coverage": 1}, ("roads", "air"), "no place is scored"), (EVERYTHING, ("roads",), "no place is ranked")],
)
def test_a_run_that_says_nothing_is_not_published(
    engine: Engine, method: dict[str, Any], missing: tuple[str, ...], said: str
) -> None:
    fill(engine)
    with Session(engine) as session:
        record(session, {(f"M{number}", code): None for number in range(8) for code in missing})
        record(session, {("50", "air"): None})
        session.commit()
    plan = {"plan": {"weights": {"noise": 0.1}}, "replications": 4}
    run = scoring(engine, method=method, uncertainty=plan).run("small", PERIOD, "test")
    with pytest.raises(Conflict, match=said):
        publishing(engine).publish(run, "test")
    assert public(engine) is None


def test_an_earlier_run_may_be_published_again_and_undone(engine: Engine) -> None:
    fill(engine)
    one, two = (scoring(engine).run("small", PERIOD, "test") for _ in range(2))
    service = publishing(engine)
    for run in (one, two, one):
        service.publish(run, "test")
    assert service.rollback("small", PERIOD, "test").run == two


def test_a_published_version_never_changes(engine: Engine) -> None:
    fill(engine)
    publishing(engine).publish(scoring(engine).run("small", PERIOD, "test"), "test")
    renamed = scoring(engine, name={"th": "เล็ก", "en": "Small"}).run("small", PERIOD, "test")
    publishing(engine).publish(renamed, "test")
    changed = scoring(engine, method=POOLED).run("small", PERIOD, "test")
    with pytest.raises(Conflict, match="new version"):
        publishing(engine).publish(changed, "test")
    anew = scoring(engine, method=POOLED, version="2").run("small", PERIOD, "test")
    publishing(engine).publish(anew, "test")
    assert public(engine) == anew


def test_editions_are_found_by_framework_and_period(engine: Engine) -> None:
    periods = (2021, 2022, 2023)
    for period in periods:
        fill(engine, period=period)
        publishing(engine).publish(scoring(engine).run("small", period, "test"), "test")
    unpublished = scoring(engine).run("small", 2023, "test")
    with Session(engine) as session:
        assert [one.period for one in current_editions(session)] == [2023, 2022, 2021]
        latest = edition(session, "small")
        assert (latest.period, latest.places, latest.scored, latest.ranked, latest.demo) == (2023, 8, 8, 8, False)
        middle = edition(session, "small", 2022)
        before, after = neighbours(session, middle)
        assert before is not None
        assert after is not None
        assert (before.period, after.period) == (2021, 2023)
        assert neighbours(session, latest)[1] is None
        with pytest.raises(NotFound, match=r"not published for 2020 \(it is for 2023, 2022, 2021\)"):
            edition(session, "small", 2020)
        with pytest.raises(NotFound, match="nothing of other"):
            edition(session, "other")
        assert [(one.id, one.published) for one in runs(session)] == [(1, True), (2, True), (3, True), (4, False)]
        assert [one.id for one in runs(session, after=2, limit=1)] == [3]
        assert run_record(session, unpublished).summary["places"] == 8
        with pytest.raises(NotFound):
            run_record(session, 99)


MOVES = st.lists(st.one_of(st.none(), st.integers(1, 4)), max_size=30)


@given(MOVES)
def test_any_sequence_leaves_the_pointer_on_something_published(steps: list[int | None]) -> None:
    """`None` rolls back, a number publishes that run: as the service does it, over rows that are only added."""
    moves: list[tuple[str, int | None]] = []
    stacks = [[]]
    for step in steps:
        stack = editions(moves)
        if step is None and stack:
            moves.append((ROLLED_BACK, stack[-2] if len(stack) > 1 else None))
            assert editions(moves) == stack[:-1]
        elif step is not None and (not stack or stack[-1] != step):
            moves.append((PUBLISHED, step))
            assert editions(moves) == [*stack, step]
        stacks.append(editions(moves))
        if moves:
            assert moves[-1][1] == (stacks[-1][-1] if stacks[-1] else None)
        assert set(stacks[-1]) <= {run for action, run in moves if action == PUBLISHED}


def test_a_sequence_through_the_service(engine: Engine) -> None:
    fill(engine)
    made = [scoring(engine).run("small", PERIOD, "test") for _ in range(3)]
    service = publishing(engine)
    stack: list[int] = []
    for step in (0, 1, None, 1, 2, None, None, None, 0, 2, None, 1, None, None):
        if step is None:
            assert service.rollback("small", PERIOD, "test").before == stack.pop()
        else:
            stack.append(service.publish(made[step], "test").run)
        assert public(engine) == (stack[-1] if stack else None)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Publication)) == 14
        assert session.scalar(select(func.count()).select_from(Run)) == 3


def test_a_rollback_undoes_only_what_was_shown(engine: Engine) -> None:
    fill(engine)
    one, two = (scoring(engine).run("small", PERIOD, "test") for _ in range(2))
    service = publishing(engine)
    service.publish(one, "a")
    service.publish(two, "a")
    service.rollback("small", PERIOD, "a", undoing=two)
    with pytest.raises(Conflict, match=f"run {one} is the published edition"):
        service.rollback("small", PERIOD, "a", undoing=two)
    assert public(engine) == one

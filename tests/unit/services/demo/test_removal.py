"""Editions after the demo is gone: the pointers stand where they would stand if it had never been."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cityindex.services.demo.removal import Movement, without_demo
from cityindex.services.runs.publication import PUBLISHED, ROLLED_BACK, editions

REAL, DEMO = 1000, 1


def movements(*deeds: int | None) -> list[Movement]:
    """A publication of each run, `None` for a rollback; runs from 1000 on are real."""
    found: list[Movement] = []
    stack: list[int] = []
    for row, run in enumerate(deeds, start=1):
        if run is None:
            stack.pop()
        else:
            stack.append(run)
        action = ROLLED_BACK if run is None else PUBLISHED
        here = stack[-1] if stack else None
        found.append(Movement(row, action, here, here is not None and here < REAL))
    return found


def test_demo_editions_go() -> None:
    assert without_demo(movements(DEMO, DEMO + 1)) == ([1, 2], {})


def test_a_rollback_goes_with_the_demo_edition_that_it_undid() -> None:
    assert without_demo(movements(DEMO, None)) == ([1, 2], {})


def test_a_rollback_to_the_demo_leads_to_nothing() -> None:
    assert without_demo(movements(DEMO, REAL, None)) == ([1], {3: None})


def test_a_rollback_past_the_demo_leads_to_the_real_edition_before_it() -> None:
    assert without_demo(movements(REAL, DEMO, REAL + 1, None)) == ([2], {4: REAL})


@given(st.data())
def test_the_real_editions_stand_as_if_there_had_been_no_demo(data: st.DataObject) -> None:
    deeds: list[int | None] = []
    depth = 0
    for run in range(data.draw(st.integers(1, 12))):
        undo = depth > 0 and data.draw(st.booleans())
        depth += -1 if undo else 1
        deeds.append(None if undo else run + 1 + (REAL if data.draw(st.booleans()) else 0))
    history = movements(*deeds)
    doomed, led = without_demo(history)
    left = [(m.action, led.get(m.id, m.run)) for m in history if m.id not in doomed]
    before = [run for run in editions([(m.action, m.run) for m in history]) if run >= REAL]
    assert editions(left) == before
    assert not left or left[-1][1] == (before[-1] if before else None)

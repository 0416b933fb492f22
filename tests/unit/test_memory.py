"""What a process keeps in memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cityindex.memory import Memory


def test_a_thing_is_made_once() -> None:
    memory: Memory[object] = Memory(2)
    made = memory.get("a", object)
    assert memory.get("a", object) is made
    assert "a" in memory
    assert "b" not in memory


def test_nothing_is_a_thing_too() -> None:
    memory: Memory[object] = Memory(2)
    memory.get("a", lambda: None)
    assert memory.get("a", object) is None


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    memory: Memory[str] = Memory(2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, lambda key=key: key)  # type: ignore[misc]
    assert [key in memory for key in "abc"] == [True, False, True]


def test_room_is_counted_in_weight_and_the_last_one_stays() -> None:
    memory: Memory[bytes] = Memory(10, len)
    memory.get("a", lambda: b"123456")
    memory.get("b", lambda: b"1234")
    assert "a" in memory
    memory.get("c", lambda: b"1")
    assert "a" not in memory
    memory.get("d", lambda: b"1" * 99)
    assert [key in memory for key in "bcd"] == [False, False, True]
    memory.get("e", lambda: b"1")
    assert [key in memory for key in "de"] == [False, True]


def test_what_failed_is_tried_again() -> None:
    memory: Memory[int] = Memory(2)
    with pytest.raises(ZeroDivisionError):
        memory.get("a", lambda: 1 // 0)
    assert memory.get("a", lambda: 1) == 1


def test_a_thing_may_need_another_one() -> None:
    memory: Memory[int] = Memory(4)
    assert memory.get("a", lambda: 1 + memory.get("b", lambda: 2)) == 3


def test_threads_wait_for_the_one_that_makes_what_they_want_and_others_do_not() -> None:
    memory: Memory[str] = Memory(4)
    began, may_end, times = threading.Event(), threading.Event(), []

    def slow() -> str:
        times.append(1)
        began.set()
        assert may_end.wait(10)
        return "slow"

    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(memory.get, "slow", slow) for _ in range(3)]
        assert began.wait(10)
        assert memory.get("quick", lambda: "quick") == "quick"
        may_end.set()
        assert [one.result(10) for one in waiting] == ["slow"] * 3
    assert len(times) == 1

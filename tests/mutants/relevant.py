"""Which tests enter which functions: found once, on the code as it is, in a process of its own.

Run as a plugin of pytest: `MUTANTS_MAP` names the file that it writes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

ENGINE = f"{os.sep}cityindex{os.sep}scoring{os.sep}"


class Recorder:
    """Test by test: how many seconds of work it is, and the functions of the engine that it enters, as `file:line`."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[float, list[str]]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        entered: set[CodeType] = set()

        def enter(frame: FrameType, _event: str, _argument: Any) -> None:
            entered.add(frame.f_code)

        started = time.process_time()
        sys.settrace(enter)
        yield
        sys.settrace(None)
        functions = sorted(_name(code) for code in entered if ENGINE in code.co_filename)
        self.found[item.nodeid] = time.process_time() - started, functions

    def pytest_sessionfinish(self) -> None:
        Path(os.environ["MUTANTS_MAP"]).write_text(json.dumps(self.found))


def _name(code: CodeType) -> str:
    return f"{code.co_filename[code.co_filename.index(ENGINE) + 1 :]}:{code.co_firstlineno}"


class Relevant:
    """The tests for a change, those that mirror its file first, then from quick to slow."""

    def __init__(self, path: Path, longest: float) -> None:
        found: dict[str, tuple[float, list[str]]] = json.loads(path.read_text())
        self.longest = longest
        self.seconds = {test: seconds for test, (seconds, _) in found.items()}
        self.entered = {test: set(functions) for test, (_, functions) in found.items()}

    def tests(self, file: str, scope: int | None) -> tuple[list[str], float]:
        """Their names, and the seconds that they take; no more than `longest` beyond those that mirror the file.

        What stands outside functions is there for every test; those that enter a function of the file come first.
        """
        mirror = f"test_{Path(file).stem}.py"
        chosen = [test for test, entered in self.entered.items() if scope is None or f"{file}:{scope}" in entered]
        chosen.sort(key=lambda test: (mirror not in test, not self._near(test, file), self.seconds[test]))
        kept, total = [], 0.0
        for test in chosen:
            if total + self.seconds[test] <= self.longest or mirror in test:
                kept.append(test)
                total += self.seconds[test]
        return kept, total

    def _near(self, test: str, file: str) -> bool:
        return any(function.startswith(f"{file}:") for function in self.entered[test])

"""What the engine said about small cases of every kind, it says again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.unit.scoring.recorded import FILE, cases

CASES = dict(cases())
CLOSE = 1e-8
"""The last digits are those of a processor's own sums."""


def differences(said: Any, now: Any, where: str) -> list[str]:
    if isinstance(said, Mapping) and isinstance(now, Mapping) and said.keys() == now.keys():
        return [line for key in said for line in differences(said[key], now[key], f"{where}.{key}")]
    if isinstance(said, list) and isinstance(now, list) and len(said) == len(now):
        parts = enumerate(zip(said, now, strict=True))
        return [line for at, (one, other) in parts for line in differences(one, other, f"{where}[{at}]")]
    if isinstance(said, float) and isinstance(now, int | float):
        return [] if math.isclose(said, now, rel_tol=CLOSE, abs_tol=CLOSE) else [f"{where}: {said} is now {now}"]
    return [] if said == now else [f"{where}: {said} is now {now}"]


@pytest.mark.parametrize("name", list(CASES))
def test_what_was_said_is_said_again(name: str) -> None:
    said = json.loads(FILE.read_text(encoding="utf-8"))
    make: Callable[[], Any] = CASES[name]
    assert differences(said[name], json.loads(json.dumps(make())), name) == []


def test_every_recorded_case_is_one_of_today() -> None:
    assert set(json.loads(FILE.read_text(encoding="utf-8"))) == set(CASES)

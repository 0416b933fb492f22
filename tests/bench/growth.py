"""How time grows with places, indicators, periods and replications: `python -m tests.bench.growth`.

Four times as much may take four times as long, give or take what a busy machine and the logarithm in sorting add.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from cityindex.scoring.pipeline import score
from cityindex.scoring.uncertainty import uncertainty
from tests.bench.scoring import INDICATORS, PERIODS, PLACES, cube, framework, panel
from tests.bench.uncertainty import PLAN, REPLICATIONS, study

LIMIT, ROUNDS = 1.3, 5
SHARES = (0.25, 0.5, 1.0)


def seconds(tasks: Sequence[Callable[[], Any]]) -> list[float]:
    """The least work of each, taken in turn, in seconds of the processor: what else runs on it does not count."""
    spent: list[list[float]] = [[] for _ in tasks]
    for _ in range(ROUNDS):
        for task, taken in zip(tasks, spent, strict=True):
            started = time.process_time()
            task()
            taken.append(time.process_time() - started)
    return [min(taken) for taken in spent]


def grown(label: str, whole: int, task_of: Callable[[int], Callable[[], Any]]) -> float:
    """A line of the table; how many times longer the whole takes than a quarter, against how many times larger."""
    sizes = [round(whole * share) for share in SHARES]
    times = seconds([task_of(size) for size in sizes])
    ratio = times[-1] / times[0] / (sizes[-1] / sizes[0])
    shown = "".join(f"{size:>8,}{taken * 1e3:>8.0f} ms" for size, taken in zip(sizes, times, strict=True))
    print(f"{label:<14}{shown}{ratio:>10.2f}{LIMIT:>8.1f}")
    return ratio


def scored(values: Any) -> Callable[[], Any]:
    given, chosen = panel(values), framework(values.shape[1])
    return lambda: score(chosen, given)


def main() -> int:
    values = cube()
    one = values[:1]
    whole = study(), panel(one)
    print(f"{'growth with':<14}{'quarter':>19}{'half':>19}{'whole':>19}{'to linear':>10}{'limit':>8}")
    ratios = [
        grown("places", PLACES, lambda size: scored(one[:, :, :size])),
        grown("indicators", INDICATORS, lambda size: scored(one[:, :size])),
        grown("periods", PERIODS, lambda size: scored(values[:size])),
        grown("replications", REPLICATIONS, lambda size: lambda: uncertainty(*whole, PLAN, size, 7)),
    ]
    return int(max(ratios) > LIMIT)


if __name__ == "__main__":
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        single = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "tests.bench.growth"], single)
    sys.exit(main())

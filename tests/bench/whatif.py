"""What-if of one place among 7,850 with 100 indicators: `python -m tests.bench.whatif`.

Parameters and standing are prepared once, as a page does; each of many what-ifs changes one indicator of one place.
Every answer is compared with a full rebuild of a few of them first.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from cityindex.scoring.explain import contributions
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.targets import climb
from cityindex.scoring.whatif import Standing, rescore
from tests.bench.scoring import INDICATORS, PLACES, cube, framework, panel

TIMES, CHECKED = 2_000, 5
LIMIT = 1e-3
"""Seconds that one what-if may take, at the median."""


def asked(results: ScoreSet, times: int) -> list[tuple[Row, dict[str, float]]]:
    """Places and changes: a value of another place."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(times):
        place, other, column = rng.integers(PLACES), rng.integers(PLACES), rng.integers(INDICATORS)
        value = results.values[0, other, column]
        if not np.isnan(value):
            row = Row.of(results, results.places[place], 2014)
            found.append((row, {results.indicators[column]: float(value)}))
    return found


def check(given: Panel, results: ScoreSet, prepared: tuple[Frozen, Standing], some: Any) -> None:
    """A what-if is a full rebuild with the same parameters, or its speed means nothing."""
    for row, changes in some:
        values = given.values.copy()
        for code, value in changes.items():
            values[0, given.places.index(row.place), given.indicators.index(code)] = value
        changed = Panel(given.places, given.periods, given.indicators, values)
        rebuilt = score(framework(), changed, results.parameters)
        found = rescore(*prepared, row, changes)
        where = 0, rebuilt.places.index(row.place)
        assert np.array_equal(found.score, rebuilt.score[where], equal_nan=True)
        assert found.rank == rebuilt.rank[where][0]


def main() -> int:
    given = panel(cube(1))
    results = score(framework(), given)
    started = time.perf_counter()
    prepared = Frozen.of(framework(), results, 2014), Standing.of(framework(), results, 2014)
    made = time.perf_counter() - started
    wanted = asked(results, TIMES)
    check(given, results, prepared, wanted[:CHECKED])
    spent = []
    for row, changes in wanted:
        started = time.perf_counter()
        rescore(*prepared, row, changes)
        spent.append(time.perf_counter() - started)
    median, worst = float(np.median(spent)), float(np.quantile(spent, 0.99))
    print(f"what-if of one place ({PLACES:,} places x {INDICATORS} indicators, {len(spent):,} times)")
    print(f"{'prepared once':<42}{made * 1e3:>7.2f} ms")
    print(f"{'median':<42}{median * 1e3:>7.3f} ms{LIMIT * 1e3:>10.1f} ms at most")
    print(f"{'99 of 100 within':<42}{worst * 1e3:>7.3f} ms")
    row = wanted[0][0]
    for label, task in (
        ("contributions of every row", lambda: contributions(prepared[0], row)),
        ("up five ranks, by each indicator", lambda: climb(*prepared, row)),
    ):
        started = time.perf_counter()
        task()
        print(f"{label:<42}{(time.perf_counter() - started) * 1e3:>7.1f} ms")
    return int(median > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())

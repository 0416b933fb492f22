"""The engine against bare NumPy on the same numbers in the same run: `python -m tests.bench.scoring`.

The floor treats, normalises, aggregates three levels with gaps and ranks the nodes, with nothing that can be chosen,
checked, explained or repeated. The engine does all of that and ranks the indicators too.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import score

PLACES, INDICATORS, SKEWED, GAPS = 7_850, 100, 20, 0.05
PERIODS = 10
LIMIT = 2.0
"""How many times the floor the engine may take."""


def cube(periods: int = PERIODS, places: int = PLACES, indicators: int = INDICATORS) -> Any:
    """Values (periods, indicators, places): every fifth column is skewed, and one cell in twenty is empty."""
    rng = np.random.default_rng(7)
    values = rng.normal(50, 10, (periods, indicators, places))
    values[:, ::5] = rng.lognormal(1, 1.6, (periods, len(range(0, indicators, 5)), places))
    values[rng.random(values.shape) < GAPS] = np.nan
    return values


def framework(indicators: int = INDICATORS) -> Framework:
    """Three levels: the index, two dimensions, sub-dimensions of ten indicators."""
    subs = [
        Node(f"sub{n}", tuple(Leaf(f"i{k}", 1.0 + k % 3) for k in range(n, min(n + 10, indicators))))
        for n in range(0, indicators, 10)
    ]
    half = (len(subs) + 1) // 2
    tree = Node("index", (Node("one", tuple(subs[:half]), 2.0), Node("two", tuple(subs[half:]) or (subs[0],), 1.0)))
    method = Method(treat=Rule("winsorise", {"cap": 0.01, "skew": 2, "kurtosis": 3.5, "otherwise": "log"}))
    return Framework("bench", tree, {f"i{k}": Indicator(f"i{k}") for k in range(indicators)}, method=method)


def panel(values: Any) -> Panel:
    """The panel that a reader of files or the store hands over: (periods, places, indicators) in memory."""
    periods, indicators, places = values.shape
    return Panel(
        places=tuple(f"{6_000_000 + place}" for place in range(places)),
        periods=tuple(range(2014, 2014 + periods)),
        indicators=tuple(f"i{k}" for k in range(indicators)),
        values=np.ascontiguousarray(values.transpose(0, 2, 1)),
    )


def floor(values: Any) -> Any:
    """One period after another, bare."""
    return [_floor_period(period) for period in values]


def _floor_period(x: Any) -> Any:
    x = _floor_treat(x)
    low, high = np.fmin.reduce(x, axis=1)[:, None], np.fmax.reduce(x, axis=1)[:, None]
    x = 100 * (x - low) / (high - low)
    weights = 1.0 + np.arange(len(x)) % 3
    subs = np.stack([_floor_mean(x[n : n + 10], weights[n : n + 10]) for n in range(0, len(x), 10)])
    half = (len(subs) + 1) // 2
    parts = np.stack([_floor_mean(part, np.ones(len(part))) for part in (subs[:half], subs[half:])])
    nodes = np.concatenate((_floor_mean(parts, np.array([2.0, 1.0]))[None], parts, subs))
    ranks = np.empty(nodes.shape, dtype=np.int32)
    for row, rank in zip(nodes, ranks, strict=True):
        order = np.argsort(-row)
        arranged = row[order]
        first = np.concatenate(([True], arranged[1:] != arranged[:-1]))
        rank[order] = np.maximum.accumulate(np.where(first, np.arange(row.size), 0)) + 1
    return nodes, ranks


def _floor_mean(x: Any, weights: Any) -> Any:
    there = ~np.isnan(x)
    of = weights @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(of >= 0.66 * weights.sum(), weights @ np.where(there, x, 0.0) / of, np.nan)


def _floor_treat(x: Any) -> Any:
    n = (~np.isnan(x)).sum(axis=1)
    c = x - np.nansum(x, axis=1)[:, None] / n[:, None]
    c[np.isnan(c)] = 0.0
    squares = c * c
    s2, s3, s4 = squares.sum(axis=1), (squares * c).sum(axis=1), (squares * squares).sum(axis=1)
    x = x.copy()
    for k in np.flatnonzero(_failing(n, s2, s3, s4)):
        arranged = np.sort(x[k])[: n[k]]
        x[k] = _floor_winsorise(x[k], arranged, int(0.01 * n[k]))
    return x


def _floor_winsorise(column: Any, arranged: Any, cap: int) -> Any:
    """All counts of points at once, on the side of the skew."""
    n = arranged.size
    centred = arranged - arranged[n // 2]
    powers = np.stack([centred**p for p in (1, 2, 3, 4)])
    kept = powers[:, : n - cap].sum(axis=1)[:, None] + np.cumsum(
        np.concatenate((np.zeros((4, 1)), powers[:, n - cap :]), axis=1), axis=1
    )
    changed = np.arange(cap, -1, -1)
    sums = kept + changed * powers[:, n - 1 - changed]
    d = sums[0] / n
    s2 = sums[1] - n * d**2
    s3 = sums[2] - 3 * d * sums[1] + 2 * n * d**3
    s4 = sums[3] - 4 * d * sums[2] + 6 * d**2 * sums[1] - 3 * n * d**4
    passed = changed[~_failing(n, s2, s3, s4)]
    if passed.size:
        return np.minimum(column, arranged[n - 1 - passed.min()])
    low, high = arranged[0], arranged[-1]
    return np.log(column - low + 0.01 * (high - low))


def _failing(n: Any, s2: Any, s3: Any, s4: Any) -> Any:
    skew = np.sqrt(n) * s3 / s2**1.5 * np.sqrt(n * (n - 1.0)) / (n - 2)
    kurtosis = ((n + 1) * (n * s4 / s2**2 - 3) + 6) * (n - 1) / ((n - 2.0) * (n - 3))
    return (np.abs(skew) >= 2) & (kurtosis >= 3.5)


def paired(one: Callable[[], Any], other: Callable[[], Any], times: int = 5) -> tuple[float, float]:
    """The shortest time of each, taken in turn, so that whatever else runs on the machine hits both."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for task, taken in zip((one, other), spent, strict=True):
            started = time.perf_counter()
            task()
            taken.append(time.perf_counter() - started)
    return min(spent[0]), min(spent[1])


def compare(label: str, values: Any, times: int = 5) -> tuple[str, float, float]:
    given, chosen = panel(values), framework(values.shape[1])
    engine, bare = paired(lambda: score(chosen, given), lambda: floor(values), times)
    return label, engine, bare


def check(values: Any) -> None:
    """Both compute the same thing, or the comparison means nothing."""
    results = score(framework(), panel(values))
    for when, (nodes, _) in enumerate(floor(values)):
        rows = [row for row, code in enumerate(results.nodes) if not code.startswith("i") or code == "index"]
        order = [results.row(code) for code in ("index", "one", "two")]
        order += [row for row in rows if results.nodes[row].startswith("sub")]
        np.testing.assert_allclose(results.score[when][:, order].T, nodes, rtol=1e-9)


def import_seconds() -> float:
    """The shortest of five fresh interpreters, less an interpreter that does nothing."""
    spent = []
    for code in ("pass", "import cityindex.scoring.pipeline"):
        taken = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            taken.append(time.perf_counter() - started)
        spent.append(min(taken))
    return spent[1] - spent[0]


def main() -> int:
    values = cube()
    check(values[:1])
    rows = [
        compare("one period, treat to rank", values[:1]),
        compare("ten periods", values, 3),
    ]
    print(f"{'engine (7,850 places x 100 indicators)':<42}{'engine':>10}{'floor':>10}{'ratio':>8}{'limit':>8}")
    for label, engine, bare in rows:
        print(f"{label:<42}{engine * 1e3:>7.0f} ms{bare * 1e3:>7.0f} ms{engine / bare:>8.2f}{LIMIT:>8.1f}")
    print(f"{'importing the engine':<42}{import_seconds() * 1e3:>7.0f} ms{'':>18}{'250 ms':>8}")
    print(
        f"{'peak memory':<42}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>6.0f} MiB{'':>18}{'1 GiB':>8}"
    )
    return int(any(engine > LIMIT * bare for _, engine, bare in rows))


if __name__ == "__main__":
    raise SystemExit(main())

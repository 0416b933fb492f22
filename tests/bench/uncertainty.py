"""Replications against bare NumPy on the same numbers in the same run: `python -m tests.bench.uncertainty`.

The floor draws weights at three levels, takes the first level of many replications as one matrix product for each
sub-dimension, the others by arithmetic, ranks, and sorts the ranks for percentiles; in double precision, with nothing
that can be chosen, checked, recorded or repeated alone. The engine does all that, and to the bit as it scores.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from cityindex.scoring.choices import UncertaintyPlan, Weighting, framework_of
from cityindex.scoring.framework import Framework, Rule
from cityindex.scoring.pipeline import score
from cityindex.scoring.uncertainty import uncertainty
from tests.bench.scoring import cube, framework, paired, panel

REPLICATIONS, BLOCK, LIMIT = 1000, 25, 1.5
BASE, SOBOL_SECONDS, MEMORY = 512, 20.0, 1024.0
SUBS = 10
"""How many indicators a sub-dimension has."""

WEIGHTS = Weighting("noise", 0.25, (1, 2, 3))
PLAN = UncertaintyPlan(
    normalise=(Rule("min-max"), Rule("percentile-rank")),
    aggregate={"index": (Rule("arithmetic"), Rule("geometric"))},
    weights=WEIGHTS,
)
SIX = replace(
    PLAN,
    treat=(Rule("none"), Rule("winsorise", {"cap": 0.01}), Rule("winsorise", {"cap": 0.025})),
    impute=(Rule("none"), Rule("median")),
    leave_out=True,
    sobol=True,
)


def study() -> Framework:
    return replace(framework(), scale=(1.0, 100.0))


def floor(variants: list[Any], replications: int) -> Any:
    """Percentiles of ranks over replications of normalised variants (indicators, places)."""
    rng = np.random.default_rng(7)
    kept = [(np.where(np.isnan(x), 0.0, x), (~np.isnan(x)).astype(np.float64)) for x in variants]
    ranks = np.empty((replications, variants[0].shape[1]), dtype=np.int16)
    for start in range(0, replications, BLOCK):
        count = min(BLOCK, replications - start)
        filled, there = kept[start // BLOCK % len(kept)]
        scores = _floor_scores(
            filled, there, rng.uniform(0.75, 1.25, (count, len(filled) + 12)), start // BLOCK // 2 % 2
        )
        for row, rank in zip(scores, ranks[start : start + count], strict=True):
            order = np.argsort(-row)
            arranged = row[order]
            first = np.concatenate(([True], arranged[1:] != arranged[:-1]))
            rank[order] = np.maximum.accumulate(np.where(first, np.arange(row.size), 0)) + 1
    columns = np.sort(np.ascontiguousarray(ranks.T), axis=1)
    return columns[:, [int(np.ceil(share * replications)) - 1 for share in (0.05, 0.25, 0.5, 0.75, 0.95)]]


def _floor_scores(filled: Any, there: Any, noise: Any, geometric: int) -> Any:
    weights = (1.0 + np.arange(len(filled)) % 3) * noise[:, : len(filled)]
    subs = []
    for n in range(0, len(filled), SUBS):
        w = weights[:, n : n + SUBS]
        of = w @ there[n : n + SUBS]
        with np.errstate(invalid="ignore", divide="ignore"):
            subs.append(np.where(of >= 0.66 * w.sum(axis=1)[:, None], (w @ filled[n : n + SUBS]) / of, np.nan))
    half, upper = (len(subs) + 1) // 2, noise[:, len(filled) :]
    parts = [_floor_mean(subs[:half], upper[:, :half]), _floor_mean(subs[half:], upper[:, half:SUBS])]
    top = upper[:, SUBS:] * np.array([2.0, 1.0])
    if geometric:
        return np.exp(_floor_mean([np.log(part) for part in parts], top))
    return _floor_mean(parts, top)


def _floor_mean(children: list[Any], weights: Any) -> Any:
    total, of = np.zeros(children[0].shape), np.zeros(children[0].shape)
    for child, weight in zip(children, weights.T, strict=True):
        there = ~np.isnan(child)
        total += np.where(there, child, 0.0) * weight[:, None]
        of += there * weight[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(of >= 0.66 * weights.sum(axis=1)[:, None], total / of, np.nan)


def normalised(values: Any) -> list[Any]:
    """The treated and normalised variants that the floor begins with, by the engine."""
    found = []
    for rule in PLAN.normalise:
        chosen = study()
        results = score(replace(chosen, method=replace(chosen.method, normalise=rule)), panel(values))
        rows = [results.row(code) for code in results.indicators]
        found.append(np.ascontiguousarray(results.score[0][:, rows].T))
    return found


def timed(task: Any) -> float:
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def check(values: Any) -> None:
    """A replication is what the pipeline gives with its choices, or the comparison means nothing."""
    found = uncertainty(study(), panel(values), PLAN, 8, 7)
    for ranks, choice in zip(found.ranks if found.ranks is not None else (), found.choices(), strict=True):
        alone = score(framework_of(study(), PLAN, choice), panel(values))
        np.testing.assert_array_equal(alone.rank[0, :, 0], ranks)


def compare(label: str, values: Any, variants: list[Any], replications: int) -> float:
    given = panel(values)
    engine, bare = paired(
        lambda: uncertainty(study(), given, PLAN, replications, 7), lambda: floor(variants, replications), 5
    )
    print(f"{label:<58}{engine:>8.2f} s{bare:>8.2f} s{engine / bare:>8.2f}{LIMIT:>8.1f}")
    return engine / bare


def main() -> int:
    values = cube(1)
    check(values)
    variants = normalised(values)
    print(f"{'uncertainty (7,850 places x 100 indicators)':<58}{'engine':>10}{'floor':>10}{'ratio':>8}{'limit':>8}")
    ratio = compare(f"{REPLICATIONS} replications with ranks and percentiles", values, variants, REPLICATIONS)
    sobol = timed(lambda: uncertainty(study(), panel(values), SIX, BASE, 7))
    print(f"{f'Sobol N = {BASE}, six factors ({BASE * 8} runs)':<58}{sobol:>8.2f} s{'':>18}{SOBOL_SECONDS:>6.0f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':<58}{memory:>6.0f} MiB{'':>18}{'1 GiB':>8}")
    return int(ratio > LIMIT or memory > MEMORY or sobol > SOBOL_SECONDS)


if __name__ == "__main__":
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # one thread each, or the floor is another machine's
        single = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "tests.bench.uncertainty"], single)
    sys.exit(main())

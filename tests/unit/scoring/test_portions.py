"""In which portions work is done, and how much of it is kept, changes no bit of any result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cityindex.scoring import batch, doubles, pipeline, statistics, study, tally, targets, variants, workers
from cityindex.scoring.framework import Bands, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.targets import Aim, Goal, target
from cityindex.scoring.uncertainty import UncertaintyResult, uncertainty
from cityindex.scoring.whatif import Standing
from tests.unit.scoring.studies import FULL, framework, panel

PLAN = replace(FULL, noise={"i1": 0.1, "i5": 0.3})
BANDS = Bands(("A", "B", "C"), cuts=(60, 40))
TOLD = ("percentiles", "mean", "ranked", "top", "band_share", "shift")


def varied(data: Any = None) -> UncertaintyResult:
    return uncertainty(replace(framework(), bands=BANDS), data or panel(gaps=0.25, not_applicable=0.1), PLAN, 40, 5)


USUAL: list[UncertaintyResult] = []


@pytest.mark.parametrize(
    ("module", "name", "values"),
    [
        (study, "CELLS", (1, 80, 10**9)),
        (batch, "LARGE", (0, 10**12)),
        (batch, "MANY", (0, 1, 10**6)),
        (variants, "NODES", (0, 1, 1000)),
        (variants, "CACHE", (0, 10**12)),
        (tally, "KEPT", (0,)),
    ],
)
def test_the_replications(module: Any, name: str, values: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = USUAL[0] if USUAL else varied()
    USUAL[:] = [usual]
    for value in values:
        monkeypatch.setattr(module, name, value)
        found = varied()
        for told in TOLD:
            np.testing.assert_array_equal(getattr(found, told), getattr(usual, told), err_msg=f"{name} {value}")


def test_ranks_are_kept_or_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tally.Tally(np.arange(1, 6, dtype=np.int16), 3, 3)
    assert kept.keeps
    assert not tally.Tally(np.arange(1, 6, dtype=np.int16), 3, 3, None, 29).keeps
    assert tally.Tally(np.arange(1, 6, dtype=np.int16), 3, 3, None, 30).keeps


def test_the_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).lognormal(0, 1, (21, 30))
    usual = statistics.shape(values)
    for block in (1, 2, 20, 21, 100):
        monkeypatch.setattr(statistics, "BLOCK", block)
        np.testing.assert_array_equal(statistics.shape(values), usual)


def test_how_a_target_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    made, data = framework(normalise=Rule("min-max")), panel(gaps=0.1)
    results = pipeline.score(made, data)
    row = Row.of(results, results.places[3], 2023, {"region": "a"})
    frozen, standing = Frozen.of(made, results, 2023), Standing.of(made, results, 2023)
    aim = Aim(frozen, standing, row, Goal(score=float(row.score[0]) + 1))
    usual = {code: target(aim, code) for code in results.indicators}
    for module, name, value in ((targets, "NEAR", 1e-3), (targets, "NEAR", 0.0), (targets, "SECTIONS", 3)):
        monkeypatch.setattr(module, name, value)
        again = {code: target(aim, code) for code in results.indicators}
        assert {code: repr(one) for code, one in again.items()} == {code: repr(one) for code, one in usual.items()}
    assert doubles.first_holding(lambda x: x >= 0.3, 0.0, 1.0, 5) == 0.3


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("runs", [1, 31, 32, 33, 2048, 2049, 20_000])
def test_blocks_take_every_run_once_and_none_is_too_large(runs: int, jobs: int) -> None:
    found = workers.blocks(runs, jobs)
    assert [run for start, stop in found for run in range(start, stop)] == list(range(runs))
    sizes = [stop - start for start, stop in found]
    assert max(sizes) <= workers.LARGEST
    assert all(size == sizes[0] for size in sizes[:-1])
    if jobs > 1:
        assert sizes[0] >= min(runs, workers.SMALLEST)
        assert len(found) >= min(jobs * workers.SHARES, runs // workers.SMALLEST) or sizes[0] == workers.SMALLEST

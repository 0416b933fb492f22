"""What is refused before any work, and what a Sobol' design is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from cityindex.errors import DefinitionError, Invalid, Unavailable
from cityindex.scoring import study, workers
from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.framework import Rule
from cityindex.scoring.uncertainty import uncertainty
from tests.unit.scoring.studies import ARITHMETIC, FULL, GEOMETRIC, MINMAX, SHARES, framework, panel

Z = Rule("z-score")
NO_IMPUTING = ("screen", "treat", "normalise", "aggregate", "rank")


@pytest.fixture
def _no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("a replication was computed")

    monkeypatch.setattr(study.Study, "run", never)


@pytest.mark.usefixtures("_no_work")
@pytest.mark.parametrize(
    ("plan", "key", "words"),
    [
        (UncertaintyPlan(aggregate={"indx": (GEOMETRIC,)}), "plan.aggregate.indx", "no node"),
        (UncertaintyPlan(aggregate={"index": ()}), "plan.aggregate.index", "no rules"),
        (UncertaintyPlan(noise={"rain": 0.1}), "plan.noise.rain", "no indicator"),
        (UncertaintyPlan(noise={"i0": -0.1}), "plan.noise.i0", "no measurement error"),
        (UncertaintyPlan(weights=Weighting("noise", 0.25, (1, 4))), "plan.weights.levels", "no level 4"),
        (UncertaintyPlan(weights=Weighting("noise", 1.5)), "plan.weights.noise", "no share"),
        (UncertaintyPlan(weights=Weighting("dirichlet", 0)), "plan.weights.dirichlet", "no concentration"),
        (UncertaintyPlan(weights=Weighting("sets", sets=({"nobody": 1},))), "plan.weights.sets[1]", "«nobody» is not"),
        (UncertaintyPlan(weights=Weighting("sets", sets=({}, {"i3": 0}))), "plan.weights.sets[2]", "«single»"),
        (UncertaintyPlan(weights=Weighting("sets")), "plan.weights.sets", "no set"),
        (
            UncertaintyPlan(normalise=(MINMAX, Rule("guess"))),
            "plan.normalise[2] guess: method.normalise",
            "not computed",
        ),
        (UncertaintyPlan(treat=(Rule("winsorise", {"cup": 1}),)), "plan.treat[1] winsorise: method.treat", "no option"),
        (UncertaintyPlan(normalise=(Rule("goalposts"),)), "plan.normalise[1] goalposts: i0.normalise", "without low"),
        (
            UncertaintyPlan(normalise=(MINMAX, Z), aggregate={"index": (ARITHMETIC, GEOMETRIC)}),
            "plan.normalise[2] z-score with plan.aggregate.index[2] geometric",
            "z-scores",
        ),
        (UncertaintyPlan(impute=(Rule("none"), Rule("mean"))), "plan.impute", "leaves this step out"),
        (UncertaintyPlan(aggregate={"two": (Rule("copeland"),)}), "plan.aggregate.two", "copeland"),
        (UncertaintyPlan(sobol=True), "plan.sobol", "0 factors"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(
    plan: UncertaintyPlan, key: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cityindex.scoring.means.LARGEST_COPELAND", 10)
    options = {"order": NO_IMPUTING} if plan.impute else {}
    with pytest.raises(DefinitionError, match="plan") as caught:
        uncertainty(framework({}, {}, **options), panel(), plan, 4, 7)
    assert any(problem.column == key and words in str(problem) and problem.cure for problem in caught.value.problems), [
        str(problem) for problem in caught.value.problems
    ]


def test_all_problems_are_named_at_once() -> None:
    plan = UncertaintyPlan(aggregate={"indx": (GEOMETRIC,)}, noise={"rain": 1}, weights=Weighting("noise", 0.25, (9,)))
    with pytest.raises(DefinitionError, match="3 problems") as caught:
        uncertainty(framework(), panel(), plan, 4, 7)
    assert len(caught.value.problems) == 3


@pytest.mark.usefixtures("_no_work")
@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"replications": 0}, r"replications 0: .*from 1"),
        ({"replications": -5}, r"replications -5"),
        ({"seed": -1}, r"seed -1 .*2\^64"),
        ({"seed": 2**64}, "seed"),
        ({"jobs": 0}, "jobs 0"),
    ],
)
def test_numbers_that_cannot_be(numbers: dict[str, int], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        uncertainty(framework(), panel(), FULL, **{"replications": 4, "seed": 7, **numbers})  # type: ignore[arg-type]


@pytest.mark.usefixtures("_no_work")
@pytest.mark.parametrize(("count", "cure"), [(12, "8 or 16"), (1, "2 or 2"), (100, "64 or 128")])
def test_a_base_sample_is_a_power_of_two(count: int, cure: str) -> None:
    with pytest.raises(Invalid, match=cure):
        uncertainty(framework(), panel(), replace(FULL, sobol=True), count, 7)


@pytest.mark.usefixtures("_no_work")
def test_infinite_data_are_refused() -> None:
    data = panel()
    data.values[0, 3, 2] = np.inf
    with pytest.raises(Invalid, match="infinite value of"):
        uncertainty(framework(), data, FULL, 4, 7)


def test_a_sobol_design_changes_one_factor_at_a_time() -> None:
    plan = replace(FULL, sobol=True, noise={"i0": 0.1}, treat=FULL.treat[:1])
    result = uncertainty(framework(), panel(), plan, 8, 7)
    names = ("normalise", "impute", "leave_out", "aggregate:index", "aggregate:two", "weights", "noise")
    assert result.design.factors == names
    assert [row.factor for row in result.sensitivity] == list(names)
    assert result.shift.size == 8 * (len(names) + 2)
    assert [result.design.block(run) for run in (0, 8, 16, 71)] == ["A", "B", "A/normalise", "A/noise"]
    rows = [
        (
            c.normalise,
            c.impute,
            c.left_out,
            c.aggregate["index"],
            c.aggregate["two"],
            tuple(c.weights.values()),
            c.errors,
        )
        for c in result.choices()
    ]
    blocks = [rows[start : start + 8] for start in range(0, len(rows), 8)]
    for factor, block in enumerate(blocks[2:]):
        for mixed, a, b in zip(block, blocks[0], blocks[1], strict=True):
            assert mixed == (*a[:factor], b[factor], *a[factor + 1 :])


def test_intervals_of_a_sobol_design_are_of_its_independent_blocks() -> None:
    result = uncertainty(framework(), panel(gaps=0.0), replace(FULL, sobol=True), 16, 7)
    assert result.ranks is not None
    assert result.counted == 32
    np.testing.assert_allclose(result.mean, result.ranks[:32].mean(axis=0))
    assert result.mean_shift == pytest.approx(result.shift[:32].mean())
    np.testing.assert_allclose(result.top, (result.ranks[:32] <= 4).mean(axis=0))


def test_a_factor_that_does_nothing_has_no_index() -> None:
    """Two names for one rule: the total index is 0, and what matters has it all."""
    same = {"index": (ARITHMETIC, Rule("power", {"p": 1}))}
    plan = UncertaintyPlan(normalise=(MINMAX, SHARES), aggregate=same, sobol=True)
    normalise, nothing = uncertainty(framework(), panel(gaps=0.0), plan, 64, 7).sensitivity
    assert (nothing.factor, nothing.s1, nothing.st) == ("aggregate:index", 0, 0)
    assert normalise.st == pytest.approx(1, abs=0.2)


def test_every_place_has_its_own_indices() -> None:
    result = uncertainty(framework(), panel(gaps=0.0), replace(FULL, sobol=True), 32, 7)
    first, total = result.place_sensitivity()
    assert first.shape == total.shape == (len(result.sensitivity), len(result.places))
    assert (total >= 0).all()


def test_places_have_indices_of_sobol_designs_only() -> None:
    with pytest.raises(Invalid, match="sobol: true"):
        uncertainty(framework(), panel(), FULL, 2, 7).place_sensitivity()


@pytest.mark.parametrize(("runs", "jobs"), [(1, 1), (1000, 1), (1000, 2), (5000, 1), (33, 8)])
def test_blocks_cover_every_run_once(runs: int, jobs: int) -> None:
    spans = workers.blocks(runs, jobs)
    assert [run for start, stop in spans for run in range(start, stop)] == list(range(runs))
    assert max(stop - start for start, stop in spans) <= workers.LARGEST


def test_a_study_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read-only mappings, which definitions hold, do not pickle by themselves."""

    def elsewhere(given: study.Study) -> Iterator[study.Block]:
        yield study.unpacked(study.packed(given)).run(0, 4)

    usual = uncertainty(framework(), panel(), FULL, 4, 7)
    monkeypatch.setattr(workers, "here", elsewhere)
    made = replace(framework(), uncertainty=MappingProxyType({"seed": 7}))
    np.testing.assert_array_equal(uncertainty(made, panel(), FULL, 4, 7).ranks, usual.ranks)


def test_without_dask_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(Invalid, match=r"pip install 'cityindex\[dask\]'"):
        uncertainty(framework(), panel(), FULL, 4, 7, dask="tcp://localhost:1")


def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    def refuses(*_: Any, **__: Any) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(distributed, "Client", refuses)
    with pytest.raises(Unavailable, match="dask scheduler"):
        uncertainty(framework(), panel(), FULL, 4, 7, dask="tcp://localhost:1")

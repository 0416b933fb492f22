"""What holds for any data: the list of the method's description, searched for counterexamples."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import Parameters, ScoreSet, score
from tests.unit.scoring.frames import ANY, OPEN

PERIODS = (2022, 2023)
PLACES, COLUMNS = 9, 5
CODES = tuple(f"i{column}" for column in range(COLUMNS))
QUICK = settings(max_examples=40, deadline=None)
WHOLE = st.integers(-50, 50)
MEANS = st.sampled_from(["arithmetic", "geometric", "harmonic", "minimum", "median"])
NORMALISED = st.sampled_from(["min-max", "percentile-rank", "distance-to-best"])


def cubes(gaps: bool = True) -> st.SearchStrategy[Any]:
    cells = st.one_of(WHOLE.map(float), st.just(np.nan)) if gaps else WHOLE.map(float)
    return hnp.arrays(np.float64, (2, PLACES, COLUMNS), elements=cells)


weightings = st.lists(st.integers(1, 9).map(float), min_size=COLUMNS, max_size=COLUMNS)


def framework(
    weights: list[float], mean: str = "arithmetic", normalise: str = "min-max", lower: frozenset[int] = frozenset(),
    **options: Any,
) -> Framework:  # fmt: skip
    leaves = [Leaf(code, weight) for code, weight in zip(CODES, weights, strict=True)]
    tree = Node("index", (Node("first", tuple(leaves[:3]), 2.0), Node("second", tuple(leaves[3:]), 1.0)))
    chosen = Method(
        normalise=Rule(normalise, {"over": "pooled"}), aggregate=Rule(mean), coverage=OPEN, screen=ANY, **options
    )
    indicators = {
        code: Indicator(code, direction="lower" if column in lower else "higher") for column, code in enumerate(CODES)
    }
    return Framework("test", tree, indicators, method=chosen, scale=(1.0, 100.0), peers=("group",))


def data(cube: Any, order: list[int] | None = None, codes: tuple[str, ...] = CODES) -> Panel:
    names = [f"p{place}" for place in range(PLACES)]
    order = order or list(range(PLACES))
    groups = tuple("ab"[place % 2] for place in order)
    return Panel(tuple(names[i] for i in order), PERIODS, codes, cube[:, order], attributes={"group": groups})


def same(one: ScoreSet, two: ScoreSet) -> None:
    for name in ("score", "coverage", "imputed", "values", "effective", "percentile"):
        assert np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True), name
    assert np.array_equal(one.rank, two.rank)
    assert np.array_equal(one.flag, two.flag)


@QUICK
@given(cubes(), weightings, MEANS, st.permutations(range(PLACES)))
def test_the_order_of_rows_changes_no_bit(cube: Any, weights: list[float], mean: str, order: list[int]) -> None:
    plain, shuffled = (score(framework(weights, mean), data(cube, rows)) for rows in (None, order))
    assert shuffled.places == tuple(f"p{i}" for i in order)
    assert np.array_equal(shuffled.score, plain.score[:, order], equal_nan=True)
    assert np.array_equal(shuffled.rank, plain.rank[:, order])
    assert np.array_equal(shuffled.peer_ranks["group"].rank, plain.peer_ranks["group"].rank[:, order])


@QUICK
@given(cubes(), weightings, st.permutations(range(COLUMNS)))
def test_the_order_of_columns_changes_no_bit(cube: Any, weights: list[float], order: list[int]) -> None:
    turned = data(cube[:, :, order], codes=tuple(CODES[i] for i in order))
    same(score(framework(weights), data(cube)), score(framework(weights), turned))


@QUICK
@given(cubes(), weightings, NORMALISED)
def test_frozen_parameters_repeat_a_run_to_the_bit(cube: Any, weights: list[float], normalise: str) -> None:
    first = score(framework(weights, normalise=normalise), data(cube))
    frozen = Parameters.from_json(json.loads(json.dumps(first.parameters.to_json())))
    again = score(framework(weights, normalise=normalise), data(cube), frozen)
    same(first, again)
    assert again.parameters.to_json() == first.parameters.to_json()


@QUICK
@given(cubes(), weightings, MEANS, st.floats(0.01, 100))
def test_only_relative_weights_matter(cube: Any, weights: list[float], mean: str, times: float) -> None:
    one = score(framework(weights, mean), data(cube))
    two = score(framework([weight * times for weight in weights], mean), data(cube))
    np.testing.assert_allclose(one.score, two.score, rtol=1e-12)


@QUICK
@given(cubes(), weightings, MEANS, NORMALISED)
def test_scores_stay_on_the_scale(cube: Any, weights: list[float], mean: str, normalise: str) -> None:
    results = score(framework(weights, mean, normalise), data(cube))
    found = results.score[~np.isnan(results.score)]
    assert ((found >= 1) & (found <= 100)).all()


@QUICK
@given(cubes(), weightings)
def test_the_means_are_in_their_order(cube: Any, weights: list[float]) -> None:
    arithmetic, geometric, harmonic = (
        score(framework(weights, mean), data(cube)).score for mean in ("arithmetic", "geometric", "harmonic")
    )
    known = ~np.isnan(arithmetic)
    assert np.array_equal(known, ~np.isnan(geometric))
    assert (arithmetic[known] >= geometric[known] - 1e-9).all()
    assert (geometric[known] >= harmonic[known] - 1e-9).all()


@QUICK
@given(
    cubes(gaps=False),
    weightings,
    MEANS,
    NORMALISED,
    st.tuples(st.integers(0, PLACES - 1), st.integers(0, COLUMNS - 1), st.integers(1, 30)),
)
def test_a_better_value_never_lowers_a_score(
    cube: Any, weights: list[float], mean: str, normalise: str, raising: tuple[int, int, int]
) -> None:
    place, column, more = raising
    before = score(framework(weights, mean, normalise), data(cube))
    raised = cube.copy()
    raised[0, place, column] += more
    # The reference stays: what one place gains must not be measured on a longer scale.
    assume(raised[0, place, column] <= cube[:, :, column].max())
    after = score(framework(weights, mean, normalise), data(raised), before.parameters)
    known = ~np.isnan(before.score[0, place])
    assert (after.score[0, place][known] >= before.score[0, place][known] - 1e-9).all()


@QUICK
@given(cubes(), weightings)
def test_a_turned_direction_is_the_turned_value(cube: Any, weights: list[float]) -> None:
    turned = cube.copy()
    turned[:, :, 1] *= -1
    one = score(framework(weights), data(cube))
    two = score(framework(weights, lower=frozenset({1})), data(turned))
    assert np.array_equal(one.score, two.score, equal_nan=True)


@QUICK
@given(cubes(), weightings, st.sampled_from(["weight", "count"]))
def test_no_weight_is_as_if_it_were_not_there(cube: Any, weights: list[float], gate: str) -> None:
    rule = Rule(gate, {"share": 0.6})
    leaves = [Leaf(code, weight) for code, weight in zip(CODES, weights, strict=True)]
    indicators = {code: Indicator(code) for code in CODES}
    chosen = Method(coverage=rule)
    with_it = Node("index", (*leaves[:4], Leaf(CODES[4], 0.0)))
    without = Node("index", tuple(leaves[:4]))
    one = score(Framework("test", with_it, indicators, method=chosen), data(cube))
    two = score(Framework("test", without, indicators, method=chosen), data(cube))
    assert np.array_equal(one.score[:, :, 0], two.score[:, :, 0], equal_nan=True)
    assert np.array_equal(one.rank[:, :, 0], two.rank[:, :, 0])
    assert np.array_equal(one.coverage[:, :, 0], two.coverage[:, :, 0], equal_nan=True)


@QUICK
@given(cubes(), weightings)
def test_nothing_is_missing_without_a_reason(cube: Any, weights: list[float]) -> None:
    results = score(framework(weights), data(cube))
    assert (np.isnan(results.score) <= (results.flag > 0)).all()
    assert ((results.rank == 0) == np.isnan(results.score)).all()


@QUICK
@given(cubes(), weightings, st.integers(0, PLACES - 1))
def test_a_place_scored_alone_with_frozen_parameters_keeps_its_scores(
    cube: Any, weights: list[float], place: int
) -> None:
    everybody = score(framework(weights, "geometric"), data(cube))
    one = Panel((f"p{place}",), PERIODS, CODES, cube[:, [place]])
    alone = score(framework(weights, "geometric"), one, everybody.parameters)
    assert np.array_equal(alone.score[:, 0], everybody.score[:, place], equal_nan=True)

"""Correlations and multivariate statistics: against their definitions, and the handbook's tables where the data are."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.errors import Invalid
from cityindex.scoring import multivariate
from cityindex.scoring.choices import Choice, UncertaintyPlan, framework_of
from cityindex.scoring.correlations import (
    between_siblings,
    correlate,
    inversions,
    kendall,
    pearson,
    spearman,
    with_family,
)
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.pipeline import ScoreSet, score
from tests.unit.scoring import studies
from tests.unit.scoring.frames import SHARED, columns_of, flat, method, panel, read_rows

QUICK = settings(max_examples=60, deadline=None)
PAIRS = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=30)
TAI = SHARED / "published" / "oecd_tai"


def columns(pairs: list[tuple[int, int]]) -> tuple[Any, Any]:
    one, other = np.array(pairs, dtype=np.float64).T
    return one, other


@QUICK
@given(PAIRS)
def test_kendall_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    one, other = columns(pairs)
    signs = [(np.sign(one[i] - one[j]), np.sign(other[i] - other[j])) for i, j in combinations(range(len(one)), 2)]
    untied = [sum(sign[k] != 0 for sign in signs) for k in (0, 1)]
    if 0 in untied:
        assert np.isnan(kendall(one, other))
    else:
        expected = sum(a * b for a, b in signs) / np.sqrt(untied[0] * untied[1])
        assert kendall(one, other) == pytest.approx(expected, abs=1e-12)


@QUICK
@given(PAIRS)
def test_pearson_is_numpys_and_spearman_that_of_ranks(pairs: list[tuple[int, int]]) -> None:
    one, other = columns(pairs)
    if one.min() < one.max() and other.min() < other.max():
        assert pearson(one, other) == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-12)
        ranks = [[(column < x).sum() + ((column == x).sum() + 1) / 2 for x in column] for column in (one, other)]
        assert spearman(one, other) == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-12)
    else:
        assert np.isnan(pearson(one, other))
        assert np.isnan(spearman(one, other))


@QUICK
@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_inversions_are_counted(values: list[int]) -> None:
    assert inversions(np.array(values)) == sum(a > b for a, b in combinations(values, 2))


def test_pairs_are_complete_each_with_its_number() -> None:
    given_columns = {
        "a": np.array([1.0, 2, 3, np.nan]),
        "b": np.array([2.0, 4, 6, 1]),
        "c": np.array([1.0, np.nan, 0, 5]),
    }
    found = correlate(given_columns)
    assert found.n.tolist() == [[3, 3, 2], [3, 4, 3], [2, 3, 3]]
    assert found.r[0, 1] == pytest.approx(1)
    assert found.r[0, 2] == pytest.approx(-1)
    assert found.r[2, 0] == found.r[0, 2]
    across = correlate(given_columns, "kendall", ["b"])
    assert across.r.shape == (3, 1)
    assert across.r[0, 0] == pytest.approx(1)


def family() -> tuple[Framework, ScoreSet]:
    inner = Node("inner", (Leaf("a"), Leaf("same"), Leaf("against")))
    tree = Node("index", (inner, Leaf("b")))
    codes = ("a", "same", "against", "b")
    framework = Framework("t", tree, {code: Indicator(code) for code in codes}, method=method(normalise=Rule("none")))
    data = {"a": [1, 2, 3, 4], "same": [2, 4, 6, 9], "against": [4, 3, 2, 1], "b": [7, 1, 8, 2]}
    return framework, score(framework, panel(data))


def test_conflicts_with_the_parent_and_redundant_siblings_are_flagged() -> None:
    _, results = family()
    relations = {(item.code, item.above): item for item in with_family(results, 2023)}
    assert relations["against", "inner"].flag == "conflict"
    assert relations["a", "inner"].flag == ""
    assert relations["a", "index"].n == 4
    pairs = {(item.one, item.other): item.flag for item in between_siblings(results, 2023, "spearman")}
    assert pairs["a", "same"] == "redundant"
    assert pairs["inner", "b"] == ""
    assert len(pairs) == 4


def test_importance_is_the_squared_correlation_with_the_parent() -> None:
    _, results = family()
    found = {item.code: item for item in multivariate.importance(results, 2023)}
    columns_ = {code: results.score[0, :, results.row(code)] for code in results.nodes}
    expected = np.corrcoef(columns_["b"], columns_["index"])[0, 1] ** 2
    assert found["b"].importance == pytest.approx(expected)
    assert found["b"].weight == 0.5
    assert found["b"].share + found["inner"].share == pytest.approx(1)


def test_ranks_shift_without_an_indicator() -> None:
    framework = flat(["a", "b"], method=method(normalise=Rule("none")))
    found = multivariate.leave_one_out(framework, panel({"a": [1, 2, 3], "b": [30, 20, 11]}), 2023)
    assert [(item.indicator, item.mean, item.largest, item.n) for item in found] == [
        ("a", 0.0, 0, 3),
        ("b", pytest.approx(4 / 3), 2, 3),
    ]
    assert multivariate.leave_one_out(flat(["a"]), panel({"a": [1, 2, 3]}), 2023) == ()


@pytest.mark.parametrize("root", [{}, {"rescale": studies.SHARES}])
def test_ranks_without_an_indicator_are_those_of_the_smaller_framework(root: dict[str, Any]) -> None:
    made, data = studies.framework(root=root), studies.panel()
    full = score(made, data, report_periods=(2023,)).rank[0, :, 0].astype(int)
    found = {one.indicator: one for one in multivariate.leave_one_out(made, data, 2023)}
    assert list(found) == list(studies.CODES), "a pilot counts for nothing"
    for code, shift in found.items():
        smaller = framework_of(made, UncertaintyPlan(leave_out=True), Choice(left_out=code))
        ranks = score(smaller, data, report_periods=(2023,)).rank[0, :, 0].astype(int)
        both = (full > 0) & (ranks > 0)
        steps = np.abs(full - ranks)[both]
        assert (shift.mean, shift.largest, shift.n) == (pytest.approx(steps.mean()), steps.max(), both.sum())


def test_ranks_without_an_indicator_with_frozen_parameters() -> None:
    made, data = studies.framework(screen=Rule("share", {"coverage": 0.0})), studies.panel()
    own = score(made, data, report_periods=(2023,)).parameters
    other = score(made, data, report_periods=(2022,)).parameters
    fresh = multivariate.leave_one_out(made, data, 2023)
    assert multivariate.leave_one_out(made, data, 2023, own) == fresh, "an indicator is fitted on itself alone"
    assert multivariate.leave_one_out(made, data, 2023, other) != fresh


def test_alpha_needs_columns_that_vary() -> None:
    with pytest.raises(Invalid, match="does not vary"):
        multivariate.cronbach(np.array([[1.0, 2], [1, 3], [1, 4]]))
    with pytest.raises(Invalid, match="2 places have all"):
        multivariate.principal_components(np.array([[1.0, 2], [3, np.nan], [4, 4]]))


def test_alpha_of_columns_that_agree_is_1() -> None:
    found = multivariate.cronbach(np.array([[1.0, 2], [2, 4], [3, 6], [np.nan, 1]]))
    assert found.alpha == pytest.approx(1)
    assert found.n == 3
    assert np.isnan(found.without).all()


def test_loadings_rebuild_the_correlations() -> None:
    values = np.random.default_rng(3).normal(size=(40, 5))
    found = multivariate.principal_components(values)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, np.corrcoef(values.T), atol=1e-12)
    np.testing.assert_allclose(found.eigenvalues.sum(), 5)
    assert (np.diff(found.eigenvalues) <= 0).all()


if TAI.is_dir():

    def technology() -> tuple[dict[str, Any], Any]:
        _, found = columns_of(TAI / "inputs_23x8.csv", "country")
        arrays = {name: np.array(column) for name, column in found.items()}
        return arrays, np.column_stack(list(arrays.values()))

    def test_the_correlations_of_the_handbook() -> None:
        arrays, _ = technology()
        names, printed = columns_of(TAI / "published_table6_correlations.csv", "")
        found = correlate(arrays)
        assert list(found.rows) == names
        assert np.abs(found.r - np.column_stack([printed[name] for name in names])).max() <= 0.02
        assert (found.n == 23).all()

    def test_the_components_of_the_handbook() -> None:
        _, values = technology()
        found = multivariate.principal_components(values)
        rows = read_rows(TAI / "published_table7_eigenvalues.csv")
        assert np.abs(found.eigenvalues - [float(row["eigenvalue"]) for row in rows]).max() <= 0.055
        assert np.abs(100 * found.shares - [float(row["share_pct"]) for row in rows]).max() <= 0.12
        _, printed = columns_of(TAI / "published_table8_component_loadings.csv", "")
        loadings = np.column_stack(list(printed.values()))
        signs = np.sign((loadings * found.loadings).sum(axis=0))
        assert np.abs(found.loadings * signs - loadings).max() <= 0.014

    def test_the_reliability_of_the_handbook() -> None:
        _, values = technology()
        found = multivariate.cronbach(values)
        rows = read_rows(TAI / "published_table11_cronbach.csv")
        assert found.alpha == pytest.approx(0.70, abs=0.005)
        assert np.abs(found.without - [float(row["alpha_if_deleted"]) for row in rows]).max() <= 0.0015
        assert np.abs(found.with_rest - [float(row["corr_with_total"]) for row in rows]).max() <= 0.0056

    def test_the_rankings_of_the_handbook() -> None:
        names, inputs = columns_of(TAI / "inputs_23x8.csv", "country")
        posts = {
            "patents": (0, 994), "royalties": (0, 272.6), "internet": (0, 232.4), "exports": (0, 80.8),
            "log10_telephones": (0, np.log10(901)), "log10_electricity": (np.log10(22), np.log10(6969)),
            "schooling": (0.8, 12), "university": (0.1, 27.4),
        }  # fmt: skip
        goals = {code: Rule("goalposts", {"low": low, "high": float(high)}) for code, (low, high) in posts.items()}
        printed = {row["country"]: row for row in read_rows(TAI / "published_table23_38_rankings.csv")}
        weights = {row["indicator"]: row for row in read_rows(TAI / "published_table22_weights.csv")}
        data = panel(inputs, places=names)
        for column in ("EW", "BAP"):
            made = flat(
                [Indicator(code, normalise=rule) for code, rule in goals.items()],
                weights=[float(weights[code][column]) for code in goals],
            )
            assert score(made, data).rank[0, :, 0].tolist() == [int(printed[name][column]) for name in names]
        raw = flat(list(goals), node={"aggregate": Rule("geometric")}, method=method(normalise=Rule("none")))
        assert score(raw, data).rank[0, :, 0].tolist() == [int(printed[name]["GME"]) for name in names]

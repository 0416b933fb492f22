"""Weights from the data: components and balance."""

from __future__ import annotations

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.scoring import weigh
from cityindex.scoring.framework import Rule
from cityindex.scoring.pipeline import score
from tests.unit.scoring.frames import SHARED, columns_of, flat, method, panel, read_rows

RNG = np.random.default_rng(5)
COMMON = RNG.normal(size=200)
COLUMNS = {name: COMMON + noise * RNG.normal(size=200) for name, noise in (("x", 0.3), ("y", 0.6), ("z", 1.5))}
TAI = SHARED / "published" / "oecd_tai"


def test_the_first_component_weighs_by_loading() -> None:
    values = np.column_stack(list(COLUMNS.values()))
    loadings = weigh.first_component(values)
    assert (loadings**2).sum() == pytest.approx(1)
    assert loadings[0] > loadings[1] > loadings[2] > 0
    assert weigh.correlations(values) == pytest.approx(np.corrcoef(values.T))


def test_components_have_loadings_of_a_positive_sum_and_all_the_variance() -> None:
    values = RNG.normal(size=(60, 5)) @ RNG.normal(size=(5, 5))
    found, vectors = weigh.components(values)
    assert (np.diff(found) <= 0).all()
    assert found.sum() == pytest.approx(5)
    assert (vectors.sum(axis=0) > 0).all()
    np.testing.assert_allclose(vectors @ np.diag(found) @ vectors.T, np.corrcoef(values.T), atol=1e-12)


@pytest.mark.parametrize(
    ("eigenvalues", "kept"),
    [([3, 1, 0.9, 0.06, 0.04], 3), ([2.9, 0.84, 0.76, 0.3, 0.2], 2), ([4.8, 0.1, 0.05, 0.03, 0.02], 1)],
)
def test_how_many_components_are_kept(eigenvalues: list[float], kept: int) -> None:
    """About 1 and a tenth of the variance each, and sixty percent together."""
    assert weigh.kept_components(np.array(eigenvalues)) == kept


def test_turned_loadings_explain_as_much_and_are_simpler() -> None:
    values = RNG.normal(size=(80, 2))[:, [0, 0, 0, 1, 1]] + 0.4 * RNG.normal(size=(80, 5))
    eigenvalues, vectors = weigh.components(values)
    loadings = vectors[:, :2] * np.sqrt(eigenvalues[:2])
    turned = weigh.varimax(loadings)
    np.testing.assert_allclose((turned**2).sum(axis=1), (loadings**2).sum(axis=1))
    assert (np.abs(turned).min(axis=1) < 0.25).all()

    def spread(x: np.ndarray) -> float:
        scaled = (x**2) / (x**2).sum(axis=1, keepdims=True)
        return float(scaled.var(axis=0).sum())

    for angle in np.linspace(0, np.pi, 25):
        other = turned @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert spread(other) <= spread(turned) + 1e-9


def test_computed_weights_are_used_kept_and_frozen() -> None:
    rule = Rule("pca", {"variant": "first"})
    made = flat(list(COLUMNS), node={"weights": rule}, method=method(normalise=Rule("z-score")))
    results = score(made, panel(COLUMNS))
    kept = results.parameters.weights["index"]
    assert list(kept.values()) == pytest.approx(results.weights[1:].tolist())
    other = {name: column[::-1] * [1 if i % 2 else 2 for i in range(200)] for name, column in COLUMNS.items()}
    again = score(made, panel(other), results.parameters)
    assert again.parameters.weights["index"] == kept


def test_equal_weights_pass_over_what_is_written() -> None:
    made = flat(["x", "y"], weights=[3.0, 1.0], node={"weights": Rule("equal")}, method=method(normalise=Rule("none")))
    assert score(made, panel({"x": [1.0, 2.0], "y": [3.0, 2.0]})).score[0, :, 0].tolist() == [2, 2]


@pytest.mark.parametrize(
    "rule", [Rule("equal"), Rule("pca", {"variant": "first"}), Rule("optimise", {"variant": "balance"})]
)
def test_a_written_weight_of_0_stands_under_every_rule(rule: Rule) -> None:
    made = flat(list("xyzw"), weights=[3, 0, 1, 1], node={"weights": rule}, method=method(normalise=Rule("z-score")))
    shares = score(made, panel({**COLUMNS, "w": COMMON + COLUMNS["y"]})).weights[1:]
    assert shares[1] == 0
    assert shares.sum() == pytest.approx(1)
    assert (shares[[0, 2, 3]] > 0).all()
    if rule.method == "equal":
        assert shares.tolist() == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3])


def test_balanced_weights_correlate_alike() -> None:
    values = np.column_stack(list(COLUMNS.values()))
    weights = weigh.balanced(values, Rule("arithmetic"))
    found = np.corrcoef(np.column_stack((values, values @ weights)).T)[:3, 3]
    assert found == pytest.approx(np.full(3, found.mean()), abs=1e-5)


AGAINST = {**COLUMNS, "w": -COMMON + 0.1 * RNG.normal(size=200)}


def test_negative_loadings_are_refused_by_name() -> None:
    made = flat(list(AGAINST), node={"weights": Rule("pca", {"variant": "first"})}, method=method())
    with pytest.raises(Invalid, match=r"negative loadings: w -0\.\d{3} \(check directions, .* `negative: zero`\)"):
        score(made, panel(AGAINST))


def test_negative_loadings_are_0_where_the_file_says_so() -> None:
    rule = Rule("pca", {"variant": "first", "negative": "zero"})
    results = score(flat(list(AGAINST), node={"weights": rule}, method=method()), panel(AGAINST))
    loadings = np.linalg.eigh(np.corrcoef(list(AGAINST.values())))[1][:, -1]
    expected = np.maximum(loadings * np.sign(loadings.sum()), 0)
    assert results.weights[1:] == pytest.approx(expected / expected.sum())
    assert results.weights[4] == 0
    assert any("«index»: negative loadings count as 0: w -0." in warning for warning in results.warnings)


def test_what_does_not_vary_leaves_the_weighing_too() -> None:
    rule = Rule("pca", {"variant": "first"})
    alone = score(flat(list(COLUMNS), node={"weights": rule}, method=method()), panel(COLUMNS))
    columns = {**COLUMNS, "flat": np.full(200, 3.0)}
    beside = score(flat(list(columns), node={"weights": rule}, method=method()), panel(columns))
    assert beside.weights[1:].tolist() == [*alone.weights[1:], 0]
    np.testing.assert_array_equal(beside.score[..., 0], alone.score[..., 0])


def test_too_few_places_are_refused_with_those_that_lack_most() -> None:
    made = flat(["x", "y"], node={"weights": Rule("pca", {"variant": "first"})}, method=method())
    with pytest.raises(Invalid, match=r"3 places have all 2 children, which is too few \(give"):
        score(made, panel({"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]}))
    with pytest.raises(Invalid, match=r"3 places have all 2 children, which is too few \(most gaps: y\)"):
        score(made, panel({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 4.0, np.nan]}))
    with pytest.raises(Invalid, match="y does not vary over the places that have all children"):
        score(made, panel({"x": [1.0, 2, 3, 4, np.nan], "y": [1.0, 1, 1, 1, 4]}))


def test_a_refusal_names_the_node_and_one_child_alone_needs_no_weighing() -> None:
    rule = Rule("pca", {"variant": "oecd"})
    made = flat(["x", "y"], node={"weights": rule}, method=method())
    with pytest.raises(Invalid) as refused:
        score(made, panel({"x": [1.0, 2, 3], "y": [1.0, 2, 4]}))
    assert [problem.column for problem in refused.value.problems] == ["index.weights"]
    alone = score(flat(["x", "y"], weights=[5, 0], node={"weights": rule}, method=method()),
                  panel({"x": [1.0, 2], "y": [1.0, 2]}))  # fmt: skip
    assert alone.parameters.weights == {"index": {"x": 1.0, "y": 0.0}}


def test_what_goes_against_the_others_has_a_weight_in_a_balance_too() -> None:
    values = np.column_stack(list(AGAINST.values()))
    weights = weigh.balanced(values, Rule("arithmetic"))
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1)


if TAI.is_dir():

    def test_the_weights_of_the_handbook() -> None:
        _, columns = columns_of(TAI / "inputs_23x8.csv", "country")
        values = np.array(list(columns.values())).T
        eigenvalues, vectors = weigh.components(values)
        printed = [float(row["eigenvalue"]) for row in read_rows(TAI / "published_table7_eigenvalues.csv")]
        assert eigenvalues == pytest.approx(printed, abs=0.11)
        loadings = np.abs(weigh.varimax(vectors[:, :4] * np.sqrt(eigenvalues[:4])))
        rows = read_rows(TAI / "published_table9_varimax_loadings.csv")
        expected = np.abs([[float(row[f"f{k}"]) for k in (1, 2, 3, 4)] for row in rows])
        assert loadings == pytest.approx(expected, abs=0.015)
        weights = [float(row["PC_table18"]) for row in read_rows(TAI / "published_table22_weights.csv")]
        assert weigh.oecd_components(values) == pytest.approx(weights, abs=0.016)

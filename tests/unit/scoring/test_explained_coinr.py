"""Every score of COINr's example is explained, changed and compared, where the shared data are."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from cityindex.scoring import explain
from cityindex.scoring.correlations import between_siblings, with_family
from cityindex.scoring.framework import Framework, Indicator, Method
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.multivariate import cronbach, importance, principal_components
from cityindex.scoring.pipeline import ScoreSet, score
from cityindex.scoring.whatif import Standing, rescore
from tests.unit.scoring.frames import ANY, OPEN, number, panel, read_rows
from tests.unit.scoring.test_coinr import ASEM, meta, signs, tree

if ASEM.is_dir():

    @cache
    def example() -> tuple[Framework, ScoreSet]:
        rows, directions = read_rows(ASEM / "expected_Treated.csv"), signs()
        codes = [code for code, row in meta().items() if row["Type"] == "Indicator"]
        items = {code: Indicator(code, direction=directions[code]) for code in codes}  # type: ignore[arg-type]
        framework = Framework("asem", tree(), items, method=Method(screen=ANY, coverage=OPEN))
        columns = {code: [number(row[code]) for row in rows] for code in codes}
        return framework, score(framework, panel(columns, places=[row["UnitCode"] for row in rows]))

    def published() -> dict[str, dict[str, float]]:
        rows = read_rows(ASEM / "expected_Aggregated.csv")
        return {row["UnitCode"]: {code: number(row[code]) for code in ("Index", "Conn", "Sust")} for row in rows}

    def test_the_published_scores_are_taken_apart() -> None:
        framework, results = example()
        frozen, expected = Frozen.of(framework, results, 2023), published()
        share = dict(
            zip(("Conn", "Sust"), np.array(frozen.weights["Index"]) / sum(frozen.weights["Index"]), strict=True)
        )
        for place in results.places:
            found = explain.contributions(frozen, Row.of(results, place, 2023))
            assert found.contribution[frozen.plan.leaf_rows].sum() == pytest.approx(expected[place]["Index"], abs=1e-9)
            for code, weight in share.items():
                part = found.contribution[frozen.row(code)]
                assert part == pytest.approx(weight * expected[place][code], abs=1e-9)

    def test_gaps_are_those_of_the_published_scores() -> None:
        framework, results = example()
        frozen, expected = Frozen.of(framework, results, 2023), published()
        one, two = Row.of(results, "THA", 2023), Row.of(results, "CHE", 2023)
        found = explain.gap(frozen, one, two)
        assert found.gap == pytest.approx(expected["THA"]["Index"] - expected["CHE"]["Index"], abs=1e-9)
        assert found.effect[frozen.plan.leaf_rows].sum() == pytest.approx(found.gap, abs=1e-9)

    def test_taking_the_values_of_another_place_takes_its_score() -> None:
        framework, results = example()
        frozen, standing = Frozen.of(framework, results, 2023), Standing.of(framework, results, 2023)
        best = Row.of(results, "CHE", 2023)
        changes = dict(zip(results.indicators, best.values.tolist(), strict=True))
        found = rescore(frozen, standing, Row.of(results, "THA", 2023), changes)
        assert np.array_equal(found.score, best.score)
        assert found.rank == best.rank

    def test_its_statistics_hold_together() -> None:
        _, results = example()
        scores = {code: results.score[0, :, results.row(code)] for code in results.nodes}
        for item in importance(results, 2023):
            r = np.corrcoef(scores[item.code], scores[item.parent])[0, 1]
            assert item.importance == pytest.approx(r * r, abs=1e-12)
            assert item.n == 51
        parents = {item.code: item for item in reversed(with_family(results, 2023))}
        assert parents["Forest"].r == pytest.approx(np.corrcoef(scores["Forest"], scores["Environ"])[0, 1], abs=1e-12)
        assert len(between_siblings(results, 2023)) == sum(
            n * (n - 1) // 2 for n in np.unique(results.parents, return_counts=True)[1]
        )
        block = np.column_stack([scores[code] for code, item in parents.items() if item.above == "Physical"])
        correlations = np.corrcoef(block.T)
        k = len(correlations)
        assert cronbach(block).alpha == pytest.approx(k / (k - 1) * (1 - k / correlations.sum()), abs=1e-12)
        found = principal_components(block).eigenvalues
        np.testing.assert_allclose(found, np.linalg.eigvalsh(correlations)[::-1], atol=1e-12)

"""Plan files: read whole, or refused with every problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityindex.definitions.loader import load_framework
from cityindex.definitions.plans import load_plan, plan_of
from cityindex.errors import DefinitionError, NotFound
from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.framework import Rule
from tests.unit.definitions.examples import ALONE, alone, problems_of

PLAN = """\
weights: {noise: 0.25, levels: [1, 2, 3]}
normalise: [min-max, percentile-rank]
aggregate: {livability: [arithmetic, geometric]}
treat: [none, {cap: 0.01}, {cap: 0.025}]
impute: [none, {method: median, by: place_type}]
leave_out: indicators
noise: {pm25_annual_mean: 0.1}
sobol: true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_plan(tmp_path: Path) -> None:
    assert load_plan(written(tmp_path, PLAN)) == UncertaintyPlan(
        normalise=(Rule("min-max"), Rule("percentile-rank")),
        treat=(Rule("none"), Rule("winsorise", {"cap": 0.01}), Rule("winsorise", {"cap": 0.025})),
        impute=(Rule("none"), Rule("median", {"by": "place_type"})),
        aggregate={"livability": (Rule("arithmetic"), Rule("geometric"))},
        leave_out=True,
        noise={"pm25_annual_mean": 0.1},
        weights=Weighting("noise", 0.25, (1, 2, 3)),
        sobol=True,
    )


def test_an_empty_plan_varies_nothing(tmp_path: Path) -> None:
    assert load_plan(written(tmp_path, "{}")) == UncertaintyPlan()


def test_sets_of_weights_are_files_beside_the_plan(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("node,weight\nx,2\n")
    (tmp_path / "b.csv").write_text("node,weight\nx,3\ny,0.5\n")
    plan = load_plan(written(tmp_path, "weights: {sets: [a.csv, b.csv]}"))
    assert plan.weights == Weighting("sets", sets=({"x": 2}, {"x": 3, "y": 0.5}))


def test_a_dirichlet_distribution(tmp_path: Path) -> None:
    assert load_plan(written(tmp_path, "weights: {dirichlet: 20}")).weights == Weighting("dirichlet", 20.0)


def test_every_problem_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("node,weight\nx,-2\n")
    text = (
        "wieghts: 1\nnormalise: [minmax]\nweights: {sets: [bad.csv, none.csv], levels: [1]}\n"
        "noise: {x: -1}\nleave_out: nodes\n"
    )
    with pytest.raises(DefinitionError) as caught:
        load_plan(written(tmp_path, text))
    found = {(Path(problem.file).name, problem.row, problem.column) for problem in caught.value.problems}
    assert found == {
        ("plan.yaml", 1, "wieghts"), ("plan.yaml", 2, "normalise"), ("plan.yaml", 3, "levels"),
        ("bad.csv", 2, "weight"), ("none.csv", 1, "file"), ("plan.yaml", 4, "x"), ("plan.yaml", 5, "leave_out"),
    }  # fmt: skip
    assert all(problem.cure for problem in caught.value.problems)


@pytest.mark.parametrize("weights", ["{}", "{noise: 0.1, dirichlet: 3}", "{levels: [1]}"])
def test_weights_vary_in_one_way(tmp_path: Path, weights: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_plan(written(tmp_path, f"weights: {weights}\n"))
    assert [problem.column for problem in caught.value.problems] == ["weights"]


@pytest.mark.parametrize("text", ["", "[a]", "weights", "normalise: min-max", "sobol: 1", "aggregate: {x: arithmetic}"])
def test_what_is_no_plan(tmp_path: Path, text: str) -> None:
    with pytest.raises(DefinitionError):
        load_plan(written(tmp_path, text))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"plan\.yaml"):
        load_plan(tmp_path / "plan.yaml")


def test_the_plan_that_a_framework_declares(tmp_path: Path) -> None:
    text = f"{ALONE}uncertainty: {{plan: {{weights: {{noise: 0.25, levels: [1]}}, treat: [{{cap: 0.01}}]}}}}\n"
    plan = plan_of(load_framework(alone(tmp_path, text)).framework.uncertainty["plan"])
    assert plan == UncertaintyPlan(treat=(Rule("winsorise", {"cap": 0.01}),), weights=Weighting("noise", 0.25, (1,)))


def test_a_framework_names_no_files_of_weights(tmp_path: Path) -> None:
    problems = problems_of(alone(tmp_path, f"{ALONE}uncertainty: {{plan: {{weights: {{sets: [a.csv]}}}}}}\n"))
    assert [problem.column for problem in problems] == ["sets"]


@pytest.mark.parametrize(
    ("written", "line", "key", "reason"),
    [
        ("uncertainty:\n  plan:\n    normalise: [min-max, z-score]\n    aggregate: {index: [arithmetic, geometric]}\n",
         3, "plan.normalise[2] z-score", "with plan.aggregate.index[2] geometric: a geometric mean over z-scores"),
        ("uncertainty:\n  plan:\n    weights: {noise: 0.1, levels: [4]}\n", 3, "plan.weights.levels", "4"),
        ("uncertainty:\n  plan: {sobol: true, weights: {noise: 0.1}}\n  replications: 1000\n", 3, "replications",
         "powers of 2"),
        ("method: {order: [normalise, aggregate, rank]}\nuncertainty:\n  plan:\n    treat: [none, {cap: 0.1}]\n", 4,
         "plan.treat", "leaves this step out"),
        ("method:\n  order: [normalise, fill, aggregate]\n", 2, "order", "not there yet"),
        ("method:\n  missing: zero\n  order: [aggregate, normalise]\n", 3, "order", "before other steps"),
    ],
)  # fmt: skip
def test_what_the_engine_would_refuse_is_told_at_its_line(
    tmp_path: Path, written: str, line: int, key: str, reason: str
) -> None:
    path = alone(tmp_path, written + ALONE)
    [problem] = [one for one in problems_of(path) if one.column == key]
    assert reason in problem.reason
    assert (problem.row, problem.cure != "", problem.file) == (line, True, str(path))

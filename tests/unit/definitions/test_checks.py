"""Every rule: a right project, one thing made wrong, and the problem that names it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from cityindex.definitions.loader import load, load_framework
from tests.unit.definitions.examples import ALONE, alone, change, problems_of, write_project

WASTE, CLEAN = "catalogue/waste.yaml", "frameworks/clean-city.yaml"
TYPES, GOALS, PROGRAMME = "codelists/place-types.yaml", "strategy/goals.yaml", "programmes/clean-cities.yaml"


class Broken(NamedTuple):
    """What is written instead of what stands in a file, and which problem it makes."""

    file: str
    old: str
    new: str
    line: int
    key: str
    words: str


BROKEN = [
    Broken(WASTE, "    verified: false\n", "    verifed: false\n", 11, "verifed", "did you mean verified?"),
    Broken(WASTE, "unit: percent\n", "unit: percent\n    unit: percent\n", 21, "unit", "written twice"),
    Broken(WASTE, "name: {th: รีไซเคิล, en: Recycled}", "name: {en: Recycled}", 5, "th", "is missing from name"),
    Broken(WASTE, "name: {th: รีไซเคิล, en: Recycled}", 'name: {th: "", en: Recycled}', 5, "th", "is not text"),
    Broken(WASTE, "name: {th: รีไซเคิล, en: Recycled}", "name: Recycled", 5, "name", "is not a mapping"),
    Broken(WASTE, "theme: waste", "theme: rubbish", 1, "theme", "not the name of the file"),
    Broken(WASTE, "code: collected", "code: recycled", 12, "code", "recycled is used twice"),
    Broken(WASTE, "code: collected", "code: Collected", 12, "code", "not a code"),
    Broken(WASTE, "unit: percent", "unit: furlong", 20, "unit", "not a unit"),
    Broken(WASTE, "    unit: percent\n", "", 18, "unit", "is missing from recycling_rate"),
    Broken(WASTE, "aligned_to: [G1, G1.1]", "aligned_to: [G1, G9]", 29, "aligned_to", "not in the vocabulary"),
    Broken(WASTE, "aligned_to: [G1, G1.1]", "aligned_to: G1", 29, "aligned_to", "not a list"),
    Broken(WASTE, "[city-municipality]", "[municipality]", 27, "applies_to", "city-municipality, town-municipality"),
    Broken(WASTE, "[city-municipality]", "[city]", 27, "applies_to", "not a place type"),
    Broken(WASTE, "recycled / collected", "recycled / colected", 23, "formula", "did you mean collected?"),
    Broken(WASTE, "recycled / collected", "recycled / recycling_rate", 23, "formula", "circular"),
    Broken(WASTE, "recycled / collected", "open(recycled)", 23, "formula", "not a function"),
    Broken(WASTE, "recycled / collected", "__import__('os')", 23, "formula", "not a function"),
    Broken(WASTE, "type: derived", "type: measured", 23, "formula", "type measured has no formula"),
    Broken(WASTE, "    formula: 100 * recycled / collected\n", "", 22, "type", "without a formula"),
    Broken(WASTE, "bounds: [0, 100]", "bounds: [100, 0]", 24, "bounds", "not below"),
    Broken(WASTE, "bounds: [0, 100]", "bounds: [0]", 24, "bounds", "write 2"),
    Broken(WASTE, "bounds: [0, 100]", "bounds: [0, .nan]", 24, "bounds", "not a number"),
    Broken(WASTE, "low: 0, high: 60", "low: 60, high: 60", 26, "low", "low 60 >= high 60"),
    Broken(WASTE, "low: 0, high: 60, ", "low: 0, ", 26, "method", "without high"),
    Broken(WASTE, "method: goalposts", "method: goalpost", 26, "method", "did you mean goalposts?"),
    Broken(WASTE, "clip: both", "clip: sides", 26, "clip", "use one of"),
    Broken(WASTE, "bounds: [0, 100]", "per: 1000", 24, "per", "without a denominator"),
    Broken(WASTE, "bounds: [0, 100]", "denominator: peple", 24, "denominator", "neither an indicator nor an attribute"),
    Broken(WASTE, "bounds: [0, 100]", "transform: log", 26, "low", "has no log"),
    Broken(WASTE, "on: 2026-01-15", "on: 15/1/2569", 30, "on", "not a date"),
    Broken(CLEAN, "framework: clean-city", "framework: clean-town", 1, "framework", "rename the file"),
    Broken(CLEAN, 'version: "1"', "version: 2569.1", 2, "version", "between quotes"),
    Broken(CLEAN, "indicator: recycled}", "indicator: recycling}", 12, "indicator", "is not defined"),
    Broken(CLEAN, "indicator: recycled}", "indicator: recycling_rate}", 12, "indicator", "used twice in the tree"),
    Broken(CLEAN, "weight: 2", "weight: -2", 9, "weight", "negative"),
    Broken(CLEAN, "weight: 2", "weight: much", 9, "weight", "not a number"),
    Broken(CLEAN, "tree:", "scale: [100, 0]\ntree:", 6, "scale", "not below"),
    Broken(CLEAN, "tree:", "method: {coverage: 1.5}\ntree:", 6, "coverage", "<= 1"),
    Broken(CLEAN, "tree:", "method: {coverage: {count: -1}}\ntree:", 6, "count", ">= 0"),
    Broken(CLEAN, "tree:", "method: {screen: {coverage: 65}}\ntree:", 6, "coverage", "<= 1"),
    Broken(CLEAN, "tree:", "method: {order: [rank, guess]}\ntree:", 6, "order", "«guess»"),
    Broken(CLEAN, "tree:", "method: {order: [aggregate, rank, rank]}\ntree:", 6, "order", "rank stands twice"),
    Broken(
        CLEAN,
        "tree:",
        "method: {aggregate: geometric}\ntree:",
        6,
        "aggregate",
        "in cleanliness (write",
    ),
    Broken(CLEAN, "  code: cleanliness", "  code: cleanliness\n  aggregate: harmonic", 8, "aggregate", "can be 0"),
    Broken(CLEAN, "tree:", "levels: [{code: low, from: 10}]\ntree:", 6, "from", "begins at 10"),
    Broken(CLEAN, "tree:", "levels: [{code: a, from: 0}, {code: b, from: 0}]\ntree:", 6, "from", "does not ascend"),
    Broken(CLEAN, "tree:", "bands: {cuts: [20, 80], names: [A, B, C]}\ntree:", 6, "cuts", "do not descend"),
    Broken(CLEAN, "tree:", "bands: {cuts: [80, 20], names: [A, B]}\ntree:", 6, "names", "2 names for 3 bands"),
    Broken(CLEAN, "tree:", "bands: {share: [0.5, 0.4], names: [A, B]}\ntree:", 6, "share", "add up to 0.9"),
    Broken(CLEAN, "tree:", "bands: {names: [A, B]}\ntree:", 6, "bands", "either cuts or share"),
    Broken(CLEAN, "tree:", "uncertainty: {plan: {noise: {rain: 1}}}\ntree:", 6, "rain", "no indicator of the tree"),
    Broken(
        CLEAN, "tree:", "method: {normalise: {method: min-max, over: {base: 2566}}}\ntree:", 6, "base", "write 2023"
    ),
    Broken(CLEAN, "town-municipality]", "village]", 5, "places", "not a place type"),
    Broken(CLEAN, "      children:\n", "      children: {}\n      child:\n", 11, "children", "not a list"),
    Broken(TYPES, "aliases: [city_mun,", "aliases: [Town_Municipality,", 5, "aliases", "already stands for"),
    Broken(TYPES, "code: province", "code: town-municipality", 6, "code", "used twice"),
    Broken(GOALS, "parent: G1", "parent: G7", 6, "parent", "G7 is not a code"),
    Broken(GOALS, "on: 2026-01-15, ", "", 6, "on", "is missing"),
    Broken(PROGRAMME, "framework: clean-city", "framework: dirty-city", 5, "framework", "not a framework"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.key}: {broken.new.strip()[:40]}")
def test_a_broken_rule_is_named(tmp_path: Path, broken: Broken) -> None:
    file, line, key = tmp_path / broken.file, broken.line, broken.key
    change(write_project(tmp_path), broken.file, broken.old, broken.new)
    found = problems_of(tmp_path)
    named = [one for one in found if (one.row, one.column) == (line, key) and broken.words in str(one)]
    assert len(named) == 1, "\n".join(map(str, found))
    assert str(named[0]) == f"{file}:{line}: {key}: {named[0].reason} ({named[0].cure})"


def test_the_project_without_a_mistake_has_no_problems(tmp_path: Path) -> None:
    assert problems_of(write_project(tmp_path)) == ()


def test_all_problems_at_once(tmp_path: Path) -> None:
    """One mistake never hides another, neither in the same file nor in the same entry."""
    write_project(tmp_path)
    change(tmp_path, WASTE, "low: 0, high: 60", "low: 60, high: 0")
    change(tmp_path, WASTE, "bounds: [0, 100]", "bound: [0, 100]")
    change(tmp_path, CLEAN, "weight: 2", "weight: -2")
    change(tmp_path, GOALS, "parent: G1", "parent: G7")
    change(tmp_path, TYPES, "code: province", "cod: province")
    keys = [problem.column for problem in problems_of(tmp_path)]
    assert sorted(keys) == ["bound", "cod", "code", "low", "parent", "weight"]


def test_zero_weights_are_refused_pilots_apart(tmp_path: Path) -> None:
    zero = ALONE.replace("{indicator: b}", "{indicator: b, weight: 0}")
    assert problems_of(alone(tmp_path, zero)) == ()
    both = zero.replace("weight: 2", "weight: 0")
    assert [problem.reason for problem in problems_of(alone(tmp_path, both))] == ["every weight here is 0"]
    pilot = zero.replace("{code: a}", "{code: a, status: pilot}")
    assert [problem.row for problem in problems_of(alone(tmp_path, pilot))] == [4]


def test_a_retired_leaf_is_refused(tmp_path: Path) -> None:
    path = alone(tmp_path, ALONE.replace("{code: a}", "{code: a, status: retired}"))
    assert [(problem.row, problem.reason) for problem in problems_of(path)] == [(5, "a is retired")]


def test_a_long_circle_is_named_once(tmp_path: Path) -> None:
    circle = ALONE.replace("  - {code: a}", "  - {code: a, formula: b + 1}").replace(
        "direction: lower", "formula: c + 1"
    )
    path = alone(tmp_path, circle + "  - {code: c, formula: a + 1}\n")
    assert [problem.reason for problem in problems_of(path)] == ["is circular: a -> b -> c -> a"]


@pytest.mark.parametrize(
    ("method", "right"),
    [
        ("{aggregate: geometric}", False),
        ("{aggregate: geometric, nonpositive: refuse}", True),
        ("{aggregate: geometric, nonpositive: {floor: 0.1}}", True),
        ("{aggregate: {method: power, p: 0.5}}", True),
        ("{aggregate: {method: power, p: -1}}", False),
        ("{aggregate: {method: power, p: 2}}", True),
        ("{aggregate: geometric, normalise: none}", True),
        ("{aggregate: geometric, nonpositive: zero, normalise: z-score}", False),
        ("{aggregate: geometric, normalise: {method: z-score, mean: 100, sd: 10}}", True),
        ("{aggregate: geometric, normalise: borda}", False),
    ],
)
def test_means_that_need_positive_scores(tmp_path: Path, method: str, right: bool) -> None:
    problems = problems_of(alone(tmp_path, f"{ALONE}method: {method}\n"))
    assert (problems == ()) is right, problems


def test_a_scale_above_zero_suits_a_geometric_mean(tmp_path: Path) -> None:
    assert problems_of(alone(tmp_path, f"{ALONE}scale: [1, 100]\nmethod: {{aggregate: geometric}}\n")) == ()


def test_a_default_of_goalposts_leaves_the_posts_to_the_indicators(tmp_path: Path) -> None:
    text = f"{ALONE}method: {{normalise: goalposts}}\n".replace(
        "{code: a}", "{code: a, normalise: {method: goalposts, low: 0, high: 1}}"
    )
    problems = problems_of(alone(tmp_path, text))
    assert [problem.reason for problem in problems] == ["b has no goalposts, and the method gives none"]


def test_warnings_do_not_refuse(tmp_path: Path) -> None:
    path = alone(tmp_path, ALONE.replace("{code: a}", "{code: a, normalise: z-score, denominator: gdp}"))
    said = [str(warning) for warning in load_framework(path).warnings]
    assert [("gdp" in one, "different scales" in one) for one in said] == [(True, False), (False, True)]


def test_calendar_values_in_a_fiscal_framework_are_said_once(tmp_path: Path) -> None:
    write_project(tmp_path)
    change(tmp_path, CLEAN, "tree:", "period: fiscal-year\ntree:")
    change(tmp_path, WASTE, "bounds: [0, 100]", "period: calendar-year")
    assert [warning.row for warning in load(tmp_path).warnings] == [6]


def test_only_the_project_needs_the_starred_keys(tmp_path: Path) -> None:
    assert load_framework(alone(tmp_path, ALONE)).framework.indicators["b"].direction == "lower"
    write_project(tmp_path)
    (tmp_path / "frameworks/framework.yaml").write_text(ALONE, "utf-8")
    missing = {p.column for p in problems_of(tmp_path) if p.reason == "is missing from a"}
    assert missing == {"definition", "unit", "direction", "source", "aligned_to"}

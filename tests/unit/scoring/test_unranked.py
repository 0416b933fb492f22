"""Places that are screened out: shown, not ranked, and never in the way of the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.explain import contributions
from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.pipeline import Flag, score
from cityindex.scoring.uncertainty import uncertainty
from tests.unit.scoring.frames import OPEN, panel

GAP = np.nan
# The last place has one indicator of three, and a value below everybody else's: -98 on a scale from 1 to 100.
COLUMNS = {"x": [1.0, 2.0, 3.0, 0.0], "y": [5.0, 9.0, 7.0, GAP], "z": [1.0, 4.0, 2.0, GAP]}
LAST = 3


def framework(mean: str = "geometric", rule: str | None = None, **root: Rule) -> Framework:
    tree = Node("index", (Node("first", (Leaf("x"), Leaf("y")), aggregate=Rule(mean)), Leaf("z")), **root)
    chosen = Method(
        screen=Rule("share", {"coverage": 0.5}), coverage=OPEN, nonpositive=None if rule is None else Rule(rule)
    )
    return Framework("test", tree, {code: Indicator(code) for code in COLUMNS}, method=chosen, scale=(1.0, 100.0))


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
def test_a_score_that_a_mean_cannot_take_does_not_stop_the_others(mean: str) -> None:
    results = score(framework(mean), panel(COLUMNS))
    alone = score(framework(mean), panel({code: column[:LAST] for code, column in COLUMNS.items()}))
    assert results.score[0, LAST, results.row("x")] < 0
    assert np.array_equal(results.score[0, :LAST], alone.score[0])
    assert np.array_equal(results.rank[0, :LAST], alone.rank[0])


def test_it_has_no_score_there_nor_above_and_its_coverage_is_why() -> None:
    columns = {**COLUMNS, "z": [1.0, 4.0, 2.0, 4.0], "more": [1.0, 2.0, 3.0, GAP], "most": [1.0, 2.0, 3.0, GAP]}
    tree = Node("index", (Node("first", (Leaf("x"), Leaf("y")), aggregate=Rule("geometric")), Leaf("z"), Leaf("more"),
                          Leaf("most")))  # fmt: skip
    chosen = replace(framework(), tree=tree, indicators={code: Indicator(code) for code in columns})
    results = score(chosen, panel(columns))
    place = [results.row(code) for code in ("index", "first", "z")]
    assert np.isnan(results.score[0, LAST, place]).tolist() == [True, True, False]
    assert results.flag[0, LAST, place[:2]].tolist() == [Flag.LOW_COVERAGE] * 2
    assert results.rank[0, LAST].tolist() == [0] * len(results.nodes)


def test_what_the_definition_says_of_such_scores_still_holds() -> None:
    zero = score(framework(rule="zero"), panel(COLUMNS))
    assert zero.score[0, LAST, zero.row("first")] == 0
    assert score(framework("arithmetic"), panel(COLUMNS)).score[0, LAST, 0] < 0


def test_a_ranked_place_is_refused_as_ever() -> None:
    chosen = framework()
    posts = Rule("goalposts", {"low": 2, "high": 4, "clip": "none"})
    chosen = replace(chosen, indicators={**chosen.indicators, "x": Indicator("x", normalise=posts)})
    with pytest.raises(Invalid, match="p0000") as refused:
        score(chosen, panel(COLUMNS))
    assert "p0003" not in str(refused.value)


def test_ranked_places_do_not_compete_with_it() -> None:
    results = score(framework("arithmetic", aggregate=Rule("copeland")), panel(COLUMNS))
    assert results.score[0, :, 0].tolist()[:LAST] == [-2, 2, 0]
    assert np.isnan(results.score[0, LAST, 0])


def test_replications_are_not_stopped_either() -> None:
    plan = UncertaintyPlan(
        aggregate={"first": (Rule("arithmetic"), Rule("geometric"))}, weights=Weighting("noise", 0.25)
    )
    found = uncertainty(framework("arithmetic"), panel(COLUMNS), plan, 16, 7)
    assert found.ranks is not None
    assert (found.ranks[:, LAST] == 0).all()
    assert (found.ranks[:, :LAST] > 0).all()


def test_there_is_nothing_to_explain() -> None:
    results = score(framework(), panel(COLUMNS))
    frozen = Frozen.of(framework(), results, 2023)
    with pytest.raises(Invalid, match="low-coverage"):
        contributions(frozen, Row.of(results, "p0003", 2023))

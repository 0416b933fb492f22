"""What a run keeps about what its ranking depends on: its indicators, its choices, and the method before its own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from cityindex.formats.arrays import pack_array, pack_json
from cityindex.models import Run, RunArray
from cityindex.queries.runs.arrays import RunArrays
from cityindex.queries.runs.dependence import dependence
from cityindex.queries.runs.editions import edition
from cityindex.queries.runs.rank_changes import edition_changes
from cityindex.services.runs.earlier_method import RANKS
from tests.integration import small
from tests.integration.small import PERIOD, fill, publishing, scoring

PLAN = {"plan": {"weights": {"noise": 0.5}, "leave_out": "indicators"}, "replications": 20, "seed": 7}
NEWER: dict[str, Any] = {
    "version": "2",
    "tree": {
        "code": "index",
        "children": [
            {"code": "works", "weight": 1, "children": [{"indicator": "roads"}, {"indicator": "water_per_head"}]},
            {"code": "nature", "weight": 3, "children": [{"indicator": "air"}]},
        ],
    },
}


def test_each_indicator_is_left_out_once(engine: Engine) -> None:
    fill(engine)
    run = scoring(engine).run("small", PERIOD, "test")
    with Session(engine) as session:
        found = dependence(session, run)
    assert found is not None
    assert [one.indicator for one in found.left_out] == ["roads", "water_per_head", "air"]
    assert all(0 <= one.mean <= one.largest <= 7 for one in found.left_out)
    assert max(one.largest for one in found.left_out) > 0
    assert found.factors == (), "without a plan nothing says which choices could be others"
    assert scoring(engine).rebuild(run).identical


@pytest.mark.parametrize(("plan", "base"), [({}, 256), ({"sobol": True}, 32)])
def test_choices_of_the_plan_have_their_indices(engine: Engine, plan: dict[str, Any], base: int) -> None:
    fill(engine)
    asked = {**PLAN, "plan": {**PLAN["plan"], **plan}, "replications": 32}  # type: ignore[dict-item]
    run = scoring(engine, uncertainty=asked).run("small", PERIOD, "test")
    with Session(engine) as session:
        found = dependence(session, run)
        said = json.loads(session.get_one(Run, run).summary)["uncertainty"]
    assert found is not None
    assert {one.factor for one in found.factors} == {"leave_out", "weights"}
    assert found.base == base
    assert all(one.s1_low <= one.s1 <= one.s1_high for one in found.factors)
    assert said["repetitions"] == (64 if plan else 32)
    assert scoring(engine).rebuild(run).identical
    with engine.begin() as connection:
        other = pack_json({"left_out": [], "factors": [], "base": 0, "problem": ""})
        connection.execute(update(RunArray).where(RunArray.name == "sensitivity").values(data=other))
    assert scoring(engine).rebuild(run).differences == ("sensitivity",)


def two_versions(engine: Engine) -> tuple[int, int]:
    """The first edition by one method, the next by another; one place more has figures in the second."""
    fill(engine, period=PERIOD)
    fill(engine, period=PERIOD + 1)
    with Session(engine) as session:
        small.record(session, {("M4", code): None for code in ("roads", "water", "air")})
        session.commit()
    first = scoring(engine).run("small", PERIOD, "test")
    publishing(engine).publish(first, "test")
    second = scoring(engine, **NEWER).run("small", PERIOD + 1, "test")
    publishing(engine).publish(second, "test")
    return first, second


def test_ranks_by_the_method_before_are_those_of_a_run_of_it(engine: Engine) -> None:
    first, second = two_versions(engine)
    alone = scoring(engine).run("small", PERIOD + 1, "test")
    with Session(engine) as session:
        assert (RunArrays(session, second)[RANKS] == RunArrays(session, alone)["rank"][:, 0]).all()
        said = json.loads(session.get_one(Run, second).summary)["earlier_method"]
        names = {row.name for row in session.query(RunArray.name).filter(RunArray.run_id == alone)}
    assert said == {"run": first, "version": "1", "period": PERIOD, "problem": ""}
    assert RANKS not in names, "the method is the same there"
    assert scoring(engine).rebuild(second).identical
    with engine.begin() as connection:
        wrong = pack_array(np.ones(8, np.int32))
        connection.execute(update(RunArray).where(RunArray.name == RANKS).values(data=wrong))
    assert scoring(engine).rebuild(second).differences == (RANKS,)


def test_shifts_of_ranks_are_parted_into_figures_and_method(engine: Engine) -> None:
    first, second = two_versions(engine)
    with Session(engine) as session:
        now = edition(session, "small", PERIOD + 1)
        found = edition_changes(session, now, edition(session, "small", PERIOD))
        before, after = RunArrays(session, first)["rank"][:, 0], RunArrays(session, second)["rank"][:, 0]
        middle = RunArrays(session, second)[RANKS]
    assert found.entered == 1
    assert found.left == 0
    both = before > 0
    assert found.both == both.sum() == 7
    assert found.total.mean == pytest.approx(np.abs(before - after)[both].mean())
    assert found.figures is not None
    assert found.method is not None
    assert found.figures.mean == pytest.approx(np.abs(before - middle)[both].mean())
    assert found.method.mean == pytest.approx(np.abs(middle - after)[both].mean())
    assert found.method.largest == np.abs(middle - after)[both].max() > 0
    assert not found.same_method


def test_by_one_method_nothing_is_parted(engine: Engine) -> None:
    for period in (PERIOD, PERIOD + 1):
        fill(engine, period=period)
        publishing(engine).publish(scoring(engine).run("small", period, "test"), "test")
    with Session(engine) as session:
        found = edition_changes(session, edition(session, "small", PERIOD + 1), edition(session, "small", PERIOD))
    assert found.same_method
    assert found.figures == found.total
    assert found.method is None

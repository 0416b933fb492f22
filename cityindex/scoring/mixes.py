"""A mix of changes of several indicators that reaches a goal with the least effort.

Effort is the sum of the indicators' moves in points of their own scores, each times its cost. In an arithmetic tree
the index is a weighted sum of the scores: a linear programme with one constraint and limits, whose optimum is to take
the indicators by weight for cost, each to its limit, the last in part (an exchange of effort towards one with less
weight for its cost can only lose). In a geometric tree the logarithm of the index is a weighted sum of logarithms, so
that the problem is convex: every indicator inside its limits ends at a score of lambda times weight over cost, and
lambda is found by bisection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.doubles import first_holding
from cityindex.scoring.explain import contributions
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.targets import REASONS, Aim, Target, target, weighs

DISTANCES = ("distance-to-best", "distance-to-target", "distance-to-reference")
STRAIGHT = frozenset({"min-max", "goalposts", "z-score", "ratio", "none", *DISTANCES})
"""Normalisations without steps: any score between two others is some value's."""
HALVINGS = 200


@dataclass(frozen=True, slots=True)
class Mix:
    """The changes that reach the goal together, or (`feasible` false) everything that can move at its limit.

    `effort` is in points of the indicators' scores times their costs, `score` and `rank` are what the place gets, and
    `left_out` names the indicators that could not take part, with the reason.
    """

    feasible: bool
    changes: tuple[Target, ...]
    effort: float
    score: float
    rank: int
    left_out: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class _Room:
    """What may move: columns, weights in the index, costs, scores now and at the limits, and the values there."""

    columns: Sequence[int]
    weights: Floats
    costs: Floats
    now: Floats
    most: Floats
    limits: Floats


def least_effort(aim: Aim, limits: Mapping[str, float], costs: Mapping[str, float] | None = None) -> Mix:
    """The mix of least effort that reaches the goal of `aim`.

    `limits` says how far each indicator that may change can go, in its own unit (`peers.frontier` gives what others
    reach); `costs` what a point of its score costs (1). Raises `Invalid` for a place that is not ranked, for trees
    that are neither all arithmetic nor all geometric, that round, rescale or impute by row, for unknown indicators and
    costs that are not above 0.
    """
    _refuse(aim, limits, costs or {})
    room, left_out = _room(aim, limits, costs or {})
    if not room.columns:
        return _mix(aim, room, np.array([]), left_out)
    aimed = _geometric(aim, room) if _is_geometric(aim) else _arithmetic(aim, room)
    return _mix(aim, room, aimed, left_out)


def _is_geometric(aim: Aim) -> bool:
    return aim.frozen.plan.branches[0].aggregate.method == "geometric"


def _arithmetic(aim: Aim, room: _Room) -> Floats:
    """Scores to aim at: by weight for cost, each to its limit until the rest is small enough for one."""
    missing = max(0.0, aim.needed - float(aim.row.score[0]))
    aimed = room.now.copy()
    for k in np.argsort(-room.weights / room.costs, kind="stable"):
        move = min(room.most[k] - room.now[k], missing / room.weights[k])
        aimed[k] += move
        missing -= room.weights[k] * move
        if missing <= 0:
            break
    return aimed


def _geometric(aim: Aim, room: _Room) -> Floats:
    """Scores to aim at: lambda times weight over cost, kept between now and the limits."""
    wanted = np.log(aim.needed) - np.log(aim.row.score[0])

    def scores(factor: float) -> Floats:
        return np.asarray(np.clip(factor * room.weights / room.costs, room.now, room.most))

    ends = np.concatenate((room.now, room.most)) * np.tile(room.costs / room.weights, 2)
    low, high = float(ends.min()), float(ends.max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        gained = room.weights @ (np.log(scores(middle)) - np.log(room.now))
        low, high = (low, middle) if gained >= wanted else (middle, high)
    return scores(high)


def _mix(aim: Aim, room: _Room, aimed: Floats, left_out: Mapping[str, str]) -> Mix:
    """From scores to values: the one with most room left closes to the last bit what the others leave."""
    moved = [k for k in range(aimed.size) if aimed[k] > room.now[k]]
    inside = [k for k in moved if aimed[k] < room.most[k]] or moved
    last = max(inside, key=lambda k: (room.weights[k] * (aimed[k] - room.now[k]), -k), default=None)
    fixed = {room.columns[k]: _value(aim, room, k, float(aimed[k])) for k in moved if k != last}
    near = replace(aim, fixed=fixed)
    changes = [_told(aim, column, value) for column, value in fixed.items()]
    if last is not None:
        changes.append(_last(near, room, last))
    done = {aim.frozen.column[one.indicator]: one.before + one.change for one in changes}
    index = aim.row.score[:1]
    if done:
        column, value = next(iter(done.items()))
        index = replace(aim, fixed=done).index(column, np.array([value]))
    costs = dict(zip(room.columns, room.costs, strict=True))
    return Mix(
        feasible=bool(aim.reached(index)[0]),
        changes=tuple(
            sorted((one for one in changes if one.change), key=lambda one: (-abs(one.points), one.indicator))
        ),
        effort=float(sum(costs[aim.frozen.column[one.indicator]] * one.points for one in changes)),
        score=float(index[0]),
        rank=int(aim.standing.ranks(index, aim.own)[0]),
        left_out=left_out,
    )


def _last(near: Aim, room: _Room, k: int) -> Target:
    found = target(near, near.frozen.plan.columns[room.columns[k]].code)
    passed = (found.value - room.limits[k]) * near.sense(room.columns[k]) > 0
    return _told(near, room.columns[k], room.limits[k]) if passed or not found.feasible else found


def _told(aim: Aim, column: int, value: float) -> Target:
    """One change as a target tells it."""
    before = float(aim.row.values[column])
    index = aim.index(column, np.array([value]))
    return Target(
        indicator=aim.frozen.plan.columns[column].code,
        before=before,
        value=value,
        change=value - before,
        points=float(np.subtract(*aim.points(column, [value, before]))),
        score=float(index[0]),
        rank=int(aim.standing.ranks(index, aim.own)[0]),
        why="",
    )


def _value(aim: Aim, room: _Room, k: int, score: float) -> float:
    """The value nearest to the present one whose score is at least this."""
    if score >= room.most[k]:
        return float(room.limits[k])

    def holds(values: Floats) -> Bools:
        return aim.points(room.columns[k], list(values)) >= score

    return first_holding(holds, float(aim.row.values[room.columns[k]]), float(room.limits[k]))


def _room(aim: Aim, limits: Mapping[str, float], costs: Mapping[str, float]) -> tuple[_Room, dict[str, str]]:
    effective, geometric = contributions(aim.frozen, aim.row).effective, _is_geometric(aim)
    rows: list[tuple[int, float, float, float, float, float]] = []
    left_out: dict[str, str] = {}
    for code, limit in limits.items():
        column = aim.frozen.column[code]
        item, before = aim.frozen.plan.columns[column], float(aim.row.values[column])
        if not weighs(aim.frozen, item.row):
            left_out[code] = REASONS["no-weight"]
        elif np.isnan(before):
            left_out[code] = REASONS["missing"]
        elif effective[item.row] == 0:  # a node above has no score here, and leaves it out
            left_out[code] = REASONS["rule"]
        elif item.normalise.method not in STRAIGHT or item.indicator.round is not None:
            left_out[code] = "its score moves in steps"
        else:
            now, most = aim.points(column, [before, limit])
            if geometric and now <= 0:
                left_out[code] = "its score is not above 0"
            elif (limit - before) * aim.sense(column) > 0 and most > now:
                rows.append((column, effective[item.row], costs.get(code, 1.0), float(now), float(most), limit))
            else:
                left_out[code] = "it is at its limit already"
    parts = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), 5).T
    return _Room([row[0] for row in rows], *parts), left_out


def _refuse(aim: Aim, limits: Mapping[str, float], costs: Mapping[str, float]) -> None:
    problems = [
        Problem("is no indicator of the framework", "name one of its indicators", column=code)
        for code in limits
        if code not in aim.frozen.column
    ]
    problems += [
        Problem("has a limit or a cost that is no number above 0", "give finite numbers, costs above 0", column=code)
        for code in {**limits, **costs}
        if not np.isfinite(limits.get(code, 0.0)) or not 0 < costs.get(code, 1.0) < np.inf
    ]
    if aim.row.rank == UNRANKED or np.isnan(aim.needed):
        problems.append(
            Problem(f"{aim.row.place} is not ranked, or too few are", "take a ranked place", column="place")
        )
    methods = {branch.aggregate.method for branch in aim.frozen.plan.branches}
    bent = [
        branch.node.code
        for branch in aim.frozen.plan.branches
        if branch.node.round is not None or branch.node.rescale is not None or branch.missing == "zero"
    ]
    if methods not in ({"arithmetic"}, {"geometric"}) or bent or aim.stepwise or aim.standing.sign < 0:
        reason = (
            "no mix is computed for trees that mix rules, round, rescale, screen by zeros, impute by row or count down"
        )
        problems.append(Problem(reason, "ask for one indicator at a time", column="tree"))
    if problems:
        raise Invalid("; ".join(str(problem) for problem in problems), problems)

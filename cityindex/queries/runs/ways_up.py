"""What would move a place up: the smallest change of single indicators, and the mix of least effort.

Calculated with the frozen parameters of a run while everything else stands still; nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from cityindex.definitions.checks import ATTRIBUTES
from cityindex.errors import Invalid
from cityindex.queries.runs.explanations import Peers, peers_of
from cityindex.queries.runs.frozen_runs import FrozenRun, frozen_run
from cityindex.scoring.explain import contributions
from cityindex.scoring.frozen import Row
from cityindex.scoring.matrix import CellStatus
from cityindex.scoring.mixes import Mix, least_effort
from cityindex.scoring.peers import frontier
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.targets import Aim, Goal, Target, target, weighs
from cityindex.scoring.treat import EXEMPT_TYPES
from cityindex.scoring.whatif import ordinal

RANKS = 5
MOST = 10
"""Indicators that are looked at one by one: those with most to gain. Each takes some 10 ms in a large framework."""


@dataclass(frozen=True, slots=True)
class Way:
    """One indicator and the change that would do; `better` is +1 where more of it is better, -1 where less is.

    `whole` says that its values are whole steps: yes or no, or levels.
    """

    target: Target
    better: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """Indicators that are computed from the same `figures`: in life, one does not move alone."""

    indicators: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaysUp:
    """What would move a place from `rank` to `goal`, or further.

    `ways` are of the indicators with most to gain, those that do it alone first, the smallest move of a score before
    larger ones. `missing` counts indicators of weight without a value to start from, `others` those with less to gain.
    `mix` is None where the framework does not allow one; its limits are what a quarter of `peers` reach. `betters` are
    as in `Way`, by indicator. `linked` are those of `ways` and `mix` that share figures.
    """

    rank: int
    goal: int
    ways: tuple[Way, ...]
    missing: int
    others: int
    mix: Mix | None
    betters: Mapping[str, float]
    peers: Peers
    linked: tuple[Linked, ...]


def ways_up(session: Session, run_id: int, place_id: int, ranks: int = RANKS) -> WaysUp | None:
    """What would move a place up by some ranks; None where it is not ranked, or first already.

    None, too, where a node compares all places with each other. Raises `NotFound` as `explanation` does.
    """
    run = frozen_run(session, run_id)
    row = run.row(place_id)
    if row.rank in (UNRANKED, 1) or ordinal(run.frozen):
        return None
    aim = Aim(run.frozen, run.standing, row, Goal(rank=max(1, row.rank - ranks)))
    gains = _gains(run, row)
    columns = sorted(gains, key=lambda column: (-gains[column], column))
    ways = [_way(aim, column) for column in columns[:MOST]]
    ways.sort(key=lambda way: (not way.target.feasible, abs(way.target.points), way.target.indicator))
    items, peers = run.frozen.plan.columns, peers_of(run, row)
    mix = _mix(run, aim, peers)
    moved = [one.target.indicator for one in ways] + [one.indicator for one in (mix.changes if mix else ())]
    return WaysUp(
        rank=row.rank,
        goal=aim.goal.rank or 1,
        ways=tuple(ways),
        missing=_missing(run, row),
        others=max(len(columns) - MOST, 0),
        mix=mix,
        betters={item.code: aim.sense(column) for column, item in enumerate(items)},
        peers=peers,
        linked=linked({code: run.figures[code] for code in moved}),
    )


def linked(figures: Mapping[str, frozenset[str]]) -> tuple[Linked, ...]:
    """Groups of indicators that share figures, directly or through others of the group; `figures` are those of each.

    Attributes of places do not link: nobody raises a rate by having fewer residents.
    """
    uses = {code: used.difference(ATTRIBUTES) for code, used in figures.items()}
    groups: list[tuple[set[str], set[str]]] = []
    for code, used in uses.items():
        members, all_used = {code}, set(used)
        for group in [one for one in groups if one[1] & used]:
            groups.remove(group)
            members |= group[0]
            all_used |= group[1]
        groups.append((members, all_used))
    found = []
    for members, _ in groups:
        counts = Counter(name for code in members for name in uses[code])
        shared = tuple(sorted(name for name, count in counts.items() if count > 1))
        if len(members) > 1:
            found.append(Linked(tuple(code for code in uses if code in members), shared))
    return tuple(found)


def _gains(run: FrozenRun, row: Row) -> dict[int, float]:
    """How much each indicator with a value could add to the index, from its score to the head of the scale."""
    weights, head = contributions(run.frozen, row).effective, run.frozen.framework.scale[1]
    found = {
        column: float(weights[item.row] * (head - row.score[item.row]))
        for column, item in enumerate(run.frozen.plan.columns)
        if not np.isnan(row.values[column]) and not np.isnan(row.score[item.row])
    }
    return {column: gain for column, gain in found.items() if gain > 0}


def _missing(run: FrozenRun, row: Row) -> int:
    """How many indicators count, apply to the place, and have no value."""
    return sum(
        bool(np.isnan(row.values[column])) and row.status[column] != CellStatus.NOT_APPLICABLE
        for column, item in enumerate(run.frozen.plan.columns)
        if weighs(run.frozen, item.row)
    )


def _way(aim: Aim, column: int) -> Way:
    item = aim.frozen.plan.columns[column]
    found, better = target(aim, item.code), aim.sense(column)
    whole = item.indicator.type in EXEMPT_TYPES
    return Way(_whole(aim, column, found) if whole and found.why == "" else found, better, whole)


def _whole(aim: Aim, column: int, found: Target) -> Target:
    """The next whole step that reaches the goal: there is no half of a yes, and none of a level."""
    item, better = aim.frozen.plan.columns[column], aim.sense(column)
    value = float(np.ceil(found.value) if better > 0 else np.floor(found.value))
    beyond = (value - aim.end(column)) * better > 0 or (item.indicator.type == "yes-no" and value not in (0, 1))
    if beyond:
        return replace(found, value=float("nan"), change=float("nan"), why="bounds")
    index = aim.index(column, np.array([value]))
    return replace(
        found,
        value=value,
        change=value - found.before,
        points=float(np.subtract(*aim.points(column, [value, found.before]))),
        score=float(index[0]),
        rank=int(aim.standing.ranks(index, aim.own)[0]),
    )


def _mix(run: FrozenRun, aim: Aim, peers: Peers) -> Mix | None:
    """The least effort where every indicator may go as far as a quarter of the peers do already."""
    if not peers.codes:
        return None
    reached = frontier(run.frozen.framework, run.results, run.period, peers.codes)
    kinds = run.frozen.framework.indicators
    limits = {one.indicator: one.upper for one in reached if kinds[one.indicator].type not in EXEMPT_TYPES}
    try:
        return least_effort(aim, limits)
    except Invalid:  # the rules of its tree do not allow one
        return None

"""A plan in short: counts, money by fiscal year, what it serves, and its largest lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cityindex.definitions.catalogue import StrategyItem
from cityindex.queries.plans.plans import ActionRecord
from cityindex.services.plans.lines import STATUSES
from cityindex.web.participation.target_view import Listed
from cityindex.web.plans.view import PlanView, strategies

MOST = 10
"""Lines that one sheet of paper has room for; all of them stand in the list."""
MOST_CODES, MOST_AIMS, MOST_YEARS = 8, 6, 8


@dataclass(frozen=True)
class Summary:
    """`statuses` has the number of lines by status; `money` as `PlanView.budgets`, `later` what those years that the
    sheet has no room for come to (how many, their baht and lines), `baht` the sum of both, and `counted` all its lines.

    `without_money` counts lines that say no sum. `lines` are the largest, `more` how many others there are. `aims` are
    the targets that lines serve with the number of lines; `codes` the strategies, the most served first.
    """

    count: int
    statuses: Mapping[str, int]
    money: Sequence[tuple[int, float, int]]
    later: tuple[int, float, int] | None
    baht: float
    counted: int
    without_money: int
    lines: Sequence[ActionRecord]
    more: int
    aims: Sequence[tuple[Listed, int]]
    codes: Sequence[tuple[StrategyItem, int]]
    unserved: int


def summary_of(view: PlanView) -> Summary:
    """What was given up is counted by its status and in nothing else."""
    statuses = Counter(one.status for one in view.lines)
    shown, others = _parted(view)
    baht, counted = view.money_of({when for when, _, _ in view.budgets})
    largest = sorted(view.kept, key=lambda one: (-(one.total or 0), one.id))[:MOST]
    return Summary(
        count=len(view.lines),
        statuses={status: statuses[status] for status in STATUSES},
        money=shown,
        later=(len(others), *view.money_of(others)) if others else None,
        baht=baht,
        counted=counted,
        without_money=sum(one.total is None for one in view.kept),
        lines=largest,
        more=len(view.kept) - len(largest),
        aims=_aims(view)[:MOST_AIMS],
        codes=_codes(view)[:MOST_CODES],
        unserved=len(view.unserved),
    )


def _parted(view: PlanView) -> tuple[Sequence[tuple[int, float, int]], frozenset[int]]:
    """The fiscal years that the sheet shows one by one, and the others, which it sums; all where there is room."""
    every = view.budgets
    if len(every) <= MOST_YEARS:
        return every, frozenset()
    later = frozenset(when for when, _, _ in every if when) - {when for when, _, _ in every[: MOST_YEARS - 1]}
    return [one for one in every if one[0] not in later], later


def _aims(view: PlanView) -> list[tuple[Listed, int]]:
    counted = Counter(one.target for one in view.kept if one.target in view.aims)
    return [(view.aims[number], count) for number, count in counted.most_common() if number is not None]


def _codes(view: PlanView) -> list[tuple[StrategyItem, int]]:
    counted = Counter(code for one in view.kept for code in one.strategy.split())
    known = {item.code: item for code in counted for item in strategies(code)}
    return [(known[code], count) for code, count in counted.most_common() if code in known]

"""What changed the score of a place from one edition to another: its figures, or the method.

Everything comes from the two runs and their frozen parameters; the causes sum to the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from cityindex.errors import Invalid
from cityindex.queries.runs.explanations import number
from cityindex.queries.runs.frozen_runs import FrozenRun, frozen_run
from cityindex.scoring.changes import State, change
from cityindex.scoring.frozen import Row
from cityindex.scoring.whatif import ordinal


@dataclass(frozen=True, slots=True)
class ValueChange:
    """An indicator of both editions with its values, and what the new one did to the score of the index."""

    code: str
    before: float | None
    after: float | None
    effect: float


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """From `before` to `after`, by cause: `effects` are of values, coverage, weights and parameters (see
    `cityindex.scoring.changes`) and sum to the change. Empty where it cannot be told, and then `why` says so:
    `no-score`, `ordinal` or `on-the-way`.

    `values` come with the largest effect first; `came` and `left` are indicators of one of the two methods only.
    """

    before: float | None
    after: float | None
    effects: Mapping[str, float]
    values: tuple[ValueChange, ...] = ()
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    why: str = ""


def score_change(session: Session, run_id: int, before_id: int, place_id: int) -> ScoreChange:
    """What changed the score of a place from run `before_id` to run `run_id`.

    Raises `NotFound` for a run that does not hold the place.
    """
    old, new = frozen_run(session, before_id), frozen_run(session, run_id)
    rows = old.row(place_id), new.row(place_id)
    before, after = (number(row.score[0]) for row in rows)
    if before is None or after is None:
        return ScoreChange(before, after, {}, why="no-score")
    if ordinal(old.frozen) or ordinal(new.frozen):
        return ScoreChange(before, after, {}, why="ordinal")
    try:
        found = change(State(old.frozen, rows[0]), State(new.frozen, rows[1]))
    except Invalid:  # with some of the new and some of the old, the place would have no score
        return ScoreChange(before, after, {}, why="on-the-way")
    one, other = old.frozen.column.keys(), new.frozen.column.keys()
    return ScoreChange(
        before=before,
        after=after,
        effects=found.effects,
        values=_values(found.of_values, (old, new), rows),
        came=tuple(code for code in new.frozen.column if code not in one),
        left=tuple(code for code in old.frozen.column if code not in other),
    )


def _values(
    effects: Mapping[str, float], runs: tuple[FrozenRun, FrozenRun], rows: tuple[Row, Row]
) -> tuple[ValueChange, ...]:
    found = []
    for code, effect in effects.items():
        if all(code in run.frozen.column for run in runs) and effect:
            values = [row.values[run.frozen.column[code]] for run, row in zip(runs, rows, strict=True)]
            if not np.array_equal(values[0], values[1], equal_nan=True):
                found.append(ValueChange(code, number(values[0]), number(values[1]), effect))
    return tuple(sorted(found, key=lambda one: -abs(one.effect)))

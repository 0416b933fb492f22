"""How ranks changed from one edition to the next, and how much of it new figures and a new method did.

What the method of the earlier edition makes of the later one's figures is computed with the run and kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol

import numpy as np
from sqlalchemy.orm import Session

from cityindex.definitions.canonical import framework_from_canonical
from cityindex.queries.runs.arrays import RunArrays
from cityindex.queries.runs.editions import Edition, definition_of
from cityindex.queries.runs.score_pages import score_table
from cityindex.queries.runs.scores import Interval
from cityindex.scoring.matrix import Ints
from cityindex.scoring.rank import UNRANKED

INDEX = 0
KEPT = 32
"""Pairs of editions of which a process keeps what was worked out."""
KEPT_STEPS = 6
"""Pairs of editions of which a process keeps the ranks of every place."""
RANKS = "rank_by_earlier_method"


class Made(Protocol):
    """An edition, as a whole or of one place."""

    @property
    def run(self) -> int: ...

    @property
    def definition(self) -> str: ...

    @property
    def earlier_method(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Steps:
    """By how many ranks places moved: on average, at most, and how many of them at all."""

    mean: float
    largest: int
    moved: int


@dataclass(frozen=True, slots=True)
class EditionChanges:
    """From the edition `before` to the next one: `both` places are ranked in the two, `entered` and `left` in one.

    `figures` are the steps from the old ranks to those of the new figures by the old method, `method` from there to
    the new ranks; None where they cannot be told apart, and then `problem` may say why. Their means need not add up to
    that of `total`, for one may undo what the other does.
    """

    before: Edition
    same_method: bool
    both: int
    entered: int
    left: int
    total: Steps
    figures: Steps | None
    method: Steps | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PlaceSteps:
    """The rank of a place before, by the old method with the new figures, and now; None where there is none."""

    before: int | None
    between: int | None
    after: int | None

    @property
    def total(self) -> int | None:
        """By how many ranks the place went up; below zero: down. None where it was or is not ranked."""
        return self._up(self.before, self.after)

    @property
    def figures(self) -> int | None:
        """What new figures did, by the old method."""
        return self._up(self.before, self.between)

    @property
    def method(self) -> int | None:
        """What the new method did, with the new figures."""
        return self._up(self.between, self.after)

    @staticmethod
    def _up(one: int | None, other: int | None) -> int | None:
        return None if one is None or other is None else one - other


def edition_changes(session: Session, now: Edition, before: Edition) -> EditionChanges:
    """What became of the ranks of one edition in another one of the same framework."""
    key = now.run, now.made_at, before.run, before.made_at
    with _lock:
        found = _kept.pop(key, None)
    if found is None:
        found = _changes(session, now, before)
    with _lock:
        _kept[key] = found  # the last one asked for stands last
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    return found


def _changes(session: Session, now: Edition, before: Edition) -> EditionChanges:
    old, middle, new = _ranks(session, now, before)
    both = (old > UNRANKED) & (new > UNRANKED)
    same = same_method(session, now, before)
    total = _steps(old[both], new[both])
    figures, method = (total, None) if same else _parted(old, middle, new)
    return EditionChanges(
        before=before,
        same_method=same,
        both=int(both.sum()),
        entered=int(((old == UNRANKED) & (new > UNRANKED)).sum()),
        left=before.ranked - int(both.sum()),
        total=total,
        figures=figures,
        method=method,
        problem=str((now.earlier_method or {}).get("problem", "")),
    )


def _parted(old: Ints, middle: Ints | None, new: Ints) -> tuple[Steps | None, Steps | None]:
    """Over the places that all three rank."""
    if middle is None:
        return None, None
    three = (old > UNRANKED) & (middle > UNRANKED) & (new > UNRANKED)
    if not three.any():
        return None, None
    return _steps(old[three], middle[three]), _steps(middle[three], new[three])


_kept: dict[tuple[int, datetime, int, datetime], EditionChanges] = {}
_lock = Lock()


def place_steps(session: Session, now: Made, before: Made, place_id: int) -> PlaceSteps | None:
    """The ranks of one place; None where the run does not hold it."""
    at = RunArrays(session, now.run).row(place_id)
    if at is None:
        return None
    old, middle, new = _ranks(session, now, before)
    between = None if middle is None else int(middle[at]) or None
    return PlaceSteps(int(old[at]) or None, between, int(new[at]) or None)


def rank_steps(session: Session, now: Edition, before: Edition) -> Mapping[int, PlaceSteps]:
    """The ranks of every place of the later edition, by its id."""
    key = now.run, now.made_at, before.run, before.made_at
    with _lock:
        found = _steps_kept.get(key)
    if found is None:
        found = _all_steps(session, now, before)
        with _lock:
            _steps_kept[key] = found
            while len(_steps_kept) > KEPT_STEPS:
                del _steps_kept[next(iter(_steps_kept))]
    return found


def _all_steps(session: Session, now: Edition, before: Edition) -> dict[int, PlaceSteps]:
    old, middle, new = _ranks(session, now, before)
    if middle is None and same_method(session, now, before):
        middle = new
    between = [0] * len(new) if middle is None else middle.tolist()
    ids = RunArrays(session, now.run)["place_id"].tolist()
    rows = zip(ids, old.tolist(), between, new.tolist(), strict=True)
    return {place: PlaceSteps(a or None, b or None, c or None) for place, a, b, c in rows}


_steps_kept: dict[tuple[int, datetime, int, datetime], Mapping[int, PlaceSteps]] = {}


def rank_intervals(session: Session, run_id: int) -> Mapping[int, Interval]:
    """Between which ranks each place of a run stays, by its id. Raises `NotFound`."""
    return {place: interval for place, (interval, _) in score_table(session, run_id).index.items()}


def apart(one: Interval, other: Interval) -> bool:
    """Whether two intervals have no rank in common."""
    (low, high), (from_, to) = one, other
    return None not in (low, high, from_, to) and (high < from_ or to < low)  # type: ignore[operator]


def same_method(session: Session, now: Made, before: Made) -> bool:
    """Whether two editions were made by one method: their definitions may differ in words."""
    if now.definition == before.definition:
        return True
    one, other = (framework_from_canonical(definition_of(session, each.definition)) for each in (now, before))
    return one == other


def _ranks(session: Session, now: Made, before: Made) -> tuple[Ints, Ints | None, Ints]:
    """Of the places of the later run: their ranks in the earlier one, by its method, and now; 0 for none."""
    later, earlier = RunArrays(session, now.run), RunArrays(session, before.run)
    for arrays in (later, earlier):
        arrays.prefetch("rank", "place_id")
    known = dict(zip(earlier["place_id"].tolist(), earlier["rank"][:, INDEX].tolist(), strict=True))
    old = np.array([known.get(place, UNRANKED) for place in later["place_id"].tolist()], np.int32)
    said = now.earlier_method or {}
    known_middle = said.get("run") == before.run and not said.get("problem")
    return old, later[RANKS] if known_middle else None, later["rank"][:, INDEX]


def _steps(one: Ints, other: Ints) -> Steps:
    apart = np.abs(one.astype(np.int64) - other)
    return Steps(float(apart.mean()) if apart.size else 0.0, int(apart.max(initial=0)), int((apart > 0).sum()))

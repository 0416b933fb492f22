"""How far the members of a programme have come: published results of the cohort, and how its open round stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.assessment.workflow import Deed
from cityindex.models import Assessment, AssessmentEvent, Membership, Place
from cityindex.queries.accounts.tasks import STANDS_STILL
from cityindex.queries.assessments.results import RunResults
from cityindex.scoring.framework import Level

Ints = NDArray[np.int64]
NOT_HANDED_IN = (Deed.OPENED, Deed.RETURNED, Deed.REOPENED)
MOST_IMPROVED = 10
FEWEST = 10
"""Members from which on counts of an open round are public: of fewer, a count may say who it is."""


@dataclass(frozen=True, slots=True)
class CohortPlace:
    """A member of today."""

    id: int
    code: str
    name_th: str
    name_en: str | None
    place_type: str
    longitude: float | None
    latitude: float | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """How many places of a group stand on each rung of the ladder, the lowest first; `median` is of their scores."""

    code: str
    counts: tuple[int, ...]
    median: float | None

    @property
    def places(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Gap:
    """Means at a pillar of what was claimed and what holds, over the places that have both."""

    code: str
    claimed: float | None
    verified: float | None
    places: int


@dataclass(frozen=True, slots=True)
class Improved:
    """A place with its score at the baseline and now."""

    place: CohortPlace
    before: float
    after: float


@dataclass(frozen=True)
class Movement:
    """From the baseline to now, over the places scored in both. `steps[i][j]`: from rung i to rung j."""

    steps: tuple[tuple[int, ...], ...]
    improved: tuple[Improved, ...]

    @property
    def places(self) -> int:
        return sum(map(sum, self.steps))

    @property
    def up(self) -> int:
        return sum(count for i, row in enumerate(self.steps) for j, count in enumerate(row) if j > i)

    @property
    def down(self) -> int:
        return sum(count for i, row in enumerate(self.steps) for j, count in enumerate(row) if j < i)

    @property
    def same(self) -> int:
        return self.places - self.up - self.down


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many assessments of a round are in it, and of these handed in and approved now. Counts only.

    `public`: something of the round was published. Before, how it stands is for the programme office.
    """

    invited: int
    handed_in: int
    approved: int
    public: bool = False


def cohort(session: Session, programme: str) -> tuple[CohortPlace, ...]:
    """The members of today, by name."""
    columns: tuple[Any, ...] = (
        Place.id, Place.code, Place.name_th, Place.name_en, Place.place_type,
        Place.longitude, Place.latitude, Place.demo,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(Membership, Membership.place_id == Place.id)
        .where(Membership.programme == programme, Membership.left.is_(None))
        .order_by(Place.name_sort)
    )
    return tuple(CohortPlace(*row) for row in session.execute(query))


def rungs(scores: NDArray[np.float64], levels: Sequence[Level]) -> NDArray[np.int64]:
    """The rung of every score (as `scoring.ladder.standing`), -1 without a score."""
    starts = np.array([level.start for level in levels])
    found = np.maximum(np.searchsorted(starts, scores, side="right") - 1, 0)
    return np.where(np.isnan(scores), -1, found)


def spread(code: str, scores: NDArray[np.float64], levels: Sequence[Level]) -> Spread:
    """How scores spread over the ladder."""
    at = rungs(scores, levels)
    known = scores[at >= 0]
    counts = np.bincount(at[at >= 0], minlength=len(levels))
    return Spread(code, tuple(counts.tolist()), float(np.median(known)) if known.size else None)


def spreads_by_pillar(results: RunResults, rows: Ints, levels: Sequence[Level]) -> tuple[Spread, ...]:
    """The index first, then its pillars, of the places in `rows`."""
    return tuple(spread(node.code, results.score[rows, node.position], levels) for node in results.pillars)


def spreads_by_group(results: RunResults, rows: Ints, levels: Sequence[Level], kind: str) -> tuple[Spread, ...]:
    """The index by the groups of a kind; places without a group are left out."""
    groups = results.groups.get(kind)
    if groups is None:
        return ()
    of_rows, index = groups[rows], results.score[rows, 0]
    names = sorted({str(name) for name in of_rows if name is not None})
    return tuple(spread(name, index[of_rows == name], levels) for name in names)


def gaps(results: RunResults, rows: Ints) -> tuple[Gap, ...]:
    """The index first, then its pillars: what was claimed and what holds."""
    return tuple(_gap(node.code, results.claimed[rows, node.position], results.score[rows, node.position])
                 for node in results.pillars)  # fmt: skip


def _gap(code: str, claimed: NDArray[np.float64], verified: NDArray[np.float64]) -> Gap:
    both = ~np.isnan(claimed) & ~np.isnan(verified)
    if not both.any():
        return Gap(code, None, None, 0)
    return Gap(code, float(claimed[both].mean()), float(verified[both].mean()), int(both.sum()))


def movement(before: RunResults, after: RunResults, places: Sequence[CohortPlace], levels: Sequence[Level]) -> Movement:
    """What changed for the members of today from one edition to another."""
    old, new = _scores(before), _scores(after)
    pairs = [(one, old[one.id], new[one.id]) for one in places if one.id in old and one.id in new]
    steps = np.zeros((len(levels), len(levels)), np.int64)
    if pairs:
        first, last = (rungs(np.array([pair[at] for pair in pairs]), levels) for at in (1, 2))
        np.add.at(steps, (first, last), 1)
    risen = sorted((pair for pair in pairs if pair[2] > pair[1]), key=lambda pair: pair[1] - pair[2])
    return Movement(
        tuple(tuple(row) for row in steps.tolist()), tuple(Improved(*pair) for pair in risen[:MOST_IMPROVED])
    )


def _scores(results: RunResults) -> Mapping[int, float]:
    index = results.score[:, 0]
    known = ~np.isnan(index)
    return dict(zip(results.ids[known].tolist(), index[known].tolist(), strict=True))


def funnel(session: Session, round_id: int) -> Funnel:
    """How a round stands, in counts that name nobody."""
    moves = (
        select(func.max(AssessmentEvent.id))
        .join(Assessment, Assessment.id == AssessmentEvent.assessment_id)
        .where(Assessment.round_id == round_id, AssessmentEvent.deed.not_in(STANDS_STILL))
        .group_by(AssessmentEvent.assessment_id)
    )
    query = (
        select(AssessmentEvent.deed, func.count()).where(AssessmentEvent.id.in_(moves)).group_by(AssessmentEvent.deed)
    )
    counts: Mapping[str, int] = {deed: count for deed, count in session.execute(query)}
    invited = sum(counts.values())
    handed_in = invited - sum(counts.get(deed, 0) for deed in NOT_HANDED_IN)
    ever = select(AssessmentEvent.id).join(Assessment, Assessment.id == AssessmentEvent.assessment_id)
    public = ever.where(Assessment.round_id == round_id, AssessmentEvent.deed == Deed.PUBLISHED).limit(1)
    return Funnel(invited, handed_in, handed_in - counts.get(Deed.SUBMITTED, 0), session.scalar(public) is not None)

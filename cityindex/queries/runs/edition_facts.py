"""What an edition says as a whole: the middle of its scores, its bands, and as of when its data are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.models import Recording, Run
from cityindex.queries.runs.arrays import RunArrays
from cityindex.queries.runs.editions import RunRecord


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """`median`, `q1` and `q3` are of the scores of the index; None where no place has one.

    `counts` are numbers of scored places in classes of equal width over the scale; `bands` by name, the best first.
    """

    median: float | None
    q1: float | None
    q3: float | None
    counts: tuple[int, ...]
    bands: tuple[tuple[str, int], ...]
    coverage: float | None
    """The median share of the weight that places have figures of."""
    known_until: datetime | None


def edition_facts(session: Session, run: RunRecord, scale: tuple[float, float], classes: int = 25) -> EditionFacts:
    """Facts of a run, whose scores lie on `scale`."""
    arrays = RunArrays(session, run.id)
    arrays.prefetch("score", "band", "coverage")
    scores = arrays["score"][:, 0]
    scores = scores[~np.isnan(scores)]
    counts, _ = np.histogram(np.clip(scores, *scale), classes, scale)
    q1, median, q3 = np.percentile(scores, (25, 50, 75)).tolist() if scores.size else (None, None, None)
    coverage = arrays["coverage"][:, 0]
    known = select(Recording.recorded_at).join(Run, Run.cutoff == Recording.id).where(Run.id == run.id)
    return EditionFacts(
        median=median,
        q1=q1,
        q3=q3,
        counts=tuple(counts.tolist()),
        bands=tuple((name, int((arrays["band"] == at).sum())) for at, name in enumerate(run.summary["bands"])),
        coverage=float(np.nanmedian(coverage)) if coverage.size and not np.isnan(coverage).all() else None,
        known_until=session.scalar(known),
    )


def middle_place(session: Session, run_id: int) -> int | None:
    """The place in the middle of the ranking, among those with the most figures; None where none is ranked."""
    arrays = RunArrays(session, run_id)
    arrays.prefetch("place_id", "rank", "coverage")
    ranks, coverage = arrays["rank"][:, 0], arrays["coverage"][:, 0]
    if not (ranks > 0).any():
        return None
    best = coverage[ranks > 0].max()
    chosen = np.flatnonzero((ranks > 0) & (coverage >= best))
    middle = chosen[np.argmin(np.abs(ranks[chosen] - (ranks.max() + 1) / 2))]
    return int(arrays["place_id"][middle])

"""The scores of all places at a node of a framework, edition by edition, as columns like those of an indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from cityindex.queries.runs.arrays import RunArrays, node_of, tree_of
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.scoring.matrix import Floats


@dataclass(frozen=True, eq=False)
class ScoreColumn:
    """The scored places of a run with their scores, and all places that it holds."""

    place_ids: NDArray[np.int32]
    values: Floats
    scope: NDArray[np.int32]


def editions_by_period(session: Session, framework: str) -> Mapping[int, Edition]:
    return {one.period: one for one in current_editions(session, framework)}


def score_column(session: Session, run_id: int, code: str) -> ScoreColumn:
    """Scores at a node above the indicators. Raises `NotFound` for a node that the run does not have."""
    position = node_of(tree_of(session, run_id), code).position
    arrays = RunArrays(session, run_id)
    arrays.prefetch("place_id", "score")
    ids, scores = arrays["place_id"], arrays["score"][:, position]
    present = ~np.isnan(scores)
    return ScoreColumn(ids[present], scores[present].copy(), ids)

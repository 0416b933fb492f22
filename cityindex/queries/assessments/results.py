"""Published results of self-assessments: what holds after the review, beside what was claimed. Never a draft.

Everything here is read from the run of an edition, where it was put when the round was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.assessment.appeals import Appeals
from cityindex.formats.arrays import unpack_array, unpack_json
from cityindex.models import RunArray
from cityindex.queries.runs.arrays import RunArrays, TreeNode, tree_of
from cityindex.queries.runs.once_per_run import OncePerRun

CLAIMED, ASSESSED = "claimed", "assessed"
"""Names of what `services.claims` keeps with a run: scores of the claims by place and node, and what the round was."""
PLACE_TYPE = "place_type"


@dataclass(frozen=True, slots=True)
class PublishedRound:
    """The round that an edition was published from, as it stood at that moment (`at`).

    `cohort` counts its assessments, `submitted` those handed in at least once; `places` are those whose approved
    values the edition uses.
    """

    round: int
    questionnaire: str
    version: str
    definition: str
    programme: str
    period: int
    at: datetime
    cohort: int
    submitted: int
    places: frozenset[int]
    appeals: Appeals


@dataclass(frozen=True, eq=False)
class RunResults:
    """What an edition says of all its places: rows are places, columns the nodes and indicators of the tree.

    `claimed` is NaN everywhere where the edition was made from figures that no assessment gave. `groups` hold, for
    each kind (`place_type`, `region` …), the group of every place.
    """

    tree: tuple[TreeNode, ...]
    ids: NDArray[np.int32]
    score: NDArray[np.float64]
    claimed: NDArray[np.float64]
    groups: Mapping[str, NDArray[Any]]
    round: PublishedRound | None

    @property
    def pillars(self) -> tuple[TreeNode, ...]:
        """The index, then its children above the indicators; what is shown beside it, without weight, is no pillar."""
        below = (node for node in self.tree if node.level == 1 and not node.is_indicator)
        return (self.tree[0], *(node for node in below if node.weight > 0))

    def rows(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """Where places are, those that the edition does not hold left out."""
        return np.flatnonzero(np.isin(self.ids, np.asarray(list(ids), np.int64)))


@dataclass(frozen=True, slots=True)
class NodeStanding:
    """One place at the index or a pillar: what holds, what was claimed, and the median of the `peers` of its type."""

    code: str
    score: float | None
    claimed: float | None
    median: float | None
    peers: int

    @property
    def gap(self) -> float | None:
        """How far the claim was above what holds."""
        return None if self.score is None or self.claimed is None else self.claimed - self.score


@dataclass(frozen=True)
class PlaceResult:
    """One place in one edition. `values` are the verified values of its indicators (yes is 1), NaN left out."""

    place_type: str
    nodes: tuple[NodeStanding, ...]
    values: Mapping[str, float]
    assessed: bool
    """Whether they come from an assessment of the round, and not from figures of another source."""


def _read(session: Session, run_id: int) -> RunResults:
    arrays = RunArrays(session, run_id)
    arrays.prefetch("place_id", "score")
    kept = select(RunArray.name, RunArray.data).where(
        RunArray.run_id == run_id, RunArray.name.in_([CLAIMED, ASSESSED, "inputs"])
    )
    found = {name: data for name, data in session.execute(kept)}
    score = arrays["score"]
    attributes = unpack_json(found["inputs"])["attributes"]
    return RunResults(
        tree=tree_of(session, run_id),
        ids=arrays["place_id"],
        score=score,
        claimed=unpack_array(found[CLAIMED]) if CLAIMED in found else np.full_like(score, np.nan),
        groups={name: np.array(column, dtype=object) for name, column in attributes.items()},
        round=_round(unpack_json(found[ASSESSED])) if ASSESSED in found else None,
    )


run_results = OncePerRun(_read)
"""`run_results(session, run_id)`: read once for each run. Raises `NotFound`."""


def place_result(session: Session, run_id: int, place_id: int) -> PlaceResult | None:
    """What an edition says of one place; None where it does not hold the place."""
    results = run_results(session, run_id)
    at = np.flatnonzero(results.ids == place_id)
    if not at.size:
        return None
    row = int(at[0])
    kind = results.groups[PLACE_TYPE]
    same = kind == kind[row]
    values = RunArrays(session, run_id)["values"][row]
    named = {node.code: float(values[node.column]) for node in results.tree if node.column is not None}
    return PlaceResult(
        place_type=str(kind[row]),
        nodes=tuple(_standing(results, row, node, same) for node in results.pillars),
        values={code: value for code, value in named.items() if not np.isnan(value)},
        assessed=results.round is not None and place_id in results.round.places,
    )


def _standing(results: RunResults, row: int, node: TreeNode, same: NDArray[np.bool_]) -> NodeStanding:
    peers = results.score[same, node.position]
    peers = peers[~np.isnan(peers)]
    return NodeStanding(
        code=node.code,
        score=_number(results.score[row, node.position]),
        claimed=_number(results.claimed[row, node.position]),
        median=float(np.median(peers)) if peers.size else None,
        peers=int(peers.size),
    )


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _round(said: Mapping[str, Any]) -> PublishedRound:
    rest = {name: said[name] for name in ("round", "questionnaire", "version", "definition", "programme", "period")}
    return PublishedRound(
        **rest,
        at=datetime.fromisoformat(said["at"]),
        cohort=said["cohort"],
        submitted=said["submitted"],
        places=frozenset(said["places"]),
        appeals=Appeals(**said["appeals"]),
    )

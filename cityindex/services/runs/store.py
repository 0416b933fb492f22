"""How a run is kept: arrays for the whole, rows for what pages read, and everything needed to compute it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from cityindex.database import bulk_insert
from cityindex.definitions.canonical import canonical
from cityindex.definitions.fingerprint import canonical_json
from cityindex.formats.arrays import pack_array, pack_json
from cityindex.models import AuditEvent, DefinitionRecord, Run, RunArray, RunNode
from cityindex.queries.runs.dependence import DEPENDENCE, Dependence
from cityindex.scoring.matrix import CellStatus
from cityindex.scoring.results import FLAG_NAMES, ScoreSet
from cityindex.services.runs.earlier_method import INPUTS as EARLIER_INPUTS
from cityindex.services.runs.earlier_method import RANKS as EARLIER_RANKS
from cityindex.services.runs.inputs import Inputs
from cityindex.services.runs.intervals import (
    NO_INTERVAL,
    Asked,
    interval_arrays,
    interval_columns,
    interval_summary,
    peer_intervals,
)

if TYPE_CHECKING:
    from cityindex.definitions.catalogue import FrameworkEntry
    from cityindex.scoring.uncertainty import UncertaintyResult
    from cityindex.services.runs.earlier_method import EarlierMethod

ARRAYS = ("score", "rank", "coverage", "imputed", "flag", "values", "status", "percentile", "band")
"""What is kept of a run for every place: of the one period, so (places, nodes), (places, indicators) or (places)."""
SCORE_COLUMNS = (
    "run_id", "position", "place_id", "score", "rank", "rank_low", "rank_high", "coverage", "imputed", "flag", "band",
)  # fmt: skip
PEER_COLUMNS = ("run_id", "place_id", "peers", "group_code", "rank", "rank_low", "rank_high", "size")


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """What was computed for a run: its scores, how sure its ranks are where its framework declares a plan, what the
    ranking depends on, and what the method of the edition before makes of its figures.
    """

    scores: ScoreSet
    intervals: UncertaintyResult | None = None
    dependence: Dependence | None = None
    earlier: EarlierMethod | None = None


def summary(asked: Asked, inputs: Inputs, outcome: Outcome, frozen: Run | None) -> dict[str, Any]:
    """What to know about a run without looking at its arrays."""
    results = outcome.scores
    index = results.score[0, :, 0]
    return {
        "places": len(results.places),
        "scored": int((~np.isnan(index)).sum()),
        "ranked": int((results.rank[0, :, 0] > 0).sum()),
        "order": results.order,
        "warnings": list(dict.fromkeys([*results.warnings, *asked.warnings()])),
        "lookups": results.lookups,
        "population_band": inputs.population_from,
        "inherited": int((results.status == CellStatus.INHERITED).sum()),
        "indicators": results.indicators,
        "bands": results.bands,
        "frozen": None if frozen is None else frozen.id,
        "uncertainty": interval_summary(asked, outcome.intervals),
        "earlier_method": None if outcome.earlier is None else outcome.earlier.to_json(),
    }


def store(session: Session, entry: FrameworkEntry, run: Run, inputs: Inputs, outcome: Outcome) -> int:
    """Everything of a run in one transaction."""
    results = outcome.scores
    if session.get(DefinitionRecord, entry.fingerprint) is None:
        session.add(DefinitionRecord(fingerprint=entry.fingerprint, kind="framework", content=canonical(entry)))
        session.flush()
    session.add(run)
    session.flush()
    id_of = dict(zip(inputs.places, inputs.ids, strict=True))
    ids = [id_of[code] for code in results.places]
    packed = {name: pack_array(array) for name, array in arrays_of(outcome).items()}
    packed |= {"place_id": pack_array(np.array(ids, np.int32)), "inputs": pack_json(inputs.to_json())}
    packed["statistics"] = pack_json(_plain([asdict(row) for row in results.statistics]))
    packed["treated"] = pack_json(_plain([asdict(row) for row in results.treated]))
    if outcome.dependence:
        packed[DEPENDENCE] = packed_dependence(outcome.dependence)
    if outcome.earlier and outcome.earlier.inputs:
        packed[EARLIER_INPUTS] = pack_json(outcome.earlier.inputs.to_json())
    session.add_all(RunArray(run_id=run.id, name=name, data=data) for name, data in packed.items())
    session.add_all(_nodes(run.id, results))
    subject, detail = f"{run.framework} {run.period}", f"run {run.id}"
    session.add(AuditEvent(actor=run.created_by, action="run made", subject=subject, detail=detail))
    session.flush()
    bulk_insert(session, "score", SCORE_COLUMNS, _score_rows(run.id, ids, outcome))
    bulk_insert(session, "peer_rank", PEER_COLUMNS, _peer_rows(run.id, ids, outcome))
    session.commit()
    return run.id


def arrays_of(outcome: Outcome) -> dict[str, NDArray[Any]]:
    """The results of the one period, with those of the plan of uncertainty and of the earlier method if there are."""
    scores = {name: np.ascontiguousarray(getattr(outcome.scores, name)[0]) for name in ARRAYS}
    earlier = outcome.earlier
    ranks = {EARLIER_RANKS: earlier.ranks_of(outcome.scores.places)} if earlier and earlier.inputs else {}
    return scores | interval_arrays(outcome.intervals) | ranks


def packed_dependence(found: Dependence) -> bytes:
    """What a ranking depends on, as it is kept."""
    return pack_json(_plain(found.to_json()))


def _nodes(run_id: int, results: ScoreSet) -> Iterator[RunNode]:
    indicators = set(results.indicators)
    for position, code in enumerate(results.nodes):
        yield RunNode(
            run_id=run_id,
            position=position,
            code=code,
            parent=results.parents[position] if results.parents[position] >= 0 else None,
            level=results.levels[position],
            is_indicator=code in indicators,
            weight=float(results.weights[position]),
            effective_weight=float(results.effective[0, position]),
        )


def _score_rows(run_id: int, ids: list[int], outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    """A row a place and node above the indicators. Ranks on the index have intervals."""
    results = outcome.scores
    low, high = interval_columns(outcome.intervals, len(ids))
    bands = [results.bands[band] if band >= 0 else None for band in results.band[0].tolist()]
    none = [None] * len(ids)
    for position, code in enumerate(results.nodes):
        if code in results.indicators:
            continue
        yield from zip(
            repeat(run_id),
            repeat(position),
            ids,
            _or_none(results.score[0, :, position]),
            [rank or None for rank in results.rank[0, :, position].tolist()],
            low if position == 0 else none,
            high if position == 0 else none,
            _or_none(results.coverage[0, :, position]),
            np.nan_to_num(results.imputed[0, :, position]).tolist(),
            [FLAG_NAMES[flag] for flag in results.flag[0, :, position].tolist()],
            bands if position == 0 else none,
        )


def _peer_rows(run_id: int, ids: list[int], outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    found = outcome.scores.peer_ranks
    intervals = peer_intervals(outcome.intervals, found)
    for peers, ranks in found.items():
        ends = intervals.get(peers) or [NO_INTERVAL] * len(ids)
        columns = zip(ids, ranks.groups, ranks.rank[0].tolist(), ends, ranks.size[0].tolist(), strict=True)
        for place, group, rank, (low, high), size in columns:
            if group is not None and rank:
                yield run_id, place, peers, group, rank, low, high, size


def _or_none(numbers: NDArray[np.float64]) -> list[float | None]:
    return [None if number != number else number for number in numbers.tolist()]  # noqa: PLR0124  (only NaN is unequal)


def to_json(value: Any) -> str:
    """Canonical JSON of anything that a run computed: a number that is none (NaN) is null."""
    return canonical_json(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if not isinstance(value, float) or np.isfinite(value) else None

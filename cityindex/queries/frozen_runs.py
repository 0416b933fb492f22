"""A run as the engine needs it to explain one of its places: its results and its parameters, frozen."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.definitions.canonical import framework_from_canonical
from cityindex.errors import NotFound
from cityindex.formats.arrays import unpack_json
from cityindex.models import DefinitionRecord, Run, RunArray
from cityindex.queries.run_arrays import RunArrays, TreeNode, tree_of
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.results import Parameters, ScoreSet
from cityindex.scoring.whatif import Standing

ARRAYS = ("score", "rank", "coverage", "imputed", "flag", "values", "status", "percentile", "band")
KEPT = 4
"""Runs that a process keeps ready: some 30 MB each for all local governments and 100 indicators."""


@dataclass(frozen=True, eq=False, slots=True)
class FrozenRun:
    """A run ready to be asked. `results` hold its one period, without peer ranks and the table of treatment."""

    results: ScoreSet
    frozen: Frozen
    standing: Standing
    tree: tuple[TreeNode, ...]
    codes: Mapping[int, str]
    """The codes of its places by their id."""
    attributes: Mapping[str, Sequence[Any]]

    @property
    def period(self) -> int:
        return self.results.periods[0]

    def row(self, place_id: int) -> Row:
        """A place as the run has it, with what it was grouped by then. Raises `NotFound`."""
        if place_id not in self.codes:
            raise NotFound("the run does not hold this place")
        code = self.codes[place_id]
        at = self.results.places.index(code)
        own = {name: column[at] for name, column in self.attributes.items()}
        return Row.of(self.results, code, self.period, own)


class _Kept:
    """The most recently asked runs. A run never changes; an id alone may be given anew, where a backup is restored."""

    def __init__(self) -> None:
        self.runs: OrderedDict[tuple[str, ...], FrozenRun] = OrderedDict()
        self.lock = Lock()

    def get(self, key: tuple[str, ...]) -> FrozenRun | None:
        with self.lock:
            if key in self.runs:
                self.runs.move_to_end(key)
            return self.runs.get(key)

    def put(self, key: tuple[str, ...], run: FrozenRun) -> None:
        with self.lock:
            self.runs[key] = run
            while len(self.runs) > KEPT:
                self.runs.popitem(last=False)


_kept = _Kept()


def frozen_run(session: Session, run_id: int) -> FrozenRun:
    """A run with its own definition and parameters; nothing is fitted or scored. Raises `NotFound`."""
    made = session.execute(select(Run.created_at, Run.data_fingerprint).where(Run.id == run_id)).one_or_none()
    if made is None:
        raise NotFound(f"there is no run {run_id}")
    key = (str(run_id), made.created_at.isoformat(), made.data_fingerprint)
    found = _kept.get(key)
    if found is None:
        found = _read(session, run_id)
        _kept.put(key, found)
    return found


def _read(session: Session, run_id: int) -> FrozenRun:
    # One statement for all three: a page has few to spend.
    kept = (
        select(Run, DefinitionRecord.content, RunArray.data)
        .join(DefinitionRecord, DefinitionRecord.fingerprint == Run.definition)
        .join(RunArray, RunArray.run_id == Run.id)
        .where(Run.id == run_id, RunArray.name == "inputs")
    )
    run, definition, packed = session.execute(kept).one()
    framework, inputs = framework_from_canonical(definition), unpack_json(packed)
    tree = tree_of(session, run_id)
    arrays = RunArrays(session, run_id)
    arrays.prefetch("place_id", *ARRAYS)
    code_of = dict(zip(inputs["ids"], inputs["places"], strict=True))
    places = tuple(code_of[place] for place in arrays["place_id"].tolist())
    at = {code: position for position, code in enumerate(inputs["places"])}
    results = _results(run, tree, arrays, places)
    return FrozenRun(
        results=results,
        frozen=Frozen.of(framework, results, run.period),
        standing=Standing.of(framework, results, run.period),
        tree=tree,
        codes={place: code_of[place] for place in arrays["place_id"].tolist()},
        attributes={name: [column[at[code]] for code in places] for name, column in inputs["attributes"].items()},
    )


def _results(run: Run, tree: Sequence[TreeNode], arrays: RunArrays, places: tuple[str, ...]) -> ScoreSet:
    summary = json.loads(run.summary)
    return ScoreSet(
        framework=run.framework,
        version=run.version,
        order=tuple(summary["order"]),
        places=places,
        periods=(run.period,),
        nodes=tuple(node.code for node in tree),
        levels=tuple(node.level for node in tree),
        parents=tuple(-1 if node.parent is None else node.parent for node in tree),
        indicators=tuple(summary["indicators"]),
        bands=tuple(summary["bands"]),
        weights=np.array([node.weight for node in tree]),
        effective=np.array([[node.effective_weight for node in tree]]),
        peer_ranks={},
        treated=(),
        lookups=summary["lookups"],
        warnings=tuple(summary["warnings"]),
        parameters=Parameters.from_json(json.loads(run.parameters)),
        **{name: arrays[name][None] for name in ARRAYS},
    )

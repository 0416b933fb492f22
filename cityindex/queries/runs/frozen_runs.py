"""A run as the engine needs it to explain one of its places: its results and its parameters, frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.definitions.canonical import framework_from_canonical
from cityindex.errors import NotFound
from cityindex.formats.arrays import unpack_json
from cityindex.models import DefinitionRecord, Run, RunArray
from cityindex.queries.runs.arrays import RunArrays, TreeNode, tree_of
from cityindex.queries.runs.once_per_run import OncePerRun
from cityindex.scoring.derive import figures
from cityindex.scoring.frozen import Frozen, Row
from cityindex.scoring.results import Parameters, ScoreSet
from cityindex.scoring.whatif import Standing

ARRAYS = ("score", "rank", "coverage", "imputed", "flag", "values", "status", "percentile", "band")


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
    figures: Mapping[str, frozenset[str]]
    """What each indicator is computed from in the end: values that are shown have no formula any more."""

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
        figures={code: figures(framework, code) for code in results.indicators},
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


frozen_run = OncePerRun(_read)
"""A run by its id, with its own definition and parameters; nothing is fitted or scored. Raises `NotFound`."""

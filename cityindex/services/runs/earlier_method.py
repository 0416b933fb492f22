"""What a run's places would be ranked by the method of the edition before it: what tells new figures from new rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cityindex.definitions.canonical import framework_from_canonical
from cityindex.errors import Invalid
from cityindex.models import DefinitionRecord, Publication, Run
from cityindex.scoring.matrix import Ints
from cityindex.scoring.rank import UNRANKED
from cityindex.services.runs.inputs import Inputs, gather, panel_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cityindex.definitions.catalogue import Catalogue, FrameworkEntry
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.results import ScoreSet

RANKS, INPUTS = "rank_by_earlier_method", "inputs_by_earlier_method"
"""Of a run: its places' ranks on the index (places), 0 for none, and what was taken in for them."""


@dataclass(frozen=True, eq=False, slots=True)
class EarlierMethod:
    """The edition before a run, where it was made by another definition, and what that one makes of the run's figures.

    `ranks` go by code; without any, `problem` says why.
    """

    run: Run
    framework: Framework
    inputs: Inputs | None
    ranks: dict[str, int]
    problem: str = ""

    def ranks_of(self, places: Sequence[str]) -> Ints:
        """In the order of some places; 0 for those that have none."""
        return np.array([self.ranks.get(code, UNRANKED) for code in places], np.int32)

    def to_json(self) -> dict[str, Any]:
        run = self.run
        return {"run": run.id, "version": run.version, "period": run.period, "problem": self.problem}


def earlier_method(
    session: Session, entry: FrameworkEntry, period: int, catalogue: Catalogue, scored: Callable[..., ScoreSet]
) -> EarlierMethod | None:
    """Rank the places of a period by the method of the edition before; None where the method is the same.

    `scored(session, framework, panel, demo)` gives the results of a framework for the period.
    """
    run = _before(session, entry.code, period)
    if run is None or run.definition == entry.fingerprint:
        return None
    framework = framework_from_canonical(session.get_one(DefinitionRecord, run.definition).content)
    if framework == entry.framework:  # only words differ
        return None
    try:
        inputs = gather(session, framework, period, catalogue)
        panel = panel_of(session, inputs, framework)
        return EarlierMethod(run, framework, inputs, index_ranks(scored(session, framework, panel, inputs.demo)))
    except Invalid as error:  # it may need what is collected no longer
        return EarlierMethod(run, framework, None, {}, str(error))


def index_ranks(results: ScoreSet) -> dict[str, int]:
    """The ranks of the one period on the index, by code."""
    return dict(zip(results.places, results.rank[0, :, 0].tolist(), strict=True))


def _before(session: Session, framework: str, period: int) -> Run | None:
    """The edition in force of the latest earlier period, or of the period itself where there is none."""
    newest = select(func.max(Publication.id)).group_by(Publication.framework, Publication.period)
    query = (
        select(Run)
        .join(Publication, Publication.run_id == Run.id)
        .where(Publication.id.in_(newest), Run.framework == framework, Run.period <= period)
        .order_by((Run.period == period).asc(), Run.period.desc())
        .limit(1)
    )
    return session.scalar(query)

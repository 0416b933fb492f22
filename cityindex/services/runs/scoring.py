"""Runs: a framework scored for a period from what is stored, kept for good, and computed again to the last bit."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex import __version__
from cityindex.database import writing
from cityindex.definitions.canonical import framework_from_canonical
from cityindex.errors import Invalid, NotFound
from cityindex.formats.arrays import unpack_array, unpack_json
from cityindex.models import DefinitionRecord, Publication, Run, RunArray
from cityindex.queries.runs.dependence import DEPENDENCE
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import score
from cityindex.scoring.results import Parameters, ScoreSet
from cityindex.services.runs.earlier_method import INPUTS as EARLIER_INPUTS
from cityindex.services.runs.earlier_method import EarlierMethod, earlier_method, index_ranks
from cityindex.services.runs.forecast import Forecast, with_figures
from cityindex.services.runs.inputs import Inputs, fingerprint, gather, panel_of, reaches_beyond
from cityindex.services.runs.intervals import Asked, dependence, intervals
from cityindex.services.runs.store import (
    Outcome,
    arrays_of,
    packed_dependence,
    store,
    summary,
    to_json,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import sessionmaker

    from cityindex.definitions.catalogue import Catalogue
    from cityindex.formats.observations import ObservationTable
    from cityindex.scoring.framework import Framework


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What computing a run anew from its record gave: the names of all that came out differently."""

    run: int
    differences: tuple[str, ...]
    library: str

    @property
    def identical(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        if self.identical:
            return f"run {self.run}: identical to the last bit"
        return f"run {self.run}: {', '.join(self.differences)} came out differently (it was made with {self.library})"


class Scoring:
    """Makes runs. Nothing here changes or removes one."""

    def __init__(self, sessions: sessionmaker[Session], catalogue: Catalogue) -> None:
        self.sessions = sessions
        self.catalogue = catalogue

    def run(self, framework: str, period: int, by: str) -> int:
        """Score a framework for a period from the observations known now; returns the id of the new run.

        `NotFound` for an unknown framework; `Invalid` where there is nothing to score.
        """
        entry = self.catalogue.framework(framework)
        with self.sessions() as session:
            inputs = gather(session, entry.framework, period, self.catalogue)
            panel = panel_of(session, inputs, entry.framework)
            frozen = _frozen_by(session, entry.framework, inputs.demo)
            results = _score(entry.framework, panel, period, _parameters(frozen))
            if np.isnan(results.values).all():
                raise Invalid(
                    f"no observations of any indicator of {framework} for {period}: import observations first"
                )
            earlier = earlier_method(session, entry, period, self.catalogue, _scored_for(period))
        asked = Asked(entry.framework, panel, period, results.parameters if frozen else None)
        outcome = _outcome(results, asked, earlier)
        run = Run(
            framework=entry.code,
            version=entry.version,
            period=period,
            created_by=by,
            definition=entry.fingerprint,
            data_fingerprint=fingerprint(panel),
            cutoff=inputs.cutoff,
            library=library(),
            parameters=to_json(results.parameters.to_json()),
            summary=to_json(summary(asked, inputs, outcome, frozen)),
            demo=inputs.demo,
        )
        with self.sessions() as session:
            return store(writing(session), entry, run, inputs, outcome)

    def forecast(self, framework: str, period: int, figures: ObservationTable, demo: bool) -> Forecast:
        """What `run` would give, intervals apart, were some figures recorded first. Stores nothing."""
        entry = self.catalogue.framework(framework)
        with self.sessions() as session:
            inputs = gather(session, entry.framework, period, self.catalogue, "demo" if demo else "real")
            panel = with_figures(panel_of(session, inputs, entry.framework), figures)
            frozen = _frozen_by(session, entry.framework, inputs.demo)
            return Forecast(entry, inputs, _score(entry.framework, panel, period, _parameters(frozen)))

    def rebuild(self, run_id: int) -> Rebuilt:
        """Compute a run again from its record, and say what came out differently, bit by bit. Stores nothing."""
        with self.sessions() as session:
            run = session.get(Run, run_id)
            if run is None:
                raise NotFound(f"there is no run {run_id}")
            definition = session.get_one(DefinitionRecord, run.definition)
            framework = framework_from_canonical(definition.content)
            rows = session.execute(select(RunArray.name, RunArray.data).where(RunArray.run_id == run_id))
            stored = {name: data for name, data in rows}
            inputs = Inputs.from_json(unpack_json(stored.pop("inputs")))
            panel = panel_of(session, inputs, framework)
            said = json.loads(run.summary)
            given = _parameters(run) if said["frozen"] else None
            results = score(framework, panel, parameters=given, report_periods=(run.period,))
            earlier = _earlier_again(session, said.get("earlier_method"), stored, run.period)
        differences = [] if fingerprint(panel) == run.data_fingerprint else ["the observations"]
        differences += [] if to_json(results.parameters.to_json()) == run.parameters else ["the parameters"]
        asked = Asked(framework, panel, run.period, given)
        found = intervals(asked) if said["uncertainty"] else None  # what a run did not compute is not missed
        fresh = arrays_of(Outcome(results, found, earlier=earlier))
        differences += [
            name for name in fresh if name not in stored or not _same(unpack_array(stored[name]), fresh[name])
        ]
        if DEPENDENCE in stored and stored[DEPENDENCE] != packed_dependence(dependence(asked, found)):
            differences.append(DEPENDENCE)
        return Rebuilt(run_id, tuple(differences), run.library)

    def rebuild_published(self) -> Iterator[Rebuilt]:
        """Every run that was ever published, computed again."""
        with self.sessions() as session:
            published = select(Publication.run_id).where(Publication.run_id.is_not(None)).distinct()
            runs = [run for run in session.scalars(published.order_by(Publication.run_id)) if run is not None]
        yield from map(self.rebuild, runs)


def library() -> str:
    """What the bits of a result depend on besides the data: versions and the kind of processor."""
    return f"cityindex {__version__}, numpy {np.__version__}, {platform.machine()}"


def _score(framework: Framework, panel: Panel, period: int, frozen: Parameters | None) -> ScoreSet:
    """Score with what is frozen in force: the parameters that an earlier edition fitted beyond its own period."""
    results = score(framework, panel, report_periods=(period,))
    if frozen is None:
        return results
    merged = with_frozen(results.parameters, frozen)
    return score(framework, panel, parameters=merged, report_periods=(period,))


def _outcome(results: ScoreSet, asked: Asked, earlier: EarlierMethod | None) -> Outcome:
    found = intervals(asked)
    return Outcome(results, found, dependence(asked, found), earlier)


def _scored_for(period: int) -> Callable[[Session, Framework, Panel, bool], ScoreSet]:
    """How another framework is scored for a period: with what editions of its version have frozen."""

    def scored(session: Session, framework: Framework, panel: Panel, demo: bool) -> ScoreSet:
        return _score(framework, panel, period, _parameters(_frozen_by(session, framework, demo)))

    return scored


def _earlier_again(
    session: Session, said: Mapping[str, Any] | None, stored: Mapping[str, bytes], period: int
) -> EarlierMethod | None:
    """What `earlier_method` gave when the run was made, from what was taken in for it then."""
    if said is None or EARLIER_INPUTS not in stored:
        return None
    run = session.get_one(Run, said["run"])
    framework = framework_from_canonical(session.get_one(DefinitionRecord, run.definition).content)
    inputs = Inputs.from_json(unpack_json(stored[EARLIER_INPUTS]))
    panel = panel_of(session, inputs, framework)
    results = _scored_for(period)(session, framework, panel, inputs.demo)
    return EarlierMethod(run, framework, inputs, index_ranks(results))


def with_frozen(fresh: Parameters, frozen: Parameters) -> Parameters:
    """`fresh` with what `frozen` fitted on all periods or on base years: what a period fits on itself stays its own."""
    fits = {
        step: {code: _beyond(frozen.fits.get(step, {}).get(code, {})) or own for code, own in indicators.items()}
        for step, indicators in fresh.fits.items()
    }
    return Parameters(fresh.framework, fresh.version, fits, fresh.weights)


def _beyond(fitted: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {key: numbers for key, numbers in fitted.items() if key in ("pooled", "base")}


def _frozen_by(session: Session, framework: Framework, demo: bool) -> Run | None:
    """The run whose parameters later ones of the same version go on using: the first that was published."""
    if not reaches_beyond(framework):
        return None
    query = (
        select(Run)
        .join(Publication, Publication.run_id == Run.id)
        .where(Run.framework == framework.code, Run.version == framework.version, Run.demo == demo)
        .order_by(Publication.id)
        .limit(1)
    )
    return session.scalar(query)


def _parameters(run: Run | None) -> Parameters | None:
    return None if run is None else Parameters.from_json(json.loads(run.parameters))


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays hold the same bits."""
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()

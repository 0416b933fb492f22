"""Observations: whatever door they come in by, they are recorded here, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from cityindex.database import writing
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Conflict, Invalid
from cityindex.formats.observations import ObservationTable
from cityindex.formats.problems import Problems
from cityindex.models import AuditEvent, IndicatorKey, Place, Recording, Source
from cityindex.services.exchange.changes import RECORDING, number_change
from cityindex.services.observations.plan import NEW, REVISED, UNCHANGED, Plan, RecordReport, make_plan
from cityindex.services.observations.rules import (
    check_answered,
    check_fed,
    check_own,
    check_places,
    check_same_place,
    check_values,
    find_places,
)
from cityindex.services.observations.suspicions import warn_of_suspicions
from cityindex.services.observations.writer import CHUNK, ROW, insert_rows, lock_for_writing, supersede_rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

Door = Literal["file", "assessment", "exchange"]
LOOKED_AT = 500
Advance = Callable[[int], object]
Beside = Callable[["Session", Plan, int | None], object]
"""Hears in the same transaction what is stored, and under which recording (None where all was stored before). What it
writes is kept with the values; an error that it raises keeps either from being stored."""


@dataclass(frozen=True, slots=True)
class ObservationsImport:
    """What goes with the values: who brings them from where, and what is to be done about other values there are."""

    file: str
    """The name to report under."""
    by: str
    source: str
    """Where the values come from, in words; a source given with a value goes before it."""
    door: Door = "file"
    file_hash: str | None = None
    on_conflict: Literal["refuse", "revise"] = "refuse"
    skip_unknown: bool = False
    """Leave out values whose code no place has, and list them as warnings."""
    dry_run: bool = False
    demo: bool = False
    feed: str = ""
    """The feed that the values come through, where they do."""
    only: frozenset[int] | None = None
    """The places (their rows) that report themselves: of no others values are taken, and none of what is asked in a
    questionnaire. None: whoever brings them in is not one of them."""


class Observations:
    """Use cases of whoever brings values in."""

    def __init__(self, sessions: sessionmaker[Session], catalogue: Catalogue) -> None:
        self.sessions = sessions
        self.catalogue = catalogue

    def record(
        self,
        table: ObservationTable,
        how: ObservationsImport,
        advance: Advance = lambda _: None,
        beside: Beside = lambda *_: None,
    ) -> RecordReport:
        """Store what is new, and with `revise` what differs, in one transaction; a dry run only says what would be.

        A value equal to the stored one is not written again; one that differs becomes a new revision, and the old one
        stays. `advance` hears of every so many values stored, `beside` of the plan before it is committed. Raises
        `Invalid` with all values that cannot be taken, and `Conflict` with all that differ from what is stored, unless
        they are to revise it; nothing is changed then.
        """
        if not how.source.strip():
            raise Invalid("nothing says where the values come from: give their source")
        warnings = Problems(how.file)
        warn_of_suspicions(table, warnings)
        with self.sessions() as session:
            ids = self._check(session, table, how, warnings)
            session.rollback()
            if not how.dry_run:
                lock_for_writing(writing(session))
            plan = make_plan(session, table, ids)
            if how.on_conflict == "refuse" and plan.count(REVISED):
                raise Conflict(plan.refusal(how.file), plan.conflicts())
            recording = None
            if not how.dry_run:
                recording = self._write(session, plan, how, advance) if plan.changes else None
                beside(session, plan, recording)
                if recording is not None:
                    number_change(session, RECORDING, recording)
                session.commit()
        return RecordReport(plan, warnings, recording, how.dry_run)

    def of_demo_places(self, table: ObservationTable) -> bool:
        """Whether the codes of a table, as far as they are known, are of fictional places."""
        with self.sessions() as session:
            some = select(Place.demo).where(Place.code.in_(table.places[:LOOKED_AT])).distinct()
            return session.scalars(some).all() == [True]

    def _check(
        self, session: Session, table: ObservationTable, how: ObservationsImport, warnings: Problems
    ) -> NDArray[np.int32]:
        """The number of the place of each code, where all is as it must be; otherwise `Invalid`."""
        problems = Problems(how.file)
        entries = [self.catalogue.indicator(code) for code in table.indicators]
        check_values(table, entries, problems, warnings)
        places, ids = find_places(session, table, how.demo, (warnings if how.skip_unknown else problems, problems))
        check_same_place(table, ids, problems)
        if not how.demo:
            check_fed(table, self.catalogue.fed(how.feed), problems)
        if how.only is not None:
            check_own(table, ids, how.only, problems)
            check_answered(table, self.catalogue.answered, problems)
        problems.raise_if_any()
        check_places(table, places, entries, warnings)
        return ids

    def _write(self, session: Session, plan: Plan, how: ObservationsImport, advance: Advance) -> int:
        recording = Recording(
            recorded_by=how.by,
            door=how.door,
            source=how.source,
            file_name=how.file,
            file_hash=how.file_hash,
            rows=plan.changes,
            demo=how.demo,
        )
        detail = json.dumps({"new": plan.count(NEW), "revised": plan.count(REVISED), "source": how.source})
        event = AuditEvent(actor=how.by, action="record-observations", subject=how.file, detail=detail)
        session.add_all([recording, event])
        session.flush()
        indicators = _keys(session, IndicatorKey, "code", plan.table.indicators)
        sources = _keys(session, Source, "text", [*plan.table.sources, how.source])
        rows = _Rows(plan, np.array(indicators, np.int32), np.array(sources, np.int32), advance)
        supersede_rows(session, rows.superseded(), recording.id)
        insert_rows(session, rows.added(), recording.id)
        return recording.id


class _Rows:
    """The rows to store, in the order of the primary key, chunk by chunk."""

    def __init__(self, plan: Plan, indicators: NDArray[np.int32], sources: NDArray[np.int32], advance: Advance) -> None:
        self.plan, self.indicators, self.sources, self.advance = plan, indicators, sources, advance

    def added(self) -> Iterator[NDArray[Any]]:
        """Every value that is new or revises another."""
        for where in self._chunks(self.plan.outcome != UNCHANGED):
            yield self._rows(where)
            self.advance(len(where))

    def superseded(self) -> Iterator[NDArray[Any]]:
        """The keys of the rows that are revised."""
        for where in self._chunks(self.plan.outcome == REVISED):
            rows = self._rows(where)
            rows["revision"] -= 1
            yield rows

    def _chunks(self, wanted: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
        where = np.flatnonzero(wanted)
        for start in range(0, len(where), CHUNK):
            yield where[start : start + CHUNK]

    def _rows(self, where: NDArray[np.int64]) -> NDArray[Any]:
        table, cells = self.plan.table, self.plan.cells[where]
        rows = np.empty(len(cells), ROW)
        rows["indicator_id"] = self.indicators[table.indicator[cells]]
        rows["period"] = table.period[cells]
        rows["place_id"] = self.plan.place_ids[table.place[cells]]
        rows["revision"] = self.plan.revision[where]
        rows["value"] = table.value[cells]
        rows["status"] = table.status[cells]
        rows["source_id"] = self.sources[-1 if table.source is None else table.source[cells]]
        return rows


def _keys(
    session: Session, model: type[IndicatorKey] | type[Source], name: str, words: list[str] | tuple[str, ...]
) -> list[int]:
    """The numbers of words, which get one where they have none yet; in the order of `words`."""
    column = getattr(model, name)
    known: dict[str, int] = dict(session.execute(select(column, model.id)).all())
    fresh = {word: model(**{name: word}) for word in words if word not in known}
    session.add_all(fresh.values())
    session.flush()
    known |= {word: row.id for word, row in fresh.items()}
    return [known[word] for word in words]

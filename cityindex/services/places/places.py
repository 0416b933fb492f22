"""Places: registers of them are imported here, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cityindex.definitions.catalogue import Codelist
from cityindex.errors import Problem
from cityindex.formats.problems import Problems
from cityindex.models import AuditEvent
from cityindex.services.observations.columns import Columns, map_columns
from cityindex.services.places.known_places import known_places
from cityindex.services.places.match_report import MatchReport, Outcome, RowMatch, bad_rows, refuse
from cityindex.services.places.matching import Matcher
from cityindex.services.places.place_changes import Change, PlaceWriter, change_of
from cityindex.services.places.register import ATTRIBUTES, PlaceRow, RegisterReader

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


class Rows(Protocol):
    """A file as a table of text: `Table` of `formats.tables`, or features with their points."""

    @property
    def header(self) -> tuple[str, ...]: ...

    def rows(self) -> Iterable[tuple[int, Mapping[str, str]]]: ...


@dataclass(frozen=True)
class PlacesImport:
    """How to read a register. `file` is the name to report under; `columns` maps columns to attributes."""

    file: str
    by: str
    columns: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    place_type: str | None = None
    """Of rows that give none."""
    dry_run: bool = False
    skip_bad_values: bool = False
    demo: bool = False


class Places:
    """Use cases of whoever keeps the register."""

    def __init__(self, sessions: sessionmaker[Session], types: Codelist) -> None:
        self.sessions = sessions
        self.types = types

    def import_register(self, table: Rows, how: PlacesImport) -> MatchReport:
        """Match every row and store what is new or changed, in one transaction; a dry run only matches.

        Raises `Invalid` with every bad row, and changes nothing, where any row cannot be taken, means more than one
        place, or would merge two.
        """
        columns = map_columns(table.header, how.columns, ATTRIBUTES)
        problems, warnings = Problems(how.file), Problems(how.file)
        reader = RegisterReader(
            self.types, columns, problems, warnings, self._default_type(how.place_type), how.skip_bad_values, how.demo
        )
        rows = reader.read(table.rows())
        with self.sessions() as session:
            known = known_places(session, to_change=not how.dry_run)
            matcher = Matcher(known, rows, problems, warnings)
            changes = [change_of(meant) for meant in matcher.match()]
            report = _report(how, columns, changes, (problems, warnings, reader.buddhist))
            refuse(problems, [*_outcomes(changes, problems, matcher.ambiguous), *_unread(problems, rows)])
            if not how.dry_run:
                PlaceWriter(session, known, how.source or how.file, how.demo).write(changes)
                session.add(_event(how, report))
                session.commit()
        return report

    def _default_type(self, written: str | None) -> str | None:
        return self.types.resolve(written) if written else None


def _report(
    how: PlacesImport, columns: Columns, changes: Sequence[Change], found: tuple[Problems, Problems, Mapping[str, str]]
) -> MatchReport:
    _, warnings, buddhist = found
    notes = [f"{text} was read as {read}" for text, read in list(buddhist.items())[:20]]
    rows = tuple(RowMatch(c.meant.row.line, c.meant.row.code, _outcome(c), c.note) for c in changes)
    earlier = [_earlier(change) for change in changes if change.meant.way == "earlier-code"]
    return MatchReport(how.file, how.dry_run, rows, columns.ignored, tuple(notes), (*warnings.kept, *earlier))


def _outcome(change: Change) -> Outcome:
    return "new" if change.is_new else "changed" if change.is_change else "matched"


def _earlier(change: Change) -> Problem:
    return Problem(change.note, "use the code in force", change.meant.row.line, "code", change.meant.row.code)


def _outcomes(changes: Iterable[Change], problems: Problems, ambiguous: set[int]) -> Iterable[RowMatch]:
    bad = bad_rows(problems.kept)
    for change in changes:
        row = change.meant.row
        outcome: Outcome = "ambiguous" if row.line in ambiguous else "rejected" if row.line in bad else _outcome(change)
        yield RowMatch(row.line, row.code, outcome)


def _unread(problems: Problems, rows: Sequence[PlaceRow]) -> Iterable[RowMatch]:
    read = {row.line for row in rows}
    return (RowMatch(line, "", "rejected") for line in bad_rows(problems.kept) - read)


def _event(how: PlacesImport, report: MatchReport) -> AuditEvent:
    return AuditEvent(actor=how.by, action="import-places", subject=how.file, detail=json.dumps(report.counts))

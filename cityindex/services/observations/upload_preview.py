"""What an uploaded file would store, in words and numbers for the person who decides about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from cityindex.calendars import Era
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Invalid, NotFound, Problem
from cityindex.formats.observations import ObservationTable, ReadOptions, read_observations
from cityindex.formats.tables import open_table
from cityindex.formats.upload_templates import columns_of, line_of_headings
from cityindex.formats.uploaded import as_file
from cityindex.formats.workbook import sheet_names
from cityindex.queries.observations.uploads import UploadRecord
from cityindex.services.observations.observations import Beside, Observations, ObservationsImport
from cityindex.services.observations.plan import REVISED, Plan, RecordReport

SHOWN_CHANGES = 100
PLACES = {"place", "place_code", "ref_area"}
"""Headings of the codes of places in files that were not made from a template."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value that would be stored. `before` is what is stored now (None where it is new); values may be missing."""

    line: int
    place: str
    indicator: str
    period: int
    value: float | None
    status: str
    before: float | None
    revised: bool


@dataclass(frozen=True)
class Preview:
    """The dry run of an upload. With `problems`, nothing else is known but its sheets."""

    record: UploadRecord
    sheets: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    warning_count: int = 0
    notes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    periods: tuple[int, ...] = ()
    counts: Mapping[str, int] | None = None
    by_indicator: Sequence[Mapping[str, Any]] = ()
    changes: tuple[Change, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True)
class Reading:
    """An upload with what is needed to read its file and to store what is in it."""

    record: UploadRecord
    content: bytes
    catalogue: Catalogue
    observations: Observations

    def sheets(self) -> tuple[str, ...]:
        """Of a workbook that can be opened; none otherwise."""
        if self.record.kind != "xlsx":
            return ()
        with as_file(self.content, "xlsx") as path:
            try:
                return sheet_names(path)
            except Invalid:
                return ()

    def store(self, by: str, beside: Beside) -> RecordReport:
        """Store the values. Raises `Invalid` with all that is wrong."""
        table = self._table()
        return self.observations.record(table, self._how(by, table), beside=beside)

    def dry_run(self) -> RecordReport:
        """See what would be stored. Raises `Invalid` as `store`."""
        table = self._table()
        return self.observations.record(table, replace(self._how("", table), dry_run=True))

    def _table(self) -> ObservationTable:
        record, known = self.record, self.catalogue.indicators
        with as_file(self.content, "xlsx" if record.kind == "xlsx" else "csv") as path:
            columns = self._columns(path)
            if record.place is not None:  # what a place reports has one source: the place itself
                columns = {heading: "ignore" if role == "source" else role for heading, role in columns.items()}
            era = cast("Era | None", record.era)
            return read_observations(path, ReadOptions(columns, record.period, era, known, sheet=record.sheet))

    def _columns(self, path: Path) -> dict[str, str]:
        """What the headings mean. `Invalid` where they stand below others."""
        reader = open_table(path, sheet=self.record.sheet)
        found = columns_of(reader.header, self.catalogue.indicators)
        if "place" not in found.values() and not PLACES & {name.lower() for name in reader.header}:
            line = line_of_headings(reader)
            if line is not None:
                said = f"the headings stand on line {line}"
                raise Invalid(said, [Problem(said, "delete the lines above them", row=1)])
        return found

    def _how(self, by: str, table: ObservationTable) -> ObservationsImport:
        record, place = self.record, self.record.place
        named = f"{place.name_th} ({place.code}), upload {record.id}: {record.source}" if place else record.source
        return ObservationsImport(
            file=record.file_name,
            by=by,
            source=named,
            file_hash=record.file_hash,
            on_conflict="revise",
            demo=place.demo if place else self.observations.of_demo_places(table),
            only=frozenset({place.id}) if place else None,
        )


def preview_of(reading: Reading) -> Preview:
    """The dry run, or all that is wrong with the file."""
    sheets = reading.sheets()
    try:
        return _shown(reading.record, sheets, reading.dry_run())
    except (Invalid, NotFound) as error:
        found = error.problems if isinstance(error, Invalid) else ()
        problems = found or (Problem(str(error), ""),)
        return Preview(reading.record, sheets, problems)


def _shown(record: UploadRecord, sheets: tuple[str, ...], report: RecordReport) -> Preview:
    plan, table = report.plan, report.plan.table
    counts = {name: number for name, number in report.as_json().items() if isinstance(number, int)}
    return Preview(
        record=record,
        sheets=sheets,
        problems=(),
        warnings=tuple(report.warnings.kept),
        warning_count=report.warnings.count,
        notes=table.notes,
        places=table.places,
        periods=table.periods,
        counts=counts,
        by_indicator=report.by_indicator(),
        changes=tuple(_change(plan, int(where)) for where in np.flatnonzero(plan.outcome)[:SHOWN_CHANGES]),
        fingerprint=plan.fingerprint,
    )


def _change(plan: Plan, where: int) -> Change:
    table, cell = plan.table, plan.cells[where]
    before, _ = plan.before.get(where, (np.nan, ""))
    return Change(
        line=int(table.line[cell]),
        place=table.places[table.place[cell]],
        indicator=table.indicators[table.indicator[cell]],
        period=int(table.period[cell]),
        value=_number(table.value[cell]),
        status=chr(table.status[cell]),
        before=_number(before),
        revised=bool(plan.outcome[where] == REVISED),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

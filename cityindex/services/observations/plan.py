"""What recording a table would do: which values are new, which are stored already, which differ from what is stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.errors import Problem
from cityindex.formats.observations import ObservationTable
from cityindex.formats.problems import KEPT, Problems
from cityindex.formats.tables import write_columns
from cityindex.models import IndicatorKey
from cityindex.queries.observations.arrays import observation_rows

UNCHANGED, NEW, REVISED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Plan:
    """The cells of `table` that say something (a value, or why there is none), in the order of the primary key.

    `cells` are their positions in the table; `outcome`, `revision` (of the row to store) and `before` (the value that
    is revised) have one entry each. `place_ids` has one entry a place of the table.
    """

    table: ObservationTable
    place_ids: NDArray[np.int32]
    cells: NDArray[np.int64]
    outcome: NDArray[np.uint8]
    revision: NDArray[np.int16]
    before: dict[int, tuple[float, str]]
    """What is stored, by position in `cells`, of the first `KEPT` cells that differ from it."""

    def count(self, outcome: int) -> int:
        return int(np.count_nonzero(self.outcome == outcome))

    @cached_property
    def changes(self) -> int:
        return int(np.count_nonzero(self.outcome))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what would be stored and over what: another one where the file or what is stored has changed."""
        table, cells = self.table, self.cells
        columns = (
            self.place_ids[table.place[cells]],
            table.period[cells],
            table.indicator[cells],
            table.value[cells],
            table.status[cells],
            self.outcome,
            self.revision,
        )
        digest = hashlib.sha256("\n".join(table.indicators).encode())
        for column in columns:
            digest.update(column.tobytes())
        return digest.hexdigest()

    def refusal(self, name: str) -> str:
        """The message of a refused revision."""
        number = self.count(REVISED)
        values = "1 value differs" if number == 1 else f"{number} values differ"
        return f"{name}: {values} from what is stored; with --on-conflict revise they become new revisions"

    def conflicts(self) -> list[Problem]:
        """What is stored, for each value that differs from it."""
        return [self._conflict(where, *stored) for where, stored in sorted(self.before.items(), key=self._line)]

    def _line(self, item: tuple[int, Any]) -> int:
        return int(self.table.line[self.cells[item[0]]])

    def _conflict(self, where: int, value: float, status: str) -> Problem:
        cell = self.cells[where]
        table = self.table
        reason = f"{table.places[table.place[cell]]} has {show(value, status)} in {table.period[cell]} already"
        given = show(table.value[cell], chr(table.status[cell]))
        cure = "leave it out, or keep both with --on-conflict revise"
        return Problem(reason, cure, int(table.line[cell]), table.indicators[table.indicator[cell]], given)


@dataclass(frozen=True, eq=False)
class RecordReport:
    """What was done, or what a dry run would do."""

    plan: Plan
    warnings: Problems
    recording: int | None
    """Null where nothing was stored."""
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        table = self.plan.table
        return {
            "recording": self.recording,
            "dry_run": self.dry_run,
            "read": len(table),
            "missing": int(np.count_nonzero(table.status == 0)),
            "skipped": int(np.count_nonzero((self.plan.place_ids < 0)[table.place])),
            "new": self.plan.count(NEW),
            "unchanged": self.plan.count(UNCHANGED),
            "revised": self.plan.count(REVISED),
            "refused": 0,
            "places": len(table.places),
            "indicators": list(table.indicators),
            "periods": list(table.periods),
            "by_indicator": self.by_indicator(),
            "revisions": [str(problem) for problem in self.plan.conflicts()],
            "notes": list(table.notes),
            "warnings": {"count": self.warnings.count, "kept": [str(problem) for problem in self.warnings.kept]},
        }

    def write_changes(self, path: Path) -> None:
        """List every value that is new or revised, as CSV: `row,place,period,indicator,outcome,value,status`."""
        table, where = self.plan.table, np.flatnonzero(self.plan.outcome)
        cells = self.plan.cells[where]
        names = np.array(["unchanged", "new", "revised"])
        changes = {
            "row": table.line[cells],
            "place": np.array(table.places, object)[table.place[cells]],
            "period": table.period[cells],
            "indicator": np.array(table.indicators, object)[table.indicator[cells]],
            "outcome": names[self.plan.outcome[where]],
            "value": table.value[cells],
            "status": np.array([chr(code) for code in range(128)])[table.status[cells]],
        }
        write_columns(path, changes)

    def by_indicator(self) -> list[dict[str, Any]]:
        """How many values are new, unchanged and revised, for each indicator and period that has any."""
        table, cells = self.plan.table, self.plan.cells
        period = np.searchsorted(table.periods, table.period[cells])
        key = (table.indicator[cells].astype(np.int64) * len(table.periods) + period) * 3 + self.plan.outcome
        shape = (len(table.indicators), len(table.periods), 3)
        counts = np.bincount(key, minlength=int(np.prod(shape))).reshape(shape)
        return [
            {
                "indicator": code,
                "period": year,
                **{name: int(counts[i, p, which]) for name, which in OUTCOMES.items()},
            }
            for i, code in enumerate(table.indicators)
            for p, year in enumerate(table.periods)
            if counts[i, p].any()
        ]


OUTCOMES = {"new": NEW, "unchanged": UNCHANGED, "revised": REVISED}


def show(value: float, status: str) -> str:
    """A value with its status, where that is not the normal one."""
    shown = "no value" if np.isnan(value) else f"{value:.15g}"
    return shown if status == "A" else f"{shown} ({status})"


def make_plan(session: Session, table: ObservationTable, place_ids: NDArray[np.int32]) -> Plan:
    """Compare every cell of `table` with what is in force. Cells that say nothing are left out."""
    said = np.flatnonzero((table.status != 0) & (place_ids[table.place] >= 0))
    key = _key(table, place_ids, said)
    if np.any(key[1:] < key[:-1]):
        order = np.argsort(key, kind="stable")
        said, key = said[order], key[order]
    plan = Plan(table, place_ids, said, np.full(len(said), NEW, np.uint8), np.zeros(len(said), np.int16), {})
    for indicator_id, start, end in _stored_indicators(session, table, said):
        rows = observation_rows(session, [indicator_id], table.periods)
        if len(rows):
            _compare(plan, rows, slice(start, end))
    return plan


def _key(table: ObservationTable, place_ids: NDArray[np.int32], cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number a cell, ordered as the primary key is."""
    span = int(place_ids.max(initial=0)) + 1
    key = table.indicator[cells].astype(np.int64) * 4096
    key += table.period[cells]
    key *= span
    key += place_ids[table.place[cells]]
    return key


def _stored_indicators(
    session: Session, table: ObservationTable, said: NDArray[np.int64]
) -> list[tuple[int, int, int]]:
    """The number of each indicator that has one, with its part of the sorted cells."""
    query = select(IndicatorKey.code, IndicatorKey.id).where(IndicatorKey.code.in_(table.indicators))
    keys = {code: key for code, key in session.execute(query)}
    ends = np.concatenate(([0], np.cumsum(np.bincount(table.indicator[said], minlength=len(table.indicators)))))
    return [
        (keys[code], int(ends[i]), int(ends[i + 1]))
        for i, code in enumerate(table.indicators)
        if code in keys and ends[i + 1] > ends[i]
    ]


def _compare(plan: Plan, rows: NDArray[Any], part: slice) -> None:
    """Fill in the outcome of one indicator's cells from what is stored of it."""
    table, cells = plan.table, plan.cells[part]
    span = int(max(rows["place_id"].max(), plan.place_ids.max())) + 1
    stored = rows["period"].astype(np.int64) * span + rows["place_id"]
    rows, stored = rows[np.argsort(stored)], np.sort(stored)
    given = table.period[cells].astype(np.int64) * span + plan.place_ids[table.place[cells]]
    position = np.minimum(np.searchsorted(stored, given), len(stored) - 1)
    there = stored[position] == given
    old, value = rows[position], table.value[cells]
    same = (old["value"] == value) | (np.isnan(old["value"]) & np.isnan(value))
    same &= old["status"] == table.status[cells]
    plan.outcome[part][there] = np.where(same[there], UNCHANGED, REVISED)
    plan.revision[part][there] = old["revision"][there] + 1
    for where in np.flatnonzero(there & ~same)[: KEPT - len(plan.before)]:
        plan.before[part.start + int(where)] = float(old["value"][where]), chr(old["status"][where])

"""What an import found: how each row relates to what is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cityindex.errors import Invalid, Problem
from cityindex.formats.problems import Problems

Outcome = Literal["matched", "new", "changed", "ambiguous", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("matched", "new", "changed", "ambiguous", "rejected")
LISTED = 1000
"""Rows that a machine-readable result lists; the CSV has them all."""


@dataclass(frozen=True, slots=True)
class RowMatch:
    """One row of the file: its line, the code it gives, what becomes of it, and why where that is not plain."""

    row: int
    code: str
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True)
class MatchReport:
    """The result of an import, or of a dry run of one. `warnings` are rows or values that were left out."""

    file: str
    dry_run: bool
    rows: tuple[RowMatch, ...]
    ignored_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def as_json(self) -> dict[str, Any]:
        """For `--json`: the counts, the rows that are more than matched, notes and warnings."""
        told = [asdict(row) for row in self.rows if row.outcome != "matched" or row.note]
        return {
            "file": self.file,
            "dry_run": self.dry_run,
            **self.counts,
            "ignored_columns": list(self.ignored_columns),
            "notes": list(self.notes),
            "warnings": [_problem(problem) for problem in self.warnings[:LISTED]],
            "rows": told[:LISTED],
            "rows_left_off": max(len(told) - LISTED, 0),
        }

    def as_text(self) -> str:
        counted = ", ".join(f"{number:,} {outcome}" for outcome, number in self.counts.items())
        lines = [f"{self.file}: {counted}", *self.notes]
        if self.ignored_columns:
            lines.append(f"columns not used: {', '.join(self.ignored_columns)}")
        if self.dry_run:
            lines.append("dry run: nothing was changed")
        return "\n".join(lines)


def refuse(problems: Problems, rows: Iterable[RowMatch]) -> None:
    """Raise `Invalid` with every problem, saying how all rows fared; does nothing where there is none."""
    if not problems:
        return
    counts = Counter(row.outcome for row in rows)
    counted = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in OUTCOMES)
    found = sorted(problems.kept, key=lambda problem: problem.row or 0)
    raise Invalid(f"{problems.file}: {counted}; nothing was changed", found)


def bad_rows(problems: Sequence[Problem]) -> set[int]:
    return {problem.row for problem in problems if problem.row is not None}


def _problem(problem: Problem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("row", "column", "value", "reason", "cure")}

"""What a file would change in a plan: what is new, what differs, and where somebody else has changed the same since.

A row of the file is set beside its line as it is now and as it was when the file was made. What only the file changed
is a change; what only somebody else changed stays; what both changed, each in his way, is a conflict to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cityindex.errors import Problem
from cityindex.formats.plan_sheets import PlanRow
from cityindex.queries.plans.plans import ActionRecord, Said
from cityindex.services.plans.lines import Change, Flat, Known, flat, from_flat, problems_of
from cityindex.services.plans.plans import line_of


@dataclass(frozen=True, slots=True)
class Now:
    """The plan of a place: its lines, those that were taken out, and what lines said before, by line."""

    lines: Sequence[ActionRecord]
    out: Sequence[ActionRecord] = ()
    before: Mapping[int, Sequence[Said]] | None = None

    def history(self, number: int) -> Sequence[Said]:
        """What a line said before, the newest first."""
        return (self.before or {}).get(number, ())


@dataclass(frozen=True, slots=True)
class Differing:
    """A row of the file beside its line, in the fields that only the file has changed. `change` holds both."""

    row: int
    stored: ActionRecord
    change: Change
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """A field that the file and somebody else have changed: who wrote what is stored, and when."""

    row: int
    stored: ActionRecord
    field: str
    theirs: Any
    yours: Any
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """A row whose line somebody has taken out since. `change` would add it as a new line."""

    row: int
    stored: ActionRecord
    change: Change


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file would change. With `problems` nothing can be taken.

    `changed` are the rows with something to store, also where a field of theirs is met; `met` are the fields to decide
    on; `missing` the lines that have no row in the file; `kept` counts fields that others have changed and the file
    has not.
    """

    added: tuple[Change, ...]
    changed: tuple[Differing, ...]
    met: tuple[Met, ...]
    gone: tuple[Gone, ...]
    missing: tuple[ActionRecord, ...]
    same: int
    kept: int
    problems: tuple[Problem, ...]

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.gone or self.missing)

    @property
    def differing(self) -> int:
        """How many lines of the plan differ."""
        return len(self.changed)


def difference(plan: Now, rows: Iterable[PlanRow], known: Known) -> Difference:
    """What `rows` would change in a plan. Problems name the row, and the column by its field."""
    found, rows = _Found(plan, known), list(rows)
    for row in rows:
        found.look(row)
    there = {row.id for row in rows}
    # A sheet of new lines alone was never made from this plan.
    missing = [one for one in plan.lines if one.id not in there] if there - {None} else []
    return Difference(
        tuple(found.added),
        tuple(found.changed),
        tuple(found.met),
        tuple(found.gone),
        tuple(missing),
        found.same,
        found.kept,
        tuple(sorted(found.problems, key=lambda problem: problem.row or 0)),
    )


class _Found:
    """Gathers what rows differ in."""

    def __init__(self, plan: Now, known: Known) -> None:
        self.plan, self.known = plan, known
        self.stored = {one.id: one for one in plan.lines}
        self.out = {one.id: one for one in plan.out}
        self.added: list[Change] = []
        self.changed: list[Differing] = []
        self.met: list[Met] = []
        self.gone: list[Gone] = []
        self.problems: list[Problem] = []
        self.same = self.kept = 0

    def look(self, row: PlanRow) -> None:
        if row.id in self.stored:
            self._compare(row, self.stored[row.id])
        elif row.id in self.out:
            self.gone.append(Gone(row.row, self.out[row.id], self._new(row)))
        elif row.id is None:
            self.added.append(self._new(row))
        else:
            reason, cure = "the plan has no such line", "empty this cell and the revision to add it as a new line"
            self.problems.append(Problem(reason, cure, row.row, "id", str(row.id)))

    def _new(self, row: PlanRow) -> Change:
        line = from_flat({"what": "", **row.said}).cleaned()
        self._check(row, problems_of(line, self.known))
        return Change(line)

    def _compare(self, row: PlanRow, stored: ActionRecord) -> None:
        now = flat(line_of(stored))
        written = _cleaned(row.said)
        base = self._base(row, stored, now)
        others = [name for name, value in written.items() if value != now.get(name)]
        if not others:
            self.same += 1
            return
        # Where nobody knows what the file was made from, everything in which it differs is to be decided.
        untouched = [name for name in others if base is not None and written[name] == base.get(name)]
        mine = [name for name in others if base is not None and base.get(name) == now.get(name)]
        both = [name for name in others if name not in untouched and name not in mine]
        self.kept += len(untouched)
        if not mine and not both:
            self.same += 1
            return
        self._differs(row, stored, {**now, **{name: written[name] for name in mine}}, tuple(mine))
        self.met += [self._met(row, stored, name, written[name]) for name in both]
        self._check(row, problems_of(from_flat({**now, **written}), self.known, line_of(stored)))

    def _differs(self, row: PlanRow, stored: ActionRecord, said: Flat, mine: tuple[str, ...]) -> None:
        # Whoever decides has the stored line before him, whichever revision the file was made from.
        change = Change(from_flat(said), stored.id, stored.revision)
        self.changed.append(Differing(row.row, stored, change, mine))

    def _base(self, row: PlanRow, stored: ActionRecord, now: Flat) -> Flat | None:
        """What the line said in the revision that the file was made from; None where that is not known."""
        if row.revision == stored.revision:
            return now
        held = (one.content for one in self.plan.history(stored.id) if one.revision == row.revision)
        return next(held, None)

    def _met(self, row: PlanRow, stored: ActionRecord, name: str, yours: Any) -> Met:
        theirs = flat(line_of(stored)).get(name)
        by, at = stored.by, stored.changed_at
        for said in self.plan.history(stored.id):
            if said.revision <= row.revision or said.content.get(name) != theirs:
                break
            by, at = said.by, said.at
        return Met(row.row, stored, name, theirs, yours, by, at)

    def _check(self, row: PlanRow, problems: Iterable[Problem]) -> None:
        self.problems += [replace(one, row=row.row) for one in problems]


def _cleaned(said: Flat) -> dict[str, Any]:
    """What a row says as it would be stored, in the fields that the file has."""
    line = flat(from_flat({"what": "", **said}).cleaned())
    return {name: line.get(name) for name in said}

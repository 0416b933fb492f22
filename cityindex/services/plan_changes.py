"""What a file would change in a plan: what is new, what differs, and what somebody else has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cityindex.errors import Problem
from cityindex.formats.plan_sheets import HEADINGS, PlanRow
from cityindex.queries.plans import ActionRecord
from cityindex.services.plans import FIELDS, Change, Line, line_of, problems_of


@dataclass(frozen=True, slots=True)
class Differing:
    """A row of the file beside the line that it is about; `fields` are those that differ."""

    row: int
    stored: ActionRecord
    change: Change
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """`conflicts` are rows whose line was changed by somebody else since the file was downloaded. With `problems`
    nothing can be taken.
    """

    added: tuple[Change, ...]
    changed: tuple[Differing, ...]
    conflicts: tuple[Differing, ...]
    same: int
    problems: tuple[Problem, ...]

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.conflicts)


def difference(plan: Sequence[ActionRecord], rows: Iterable[PlanRow], language: str) -> Difference:
    """What `rows` would change in a plan. Problems name the column by its heading in `language`."""
    stored = {one.id: one for one in plan}
    added, differing, problems, same = [], [], [], 0
    for row in rows:
        line = Line(**{name: getattr(row, name) for name in FIELDS})
        problems += [_placed(problem, row.row, language) for problem in problems_of(line)]
        if row.id is None:
            added.append(Change(line))
        elif row.id not in stored:
            problems.append(_placed(_unknown(row), row.row, language))
        elif found := _differing(stored[row.id], row, line):
            differing.append((row.revision, found))
        else:
            same += 1
    return Difference(
        tuple(added),
        tuple(one for seen, one in differing if seen == one.stored.revision),
        tuple(one for seen, one in differing if seen != one.stored.revision),
        same,
        tuple(sorted(problems, key=lambda problem: problem.row or 0)),
    )


def _differing(stored: ActionRecord, row: PlanRow, line: Line) -> Differing | None:
    before, after = line_of(stored).values(), line.values()
    fields = tuple(name for name in FIELDS if before[name] != after[name])
    # Whoever decides has the stored line before him, whichever revision the file was made from.
    return Differing(row.row, stored, Change(line, stored.id, stored.revision), fields) if fields else None


def _unknown(row: PlanRow) -> Problem:
    reason, cure = "the plan has no such line", "empty this cell and the revision to add it as a new line"
    return Problem(reason, cure, column="id", value=str(row.id))


def _placed(problem: Problem, row: int, language: str) -> Problem:
    return replace(problem, row=row, column=HEADINGS[problem.column][language])

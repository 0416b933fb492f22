"""The errors of the project. HTTP statuses and exit codes are given to them in one place each (`web.errors`, `cli`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in what somebody handed in: where, what, why, and how to put it right.

    `row` is a line number of the file (the header is line 1), or None where the whole file is meant.
    """

    reason: str
    cure: str
    row: int | None = None
    column: str = ""
    value: str = ""
    file: str = ""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.row) if part)
        what = " ".join(part for part in (self.column, f"«{self.value}»" if self.value else "") if part)
        return f"{where + ': ' if where else ''}{what + ': ' if what else ''}{self.reason} ({self.cure})"


class CityIndexError(Exception):
    """Any error that the project raises on purpose; its text is for the reader."""


class Invalid(CityIndexError):
    """What was handed in cannot be taken. `problems` lists everything that is wrong, not the first thing only."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class WrongFields(Invalid):
    """What is written in a form cannot be. `faults` are by field; `english` says each kind in words, with its cure."""

    english: ClassVar[Mapping[Any, tuple[str, str]]] = {}

    def __init__(self, faults: Mapping[str, Any]) -> None:
        problems = [Problem(*self.english[fault], column=name) for name, fault in faults.items()]
        super().__init__("; ".join(map(str, problems)), problems)
        self.faults = dict(faults)


class DefinitionError(Invalid):
    """A definition file is wrong: `problems` name file, line, key and cure."""


class NotFound(CityIndexError):
    """What was asked for is not there."""


class Forbidden(CityIndexError):
    """Whoever asks may not do this."""


class Conflict(CityIndexError):
    """It would contradict what is stored already. `problems` lists every contradiction."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Unavailable(CityIndexError):
    """It cannot be done now; trying again later may help."""

"""What is wrong with definition files, collected so that everything can be said at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from cityindex.errors import DefinitionError, Problem


class At(NamedTuple):
    """A place in a definition file."""

    file: str
    line: int
    key: str


class Findings:
    """Collects problems and warnings. `in_project` is true inside `indicators/`, where more is required."""

    def __init__(self, in_project: bool) -> None:
        self.in_project = in_project
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, at: At, reason: str, cure: str) -> None:
        self.problems.append(_problem(at, reason, cure))

    def warn(self, at: At, reason: str, cure: str) -> None:
        self.warnings.append(_problem(at, reason, cure))

    def raise_problems(self) -> None:
        """Raise one `DefinitionError` with every problem, in the order of files and lines, if there is any."""
        if self.problems:
            problems = in_order(self.problems)
            count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
            raise DefinitionError(f"{count} in {_files(problems)}", problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, by file and line."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.row or 0))


def meant(word: object, known: Iterable[str], otherwise: str) -> str:
    """The cure for a word that is not known: the closest one that is, or `otherwise`."""
    close = get_close_matches(str(word), list(known), n=1)
    return f"did you mean {close[0]}?" if close else otherwise


def shown(path: Path) -> str:
    """A path as a person in the current folder would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _problem(at: At, reason: str, cure: str) -> Problem:
    return Problem(_line(reason), _line(cure), row=at.line, column=_line(at.key)[:60] or "«»", file=at.file)


def _line(text: str) -> str:
    """Text from a file on one line, without characters that steer a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _files(problems: Sequence[Problem]) -> str:
    files = sorted({problem.file for problem in problems})
    return files[0] if len(files) == 1 else f"{len(files)} files"

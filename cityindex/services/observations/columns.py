"""Which column of a file says what: headers that are the names of attributes map themselves, others are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from cityindex.errors import Invalid, Problem

IGNORE = "ignore"
"""Written instead of an attribute, for a column that would map itself."""
_CODE_IN_SCHEME = re.compile(r"code:([a-z][a-z0-9-]{0,31})")


@dataclass(frozen=True, slots=True)
class Columns:
    """`attributes`: what each column that is used says, in the order of the file; the others are ignored."""

    attributes: Mapping[str, str]
    ignored: tuple[str, ...]

    def of(self, attribute: str) -> str:
        """The column of an attribute, or the attribute's own name where no column has it."""
        return next((column for column, name in self.attributes.items() if name == attribute), attribute)


def map_columns(header: Sequence[str], chosen: Mapping[str, str], known: Sequence[str]) -> Columns:
    """Map `header` onto the attributes `known` and `code:SCHEME`. Raises `Invalid` with all that does not fit."""
    problems = [_no_such_column(column, header) for column in chosen if column not in header]
    problems += [
        _no_such_attribute(column, name, known)
        for column, name in chosen.items()
        if name != IGNORE and not _is_attribute(name, known)
    ]
    taken = set(chosen.values())
    own = {
        column: column
        for column in header
        if column not in chosen and column not in taken and _is_attribute(column, known)
    }
    used = {column: name for column, name in {**own, **chosen}.items() if name != IGNORE}
    names = list(used.values())
    problems += [_said_twice(name) for name in sorted({name for name in names if names.count(name) > 1})]
    if problems:
        raise Invalid("the columns cannot be read", problems)
    ordered = {column: used[column] for column in header if column in used}
    return Columns(ordered, tuple(column for column in header if column not in used))


def scheme_of_attribute(attribute: str) -> str | None:
    """`nso` for `code:nso`; None for any other attribute."""
    match = _CODE_IN_SCHEME.fullmatch(attribute)
    return match[1] if match else None


def _is_attribute(name: str, known: Sequence[str]) -> bool:
    return name in known or scheme_of_attribute(name) is not None


def _no_such_column(column: str, header: Sequence[str]) -> Problem:
    close = get_close_matches(column, header, n=1)
    cure = f"write {close[0]}" if close else f"the columns are {', '.join(header)}"
    return Problem("the file has no such column", cure, row=1, column=column)


def _no_such_attribute(column: str, name: str, known: Sequence[str]) -> Problem:
    close = get_close_matches(name, known, n=1)
    cure = f"write {close[0]}" if close else f"the attributes are {', '.join(known)} and code:SCHEME"
    return Problem("there is no such attribute", cure, row=1, column=column, value=name)


def _said_twice(name: str) -> Problem:
    return Problem("two columns are mapped to one attribute", f"map one of them to {IGNORE}", row=1, column=name)

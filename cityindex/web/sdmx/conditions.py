"""Filters by component as version 3.0 writes them: `c[REF_AREA]=sw:10`, `c[OBS_VALUE]=ge:50+lt:60,null`."""

from __future__ import annotations

import math
import re

from cityindex.formats.sdmx.artefacts import Artefact
from cityindex.queries.sdmx.wishes import OPERATORS, TEXT_OPERATORS, Condition
from cityindex.web.sdmx.errors import Syntax

EVERY_OPERATOR = (*OPERATORS, *TEXT_OPERATORS)
MOST = 500
"""Values in a filter."""


def condition(component: str, text: str) -> Condition:
    """One of those that a comma separates holds, and of that all that `+` joins. Raises `Syntax`."""
    alternatives = tuple(tuple(map(_part, re.split("[+ ]", one))) for one in text.split(","))
    if sum(map(len, alternatives)) > MOST:
        raise Syntax(f"c[…]: it holds more than {MOST} values (ask several times)")
    return Condition(component, alternatives)


def _part(text: str) -> tuple[str, str]:
    operator, colon, value = text.partition(":")
    if not colon:
        operator, value = "eq", text
    if operator not in EVERY_OPERATOR:
        raise Syntax(f"c[…]: there is no such operator (write one of {', '.join(EVERY_OPERATOR)}, as in ge:50)")
    if not value:
        raise Syntax("c[…]: a value is missing (write c[REF_AREA]=10,50)")
    return operator, value


def check(one: Condition, structure: Artefact, left_out: tuple[str, ...]) -> None:
    """Raises `Syntax` where a condition is of no component of the structure, or compares a number with a word."""
    kinds = {part.id: part.text_type for part in structure.components if part.id not in left_out}
    if one.component not in kinds:
        raise Syntax(f"c[…]: it names no component (there are {', '.join(kinds)})")
    if kinds[one.component] not in ("Double", "Integer"):
        return
    for operator, text in (part for together in one.alternatives for part in together):
        if operator in TEXT_OPERATORS or not _finite(text):
            raise Syntax(f"c[{one.component}]: it is a number (write one of {', '.join(OPERATORS)}, as in ge:50)")


def _finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False

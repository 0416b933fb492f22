"""The small vocabulary that schemas are written in: readers of values, which report what does not fit.

A reader takes a value and its place and gives the value back, or `WRONG` after it has said why. Mappings and lists come
back without their wrong parts, so that one mistake never hides another.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cityindex.definitions.findings import At, Findings, meant
from cityindex.definitions.yaml_ import Block, Items

Reader = Callable[[Any, At, Findings], Any]
WRONG = object()
OFFERED = 12


def words(value: Any, at: At, findings: Findings) -> Any:
    """Text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    return _wrong(at, findings, value, "text", "write words; between quotes where they look like a number or date")


def boolean(value: Any, at: At, findings: Findings) -> Any:
    return value if isinstance(value, bool) else _wrong(at, findings, value, "true or false", "write true or false")


def date(value: Any, at: At, findings: Findings) -> Any:
    if isinstance(value, datetime.date):
        return value
    return _wrong(at, findings, value, "a date", "write it as year-month-day in the common era, e.g. 2026-01-15")


def matching(pattern: str, what: str, cure: str) -> Reader:
    """Text of a certain form, e.g. codes."""
    expression = re.compile(pattern)

    def read(value: Any, at: At, findings: Findings) -> Any:
        fits = isinstance(value, str) and expression.fullmatch(value)
        return value if fits else _wrong(at, findings, value, what, cure)

    return read


def number(low: float = -math.inf, high: float = math.inf, above: float = -math.inf) -> Reader:
    """A finite number, at least `low` and greater than `above`, at most `high`."""
    limits = [f"{sign} {limit:g}" for sign, limit in ((">", above), (">=", low), ("<=", high)) if math.isfinite(limit)]
    what = " ".join(["a number", " and ".join(limits)]).strip()

    def read(value: Any, at: At, findings: Findings) -> Any:
        if _is_number(value) and low <= value <= high and value > above:
            return int(value) if float(value).is_integer() else value
        return _wrong(at, findings, value, what, f"write {what}")

    return read


def integer(low: int = 0, high: int = 2**53) -> Reader:
    """A whole number from `low` to `high`."""

    def read(value: Any, at: At, findings: Findings) -> Any:
        if _is_number(value) and float(value).is_integer() and low <= value <= high:
            return int(value)
        return _wrong(at, findings, value, "a whole number", f"write a whole number from {low} to {high}")

    return read


def one_of(*options: Any) -> Reader:
    """One of a few values."""
    offered = ", ".join(_written(option) for option in options)

    def read(value: Any, at: At, findings: Findings) -> Any:
        if any(value == option and isinstance(value, type(option)) for option in options):
            return value
        return _wrong(
            at, findings, value, "known here", meant(value, [str(o) for o in options], f"use one of {offered}")
        )

    return read


def nullable(reader: Reader) -> Reader:
    """What `reader` reads, or null."""
    return lambda value, at, findings: None if value is None else reader(value, at, findings)


def mapping_or(otherwise: Reader, keys: Reader) -> Reader:
    """A mapping as `keys` reads it, or a plain value as `otherwise` does."""
    return lambda value, at, findings: (keys if isinstance(value, Block) else otherwise)(value, at, findings)


def list_of(reader: Reader, least: int = 0, most: int | None = None) -> Reader:
    """A list of what `reader` reads."""

    def read(value: Any, at: At, findings: Findings) -> Any:
        if not isinstance(value, Items):
            return _wrong(at, findings, value, "a list", "write a list: [a, b], or one `- ` a line")
        if len(value) < least or (most is not None and len(value) > most):
            count = f"{least}" if least == most else f"at least {least}"
            findings.refuse(at, f"has {len(value)} elements", f"write {count}")
            return WRONG
        kept = Items(value.where)
        for index, element in enumerate(value):
            result = reader(element, value.at(index), findings)
            if result is not WRONG:
                kept.append(result)
                kept.lines.append(value.lines[index])
        return WRONG if least == most and len(kept) < least else kept

    return read


@dataclass(frozen=True)
class Keys:
    """A mapping with known keys: `required` always, `starred` inside `indicators/`, `optional` never."""

    required: Mapping[str, Reader] = field(default_factory=dict)
    optional: Mapping[str, Reader] = field(default_factory=dict)
    starred: Mapping[str, Reader] = field(default_factory=dict)

    def __call__(self, value: Any, at: At, findings: Findings) -> Any:
        if not isinstance(value, Block):
            return _wrong(at, findings, value, "a mapping", f"write `key: value` with the keys {self._offered()}")
        known = {**self.required, **self.starred, **self.optional}
        kept = Block(value.where)
        for key, child in value.items():
            result = self._read(known.get(key), child, value.at(key), findings)
            if result is not WRONG:
                kept[key] = result
                kept.lines[key] = value.at(key).line
        self._say_missing(value, findings)
        return kept

    def _read(self, reader: Reader | None, value: Any, at: At, findings: Findings) -> Any:
        if reader is None:
            known = {**self.required, **self.starred, **self.optional}
            cure = f"remove it; known are {self._offered()}" if known else "remove it; there are no options"
            findings.refuse(at, "is not a key here", meant(at.key, known, cure))
            return WRONG
        return reader(value, at, findings)

    def _say_missing(self, block: Block, findings: Findings) -> None:
        wanted = [*self.required, *(self.starred if findings.in_project else ())]
        for key in wanted:
            if key not in block:
                findings.refuse(block.where._replace(key=key), f"is missing{_owner(block)}", f"add `{key}:`")

    def _offered(self) -> str:
        known = [*self.required, *self.starred, *self.optional]
        return ", ".join(known[:OFFERED]) + (", …" if len(known) > OFFERED else "")


@dataclass(frozen=True)
class Methods:
    """The methods of a step with their options: `name`, or `{method: name, option: …}`.

    `default` is the method of a mapping that names none. Gives a block with `method` and the options.
    """

    options: Mapping[str, Keys]
    default: str | None = None

    def __call__(self, value: Any, at: At, findings: Findings) -> Any:
        block = value
        if not isinstance(value, Block):
            block = Block(at)
            block["method"] = value
        method = block.get("method", self.default)
        if not isinstance(method, str) or method not in self.options:
            otherwise = f"use one of {', '.join(self.options)}"
            cure = meant(method, self.options, otherwise) if isinstance(method, str) else otherwise
            where = block.at("method") if block is value else at
            findings.refuse(where, "no method is named" if method is None else f"{show(method)} is not a method", cure)
            return WRONG
        return self._with_options(method, block, findings)

    def _with_options(self, method: str, block: Block, findings: Findings) -> Block:
        options = Block(block.where)
        for key, value in block.items():
            if key != "method":
                options[key] = value
        options.lines = dict(block.lines)
        kept: Block = self.options[method](options, block.where, findings)
        kept["method"] = method
        kept.lines["method"] = block.at("method").line
        return kept


def show(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, Block | Items):
        return "a mapping" if isinstance(value, Block) else "a list"
    if value is None:
        return "nothing"
    text = _written(value)
    return f"«{text[:60]}{'…' if len(text) > 60 else ''}»"


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _owner(block: Block) -> str:
    code = block.get("code", block.where.key)
    return f" from {code}" if isinstance(code, str) and code != "file" else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wrong(at: At, findings: Findings, value: Any, what: str, cure: str) -> Any:
    findings.refuse(at, f"{show(value)} is not {what}", cure)
    return WRONG

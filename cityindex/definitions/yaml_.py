"""Reading YAML safely, with the line of every key.

Only what definition files need is let through: mappings with text keys, lists and plain values. Aliases, anchors,
tags, duplicate keys, several documents, deep nesting and large files are refused. Plain values follow the core schema
of YAML 1.2, so that `on`, `yes` and `NO` are words and `0101` stays as it is written.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cityindex.definitions.findings import At, Findings, shown

LARGEST = 5 * 1024 * 1024
DEEPEST = 40
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*|(?=\.[0-9]))(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INDENTED_BY_TAB = re.compile(r"\s*\t")
SPACES = "indent with spaces, not tabs"
QUOTES = "check indentation and brackets here; words with a colon, a # or quotes go between double quotes"
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


class Block(dict[str, Any]):
    """A mapping that knows where it and each of its keys stand."""

    def __init__(self, where: At) -> None:
        super().__init__()
        self.where = where
        self.lines: dict[str, int] = {}

    def at(self, key: str) -> At:
        """The place of a key; of the mapping itself where the key is not there."""
        return At(self.where.file, self.lines.get(key, self.where.line), key)


class Items(list[Any]):
    """A list that knows where it and each of its elements stand."""

    def __init__(self, where: At) -> None:
        super().__init__()
        self.where = where
        self.lines: list[int] = []

    def at(self, index: int) -> At:
        return At(self.where.file, self.lines[index], self.where.key)


class _Refused(Exception):
    """The rest of the file cannot be read; why is among the findings."""


def read(path: Path, findings: Findings) -> Any:
    """The content of a file as `Block`, `Items` or a plain value; None where it cannot be read: findings say why."""
    file = shown(path)
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise _refuse(findings, At(file, 1, "file"), f"is larger than {LARGEST >> 20} MiB", "split it")
        return _parse(_decode(path.read_bytes(), file, findings), file, findings)
    except OSError as error:
        findings.refuse(At(file, 1, "file"), f"cannot be read: {error.strerror}", "check the path and its permissions")
    except _Refused:
        pass
    return None


def located(value: Any, where: At) -> Any:
    """Plain data, e.g. from JSON, as if it had been read from one line of a file."""
    if isinstance(value, dict):
        block = Block(where)
        for key, child in value.items():
            block[key] = located(child, At(where.file, where.line, key))
        return block
    if isinstance(value, list):
        items = Items(where)
        for child in value:
            items.append(located(child, where))
            items.lines.append(where.line)
        return items
    return value


def _decode(data: bytes, file: str, findings: Findings) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refuse(findings, At(file, line, "file"), "is not UTF-8 text", "save the file as UTF-8") from None


def _parse(text: str, file: str, findings: Findings) -> Any:
    try:
        return _Composer(_events(text), file, findings).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        lines = text.rstrip("\n").split("\n")
        line = min(mark.line if mark else text.count("\n", 0, getattr(error, "position", 0) or 0), len(lines) - 1)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
        cure = SPACES if INDENTED_BY_TAB.match(lines[line]) else QUOTES
        raise _refuse(findings, At(file, line + 1, "yaml"), str(reason), cure) from None


def _events(text: str) -> Iterator[Any]:
    parser = PARSER(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


def _refuse(findings: Findings, at: At, reason: str, cure: str) -> _Refused:
    findings.refuse(at, reason, cure)
    return _Refused()


class _Composer:
    """Builds blocks from the parser's events, which arrive one by one: nothing is built that is then refused."""

    def __init__(self, events: Iterator[Any], file: str, findings: Findings) -> None:
        self.events, self.file, self.findings = events, file, findings

    def document(self) -> Any:
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise self._stop(event, "file", "is empty", "write a definition, or remove the file")
        value = self._value(next(self.events), "file", 0)
        next(self.events)  # the end of the document
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._stop(after, "yaml", "a second document begins here", "keep one definition a file, without ---")
        return value

    def _value(self, event: Any, key: str, depth: int) -> Any:
        self._check(event, key, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._block(event, key, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(event, key, depth)
        return plain(event.value) if event.implicit[0] else event.value

    def _block(self, start: Any, key: str, depth: int) -> Block:
        block = Block(self._at(start, key))
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name = self._key(event)
            value = self._value(next(self.events), name, depth + 1)
            if name in block:
                at = self._at(event, name)
                self.findings.refuse(at, f"is written twice (first on line {block.lines[name]})", "keep one of them")
            else:
                block[name], block.lines[name] = value, event.start_mark.line + 1
        return block

    def _items(self, start: Any, key: str, depth: int) -> Items:
        items = Items(self._at(start, key))
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, key, depth + 1))
            items.lines.append(event.start_mark.line + 1)
        return items

    def _key(self, event: Any) -> str:
        self._check(event, "yaml", 0)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._stop(event, "yaml", "a key is a mapping or a list", "write a word before the colon")
        return str(event.value)

    def _check(self, event: Any, key: str, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            name = event.anchor
            raise self._stop(event, key, f"aliases and anchors are refused (&{name})", "write the value out each time")
        if event.tag is not None:
            raise self._stop(event, key, f"tags are refused ({event.tag})", "remove the word that begins with !")
        if depth > DEEPEST:
            raise self._stop(event, key, f"is nested deeper than {DEEPEST}", "flatten the definition")

    def _stop(self, event: Any, key: str, reason: str, cure: str) -> _Refused:
        return _refuse(self.findings, self._at(event, key), reason, cure)

    def _at(self, event: Any, key: str) -> At:
        return At(self.file, event.start_mark.line + 1, key)


def plain(text: str) -> Any:
    """The value of a word without quotes: null, true or false, a number, a date, or the word itself."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    if DATE.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            return text
    return text

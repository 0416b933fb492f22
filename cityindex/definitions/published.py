"""The record of published versions, `indicators/published.yaml`, written at each release."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cityindex.definitions import schema
from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.definitions.findings import Findings
from cityindex.definitions.fingerprint import canonical_json
from cityindex.definitions.loader import PUBLISHED, load, read_definition
from cityindex.definitions.project import Versioned

HEADER = """# Versions of frameworks and questionnaires that are published, each with the fingerprint of its content.
# Written by `cityindex definitions freeze` at release. A version that stands here never changes; a change is a new
# version.
"""
Record = tuple[str, str, str, str]


def freeze(root: Path) -> tuple[Versioned, ...]:
    """Record the current version of every framework and questionnaire of a folder; gives those not recorded yet.

    Raises `DefinitionError` where the definitions have problems, among them a recorded version that was changed.
    """
    catalogue = load(root)
    entries: tuple[Versioned, ...] = (*catalogue.frameworks.values(), *catalogue.questionnaires.values())
    before = _recorded(root / PUBLISHED)
    new = tuple(entry for entry in entries if _record(entry) not in before)
    if new:
        _write(root / PUBLISHED, [*before, *map(_record, new)])
    return new


def _record(entry: Versioned) -> Record:
    return entry.kind, entry.code, entry.version, entry.fingerprint


def _recorded(path: Path) -> list[Record]:
    if not path.is_file():
        return []
    block = read_definition(path, schema.PUBLISHED, Findings(in_project=True))
    records = block["published"] if block else ()
    return [
        (record.get("kind", FrameworkEntry.kind), record["id"], record["version"], record["fingerprint"])
        for record in records
    ]


def _write(path: Path, records: Iterable[Record]) -> None:
    """Write the whole file beside the old one and swap them, so that a reader never sees half of it."""
    lines = [
        f"  - {{kind: {kind}, id: {code}, version: {canonical_json(version)},"
        f" fingerprint: {canonical_json(fingerprint)}}}\n"
        for kind, code, version, fingerprint in sorted(records)
    ]
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(HEADER + "published:\n" + "".join(lines), encoding="utf-8")
    os.replace(beside, path)

"""The record of published versions, `indicators/published.yaml`, written at each release."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cityindex.definitions import schema
from cityindex.definitions.catalogue import FrameworkEntry, canonical_json
from cityindex.definitions.findings import Findings
from cityindex.definitions.loader import PUBLISHED, load, read_definition

HEADER = """# Versions of frameworks that are published, each with the fingerprint of its content. Written by
# `cityindex definitions freeze` at release. A version that stands here never changes; a change is a new version.
"""
Record = tuple[str, str, str]


def freeze(root: Path) -> tuple[FrameworkEntry, ...]:
    """Record the current version of every framework of a folder; gives those that were not recorded yet.

    Raises `DefinitionError` where the definitions have problems, among them a recorded version that was changed.
    """
    entries = load(root).frameworks.values()
    before = _recorded(root / PUBLISHED)
    new = tuple(entry for entry in entries if (entry.code, entry.version, entry.fingerprint) not in before)
    if new:
        _write(root / PUBLISHED, [*before, *((entry.code, entry.version, entry.fingerprint) for entry in new)])
    return new


def _recorded(path: Path) -> list[Record]:
    if not path.is_file():
        return []
    block = read_definition(path, schema.PUBLISHED, Findings(in_project=True))
    records = block["published"] if block else ()
    return [(record["id"], record["version"], record["fingerprint"]) for record in records]


def _write(path: Path, records: Iterable[Record]) -> None:
    """Write the whole file beside the old one and swap them, so that a reader never sees half of it."""
    lines = [
        f"  - {{id: {code}, version: {canonical_json(version)}, fingerprint: {canonical_json(fingerprint)}}}\n"
        for code, version, fingerprint in sorted(records)
    ]
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(HEADER + "published:\n" + "".join(lines), encoding="utf-8")
    os.replace(beside, path)

"""The canonical text of a framework: what a run stores, and from which it is computed again.

It is a self-contained definition file written as JSON, with every indicator that the framework needs, sorted keys and
one way to write each thing. Its SHA-256 is the fingerprint: comments, the order of keys and where an indicator is
defined make no difference. Left out is what can change without the framework being another one: who verified an
indicator, what it is aligned with, and the targets that others have set for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.definitions.findings import At
from cityindex.definitions.fingerprint import canonical_json
from cityindex.definitions.yaml_ import Block, located
from cityindex.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from cityindex.scoring.framework import Framework

LEFT_OUT = frozenset({"verified", "aligned_to", "tags", "targets"})
FILE = "canonical definition"


def canonical(entry: FrameworkEntry) -> str:
    """The canonical JSON of a framework with all that it uses; `entry.fingerprint` is its SHA-256."""
    return entry.canonical


def canonical_text(framework: Block, indicators: Iterable[Block]) -> str:
    """The canonical JSON from the block of a framework and those of the indicators that it needs."""
    needed = sorted(indicators, key=lambda block: str(block["code"]))
    kept = [{key: value for key, value in block.items() if key not in LEFT_OUT} for block in needed]
    return canonical_json({**framework, "indicators": kept})


def framework_from_canonical(text: str) -> Framework:
    """The engine's framework exactly as it was when `text` was made. Raises `DefinitionError` for any other text."""
    return entry_from_canonical(text).framework


def entry_from_canonical(text: str) -> FrameworkEntry:
    """The framework with its words, e.g. for the method page of an old run. Raises `DefinitionError`."""
    from cityindex.definitions.loader import self_contained

    try:
        content: Mapping[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = Problem(f"is not JSON: {error}", "store the text that canonical() gives", row=1, file=FILE)
        raise DefinitionError("this is not a canonical definition", [problem]) from None
    return self_contained(located(content, At(FILE, 1, "framework")))

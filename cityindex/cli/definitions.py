"""`cityindex definitions`: check the definition files, and record what was published."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import emit, json_option
from cityindex.resources import resource_root

if TYPE_CHECKING:
    from cityindex.definitions.catalogue import Catalogue, FrameworkEntry, IndicatorEntry
    from cityindex.errors import Problem

path_argument = click.argument("path", required=False, type=click.Path(path_type=Path))


@click.group()
def definitions() -> None:
    """What is measured and how it is scored: the files of indicators/."""


@definitions.command()
@path_argument
@json_option
def check(path: Path | None, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Check every definition of the project, of a folder PATH, or one self-contained framework file PATH.

    Exit 0 with a summary, or 2 with every problem as file:line: key: message (cure).
    """
    from cityindex.definitions.loader import find_framework, home, load

    root = resource_root("indicators") if path is None else home(path)
    if path is not None and root is None and not path.is_dir():
        _report_framework(find_framework(str(path), resource_root("indicators")))
    else:
        _report_catalogue(load(root or path or Path()))


@definitions.command()
@path_argument
@json_option
def freeze(path: Path | None, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Record version and fingerprint of every framework and questionnaire in published.yaml: a step of each release."""
    from cityindex.definitions.published import freeze as record

    new = [f"{entry.kind} {entry.code} {entry.version}" for entry in record(path or resource_root("indicators"))]
    emit({"recorded": new}, f"Recorded: {', '.join(new)}" if new else "Nothing new to record.")


def _report_catalogue(catalogue: Catalogue) -> None:
    items = [item for vocabulary in catalogue.vocabularies.values() for item in vocabulary.items.values()]
    counts = {
        "indicators": len(catalogue.indicators),
        "themes": len(catalogue.themes),
        "frameworks": len(catalogue.frameworks),
        "questionnaires": len(catalogue.questionnaires),
        "vocabularies": len(catalogue.vocabularies),
        "strategy_items": len(items),
        "codelists": len(catalogue.codelists),
        "programmes": len(catalogue.programmes),
        "agreements": len(catalogue.agreements),
        "mappings": len(catalogue.mappings),
    }
    unverified = {
        "indicators": _unverified(catalogue.indicators.values()),
        "strategy_items": [item.code for item in items if item.verified is None],
        "agreements": [one.code for one in catalogue.agreements.values() if one.verified is None],
        "mappings": [one.code for one in catalogue.mappings.values() if one.verified is None],
    }
    _report(counts, unverified, catalogue.warnings, catalogue.fingerprint)


def _report_framework(entry: FrameworkEntry) -> None:
    tree = entry.framework
    counts = {"frameworks": 1, "nodes": len(tree.nodes), "indicators": len(tree.leaves)}
    _report(counts, {"indicators": _unverified(entry.indicators.values())}, entry.warnings, entry.fingerprint)


def _unverified(entries: Iterable[IndicatorEntry]) -> list[str]:
    return [entry.code for entry in entries if entry.verified is None]


def _report(
    counts: dict[str, int], unverified: dict[str, list[str]], warnings: tuple[Problem, ...], fingerprint: str
) -> None:
    result: dict[str, Any] = {
        "ok": True,
        **counts,
        "not_yet_verified": {what: len(codes) for what, codes in unverified.items()},
        "warnings": [str(warning) for warning in warnings],
        "fingerprint": fingerprint,
    }
    lines = [
        "No problems: " + ", ".join(f"{count} {_words(what)}" for what, count in counts.items()),
        "Not yet verified: " + ", ".join(f"{len(codes)} {_words(what)}" for what, codes in unverified.items()),
        *(f"Warning: {warning}" for warning in warnings),
    ]
    emit(result, "\n".join(lines))


def _words(key: str) -> str:
    return {"strategy_items": "strategy items", "codelists": "code lists"}.get(key, key)

"""`cityindex pull`: data of another service, under a mapping (indicators/mappings/)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cityindex.cli.imports import dry_run_option, reporting
from cityindex.cli.output import application, emit, json_option

if TYPE_CHECKING:
    from cityindex.services.exchange.pulls import Pulled

SHOWN_ROWS = 40


@click.command()
@click.argument("mapping")
@click.option("--file", type=click.Path(path_type=Path), help="A file that was fetched before, instead of the service.")
@dry_run_option
@json_option
def pull(mapping: str, file: Path | None, dry_run: bool, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Fetch data of another service by SDMX, and record them as a mapping says.

    All of it is recorded, or, where anything is wrong, nothing. Begin with --dry-run: it says what would be recorded,
    which rows are left out and why, and stores nothing.
    """
    with reporting(file or Path(f"{mapping}.csv")):
        done = application().pulls.pull(mapping, "command line", dry_run=dry_run, file=file)
    emit(done.as_json(), "\n".join(_lines(done)))


def _lines(done: Pulled) -> list[str]:
    said = done.as_json()
    lines = [done.url, f"sha256 {done.fetched.sha256}, {done.fetched.bytes} bytes", *done.notes]
    lines += [f"  {code}: {count} rows" for code, count in done.left.by_indicator.items()]
    lines.append(f"left out: {done.left.series} rows of other series, {done.left.places} of places that are left out")
    rows = said["by_indicator"]
    lines += [
        f"  {row['indicator']}  {row['period']}  "
        + ", ".join(f"{row[name]} {name}" for name in ("new", "unchanged", "revised") if row[name])
        for row in rows[:SHOWN_ROWS]
    ]
    nothing = "dry run, nothing was stored: " if said["dry_run"] else ""
    counts = ("read", "new", "unchanged", "revised")
    return [*lines, nothing + ", ".join(f"{said[name]} {name}" for name in counts)]

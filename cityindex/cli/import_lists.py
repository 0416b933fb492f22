"""`cityindex import proposals` and `cityindex import aggregates`: lists of others, with a report of every row."""

from __future__ import annotations

from pathlib import Path

import click

from cityindex.cli.imports import _read, dry_run_option, file_argument, map_option, report_option, reporting, tell
from cityindex.cli.output import application, json_option


@click.command()
@file_argument
@map_option
@click.option("--source", required=True, help="Where the list comes from, in words, with its date.")
@click.option("--kind", default="", help="What rows are that give no kind: proposal, sandbox, mechanism, innovation.")
@click.option("--list", "name", default="", help="The name of the list from one import to the next (the file's name).")
@report_option
@dry_run_option
@json_option
def proposals(
    file: Path, columns: dict[str, str], name: str, report: Path | None, as_json: bool, **how: str  # noqa: ARG001
) -> None:  # fmt: skip
    """Import a list of proposals, sandboxes, mechanisms or innovations (CSV, XLSX, Parquet).

    Columns: code (stays from one list to the next), title_th, title_en, kind, place (its code) or area (in words),
    status, since, rule, summary, evidence, outcome, url. What an earlier list said is kept as its history.
    """
    from cityindex.services.proposals import ProposalsImport

    with reporting(file):
        request = ProposalsImport(file.name, "command line", list=name, columns=columns, **how)  # type: ignore[arg-type]
        tell(application().proposals.import_list(_read(file), request), report)

"""`cityindex import proposals` and `cityindex import aggregates`: lists of others, with a report of every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cityindex.cli.imports import _read, dry_run_option, file_argument, map_option, report_option, reporting, tell
from cityindex.cli.output import application, emit, json_option


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
    status, since, until, themes (codes), rule, summary, evidence, outcome, url. What an earlier list said is kept as
    its history.
    """
    from cityindex.services.knowledge.proposals import ProposalsImport

    with reporting(file):
        request = ProposalsImport(file.name, "command line", list=name, columns=columns, **how)  # type: ignore[arg-type]
        tell(application().proposals.import_list(_read(file), request), report)


@click.command()
@click.argument("feed")
@file_argument
@click.option("--source", required=True, help="Which file or answer it is, and when it was fetched.")
@click.option(
    "--on-conflict", type=click.Choice(["refuse", "revise"]), default="refuse", show_default=True,
    help="What to do with values that differ from those stored.",
)  # fmt: skip
@click.option("--skip-unknown", is_flag=True, help="Leave out rows whose code no place has.")
@dry_run_option
@json_option
def aggregates(feed: str, file: Path, as_json: bool, **how: Any) -> None:  # noqa: ARG001 (emit reads it)
    """Import aggregates of places from FEED, such as tpmap (CSV, XLSX, Parquet, or a saved answer in JSON).

    Which columns or keys say what stands in indicators/feeds/. Small groups are left out and stored as suppressed.
    A file that holds anything about persons or households is refused whole; no message repeats what is in it.
    """
    from cityindex.formats.records import read_records
    from cityindex.services.observations.aggregates import AggregatesImport

    app = application()
    found = app.catalogue.feed(feed)
    with reporting(file):
        table = read_records(file, found.records) if file.suffix.lower() == ".json" else _read(file)
        done = app.aggregates.import_feed(found, table, AggregatesImport(file.name, "command line", **how))
    plan = done.recorded.plan
    counts = {"values": plan.changes, "suppressed": done.suppressed, "of_these_beside": done.beside}
    least = f"{found.fewest} people"
    told = f"{file.name}: {plan.changes:,} values, {done.suppressed:,} left out as groups of fewer than {least}"
    beside = f" ({done.beside:,} of them so that others cannot be computed from sums)" if done.beside else ""
    dry = "\ndry run: nothing was changed" if how["dry_run"] else ""
    emit({"file": file.name, "dry_run": how["dry_run"], **counts}, told + beside + dry)

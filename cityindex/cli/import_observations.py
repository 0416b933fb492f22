"""`cityindex import observations`: values of indicators from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.imports import SHOWN_WARNINGS, column_map, dry_run_option, file_argument, reporting
from cityindex.cli.output import application, emit, json_option, progress, say

if TYPE_CHECKING:
    from cityindex.services.observations.plan import RecordReport

SHOWN_ROWS = 40
LONG_WORK = 200_000


@click.command()
@file_argument
@click.option("--source", required=True, help="Where the values come from, in words; it is kept with every value.")
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=NAME", callback=column_map,
    help="What a column holds: place, place:SCHEME, period, indicator, value, status, source, an indicator, or ignore.",
)  # fmt: skip
@click.option("--sheet", help="The sheet of a workbook (default: its first).")
@click.option("--period", help="The year of a file without a column for it, in either era.")
@click.option("--era", type=click.Choice(["be", "ce"]), help="The era of the years in the file.")
@click.option(
    "--on-conflict", type=click.Choice(["refuse", "revise"]), default="refuse", show_default=True,
    help="What to do with values that differ from those stored.",
)  # fmt: skip
@click.option(
    "--ignore-unknown", is_flag=True, help="Leave out unknown columns and indicators, and rows without a place."
)
@click.option("--skip-unknown", is_flag=True, help="Leave out values whose code no place has, and list them.")
@click.option("--report", type=click.Path(path_type=Path), help="Where to list every new and revised value, as CSV.")
@dry_run_option
@json_option
def observations(file: Path, period: str | None, report: Path | None, **options: Any) -> None:
    """Import values of indicators (CSV, XLSX, Parquet, SDMX-CSV, SDMX-ML).

    Long: place,period,indicator,value[,status][,source]. Wide: place[,period],INDICATOR,…
    All of the file is stored, or, where anything in it is wrong, nothing. A file that seems to hold data about persons
    is refused.
    """
    from cityindex.formats.observations import ReadOptions, read_observations
    from cityindex.formats.personal_tables import require_no_person
    from cityindex.formats.tables import file_hash
    from cityindex.services.observations.observations import ObservationsImport

    app = application()
    known = app.catalogue.indicators
    year = _period(period)
    how = ReadOptions(
        options["columns"], year, options["era"], known, options["ignore_unknown"], options["sheet"], True
    )
    with reporting(file):
        require_no_person(file.name, options["source"])
        table = read_observations(file, how)
        for note in table.notes:
            say(note)
        request = ObservationsImport(
            file=file.name,
            by="command line",
            source=options["source"],
            file_hash=file_hash(file),
            on_conflict=options["on_conflict"],
            skip_unknown=options["skip_unknown"],
            dry_run=options["dry_run"],
        )
        advance = progress(len(table), "storing") if len(table) >= LONG_WORK else _say_nothing
        done = app.observations.record(table, request, advance)
    _tell(done, report)


def _say_nothing(_: int) -> None:
    """Short work needs no progress."""


def _period(text: str | None) -> int | None:
    """The common-era year; what was a Buddhist one is said back."""
    if text is None:
        return None
    from cityindex.calendars import common_year

    year = common_year(text)
    if str(year) != text.strip():
        say(f"period {text} = {year}")
    return year


def _tell(done: RecordReport, path: Path | None) -> None:
    result = done.as_json()
    if path:
        done.write_changes(path)
        result["report"] = str(path)
    kept = done.warnings.kept
    of_series = [warning for warning in kept if warning.row is None]  # few, and the ones that matter most
    shown = of_series + [warning for warning in kept if warning.row is not None][:SHOWN_WARNINGS]
    for warning in shown:
        say(f"warning: {warning}")
    if done.warnings.count > len(shown):
        say(f"… and {done.warnings.count - len(shown)} more warnings")
    emit(result, "\n".join(_lines(result)))


def _lines(result: dict[str, Any]) -> list[str]:
    rows = result["by_indicator"]
    width = max([len(row["indicator"]) for row in rows], default=0)
    lines = [
        f"  {row['indicator']:<{width}}  {row['period']}  "
        + ", ".join(f"{row[name]} {name}" for name in ("new", "unchanged", "revised") if row[name])
        for row in rows[:SHOWN_ROWS]
    ]
    if len(rows) > SHOWN_ROWS:
        lines.append(f"  … and {len(rows) - SHOWN_ROWS} more indicators and periods")
    lines += [f"  revised: {line}" for line in result["revisions"][:SHOWN_ROWS]]
    counts = ("read", "missing", "skipped", "new", "unchanged", "revised")
    said = ", ".join(f"{result[name]} {name}" for name in counts)
    nothing = "dry run, nothing was stored: " if result["dry_run"] else ""
    lines.append(f"{nothing}{said}; {result['warnings']['count']} warnings")
    return lines + ([f"report: {result['report']}"] if "report" in result else [])

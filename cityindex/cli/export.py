"""`cityindex export`: a published edition as a file."""

from __future__ import annotations

from pathlib import Path

import click

from cityindex.cli.output import application, emit, json_option, say
from cityindex.cli.runs import read_period

KINDS = ("csv", "xlsx", "parquet", "sdmx-csv", "geojson")


@click.command()
@click.argument("framework")
@click.argument("period")
@click.option("--format", "kind", type=click.Choice(KINDS), required=True, help="What to write.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def export(framework: str, period: str, kind: str, file: Path, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Write the published edition of FRAMEWORK and PERIOD to FILE, in full precision.

    CSV is UTF-8 without a byte order mark; choose xlsx for a spreadsheet program.
    """
    from cityindex.formats.atomic import atomically
    from cityindex.formats.exports import FORMATS
    from cityindex.queries.runs.edition_tables import edition_table
    from cityindex.queries.runs.editions import edition

    app = application()
    year = read_period(framework, period)
    with app.sessions() as session:
        found = edition(session, framework, year)
        table = edition_table(session, found, geometry=kind == "geojson")
    with atomically(file) as part:
        FORMATS[kind](table, part)
    if found.demo:
        say("these are demo data: they say nothing about any real place")
    result = {"file": str(file), "format": kind, "run": found.run, "places": found.places, "demo": found.demo}
    emit(result, f"{file}: {found.places} places, {len(table.nodes)} nodes, run {found.run}")

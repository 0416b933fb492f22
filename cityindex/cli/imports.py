"""`cityindex import`: bring in places, boundaries, members of programmes, and observations."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import application, emit, json_option, say
from cityindex.errors import Conflict, Invalid, Problem

if TYPE_CHECKING:
    from cityindex.services.places.match_report import MatchReport

ELSEWHERE = {
    "observations": "cityindex.cli.import_observations:observations",
    "proposals": "cityindex.cli.import_lists:proposals",
    "aggregates": "cityindex.cli.import_lists:aggregates",
}
SHOWN_WARNINGS = 20

file_argument = click.argument("file", type=click.Path(path_type=Path))
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
report_option = click.option(
    "--report", type=click.Path(path_type=Path), help="Where to write the report: every row of the file, as CSV."
)


class ImportGroup(click.Group):
    """Commands of other modules are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in ELSEWHERE:
            module, name = ELSEWHERE[cmd_name].split(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=ImportGroup)
def imports() -> None:
    """Bring data in from files: all of a file, or, where anything in it is wrong, nothing."""


def column_map(_: click.Context, __: click.Parameter, pairs: Sequence[str]) -> dict[str, str]:
    """`column=attribute` pairs as a mapping; the last `=` divides."""
    chosen: dict[str, str] = {}
    for pair in pairs:
        column, separator, attribute = pair.rpartition("=")
        if not (separator and column and attribute):
            raise click.BadParameter(f"«{pair}»: write column=attribute")
        chosen[column.strip()] = attribute.strip()
    return chosen


map_option = click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=ATTRIBUTE", callback=column_map,
    help="What a column says, e.g. dla_code=code. Columns named like an attribute map themselves; "
    "`=ignore` leaves one out.",
)  # fmt: skip


@contextmanager
def reporting(file: Path) -> Iterator[None]:
    """Write what is wrong with `file` to a CSV, and say where it is, before the error goes on."""
    try:
        yield
    except (Invalid, Conflict) as error:
        if error.problems:
            say(f"report: {_write_problems(file, error.problems)}")
        raise


def _write_problems(file: Path, problems: Sequence[Problem]) -> Path:
    from cityindex.formats.problems import write_report

    name = f"{file.stem}.problems.csv"
    try:
        return write_report(Path.cwd() / name, problems)
    except OSError:
        return write_report(Path(tempfile.mkdtemp(prefix="cityindex-")) / name, problems)


def tell(report: MatchReport, path: Path | None) -> None:
    """Print a match report; its rows go to `path` where one is given."""
    result: dict[str, Any] = report.as_json()
    if path:
        _write_rows(report, path)
        result["report"] = str(path)
    for warning in report.warnings[:SHOWN_WARNINGS]:
        say(f"warning: {warning}")
    if len(report.warnings) > SHOWN_WARNINGS:
        say(f"… and {len(report.warnings) - SHOWN_WARNINGS} more warnings")
    emit(result, "\n".join([report.as_text(), *([f"report: {path}"] if path else [])]))


def _write_rows(report: MatchReport, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("row", "code", "outcome", "note"))
        writer.writerows((row.row, row.code, row.outcome, row.note) for row in report.rows)


@imports.command()
@file_argument
@map_option
@click.option("--type", "place_type", help="The place type of rows that give none.")
@click.option("--source", default="", help="Where the register comes from, in words (default: the file's name).")
@click.option("--skip-bad-values", is_flag=True, help="Leave out impossible positions, areas and populations.")
@report_option
@dry_run_option
@json_option
def places(
    file: Path, columns: dict[str, str], report: Path | None, as_json: bool, **how: Any  # noqa: ARG001 (emit reads it)
) -> None:  # fmt: skip
    """Import a register of places (CSV, XLSX, Parquet, GeoJSON, GeoPackage).

    Attributes: code code:SCHEME place_type name_th name_en province district lat lon area_km2 population valid_from.
    Empty cells leave what is stored. A row matches its place by code, never by its name alone.
    """
    from cityindex.services.places.places import PlacesImport

    with reporting(file):
        table = _read_rows(file)
        request = PlacesImport(file.name, "command line", columns, **how)
        tell(application().places.import_register(table, request), report)


def _read_rows(file: Path) -> Any:
    from cityindex.formats.features import is_features, read_features, with_points

    return with_points(read_features(file)) if is_features(file) else _read(file)


def _read(file: Path) -> Any:
    from cityindex.formats.tables import read_table

    table = read_table(file)
    for note in table.notes:
        say(note)
    return table


@imports.command()
@file_argument
@click.option("--key", required=True, metavar="ATTRIBUTE", help="The property that holds the place's code.")
@click.option("--scheme", help="The scheme of that code, e.g. nso (default: the place's own code).")
@click.option("--level", required=True, metavar="TYPE", help="A place type, or municipality for the three of them.")
@click.option("--valid-from", metavar="DATE", help="Since when the boundaries hold.")
@click.option("--source", default="", help="Where they come from, in words (default: the file's name).")
@click.option("--skip-unknown", is_flag=True, help="Leave out features whose code no place has, and list them.")
@report_option
@dry_run_option
@json_option
def boundaries(
    file: Path, valid_from: str | None, report: Path | None, as_json: bool, **how: Any  # noqa: ARG001 (emit reads it)
) -> None:  # fmt: skip
    """Import the boundaries of a level (GeoJSON, GeoPackage, zipped Shapefile), in longitude and latitude.

    They replace the boundaries in force for that level. Rows of reports are features, counted from 1.
    """
    from cityindex.calendars import read_date
    from cityindex.formats.features import read_features
    from cityindex.services.places.boundaries import BoundariesImport

    since = read_date(valid_from) if valid_from else None
    if since and since.buddhist:
        say(f"{valid_from} was read as {since}")
    with reporting(file):
        request = BoundariesImport(by="command line", valid_from=since.first if since else None, **how)
        tell(application().boundaries.import_layer(read_features(file), request), report)


@imports.command()
@click.argument("programme")
@file_argument
@map_option
@click.option("--source", default="", help="Where the list comes from, in words (default: the file's name).")
@report_option
@dry_run_option
@json_option
def members(
    programme: str, file: Path, columns: dict[str, str], report: Path | None, as_json: bool, **how: Any  # noqa: ARG001
) -> None:  # fmt: skip
    """Import who is in PROGRAMME, and since when (CSV, XLSX, Parquet).

    Columns: place (its code) or code:SCHEME, joined and left (a year, a month or a day, in either era), note, source.
    """
    from cityindex.services.places.programmes import MembersImport

    with reporting(file):
        request = MembersImport(file.name, "command line", columns, **how)
        tell(application().programmes.import_members(programme, _read(file), request), report)

"""`cityindex db`: look after the database."""

from __future__ import annotations

from pathlib import Path

import click

from cityindex.cli.output import application, emit, json_option, say


@click.group()
def db() -> None:
    """Create, check, back up and restore the database."""


@db.command()
@json_option
def upgrade(as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Create the tables, or bring them to this version of the program: all in one go or not at all."""
    app = application()
    before = app.upkeep.revision()
    after = app.upkeep.upgrade()
    done = f"upgraded from {before or 'nothing'} to {after}" if before != after else f"up to date ({after})"
    emit({"before": before, "revision": after}, f"{app.engine.url.render_as_string()}: {done}")


@db.command()
@click.option("--rebuild", is_flag=True, help="Also compute every published run anew and compare to the last bit.")
@json_option
def check(rebuild: bool, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Look for anything that does not fit together. Exit 0, or 2 with a list."""
    app = application()
    faults = app.upkeep.check(frozenset(app.catalogue.codelist("observation-status").items))
    if not faults:
        faults = [f"evidence: the file {one} is not in the store" for one in app.evidence.missing()]
    if rebuild and not faults:
        faults = [str(result) for result in app.scoring.rebuild_published() if not result.identical]
    for fault in faults:
        say(fault)
    emit({"faults": faults}, f"{len(faults)} faults" if faults else "the database is sound")
    if faults:
        raise SystemExit(2)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(file: Path, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Copy everything into one FILE, while others work on."""
    size = application().upkeep.backup(file)
    emit({"file": str(file), "bytes": size}, f"{file}: {size:,} bytes")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite the data that the database holds.")
@json_option
def restore(file: Path, replace: bool, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Put the backup in FILE back, whole or not at all."""
    upkeep = application().upkeep
    revision = upkeep.restore(file, replace)
    upkeep.upgrade()
    emit({"file": str(file), "revision": revision}, f"restored from {file}")

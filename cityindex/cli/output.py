"""What every command shares: how it reports, how it fails, how it shows that it is working."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from cityindex.errors import (
    CityIndexError,
    Conflict,
    DefinitionError,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)

if TYPE_CHECKING:
    from cityindex.app import Application

EXIT_CODES: Mapping[type[CityIndexError], int] = {
    Invalid: 2,
    DefinitionError: 2,
    NotFound: 3,
    Forbidden: 4,
    Conflict: 5,
    Unavailable: 75,
}
SHOWN_PROBLEMS = 50

json_option = click.option("--json", "as_json", is_flag=True, help="One machine-readable result on standard output.")


def application() -> Application:
    """The composition root that `main()` handed to the command line."""
    return click.get_current_context().obj  # type: ignore[no-any-return]


def wants_json() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.params.get("as_json")) or "--json" in sys.argv


def emit(result: Mapping[str, Any], text: str) -> None:
    """Print the result of a command: as JSON where `--json` was given, as `text` otherwise."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if wants_json() else text)


def report_error(error: CityIndexError) -> None:
    """Every problem on standard error (as JSON on standard output under `--json`)."""
    problems = error.problems if isinstance(error, Invalid | Conflict) else ()
    if wants_json():
        rows = [
            {name: getattr(p, name) for name in ("file", "row", "column", "value", "reason", "cure")} for p in problems
        ]
        click.echo(json.dumps({"error": str(error), "problems": rows}, ensure_ascii=False))
        return
    shown = len(problems) if isinstance(error, DefinitionError) else SHOWN_PROBLEMS  # imports write a report besides
    for problem in problems[:shown]:
        click.echo(str(problem), err=True)
    if len(problems) > shown:
        click.echo(f"… and {len(problems) - shown} more", err=True)
    click.echo(f"Error: {error}", err=True)


def report_usage(error: click.ClickException) -> None:
    """What is wrong with the command line itself."""
    if wants_json():
        click.echo(json.dumps({"error": error.format_message(), "problems": []}, ensure_ascii=False))
    else:
        error.show()


def say(line: str) -> None:
    """A line for the person who waits; never part of a machine-readable result."""
    click.echo(line, err=True)


def progress(total: int, label: str) -> Callable[[int], None]:
    """A progress bar on a terminal, plain lines elsewhere. Returns `advance(n)`."""
    if not sys.stderr.isatty():
        return functools.partial(_plain_progress, {"done": 0, "said": 0}, total, label)
    from tqdm import tqdm

    bar = tqdm(total=total, desc=label, file=sys.stderr, unit_scale=True)

    def advance(n: int) -> None:
        bar.update(n)

    return advance


def _plain_progress(state: dict[str, int], total: int, label: str, n: int) -> None:
    state["done"] += n
    tenth = 10 * state["done"] // max(total, 1)
    if tenth > state["said"]:
        state["said"] = tenth
        say(f"{label}: {min(10 * tenth, 100)} %")

"""`cityindex seed`: the facts to start with, and a demo that can be taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cityindex.cli.output import application, emit, json_option, wants_json
from cityindex.errors import Invalid

if TYPE_CHECKING:
    from cityindex.app import Application


@click.command()
@click.option(
    "--demo", is_flag=True, help="Also add fictional municipalities with generated figures, and publish them."
)
@click.option("--remove-demo", is_flag=True, help="Take the demo away, whole.")
@json_option
def seed(demo: bool, remove_demo: bool, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Load provinces, districts and learning cities; what is there already stays as it is."""
    if demo and remove_demo:
        raise Invalid("--demo and --remove-demo exclude each other: give one")
    _report(_steps(application(), demo, remove_demo))


def _steps(app: Application, demo: bool, remove_demo: bool) -> Iterator[str]:
    """Do what was asked for; one line in words for each step."""
    if remove_demo:
        yield app.demo.remove()
        return
    if demo:
        app.demo.require_allowed(app.settings.production)
    yield str(app.seeding.seed())
    if demo:
        yield from app.demo.add()
        yield "accounts to sign in with, in development only (role, e-mail, password):"
        yield from map(str, app.demo.accounts_to_try)


def _report(lines: Iterator[str]) -> None:
    done = []
    for line in lines:
        done.append(line)
        if not wants_json():
            click.echo(line)
    if wants_json():
        emit({"done": done}, "")

"""`cityindex knowledge`: looking after the knowledge bank."""

from __future__ import annotations

import click

from cityindex.cli.output import application, emit, json_option


@click.group()
def knowledge() -> None:
    """Look after the knowledge bank."""


@knowledge.command()
@json_option
def index(as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Make what the search reads anew, for instance after names of indicators or the list of Thai words changed."""
    shown = application().knowledge.index()
    emit({"shown": shown}, f"{shown:,} items can be found")

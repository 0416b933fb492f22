"""`cityindex audit …`: is the trail of exchange whole?"""

from __future__ import annotations

import click

from cityindex.cli.output import application, emit, json_option


@click.group()
def audit() -> None:
    """Look after the trail of what was exchanged under agreements."""


@audit.command()
@json_option
def verify(as_json: bool) -> None:  # noqa: ARG001
    """Compute every hash of the trail again, and compare it with what signed manifests and receipts say of it.

    Exit 0 where all fits, 5 with every place that does not.
    """
    found = application().exchange_trail.verify()
    said = (
        f"{found.entries} entries hold together, and {found.anchors} signed papers agree; the last hash is {found.hash}"
    )
    emit({"ok": True, "entries": found.entries, "anchors": found.anchors, "hash": found.hash}, said)

"""`cityindex client …`: access for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from cityindex.cli.output import application, emit, json_option, say

OPERATOR = "operator"


@click.group()
def client() -> None:
    """Give programs keys, list them, and end them."""


@client.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="What its key opens: DATASET:ACTION or DATASET:ACTION@CODE, e.g. assessments:follow@50. May be repeated.",
)
@click.option("--organisation", default="", help="Whose program it is; default: NAME.")
@click.option("--purpose", default="made by the operator", help="What it reads for.")
@click.option("--days", type=click.IntRange(1, 730), default=365, show_default=True, help="How long the key lasts.")
@click.option("--rate", type=click.IntRange(1, 60_000), default=3000, show_default=True, help="Requests a minute.")
@json_option
def add(name: str, scopes: tuple[str, ...], days: int, rate: int, **more: Any) -> None:
    """Make a client NAME and print its key: it is shown this once."""
    from cityindex.services.exchange.clients import Wish
    from cityindex.services.exchange.scopes import read_scopes

    wish = Wish(name, more["organisation"] or name, more["purpose"], read_scopes(scopes))
    made = application().clients.add(wish, OPERATOR, rate, timedelta(days=days))
    say(f"client {made.client} has a key until {made.expires:%Y-%m-%d}; it is shown this once:")
    result = {"client": made.client, "key": made.id, "secret": made.secret, "expires": made.expires.isoformat()}
    emit(result, made.secret)


@client.command("list")
@json_option
def list_(as_json: bool) -> None:  # noqa: ARG001
    """List the clients, with their keys in force."""
    from cityindex.models import now
    from cityindex.queries.accounts.clients import clients

    with application().sessions() as session:
        found = clients(session)
    at = now()
    rows: list[dict[str, Any]] = [
        {
            "client": one.id,
            "name": one.name,
            "state": one.state,
            "scopes": list(one.scopes),
            "keys": [{"key": key.id, "start": key.start} for key in one.keys if key.in_force(at)],
        }
        for one in found
    ]
    lines = [f"{row['client']}\t{row['name']}\t{row['state']}\t{_keys(row['keys'])}" for row in rows]
    emit({"clients": rows}, "\n".join(lines) or "there is no client yet")


@client.command()
@click.argument("key", type=click.IntRange(min=1))
@json_option
def revoke(key: int, as_json: bool) -> None:  # noqa: ARG001
    """End a KEY (its number) now."""
    application().clients.revoke(key, OPERATOR)
    emit({"key": key, "revoked": True}, f"key {key} opens nothing any more")


@client.command()
@click.argument("number", type=click.IntRange(min=1), metavar="CLIENT")
@json_option
def close(number: int, as_json: bool) -> None:  # noqa: ARG001
    """End the access of a CLIENT (its number), with all its keys."""
    application().clients.close(number, OPERATOR)
    emit({"client": number, "closed": True}, f"client {number} has no access any more")


@client.command()
@json_option
def sandbox(as_json: bool) -> None:  # noqa: ARG001
    """Make the invented data that everybody's key `ci_sandbox` reads (CITYINDEX_SANDBOX_URL)."""
    inner = application().sandbox
    inner.upkeep.upgrade()
    inner.seeding.seed()
    for line in inner.demo.add():
        say(str(line))
    emit({"database": inner.settings.database_url}, "the sandbox is ready: its key is ci_sandbox")


def _keys(keys: list[dict[str, Any]]) -> str:
    return ", ".join(f"{key['key']} ({key['start']}…)" for key in keys)

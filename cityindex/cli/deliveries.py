"""`cityindex delivery …`: what goes to partners and comes from them, under agreements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import application, emit, json_option, say

if TYPE_CHECKING:
    from cityindex.services.exchange.deliveries import Outcome

OPERATOR = "operator"
agreement_argument = click.argument("agreement")
number_argument = click.argument("number", type=click.IntRange(min=1), metavar="DELIVERY")


@click.group()
def delivery() -> None:
    """Build, preview, send and receive what agreements (indicators/agreements/) say."""


@delivery.command()
@agreement_argument
@click.option("--whole", is_flag=True, help="Everything that the agreement covers, changed or not.")
@json_option
def build(agreement: str, whole: bool, as_json: bool) -> None:  # noqa: ARG001
    """Put what changed since the last accepted delivery into a signed package."""
    made = application().deliveries.build(agreement, OPERATOR, whole=whole)
    said = "nothing changed since the last accepted delivery" if made is None else f"delivery {made} waits to be sent"
    emit({"agreement": agreement, "delivery": made}, said)


@delivery.command()
@agreement_argument
@json_option
def preview(agreement: str, as_json: bool) -> None:  # noqa: ARG001
    """Show what would be sent, and how it differs from what the partner has. Nothing is stored."""
    from cityindex.services.exchange.delivery_preview import preview as look

    app = application()
    found = look(app.sessions, app.catalogue, agreement)
    parts = [{name: getattr(one, name) for name in ("indicator", "period", "new", "corrected")} for one in found.parts]
    head = f"{agreement}: {found.rows} values of {found.places} places would be sent"
    lines = [f"  {one['indicator']} {one['period']}: {one['new']} new, {one['corrected']} corrected" for one in parts]
    if found.waiting:
        lines.append(f"  delivery {found.waiting} waits and goes first")
    result = {"agreement": agreement, "rows": found.rows, "places": found.places, "parts": parts}
    emit({**result, "waiting": found.waiting}, "\n".join([head, *lines]))


@delivery.command()
@click.argument("agreement", required=False)
@click.option("--now", "at_once", is_flag=True, help="Do not wait for the time of the next try.")
@json_option
def send(agreement: str | None, at_once: bool, as_json: bool) -> None:  # noqa: ARG001
    """Push what waits to the partners; with AGREEMENT, build it first."""
    app = application()
    if agreement is not None:
        app.deliveries.build(agreement, OPERATOR)
    outcomes = app.deliveries.send(OPERATOR, agreement, at_once=at_once)
    rows = [_outcome(one) for one in outcomes]
    lines = [f"{row['agreement']} {row['sequence']}: {row['state']} {row['error']}".strip() for row in rows]
    emit({"sent": rows}, "\n".join(lines) or "nothing waits to be sent now")


@delivery.command()
@agreement_argument
@json_option
def fetch(agreement: str, as_json: bool) -> None:  # noqa: ARG001
    """Fetch, apply and receipt what waits at the partner (of an agreement with `transport: fetch`)."""
    count = application().fetching.fetch(agreement)
    emit({"agreement": agreement, "fetched": count}, f"{count} deliveries fetched")


@delivery.command("list")
@json_option
def list_(as_json: bool) -> None:  # noqa: ARG001
    """List the newest deliveries, sent and received."""
    from cityindex.queries.exchange.deliveries import deliveries

    names = ("id", "agreement", "direction", "sequence", "state", "rows", "accepted", "rejected", "tries", "error")
    with application().sessions() as session:
        found: list[Mapping[str, Any]] = [{name: getattr(one, name) for name in names} for one in deliveries(session)]
    lines = ["\t".join(str(row[name]) for name in names if row[name] not in (None, "")) for row in found]
    emit({"deliveries": found}, "\n".join(lines) or "there is no delivery yet")


@delivery.command()
@number_argument
@json_option
def replay(number: int, as_json: bool) -> None:  # noqa: ARG001
    """Send a delivery again, byte by byte the same; a partner who applied it applies nothing twice."""
    app = application()
    app.deliveries.replay(number, OPERATOR)
    outcomes = [one for one in app.deliveries.send(OPERATOR, at_once=True) if one.delivery == number]
    rows = [_outcome(one) for one in outcomes]
    emit({"sent": rows}, "\n".join(f"{row['state']} {row['error']}".strip() for row in rows))


@delivery.command()
@number_argument
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False, writable=True), metavar="FILE")
@json_option
def save(number: int, target: Path, as_json: bool) -> None:  # noqa: ARG001
    """Write a delivery to FILE, for a partner whom no network reaches."""
    name, content = application().deliveries.package(number)
    target.write_bytes(content)
    emit({"delivery": number, "name": name, "bytes": len(content)}, f"{target}: {len(content)} bytes")


@delivery.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def receive(file: Path, as_json: bool) -> None:  # noqa: ARG001
    """Take a delivery from FILE, as if it had come over the network, and print the signed receipt."""
    from cityindex.services.exchange.receiving import Sender

    app = application()
    sender = Sender(OPERATOR, frozenset(app.catalogue.agreements))
    with file.open("rb") as stream:
        receipt = app.receiving.receive(stream, sender)
    if receipt.again:
        say("it was applied before: this is the receipt of that time")
    emit({"receipt": receipt.signed, "again": receipt.again}, receipt.signed)


@delivery.command()
@number_argument
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def accept(number: int, file: Path, as_json: bool) -> None:  # noqa: ARG001
    """Store the receipt in FILE of a delivery that was carried as a file."""
    outcome = application().deliveries.accept(number, file.read_text(encoding="ascii").strip(), OPERATOR)
    emit(_outcome(outcome), f"{outcome.agreement} {outcome.sequence}: {outcome.state}")


@delivery.command("rotate-key")
@json_option
def rotate_key(as_json: bool) -> None:  # noqa: ARG001
    """Sign with a new key from now on. The one before stays published, so that its signatures can be checked."""
    kid = application().signing.rotate()
    emit({"kid": kid}, f"the key {kid} signs from now on")


def _outcome(one: Outcome) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("delivery", "agreement", "sequence", "state", "error")}

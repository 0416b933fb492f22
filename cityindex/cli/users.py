"""`cityindex user`: who may sign in. The first administrator is made here; later ones may be, too."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import application, emit, json_option, say
from cityindex.cli.runs import OPERATOR

if TYPE_CHECKING:
    from cityindex.queries.accounts.accounts import AccountRecord, Grant
    from cityindex.services.accounts.invitations import HandedLink
    from cityindex.services.accounts.links import Link

email_argument = click.argument("email")


@click.group()
def user() -> None:
    """Add, list and close the accounts of people, and let them choose a new password."""


@user.command()
@email_argument
@click.option(
    "--role",
    required=True,
    help="editor, approver, advisor, reviewer, programme-officer, methodologist, province-administrator, "
    "administrator.",
)
@click.option("--place", metavar="CODE", help="The place or province that the role is held for.")
@click.option("--name", default="", help="Name of the person.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, instead of a link.")
@json_option
def add(email: str, role: str, password_stdin: bool, **more: Any) -> None:
    """Give EMAIL a role, and an account if there is none yet.

    Prints a link that works once, for seven days: whoever opens it chooses the password.
    """
    from cityindex.services.accounts.accounts import NewAccount

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    new = NewAccount(email, role, more["place"], more["name"], password)
    done = application().accounts.add(new, OPERATOR)
    said = f"{done.email} {'has an account now, as' if done.fresh else 'is now also'} {role}"
    result = {"account": done.account, "email": done.email, "role": role, "place": new.place, "fresh": done.fresh}
    _hand_over(result, said, done.link)


@user.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option(
    "--links", type=click.Path(path_type=Path), help="Write one-time links to this XLSX file, in place of letters."
)
@json_option
def invite(file: Path, dry_run: bool, links: Path | None, as_json: bool) -> None:  # noqa: ARG001
    """Invite the people of FILE (XLSX or CSV): e-mail, name, role, place code. Thai headings are fine.

    Each is written a letter with a link that works once. Without CITYINDEX_MAIL_URL letters wait; use --links.
    """
    from cityindex.cli.imports import reporting
    from cityindex.formats.invitations import read_invitations
    from cityindex.services.accounts.invitation_rules import Inviter

    invitations, inviter = application().invitations, Inviter(OPERATOR, None)
    with reporting(file):
        rows = read_invitations(file)
        planned = invitations.check(rows, inviter)
        done = None if dry_run else invitations.invite(rows, inviter)
    already = sum(one.already for one in planned)
    result = {"file": str(file), "dry_run": dry_run, "roles": len(planned) - already, "already": already}
    if done is None:
        emit(result, f"{len(planned) - already} roles would be given, {already} are held already; nothing was changed")
        return
    if links is not None:
        links.write_bytes(_link_file(invitations.links(done.fresh, inviter)))
    elif application().settings.mail_url is None and done.fresh:
        say("no mail is set: letters wait on the page of letters; --links writes the links to a file")
    result |= {"accounts": list(done.accounts), "links": str(links) if links else None}
    emit(result, f"{len(done.accounts)} people invited, {len(done.fresh)} of them have to choose a password")


@user.command("list")
@json_option
def list_(as_json: bool) -> None:  # noqa: ARG001
    """List the accounts, with the roles in force."""
    from cityindex.queries.accounts.accounts import accounts

    with application().sessions() as session:
        found = accounts(session)
    lines = [f"{one.email}\t{_state(one)}\t{', '.join(map(_grant, one.grants))}" for one in found]
    emit({"accounts": [_json(one) for one in found]}, "\n".join(lines) or "there is no account yet")


@user.command()
@email_argument
@json_option
def reset(email: str, as_json: bool) -> None:  # noqa: ARG001
    """Forget the password of EMAIL and sign it out everywhere. Prints a link for a new password."""
    link = application().accounts.reset(email, OPERATOR)
    _hand_over({"email": email}, f"the password of {email} is forgotten", link)


@user.command()
@email_argument
@json_option
def close(email: str, as_json: bool) -> None:  # noqa: ARG001
    """Close the account of EMAIL and end its roles. What was done under it stays."""
    application().accounts.close(email, OPERATOR)
    emit({"email": email, "closed": True}, f"the account of {email} is closed")


def _hand_over(result: dict[str, Any], said: str, link: Link | None) -> None:
    """The link is the result and goes to standard output; what it is goes to the person who waits."""
    if link is None:
        emit({**result, "link": None}, said)
        return
    url = _address(link.token)
    say(f"{said}; this link lets the password be chosen, once, until {link.expires:%Y-%m-%d %H:%M} UTC:")
    emit({**result, "link": url, "expires": link.expires.isoformat()}, url)


def _link_file(handed: Sequence[HandedLink]) -> bytes:
    from cityindex.formats.invitations import links

    rows = [
        (one.email, one.name, ", ".join(one.roles), _address(one.token), f"{one.expires:%Y-%m-%d}") for one in handed
    ]
    return links("th", rows)


def _address(token: str) -> str:
    return f"{application().address}/th/account/welcome/{token}"


def _state(one: AccountRecord) -> str:
    if one.closed_at:
        return f"closed {one.closed_at:%Y-%m-%d}"
    return "open" if one.has_password else "no password yet"


def _grant(grant: Grant) -> str:
    return f"{grant.role} of {grant.place}" if grant.place else grant.role


def _json(one: AccountRecord) -> dict[str, Any]:
    roles = [{"role": grant.role, "place": grant.place} for grant in one.grants]
    return {"account": one.id, "email": one.email, "name": one.name, "state": _state(one), "roles": roles}

"""People and their roles: inviting by a list, ending roles, handing over, letters. Each sees his own reach only."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from cityindex.formats import invitations as files
from cityindex.formats.invitations import Invitee
from cityindex.formats.problems import write_report
from cityindex.queries.accounts import people as queries
from cityindex.queries.accounts.reach import Reach
from cityindex.queries.places.places import find_place
from cityindex.services.accounts.handover import HANDED
from cityindex.services.accounts.invitation_rules import Inviter
from cityindex.services.accounts.roles import Permission, gives, roles_given
from cityindex.web.addresses import absolute
from cityindex.web.arrival import UNFIT
from cityindex.web.assessments.deeds import role_name
from cityindex.web.assessments.invitation_words import said
from cityindex.web.filters import show_date
from cityindex.web.forms import given
from cityindex.web.language import language
from cityindex.web.links import page_links
from cityindex.web.operations import tabs
from cityindex.web.pages.mine import hand_over_page, handed_over
from cityindex.web.permissions import at_place, needs, reach
from cityindex.web.query import checked
from cityindex.web.reader import me
from cityindex.web.session import application, database
from cityindex.web.uploads import takes

people = Blueprint("people", __name__)
PAGE = 50
LARGEST_MB = 2
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
INVITE = at_place(Permission.INVITE)


class Wanted(Schema):
    """Which part of the list is shown."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=100_000))
    q = fields.String(load_default="", validate=validate.Length(max=100))
    waiting = fields.Boolean(load_default=False)


@people.get("/admin/people")
@needs(INVITE)
def index() -> str:
    wanted = checked(Wanted(), request.args)
    chosen = queries.Wanted(wanted["q"], wanted["waiting"])
    found, total = queries.holders(database(), _reaches(), chosen, PAGE, PAGE * (wanted["page"] - 1))
    return render_template(
        "pages/admin/people.html",
        tabs=tabs(),
        found=found,
        total=total,
        wanted=wanted,
        pages=max(-(-total // PAGE), 1),
        page_link=page_links(wanted),
        mails=application().settings.mail_url is not None,
    )


@people.route("/admin/invitations", methods=["GET", "POST"])
@needs(INVITE)
@takes(lambda _settings: LARGEST_MB)
def invitations() -> ResponseReturnValue:
    """The list as a file first, then, seen and confirmed, as the rows that were read from it."""
    inviter = _inviter()
    if request.method == "GET":
        return _invitations()
    try:
        if "rows" in request.form:
            return _invited(_confirmed(), inviter)
        rows = _uploaded()
        planned = application().invitations.check(rows, inviter)
    except Invalid as error:
        problems = list(error.problems) or [Problem("the file cannot be read as a table", "take the template")]
        return _invitations(problems=problems, report=_report(problems)), UNFIT
    packed = json.dumps([[row.row, row.email, row.name, row.role, row.place] for row in rows], ensure_ascii=False)
    return _invitations(planned=planned, rows=packed)


@people.get("/admin/invitations/template.xlsx")
@needs(INVITE)
def template() -> Response:
    given_here = roles_given(_inviter().held or ())
    return _xlsx(files.template(language(), [(role_name(role), role) for role in given_here]), "invitations.xlsx")


@people.post("/admin/invitations/links.xlsx")
@needs(INVITE)
def links() -> Response:
    """New one-time links of those who have not come yet: of the accounts named, or of all within reach."""
    inviter = _inviter()
    chosen = [int(number) for number in request.form.getlist("account") if number.isdecimal()]
    if not chosen:
        found, _ = queries.holders(database(), _reaches(), queries.Wanted(waiting=True))
        chosen = list(dict.fromkeys(one.account for one in found))
    rows = [
        (
            link.email,
            link.name,
            ", ".join(role_name(role) for role in link.roles),
            absolute(url_for("account.welcome", token=link.token, language="th")),
            show_date(link.expires),
        )
        for link in application().invitations.links(chosen, inviter)
    ]
    return _xlsx(files.links(language(), rows), "links.xlsx")


@people.post("/admin/people/<int:account>/letter")
@needs(INVITE)
def letter(account: int) -> ResponseReturnValue:
    try:
        application().invitations.send_again(account, _inviter())
        flash(gettext("The letter is written again. The link in the one before it stops working when it is sent."))
    except Conflict:
        flash(gettext("A letter to this person was written just now."))
    return redirect(url_for("people.index"), 303)


@people.post("/admin/people/grants/<int:grant>/end")
@needs(INVITE)
def end(grant: int) -> ResponseReturnValue:
    try:
        application().invitations.end_role(grant, _inviter())
        flash(gettext("The role is ended. What was done in it stays."))
    except Forbidden:
        flash(gettext("You cannot end your own role of administrator: ask another administrator."))
    return redirect(url_for("people.index"), 303)


@people.route("/admin/people/<int:account>/hand-over/<place>", methods=["GET", "POST"])
@needs(INVITE)
def hand_over(account: int, place: str) -> ResponseReturnValue:
    inviter, found = _inviter(), find_place(database(), place).place
    held, _ = queries.holders(database(), _reaches(), queries.Wanted(account=account))
    roles = [one for one in held if one.place_id == found.id and one.role in HANDED]
    if not roles:
        raise NotFound(f"account {account} holds nothing at place {found.id} that could be handed over")
    error = handed_over(account, found, inviter) if request.method == "POST" else ""
    if request.method == "POST" and not error:
        return redirect(url_for("people.index"), 303)
    page = hand_over_page(found, [one.role for one in roles], error, of=roles[0].name or roles[0].email)
    return page, UNFIT if error else 200


@people.get("/admin/letters")
@needs(Permission.SEE_ACCOUNTS)
def letters() -> str:
    wanted = checked(Wanted(), request.args)
    found, total = queries.letter_rows(database(), PAGE, PAGE * (wanted["page"] - 1))
    return render_template(
        "pages/admin/letters.html",
        tabs=tabs(),
        found=found,
        wanted=wanted,
        pages=max(-(-total // PAGE), 1),
        page_link=page_links(wanted),
        mails=application().settings.mail_url is not None,
    )


@people.post("/admin/letters/<int:number>")
@needs(Permission.SEE_ACCOUNTS)
def take_out(number: int) -> str:
    """The words of a letter that waits, to hand over in another way; it is not sent any more."""
    message = application().letters.hand_out(number, me().actor)
    return render_template("pages/admin/letter.html", tabs=tabs(), message=message)


def _inviter() -> Inviter:
    reach(Permission.INVITE)  # each deed below is bound to what this person may give, and where
    return Inviter(me().actor, tuple(me().held))


def _reaches() -> dict[str, Reach]:
    held = me().held
    reach(Permission.INVITE)
    return {role: gives(held, role) for role in roles_given(held)}


def _invitations(**more: object) -> str:
    shown = {"planned": None, "rows": "", "problems": [], "report": "", **more}
    roles = [(role, role_name(role)) for role in roles_given(me().held)]
    mails = application().settings.mail_url is not None
    return render_template("pages/admin/invitations.html", tabs=tabs(), roles=roles, said=said, mails=mails, **shown)


def _invited(rows: Sequence[Invitee], inviter: Inviter) -> str:
    done = application().invitations.invite(rows, inviter)
    return render_template(
        "pages/admin/invited.html", tabs=tabs(), done=done, mails=application().settings.mail_url is not None
    )


def _uploaded() -> list[Invitee]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("no file was chosen", [Problem("no file was chosen", "choose an XLSX or CSV file")])
    data = file.stream.read()
    if len(data) > LARGEST_MB * 1_000_000:
        raise Invalid("too large", [Problem("the file is larger than 2 MB", "send it in parts")])
    suffix = ".csv" if file.filename.lower().endswith(".csv") else ".xlsx"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix}"
        path.write_bytes(data)
        return files.read_invitations(path)


def _confirmed() -> list[Invitee]:
    """The rows that the page carried. They are checked again like any others."""
    try:
        return [Invitee(int(row), *map(str, cells)) for row, *cells in json.loads(given("rows"))]
    except (ValueError, TypeError):
        raise Invalid("the list cannot be read: choose the file again") from None


def _report(problems: Sequence[Problem]) -> str:
    """The problems as CSV, in a link that asks the server for nothing."""
    told = [replace(one, reason=said(one.reason), cure=said(one.cure)) for one in problems]
    with tempfile.TemporaryDirectory() as folder:
        return "data:text/csv;charset=utf-8," + quote(write_report(Path(folder) / "problems.csv", told).read_bytes())


def _xlsx(data: bytes, name: str) -> Response:
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})

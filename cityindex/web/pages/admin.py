"""Operations: runs and their publication, what was brought in, the trail of deeds, accounts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import Conflict, NotFound
from cityindex.queries.accounts import administration as queries
from cityindex.queries.accounts.accounts import account_rows, actor_names
from cityindex.services.accounts.roles import Permission
from cityindex.web.assessments.deeds import deed_name
from cityindex.web.assessments.trail_words import detail
from cityindex.web.forms import given
from cityindex.web.links import page_links
from cityindex.web.operations import tabs
from cityindex.web.permissions import may, needs
from cityindex.web.query import checked
from cityindex.web.reader import reader
from cityindex.web.releases.words import title
from cityindex.web.session import application, database

admin = Blueprint("admin", __name__)
PAGE = 50


class Wanted(Schema):
    """Which part of a list is shown."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=100_000))
    action = fields.String(load_default="", validate=validate.Length(max=64))
    q = fields.String(load_default="", validate=validate.Length(max=100))


@admin.get("/admin/")
def index() -> str:
    wanted = checked(Wanted(), request.args)
    found = queries.run_rows(database(), PAGE, PAGE * (wanted["page"] - 1))
    return _list("runs", found, wanted, by=(run.by for run in found.items), may_publish=may(Permission.PUBLISH))


@admin.get("/admin/runs/<int:run>")
def one_run(run: int) -> str:
    found = _run(run)
    return render_template(
        "pages/admin/run.html",
        run=found,
        title=title(found.framework, found.period),
        names=actor_names(database(), [found.by]),
        may_publish=may(Permission.PUBLISH),
    )


@admin.get("/admin/recordings")
def recordings() -> str:
    wanted = checked(Wanted(), request.args)
    found = queries.recordings(database(), PAGE, PAGE * (wanted["page"] - 1))
    return _list("recordings", found, wanted, by=(one.by for one in found.items))


@admin.get("/admin/trail")
def trail() -> str:
    wanted, session = checked(Wanted(), request.args), database()
    chosen = {"action": wanted["action"], "words": wanted["q"]}
    found = queries.trail(session, PAGE, PAGE * (wanted["page"] - 1), **chosen)
    people = [name for one in found.items for name in (one.actor, one.subject)]
    kinds = [(one, deed_name(one)) for one in queries.actions(session)]
    return _list(
        "trail", found, wanted, by=people, kinds=kinds, details=[detail(one.detail or "") for one in found.items]
    )


@admin.get("/admin/accounts")
@needs(Permission.SEE_ACCOUNTS)
def accounts() -> str:
    wanted = checked(Wanted(), request.args)
    some, total = account_rows(database(), wanted["q"], PAGE, PAGE * (wanted["page"] - 1))
    return _list("accounts", queries.Page(tuple(some), total), wanted, by=())


@admin.route("/admin/editions/<framework>/<int:period>/rollback", methods=["GET", "POST"])
@needs(Permission.PUBLISH)
def rollback(framework: str, period: int) -> ResponseReturnValue:
    standing = application().publishing.standing(framework, period)
    if not standing:
        raise NotFound(f"no edition of {framework} {period} is published")
    after = standing[-2] if len(standing) > 1 else None
    if request.method == "GET":
        return _confirm(framework, period, standing[-1], after)
    _require_shown(standing[-1])
    application().publishing.rollback(framework, period, _by(), undoing=standing[-1])
    said = (
        gettext("Run %(run)s is public again.", run=after) if after else gettext("It was withdrawn: nothing is public.")
    )
    return _done(said)


def _confirm(framework: str, period: int, before: int, after: int | None) -> str:
    """What readers would see change, and the button that does it."""
    session = database()
    return render_template(
        "pages/admin/confirm.html",
        title=title(framework, period),
        before=_run(before),
        after=_run(after) if after else None,
        changes=queries.rank_changes(session, before, after),
    )


def _require_shown(before: int) -> None:
    """Somebody else may have published in the meantime: then what was shown is no longer what would happen."""
    if given("before") != str(before):
        raise Conflict("another edition is in force than the one that was shown")


def _done(said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("admin.index"), 303)


def _list(name: str, found: queries.Page[Any], wanted: dict[str, Any], by: Iterable[str], **more: Any) -> str:
    return render_template(
        f"pages/admin/{name}.html",
        tabs=tabs(),
        found=found,
        wanted=wanted,
        pages=max(-(-found.total // PAGE), 1),
        page_link=page_links(wanted),
        names=actor_names(database(), by),
        framework_title=title,
        **more,
    )


def _run(run: int) -> queries.RunRow:
    found = queries.run_rows(database(), 1, run=run).items
    if not found:
        raise NotFound(f"there is no run {run}")
    return found[0]


def _by() -> str:
    found = reader()
    return found.account.actor if found else ""

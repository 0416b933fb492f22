"""Approving releases: one run or several at once, now or at a moment; and what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from cityindex.errors import Invalid, NotFound
from cityindex.queries.accounts import administration
from cityindex.queries.accounts.accounts import actor_names
from cityindex.queries.runs.editions import run_record
from cityindex.queries.runs.releases import plans
from cityindex.services.runs.publication import Published
from cityindex.web.filters import show_date, show_time
from cityindex.web.forms import given
from cityindex.web.operations import tabs
from cityindex.web.reader import me
from cityindex.web.releases import form as release_form
from cityindex.web.releases.words import title
from cityindex.web.session import application, database

releasing = Blueprint("releasing", __name__)
MOST = 40
UNFIT = 422
OUTCOMES = {
    "published": lazy_gettext("published"),
    "cancelled": lazy_gettext("cancelled"),
    "refused": lazy_gettext("could not be published"),
}


@releasing.get("/admin/releases")
def index() -> str:
    found = plans(database())
    return render_template(
        "pages/admin/releases.html",
        tabs=tabs(),
        waiting=[one for one in found if one.outcome is None],
        ended=[one for one in found if one.outcome is not None],
        names=actor_names(database(), (one.planned_by for one in found)),
        title_of=title,
        outcomes=OUTCOMES,
    )


@releasing.route("/admin/runs/<int:run>/publish", methods=["GET", "POST"])
def publish(run: int) -> ResponseReturnValue:
    return _approve([run])


@releasing.route("/admin/releases/new", methods=["GET", "POST"])
def several() -> ResponseReturnValue:
    """The runs that the address names: `run=7&run=9`."""
    runs = release_form.chosen_runs()
    if not runs:
        flash(gettext("Choose the runs first that are to be published."))
        return redirect(url_for("admin.index"), 303)
    if len(runs) > MOST:
        raise Invalid(f"at most {MOST} runs are published at once: choose fewer")
    return _approve(runs)


@releasing.post("/admin/releases/<int:plan>/cancel")
def cancel(plan: int) -> ResponseReturnValue:
    application().releases.cancel(plan, me().actor)
    flash(gettext("It is cancelled: nothing comes out at that moment."))
    return redirect(url_for("releasing.index"), 303)


def _approve(runs: Sequence[int]) -> ResponseReturnValue:
    items = [_item(run) for run in runs]
    if request.method == "GET":
        return _form(items, {})
    release_form.require_shown(items)
    wrong = release_form.wrong_in(items)
    if wrong:
        return _form(items, wrong), UNFIT
    chosen = release_form.approved(items)
    at = release_form.moment()
    if at is None:
        return _published(application().releases.publish(chosen, me().actor))
    announced = bool(given("announced"))
    application().releases.plan(chosen, at, me().actor, announced=announced)
    return _planned(at)


def _published(done: Sequence[Published]) -> ResponseReturnValue:
    for one in done:
        flash(gettext("Run %(run)s is public now.", run=one.run))
    return redirect(url_for("admin.index"), 303)


def _planned(at: datetime) -> ResponseReturnValue:
    flash(gettext("Planned for %(day)s at %(time)s (Thai time).", day=show_date(at), time=show_time(at)))
    return redirect(url_for("releasing.index"), 303)


def _item(run: int) -> release_form.Item:
    found = _run(run)
    standing = application().publishing.standing(found.framework, found.period)
    before = _run(standing[-1]) if standing else None
    note = run_record(database(), standing[-1] if standing else run).note
    return release_form.item(found, title(found.framework, found.period), before, note)


def _form(items: Sequence[release_form.Item], wrong: dict[str, str]) -> str:
    return render_template("pages/admin/publish.html", items=items, wrong=wrong)


def _run(run: int) -> administration.RunRow:
    found = administration.run_rows(database(), 1, run=run).items
    if not found:
        raise NotFound(f"there is no run {run}")
    return found[0]

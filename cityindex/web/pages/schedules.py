"""Jobs by the clock: when each runs next, how it ended last, and why it failed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from cityindex.web.filters import translated
from cityindex.web.operations import tabs
from cityindex.web.releases.exchange_status import JOBS as OF_AGREEMENTS
from cityindex.web.session import application

schedules = Blueprint("schedules", __name__)
JOBS = {
    "publish": lazy_gettext("publish what is planned"),
    "send-letters": lazy_gettext("send letters"),
    "scan-evidence": lazy_gettext("scan evidence that waits"),
    "forget-tries": lazy_gettext("forget counted tries that count no more"),
    "conclude-consultations": lazy_gettext("conclude consultations that are over"),
    "remind": lazy_gettext("write reminders"),
    "forget": lazy_gettext("forget old files and sign-in tries"),
    "tell-readers": lazy_gettext("send answers to readers who reported a mistake"),
    "forget-reports": lazy_gettext("forget old words and addresses of readers"),
    "retry-deliveries": lazy_gettext("send deliveries again that failed"),
    "forget-people": lazy_gettext("forget closed accounts and old letters"),
}
OUTCOMES = {
    None: lazy_gettext("running"),
    "done": lazy_gettext("done"),
    "failed": lazy_gettext("failed"),
    "interrupted": lazy_gettext("interrupted"),
}


@schedules.get("/admin/schedules")
def index() -> str:
    states = application().schedules.states()
    return render_template("pages/admin/schedules.html", tabs=tabs(), states=states, jobs=_names(), outcomes=OUTCOMES)


def _names() -> dict[str, object]:
    """What jobs are called, those of agreements and mappings by the names of these."""
    known = application().catalogue
    named = {f"{job}{one.code}": translated(one.name) for one in known.agreements.values() for job in OF_AGREEMENTS}
    return {**JOBS, **named, **{f"pull-{one.code}": translated(one.name) for one in known.mappings.values()}}

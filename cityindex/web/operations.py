"""The tabs of the pages of operations: those that whoever reads may open."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import lazy_gettext

from cityindex.services.accounts.roles import Permission
from cityindex.web.permissions import at_place, holds

INVITE = at_place(Permission.INVITE)
PAGES = (
    ("admin.index", lazy_gettext("Runs"), Permission.SEE_RECORDS),
    ("releasing.index", lazy_gettext("Planned releases"), Permission.PUBLISH),
    ("previewing.index", lazy_gettext("Previews"), Permission.PUBLISH),
    ("answering_mistakes.index", lazy_gettext("Reported mistakes"), Permission.PUBLISH),
    ("admin.recordings", lazy_gettext("Recordings"), Permission.SEE_RECORDS),
    ("admin.trail", lazy_gettext("Audit trail"), Permission.SEE_RECORDS),
    ("exchange.index", lazy_gettext("Exchange"), Permission.SEE_RECORDS),
    ("schedules.index", lazy_gettext("Schedules"), Permission.SEE_RECORDS),
    ("people.index", lazy_gettext("Roles"), INVITE),
    ("people.invitations", lazy_gettext("Invitations"), INVITE),
    ("people.letters", lazy_gettext("Letters"), Permission.SEE_ACCOUNTS),
    ("admin.accounts", lazy_gettext("Accounts"), Permission.SEE_ACCOUNTS),
    ("admin_keys.clients", lazy_gettext("Access for programs"), Permission.GRANT_ACCESS),
)


def tabs() -> list[tuple[str, str, bool]]:
    """(words, address, whether it is this page)."""
    mine = [(str(words), endpoint) for endpoint, words, need in PAGES if holds(need)]
    return [(words, url_for(endpoint), endpoint == request.endpoint) for words, endpoint in mine]

"""Proposals and sandboxes that a place writes itself: drafts, review, publication. Signed in, never cached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from cityindex.queries.knowledge.written import TABLES, WrittenRecord, WrittenVersion, all_written
from cityindex.services.accounts.roles import Permission
from cityindex.services.knowledge.proposed import WRITTEN_KINDS, Proposed, statuses
from cityindex.services.knowledge.proposing import Proposing
from cityindex.web.forms import given
from cityindex.web.knowledge import words
from cityindex.web.pages.desk import Desk
from cityindex.web.session import application

LINES = tuple(one.name for one in fields(Proposed) if one.name != "theme")


class _Proposing(Desk[WrittenRecord, Proposed]):
    name, tables, saying = "proposing", TABLES, Proposed
    write, decide = Permission.PROPOSE, Permission.REVIEW_PROPOSALS
    begun = lazy_gettext("The draft is saved. Read it once more, then hand it in.")
    accepted = lazy_gettext("Accepted. It stands in the register now, as written by its place.")

    def service(self) -> Proposing:
        return application().proposing

    def read(self, session: Session, ids: Sequence[int]) -> list[WrittenRecord]:
        return all_written(session, ids)

    def said(self) -> Proposed:
        plain: dict[str, Any] = {name: given(name) for name in LINES}
        return Proposed(**plain, theme=tuple(request.form.getlist("theme")))

    def said_of(self, version: WrittenVersion) -> Proposed:
        plain: dict[str, Any] = {name: getattr(version, name) or "" for name in LINES}
        plain["since"] = words.date_as_written(version.since, version.precision)
        plain["until"] = words.date_as_written(version.until, version.until_precision)
        return Proposed(**plain, theme=tuple(version.themes.split()))

    def choices(self, record: WrittenRecord | None) -> Mapping[str, Any]:
        return {
            "kinds": [(code, words.label("proposal-kind", code)) for code in WRITTEN_KINDS],
            "statuses": [(code, words.label("proposal-status", code)) for code in statuses(application().catalogue)],
        }


DESK = _Proposing()
READ, proposing = DESK.reads, DESK.blueprint

"""Policy proposals, sandboxes, mechanisms and innovations by place, as lists gave them or places wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cityindex.errors import NotFound
from cityindex.queries.knowledge.proposals import (
    IMPORTED,
    WRITTEN,
    ProposalRecord,
    TakenDown,
    Wish,
    proposal,
    proposals,
    story_of,
)
from cityindex.queries.knowledge.written import COLUMNS as SAID
from cityindex.queries.knowledge.written import WrittenVersion
from cityindex.queries.knowledge.written import written as written_of
from cityindex.queries.places import places as place_queries
from cityindex.services.accounts import roles
from cityindex.services.accounts.roles import Permission
from cityindex.web.errors import answer
from cityindex.web.knowledge import words
from cityindex.web.knowledge.proposal_files import identifier, list_taken, one_taken
from cityindex.web.links import page_links
from cityindex.web.permissions import may
from cityindex.web.query import checked
from cityindex.web.reader import reader, signed_in
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

register = Blueprint("proposals", __name__)
PAGE, EVERYTHING = 50, 100_000
ORIGINS: Mapping[str, Any] = {
    IMPORTED: lazy_gettext("from imported lists"),
    WRITTEN: lazy_gettext("written by their places"),
}


class Wanted(Schema):
    """Which of them."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    kind = fields.String(load_default="", validate=validate.Length(max=32))
    status = fields.String(load_default="", validate=validate.Length(max=32))
    province = fields.String(load_default="", validate=validate.Length(max=2))
    place = fields.String(load_default="", validate=validate.Length(max=32))
    theme = fields.String(load_default="", validate=validate.Length(max=100))
    origin = fields.String(load_default="", validate=validate.OneOf(("", IMPORTED, WRITTEN)))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class Version(Schema):
    """Which version of what a place wrote."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(load_default=None, validate=validate.Range(min=1, max=10_000))


@register.get("/proposals/")
def index() -> ResponseReturnValue:
    session, wanted = database(), checked(Wanted(), request.args)
    chosen = {name: value for name, value in wanted.items() if name not in ("q", "page")}
    wish = Wish(words=wanted["q"], **chosen)
    found = proposals(session, wish, PAGE, PAGE * (wanted["page"] - 1))
    taken = list_taken(wanted, found.items, lambda: proposals(session, wish, EVERYTHING).items)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    pages = max(-(-found.total // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    return render_template(
        "pages/proposals/index.html",
        found=found,
        wanted=wanted,
        filtered=any(value for name, value in wanted.items() if name != "page"),
        provinces=place_queries.provinces(session),
        kinds=_items("proposal-kinds"),
        statuses=_items("proposal-statuses"),
        themes=application().catalogue.themes,
        origins=ORIGINS,
        proposes=_proposes(),
        pages=pages,
        page_link=page_links(wanted),
        taken=taken if found.total else None,
    )


@register.get("/proposals/<int:proposal_id>")
def one(proposal_id: int) -> ResponseReturnValue:
    session, number = database(), checked(Version(), request.args)["version"]
    try:
        found = proposal(session, proposal_id)
    except TakenDown:
        return answer(410, _taken_down())
    written = written_of(session, found.written_id) if found.written_id else None
    versions = written.public if written else ()
    shown = _version(versions, number) if number or versions else None
    line = found if shown is None else _as_said(found, shown)
    taken = one_taken(line, shown.number if shown else None)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/proposals/one.html",
        one=line,
        identifier=identifier(proposal_id),
        taken=taken,
        number=shown.number if shown else None,
        versions=versions,
        story=story_of(session, proposal_id),
        kinds=_items("proposal-kinds"),
        statuses=_items("proposal-statuses"),
        inside=written and (may(Permission.PROPOSE, written.place) or may(Permission.REVIEW_PROPOSALS, written.place)),
        words=words,
    )


def _version(versions: Sequence[WrittenVersion], number: int | None) -> WrittenVersion:
    """The version that is asked for, else the newest. Raises `NotFound`."""
    for version in versions:
        if number in (None, version.number):
            return version
    raise NotFound(f"no version {number} is shown")


def _as_said(line: ProposalRecord, version: WrittenVersion) -> ProposalRecord:
    """The line of the register as a version said it."""
    values: dict[str, Any] = {name: getattr(version, name) for name in SAID}
    return replace(line, **values, imported_at=version.accepted_at or line.imported_at)


def _proposes() -> bool:
    """Whether whoever reads may write proposals of some place; nobody is asked who has no cookie."""
    known = reader() if signed_in() else None
    return known is not None and bool(roles.reach(known.account.held, Permission.PROPOSE))


def _taken_down() -> tuple[object, object]:
    return (
        gettext("This proposal was taken down"),
        gettext("It stood in the register and does not any more. Its place knows the reason and may hand it in anew."),
    )


def _items(codelist: str) -> Mapping[str, Any]:
    return application().catalogue.codelist(codelist).items

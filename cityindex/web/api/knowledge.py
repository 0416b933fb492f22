"""What places share and propose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from cityindex.calendars import buddhist_year
from cityindex.errors import NotFound
from cityindex.queries.knowledge.knowledge import item as item_of
from cityindex.queries.knowledge.proposals import ProposalRecord, proposal, proposals
from cityindex.queries.knowledge.proposals import Wish as ProposalWish
from cityindex.queries.knowledge.search import Entry, Wish, entries
from cityindex.queries.knowledge.search import page as page_of
from cityindex.web.addresses import absolute
from cityindex.web.api.answers import Page, page, single
from cityindex.web.api.arguments import Paged, code, nothing
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing, one
from cityindex.web.api.places import date_as_known
from cityindex.web.api.schemas import knowledge as schemas
from cityindex.web.filters import translated
from cityindex.web.knowledge import proposal_files
from cityindex.web.knowledge.files import identifier
from cityindex.web.session import database

TAG = "Knowledge and proposals"
PROPOSAL_CHOICES = ("kind", "status", "place", "province", "theme", "origin")


class KnowledgeAsked(Paged):
    """Which items."""

    q = fields.String(
        load_default=nothing,
        validate=validate.Length(min=1, max=200),
        metadata={"description": "Words in Thai or English; all of them are in the item."},
    )
    kind = code("See the code list `knowledge-kinds`.")
    theme = code("Code of a theme.")
    indicator = code("Code of the indicator.")
    area = code("Code of an area of learning cities.")
    licence = code("See the code list `licences`.")
    language = fields.String(
        load_default=nothing,
        data_key="in",
        validate=validate.OneOf(["th", "en", "other"]),
        metadata={"description": "Language of the content."},
    )
    place = code("Code of the place.")
    province = code("Code of a province: places within it.")


class ProposalsAsked(Paged):
    """Which proposals."""

    q = fields.String(
        load_default=nothing,
        validate=validate.Length(min=1, max=100),
        metadata={"description": "Words in Thai or English; all of them are in the line."},
    )
    theme = code("Code of a theme.")
    origin = fields.String(
        load_default=nothing,
        validate=validate.OneOf(["imported", "written"]),
        metadata={"description": "`imported` with a list, or `written` here by its place."},
    )

    kind = code("See the code list `proposal-kinds`.")
    status = code("See the code list `proposal-statuses`.")
    place = code("Code of the place.")
    province = code("Code of a province: places within it.")


@listing("/knowledge", KnowledgeAsked, schemas.Knowledge, TAG)
def all_knowledge(asked: dict[str, Any]) -> ResponseReturnValue:
    """List the items of the knowledge bank, by number; its page ranks them by how well words fit."""
    after = read(asked["cursor"])["after"] if asked["cursor"] else 0
    limit = asked["limit"]
    names = ("kind", "theme", "indicator", "area", "licence", "language", "place", "province")
    given: dict[str, Any] = {name: asked[name] or "" for name in names}
    wish = Wish(words=asked["q"] or "", **given)

    def make() -> Page:
        found = page_of(database(), wish, after, limit + 1)
        following = written({"after": found[limit - 1].id}) if len(found) > limit else None
        return Page([_item(entry) for entry in found[:limit]], following)

    return page(asked, make)


@one("/knowledge/<int:number>", schemas.KnowledgeDetails, TAG)
def one_item(asked: dict[str, Any], number: int) -> ResponseReturnValue:
    """Show an item of the knowledge bank with its files."""
    session = database()
    found = entries(session, [number])
    if not found:
        raise NotFound(f"there is no item of knowledge {number}")
    version = item_of(session, number).version(found[0].version)

    def make() -> Mapping[str, Any]:
        return {
            **_item(found[0]),
            "summary_th": version.summary_th,
            "summary_en": version.summary_en or None,
            "innovation": version.innovation or None,
            "link": version.url,
            "files": [
                {
                    "name": file.name,
                    "media_type": file.media_type,
                    "size": file.size,
                    "url": absolute(url_for("knowledge.file", item_id=number, file_id=file.id)),
                }
                for file in version.files
                if file.readable
            ],
        }

    return single(asked, make)


@listing("/proposals", ProposalsAsked, schemas.Proposal, TAG)
def all_proposals(asked: dict[str, Any]) -> ResponseReturnValue:
    """List policy proposals, sandboxes, mechanisms and innovations, from lists or written by their places."""
    start = read(asked["cursor"])["after"] if asked["cursor"] else 0
    limit = asked["limit"]
    given: dict[str, Any] = {name: asked[name] or "" for name in PROPOSAL_CHOICES} | {"words": asked["q"] or ""}

    def make() -> Page:
        found = proposals(database(), ProposalWish(**given), limit, start)
        following = written({"after": start + limit}) if start + limit < found.total else None
        return Page([_proposal(entry) for entry in found.items], following)

    return page(asked, make)


@one("/proposals/<int:number>", schemas.Proposal, TAG)
def one_proposal(asked: dict[str, Any], number: int) -> ResponseReturnValue:
    """Show a line of the register of proposals."""
    found = proposal(database(), number)
    return single(asked, lambda: _proposal(found))


def _item(entry: Entry) -> dict[str, Any]:
    title = {"th": entry.title_th, "en": entry.title_en or entry.title_th}
    summary = {"th": entry.summary_th, "en": entry.summary_en or entry.summary_th}
    return {
        "item": entry.id,
        "identifier": identifier(entry.id),
        "version": entry.version,
        "kind": entry.kind,
        "title": translated(title),
        "title_th": entry.title_th,
        "title_en": entry.title_en or None,
        "summary": translated(summary),
        "creator": entry.creator,
        "year": entry.year,
        "year_be": buddhist_year(entry.year) if entry.year else None,
        "licence": entry.licence,
        "language": entry.language,
        "place": entry.place,
        "province": entry.province_th,
        "themes": list(entry.tags.get("theme", ())),
        "indicators": list(entry.tags.get("indicator", ())),
        "areas": list(entry.tags.get("area", ())),
        "shown_since": entry.first_at,
        "changed_at": entry.at,
        "url": absolute(url_for("knowledge.item", item_id=entry.id)),
        "demo": entry.demo,
    }


def _proposal(entry: ProposalRecord) -> dict[str, Any]:
    plain = ("list", "code", "kind", "title_th", "place", "status", "url", "source", "origin", "imported_at", "demo")
    words = ("title_en", "area", "rule", "summary", "evidence", "outcome")
    return {
        "proposal": entry.id,
        "identifier": proposal_files.identifier(entry.id),
        **{name: getattr(entry, name) for name in plain},
        **{name: getattr(entry, name) or None for name in words},
        "since": date_as_known(entry.since, entry.precision),
        "until": date_as_known(entry.until, entry.until_precision),
        "themes": entry.themes.split(),
        "page": absolute(url_for("proposals.one", proposal_id=entry.id)),
    }

"""The knowledge bank for readers: search with choices, a feed, and the page of each item with its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.models import NEVER
from cityindex.queries.knowledge import proposals as register
from cityindex.queries.knowledge.knowledge import ItemRecord, VersionRecord, file_of
from cityindex.queries.knowledge.knowledge import item as item_of
from cityindex.queries.knowledge.search import RANKED, Entry, Found, Wish, count, entries, newest, page, search
from cityindex.queries.places import places as place_queries
from cityindex.services.accounts import roles
from cityindex.services.accounts.roles import Permission
from cityindex.services.knowledge.knowledge import Held
from cityindex.web.addresses import absolute
from cityindex.web.assessments.evidence_files import attached
from cityindex.web.assessments.evidence_words import HELD
from cityindex.web.errors import answer
from cityindex.web.filters import translated
from cityindex.web.knowledge import words
from cityindex.web.knowledge.files import citations, identifier, item_taken, list_taken
from cityindex.web.links import here, page_links
from cityindex.web.permissions import may
from cityindex.web.query import checked
from cityindex.web.reader import reader, signed_in
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

knowledge = Blueprint("knowledge", __name__)
PAGE, IN_FEED, BATCH = 20, 40, 500
CHOICES = ("kind", "theme", "area", "province", "indicator", "licence", "language")
ONLY_OF_ITEMS = ("kind", "area", "indicator", "licence", "language")
"""Choices that the register of proposals does not have."""
FACET_SHOWN, PROPOSED = 8, 3


class Wanted(Schema):
    """What is looked for."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=200))
    kind = fields.String(load_default="", validate=validate.Length(max=32))
    theme = fields.String(load_default="", validate=validate.Length(max=100))
    area = fields.String(load_default="", validate=validate.Length(max=100))
    indicator = fields.String(load_default="", validate=validate.Length(max=100))
    licence = fields.String(load_default="", validate=validate.Length(max=32))
    language = fields.String(load_default="", validate=validate.Length(max=8), data_key="in")
    province = fields.String(load_default="", validate=validate.Length(max=2))
    place = fields.String(load_default="", validate=validate.Length(max=32))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class Version(Schema):
    """Which version of an item."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(load_default=None, validate=validate.Range(min=1, max=10_000))


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a facet, with how many it leaves and the address that chooses it (or takes it back)."""

    code: str
    label: str
    count: int
    url: str
    chosen: bool


@knowledge.get("/knowledge/")
def index() -> ResponseReturnValue:
    session, wanted = database(), checked(Wanted(), request.args)
    wish = _wish(wanted)
    found = search(session, wish, PAGE, PAGE * (wanted["page"] - 1))
    addressed = _addressed(wanted)
    demo = any(one.demo for one in found.entries)
    taken = list_taken(addressed, lambda: _everything(session, wish), demo)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    pages = max(-(-found.count // PAGE), 1)
    if wanted["page"] > pages:
        raise NotFound(f"the list has {pages} pages")
    return render_template(
        "pages/knowledge/index.html",
        found=found,
        ranked=RANKED,
        wanted=wanted,
        of=place_queries.find_place(session, wanted["place"]).place if wanted["place"] else None,
        facets=_facets(session, found, addressed, wanted),
        proposed=_proposed(session, wanted),
        total=found.count or count(session),
        pages=pages,
        page_link=page_links(addressed),
        words=words,
        taken=taken if found.count else None,
        contributes=may_contribute(),
    )


def _proposed(session: Session, wanted: Mapping[str, Any]) -> tuple[Sequence[register.ProposalRecord], int]:
    """What the register of proposals has on the same words: its first lines, and how many there are."""
    if not wanted["q"] or any(wanted[name] for name in ONLY_OF_ITEMS):
        return (), 0
    same = {name: wanted[name] for name in ("theme", "province", "place")}
    return register.also(session, register.Wish(words=wanted["q"], **same), PROPOSED)


@knowledge.get("/knowledge/feed.atom")
def feed() -> Response:
    """What came last, as an Atom feed; the choices of the page narrow it, too."""
    wanted = checked(Wanted(), request.args)
    found = newest(database(), IN_FEED, _wish(wanted))
    text = render_template(
        "pages/knowledge/feed.xml",
        site=absolute(url_for("knowledge.index")),
        address=absolute(here(_addressed(wanted))),
        title=gettext("New in the knowledge bank of the City Index"),
        by=application().settings.operator or gettext("City Index"),
        updated=max((one.at for one in found), default=NEVER),
        entries=found,
        words=words,
    )
    response = make_response(text)
    response.mimetype = "application/atom+xml"
    return response


@knowledge.get("/knowledge/<int:item_id>")
def item(item_id: int) -> ResponseReturnValue:
    session, wanted = database(), checked(Version(), request.args)
    one = item_of(session, item_id)
    decided = one.decided
    if decided is not None and one.current is None:
        return answer(410, _taken_down())
    version = _version(one, wanted["version"])
    entry = _entry_of(session, one, version)
    taken = item_taken(one, version, entry)
    if asked := request.args.get("format"):
        return taken_as(taken, asked)
    return render_template(
        "pages/knowledge/item.html",
        one=one,
        version=version,
        newest=one.current,
        entry=entry,
        identifier=identifier(one.id),
        citations=citations(one, version),
        licence=application().catalogue.codelist("licences").items.get(version.licence),
        related=[other for other in _related(session, one, version) if other.id != one.id][:5],
        words=words,
        taken=taken,
        reviewer=may(Permission.REVIEW_KNOWLEDGE, one.place),
        writer=may(Permission.SHARE_KNOWLEDGE, one.place),
    )


@knowledge.get("/knowledge/<int:item_id>/files/<int:file_id>")
def file(item_id: int, file_id: int) -> ResponseReturnValue:
    session = database()
    one = item_of(session, item_id)
    record, number = file_of(session, item_id, file_id)
    if number not in {version.number for version in one.public}:
        raise NotFound(f"item {item_id} shows no file {file_id}")
    try:
        opened = application().knowledge.open(record)
    except Held as error:
        waiting = error.record.verdict == "waiting"
        return answer(503 if waiting else 403, HELD["waiting" if waiting else "infected"])
    return attached(opened.record, opened.stream)


def may_contribute() -> bool:
    """Whether whoever reads may share knowledge of some place; nobody is asked who has no cookie."""
    known = reader() if signed_in() else None
    return known is not None and bool(roles.reach(known.account.held, Permission.SHARE_KNOWLEDGE))


def _version(one: ItemRecord, number: int | None) -> VersionRecord:
    """A version that readers may see. Raises `NotFound`."""
    for version in one.public:
        if number in (None, version.number):
            return version
    raise NotFound(f"item {one.id} shows no version {number or ''}")


def _entry_of(session: Session, one: ItemRecord, version: VersionRecord) -> Entry:
    """The item as lists have it, in the version that is looked at."""
    found = entries(session, [one.id])
    if not found:
        raise NotFound(f"item {one.id} is not shown")
    own = ("kind", "title_th", "title_en", "summary_th", "summary_en", "creator", "licence", "language")
    said: dict[str, Any] = {name: getattr(version, name) for name in own}
    return replace(
        found[0], **said, version=version.number, year=version.dated.year if version.dated else None,
        tags=version.tags,
    )  # fmt: skip


def _related(session: Session, one: ItemRecord, version: VersionRecord) -> list[Entry]:
    """Others about the same indicator; else of the same theme; else of the same place."""
    for scheme in ("indicator", "area", "theme"):
        for code in version.tags.get(scheme, ()):
            about: dict[str, Any] = {scheme: code}
            found = newest(session, 6, Wish(**about))
            if len(found) > 1:
                return found
    return newest(session, 6, Wish(place=one.place.code))


def _taken_down() -> tuple[object, object]:
    return (
        gettext("This item was taken down"),
        gettext(
            "A reviewer took it down after it was shown. Its place knows the reason and may hand in a new version."
        ),
    )


def _wish(wanted: Mapping[str, Any]) -> Wish:
    given: dict[str, Any] = {name: wanted[name] for name in (*CHOICES, "place")}
    return Wish(words=wanted["q"], **given)


def _addressed(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the address has them: `language` is the language of the page there."""
    return {("in" if name == "language" else name): value for name, value in wanted.items()}


def _everything(session: Session, wish: Wish) -> Iterator[Entry]:
    """All that a wish finds, by number: a file holds more than a page can rank."""
    after = 0
    while batch := page(session, wish, after, BATCH):
        yield from batch
        after = batch[-1].id


def _facets(
    session: Session, found: Found, addressed: Mapping[str, Any], wanted: Mapping[str, Any]
) -> list[tuple[str, str, list[Choice]]]:
    """Each facet with its choices, the most frequent first; one that is chosen stands there to be taken back."""
    provinces = {one.code: translated(one) for one in place_queries.provinces(session)}
    made = []
    for scheme in CHOICES:
        counts = dict(found.facets.get(scheme, {}))
        chosen = wanted[scheme]
        if chosen and chosen not in counts:
            counts[chosen] = 0
        name = "in" if scheme == "language" else scheme
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        choices = [
            Choice(
                code, provinces.get(code, "") if scheme == "province" else words.label(scheme, code), many,
                here(addressed, **{name: "" if code == chosen else code, "page": 1}), code == chosen,
            )
            for code, many in ordered
        ]  # fmt: skip
        if len(choices) > 1 or chosen:
            made.append((scheme, str(words.FACETS[scheme]), choices))
    return made

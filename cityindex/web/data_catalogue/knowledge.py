"""Items of the knowledge bank as data sets: each under the identifier that it has at every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Text
from cityindex.formats.data_sets import DataSet, Distribution
from cityindex.formats.file_kinds import KINDS
from cityindex.queries.knowledge.knowledge import ItemRecord, VersionRecord, items
from cityindex.queries.knowledge.search import Entry, Wish, page, standing
from cityindex.web.addresses import absolute
from cityindex.web.data_catalogue import distributions as ways
from cityindex.web.data_catalogue import words
from cityindex.web.knowledge import words as knowledge_words
from cityindex.web.knowledge.files import identifier
from cityindex.web.session import application

BATCH = 500
OTHER = "อื่นๆ"
CC = "https://creativecommons.org/licenses/"
LICENCES: Mapping[str, tuple[str, str]] = {
    "CC0-1.0": (OTHER, "https://creativecommons.org/publicdomain/zero/1.0/"),
    "CC-BY-4.0": ("Creative Commons Attributions", CC + "by/4.0/"),
    "CC-BY-SA-4.0": ("Creative Commons Attribution Share-Alike", CC + "by-sa/4.0/"),
    "CC-BY-NC-4.0": ("Creative Commons Non-Commercial (Any)", CC + "by-nc/4.0/"),
    "CC-BY-NC-ND-4.0": ("Creative Commons Non-Commercial (Any)", CC + "by-nc-nd/4.0/"),
}
"""By code: the choice of the Thai catalogue, and the address of the licence."""
CONTENT = Text("เนื้อหาตามที่พื้นที่ส่งมา", "The content as its place handed it in")
LINK = Text("ที่อยู่ของเนื้อหา", "Where the content is")
KIND_WORDS = Text("คลังความรู้", "knowledge bank")
_made: dict[str, tuple[Any, tuple[DataSet, ...]]] = {}


def shared_knowledge(session: Session) -> tuple[DataSet, ...]:
    """Every item that is shown, by number; made again when one of them changed."""
    where, state = absolute(request.script_root + "/"), standing(session)
    known = _made.get(where)
    if known is None or known[0] != state:
        known = (state, tuple(_all(session)))
        _made.clear()
        _made[where] = known
    return known[1]


def _all(session: Session) -> list[DataSet]:
    found: list[DataSet] = []
    after = 0
    while batch := page(session, Wish(), after, BATCH):
        after = batch[-1].id
        records = {one.id: one for one in items(session, [entry.id for entry in batch])}
        found += [_data_set(entry, records[entry.id]) for entry in batch]
    return found


def _data_set(entry: Entry, one: ItemRecord) -> DataSet:
    version = one.version(entry.version)
    choice, address = LICENCES.get(version.licence, (OTHER, ""))
    name = identifier(one.id)
    summary = Text(version.summary_th, version.summary_en or version.summary_th)
    return DataSet(
        name=name,
        kind="mixed",
        title=words.titled(Text(version.title_th, version.title_en or version.title_th), demo=one.demo),
        description=words.described(summary, demo=one.demo),
        keywords=_keywords(entry),
        objectives=(),
        covers=words.AREAS.get(entry.place_type, words.LOCAL),
        frequency="irregular",
        pages=ways.pages("knowledge.item", item_id=one.id),
        sources=(version.creator,),
        licence=knowledge_words.names("licence").get(version.licence, Text(version.licence, version.licence)),
        distributions=tuple(_ways(one, version)),
        elsewhere=ways.elsewhere(name),
        issued=entry.first_at,
        modified=entry.at,
        version=str(version.number),
        demo=one.demo,
        creator=version.creator,
        licence_address=address,
        licence_choice=choice,
    )


def _keywords(entry: Entry) -> tuple[Text, ...]:
    themes = application().catalogue.themes
    kinds = knowledge_words.names("kind")
    found = [KIND_WORDS, Text(entry.name_th, entry.name_en or entry.name_th)]
    found += [kinds[entry.kind]] if entry.kind in kinds else []
    found += [themes[code] for code in entry.tags.get("theme", ()) if code in themes]
    return words.marked(found, demo=entry.demo)


def _ways(one: ItemRecord, version: VersionRecord) -> list[Distribution]:
    found = [
        Distribution(
            id=f"file-{file.id}",
            title=Text(file.name, file.name),
            description=CONTENT,
            form=KINDS[file.media_type].extension,
            address=absolute(url_for("knowledge.file", language="th", item_id=one.id, file_id=file.id)),
            download=True,
        )
        for file in version.files
        if file.readable
    ]
    if version.url:
        found.append(Distribution("link", LINK, LINK, "page", version.url))
    return [*found, ways.rest(f"/api/v1/knowledge/{one.id}")]

"""What the catalogue holds: one data set for each framework, the values, the register, boundaries, programmes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from flask import url_for
from sqlalchemy.orm import Session

from cityindex.definitions.catalogue import Catalogue, FrameworkEntry, IndicatorEntry, Programme, Text
from cityindex.formats.data_sets import DataCatalogue, DataSet, Publisher
from cityindex.queries.exchange.data_sets import (
    BoundaryFacts,
    MemberFacts,
    boundary_facts,
    member_facts,
    observation_facts,
    register_facts,
)
from cityindex.queries.exchange.features import period_days
from cityindex.queries.runs.edition_sources import run_sources
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.web.addresses import absolute
from cityindex.web.data_catalogue import distributions as ways
from cityindex.web.data_catalogue import words
from cityindex.web.data_catalogue.knowledge import shared_knowledge
from cityindex.web.data_catalogue.plans import shown_plans
from cityindex.web.data_catalogue.proposals import register_of_proposals
from cityindex.web.editions.view import entry_of
from cityindex.web.session import application, database
from cityindex.web.take_away.citing import SITE

MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def contents() -> DataCatalogue:
    """The catalogue as it is now, with addresses as the reader reaches them."""
    session, definitions = database(), application().catalogue
    found = [*_frameworks(session), *_observations(session, definitions), *_register(session)]
    found += [_boundaries(one, definitions) for one in boundary_facts(session)]
    members = member_facts(session)
    found += [_members(one, members[code]) for code, one in definitions.programmes.items() if code in members]
    found += [*shown_plans(session), *register_of_proposals(session), *shared_knowledge(session)]
    return catalogue_of(found)


def catalogue_of(found: Sequence[DataSet]) -> DataCatalogue:
    """The catalogue as far as it holds these data sets. It asks the database for nothing."""
    return DataCatalogue(
        address=absolute(url_for("data_catalogue.whole")),
        title=Text(SITE["th"], SITE["en"]),
        description=words.ABOUT,
        publisher=_publisher(),
        pages=ways.pages("data.index"),
        licence_pages=ways.pages("about.licence"),
        data_sets=tuple(found),
        services=ways.services(found),
    )


def _publisher() -> Publisher:
    settings = application().settings
    mail = MAIL.search(settings.contact or "")
    return Publisher(settings.operator, mail[0] if mail else None, settings.contact, ways.pages("about.contact"))


def _frameworks(session: Session) -> Iterator[DataSet]:
    for _, group in groupby(current_editions(session), key=lambda one: one.framework):
        editions = list(group)
        yield of_framework(entry_of(editions[0]), editions, run_sources(session, editions[0].run))


def of_framework(entry: FrameworkEntry, editions: Sequence[Edition], sources: tuple[str, ...] = ()) -> DataSet:
    """The data set of a framework, of which `editions` come with the newest first."""
    newest, oldest = editions[0], editions[-1]
    fiscal = entry.framework.period == "fiscal-year"
    demo = any(one.demo for one in editions)
    used = tuple(entry.indicators.values())
    flow = ways.flow_of(entry.code) if entry.code in application().catalogue.frameworks else ""
    return DataSet(
        name=entry.code,
        kind="statistics",
        title=words.titled(entry.name, demo=demo),
        description=words.described(entry.description or entry.name, demo=demo),
        keywords=_keywords(used, demo=demo),
        objectives=_objectives(used),
        covers=_covers(entry.framework.places or ("municipality",)),
        frequency="year",
        pages=ways.pages("frameworks.edition", code=entry.code, period=newest.period),
        sources=sources,
        licence=_terms(used),
        own_terms=True,
        distributions=ways.of_editions(entry, editions),
        elsewhere=ways.elsewhere(
            entry.code, collections=[f"{one.framework}-{one.period}" for one in editions if one.places], flow=flow
        ),
        years=(oldest.period, newest.period),
        days=(period_days(oldest.period, fiscal)[0], period_days(newest.period, fiscal)[1]),
        issued=min(one.published_at for one in editions),
        modified=max(one.published_at for one in editions),
        version=newest.version,
        method=_method(entry, newest),
        unit="คะแนน",
        demo=demo,
    )


def _method(entry: FrameworkEntry, newest: Edition) -> Text:
    pages = ways.pages("methods.index", code=entry.code)
    said = entry.code, newest.version, newest.run
    return Text(words.RUN_METHOD.th.format(*said, pages.th), words.RUN_METHOD.en.format(*said, pages.en))


def _observations(session: Session, definitions: Catalogue) -> Iterator[DataSet]:
    held = observation_facts(session)
    if held is None:
        return
    used = [definitions.indicators[code] for code in held.indicators if code in definitions.indicators]
    yield DataSet(
        name="observations",
        kind="statistics",
        title=words.titled(words.VALUES, demo=held.demo),
        description=words.described(words.filled(words.VALUES_ABOUT, len(held.indicators)), demo=held.demo),
        keywords=_keywords(used, demo=held.demo),
        objectives=_objectives(used),
        covers=_covers(held.types),
        frequency="year",
        pages=ways.pages("indicators.index"),
        sources=held.sources,
        licence=_licence(used),
        distributions=ways.of_observations(used),
        elsewhere=ways.elsewhere("observations", flow="DF_OBSERVATIONS"),
        years=held.years,
        issued=held.first,
        modified=held.last,
        unit="ตามตัวชี้วัด",
        demo=held.demo,
    )


def _register(session: Session) -> Iterator[DataSet]:
    held = register_facts(session)
    if not held.types:
        return
    count, demo = sum(held.types.values()), held.invented > 0
    said = words.filled(words.REGISTER_ABOUT, f"{count:,}")
    if 0 < held.invented < count:
        note = words.filled(words.REGISTER_DEMO, f"{held.invented:,}")
        said = Text(f"{said.th} {note.th}", f"{said.en}; {note.en}")
    yield DataSet(
        name="places",
        kind="records",
        title=words.titled(words.REGISTER, demo=demo),
        description=words.described(said, demo=held.invented == count),
        keywords=_keywords((), demo=demo),
        objectives=(),
        covers=_covers(held.types),
        frequency="irregular",
        pages=ways.pages("places.index"),
        sources=held.sources,
        licence=words.LICENCES,
        distributions=ways.of_places(),
        elsewhere=ways.elsewhere("places", collections=["places"]),
        modified=held.changed,
        demo=demo,
    )


def _boundaries(held: BoundaryFacts, definitions: Catalogue) -> DataSet:
    of, name = held.version, f"boundaries-{held.version.level}"
    types = definitions.codelist("place-types").items
    level = types[of.level].name if of.level in types else words.MUNICIPALITIES
    return DataSet(
        name=name,
        kind="geography",
        title=words.titled(words.named(words.BOUNDARIES, level), demo=of.demo),
        description=words.described(words.filled(words.BOUNDARIES_ABOUT, f"{held.places:,}"), demo=of.demo),
        keywords=(*_keywords((), demo=of.demo), Text("แนวเขต", "boundaries")),
        objectives=(),
        covers=_covers([of.level]),
        frequency="irregular",
        pages=ways.pages("map.index"),
        sources=(of.source,),
        licence=words.LICENCES,
        distributions=(ways.collection(name),),
        elsewhere=ways.elsewhere(name, collections=[name]),
        issued=held.imported,
        modified=held.imported,
        version=of.fingerprint[:12],
        demo=of.demo,
    )


def _members(one: Programme, held: MemberFacts) -> DataSet:
    name = f"programme-{one.code}"
    return DataSet(
        name=name,
        kind="records",
        title=words.titled(words.named(words.MEMBERS, one.name), demo=held.demo),
        description=words.described(one.description or one.name, demo=held.demo),
        keywords=(*_keywords((), demo=held.demo), one.name),
        objectives=(),
        covers=_covers(held.types),
        frequency="irregular",
        pages=ways.pages("programmes.profile", code=one.code),
        sources=held.sources,
        licence=words.LICENCES,
        distributions=(ways.rest(f"/api/v1/programmes/{one.code}/members"),),
        elsewhere=ways.elsewhere(name),
        demo=held.demo,
    )


def _keywords(used: Iterable[IndicatorEntry], *, demo: bool) -> tuple[Text, ...]:
    themes = application().catalogue.themes
    named = dict.fromkeys(one.theme for one in used if one.theme in themes)
    found = [words.LOCAL_GOVERNMENTS, words.CITIES, words.THAILAND, *(themes[code] for code in named if code)]
    return words.marked(found, demo=demo)


def _objectives(used: Iterable[IndicatorEntry]) -> tuple[str, ...]:
    """What plans and goals the indicators are aligned to, in the order of the Thai catalogue's list."""
    definitions = application().catalogue
    held = {definitions.strategy_item(code).vocabulary for one in used for code in one.aligned_to}
    return tuple(dict.fromkeys(said for vocabulary, said in words.PURPOSES.items() if vocabulary in held))


def _covers(types: Iterable[str]) -> str:
    """The kind of places: one of the choices of the Thai catalogue, or several of them."""
    ordered = sorted(types, key=lambda code: (code in words.AREAS, code))
    return ", ".join(dict.fromkeys(words.AREAS.get(code, words.LOCAL) for code in ordered))


def _terms(used: Iterable[IndicatorEntry]) -> Text:
    """What the page on licences says of scores, then of the figures that they are made of."""
    figures = _licence(used)
    return Text(f"{words.TERMS.th} {figures.th}", f"{words.TERMS.en}. {figures.en}")


def _licence(used: Iterable[IndicatorEntry]) -> Text:
    stated = {one.source.name.en: one.source for one in used if one.source and one.source.licence}
    if not stated:
        return words.NO_LICENCE
    th = "; ".join(f"{one.name.th}: {one.licence.th}" for one in stated.values() if one.licence)
    en = "; ".join(f"{one.name.en}: {one.licence.en}" for one in stated.values() if one.licence)
    return Text(f"{words.LICENCES.th} ({th})", f"{words.LICENCES.en} ({en})")

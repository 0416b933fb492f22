"""Why a place is like another, in the words of the reader: one reason a trait, with both figures and their years."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from cityindex.definitions.catalogue import Codelist
from cityindex.queries.places.similar import EVERYONE, Choice, Likeness, Similar, SimilarPlaces, similar_places
from cityindex.web.filters import number, translated, year
from cityindex.web.session import application, database

LISTS = {"place_type": "place-types", "region": "regions"}
FIGURES = {
    "population": lazy_gettext("population"),
    "density": lazy_gettext("people per km²"),
    "revenue": lazy_gettext("revenue in baht per head"),
}
KINDS = {"place_type": lazy_gettext("type"), "region": lazy_gettext("region")}


def similar_to(code: str, k: int = 5, choice: Choice = EVERYONE) -> SimilarPlaces:
    """The `k` places most like one, by the regions of the site. Raises `NotFound`."""
    return similar_places(database(), code, regions(application().catalogue.codelist("regions")), k, choice)


def regions(codelist: Codelist) -> Mapping[str, str]:
    """The region of every province, by code."""
    return {member: item.code for item in codelist.items.values() for member in item.members}


def reasons(similar: Similar) -> list[str]:
    """What two places have in common or differ in: kinds first, then figures, the other place's figure first."""
    by_trait = {one.trait: one for one in similar.likenesses}
    return [_kind(by_trait[name]) for name in KINDS] + [_figure(by_trait[name]) for name in FIGURES]


def unknown(found: SimilarPlaces) -> str:
    """What is not known of the place itself, in words; empty where all is known."""
    return ", ".join(str({**KINDS, **FIGURES}[name]) for name in found.missing)


def _kind(one: Likeness) -> str:
    words = KINDS[one.trait]
    if not one.known:
        return gettext("%(what)s not known", what=words)
    items = application().catalogue.codelist(LISTS[one.trait]).items
    name = translated(items[str(one.other)].name) if one.other in items else str(one.other)
    if one.mine == one.other:
        return gettext("same %(what)s: %(name)s", what=words, name=name)
    return gettext("another %(what)s: %(name)s", what=words, name=name)


def _figure(one: Likeness) -> str:
    words = FIGURES[one.trait]
    if not one.known:
        return gettext("%(what)s not known", what=words)
    other, mine = (number(float(value or 0), 0) for value in (one.other, one.mine))
    years = (_year(one.other_year), _year(one.mine_year))
    if years[0] == years[1]:
        return gettext(
            "%(what)s %(other)s against %(mine)s (%(year)s)", what=words, other=other, mine=mine, year=years[0]
        )
    return gettext(
        "%(what)s %(other)s (%(year)s) against %(mine)s (%(own_year)s)",
        what=words, other=other, year=years[0], mine=mine, own_year=years[1],
    )  # fmt: skip


def _year(value: int) -> str:
    return year(value) if value else str(gettext("register"))

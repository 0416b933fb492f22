"""What is measured and how: indicators, frameworks and code lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from cityindex.calendars import buddhist_year
from cityindex.definitions.catalogue import Codelist, FrameworkEntry, IndicatorEntry, Source, Text
from cityindex.queries.observations.observations import coverage
from cityindex.queries.runs.editions import current_editions
from cityindex.web.api.answers import Page, named, page, single
from cityindex.web.api.arguments import Paged, code, nothing
from cityindex.web.api.cursors import read, written
from cityindex.web.api.operations import listing, one
from cityindex.web.api.schemas import definitions as schemas
from cityindex.web.editions.structure import structure
from cityindex.web.filters import translated
from cityindex.web.session import application, database
from cityindex.web.words import unit_short

TAG = "Definitions"


class IndicatorsAsked(Paged):
    """Which indicators."""

    theme = fields.String(
        load_default=nothing, validate=validate.Length(min=1, max=100), metadata={"description": "Code of a theme."}
    )
    framework = code("Code of a framework: the indicators that it scores.")


@listing("/indicators", IndicatorsAsked, schemas.Indicator, TAG)
def indicators(asked: dict[str, Any]) -> ResponseReturnValue:
    """List indicators, by code."""
    catalogue = application().catalogue
    known = catalogue.framework(asked["framework"]).indicators if asked["framework"] else catalogue.indicators
    wanted = [one for one in known.values() if asked["theme"] in (None, one.theme)]
    return page(asked, lambda: cut(asked, sorted(wanted, key=lambda one: one.code), _indicator))


@one("/indicators/<code>", schemas.IndicatorDetails, TAG, code="population")
def indicator(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Show an indicator, with the periods that there are observations of."""
    entry = application().catalogue.indicator(code)

    def make() -> Mapping[str, Any]:
        there = coverage(database(), [code])
        return {
            **_indicator(entry),
            "periods": [
                {"period": x.period, "period_be": buddhist_year(x.period), "places": x.places, "values": x.values}
                for x in there
            ],
            "links": {
                "observations": url_for("api.observations", indicator=code),
                "scores": url_for("api.scores", node=code),
                "page": url_for("indicators.profile", code=code),
            },
        }

    return single(asked, make)


@listing("/frameworks", Paged, schemas.Framework, TAG)
def frameworks(asked: dict[str, Any]) -> ResponseReturnValue:
    """List frameworks."""
    known = sorted(application().catalogue.frameworks.values(), key=lambda one: one.code)
    return page(asked, lambda: cut(asked, known, _framework_with(_periods())))


@one("/frameworks/<code>", schemas.FrameworkDetails, TAG, code="local-capacity")
def framework(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Show a framework with its tree, as it is defined now. A run has the tree that it used."""
    entry = application().catalogue.framework(code)

    def make() -> Mapping[str, Any]:
        return {
            **_framework_with(_periods())(entry),
            "nodes": tree(entry),
            "links": {
                "scores": url_for("api.scores", framework=code),
                "editions": url_for("api.editions", framework=code),
                "page": url_for("frameworks.current", code=code),
                "method": url_for("methods.index", code=code),
            },
        }

    return single(asked, make)


@listing("/codelists", Paged, schemas.Codelist, TAG)
def codelists(asked: dict[str, Any]) -> ResponseReturnValue:
    """List the code lists."""
    known = sorted(application().catalogue.codelists.values(), key=lambda one: one.code)
    return page(asked, lambda: cut(asked, known, _codelist))


@one("/codelists/<code>", schemas.CodelistDetails, TAG, code="place-types")
def codelist(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Show the codes of a list."""
    known = application().catalogue.codelist(code)
    codes = [
        {
            "code": x.code,
            **said(x.name),
            "aliases": list(x.aliases),
            "group": x.group,
            "parent": x.parent,
        }
        for x in known.items.values()
    ]
    return single(asked, lambda: {**_codelist(known), "codes": codes})


def cut(asked: Mapping[str, Any], known: Sequence[Any], item: Any) -> Page:
    """A page of what is held in memory, in an order that does not change: it goes on after a code."""
    after = read(asked["cursor"])["after"] if asked["cursor"] else ""
    rest = [x for x in known if x.code > after]
    shown = rest[: asked["limit"]]
    return Page([item(x) for x in shown], written({"after": shown[-1].code}) if len(rest) > len(shown) else None)


def said(text: Text) -> dict[str, str | None]:
    return named(text.th, text.en)


def reference(source: Source | None) -> dict[str, str | None] | None:
    if source is None:
        return None
    return {"name": translated(source.name), "url": source.url, "licence": translated(source.licence) or None}


def tree(entry: FrameworkEntry) -> list[dict[str, Any]]:
    """The tree of a framework, parents before their children. Weights that a run computes are not known here."""
    elements = structure(entry).elements
    parents = {child: element.code for element in elements for child in element.children}
    computed: set[str] = set()
    for x in elements:
        above = x.branch is not None and (x.branch.node.weights is not None or x.code in computed)
        computed.update(x.children if above else ())
    return [
        {
            "node": one.code,
            **said(one.name),
            "parent": parents.get(one.code),
            "level": one.level,
            "is_indicator": one.indicator is not None,
            "weight": None if one.code in computed else one.share,
            "effective_weight": None if one.code in computed else one.effective,
        }
        for one in elements
    ]


def _indicator(entry: IndicatorEntry) -> dict[str, Any]:
    engine = entry.indicator
    using = application().catalogue.frameworks_using(entry.code)
    return {
        "indicator": entry.code,
        **said(entry.name),
        "theme": entry.theme,
        "definition": translated(entry.definition) or None,
        "unit": {
            "code": entry.unit,
            "name": unit_short(entry),
            "per": engine.per if engine.denominator else None,
            "denominator": engine.denominator,
        },
        **{name: getattr(engine, name) for name in ("direction", "type", "status", "formula")},
        "period_kind": engine.period or "calendar-year",
        "frequency": entry.frequency,
        "source": reference(entry.source),
        "aligned_to": list(entry.aligned_to),
        "frameworks": [one.code for one in using],
        "verified_on": entry.verified.on if entry.verified else None,
    }


def _periods() -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for x in current_editions(database()):
        found.setdefault(x.framework, []).append(x.period)
    return found


def _framework_with(periods: Mapping[str, list[int]]) -> Any:
    def item(entry: FrameworkEntry) -> dict[str, Any]:
        engine = entry.framework
        return {
            "framework": entry.code,
            **said(entry.name),
            "version": entry.version,
            "description": translated(entry.description) or None,
            "owner": translated(entry.owner) or None,
            "period_kind": engine.period,
            "place_types": list(engine.places) if engine.places else None,
            "scale": list(engine.scale),
            "definition_sha256": entry.fingerprint,
            "periods": periods.get(entry.code, []),
        }

    return item


def _codelist(known: Codelist) -> dict[str, Any]:
    return {"codelist": known.code, **said(known.name), "size": len(known.items)}

"""What may be chosen in the form of the map, in the language of the reader: pairs of value and label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from cityindex.definitions.catalogue import IndicatorEntry
from cityindex.queries.observations.holdings import holdings
from cityindex.queries.observations.indicator_columns import is_calculated
from cityindex.queries.places.map_places import peer_groups
from cityindex.queries.places.places import provinces
from cityindex.queries.places.programmes import members_by_programme
from cityindex.queries.runs.arrays import tree_of
from cityindex.web.filters import number, translated
from cityindex.web.filters import period as show_period
from cityindex.web.map.layers import EditionSubject
from cityindex.web.map.state import OBSERVATIONS
from cityindex.web.map.view import AREAS, View
from cityindex.web.page import place_type
from cityindex.web.session import application, database

Choice = tuple[str, str]
VIEWS = {
    "one": lazy_gettext("One map"),
    "pair": lazy_gettext("Two maps beside each other"),
    "both": lazy_gettext("Both in one map, three by three classes"),
    "years": lazy_gettext("One map for each year"),
    "parts": lazy_gettext("One map for each part"),
}
CLASSES = {
    "": lazy_gettext("As suggested"),
    "bands": lazy_gettext("Bands of the framework"),
    "quantile": lazy_gettext("Equal numbers of places"),
    "equal": lazy_gettext("Equal steps"),
    "natural": lazy_gettext("Natural breaks"),
    "deviation": lazy_gettext("Standard deviations from the mean"),
    "own": lazy_gettext("Own breaks"),
}
PALETTES = {
    "site": lazy_gettext("Yellow to blue"),
    "ylgnbu": lazy_gettext("Yellow, green, blue (ColorBrewer)"),
    "viridis": lazy_gettext("Viridis"),
    "cividis": lazy_gettext("Cividis, for colour-blind readers"),
    "greys": lazy_gettext("Greys, for printing"),
    "puor": lazy_gettext("Orange and purple around a middle"),
}
PEERS = {
    "place_type": ("place-types", lazy_gettext("Type")),
    "population_band": ("population-bands", lazy_gettext("Population")),
    "region": ("regions", lazy_gettext("Region")),
}


@dataclass(frozen=True)
class Choices:
    """The lists of the form. `reported` are indicators with reported figures, by name."""

    frameworks: Sequence[Choice]
    nodes: Sequence[Choice]
    periods: Sequence[Choice]
    types: Sequence[Choice]
    provinces: Sequence[Choice]
    programmes: Sequence[Choice]
    peers: Sequence[Choice]
    reported: Sequence[Choice]
    tree: Sequence[Choice]
    views: Sequence[Choice]
    classes: Sequence[Choice]
    palettes: Sequence[Choice]


def choices_of(view: View) -> Choices:
    subject = view.subject
    tree = _tree(subject) if isinstance(subject, EditionSubject) else []
    reported = _reported()
    catalogue = application().catalogue
    published = dict.fromkeys(one.framework for one in view.editions)
    members = members_by_programme(database())
    return Choices(
        frameworks=[
            *((code, translated(catalogue.framework(code).name)) for code in published if code in catalogue.frameworks),
            *([(OBSERVATIONS, gettext("Figures as they were reported"))] if reported else []),
        ],
        nodes=tree or reported,
        periods=[(str(one), show_period(one, subject.kind)) for one in subject.periods],
        types=_types(view.types),
        provinces=[(one.code, translated(one)) for one in provinces(database())],
        programmes=[(code, translated(one.name)) for code, one in catalogue.programmes.items() if members.get(code)],
        peers=_peers(view),
        reported=reported,
        tree=tree,
        views=[(code, str(name)) for code, name in VIEWS.items() if code != "parts" or tree],
        classes=[(code, str(name)) for code, name in CLASSES.items() if code != "bands" or view.layer.bands],
        palettes=[(code, str(name)) for code, name in PALETTES.items()],
    )


def _tree(subject: EditionSubject) -> list[Choice]:
    catalogue = application().catalogue
    return [
        (
            node.code,
            "\u2003" * node.level
            + translated(
                catalogue.indicator(node.code).name if node.is_indicator else subject.entry.node_name(node.code)
            ),
        )
        for node in tree_of(database(), subject.editions[0].run)
    ]


def _reported() -> list[Choice]:
    """Indicators with reported figures. Calculated ones are in the frameworks."""
    entries = [one for one in application().catalogue.indicators.values() if not is_calculated(one.indicator)]
    there = holdings(database(), [one.indicator for one in entries], {})
    found: list[IndicatorEntry] = [one for one in entries if one.code in there]
    return sorted(((one.code, translated(one.name)) for one in found), key=lambda pair: pair[1])


def _types(there: Sequence[str]) -> list[Choice]:
    local = [code for code in there if code not in AREAS]
    group = application().catalogue.codelist("place-types").group("municipality")
    found = [(code, translated(place_type(code).name)) for code in there]
    if len(local) > len(group) and set(group) <= set(local):
        found.insert(0, ("municipality", gettext("All municipalities")))
    return found


def _peers(view: View) -> list[Choice]:
    edition = view.layer.edition
    if edition is None:
        return []
    found = []
    for one in peer_groups(database(), edition.run):
        if one.peers in PEERS and one.peers != "place_type":
            codelist, kind = PEERS[one.peers]
            items = application().catalogue.codelist(codelist).items
            name = translated(items[one.code].name) if one.code in items else one.code
            found.append((f"{one.peers}:{one.code}", f"{kind}: {name} ({number(one.size)})"))
    return found

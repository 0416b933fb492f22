"""From the state of an address to what the map shows: layers, classes, and what may be chosen next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from flask_babel import gettext

from cityindex.errors import NotFound
from cityindex.maps.classes import METHODS, Scale, Shades, classify, known, quantile_breaks, through
from cityindex.maps.columns import Cell, on_grid
from cityindex.maps.crossed import CLASSES as THREE
from cityindex.maps.crossed import Crossed, crossed
from cityindex.maps.palettes import DIVERGING
from cityindex.queries.observations.indicator_columns import is_calculated
from cityindex.queries.places.map_places import PlaceFilter, codes_matching
from cityindex.queries.runs.arrays import node_of, tree_of
from cityindex.queries.runs.editions import Edition
from cityindex.web.editions.shown_editions import run_is_named
from cityindex.web.filters import period as show_period
from cityindex.web.filters import translated
from cityindex.web.indicators.view import scorers
from cityindex.web.map.layers import EditionSubject, Layer, Subject, reported_subject
from cityindex.web.map.state import OBSERVATIONS, State
from cityindex.web.session import application, database

AREAS = ("province", "district")
"""Types that hold local governments: never on one map with them."""
MOST_PANELS = 6


@dataclass(frozen=True, eq=False)
class Panel:
    """One of the maps of a view. With `second`, two variables are crossed in it and `scale` is not drawn."""

    layer: Layer
    scale: Scale
    second: Layer | None = None
    crossed: Crossed | None = None
    hidden: int = 0

    @property
    def title(self) -> str:
        names = [translated(layer.name) for layer in (self.layer, self.second) if layer]
        return gettext(" and ").join(names) + f", {self.when}"

    @property
    def when(self) -> str:
        """The period; of two variables of different periods, both."""
        layers = [layer for layer in (self.layer, self.second) if layer]
        return " / ".join(dict.fromkeys(show_period(layer.period, layer.kind) for layer in layers))

    @property
    def standing_in(self) -> int:
        return sum(cell.standing_in for cell in self.layer.cells.values())

    @property
    def faint(self) -> int:
        return sum(cell.faint for cell in self.layer.cells.values())


@dataclass(frozen=True, eq=False)
class View:
    """What a page of the map shows. `types` are those that occur; `state` has what was left out filled in."""

    state: State
    subject: Subject
    panels: Sequence[Panel]
    editions: Sequence[Edition]
    types: Sequence[str]
    middle: float | None
    comparable: frozenset[str]
    """All places that may stand on this map together: without a filter, it shows these."""
    inside: frozenset[str]
    """Those that pass the filter but for the province."""

    @property
    def main(self) -> Panel:
        return self.panels[0]

    @property
    def layer(self) -> Layer:
        return self.panels[0].layer

    @property
    def layers(self) -> list[Layer]:
        """What the maps show, each edition or reported period once."""
        every = [layer for panel in self.panels for layer in (panel.layer, panel.second) if layer]
        return list({(layer.edition.run if layer.edition else layer.source): layer for layer in every}.values())

    @property
    def beside(self) -> Layer | None:
        """The second variable, of this map or of the one beside it."""
        return self.main.second or (
            self.panels[1].layer if self.state.view == "pair" and len(self.panels) > 1 else None
        )

    @property
    def demo(self) -> bool:
        return any(layer.demo for layer in self.layers)


def subject_of(framework: str, node: str, editions: Sequence[Edition]) -> Subject:
    """What is shown. Raises `NotFound` for a framework, node or indicator that is not there."""
    catalogue = application().catalogue
    if framework == OBSERVATIONS:
        return _indicator(node, editions)
    mine = [one for one in editions if one.framework == framework]
    if not mine:
        raise NotFound(f"nothing is published of {framework}")
    tree = tree_of(database(), mine[0].run)
    return EditionSubject(catalogue.framework(framework), mine, node_of(tree, node) if node else tree[0])


def view_of(state: State, editions: Sequence[Edition]) -> View:
    """The view of a state. Raises `NotFound` for what it names and is not there."""
    subject = subject_of(state.framework, state.node, editions)
    if isinstance(subject, EditionSubject):
        state = replace(state, framework=subject.entry.code)
    state = replace(state, node=subject.code, period=state.period or subject.opens_on)
    if state.period not in subject.periods:
        raise NotFound(f"there is nothing of {subject.code} for {state.period}")
    shown = _layers(state, subject)
    kinds = shown[0].kinds
    codes = _codes(state, shown[0], kinds)
    unlocal = replace(state, province="")
    wider = [codes if one == state else _codes(one, shown[0], kinds) for one in (_unfiltered(state), unlocal)]
    every = frozenset(shown[0].every)
    layers = [layer.only(codes) for layer in shown]
    second = _second(state, subject, editions)
    if state.view == "pair" and second:
        layers.append(second.only(codes))
    crossing = second.only(codes) if second and state.view == "both" else None
    middle = _middle(state, layers[0])
    panels = [_panel(state, layer, _pool(state, subject, layers, layer, codes), middle, crossing) for layer in layers]
    comparable, inside = (every if one is None else every & one for one in wider)
    return View(state, subject, panels, editions, _in_order(kinds), middle, comparable, inside)


def _indicator(code: str, editions: Sequence[Edition]) -> Subject:
    """An indicator as it was reported or, where it is calculated, as the editions of a framework have it."""
    catalogue = application().catalogue
    entry = catalogue.indicator(code)
    if not is_calculated(entry.indicator):
        return reported_subject(entry)
    having = [one for one in editions if one.framework in scorers(catalogue, code)]
    if not having:
        raise NotFound(f"nothing is published of {code}")
    framework = max(having, key=lambda one: (one.period, one.places)).framework
    return subject_of(framework, code, editions)


def _layers(state: State, subject: Subject) -> list[Layer]:
    """The layers of the view without its second variable, the one of the chosen period and variable first."""
    period = state.period or subject.opens_on
    if state.view == "years":
        earlier = [one for one in subject.periods if one <= period][:MOST_PANELS]
        return [subject.layer(one) for one in earlier]
    if state.view == "parts" and isinstance(subject, EditionSubject):
        run = subject.edition(period).run
        parts = [node for node in tree_of(database(), run) if node.parent == subject.node.position]
        below = [replace(subject, node=node).layer(period) for node in parts[: MOST_PANELS - 1]]
        return [subject.layer(period), *below]
    return [subject.layer(period)]


def _second(state: State, subject: Subject, editions: Sequence[Edition]) -> Layer | None:
    """The other variable: of the same framework where it is in its tree, else as it was reported. In the same period
    where there is one, else in the period that it opens on.
    """
    if not state.second or state.view not in ("pair", "both"):
        return None
    other = other_subject(state.second, subject, editions)
    period = state.period if state.period in other.periods else other.opens_on
    return other.layer(period or other.opens_on)


def other_subject(code: str, subject: Subject, editions: Sequence[Edition]) -> Subject:
    """Another variable by its code: in the same framework where it is in its tree, else by itself."""
    if isinstance(subject, EditionSubject):
        tree = tree_of(database(), subject.editions[0].run)
        node = next((node for node in tree if node.code == code), None)
        if node:
            return replace(subject, node=node)
    return _indicator(code, editions)


def _codes(state: State, layer: Layer, kinds: Mapping[str, str]) -> frozenset[str] | None:
    """The places that the view is about; None for all."""
    catalogue = application().catalogue
    types = catalogue.codelist("place-types").group(state.type) if state.type else ()
    types = types or ((catalogue.place_type(state.type),) if state.type else ())
    if state.programme:
        catalogue.programme(state.programme)
    peers, group = state.peers
    run = layer.edition.run if layer.edition else None
    if group and run is None:
        raise NotFound(gettext("Groups of peers are there for published editions only."))
    wanted = PlaceFilter(types, state.province, state.programme, peers, group, run)
    codes = None if wanted.open else codes_matching(database(), wanted)
    if codes is not None and not codes and (state.province or group):
        raise NotFound("no place passes this filter")
    local = frozenset(code for code, kind in kinds.items() if kind not in AREAS)
    if not types and local and len(local) < len(kinds):
        codes = local if codes is None else codes & local
    return codes


def _unfiltered(state: State) -> State:
    """The state without its filters; areas stay apart from the local governments within them."""
    areas = state.type if state.type in AREAS else ""
    return replace(state, type=areas, province="", programme="", peers=("", ""))


def _in_order(kinds: Mapping[str, str]) -> list[str]:
    there = set(kinds.values())
    return [code for code in application().catalogue.codelist("place-types").items if code in there]


def _middle(state: State, layer: Layer) -> float | None:
    """Where the two hues part: where the address says, else at the median of the places shown."""
    if state.palette != DIVERGING:
        return None
    if state.middle is not None:
        return state.middle
    values = known(layer.values)
    return round(float(np.median(values)), layer.decimals) if len(values) else None


def _pool(
    state: State, subject: Subject, layers: Sequence[Layer], layer: Layer, codes: frozenset[str] | None
) -> list[float | None]:
    """The values that the classes are made from: those of the layer, or of all periods where the scale is locked."""
    if state.scale == "locked" and layer.code == subject.code:
        return [value for one in subject.periods for value in _values(state, subject.layer(one).only(codes))]
    if state.view == "years":
        return [value for one in layers for value in _values(state, one)]
    return _values(state, layer)


def _panel(
    state: State, layer: Layer, pool: Sequence[float | None], middle: float | None, second: Layer | None
) -> Panel:
    shown, hidden = _sure(state, layer)
    shades = Shades(state.palette, middle)
    scale = _scale(state, shown, pool, shades)
    if second is None:
        return Panel(shown, scale, hidden=hidden)
    others, _ = _sure(state, second)
    breaks = tuple(quantile_breaks(_values(state, one), THREE) for one in (shown, others))
    cells = crossed(_by_code(shown), _by_code(others), (breaks[0], breaks[1]))
    return Panel(shown, scale, others, cells, hidden)


def _scale(state: State, layer: Layer, pool: Sequence[float | None], shades: Shades) -> Scale:
    """Classes by the framework's bands for its index, else by quantiles, unless the state says otherwise."""
    values = [layer.sent[code] for code in layer.cells]
    bands = layer.bands
    if state.classes in ("", "bands") and bands and bands.cuts:
        return classify(values, sorted(bands.cuts), list(reversed(bands.names)), layer.ends, shades)
    if state.classes == "own":
        breaks = list(state.breaks)
    else:
        method = METHODS.get(state.classes, quantile_breaks)
        breaks = [on_grid(cut, layer.sent_decimals) for cut in method(pool, state.k)]
    if shades.middle is not None:
        breaks = through(breaks, shades.middle)
    return classify(values, sorted(set(breaks)), shades=shades)


def _sure(state: State, layer: Layer) -> tuple[Layer, int]:
    """The layer without the places that are hidden as unsure, and how many those are."""
    if not state.hide:
        return layer, 0
    kept = {code: cell for code, cell in layer.cells.items() if not _unsure(cell)}
    return replace(layer, cells=kept), len(layer.cells) - len(kept)


def _unsure(cell: Cell) -> bool:
    return cell.standing_in or cell.faint


def _values(state: State, layer: Layer) -> list[float | None]:
    sent = layer.sent
    return [sent[code] for code, cell in layer.cells.items() if not (state.hide and _unsure(cell))]


def _by_code(layer: Layer) -> dict[str, float | None]:
    return {code: layer.sent[code] for code in layer.cells}


def chosen_framework(state: State, editions: Sequence[Edition]) -> str:
    """The framework of the address, else the first of the definitions that is published."""
    if state.framework:
        return state.framework
    if run_is_named() and editions:
        return editions[0].framework
    published = {one.framework for one in editions}
    first = next((one for one in application().catalogue.frameworks if one in published), "")
    return first or OBSERVATIONS

"""What a map leaves out, in words: a picture or file of some places must not pass for one of all."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext

from cityindex.queries.places.places import named_places
from cityindex.web.filters import translated
from cityindex.web.map.choices import PEERS
from cityindex.web.map.state import State
from cityindex.web.page import place_type
from cityindex.web.session import application, database


def narrowed(state: State) -> str:
    """The filters of a view, such as `เทศบาลเมือง · จังหวัดระยอง`; empty where all places are shown."""
    return " · ".join(_filters(state))


def _filters(state: State) -> Iterator[str]:
    catalogue = application().catalogue
    if state.type:
        group = state.type == "municipality"
        yield gettext("All municipalities") if group else translated(place_type(state.type).name)
    if state.province:
        place = named_places(database(), codes=[state.province]).get(state.province)
        yield gettext("Province: %(name)s", name=translated(place) if place else state.province)
    if state.programme:
        yield gettext("members of %(name)s", name=translated(catalogue.programmes[state.programme].name))
    if state.peers[1]:
        yield _peers(*state.peers)
    if state.hide:
        yield gettext("without places with few or borrowed figures")


def _peers(peers: str, group: str) -> str:
    codelist, kind = PEERS[peers]
    items = application().catalogue.codelist(codelist).items
    return f"{kind}: {translated(items[group].name) if group in items else group}"

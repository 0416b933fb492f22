"""The map as it is taken away: its values as rows, and itself as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext

from cityindex.calendars import buddhist_year, show_period
from cityindex.definitions.catalogue import Text
from cityindex.formats.taken import Column
from cityindex.maps.columns import best_first
from cityindex.maps.crossed import Crossed
from cityindex.maps.drawing import Circle, Key, Look, Outline, Picture, draw, outlines
from cityindex.queries.places.boundaries import BoundaryVersion
from cityindex.queries.places.map_places import shape_texts, spots_by_code
from cityindex.queries.places.places import named_places
from cityindex.web.filters import number, translated
from cityindex.web.language import language, said_in
from cityindex.web.map.filters import narrowed
from cityindex.web.map.layers import EditionSubject, Layer, kept
from cityindex.web.map.page import FEW, MapPage
from cityindex.web.map.view import Panel
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import TakeAway

COLUMNS = (
    Column("place", "รหัสพื้นที่", "Place code"),
    Column("name_th", "ชื่อ (ไทย)", "Name (Thai)"),
    Column("name_en", "ชื่อ (อังกฤษ)", "Name (English)"),
    Column("place_type", "ประเภท", "Type"),
    Column("province_th", "จังหวัด", "Province"),
    Column("shown", "สิ่งที่แสดง", "What is shown"),
    Column("shown_name", "ชื่อสิ่งที่แสดง", "Name of what is shown"),
    Column("period", "ปี ค.ศ.", "Period (common era)", "whole"),
    Column("period_be", "ปี พ.ศ.", "Period (Buddhist era)", "whole"),
    Column("value", "ค่า", "Value", "number"),
    Column("unit", "หน่วย", "Unit"),
    Column("rank", "อันดับ", "Rank", "whole"),
    Column("rank_low", "อันดับ ดีที่สุด", "Rank, best", "whole"),
    Column("rank_high", "อันดับ แย่ที่สุด", "Rank, worst", "whole"),
    Column("coverage", "ความครอบคลุมของข้อมูล", "Coverage", "number"),
    Column("status", "สถานะของค่า", "Status of the value"),
)
FINENESS = 0
DOT, BIG_DOT = 2.0, 4.0


def taken_of(page: MapPage) -> TakeAway:
    """Everything that the map may be taken away as."""
    view, layer = page.view, page.view.layer
    entry = view.subject.entry if isinstance(view.subject, EditionSubject) else None
    known = sum(cell.value is not None for cell in layer.cells.values())
    return TakeAway(
        name=f"map-{layer.code}-{layer.period}".replace("_", "-"),
        address=page.address,
        title=Text(*(_title(page, code) for code in ("th", "en"))),
        columns=COLUMNS,
        rows=lambda: _rows(page),
        unit=layer.unit,
        periods=sorted({one.period for one in _layers(page)}),
        kind=layer.kind,
        source="" if layer.edition else layer.source,
        status=gettext("published edition") if layer.edition else gettext("as reported"),
        coverage=gettext("%(n)s of %(all)s places have a value", n=number(known), all=number(len(layer.cells))),
        edition=layer.edition,
        entry=entry,
        demo=view.demo,
        figure=lambda: figure_of(page),
        card=lambda: _card(page),
        places="place",
        api=_api(page),
        embed=page.embed_address,
    )


def _card(page: MapPage) -> tuple[str, list[tuple[str, str]]]:
    """The main map without its legend, and the classes as a key to stand in larger letters beside it."""
    if page.view.main.crossed and page.view.main.second:
        return figure_of(page, legend=False), _corners(page.view.main, page.view.main.crossed, page.view.main.second)
    shown = ((one.look, f"{one.label}: {one.count}") for one in _keys(page, page.view.main))
    plain = [(look, words) for look, words in shown if look and not look.faint and look.hatch in ("", "none")]
    key = [(look.fill or "url(#no-data)", words) for look, words in plain]
    return figure_of(page, legend=False), key


def _corners(panel: Panel, crossed: Crossed, second: Layer) -> list[tuple[str, str]]:
    """The four corners of nine classes as a key: where both are high, one of them, none."""
    level = {2: gettext("high"), 0: gettext("low")}
    names = translated(panel.layer.name), translated(second.name)
    return [
        (
            crossed.colours[row][column],
            f"{names[0]}: {level[row]} · {names[1]}: {level[column]}: {number(crossed.counts[row][column])}",
        )
        for row, column in ((2, 2), (2, 0), (0, 2), (0, 0))
    ]


def figure_of(page: MapPage, *, legend: bool = True) -> str:
    """The main map of a page as SVG, with its legend inside unless told otherwise."""
    panel = page.view.main
    shapes: dict[str, Outline] = {}
    for one in page.boundaries:
        shapes |= _outlines(one)
    land = _outlines(page.land) if page.land else {}
    looks = {code: _look(panel, code) for code in panel.layer.cells}
    return draw(
        Picture(
            title=panel.title,
            said=page.summary,
            looks=looks,
            keys=_keys(page, panel) if legend else (),
            whole=page.few,
            circles=_circles(page, looks, shapes),
            grid=panel.crossed.colours if panel.crossed and legend else (),
            counts=panel.crossed.counts if panel.crossed else (),
            axes=(translated(panel.layer.name), translated(panel.second.name)) if panel.second else ("", ""),
        ),
        shapes,
        land,
    )


def _outlines(version: BoundaryVersion) -> Mapping[str, Outline]:
    return kept(("outlines", version.fingerprint), lambda: outlines(shape_texts(database(), version.id, FINENESS)))


def _look(panel: Panel, code: str) -> Look:
    cell = panel.layer.cells[code]
    if panel.crossed and panel.second:
        other = panel.second.sent[code] if code in panel.second.cells else None
        return panel.crossed.look(panel.layer.sent[code], other)
    if cell.value is None:
        return Look(None, "none")
    standing = "standing" if cell.standing_in else ""
    return Look(panel.scale.colour_of(panel.layer.sent[code] or 0.0), standing, cell.faint)


def _keys(page: MapPage, panel: Panel) -> list[Key]:
    layer = panel.layer
    keys = [] if panel.crossed else [Key(None, layer.unit)]
    if panel.crossed and panel.second:
        grid = panel.crossed
        keys += [
            Key(Look(None, "first"), gettext("only: %(name)s", name=translated(layer.name)), number(grid.only_first)),
            Key(
                Look(None, "second"),
                gettext("only: %(name)s", name=translated(panel.second.name)),
                number(grid.only_second),
            ),
            Key(Look(None, "none"), gettext("neither"), number(grid.neither)),
        ]
    else:
        keys += [
            Key(
                Look(item.colour),
                f"{item.name} {number(item.low, layer.decimals)}–{number(item.high, layer.decimals)}".strip(),
                number(item.count),
            )
            for item in reversed(panel.scale.classes)
        ]
        keys.append(Key(Look(None, "none"), gettext("no data"), number(panel.scale.missing)))
    if panel.standing_in:
        keys.append(Key(Look("#55a5a6", "standing"), gettext("of these, standing in"), number(panel.standing_in)))
    if panel.faint:
        keys.append(Key(Look("#2d6f94", "", faint=True), gettext("of these, pale"), number(panel.faint)))
    if panel.hidden:
        keys.append(Key(None, gettext("hidden as unsure"), number(panel.hidden)))
    if page.symbols:
        keys.append(Key(None, gettext("Circles") + f": {page.symbols.name}"))
    return keys


def _circles(page: MapPage, looks: Mapping[str, Look], shapes: Mapping[str, Outline]) -> list[Circle]:
    """Symbols where the page has them, else a dot for every place without a shape; the largest first."""
    if not page.symbols and not page.unshaped and not page.few:
        return []
    spots = spots_by_code(database())
    if page.symbols:
        radii = page.symbols.radii(page.view, spots)
    else:
        radii = {code: DOT for code in looks if code not in shapes} | {code: BIG_DOT for code in looks if page.few}
    there = [(code, radius) for code, radius in radii.items() if code in spots and code in looks]
    return [
        Circle(code, spots[code].longitude, spots[code].latitude, radius, looks[code])
        for code, radius in sorted(there, key=lambda pair: -pair[1])
    ]


def _layers(page: MapPage) -> list[Layer]:
    return [layer for panel in page.view.panels for layer in (panel.layer, panel.second) if layer]


def _title(page: MapPage, code: str) -> str:
    layers = _layers(page)
    names = list(dict.fromkeys(layer.name.get(code) for layer in layers))
    word = " และ " if code == "th" else " and "
    shown = f"{word.join(names)}, {show_period(page.view.layer.period, page.view.layer.kind, code)}"
    only = said_in(code, lambda: narrowed(page.state))
    return f"{shown} ({only})" if only else shown


def _rows(page: MapPage) -> Iterator[tuple[Any, ...]]:
    names = named_places(database())
    for layer in _layers(page):
        shown = layer.name.get(language())
        for code in best_first(layer.cells):
            place, cell = names[code], layer.cells[code]
            yield (
                code, place.name_th, place.name_en, place.place_type, place.province_th, layer.code, shown,
                layer.period, buddhist_year(layer.period), cell.value, layer.unit, cell.rank, cell.rank_low,
                cell.rank_high, cell.coverage, cell.flag,
            )  # fmt: skip


def _api(page: MapPage) -> str:
    """The address of the same values; of some members or peers by their codes, and empty where those are too many."""
    layer, state = page.view.layer, page.view.state
    said: dict[str, Any] = {"province": state.province}
    known = state.type in application().catalogue.codelist("place-types").items
    if state.programme or state.peers[1] or (state.type and not known):
        if len(layer.cells) > FEW:
            return ""
        said = {"place": ",".join(sorted(layer.cells))}
    elif known:
        said["place_type"] = state.type
    if layer.edition is None:
        return _asked("observations", {"indicator": layer.code, "period": layer.period, **said})
    return _asked("scores", {"framework": layer.edition.framework, "period": layer.period, "node": layer.code, **said})


def _asked(what: str, wanted: Mapping[str, Any]) -> str:
    return f"/api/v1/{what}?{urlencode({name: value for name, value in wanted.items() if value}, safe=',')}"

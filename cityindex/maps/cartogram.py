"""Equal sizes for all: a tile a province, and a cell a place of an opened province. No place is lost for being small.

Where the tiles stand is data (`seeds/province-tiles.csv`), so that neighbours stay neighbours as far as tiles can.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cityindex.charts.frames import wrapped
from cityindex.charts.svg import HATCH, Caption, element, picture, text
from cityindex.resources import resource_root

SIDE, GAP = 36.0, 2.0
FOOT, LETTERS = 24.0, 17.0
INK = {"on-light": "#17233d", "on-dark": "#fbf9f5"}
"""The two colours of letters on a tile, by the class that the style sheet gives them."""
ACROSS, MANY, MORE = 10, 120, 12
"""How many cells of a province stand in a row; more of them where there are many."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a province stands, counted from the north-west, and its two letters in both languages."""

    code: str
    row: int
    column: int
    short_th: str
    short_en: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A place or province as it is drawn: `colour` is empty where there is no data, `href` where it leads nowhere."""

    place: str
    colour: str
    say: str
    href: str = ""
    label: str = ""
    chosen: bool = False


@cache
def tiles() -> tuple[Tile, ...]:
    """The 77 tiles, in the order of the codes."""
    with (resource_root("seeds") / "province-tiles.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Tile(row["code"], int(row["row"]), int(row["column"]), row["short_th"], row["short_en"])
            for row in csv.DictReader(file)
        )


def cartogram(cells: Mapping[str, Cell], caption: Caption) -> str:
    """The provinces as equal tiles; `cells` by the code of the province, hatched where there is none."""
    size = max(tile.column for tile in tiles()) + 1, max(tile.row for tile in tiles()) + 1
    drawn = [
        _cell(cells.get(tile.code) or Cell(tile.code, "", tile.short_th), tile.column * SIDE, tile.row * SIDE, SIDE)
        for tile in sorted(tiles(), key=lambda tile: (tile.row, tile.column))
    ]
    return _whole(drawn, (size[0] * SIDE, size[1] * SIDE), caption)


def opened(cells: Sequence[Cell], caption: Caption) -> str:
    """The places of a province as equal cells in the order given, row by row."""
    across = ACROSS if len(cells) < MANY else MORE
    side = ACROSS * SIDE / across
    drawn = [_cell(cell, at % across * side, at // across * side, side) for at, cell in enumerate(cells)]
    rows = -(-len(cells) // across)
    return _whole(drawn, (ACROSS * SIDE, rows * side), caption)


def letters_on(colour: str) -> str:
    """The class of letters on a colour (`#rrggbb`): the one with more contrast."""
    return max(INK, key=lambda name: _contrast(INK[name], colour))


def _whole(drawn: Sequence[str], size: tuple[float, float], caption: Caption) -> str:
    width, height = size
    source = [part for line in caption.source for part in wrapped(line, width, LETTERS)]
    lines = [text(line, x=0, y=height + FOOT * (at + 0.8), class_="soft") for at, line in enumerate(source)]
    return picture(*drawn, *lines, size=(width, height + FOOT * len(source) + 4), caption=caption)


def _cell(cell: Cell, x: float, y: float, side: float) -> str:
    fill = cell.colour or HATCH
    body = element(
        "rect", x=x + GAP / 2, y=y + GAP / 2, width=side - GAP, height=side - GAP, rx=2, fill=fill, class_="tile"
    )
    if cell.label:
        at = {"x": x + side / 2, "y": y + side / 2 + 6, "text_anchor": "middle"}
        ink = letters_on(cell.colour) if cell.colour else "on-hatch"
        body += text(cell.label, class_=f"on-tile {ink}", **at)
    name = "a" if cell.href else "g"
    return element(
        name,
        body,
        href=cell.href or None,
        class_="chosen" if cell.chosen else None,
        data_place=cell.place,
        data_say=cell.say,
        aria_label=_name(cell) if cell.href else None,
    )


def _name(cell: Cell) -> str:
    """What a screen reader says, beginning with the letters in sight: somebody may speak them to open the tile."""
    return ", ".join(part for part in (cell.label, *cell.say.splitlines()) if part)


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""Members of a network over the country: whole provinces filled, local governments as marks where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from cityindex.charts.country import HEIGHT, WIDTH, land_path, placed
from cityindex.charts.svg import Caption, element

RADIUS = 6.0


@dataclass(frozen=True, slots=True)
class Area:
    """A whole province that is a member, with its shape as GeoJSON."""

    place: str
    said: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Town:
    """A local government that is a member, and where its office is."""

    place: str
    said: str
    longitude: float
    latitude: float


def members_map(land: str, areas: Sequence[Area], towns: Sequence[Town], caption: Caption) -> str:
    """`land` is the country as a path (`land_path`)."""
    return element(
        "svg",
        element("title", escape(caption.title)),
        element("desc", escape(caption.description)),
        element("path", d=land, class_="land") if land else "",
        *(
            element("path", d=land_path([one.geometry]), class_="member area", data_place=one.place, data_say=one.said)
            for one in areas
        ),
        *(_town(one) for one in towns),
        class_="country",
        role="img",
        aria_label=f"{caption.title}. {caption.description}",
        **{"viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"},
    )


def _town(town: Town) -> str:
    x, y = placed(town.longitude, town.latitude)
    return element("circle", cx=x, cy=y, r=RADIUS, class_="member town", data_place=town.place, data_say=town.said)

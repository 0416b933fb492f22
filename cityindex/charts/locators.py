"""Where in the country a place lies: the land, its province, and a dot."""

from __future__ import annotations

from xml.sax.saxutils import escape

from cityindex.charts.country import HEIGHT, WIDTH, Spot, placed
from cityindex.charts.svg import Caption, element

DOT, RING = 6.0, 16.0


def locator(land: str, province: str, spot: Spot | None, caption: Caption) -> str:
    """`land` and `province` are paths of `country.land_path`, empty where unknown; `spot` is (longitude, latitude).

    Empty text where there is neither a land to see nor anything to point at.
    """
    if not land or not (province or spot):
        return ""
    return element(
        "svg",
        element("title", escape(caption.title)),
        element("desc", escape(caption.description)) if caption.description else "",
        element("path", d=land, class_="land"),
        element("path", d=province, class_="area") if province else "",
        *(_pointed(spot) if spot else ()),
        class_="country locator",
        role="img",
        aria_label=". ".join(part for part in (caption.title, caption.description) if part),
        **{"viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"},
    )


def _pointed(spot: Spot) -> tuple[str, str]:
    """A dot in a ring: on a small picture a dot alone is overlooked."""
    x, y = placed(*spot)
    return (
        element("circle", cx=x, cy=y, r=RING, class_="ring"),
        element("circle", cx=x, cy=y, r=DOT, class_="spot"),
    )

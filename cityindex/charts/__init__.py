"""Charts as SVG, made by the server: text stays text, and each has a title and a description for who cannot see it.

Widths are shares of whatever the page gives, heights are pixels, so letters keep their size on a phone and on a desk.
Colours come from classes of `static/css/figures.css`. Words arrive in the language of the reader.
"""

from cityindex.charts.bars import Bar, bars, meter
from cityindex.charts.lines import Point, line
from cityindex.charts.outlines import outline
from cityindex.charts.strips import Pointed, strip
from cityindex.charts.svg import Caption

__all__ = ["Bar", "Caption", "Point", "Pointed", "bars", "line", "meter", "outline", "strip"]

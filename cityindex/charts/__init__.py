"""Charts as SVG, made by the server: text stays text, and each has a title and a description for who cannot see it.

Widths are shares of whatever the page gives, heights are pixels, so letters keep their size on a phone and on a desk.
Colours come from classes of `static/css/figures.css`. Words arrive in the language of the reader.
"""

from cityindex.charts.bars import Bar, bars, meter
from cityindex.charts.gaps import gap_bars
from cityindex.charts.histograms import Axis, Marker, Missing, histogram
from cityindex.charts.lanes import Lane, Mark, lanes
from cityindex.charts.lines import Point, line
from cityindex.charts.locators import locator
from cityindex.charts.outlines import outline
from cityindex.charts.scatter import Dot, Named, Spots, scatter
from cityindex.charts.stacks import Stack, stacks
from cityindex.charts.strips import Pointed, strip
from cityindex.charts.svg import Caption
from cityindex.charts.trends import Goal, Lines, Middle, Reading, Series, trend
from cityindex.charts.waterfalls import Step, waterfall
from cityindex.charts.ways import Way, way

__all__ = [
    "Axis",
    "Bar",
    "Caption",
    "Dot",
    "Goal",
    "Lane",
    "Lines",
    "Mark",
    "Marker",
    "Middle",
    "Missing",
    "Named",
    "Point",
    "Pointed",
    "Reading",
    "Series",
    "Spots",
    "Stack",
    "Step",
    "Way",
    "bars",
    "gap_bars",
    "histogram",
    "lanes",
    "line",
    "locator",
    "meter",
    "outline",
    "scatter",
    "stacks",
    "strip",
    "trend",
    "waterfall",
    "way",
]

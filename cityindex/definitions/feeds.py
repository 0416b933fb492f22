"""Feeds of others: how their files and answers name what this site measures, and how small a group they may show."""

from __future__ import annotations

from dataclasses import dataclass

from cityindex.definitions import build
from cityindex.definitions.catalogue import Source, Text
from cityindex.definitions.schema import CODE, SLUG, SOURCE, TEXT
from cityindex.definitions.shapes import Keys, list_of, number, words
from cityindex.definitions.yaml_ import Block

NAMES = list_of(words, least=1)
MEASURE = Keys({"indicator": CODE, "count": NAMES}, {"rate": NAMES})
FEED = Keys(
    {
        "feed": SLUG,
        "name": TEXT,
        "source": SOURCE,
        "place": NAMES,
        "schemes": list_of(SLUG, least=1),
        "period": NAMES,
        "surveyed": NAMES,
        "fewest": number(above=1),
        "measures": list_of(MEASURE, least=1),
    },
    {"records": words, "area_names": list_of(words), "note": TEXT, "surveyed_as": CODE},
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the feed: the indicator that it becomes, and the names that its count, or its rate, may have."""

    indicator: str
    count: tuple[str, ...]
    rate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """Aggregates of places that somebody else computes.

    `place`, `period`, `surveyed` and the measures list the names that a column of a file or a key of an answer may
    have; `records` says under which key of an answer the rows stand (levels parted by full stops). A count below
    `fewest` is not shown, nor is what would give it away. `area_names` are columns that name an area, not a person.
    """

    code: str
    name: Text
    source: Source
    place: tuple[str, ...]
    schemes: tuple[str, ...]
    period: tuple[str, ...]
    surveyed: tuple[str, ...]
    fewest: int
    measures: tuple[Measure, ...]
    records: str = ""
    area_names: tuple[str, ...] = ()
    surveyed_as: str = ""

    @property
    def named(self) -> frozenset[str]:
        """All names of columns that the feed knows."""
        measures = [name for one in self.measures for name in (*one.count, *one.rate)]
        return frozenset((*self.place, *self.period, *self.surveyed, *self.area_names, *measures))

    @property
    def indicators(self) -> frozenset[str]:
        """The indicators that come through it, and through nothing else."""
        return frozenset(one.indicator for one in self.measures) | ({self.surveyed_as} - {""})


def feed(block: Block) -> Feed:
    return Feed(
        code=block["feed"],
        name=build.words(block["name"]),
        source=build.source(block["source"]),
        place=tuple(block["place"]),
        schemes=tuple(block["schemes"]),
        period=tuple(block["period"]),
        surveyed=tuple(block["surveyed"]),
        fewest=int(block["fewest"]),
        measures=tuple(
            Measure(one["indicator"], tuple(one["count"]), tuple(one.get("rate", ()))) for one in block["measures"]
        ),
        records=block.get("records", ""),
        area_names=tuple(block.get("area_names", ())),
        surveyed_as=block.get("surveyed_as", ""),
    )

"""Data on its way out: a dataflow's observations in batches, and how a message groups them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import polars as pl

from cityindex.definitions.catalogue import Text
from cityindex.formats.sdmx.artefacts import TIME, VALUE, Artefact, Component

DIMENSIONS = ("FREQ", "REF_AREA", "INDICATOR", TIME)
SERIES = DIMENSIONS[:3]
ALL_DIMENSIONS = "AllDimensions"
Detail = Literal["full", "dataonly", "serieskeysonly", "nodata"]


@dataclass(frozen=True)
class DataSet:
    """What a data message holds.

    `batches` give frames with the columns `REF_AREA`, `INDICATOR` (text), `TIME_PERIOD` (year), `OBS_VALUE` and the
    attributes, sorted by area, indicator and time; no series is in two batches. `at` is the dimension at the
    observation, or `AllDimensions`.
    """

    flow: Artefact
    structure: Artefact
    batches: Callable[[], Iterator[pl.DataFrame]]
    prepared: datetime
    at: str = TIME
    detail: Detail = "full"
    names: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    """Names of codes by dimension or attribute, for messages that carry names."""
    test: bool = False
    """It holds demo data."""
    history: bool = False
    chosen: frozenset[str] | None = None
    """The attributes that are told, where not all are."""

    @property
    def attributes(self) -> tuple[Component, ...]:
        """Those that the message carries."""
        if self.detail in ("dataonly", "serieskeysonly"):
            return ()
        left_out = () if self.history else VALIDITY
        held = (one for one in self.structure.of_role("attribute") if one.id not in left_out)
        return tuple(one for one in held if self.chosen is None or one.id in self.chosen)

    @property
    def with_values(self) -> bool:
        return self.detail in ("full", "dataonly")

    @property
    def with_observations(self) -> bool:
        return self.detail != "serieskeysonly"

    @property
    def series(self) -> tuple[str, ...]:
        """The dimensions that make the key of a series; none in a flat message."""
        return () if self.at == ALL_DIMENSIONS else tuple(name for name in DIMENSIONS if name != self.at)

    def frames(self) -> Iterator[pl.DataFrame]:
        """The batches with the columns that are written, in their order, grouped by the key of the series."""
        columns = [*DIMENSIONS, *([VALUE] if self.with_values else []), *(one.id for one in self.attributes)]
        for batch in self.batches():
            frame = batch.with_columns(pl.lit("A").alias("FREQ"), pl.col(TIME).cast(pl.String)).select(columns)
            if not self.with_observations:
                yield frame.select(self.series).unique(maintain_order=True)
            elif self.at in (TIME, ALL_DIMENSIONS):
                yield frame
            else:
                yield frame.sort([*self.series, self.at], maintain_order=True)


VALIDITY = ("VALID_FROM", "VALID_TO")
"""From when and until when a value was in force: told where a history is asked for."""


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as text: numbers as the shortest that gives the same double again; missing ones stay null."""
    floats = [name for name, kind in frame.schema.items() if kind.is_float()]
    return frame.with_columns(pl.exclude(floats).cast(pl.String), *map(_short, floats))


def _short(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")

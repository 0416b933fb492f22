"""SDMX-CSV, 1.0 and 2.0."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cityindex.formats.sdmx.dataset import DataSet


def write_csv(data: DataSet, version: str) -> Iterator[bytes]:
    """The data as SDMX-CSV of version `1.0.0` or `2.0.0`, UTF-8 without a mark; empty cells are missing."""
    flow = data.flow
    name = f"{flow.agency}:{flow.id}({flow.version})"
    lead = (
        [pl.lit(name).alias("DATAFLOW")]
        if version.startswith("1")
        else [pl.lit("dataflow").alias("STRUCTURE"), pl.lit(name).alias("STRUCTURE_ID"), pl.lit("I").alias("ACTION")]
    )
    first = True
    for frame in data.frames():
        text: str = frame.select(*lead, pl.all()).write_csv(include_header=first)
        first = False
        yield text.encode()

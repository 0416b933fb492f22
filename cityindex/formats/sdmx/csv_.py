"""SDMX-CSV, 1.0 and 2.0."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cityindex.formats.sdmx.concepts import NAMES
from cityindex.formats.sdmx.dataset import DataSet


def write_csv(data: DataSet, version: str, labels: str | None = None) -> Iterator[bytes]:
    """The data as SDMX-CSV of version `1.0.0` or `2.0.0`, UTF-8 without a mark; empty cells are missing.

    With `labels`, a language, columns and codes carry their names: `REF_AREA: Area`, `50: Chiang Mai` (`labels=both`).
    """
    flow = data.flow
    name = f"{flow.agency}:{flow.id}({flow.version})" + (f": {flow.name.get(labels)}" if labels else "")
    lead = (
        [pl.lit(name).alias("DATAFLOW")]
        if version.startswith("1")
        else [pl.lit("dataflow").alias("STRUCTURE"), pl.lit(name).alias("STRUCTURE_ID"), pl.lit("I").alias("ACTION")]
    )
    first = True
    for frame in data.frames():
        told = _labelled(frame, data, labels) if labels else frame
        text: str = told.select(*lead, pl.all()).write_csv(include_header=first)
        first = False
        yield text.encode()


def _labelled(frame: pl.DataFrame, data: DataSet, language: str) -> pl.DataFrame:
    known = {column: names for column, names in data.names.items() if column in frame.columns}
    told = [
        pl.col(column).replace({code: f"{code}: {said.get(language)}" for code, said in names.items()})
        for column, names in known.items()
    ]
    heads = {column: f"{column}: {NAMES[column].get(language)}" for column in frame.columns if column in NAMES}
    return frame.with_columns(told).rename(heads)

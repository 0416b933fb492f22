"""The files that `cityindex uncertainty` writes: all of them, or, where anything fails, none."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from cityindex import __version__
from cityindex.cli.score_files import JSON
from cityindex.scoring.choices import RULED, Choice
from cityindex.scoring.design import Design
from cityindex.scoring.rank import UNRANKED
from cityindex.scoring.uncertainty import PERCENTILES, UncertaintyResult

SENSITIVITY = "sensitivity.csv"
ROWS = 10_000
"""How many replications are written at once."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a run says about itself besides its results."""

    fingerprints: Mapping[str, str]
    warnings: tuple[str, ...]
    timings: Mapping[str, float]


def write(out: Path, result: UncertaintyResult, record: Record) -> None:
    """Write every file to a folder beside, then move them into place."""
    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.resolve().parent))
    try:
        ranks_frame(result).write_csv(beside / "ranks.csv")
        _write_replications(result, beside / "replications.csv")
        if result.sensitivity:
            _sensitivity_frame(result).write_csv(beside / SENSITIVITY)
        spent = {**record.timings, "write": time.perf_counter() - started}
        (beside / "uncertainty.json").write_bytes(orjson.dumps(_about(result, record, spent), option=JSON))
        for path in sorted(beside.iterdir()):
            os.replace(path, out / path.name)
        if not result.sensitivity:
            (out / SENSITIVITY).unlink(missing_ok=True)  # an earlier run's
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def ranks_frame(result: UncertaintyResult) -> pl.DataFrame:
    """A row a place, by code; a rank that is not there is null."""
    median = PERCENTILES.index(50)
    columns: dict[str, Any] = {
        "place": pl.Series(result.places, dtype=pl.String),
        "nominal": _ranks(result.nominal),
        "mean": _numbers(result.mean),
        "median": _ranks(result.percentiles[median]),
    }
    for at, share in enumerate(PERCENTILES):
        if at != median:
            columns[f"p{share:02}"] = _ranks(result.percentiles[at])
    columns |= {"ranked": _numbers(result.ranked), "top_tenth": _numbers(result.top)}
    for name, share_of in zip(result.bands, result.band_share, strict=True):
        columns[f"band:{name}"] = _numbers(share_of)
    return pl.DataFrame(columns).sort("place")


def _ranks(values: Any) -> pl.Series:
    series = pl.Series(np.asarray(values, dtype=np.int32))
    return series.set(series == UNRANKED, None)


def _numbers(values: Any) -> pl.Series:
    return pl.Series(values, nan_to_null=True)


def _write_replications(result: UncertaintyResult, path: Path) -> None:
    """A row a replication, some at a time."""
    choices, number = result.choices(), 0
    with path.open("wb") as file:
        while some := list(islice(choices, ROWS)):
            frame = replications_frame(result.design, some, number)
            frame.write_csv(file, include_header=number == 0)
            number += len(some)


def replications_frame(design: Design, choices: list[Choice], before: int) -> pl.DataFrame:
    """Every choice of some replications: positions in the plan's lists from 1, weights by value, null for what is not
    varied; `noise` is the number of the realisation of measurement errors, `block` that of a Sobol' design.
    """
    plan, numbers = design.plan, range(before, before + len(choices))
    columns: dict[str, Any] = {"replication": pl.Series([number + 1 for number in numbers], dtype=pl.Int64)}
    for step in RULED:
        columns[step] = _positions(getattr(choice, step) for choice in choices)
    columns["leave_out"] = pl.Series([choice.left_out for choice in choices], dtype=pl.String)
    for code in plan.aggregate:
        columns[f"aggregate:{code}"] = _positions(choice.aggregate[code] for choice in choices)
    for code in design.weighted:
        columns[f"weight:{code}"] = pl.Series([choice.weights[code] for choice in choices], dtype=pl.Float64)
    if plan.weights is not None and plan.weights.kind == "sets":
        columns["weights"] = _positions(choice.weight_set for choice in choices)
    if plan.noise:
        columns["noise"] = pl.Series([choice.errors for choice in choices], dtype=pl.UInt64)
    if plan.sobol:
        columns["block"] = [design.block(number) for number in numbers]
    return pl.DataFrame(columns)


def _positions(values: Iterator[int | None]) -> pl.Series:
    return pl.Series([None if value is None else value + 1 for value in values], dtype=pl.Int32)


def _sensitivity_frame(result: UncertaintyResult) -> pl.DataFrame:
    rows = [asdict(row) for row in result.sensitivity]
    return pl.DataFrame({name: pl.Series([row[name] for row in rows], nan_to_null=True) for name in rows[0]})


def _about(result: UncertaintyResult, record: Record, timings: Mapping[str, float]) -> dict[str, Any]:
    return {
        "framework": result.framework,
        "version": result.version,
        "period": result.period or None,
        "places": len(result.places),
        "replications": result.replications,
        "runs": int(result.shift.size),
        "seed": result.seed,
        "factors": list(result.design.factors),
        "mean_rank_shift": result.mean_shift,
        "fingerprints": dict(record.fingerprints),
        "library": {"cityindex": __version__, "numpy": np.__version__},
        "warnings": list(record.warnings),
        "timings": dict(timings),
    }

"""The files that `cityindex score` writes: all of them, or, where anything fails, none."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from cityindex import __version__
from cityindex.scoring.results import FLAG_NAMES, ScoreSet, Treatment
from cityindex.scoring.statistics import Statistic

SCORES = ("scores.csv", "scores.parquet")
JSON = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be written, where, and what a run says about itself."""

    out: Path
    form: str
    nodes_only: bool
    fingerprints: Mapping[str, str]
    warnings: tuple[str, ...]


def write(request: Request, results: ScoreSet, timings: Mapping[str, float]) -> dict[str, float]:
    """Write every file of a run to a folder beside, then move them into place. Gives the timings with `write`."""
    started = time.perf_counter()
    request.out.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{request.out.name}-", dir=request.out.resolve().parent))
    try:
        _write_scores(request, results, beside)
        _frame(results.treated, Treatment).write_csv(beside / "treated.csv")
        _statistics(results).write_csv(beside / "statistics.csv")
        (beside / "parameters.json").write_bytes(orjson.dumps(results.parameters.to_json(), option=JSON))
        spent = {**timings, "write": time.perf_counter() - started}
        (beside / "run.json").write_bytes(orjson.dumps(_record(request, results, spent), option=JSON))
        _move(beside, request.out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return spent


def _move(beside: Path, out: Path) -> None:
    written = {path.name for path in beside.iterdir()}
    for name in sorted(written):
        os.replace(beside / name, out / name)
    for name in SCORES:
        if name not in written:
            (out / name).unlink(missing_ok=True)  # an earlier run's, in the other format


def _write_scores(request: Request, results: ScoreSet, folder: Path) -> None:
    """One period after another: all indicators of many places are more text than should be held at once."""
    frames = (scores_frame(results, when, request.nodes_only) for when in range(len(results.periods)))
    if request.form == "parquet":
        pl.concat(list(frames)).write_parquet(folder / "scores.parquet")
        return
    with (folder / "scores.csv").open("wb") as stream:
        for when, frame in enumerate(frames):
            frame.write_csv(stream, include_header=when == 0)


def scores_frame(results: ScoreSet, when: int, nodes_only: bool) -> pl.DataFrame:
    """A row a place and node of one period, in this order; a score or rank that is not there is null."""
    leaves = set(results.indicators)
    rows = [row for row, code in enumerate(results.nodes) if not (nodes_only and code in leaves)]
    shape = (len(results.places), len(rows))
    place, node = (axis.ravel() for axis in np.indices(shape, dtype=np.uint32))
    rank = pl.Series("rank", results.rank[when][:, rows].ravel())
    return pl.DataFrame(
        [
            pl.Series("place", results.places, dtype=pl.String).gather(place),
            pl.repeat(results.periods[when] or None, place.size, dtype=pl.Int32, eager=True).alias("period"),
            pl.Series("node", [results.nodes[row] for row in rows], dtype=pl.String).gather(node),
            pl.Series("level", [results.levels[row] for row in rows], dtype=pl.Int32).gather(node),
            _numbers("score", results.score[when][:, rows]),
            rank.set(rank == 0, None),
            _numbers("coverage", results.coverage[when][:, rows]),
            _numbers("imputed", results.imputed[when][:, rows]),
            pl.Series("flag", [name or None for name in FLAG_NAMES], dtype=pl.String).gather(
                results.flag[when][:, rows].ravel()
            ),
        ]
    )


def _numbers(name: str, values: Any) -> pl.Series:
    return pl.Series(name, values.ravel(), nan_to_null=True)


def _frame(rows: tuple[Any, ...], kind: type[Treatment] | type[Statistic]) -> pl.DataFrame:
    """A table of records with a column for each field; a number that is none is null."""
    names = [field.name for field in fields(kind)]
    return pl.DataFrame({name: [_cell(getattr(row, name)) for row in rows] for name in names}, strict=False)


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return " ".join(value) or None
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  (only NaN is unequal)


def _statistics(results: ScoreSet) -> pl.DataFrame:
    return _frame(results.statistics, Statistic)


def _record(request: Request, results: ScoreSet, timings: Mapping[str, float]) -> dict[str, Any]:
    return {
        "framework": results.framework,
        "version": results.version,
        "fingerprints": dict(request.fingerprints),
        "library": {"cityindex": __version__, "numpy": np.__version__},
        "order": list(results.order),
        "periods": list(results.periods),
        "places": len(results.places),
        "lookups": {name: dict(counts) for name, counts in results.lookups.items()},
        "warnings": list(request.warnings),
        "timings": dict(timings),
    }

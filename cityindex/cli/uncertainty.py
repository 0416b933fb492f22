"""`cityindex uncertainty`: how sure the ranks of a framework are under a plan of choices; no database."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.calendars import common_year
from cityindex.cli.output import emit, json_option, progress, say
from cityindex.cli.score_inputs import (
    as_panel,
    data_options,
    file_type,
    find_entry,
    fingerprints,
    read_attributes,
    read_data,
    warnings_of,
)
from cityindex.errors import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cityindex.scoring.choices import UncertaintyPlan
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.matrix import Panel
    from cityindex.scoring.uncertainty import UncertaintyResult


@click.command()
@click.argument("framework")
@click.argument("data", type=file_type)
@click.option("--plan", type=file_type, required=True, help="What is varied: a plan file (YAML).")
@click.option("--replications", type=int, required=True, help="How many; with `sobol: true` the base sample N.")
@click.option("--seed", type=int, required=True, help="The same seed gives the same ranks.")
@click.option("--out", type=file_type, required=True, help="The folder to write to; made where it is not there.")
@click.option("--period", type=int, help="The year whose ranks are wanted; by default the latest of the data.")
@click.option("--jobs", type=int, default=1, show_default=True, help="How many processes compute.")
@click.option("--dask", metavar="ADDRESS", help="Compute on a Dask cluster, e.g. tcp://host:8786.")
@data_options
@json_option
def uncertainty(framework: str, data: Path, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ARG001 (emit reads it)
    """Rank the places of DATA many times under the choices of a plan.

    Writes ranks.csv, replications.csv and uncertainty.json, and with `sobol: true` sensitivity.csv, to the folder of
    --out.
    """
    started = time.perf_counter()
    if options["dask"] is not None and options["jobs"] != 1:
        cure = "give one of them"
        raise Invalid(f"--jobs and --dask together ({cure})", [Problem("both are given", cure, column="--dask")])
    from cityindex.definitions.plans import load_plan

    plan = load_plan(options["plan"])
    entry = find_entry(framework, options["weights"])
    attributes = read_attributes(options["places"])
    panel, notes = as_panel(read_data(data, entry.framework, options["era"], options["ignore_unknown"]), attributes)
    read = time.perf_counter()
    result = _computed(entry.framework, panel, plan, options)
    computed = time.perf_counter()
    from cityindex.cli.uncertainty_files import Record, write

    warnings = warnings_of(entry, notes, result.warnings)
    timings = {"read": read - started, "compute": computed - read}
    write(out, result, Record(fingerprints(entry, panel), warnings, timings))
    _tell(out, result, warnings)


def _computed(
    framework: Framework, panel: Panel, plan: UncertaintyPlan, options: Mapping[str, Any]
) -> UncertaintyResult:
    from cityindex.scoring.uncertainty import uncertainty

    return uncertainty(
        framework,
        panel,
        plan,
        options["replications"],
        options["seed"],
        jobs=options["jobs"],
        dask=options["dask"],
        period=None if options["period"] is None else common_year(options["period"]),
        advance=Bar(),
    )


class Bar:
    """Shows how far the replications are, once it is known how many there are."""

    def __init__(self) -> None:
        self.advance: Callable[[int], None] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self.advance is None:
            self.advance = progress(total, "replications")
        self.advance(done)


def _tell(out: Path, result: UncertaintyResult, warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        say(f"warning: {warning}")
    found = {
        "out": str(out),
        "places": len(result.places),
        "period": result.period or None,
        "runs": result.shift.size,
        "mean_rank_shift": result.mean_shift,
        "warnings": warnings,
    }
    year = f" of {result.period}" if result.period else ""
    text = f"{len(result.places)} places{year} ranked {result.shift.size} times: {out}"
    emit(found, f"{text} (mean shift {result.mean_shift:.1f} ranks)")

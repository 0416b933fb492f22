"""`cityindex score`: a framework and a data file in, scores out; no database."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import emit, json_option, say
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
from cityindex.errors import Invalid, NotFound

if TYPE_CHECKING:
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.results import Parameters


@click.command()
@click.argument("framework")
@click.argument("data", type=file_type)
@click.option("--out", type=file_type, required=True, help="The folder to write to; made where it is not there.")
@data_options
@click.option("--parameters", type=file_type, help="The parameters.json of an earlier run: nothing is fitted again.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--nodes-only", is_flag=True, help="Leave the indicators out of the scores.")
@json_option
def score(framework: str, data: Path, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ARG001 (emit reads it)
    """Score the places of DATA by FRAMEWORK, a code of the catalogue or a definition file.

    Writes scores, treated.csv, statistics.csv, parameters.json and run.json to the folder of --out.
    """
    started = time.perf_counter()
    entry = find_entry(framework, options["weights"])
    parameters = _parameters(options["parameters"])
    if parameters is not None and options["weights"] is not None:
        parameters = _reweighted(parameters, entry.framework, options["weights"])
    attributes = read_attributes(options["places"])
    panel, notes = as_panel(read_data(data, entry.framework, options["era"], options["ignore_unknown"]), attributes)
    read = time.perf_counter()
    from cityindex.scoring.pipeline import score as compute

    results = compute(entry.framework, panel, parameters)
    statistics = results.statistics
    scored = time.perf_counter()
    from cityindex.cli.score_files import Request, write

    warnings = warnings_of(entry, notes, results.warnings)
    request = Request(out, options["form"], options["nodes_only"], fingerprints(entry, panel), warnings)
    timings = write(request, results, {"read": read - started, "score": scored - read})
    _tell(out, warnings, timings, {"places": len(results.places), "statistics": len(statistics)})


def _parameters(path: Path | None) -> Parameters | None:
    if path is None:
        return None
    from cityindex.scoring.results import Parameters

    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        return Parameters.from_json(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, RecursionError) as error:
        raise Invalid(f"{path.name}: not the parameters of a run: {error} (give a run's parameters.json)") from None


def _reweighted(parameters: Parameters, framework: Framework, path: Path) -> Parameters:
    """Frozen parameters with the weights of a file; elements that it does not name keep their frozen ones."""
    from dataclasses import replace

    from cityindex.definitions.weights import read_weights
    from cityindex.scoring.pipeline import weights_of
    from cityindex.scoring.plan import make_plan

    given, mixed = read_weights(path), {node: dict(stored) for node, stored in parameters.weights.items()}
    for node, children in weights_of(make_plan(framework)).items():
        mixed.setdefault(node, {}).update({code: weight for code, weight in children.items() if code in given})
    return replace(parameters, weights=mixed)


def _tell(out: Path, warnings: tuple[str, ...], timings: Mapping[str, float], counts: Mapping[str, int]) -> None:
    for warning in warnings:
        say(f"warning: {warning}")
    result = {"out": str(out), "places": counts["places"], "warnings": warnings, "timings": timings}
    spent = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in timings.items())
    emit(result, f"{counts['places']} places scored: {out} ({spent})")

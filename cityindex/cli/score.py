"""`cityindex score`: a framework and a data file in, scores out; no database."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cityindex.cli.output import emit, json_option, say
from cityindex.errors import DefinitionError, Invalid, NotFound, Problem

if TYPE_CHECKING:
    from cityindex.definitions.catalogue import FrameworkEntry
    from cityindex.formats.observations import ObservationTable
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.matrix import Panel
    from cityindex.scoring.results import Parameters

file_type = click.Path(path_type=Path)


@click.command()
@click.argument("framework")
@click.argument("data", type=file_type)
@click.option("--out", type=file_type, required=True, help="The folder to write to; made where it is not there.")
@click.option("--places", type=file_type, help="Attributes of places for groups: place,place_type,region,…")
@click.option("--parameters", type=file_type, help="The parameters.json of an earlier run: nothing is fitted again.")
@click.option("--weights", type=file_type, help="Other weights: node,weight; nodes not named keep theirs.")
@click.option("--era", type=click.Choice(["be", "ce"]), help="Whether years of the data are Buddhist or common era.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--nodes-only", is_flag=True, help="Leave the indicators out of the scores.")
@click.option("--ignore-unknown", is_flag=True, help="Leave out indicators that the framework does not know.")
@json_option
def score(framework: str, data: Path, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ARG001 (emit reads it)
    """Score the places of DATA by FRAMEWORK, a code of the catalogue or a definition file.

    Writes scores, treated.csv, statistics.csv, parameters.json and run.json to the folder of --out.
    """
    started = time.perf_counter()
    entry = _framework(framework, options["weights"])
    parameters = _parameters(options["parameters"])
    if parameters is not None and options["weights"] is not None:
        parameters = _reweighted(parameters, entry.framework)
    attributes = _attributes(options["places"])
    panel, notes = _panel(_observations(data, entry.framework, options["era"], options["ignore_unknown"]), attributes)
    read = time.perf_counter()
    from cityindex.scoring.pipeline import score as compute

    results = compute(entry.framework, panel, parameters)
    statistics = results.statistics
    scored = time.perf_counter()
    from cityindex.cli.score_files import Request, write

    warnings = (*(str(warning) for warning in entry.warnings), *notes, *results.warnings)
    request = Request(out, options["form"], options["nodes_only"], _fingerprints(entry, panel), warnings)
    timings = write(request, results, {"read": read - started, "score": scored - read})
    _tell(out, warnings, timings, {"places": len(results.places), "statistics": len(statistics)})


def _framework(reference: str, weights: Path | None) -> FrameworkEntry:
    from dataclasses import replace

    from cityindex.definitions.loader import find_framework
    from cityindex.definitions.weights import read_weights, with_weights
    from cityindex.resources import resource_root

    entry = find_framework(reference, resource_root("indicators"))
    if weights is None:
        return entry
    if not weights.is_file():
        raise NotFound(f"there is no file {weights}")
    given = read_weights(weights)
    _check_names(given, entry.framework, weights)
    return replace(entry, framework=with_weights(entry.framework, given))


def _check_names(weights: Mapping[str, float], framework: Framework, path: Path) -> None:
    known = {item.code for item, _ in framework.tree.walk()}
    cure = "correct it, or remove the line"
    problems = [
        Problem("is not in the tree", cure, column=code, file=path.name) for code in weights if code not in known
    ]
    if problems:
        raise DefinitionError(f"{len(problems)} weights are of nodes that are not there", problems)


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


def _reweighted(parameters: Parameters, framework: Framework) -> Parameters:
    """Frozen bounds with other weights: those asked for on this command line."""
    from dataclasses import replace

    from cityindex.scoring.pipeline import weights_of
    from cityindex.scoring.plan import make_plan

    return replace(parameters, weights=weights_of(make_plan(framework)))


def _observations(
    path: Path, framework: Framework, era: Literal["be", "ce"] | None, ignore_unknown: bool
) -> ObservationTable:
    from cityindex.formats.observations import ReadOptions, read_observations
    from cityindex.scoring.grammar import names

    known = set(framework.indicators)
    for indicator in framework.indicators.values():
        known.update(names(indicator.formula) if indicator.formula else ())
        known.update([indicator.denominator] if indicator.denominator else ())
    return read_observations(path, ReadOptions(era=era, indicators=known, ignore_unknown=ignore_unknown))


def _panel(table: ObservationTable, rows: Mapping[str, Mapping[str, str]]) -> tuple[Panel, list[str]]:
    from cityindex.scoring.matrix import OF_SDMX, Panel, some

    values, letters = table.cube()
    names = dict.fromkeys(name for row in rows.values() for name in row)
    attributes = {name: tuple(rows.get(place, {}).get(name) for place in table.places) for name in names}
    unknown = [place for place in table.places if rows and place not in rows]
    notes = [*table.notes, *([f"the file of places does not have {some(unknown)}"] if unknown else [])]
    return Panel(table.places, table.periods, table.indicators, values, OF_SDMX[letters], attributes), notes


def _attributes(path: Path | None) -> dict[str, dict[str, str]]:
    """The rows of a file of places by their code; empty cells are left out."""
    if path is None:
        return {}
    from cityindex.formats.tables import read_table

    table = read_table(path)
    key = next((name for name in ("place", "code") if name in table.header), None)
    if key is None:
        cure = "let one column be `place`"
        raise Invalid(f"{path.name}: no column of place codes ({cure})", [Problem("has no place codes", cure, row=1)])
    rows: dict[str, dict[str, str]] = {}
    problems = []
    for line, row in table.rows():
        code = row.pop(key)
        if not code or code in rows:
            reason = "is there twice" if code else "has no place code"
            problems.append(Problem(reason, "keep one row a place", row=line, column=key, value=code, file=path.name))
        rows[code] = {name: cell for name, cell in row.items() if cell}
    if problems:
        raise Invalid(f"{path.name}: {len(problems)} rows cannot be taken", problems)
    return rows


def _fingerprints(entry: FrameworkEntry, panel: Panel) -> dict[str, str]:
    """SHA-256 of the definitions, of the weights used and of the data, whatever the order of their rows."""
    import hashlib

    weights = {item.code: item.weight for item, _ in entry.framework.tree.walk()}
    names = [panel.places, panel.periods, panel.indicators, panel.attributes]
    digest = hashlib.sha256(json.dumps(names, ensure_ascii=False, sort_keys=True, default=dict).encode())
    digest.update(panel.values.tobytes())
    digest.update(b"" if panel.status is None else panel.status.tobytes())
    return {
        "definitions": entry.fingerprint,
        "weights": hashlib.sha256(json.dumps(weights, sort_keys=True).encode()).hexdigest(),
        "data": digest.hexdigest(),
    }


def _tell(out: Path, warnings: tuple[str, ...], timings: Mapping[str, float], counts: Mapping[str, int]) -> None:
    for warning in warnings:
        say(f"warning: {warning}")
    result = {"out": str(out), "places": counts["places"], "warnings": warnings, "timings": timings}
    spent = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in timings.items())
    emit(result, f"{counts['places']} places scored: {out} ({spent})")

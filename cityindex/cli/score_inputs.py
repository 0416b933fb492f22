"""What the commands that need no database are given: a framework, a data file, attributes of places."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from cityindex.errors import DefinitionError, Invalid, NotFound, Problem

if TYPE_CHECKING:
    from cityindex.definitions.catalogue import FrameworkEntry
    from cityindex.formats.observations import ObservationTable
    from cityindex.scoring.framework import Framework
    from cityindex.scoring.matrix import Panel

Command = TypeVar("Command", bound=Callable[..., Any])

file_type = click.Path(path_type=Path)


def data_options(command: Command) -> Command:
    """The options of a command that say how its data are to be read."""
    for option in (
        click.option("--ignore-unknown", is_flag=True, help="Leave out indicators that the framework does not know."),
        click.option(
            "--era", type=click.Choice(["be", "ce"]), help="Whether years of the data are Buddhist or common era."
        ),
        click.option("--weights", type=file_type, help="Other weights: node,weight; nodes not named keep theirs."),
        click.option("--places", type=file_type, help="Attributes of places for groups: place,place_type,region,…"),
    ):
        command = option(command)
    return command


def find_entry(reference: str, weights: Path | None) -> FrameworkEntry:
    """The framework that is meant, with the weights of a file in the place of its own."""
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


def read_data(
    path: Path, framework: Framework, era: Literal["be", "ce"] | None, ignore_unknown: bool
) -> ObservationTable:
    """The observations of a file; names that the framework does not use are refused, or left out."""
    from cityindex.formats.observations import ReadOptions, read_observations
    from cityindex.scoring.grammar import names

    known = set(framework.indicators)
    for indicator in framework.indicators.values():
        known.update(names(indicator.formula) if indicator.formula else ())
        known.update([indicator.denominator] if indicator.denominator else ())
    return read_observations(path, ReadOptions(era=era, indicators=known, ignore_unknown=ignore_unknown))


def as_panel(table: ObservationTable, rows: Mapping[str, Mapping[str, str]]) -> tuple[Panel, list[str]]:
    """The panel of a table with the attributes of its places, and what is to be said about both."""
    from cityindex.scoring.matrix import OF_SDMX, Panel, some

    values, letters = table.cube()
    names = dict.fromkeys(name for row in rows.values() for name in row)
    attributes = {name: tuple(rows.get(place, {}).get(name) for place in table.places) for name in names}
    unknown = [place for place in table.places if rows and place not in rows]
    notes = [*table.notes, *([f"the file of places does not have {some(unknown)}"] if unknown else [])]
    return Panel(table.places, table.periods, table.indicators, values, OF_SDMX[letters], attributes), notes


def read_attributes(path: Path | None) -> dict[str, dict[str, str]]:
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


def fingerprints(entry: FrameworkEntry, panel: Panel) -> dict[str, str]:
    """SHA-256 of the definitions, of the weights used and of the data, whatever the order of their rows."""
    import hashlib

    walked = [item for item, _ in entry.framework.tree.walk()]
    rules = [
        (item.code, item.weights.method, dict(item.weights.options)) for item in entry.framework.nodes if item.weights
    ]
    weights = [{item.code: item.weight for item in walked}, *rules]
    names = [panel.places, panel.periods, panel.indicators, panel.attributes]
    digest = hashlib.sha256(json.dumps(names, ensure_ascii=False, sort_keys=True, default=dict).encode())
    digest.update(panel.values.tobytes())
    digest.update(b"" if panel.status is None else panel.status.tobytes())
    return {
        "definitions": entry.fingerprint,
        "weights": hashlib.sha256(json.dumps(weights, sort_keys=True).encode()).hexdigest(),
        "data": digest.hexdigest(),
    }


def warnings_of(entry: FrameworkEntry, notes: Iterable[str], engine: Iterable[str]) -> tuple[str, ...]:
    """What to be careful about: in the definition, in the data, in the scores. Each is said once.

    Where scales mix, the definition names file, line and node; what the engine says of it adds nothing.
    """
    from cityindex.scoring.check import mixed_scales

    known = mixed_scales(entry.framework)
    return (*map(str, entry.warnings), *notes, *(one for one in engine if one != known))

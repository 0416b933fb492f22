"""Cases that people who do not program write: data in, expected scores out, and where the expectation comes from.

A file `tests/golden/*.yaml` is a list of cases, each with `name`, `source`, `framework` (the code of one of the
project, or a self-contained one written out), `data` (rows, wide or long), perhaps `places` (attributes), and `expect`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cityindex.definitions.findings import At, Findings
from cityindex.definitions.loader import find_framework, self_contained
from cityindex.definitions.methods import year
from cityindex.definitions.shapes import Keys, list_of, nullable, number, words
from cityindex.definitions.yaml_ import Block, read
from cityindex.resources import resource_root
from cityindex.scoring.framework import Framework
from cityindex.scoring.pipeline import Panel, score
from cityindex.scoring.results import FLAG_NAMES, ScoreSet

USUAL_PERIOD = 2023
USUAL_TOLERANCE = 1e-9
COMPARED = ("score", "rank", "coverage", "value", "flag")


def anything(value: Any, at: At, findings: Findings) -> Any:
    return value


def row(value: Any, at: At, findings: Findings) -> Any:
    """A row of data or of places: `place`, and columns by any name."""
    columns = [key for key in value if key not in ("place", "period")] if isinstance(value, Block) else []
    return Keys({"place": words}, {"period": year, **dict.fromkeys(columns, anything)})(value, at, findings)


EXPECTED = Keys(
    {"place": words, "node": words},
    {
        "period": year,
        "score": nullable(number()),
        "rank": nullable(number(1)),
        "coverage": number(0, 1),
        "value": nullable(number()),
        "flag": words,
        "tolerance": number(0),
    },
)
CASE = Keys(
    {
        "name": words,
        "source": words,
        "framework": anything,
        "data": list_of(row, least=1),
        "expect": list_of(EXPECTED, least=1),
    },
    {"places": list_of(row), "tolerance": number(0)},
)


@dataclass(frozen=True)
class Case:
    """One case, as its file says it."""

    file: Path
    content: Block

    def __str__(self) -> str:
        return f"{self.file.stem}: {self.content['name']}"

    def differences(self) -> list[str]:
        """What differs from what is expected, each with the line of the file; none where all agrees."""
        result = score(self._framework(), self._panel())
        return [said for expected in self.content["expect"] for said in self._compare(result, expected)]

    def _framework(self) -> Framework:
        written = self.content["framework"]
        if isinstance(written, str):
            return find_framework(written, resource_root("indicators")).framework
        return self_contained(written, path=self.file).framework

    def _panel(self) -> Panel:
        """The rows as a cube; long rows have `indicator` and `value`, wide ones a column for each indicator."""
        cells = {
            (line.get("period", USUAL_PERIOD), line["place"], code): value
            for line in self.content["data"]
            for code, value in _columns(line)
        }
        periods, places, codes = (tuple(dict.fromkeys(key[part] for key in cells)) for part in range(3))
        values = np.full((len(periods), len(places), len(codes)), np.nan)
        periods = tuple(sorted(periods))
        for (period, place, code), value in cells.items():
            where = periods.index(period), places.index(place), codes.index(code)
            values[where] = np.nan if value is None else value
        return Panel(places, periods, codes, values, attributes=self._attributes(places))

    def _attributes(self, places: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
        rows = {line["place"]: line for line in self.content.get("places", ())}
        names = dict.fromkeys(key for line in rows.values() for key in line if key != "place")
        return {name: tuple(rows.get(place, {}).get(name) for place in places) for name in names}

    def _compare(self, result: ScoreSet, expected: Block) -> Iterator[str]:
        found = _found(result, expected)
        tolerance = expected.get("tolerance", self.content.get("tolerance", USUAL_TOLERANCE))
        for key in COMPARED:
            if key in expected and not _agrees(found[key](), expected[key], tolerance):
                where = f"{self.file.name}:{expected.at(key).line}: {expected['place']}, {expected['node']}"
                yield f"{where}: {key} is {found[key]()}, expected {expected[key]} within {tolerance:g}"


def cases(folder: Path) -> list[Case]:
    """Every case of a folder. Raises `DefinitionError` for a file that is not written as a case is."""
    findings = Findings(in_project=False)
    found = []
    for path in sorted(folder.glob("*.yaml")):
        content = read(path, findings)
        written = list_of(CASE, least=1)(content, At(str(path), 1, "file"), findings)
        found += (
            [Case(path, block) for block in written if isinstance(block, Block)] if isinstance(written, list) else []
        )
    findings.raise_problems()
    return found


def _columns(line: Block) -> Iterator[tuple[str, Any]]:
    if "indicator" in line:
        yield line["indicator"], line["value"]
    else:
        yield from ((key, value) for key, value in line.items() if key not in ("place", "period"))


def _found(result: ScoreSet, expected: Block) -> dict[str, Any]:
    """The results at the place, period and node of an expectation; each is looked up when it is compared."""
    node = expected["node"]
    cell = (
        result.periods.index(expected.get("period", USUAL_PERIOD)),
        result.places.index(expected["place"]),
        result.row(node),
    )
    return {
        "score": lambda: _number(result.score[cell]),
        "rank": lambda: int(result.rank[cell]) or None,
        "coverage": lambda: _number(result.coverage[cell]),
        "value": lambda: _number(result.values[(*cell[:2], result.indicators.index(node))]),
        "flag": lambda: FLAG_NAMES[result.flag[cell]],
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _agrees(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(found, str) or found is None or expected is None:
        return bool(found == expected)
    return bool(abs(found - expected) <= tolerance)

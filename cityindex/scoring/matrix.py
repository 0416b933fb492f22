"""What goes into the engine: a dense cube of values with a status for every cell, and the attributes of the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]

ROUNDING = 1e-12
"""How far apart, as a share of themselves, numbers are that differ by no more than the rounding of a calculation."""
SHOWN = 5
"""How many places a message names before it says how many more there are."""


class CellStatus(IntEnum):
    """Why a cell holds what it holds. From `NOT_APPLICABLE` on, the cell is empty and this is the reason."""

    NORMAL = 0
    ESTIMATED = 1
    INHERITED = 2
    FILLED = 3
    IMPUTED = 4
    NOT_APPLICABLE = 5
    NOT_COLLECTED = 6
    SUPPRESSED = 7
    REJECTED = 8


OF_SDMX = np.zeros(256, dtype=np.uint8)
"""The status of a cell for the byte of its letter in SDMX CL_OBS_STATUS; letters that change nothing are normal."""
for _letters, _status in (
    (b"EF", CellStatus.ESTIMATED),
    (b"I", CellStatus.IMPUTED),
    (b"M", CellStatus.NOT_APPLICABLE),
    (b"HJKL", CellStatus.NOT_COLLECTED),
    (b"Q", CellStatus.SUPPRESSED),
):
    OF_SDMX[list(_letters)] = _status


@dataclass(frozen=True, eq=False)
class Panel:
    """Values of indicators for places over periods.

    `values` is (periods, places, indicators), float64, each in the indicator's own unit, NaN where missing; infinities
    are refused by `score`. `status` has the same shape (`CellStatus`), or is None where every value is normal.
    `periods` are common-era years, ascending. `attributes` hold one entry a place, in the order of `places`: groups
    (`place_type`, `region`, …) and numbers (`population`, `area_km2`, …) that stand in for an observation in a formula
    or a denominator.
    """

    places: tuple[str, ...]
    periods: tuple[int, ...]
    indicators: tuple[str, ...]
    values: Floats
    status: Bytes | None = None
    attributes: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Raise `Invalid` with everything that does not fit together."""
        problems = [*self._shape_problems(), *self._name_problems()]
        if problems:
            raise Invalid("; ".join(str(problem) for problem in problems), problems)

    def _shape_problems(self) -> list[Problem]:
        shape = (len(self.periods), len(self.places), len(self.indicators))
        cure = "shape it (periods, places, indicators)"
        found = [("values", self.values.shape)]
        if self.status is not None:
            found.append(("status", self.status.shape))
        problems = [Problem(f"has shape {got}, not {shape}", cure, column=name) for name, got in found if got != shape]
        return problems + [
            Problem(f"has {len(column)} entries for {len(self.places)} places", "give one a place", column=name)
            for name, column in self.attributes.items()
            if len(column) != len(self.places)
        ]

    def _name_problems(self) -> list[Problem]:
        problems = [
            Problem("names something twice", "merge the rows or rename one", column=name)
            for name, codes in (("places", self.places), ("indicators", self.indicators))
            if len(set(codes)) < len(codes)
        ]
        if list(self.periods) != sorted(set(self.periods)):
            problems.append(Problem("are not ascending", "sort them, each once", column="periods"))
        return problems


def apart(low: Floats, high: Floats) -> Bools:
    """Whether two numbers differ by more than rounding. 0.1 w / w is 0.1 for nobody and everybody: no variation at all,
    and no scale may be laid on it. False where one is missing."""
    with np.errstate(invalid="ignore"):
        return np.asarray(high - low > ROUNDING * np.maximum(np.abs(low), np.abs(high)))


def some(names: list[str] | tuple[str, ...]) -> str:
    """A list for a message: the first few names and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

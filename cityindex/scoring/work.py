"""The state that the steps hand on: the cube as (periods, indicators, places), each column contiguous in memory.

Places are sorted by code, so that the order of rows cannot change a bit of any sum; results go back in the order given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem
from cityindex.scoring.fits import Fits, refuse_frozen
from cityindex.scoring.matrix import Bools, Bytes, CellStatus, Floats, Panel, some
from cityindex.scoring.plan import Branch, Plan
from cityindex.scoring.results import Treatment

Positions = NDArray[np.intp]
SHOWN_PROBLEMS = 1000


@dataclass
class Work:
    """`x` (periods, indicators, places) is what the steps change; `status` has its shape. `screened` (periods, places)
    marks places that are not ranked and are in no reference; `constant` (periods, indicators) what left the tree.
    """

    plan: Plan
    panel: Panel
    places: tuple[str, ...]
    positions: Positions
    attributes: Mapping[str, tuple[Any, ...]]
    periods: tuple[int, ...]
    x: Floats
    status: Bytes
    screened: Bools
    constant: Bools
    fits: Fits
    values: Floats
    weights: dict[str, tuple[float, ...]]
    treated: list[Treatment] = field(default_factory=list)
    lookups: dict[str, dict[str, int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def keep(self, periods: Sequence[int]) -> None:
        """Go on with these periods only."""
        if tuple(periods) == self.periods:
            return
        wanted = [self.periods.index(period) for period in periods]
        self.periods = tuple(periods)
        self.x, self.values, self.status = self.x[wanted], self.values[wanted], self.status[wanted]
        self.screened, self.constant = self.screened[wanted], self.constant[wanted]

    def reference(self) -> Floats:
        """The values that parameters are fitted on: those of the places that passed the screen."""
        if not self.screened.any():
            return self.x
        return np.where(self.screened[:, None, :], np.nan, self.x)

    def name_cells(self, cells: Bools, column: int) -> str:
        """Places and periods of some cells (periods, places) of an indicator, for a message."""
        found = [f"{self.places[place]} ({self.periods[when]})" for when, place in np.argwhere(cells)]
        return f"«{self.plan.columns[column].code}»: {some(found)}"


def start(plan: Plan, panel: Panel, fits: Fits) -> Work:
    """Take from a panel what the framework scores: its places, sorted, and the columns of its tree.

    Raises `Invalid` for infinite values, naming indicator, place and period, and where no place is left to score.
    """
    _refuse_infinities(panel)
    positions, warnings = _places(plan, panel)
    where = {code: column for column, code in enumerate(panel.indicators)}
    columns = [where.get(column.code, -1) for column in plan.columns]
    x = gather(panel.values, columns, positions, np.nan)
    given = panel.status
    status = np.zeros(x.shape, dtype=np.uint8) if given is None else gather(given, columns, positions, 0)
    shape = (len(panel.periods), positions.size)
    work = Work(
        plan=plan,
        panel=panel,
        places=tuple(panel.places[position] for position in positions),
        positions=positions,
        attributes={name: tuple(column[i] for i in positions) for name, column in panel.attributes.items()},
        periods=panel.periods,
        x=x,
        status=status,
        screened=np.zeros(shape, dtype=np.bool_),
        constant=np.zeros((shape[0], len(plan.columns)), dtype=np.bool_),
        fits=fits,
        values=x,
        weights={branch.node.code: _weights(plan, branch, fits) for branch in plan.branches},
        warnings=warnings,
    )
    _mark_not_applicable(work)
    _warn_absent(work)
    return work


def _weights(plan: Plan, branch: Branch, fits: Fits) -> tuple[float, ...]:
    """The weights of a node's children: as defined, or as frozen, where the children are the same."""
    if fits.frozen is None:
        return branch.weights
    names = [plan.codes[row] for row in branch.children]
    stored = fits.frozen.weights.get(branch.node.code, {})
    if set(stored) != set(names):
        refuse_frozen(f"they hold no weights for the children of «{branch.node.code}»")
    return tuple(float(stored[name]) for name in names)


def _places(plan: Plan, panel: Panel) -> tuple[Positions, list[str]]:
    """Positions in the panel of the places that are scored, by code."""
    kept, warnings = list(range(len(panel.places))), []
    types = panel.attributes.get("place_type")
    if plan.framework.places is not None and types is not None:
        kept = [position for position in kept if of_type(types[position], plan.framework.places)]
    elif plan.framework.places is not None:
        warnings.append(
            "places come without `place_type`: all are scored, though the framework names the types it is for"
        )
    if not kept:
        raise Invalid("no place to score (give places of the types that the framework names under `places`)")
    return np.array(sorted(kept, key=panel.places.__getitem__), dtype=np.intp), warnings


def of_type(place_type: Any, wanted: tuple[str, ...]) -> bool:
    """Whether a place is of one of the types; `_` and `-` are the same."""
    return place_type is not None and str(place_type).replace("_", "-") in {name.replace("_", "-") for name in wanted}


def gather(cube: NDArray[Any], columns: Sequence[int], positions: Positions, empty: float) -> NDArray[Any]:
    """Columns of a (periods, places, indicators) cube as (periods, columns, places); -1 is a column of `empty`."""
    result = np.full((cube.shape[0], len(columns), positions.size), empty, dtype=cube.dtype)
    taken = np.array([column for column in columns if column >= 0], dtype=np.intp)
    into = np.flatnonzero(np.asarray(columns) >= 0)
    whole = np.array_equal(taken, np.arange(cube.shape[2]))
    in_order = positions.size == cube.shape[1] and bool((np.diff(positions) == 1).all())
    for when in range(cube.shape[0]):
        # Copied whole first: picking from a transposed view is several times slower.
        source = np.ascontiguousarray(cube[when].T)
        source = source if whole else source[taken]
        result[when, into] = source if in_order else source[:, positions]
    return result


def _refuse_infinities(panel: Panel) -> None:
    if not np.isinf(panel.values).any():
        return
    cells = np.argwhere(np.isinf(panel.values))
    cure = "correct the value, or leave it empty"
    problems = [
        Problem(
            f"infinite value of {panel.places[place]} in {panel.periods[when]}", cure, column=panel.indicators[column]
        )
        for when, place, column in cells[:SHOWN_PROBLEMS]
    ]
    raise Invalid(f"{len(cells)} infinite values, the first: {problems[0]}", problems)


def _mark_not_applicable(work: Work) -> None:
    """Empty the cells of indicators that do not apply to a place's type; they do not count against its coverage."""
    types = work.attributes.get("place_type")
    for column, item in enumerate(work.plan.columns):
        applies_to = item.indicator.applies_to
        if applies_to is not None and types is not None:
            outside = np.array([not of_type(place_type, applies_to) for place_type in types])
            work.status[:, column, outside] = CellStatus.NOT_APPLICABLE
        elif applies_to is not None:
            work.warnings.append(f"«{item.code}» applies to some types of place only, but places have no `place_type`")
    empty = work.status == CellStatus.NOT_APPLICABLE
    if not empty.any():
        return
    ignored = int((empty & ~np.isnan(work.x)).sum())
    if ignored:
        work.warnings.append(f"{ignored} values of indicators that do not apply to their place are left out")
    work.x[empty] = np.nan


def _warn_absent(work: Work) -> None:
    absent = [
        item.code
        for item in work.plan.columns
        if item.indicator.formula is None and item.code not in set(work.panel.indicators)
    ]
    if absent:
        work.warnings.append(f"no data at all for {', '.join(absent)}")

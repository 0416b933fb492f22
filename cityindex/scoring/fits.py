"""The ledger of fitted numbers: taken from the reference once, written down, and read back where a run is repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.matrix import Floats

if TYPE_CHECKING:
    from cityindex.scoring.results import Parameters

Fitted = Mapping[str, Any]
Ledger = dict[str, dict[str, dict[str, dict[str, Any]]]]

PERIOD = "period"


class Fits:
    """Fitted numbers by step, indicator and key (a period, `pooled`, `base` or `all`)."""

    def __init__(self, frozen: Parameters | None = None) -> None:
        self.frozen = frozen
        self.ledger: Ledger = {}
        self.warnings: list[str] = []

    def fit(
        self, step: str, codes: Sequence[str], periods: Sequence[int], make: Callable[[], tuple[Sequence[str], Fitted]]
    ) -> Fitted:
        """Parameters of a step for some indicators, as arrays (references or periods, indicators).

        `make` fits them anew, giving the keys of the references and the arrays; with frozen parameters it is not
        called, and what is stored is laid out by period instead.
        """
        if self.frozen is None:
            keys, fitted = make()
            self._record(step, codes, keys, fitted)
            return fitted
        return self._stored(self.frozen, step, codes, periods)

    def _record(self, step: str, codes: Sequence[str], keys: Sequence[str], fitted: Fitted) -> None:
        entries = self.ledger.setdefault(step, {})
        for column, code in enumerate(codes):
            entries[code] = {
                key: {name: numbers[where, column] for name, numbers in fitted.items()}
                for where, key in enumerate(keys)
            }

    def _stored(self, frozen: Parameters, step: str, codes: Sequence[str], periods: Sequence[int]) -> Fitted:
        stored = frozen.fits.get(step, {})
        missing = [code for code in codes if code not in stored]
        if missing:
            refuse_frozen(f"they hold no {step} parameters for {', '.join(missing)}")
        self.ledger.setdefault(step, {}).update(
            {code: {key: dict(entry) for key, entry in stored[code].items()} for code in codes}
        )
        rows = [[self._entry(stored[code], period) for code in codes] for period in periods]
        names = set(rows[0][0])
        if any(set(entry) != names for row in rows for entry in row):
            refuse_frozen(f"the {step} parameters of {', '.join(codes)} are not alike")
        return {name: _array([[entry[name] for entry in row] for row in rows]) for name in rows[0][0]}

    def _entry(self, stored: Mapping[str, Any], period: int) -> Mapping[str, Any]:
        """The stored numbers for a period: its own, those for all periods, or the latest before it."""
        years = sorted(int(key) for key in stored if key.isdigit())
        if not years or str(period) in stored:
            return dict(stored[str(period)] if years else next(iter(stored.values())))
        used = max((year for year in years if year < period), default=years[0])
        warning = f"{period} is scored with the frozen parameters of {used}"
        if warning not in self.warnings:
            self.warnings.append(warning)
        return dict(stored[str(used)])


def references(values: Floats, over: Any, periods: Sequence[int]) -> tuple[list[str], Floats]:
    """What parameters are fitted on: (references, indicators, values), and the key of each reference.

    `over` is `period` (each on its own), `pooled` (all together), or `{"base": year}` or `{"base": [years]}`.
    """
    if over == PERIOD:
        return [str(period) for period in periods], values
    chosen = values
    if over != "pooled":
        chosen = values[[periods.index(year) for year in base_years(over)]]
    pooled = np.ascontiguousarray(chosen.transpose(1, 0, 2)).reshape(1, values.shape[1], -1)
    return ["pooled" if over == "pooled" else "base"], pooled


def base_years(over: Any) -> list[int]:
    """The years of `{"base": …}`; none for the other references."""
    if not isinstance(over, Mapping):
        return []
    base = over["base"]
    return [int(year) for year in (base if isinstance(base, list | tuple) else [base])]


def refuse_frozen(reason: str) -> NoReturn:
    cure = "give the parameters.json of a run of this version of the framework"
    raise Invalid(f"these parameters do not fit: {reason} ({cure})", [Problem(reason, cure, column="parameters")])


def plain(value: Any) -> Any:
    """A fitted number as JSON has it: NaN is null, arrays are lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  (only NaN is unequal)


def _array(rows: list[list[Any]]) -> Any:
    first = rows[0][0]
    if isinstance(first, list | np.ndarray):
        result = np.empty((len(rows), len(rows[0])), dtype=object)
        for where in np.ndindex(*result.shape):
            result[where] = np.asarray(rows[where[0]][where[1]], dtype=np.float64)
        return result
    if isinstance(first, str | bool | np.bool_):
        return np.array(rows)
    return np.array([[np.nan if item is None else item for item in row] for row in rows], dtype=np.float64)

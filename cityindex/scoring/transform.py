"""Declared transforms (the logarithm of income): part of what an indicator means, not outlier treatment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from cityindex.errors import Invalid, Problem
from cityindex.scoring.matrix import Bools, Floats

if TYPE_CHECKING:
    from cityindex.scoring.work import Work

TRANSFORMS: Mapping[str, Callable[[Floats], Floats]] = {"log": np.log, "log10": np.log10, "sqrt": np.sqrt}
REFUSED = {"log": "<= 0", "log10": "<= 0", "sqrt": "< 0"}


def outside(values: Floats, transform: str) -> Bools:
    """Which values a transform cannot take: x <= 0 for logarithms, x < 0 for roots."""
    with np.errstate(invalid="ignore"):
        if transform in ("log", "log10"):
            return np.asarray(values <= 0)
        return np.asarray(values < 0) if transform == "sqrt" else np.zeros(values.shape, dtype=np.bool_)


def transformed(values: Floats, transform: str) -> Floats:
    """log, log10 or sqrt of every value; missing stays missing. Whoever calls has refused `outside` values."""
    return values if transform == "none" else TRANSFORMS[transform](values)


def transform(work: Work) -> None:
    """Apply the declared transforms; values outside a transform's domain are refused, naming indicator and places."""
    wanted = [(column, item) for column, item in enumerate(work.plan.columns) if item.indicator.transform != "none"]
    problems = [
        Problem(
            f"{how} cannot take values {REFUSED[how]}: {work.name_cells(cells, column)}",
            "correct the values, or take another transform",
            column=item.code,
        )
        for column, item in wanted
        if (cells := outside(work.x[:, column], how := item.indicator.transform)).any()
    ]
    if problems:
        raise Invalid("; ".join(str(problem) for problem in problems), problems)
    if wanted:
        work.x = work.x.copy()
    for column, item in wanted:
        work.x[:, column] = transformed(work.x[:, column], item.indicator.transform)

"""What the ranking of a run depends on: its indicators one by one, and the choices of the method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from cityindex.formats.arrays import unpack_json
from cityindex.models import RunArray
from cityindex.scoring.multivariate import RankShift
from cityindex.scoring.sensitivity import FactorIndices

DEPENDENCE = "sensitivity"
"""The record of a run that holds it."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """How far ranks move without each indicator (`left_out`), and how much each choice of the plan of uncertainty
    moves them (`factors`, from `base` points of a Sobol' sequence).

    `problem` is why one of them could not be computed.
    """

    left_out: tuple[RankShift, ...]
    factors: tuple[FactorIndices, ...] = ()
    base: int = 0
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        left_out = tuple(RankShift(**_numbers(one)) for one in data["left_out"])
        factors = tuple(FactorIndices(**_numbers(one)) for one in data["factors"])
        return cls(left_out, factors, data["base"], data["problem"])


def dependence(session: Session, run_id: int) -> Dependence | None:
    """What was kept with a run; None for runs of the time before it was computed."""
    packed = select(RunArray.data).where(RunArray.run_id == run_id, RunArray.name == DEPENDENCE)
    found = session.execute(packed).scalar_one_or_none()
    return None if found is None else Dependence.from_json(unpack_json(found))


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float("nan") if value is None else value for name, value in row.items()}

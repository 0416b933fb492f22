"""What each part gives to an index, as a strip for a row of a table: the same slots for every place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cityindex.queries.runs.scores import RankingRow
from cityindex.web.editions.structure import Structure

GAP = 0.6
"""Between slots, in percent of the width."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A slot for each part, as wide as its weight, filled as far as its score: widths never change from row to row.

    `slots` are code, left end and width, in percent.
    """

    slots: tuple[tuple[str, float, float], ...]
    scale: tuple[float, float]

    @classmethod
    def of(cls, tree: Structure, scale: tuple[float, float]) -> Self | None:
        """None where the weights of the parts do not stand in the definition, or something beside parts has one."""
        branch, parts = tree.index.branch, tree.domains
        if branch is None or branch.node.weights is not None or len(parts) < 2:
            return None
        if {part.code for part in parts} != set(tree.index.children):
            return None
        slots, left = [], 0.0
        for part in parts:
            slots.append((part.code, left, 100 * part.share))
            left += 100 * part.share
        return cls(tuple(slots), scale)

    @property
    def ground(self) -> str:
        """The empty slots as a path."""
        return _path([(left, width) for _, left, width in self.slots])

    def filled(self, row: RankingRow) -> str:
        """The filled part of each slot as a path; a part without a score stays empty."""
        return _path([(left, width * self._share(row, code)) for code, left, width in self.slots])

    def missing(self, row: RankingRow) -> str:
        """The slots of parts without a score."""
        return _path([(left, width) for code, left, width in self.slots if row.nodes[code].score is None])

    def _share(self, row: RankingRow, code: str) -> float:
        score, (low, high) = row.nodes[code].score, self.scale
        return 0.0 if score is None else min(max((score - low) / (high - low), 0.0), 1.0)


def _path(parts: Sequence[tuple[float, float]]) -> str:
    return "".join(
        f"M{left:.1f} 0h{max(width - GAP, 0):.1f}v8h-{max(width - GAP, 0):.1f}z" for left, width in parts if width
    )

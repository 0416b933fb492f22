"""Which figures of aggregates are left out: those of few people, and those that would give these away in sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Key = tuple[str, int, str]
"""A place, a year and a figure."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many of the surveyed people of a place have something, and how many have not.

    `others` is None where the figure is itself how many were surveyed. `within` are the areas whose sums others may
    know: the district and the province, as far as there are any.
    """

    key: Key
    count: int
    others: int | None
    within: tuple[str, ...]


def is_small(count: int, surveyed: int, fewest: int) -> bool:
    """Whether a share would tell of few people: few are below the standard, few or none above it, or few were asked."""
    return surveyed < fewest or 0 < count < fewest or (count > 0 and surveyed - count < fewest)


def hidden(cells: Iterable[Cell], fewest: int) -> tuple[set[Key], set[Key]]:
    """The small ones, and what goes with them: of no area, its sum less what is shown tells of fewer than `fewest`.

    In every area, those left out are two at least, with `fewest` people on both sides together, or there is nothing
    left to leave out.
    """
    known = list(cells)
    small = {cell.key for cell in known if _is_small(cell, fewest)}
    out, before = set(small), -1
    groups = _groups(known)
    while len(out) > before:  # what goes for the sum of a province may be alone in its district
        before = len(out)
        for together in groups:
            out |= _beside(together, out, fewest)
    return small, out - small


def _is_small(cell: Cell, fewest: int) -> bool:
    if cell.others is None:
        return cell.count < fewest
    return is_small(cell.count, cell.count + cell.others, fewest)


def _groups(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The cells of each area, year and figure: by the smallest areas first, and by the whole country last."""
    found: list[list[Cell]] = []
    for depth in range(max((len(cell.within) for cell in cells), default=0), -1, -1):
        level: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
        for cell in cells:
            if len(cell.within) >= depth:
                level[cell.within[:depth], cell.key[1], cell.key[2]].append(cell)
        found += level.values()
    return found


def _beside(together: Sequence[Cell], out: set[Key], fewest: int) -> set[Key]:
    """What must go, too, before the sum of these cells tells nothing: the smallest first, and zeros last."""
    gone = [cell for cell in together if cell.key in out]
    shown = (cell for cell in together if cell.key not in out)
    rest = sorted(shown, key=lambda cell: (cell.count == 0, cell.count, cell.key))
    added: set[Key] = set()
    while gone and rest and not _is_safe(gone, fewest):
        gone.append(rest.pop(0))
        added.add(gone[-1].key)
    return added


def _is_safe(gone: Sequence[Cell], fewest: int) -> bool:
    others = [cell.others for cell in gone if cell.others is not None]
    enough_others = not others or sum(others) >= fewest
    return len(gone) >= 2 and sum(cell.count for cell in gone) >= fewest and enough_others

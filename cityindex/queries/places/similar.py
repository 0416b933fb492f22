"""The places most like a place, each with the reasons: what the two have in common, and in what they differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from cityindex.errors import NotFound
from cityindex.queries.places.directory import Named
from cityindex.queries.places.traits import Figure, Register, numbered, register
from cityindex.scoring.matrix import Bools, Floats
from cityindex.scoring.similarity import UNKNOWN, differences, distance, logs, nearest

FIGURES = ("population", "density", "revenue")
KINDS = ("place_type", "region")
TRAITS = (*FIGURES, *KINDS)
"""What places are compared by, each with the same weight. Revenue is per head."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """One trait of two places. `mine` and `other` are None where it is not known; years are 0 for the register."""

    trait: str
    mine: float | str | None
    other: float | str | None
    mine_year: int = 0
    other_year: int = 0

    @property
    def known(self) -> bool:
        return self.mine is not None and self.other is not None


@dataclass(frozen=True, slots=True)
class Similar:
    """A place with how near it is (0 the same in all traits, 1 as two places by chance) and why, in order of `TRAITS`.

    `pinned` is one that the reader wants in, however near it is.
    """

    place: Named
    distance: float
    likenesses: tuple[Likeness, ...]
    pinned: bool = False

    @property
    def compared(self) -> int:
        """In how many traits the two could be compared."""
        return sum(one.known for one in self.likenesses)


@dataclass(frozen=True, slots=True)
class SimilarPlaces:
    """`found` are those pinned, then the nearest first; `pool` is how many places they were looked for among."""

    place: Named
    found: tuple[Similar, ...]
    pool: int
    missing: tuple[str, ...]
    """Traits that are not known of the place itself: they tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to look among (codes; all of the same level unless said), and whom the reader pins or leaves out."""

    among: Collection[str] | None = None
    pinned: Sequence[str] = field(default=())
    left_out: Collection[str] = field(default=())


EVERYONE = Choice()


def similar_places(
    session: Session, code: str, regions: Mapping[str, str], k: int = 5, choice: Choice = EVERYONE
) -> SimilarPlaces:
    """The `k` places most like `code`; `regions` gives the region of a province.

    By type, people, density, revenue per head and region, standardised over all local governments in force (provinces
    over provinces: the two are never mixed, nor are real and demo places). Deterministic: of equals, the lower code.
    Those pinned come first and count among the `k`. Raises `NotFound` for a place that is not in force.
    """
    known = register(session)
    if code not in known.row:
        raise NotFound(f"there is no place {code} in force")
    mine = known.row[code]
    pool = (known.areas == known.areas[mine]) & (known.demo == known.demo[mine])
    distances = np.full(pool.size, np.inf)
    distances[pool] = _distances(known, pool, mine, regions)
    pinned = _rows(known, choice.pinned, pool, mine)
    allowed = _allowed(known, pool, choice, [*pinned, mine])
    chosen = [*pinned, *nearest(distances, allowed, max(k - len(pinned), 0)).tolist()]
    return SimilarPlaces(
        place=known.places[mine],
        found=tuple(
            Similar(known.places[row], float(distances[row]), _likenesses(known, (mine, row), regions), row in pinned)
            for row in chosen
        ),
        pool=int(allowed.sum()) + len(pinned),
        missing=tuple(one.trait for one in _likenesses(known, (mine, mine), regions) if not one.known),
    )


def _distances(known: Register, pool: Bools, mine: int, regions: Mapping[str, str]) -> Floats:
    numbers = np.column_stack([logs(_figure(known, name).values[pool]) for name in FIGURES])
    of_province = numbered([regions.get(code) for code in known.province_codes])[0]
    region = np.where(known.provinces == UNKNOWN, UNKNOWN, np.append(of_province, UNKNOWN)[known.provinces])
    kinds = np.column_stack([known.types[pool], region[pool]])
    return distance(differences(numbers, kinds, int(pool[:mine].sum())))


def _rows(known: Register, codes: Sequence[str], pool: Bools, mine: int) -> list[int]:
    """Where the places are that can be compared with the one in question; others are passed over."""
    rows = (known.row[code] for code in dict.fromkeys(codes) if code in known.row)
    return [row for row in rows if pool[row] and row != mine]


def _allowed(known: Register, pool: Bools, choice: Choice, taken: Sequence[int]) -> Bools:
    allowed = pool.copy()
    allowed[list(taken)] = False
    allowed[[known.row[code] for code in choice.left_out if code in known.row]] = False
    if choice.among is not None:
        among = np.zeros(pool.size, dtype=bool)
        among[[known.row[code] for code in choice.among if code in known.row]] = True
        allowed &= among
    return allowed


def _likenesses(known: Register, pair: tuple[int, int], regions: Mapping[str, str]) -> tuple[Likeness, ...]:
    numbers = []
    for name in FIGURES:
        figure = _figure(known, name)
        mine, other = (_number(figure.values[row]) for row in pair)
        numbers.append(Likeness(name, mine, other, *(int(figure.periods[row]) for row in pair)))
    one, other = pair
    kinds = [Likeness(name, _kind(known, one, name, regions), _kind(known, other, name, regions)) for name in KINDS]
    return (*numbers, *kinds)


def _figure(known: Register, name: str) -> Figure:
    figure: Figure = getattr(known, name)
    return figure


def _kind(known: Register, row: int, name: str, regions: Mapping[str, str]) -> str | None:
    if name == "place_type":
        return known.places[row].place_type
    at = int(known.provinces[row])
    return None if at == UNKNOWN else regions.get(known.province_codes[at])


def _number(value: float) -> float | None:
    return float(value) if value > 0 else None  # NaN, too, and zero has no logarithm

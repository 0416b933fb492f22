"""Random numbers by counter: which numbers come out depends on the seed and on what they are for, on nothing else.

So a replication can be drawn alone, in any order and in any process. Philox of Salmon et al. (2011), as in NumPy.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid, Problem

Words = NDArray[np.uint64]
"""Random bits, 64 in each."""

LARGEST_SEED = 2**64 - 1


class Purpose(IntEnum):
    """What numbers are for: numbers of different purposes have nothing to do with one another."""

    CHOICES = 0
    SCRAMBLE = 1
    WEIGHTS = 2
    NOISE = 3
    BOOTSTRAP = 4


def check_seed(seed: int) -> None:
    """Refuse a seed that is not a whole number of 64 bits."""
    if not 0 <= seed <= LARGEST_SEED:
        cure = "give a whole number from 0 to 2^64 - 1"
        raise Invalid(
            f"seed {seed} ({cure})", [Problem("is outside what a seed can be", cure, column="seed", value=str(seed))]
        )


def stream(seed: int, number: int, purpose: Purpose) -> np.random.Philox:
    """The random bits of one purpose, for one replication or realisation."""
    key = np.array([seed, number], dtype=np.uint64)
    return np.random.Philox(key=key, counter=np.array([0, 0, 0, purpose], dtype=np.uint64))


def fractions(words: Words) -> NDArray[np.float64]:
    """Words as numbers from 0 to less than 1, by their highest 53 bits."""
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def positions(words: Words, options: int) -> NDArray[np.intp]:
    """Words as positions 0 to `options` - 1, each alike: floor(u k)."""
    return np.minimum(np.floor(fractions(words) * options), options - 1).astype(np.intp)

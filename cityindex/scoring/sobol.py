"""Sobol' sequences: points that fill a cube more evenly than chance, scrambled by a seed so that they stay unbiased.

Direction numbers: S. Joe and F. Y. Kuo, Constructing Sobol sequences with better two-dimensional projections (2008),
set new-joe-kuo-6. Scrambling: a random linear matrix and a digital shift in each dimension (Matousek, 1998).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cityindex.scoring.streams import Purpose, Words, stream

BITS = 64

JOE_KUO = """
3 1
7 1 3
11 1 3 1
13 1 1 1
19 1 1 3 3
25 1 3 5 13
37 1 1 5 5 17
41 1 1 5 5 5
47 1 1 7 11 19
55 1 1 5 1 1
59 1 1 1 3 11
61 1 3 5 5 31
67 1 3 3 9 7 49
91 1 1 1 15 21 21
97 1 3 1 13 27 49
103 1 1 1 15 7 5
109 1 3 1 15 13 25
115 1 1 5 5 19 61
131 1 3 7 11 23 15 103
137 1 3 7 13 13 15 69
143 1 1 3 13 7 35 63
145 1 3 5 9 1 25 53
157 1 3 1 13 9 35 107
167 1 3 1 5 27 61 31
171 1 1 5 11 19 41 61
185 1 3 5 3 3 13 69
191 1 1 7 13 1 19 1
193 1 3 7 5 13 19 59
203 1 1 3 9 25 29 41
211 1 3 5 13 23 1 55
213 1 3 7 3 13 59 17
229 1 3 1 3 5 53 69
239 1 1 5 5 23 33 13
241 1 1 7 7 1 61 123
247 1 1 7 9 13 61 49
253 1 3 3 5 3 55 33
285 1 3 1 15 31 13 49 245
299 1 3 5 15 31 59 63 97
301 1 3 1 11 11 11 77 249
333 1 3 1 11 27 43 71 9
351 1 1 7 15 21 11 81 45
355 1 3 7 3 25 31 65 79
357 1 3 1 1 19 11 3 205
361 1 1 5 9 19 21 29 157
369 1 3 7 11 1 33 89 185
391 1 3 3 3 15 9 79 71
397 1 3 7 11 15 39 119 27
425 1 1 3 1 11 31 97 225
451 1 1 1 3 23 43 57 177
463 1 3 7 7 17 17 37 71
487 1 3 1 5 27 63 123 213
501 1 1 3 5 11 43 53 133
529 1 3 5 5 29 17 47 173 479
539 1 3 3 11 3 1 109 9 69
545 1 1 1 5 17 39 23 5 343
557 1 3 1 5 25 15 31 103 499
563 1 1 1 11 11 17 63 105 183
601 1 1 5 11 9 29 97 231 363
607 1 1 5 15 19 45 41 7 383
617 1 3 7 7 31 19 83 137 221
623 1 1 1 3 23 15 111 223 83
631 1 1 5 13 31 15 55 25 161
637 1 1 3 13 25 47 39 87 257
"""
"""For each dimension after the first: its primitive polynomial as bits, and its initial direction numbers."""

DIMENSIONS = 1 + len(JOE_KUO.split("\n")[1:-1])


@dataclass(frozen=True)
class Sobol:
    """A sequence: `directions` (dimensions, bits) and `shift` (dimensions), all in the highest bits of 64."""

    directions: Words
    shift: Words

    def points(self, start: int, stop: int) -> Words:
        """Points `start` to `stop` - 1 as 64-bit fractions (points, dimensions)."""
        index = np.arange(start, stop, dtype=np.uint64)
        gray = index ^ (index >> np.uint64(1))
        found = np.repeat(self.shift[None], index.size, axis=0)
        for bit in range(int(stop).bit_length()):
            there = (gray >> np.uint64(bit)) & np.uint64(1) > 0
            found[there] ^= self.directions[:, bit]
        return found


def plain(dimensions: int) -> Sobol:
    """The sequence as published."""
    return Sobol(_directions()[:dimensions], np.zeros(dimensions, dtype=np.uint64))


def scrambled(dimensions: int, seed: int) -> Sobol:
    """The sequence under a random scramble, which keeps its evenness."""
    draws = stream(seed, 0, Purpose.SCRAMBLE).random_raw(dimensions * (BITS + 1)).reshape(dimensions, BITS + 1)
    return Sobol(_mixed(_directions()[:dimensions], draws[:, 1:]), draws[:, 0])


@lru_cache(maxsize=1)
def _directions() -> NDArray[np.uint64]:
    rows = [[1] * BITS]
    for line in JOE_KUO.split("\n")[1:-1]:
        polynomial, *first = map(int, line.split())
        rows.append(_grown(polynomial, first))
    return np.array([[m << (BITS - 1 - j) for j, m in enumerate(row)] for row in rows], dtype=np.uint64)


def _grown(polynomial: int, first: list[int]) -> list[int]:
    """Direction numbers continued by the recurrence of the polynomial."""
    degree, numbers = len(first), list(first)
    while len(numbers) < BITS:
        following = numbers[-degree] ^ (numbers[-degree] << degree)
        for step in range(1, degree):
            if polynomial >> (degree - step) & 1:
                following ^= numbers[-step] << step
        numbers.append(following)
    return numbers


def _mixed(directions: Words, draws: Words) -> Words:
    """Every bit replaced by a sum of itself and a random choice of the bits above it."""
    result = np.zeros_like(directions)
    for bit in range(BITS):
        own = np.uint64(1 << (BITS - 1 - bit))
        above = np.uint64((1 << BITS) - (1 << (BITS - bit)))
        parity = np.bitwise_count(directions & ((draws[:, bit] & above) | own)[:, None]) & 1
        result |= np.where(parity > 0, own, np.uint64(0))
    return result

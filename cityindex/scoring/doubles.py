"""The first double on the way from one number to another at which something holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cityindex.scoring.matrix import Bools, Floats

SECTIONS = 64
"""How many points are tried at once: the tests are vectorised, and each round takes six bits."""


def first_holding(holds: Callable[[Floats], Bools], start: float, end: float, sections: int = SECTIONS) -> float:
    """The double nearest to `start` at which `holds` is true, if it is false before and true from there to `end`.

    `holds` must be false at `start` and true at `end`; whatever it is in between, the double before the answer does not
    hold. Doubles are searched by their order, so that the answer is exact to the last bit.
    """
    low, high = _key(start), _key(end)
    while abs(high - low) > 1:
        step = 1 if high > low else -1
        count = min(sections, abs(high - low) - 1)
        keys = [low + step * (abs(high - low) * k // (count + 1)) for k in range(1, count + 1)]
        found = holds(np.array(_values(keys)))
        first = int(np.argmax(found)) if found.any() else count
        low, high = keys[first - 1] if first else low, keys[first] if first < count else high
    return _values([high])[0]


def _key(value: float) -> int:
    """Whole numbers in the order of the doubles."""
    bits = int(np.float64(value + 0.0).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _values(keys: Sequence[int]) -> list[float]:
    bits = np.array([abs(key) for key in keys], dtype=np.int64).view(np.float64)
    return [float(-value if key < 0 else value) for key, value in zip(keys, bits, strict=True)]

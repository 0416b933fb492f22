"""Frameworks, data and plans for tests of uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np

from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.matrix import CellStatus, Panel

PLACES, CODES = 40, tuple(f"i{k}" for k in range(9))
MINMAX, SHARES = Rule("min-max"), Rule("percentile-rank")
ZERO = Rule("zero")
ARITHMETIC, GEOMETRIC = Rule("arithmetic"), Rule("geometric")
NOISE = Weighting("noise", 0.25)

FULL = UncertaintyPlan(
    normalise=(MINMAX, SHARES, Rule("z-score", {"mean": 100, "sd": 10})),
    treat=(Rule("none"), Rule("winsorise", {"cap": 0.05})),
    impute=(Rule("none"), Rule("median", {"by": "region"})),
    aggregate={"index": (ARITHMETIC, GEOMETRIC, Rule("harmonic")), "two": (ARITHMETIC, Rule("power", {"p": 0.5}))},
    leave_out=True,
    weights=NOISE,
)


def framework(node: dict[str, Any] | None = None, root: dict[str, Any] | None = None, **method: Any) -> Framework:
    """Three levels, with an indicator beside nodes, a pilot, and a node of one indicator."""
    sub = Node("sub", tuple(Leaf(code, 1.0 + k) for k, code in enumerate(CODES[:3])), 2.0, **(node or {}))
    two = Node("two", tuple(Leaf(code) for code in CODES[4:8]), 3.0, **(node or {}))
    one = Node("one", (sub, Node("single", (Leaf("i3"),))))
    tree = Node("index", (one, two, Leaf("i8", 0.5), Leaf("pilot")), **(root or {}))
    indicators = {code: Indicator(code, direction="lower" if code == "i4" else "higher") for code in CODES}
    indicators["pilot"] = Indicator("pilot", status="pilot")
    chosen = Method(**{"screen": Rule("share", {"coverage": 0.5}), "nonpositive": ZERO, **method})
    return Framework("test", tree, indicators, method=chosen, scale=(1.0, 100.0))


def panel(
    seed: int = 1, periods: tuple[int, ...] = (2022, 2023), gaps: float = 0.15, not_applicable: float = 0.0
) -> Panel:
    """Skewed values with ties and gaps; some places are twins, which must tie."""
    rng = np.random.default_rng(seed)
    codes = (*CODES, "pilot")
    values = np.round(rng.lognormal(1, 1, (len(periods), PLACES, len(codes))), 1)
    values[rng.random(values.shape) < gaps] = np.nan
    values[:, PLACES // 2 : PLACES // 2 + 5] = values[:, :5]
    status = np.where(rng.random(values.shape) < not_applicable, CellStatus.NOT_APPLICABLE, 0).astype(np.uint8)
    names = tuple(f"p{place:03d}" for place in rng.permutation(PLACES))
    return Panel(names, periods, codes, values, status, {"region": tuple("ab"[k % 2] for k in range(PLACES))})

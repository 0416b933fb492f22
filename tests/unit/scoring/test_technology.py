"""The handbook's own example, the technology achievement index, for plausibility: its experts' weights are unknown."""

from __future__ import annotations

import numpy as np

from cityindex.scoring.choices import UncertaintyPlan, Weighting
from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.uncertainty import uncertainty
from tests.unit.scoring.frames import SHARED, columns_of, method, panel, read_rows

TAI = SHARED / "published" / "oecd_tai"


if TAI.is_dir():

    def test_what_matters_in_the_technology_achievement_index() -> None:
        """Table 39: exclusion and aggregation matter, normalisation hardly does, and choices work together."""
        names, values = columns_of(TAI / "inputs_23x8.csv", "country")
        sets = [
            {row["indicator"]: float(row[kind]) for row in read_rows(TAI / "published_table22_weights.csv")}
            for kind in ("EW", "FA", "BAP", "AHP")
        ]
        tree = Node("tai", tuple(Leaf(code) for code in values))
        made = Framework("tai", tree, {code: Indicator(code) for code in values}, scale=(1, 100), method=method())
        plan = UncertaintyPlan(
            normalise=(Rule("min-max"), Rule("z-score", {"mean": 100, "sd": 20})),
            aggregate={"tai": (Rule("arithmetic"), Rule("geometric"), Rule("copeland"))},
            leave_out=True,
            weights=Weighting("sets", sets=tuple(sets)),
            sobol=True,
        )
        result = uncertainty(made, panel(values, places=names), plan, 256, 7)
        found = {row.factor: row for row in result.sensitivity}
        assert found["leave_out"].st > 0.2
        assert found["aggregate:tai"].st > 0.1
        assert found["normalise"].s1 < 0.1
        assert sum(row.st for row in result.sensitivity) > 1 > sum(row.s1 for row in result.sensitivity) > 0
        leaders = np.argsort(result.percentiles[2])[:3]
        assert {names[place] for place in leaders} <= {"Finland", "United States", "Sweden", "Japan"}

"""Published indices, to their published decimals, where the shared data are."""

from __future__ import annotations

from typing import Any

import numpy as np

from cityindex.scoring.framework import Framework, Indicator, Leaf, Node, Rule
from cityindex.scoring.matrix import Panel
from cityindex.scoring.pipeline import ScoreSet, score
from tests.unit.scoring.frames import SHARED, columns_of, flat, method, number, panel, read_rows

PUBLISHED = SHARED / "published"
OWN = method(normalise=Rule("none"))
DECIMALS_3 = 0.00050001


def posts(low: float, high: float, clip: str = "both") -> Rule:
    return Rule("goalposts", {"low": low, "high": high, "clip": clip})


def by_country(folder: str, key: str) -> tuple[Panel, Any]:
    """One place a row: country and year. Returns the inputs and the published column."""
    rows = read_rows(PUBLISHED / folder / "inputs.csv")
    names = [f"{row['iso3']}-{row['year']}" for row in rows]
    columns = {code: [number(row[code]) for row in rows] for code in rows[0] if code not in ("iso3", "country", "year")}
    published = [number(row[key]) for row in read_rows(PUBLISHED / folder / "published.csv")]
    return panel(columns, places=names), np.array(published)


def index(results: ScoreSet) -> Any:
    return results.score[0, :, 0]


if PUBLISHED.is_dir():

    def test_the_human_development_index() -> None:
        items = [
            Indicator("le", normalise=posts(20, 85)),
            Indicator("eys", normalise=posts(0, 18)),
            Indicator("mys", normalise=posts(0, 15)),
            Indicator("gnipc", normalise=posts(100, 75_000), transform="log"),
        ]
        education = Node("education", (Leaf("eys"), Leaf("mys")), aggregate=Rule("arithmetic"))
        tree = Node("hdi", (Leaf("le"), education, Leaf("gnipc")))
        chosen = method(aggregate=Rule("geometric"), nonpositive=Rule("refuse"))
        made = Framework("hdi", tree, {item.code: item for item in items}, method=chosen, scale=(0, 1))
        data, published = by_country("undp_hdi", "hdi")
        assert np.abs(index(score(made, data)) - published).max() <= DECIMALS_3

    def test_the_index_adjusted_for_planetary_pressures() -> None:
        items = [
            Indicator("hdi", round=3),
            Indicator("co2_prod", direction="lower", normalise=posts(0, 76.61, "none")),
            Indicator("mf", direction="lower", normalise=posts(0, 140.82, "none")),
        ]
        pressure = Node("pressure", (Leaf("co2_prod"), Leaf("mf")), aggregate=Rule("arithmetic"))
        tree = Node("phdi", (Leaf("hdi"), pressure), aggregate=Rule("product"))
        made = Framework("phdi", tree, {item.code: item for item in items}, method=OWN, scale=(0, 1))
        data, published = by_country("undp_phdi", "phdi")
        assert np.abs(index(score(made, data)) - published).max() <= DECIMALS_3

    def test_the_gender_inequality_index() -> None:
        written = {
            "health": "sqrt(10 / min(max(mmr, 10), 1000) * 1 / abr)",
            "power_f": "sqrt(pr_f * se_f) / 100",
            "power_m": "sqrt(pr_m * se_m) / 100",
            "women": "(health * power_f * lfpr_f / 100) ** (1 / 3)",
            "men": "(power_m * lfpr_m / 100) ** (1 / 3)",
            "equal": "((health + 1) / 2 * (power_f + power_m) / 2 * (lfpr_f + lfpr_m) / 200) ** (1 / 3)",
            "gii": "1 - 2 / (1 / women + 1 / men) / equal",
        }
        items = {code: Indicator(code, type="derived", formula=formula) for code, formula in written.items()}
        made = Framework("gender", Node("index", (Leaf("gii"),)), items, method=OWN)
        data, published = by_country("undp_gii", "gii")
        assert np.abs(index(score(made, data)) - published).max() <= DECIMALS_3

    def test_the_social_vulnerability_index() -> None:
        names, inputs = columns_of_states("inputs.csv.gz")
        _, published = columns_of_states("published.csv.gz")
        themes = {
            "THEME1": ("POV", "UNEMP", "PCI", "NOHSDP"),
            "THEME2": ("AGE65", "AGE17", "DISABL", "SNGPNT"),
            "THEME3": ("MINRTY", "LIMENG"),
            "THEME4": ("MUNIT", "MOBILE", "CROWD", "NOVEH", "GROUPQ"),
        }
        codes = [code for members in themes.values() for code in members]
        items = {code: Indicator(code, direction="lower" if code == "PCI" else "higher", round=4) for code in codes}
        chosen = method(
            normalise=Rule("percentile-rank", {"reverse_after_rank": True}), aggregate=Rule("sum"), missing="propagate"
        )
        tree = Node("svi", tuple(Node(name, tuple(map(Leaf, members))) for name, members in themes.items()))
        results = score(
            Framework("svi", tree, items, method=chosen, scale=(0, 1)),
            panel({code: inputs[f"EP_{code}"] for code in codes}, places=names),
        )
        for code in codes:
            np.testing.assert_allclose(results.score[0, :, results.row(code)], published[f"EPL_{code}"], atol=1e-9)
        for name in themes:
            np.testing.assert_allclose(results.score[0, :, results.row(name)], published[f"SPL_{name}"], atol=1e-9)
        np.testing.assert_allclose(index(results), published["SPL_THEMES"], atol=1e-9)

    def test_a_theme_of_it_is_ranked_once_more() -> None:
        names, published = columns_of_states("published.csv.gz")
        members = ("AGE65", "AGE17", "DISABL", "SNGPNT")
        chosen = method(normalise=Rule("none"), aggregate=Rule("sum"), missing="propagate")
        # The sums are of 4-decimal numbers: rounded, or else equal sums differ in the last bit and do not tie.
        node = {"rescale": Rule("percentile-rank"), "round": 4}
        made = flat(members, method=chosen, scale=(0, 1), node=node)
        results = score(made, panel({code: published[f"EPL_{code}"] for code in members}, places=names))
        assert np.nanmax(np.abs(index(results) - published["RPL_THEME2"])) <= 0.000051

    def columns_of_states(file: str) -> tuple[list[str], dict[str, list[float]]]:
        rows = read_rows(PUBLISHED / "cdc_svi_2018" / file)
        names = [row["FIPS"] for row in rows]
        return names, {name: [number(row[name]) for row in rows] for name in rows[0] if "_" in name}

    def test_the_normalisations_of_the_handbook() -> None:
        names, columns = columns_of(PUBLISHED / "oecd_tai" / "inputs_23x8.csv", "country")
        rows = read_rows(PUBLISHED / "oecd_tai" / "published_table15_normalisations_of_schooling.csv")
        printed = {row["country"]: row for row in rows}
        rules = {
            "rank_ascending": (Rule("rank"), 1, 0),
            "zscore": (Rule("z-score"), 1, 0.0051),
            "minmax": (Rule("min-max"), 1, 0.0051),
            "ratio_to_mean": (Rule("ratio", {"to": "mean"}), 1, 0.0051),
            "ratio_to_best": (Rule("ratio"), 1, 0.0051),
            "ratio_to_worst": (Rule("ratio", {"to": "worst"}), 1, 0.0051),
            "above_below_mean_p20": (Rule("above-mean", {"band": 0.2}), 1, 0),
            "percentile": (Rule("percentile-rank", {"variant": "r/n"}), 100, 0.051),
            "categorical": (
                Rule("ladder", {"on": "percentile", "thresholds": (5, 15, 35, 65, 85, 95),
                                "levels": (0, 20, 40, 50, 60, 80, 100)}), 1, 0),
        }  # fmt: skip
        for name, (rule, times, tolerance) in rules.items():
            made = flat(["schooling"], method=method(normalise=rule), scale=(0, 1))
            results = score(made, panel({"schooling": columns["schooling"]}, places=names))
            expected = [number(printed[country][name]) for country in names]
            np.testing.assert_allclose(times * index(results), expected, atol=tolerance, err_msg=name)

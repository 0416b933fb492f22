"""The example of COINr, stage by stage and cell by cell, where the shared data are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cityindex.errors import Invalid
from cityindex.scoring.framework import Framework, Indicator, Leaf, Method, Node, Rule
from cityindex.scoring.pipeline import ScoreSet, score
from tests.unit.scoring.frames import ANY, OPEN, SHARED, columns_of, flat, method, number, panel, read_rows

ASEM = SHARED / "coinr_asem"
STEPS = ASEM / "steps"
OWN = Rule("none")

TREATED: dict[str, dict[str, Any]] = {
    "default": {"cap": {"count": 5}},
    "skew1_5kurt3": {"cap": {"count": 5}, "skew": 1.5, "kurtosis": 3},
    "winmax1": {"cap": {"count": 1}},
    "winmax3": {"cap": {"count": 3}},
    "winmax20": {"cap": {"count": 20}},
    "logCTonly": {"cap": 0},
    "f2_boxcox0": {"cap": {"count": 1}, "otherwise": "box-cox", "lambda": 0},
    "f2_boxcox0_5": {"cap": {"count": 1}, "otherwise": "box-cox", "lambda": 0.5},
    "f2_logCTorig": {"cap": {"count": 1}, "otherwise": "log-plus-one"},
    "f2_logCTplus": {"cap": {"count": 1}, "otherwise": "log-directed"},
}
IMPUTED: dict[str, Rule] = {
    "i_mean": Rule("mean"),
    "i_median": Rule("median"),
    "i_mean_grp_by_EurAsia_group": Rule("mean", {"by": "EurAsia_group"}),
    "i_median_grp_by_EurAsia_group": Rule("median", {"by": "EurAsia_group"}),
    "i_mean_grp_by_GDPpc_group": Rule("mean", {"by": "GDPpc_group"}),
    "i_median_grp_by_GDPpc_group": Rule("median", {"by": "GDPpc_group"}),
    "rowmean_normfirst_bypillar": Rule("row-mean"),
}
NORMALISED: dict[str, tuple[Rule, tuple[float, float]]] = {
    "minmax_0_100": (Rule("min-max"), (0, 100)),
    "minmax_1_100": (Rule("min-max"), (1, 100)),
    "zscore_0_1": (Rule("z-score"), (0, 100)),
    "zscore_100_10": (Rule("z-score", {"mean": 100, "sd": 10}), (0, 100)),
    "prank_min": (Rule("percentile-rank"), (0, 1)),
    "prank_average": (Rule("percentile-rank", {"ties": "average"}), (0, 1)),
    "rank_min": (Rule("rank"), (0, 100)),
    "borda_min": (Rule("borda"), (0, 100)),
    "borda_average": (Rule("borda", {"ties": "average"}), (0, 100)),
    "dist2max": (Rule("distance-to-best"), (0, 1)),
}


def meta() -> dict[str, dict[str, str]]:
    return {row["iCode"]: row for row in read_rows(ASEM / "ASEM_iMeta.csv")}


def raw() -> tuple[list[str], dict[str, list[float]], dict[str, tuple[Any, ...]]]:
    rows = read_rows(ASEM / "ASEM_iData.csv")
    known = meta()
    numbers = {code: [number(row[code]) for row in rows] for code, about in known.items() if code in rows[0]
               and about["Type"] in ("Indicator", "Denominator")}  # fmt: skip
    groups = {name: tuple(row[name] for row in rows) for name in ("GDPpc_group", "EurAsia_group")}
    return [row["uCode"] for row in rows], numbers, groups


def source(name: str) -> tuple[list[str], dict[str, list[float]], dict[str, tuple[Any, ...]]]:
    """The columns of a stage, in the order of its own places."""
    places, numbers, groups = raw()
    if name == "raw":
        return places, numbers, groups
    names, columns = columns_of(STEPS / f"{name}.csv", "uCode")
    where = [places.index(place) for place in names]
    return names, columns, {key: tuple(group[i] for i in where) for key, group in groups.items()}


def signs() -> dict[str, str]:
    return {code: "lower" if row["Direction"] == "-1.0" else "higher" for code, row in meta().items()}


def compare(results: ScoreSet, file: str, *, signed: bool = False) -> None:
    """Every cell of a stored stage; `signed`: scores are directed where the file has natural values."""
    names, expected = columns_of(STEPS / file, "uCode")
    where = [results.places.index(name) for name in names]
    directions = signs()
    for code, column in expected.items():
        found = results.score[0, where, results.row(code)]
        turned = -found if signed and directions[code] == "lower" else found
        np.testing.assert_allclose(turned, column, rtol=1e-10, atol=1e-10, err_msg=code)


def stage(name: str, codes: list[str], **options: Any) -> tuple[Framework, Any]:
    places, numbers, groups = source(name)
    framework = flat([Indicator(code) for code in codes], method=method(normalise=OWN, **options))
    return framework, panel({code: numbers[code] for code in codes}, places=places, attributes=groups)


def tree() -> Node:
    """The published tree with its weights."""
    known = meta()

    def node(code: str) -> Node | Leaf:
        weight = float(known[code]["Weight"])
        below = tuple(node(child) for child, row in known.items() if row["Parent"] == code)
        return Node(code, below, weight) if known[code]["Type"] == "Aggregate" else Leaf(code, weight)

    root = node("Index")
    assert isinstance(root, Node)
    return root


if ASEM.is_dir():

    def test_denominators() -> None:
        places, numbers, groups = raw()
        known = meta()
        codes = [code for code, row in known.items() if row["Type"] == "Indicator"]
        framework = flat(
            [Indicator(code, denominator=known[code]["Denominator"] or None) for code in codes],
            method=method(normalise=OWN),
        )
        compare(score(framework, panel(numbers, places=places, attributes=groups)), "denominated.csv")

    @pytest.mark.parametrize("stage_name", ["raw", "denominated"])
    @pytest.mark.parametrize("variant", TREATED)
    def test_treatment(stage_name: str, variant: str) -> None:
        file = f"treat_{stage_name}_{variant}.csv"
        if not (STEPS / file).exists():
            return
        codes = list(columns_of(STEPS / file, "uCode")[1])
        framework, data = stage(stage_name, codes, treat=Rule("winsorise", TREATED[variant]))
        compare(score(framework, data), file)

    @pytest.mark.parametrize("stage_name", ["raw", "denominated"])
    @pytest.mark.parametrize("variant", IMPUTED)
    def test_imputation(stage_name: str, variant: str) -> None:
        file = f"impute_{stage_name}_{variant}.csv"
        codes = list(columns_of(STEPS / file, "uCode")[1])
        places, numbers, groups = source(stage_name)
        directions = signs()
        framework = Framework(
            "asem",
            tree(),
            {code: Indicator(code, direction=directions[code]) for code in codes},  # type: ignore[arg-type]
            method=method(impute=IMPUTED[variant], normalise=OWN),
        )
        data = panel({code: numbers[code] for code in codes}, places=places, attributes=groups)
        compare(score(framework, data), file, signed=True)

    @pytest.mark.parametrize("variant", NORMALISED)
    def test_normalisation(variant: str) -> None:
        rule, scale = NORMALISED[variant]
        file = f"normalise_denominated_{variant}.csv"
        names, columns, _ = source("denominated")
        directions = signs()
        indicators = [Indicator(code, direction=directions[code]) for code in columns]  # type: ignore[arg-type]
        framework = flat(indicators, method=method(normalise=rule), scale=scale)
        compare(score(framework, panel(columns, places=names)), file)

    def test_distances_to_the_targets_and_goalposts_of_each_indicator() -> None:
        names, columns = columns_of(STEPS / "treated_from_imputed.csv", "uCode")
        directions = signs()
        about = {row["iCode"]: row for row in read_rows(ASEM / "normalise_targets_goalposts.csv")}

        def given(code: str, key: str) -> float:
            return float(about[code][key]) * (-1 if directions[code] == "lower" else 1)

        def posts(code: str, clip: str) -> Rule:
            ends = sorted((given(code, "gp_low_on_directed"), given(code, "gp_high_on_directed")))
            return Rule("goalposts", {"low": ends[0], "high": ends[1], "clip": clip})

        def target(code: str, cap: bool) -> Rule:
            return Rule("distance-to-target", {"target": given(code, "target_on_directed"), "cap": cap})

        files = {
            "goalposts_trunc_100": (lambda code: posts(code, "both"), (0, 100)),
            "goalposts_notrunc_100": (lambda code: posts(code, "none"), (0, 100)),
            "dist2targ_capTRUE": (lambda code: target(code, True), (0, 1)),
            "dist2targ_capFALSE": (lambda code: target(code, False), (0, 1)),
            "dist2ref_row1_cap": (lambda _: Rule("distance-to-reference", {"place": names[0], "cap": True}), (0, 1)),
            "dist2ref_row1": (lambda _: Rule("distance-to-reference", {"place": names[0]}), (0, 1)),
        }
        for variant, (rule, scale) in files.items():
            for code, column in columns.items():
                file = f"normalise_treated_{variant}.csv"
                item = Indicator(code, direction=directions[code], normalise=rule(code))  # type: ignore[arg-type]
                try:
                    results = score(flat([item], scale=scale), panel({code: column}, places=names))
                except Invalid:
                    continue  # COINr gives infinities or negative scores there
                expected_names, expected = columns_of(STEPS / file, "uCode")
                where = [results.places.index(name) for name in expected_names]
                found = results.score[0, where, 1]
                np.testing.assert_allclose(found, expected[code], rtol=1e-9, atol=1e-9, err_msg=f"{variant} {code}")

    def test_shares_of_the_best() -> None:
        """Where lower is better, COINr divides negative numbers by one another: 1 for the best, more for the others."""
        names, columns, _ = source("denominated")
        higher = [code for code in columns if signs()[code] == "higher"]
        framework = flat([Indicator(code) for code in higher], method=method(normalise=Rule("ratio")))
        results = score(framework, panel({code: columns[code] for code in higher}, places=names))
        _, expected = columns_of(STEPS / "normalise_denominated_fracmax.csv", "uCode")
        for code in higher:
            np.testing.assert_allclose(results.score[0, :, results.row(code)], expected[code], rtol=1e-10, err_msg=code)

    def test_outliers_of_a_panel_are_treated_year_by_year() -> None:
        """The values of a place that COINr left out for want of data are no reference; the file says who is left."""
        rows = read_rows(ASEM / "panel" / "purse_treated.csv")
        data = {(row["uCode"], int(float(row["Time"]))): row for row in read_rows(ASEM / "ASEM_iData_p.csv")}
        places = sorted({row["uCode"] for row in rows})
        years = sorted({int(row["Time"]) for row in rows})
        assert len(rows) == len(places) * len(years)
        codes = [code for code in rows[0] if code in signs() and code in data[places[0], years[0]]]
        cubes = {code: [[number(data[place, year][code]) for place in places] for year in years] for code in codes}
        rule = Rule("winsorise", {"cap": {"count": 5}, "over": "period"})
        framework = flat([Indicator(code) for code in codes], method=method(normalise=OWN, treat=rule))
        results = score(framework, panel(cubes, places=places, periods=years))
        for row in rows:
            where = years.index(int(row["Time"])), places.index(row["uCode"])
            for code in codes:
                found = results.score[where][results.row(code)]
                assert found == pytest.approx(number(row[code]), rel=1e-10, nan_ok=True), (row["uCode"], code)

    @pytest.mark.parametrize("share", ["0.85", "0.90", "0.95"])
    @pytest.mark.parametrize("kind", ["byNA", "byzeros", "byNAandzeros"])
    def test_screening(kind: str, share: str) -> None:
        places, numbers, _ = source("denominated")
        zeros = {} if kind == "byNA" else {"zeros": 0.1}
        rule = Rule("share", {"coverage": 0.0 if kind == "byzeros" else float(share), **zeros})
        framework = flat([Indicator(code) for code in numbers], method=method(normalise=OWN, screen=rule))
        results = score(framework, panel(numbers, places=places))
        rows = read_rows(STEPS / f"screen_denominated_{kind}_dat{share}_nz0.90.csv")
        included = {row["uCode"] for row in rows if row["Included"] == "TRUE"}
        assert {name for name, rank in zip(places, results.rank[0, :, 0], strict=True) if rank} == included

    def test_the_whole_index() -> None:
        rows = read_rows(ASEM / "expected_Treated.csv")
        expected = read_rows(ASEM / "expected_Aggregated.csv")
        key = next(name for name in rows[0] if name.endswith("Code"))
        known, directions = meta(), signs()
        codes = [code for code, row in known.items() if row["Type"] == "Indicator"]
        framework = Framework(
            "asem",
            tree(),
            {code: Indicator(code, direction=directions[code]) for code in codes},  # type: ignore[arg-type]
            method=Method(screen=ANY, coverage=OPEN),
        )
        data = panel({code: [number(row[code]) for row in rows] for code in codes}, places=[row[key] for row in rows])
        results = score(framework, data)
        for row in expected:
            place = results.places.index(row[key])
            for code in ("Index", "Conn", "Sust", "Physical", "Social"):
                assert results.score[0, place, results.row(code)] == pytest.approx(float(row[code]), abs=1e-9)

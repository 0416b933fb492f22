"""`make real-data DATA=folder`: import, score and publish real data by the public commands, and check the figures.

Uses the database of CITYINDEX_DATABASE_URL, which has to be empty; without one, a temporary SpatiaLite file. The
scores of local-capacity are compared with a direct calculation in plain Python that shares no code with the engine.
"""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import CHECKOUT, SHARED_DATA

CITYINDEX = Path(sys.executable).parent / "cityindex"
FRAMEWORK, PERIOD = "local-capacity", 2023
FINANCE = "municipality_finance_nso/municipality_finance_fy2566.csv"
MONEY = {
    "rev_own_mb": "own_revenue",
    "rev_shared_mb": "shared_revenue",
    "rev_subsidy_mb": "subsidy",
    "rev_total_mb": "total_revenue",
    "area_km2": "area",
    "population": "population",
}
REGISTER_COLUMNS = {
    "dla_code": "code",
    "type": "place_type",
    "province_code": "province",
    "district_code": "district",
    "nso_muni_code": "code:nso",
    "wikidata": "code:wikidata",
}
PROVINCES = {
    "province_code": "place",
    "year": "period",
    "pop_density_km2": "reported_population_density",
    "area_km2": "area",
    "age_0_5_pct": "age_0_5_share",
    "age_6_17_pct": "age_6_17_share",
    "age_18_24_pct": "age_18_24_share",
    "age_25_44_pct": "age_25_44_share",
    "age_45_64_pct": "age_45_64_share",
    "age_65plus_pct": "age_65_plus_share",
    "hh_income_month_baht": "household_income_month",
    "gpp_per_capita_baht": "gpp_per_head",
    "gpp_agri_pct": "gpp_agriculture_share",
    "gpp_industry_pct": "gpp_industry_share",
    "gpp_services_pct": "gpp_services_share",
    "msw_ton_day_2013_only": "municipal_waste",
}


def maps(columns: dict[str, str]) -> list[str]:
    return [word for column, name in columns.items() for word in ("--map", f"{column}={name}")]


def command(*words: str | Path, fails: bool = False) -> dict[str, Any]:
    """Run a public command, print its time, and return what it reports."""
    started = time.monotonic()
    line = [str(CITYINDEX), *map(str, words), "--json"]
    result = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    print(f"{time.monotonic() - started:6.1f} s  exit {result.returncode}  cityindex {' '.join(map(str, words))[:110]}")
    if (result.returncode != 0) != fails:
        raise SystemExit(f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}")
    report: dict[str, Any] = json.loads(result.stdout) if result.stdout.strip() else {}
    short = {key: value for key, value in report.items() if isinstance(value, (int, str, float))}
    print(f"          {json.dumps(short, ensure_ascii=False)[:400]}")
    return report


def load(data: Path) -> None:
    """The register, the boundaries, and the figures of `data`, through the importers."""
    command("db", "upgrade")
    command("seed")
    command("import", "places", data / "lao/lao_7849.csv", *maps(REGISTER_COLUMNS), "--skip-bad-values")
    key = ["--key", "code", "--scheme", "nso", "--level", "municipality", "--skip-unknown"]
    command("import", "boundaries", data / "boundaries/municipality_nso.geojson", *key)
    finance = maps({"nso_muni_code": "place:nso", **MONEY})
    said = ["--source", "NSO and DLA, finance of municipalities, fiscal year 2566"]
    options = ["--period", "2566", "--ignore-unknown", "--skip-unknown"]
    command("import", "observations", data / FINANCE, *finance, *said, *options)
    population = maps({"dla_code": "place", "year": "period"})
    said = ["--source", "DOPA, registered population, 1993 to 2021"]
    people = data / "municipality_population/municipality_population_1993_2021.csv"
    command("import", "observations", people, *population, *said, "--ignore-unknown", "--skip-unknown")
    provinces = data / "province_indicators_2013_2022"
    said = ["--source", "NSO, NESDC, DOPA, PCD, MOTS, figures of provinces"]
    command(
        "import",
        "observations",
        provinces / "province_indicators_clean.csv",
        *maps(PROVINCES),
        *said,
        "--ignore-unknown",
    )


def direct_scores(data: Path) -> dict[str, float]:
    """Scores of local-capacity by NSO code, from the file and the definition alone; none where coverage is too low."""
    framework = yaml.safe_load((CHECKOUT / f"indicators/frameworks/{FRAMEWORK}.yaml").read_text())
    catalogue = yaml.safe_load((CHECKOUT / "indicators/catalogue/local-finance.yaml").read_text())
    indicators = {item["code"]: item for item in catalogue["indicators"]}
    with (data / FINANCE).open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    scores = {row["nso_muni_code"]: index_of(framework["tree"], indicators, figures_of(row)) for row in rows}
    return {code: score for code, score in scores.items() if score is not None}


def figures_of(row: dict[str, str]) -> dict[str, float]:
    """The derived figures of a municipality, written out by hand."""
    own, shared, _subsidy, total, _area, people = (float(row[name]) if row[name] else math.nan for name in MONEY)
    million = 1_000_000
    figures = {"total_revenue": total}
    if total:
        figures |= {"fiscal_self_dependency": 100 * own / total, "self_reliance": 100 * (own + shared) / total}
    if people:
        figures |= {
            "own_revenue_per_head": million * own / people,
            "shared_revenue_per_head": million * shared / people,
            "total_revenue_per_head": million * total / people,
        }
    return {name: value for name, value in figures.items() if not math.isnan(value)}


def index_of(node: dict[str, Any], indicators: dict[str, Any], figures: dict[str, float]) -> float | None:
    """Weighted arithmetic mean over the children that have a score, where they hold two thirds of the weight."""
    if "indicator" in node:
        return goalposts_of(indicators[node["indicator"]], figures.get(node["indicator"]))
    scored = [child for child in node["children"] if not is_pilot(child, indicators)]
    weights = [child.get("weight", 1) for child in scored]
    parts = [(w, index_of(child, indicators, figures)) for w, child in zip(weights, scored, strict=True)]
    known = [(weight, score) for weight, score in parts if score is not None]
    if sum(weight for weight, _ in known) < 0.66 * sum(weights):
        return None
    return sum(weight * score for weight, score in known) / sum(weight for weight, _ in known)


def is_pilot(child: dict[str, Any], indicators: dict[str, Any]) -> bool:
    return "indicator" in child and indicators[child["indicator"]].get("status") == "pilot"


def goalposts_of(indicator: dict[str, Any], value: float | None) -> float | None:
    if value is None:
        return None
    change = {"log": math.log, "log10": math.log10}.get(indicator.get("transform", "none"), float)
    if change is not float and value <= 0:
        return None
    low, high = (change(indicator["normalise"][end]) for end in ("low", "high"))
    share = min(max((change(value) - low) / (high - low), 0), 1)
    return 100 * (share if indicator["direction"] == "higher" else 1 - share)


def compare(data: Path, folder: Path) -> None:
    """Export the edition and hold every score against the direct calculation."""
    command("export", FRAMEWORK, str(PERIOD), "--format", "csv", folder / "edition.csv")
    with (folder / "edition.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "0"]
    engine = {row["place"]: float(row["score"]) for row in rows if row["score"]}
    with (data / FINANCE).open(encoding="utf-8-sig") as file:
        codes = {row["nso_muni_code"]: row["dla_code"] for row in csv.DictReader(file) if row["dla_code"]}
    direct = {codes[nso]: score for nso, score in direct_scores(data).items() if nso in codes}
    both = engine.keys() & direct.keys()
    worst = max(abs(engine[code] - direct[code]) for code in both)
    print(f"{len(engine):,} scored by the engine, {len(direct):,} by hand with a DLA code, {len(both):,} by both")
    print(f"largest difference {worst:.2e}; only by hand: {sorted(direct.keys() - engine.keys())[:20]}")
    if worst > 1e-9 or len(both) < 2000:
        raise SystemExit("the engine and the direct calculation do not agree")


def refuse_the_dirty_original(data: Path) -> None:
    """The original of the province figures copies a year and writes zeros for missing: that has to be said."""
    dirty = data / "province_indicators_2013_2022/SW_Thailand_2021_Labeled_original_plus_code.csv"
    columns = {
        "province_code": "place",
        "Year": "period",
        "HH_Income_Avg": "household_income_month",
        "GPP_per_Capita": "gpp_per_head",
    }
    words = [
        "import",
        "observations",
        dirty,
        *maps(columns),
        "--source",
        "the original",
        "--ignore-unknown",
        "--dry-run",
    ]
    line = [str(CITYINDEX), *map(str, words)]
    result = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    print(f"the dirty original: exit {result.returncode}\n{(result.stdout + result.stderr)[:2500]}")


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_DATA
    if not data.is_dir():
        raise SystemExit(f"{data} is not there: give the folder of the real data, make real-data DATA=folder")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("CITYINDEX_DATABASE_URL", f"sqlite:///{folder}/real.sqlite")
        load(data)
        run = command("run", FRAMEWORK, str(PERIOD))["run"]
        command("publish", str(run))
        compare(data, Path(folder))
        refuse_the_dirty_original(data)
        print(f"1 passed, 0 failed ({os.environ['CITYINDEX_DATABASE_URL'].split(':')[0]})")


if __name__ == "__main__":
    main()

"""Real figures through the public commands. Runs where the shared data are; what is known to be wrong must be told."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cityindex.app import Application
from cityindex.cli import run
from cityindex.config import read_settings
from cityindex.queries.observations.observations import coverage, observation_cube
from cityindex.queries.places.places import find_place
from tests.conftest import SHARED_DATA

pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the shared data are not here")

REGISTER = SHARED_DATA / "lao" / "lao_7849.csv"
FINANCE = SHARED_DATA / "municipality_finance_nso" / "municipality_finance_fy2566.csv"
POPULATION = SHARED_DATA / "municipality_population" / "municipality_population_1993_2021.csv"
PROVINCES = SHARED_DATA / "province_indicators_2013_2022" / "province_indicators_clean.csv"
DIRTY = SHARED_DATA / "province_indicators_2013_2022" / "SW_Thailand_2021_Labeled_original_plus_code.csv"
MONEY = {
    "rev_own_mb": "own_revenue",
    "rev_shared_mb": "shared_revenue",
    "rev_subsidy_mb": "subsidy",
    "rev_total_mb": "total_revenue",
}
PROVINCE_COLUMNS = {
    "province_code": "place", "year": "period", "pop_density_km2": "reported_population_density", "area_km2": "area",
    "age_0_5_pct": "age_0_5_share", "age_6_17_pct": "age_6_17_share", "age_18_24_pct": "age_18_24_share",
    "age_25_44_pct": "age_25_44_share", "age_45_64_pct": "age_45_64_share", "age_65plus_pct": "age_65_plus_share",
    "hh_income_month_baht": "household_income_month",
    "gpp_per_capita_baht": "gpp_per_head", "gpp_agri_pct": "gpp_agriculture_share",
    "gpp_industry_pct": "gpp_industry_share", "gpp_services_pct": "gpp_services_share",
    "msw_ton_day_2013_only": "municipal_waste",
}  # fmt: skip
DIRTY_COLUMNS = {
    "province_code": "place", "Year": "period", "Pop": "population", "Age_0_5": "age_0_5_share",
    "Age_65plus": "age_65_plus_share", "HH_Income_Avg": "household_income_month", "GPP_per_Capita": "gpp_per_head",
    "Visitors(ppl)": "visitors",
}  # fmt: skip
Call = Callable[..., dict[str, Any]]


def mapped(columns: dict[str, str]) -> list[str]:
    return [part for column, name in columns.items() for part in ("--map", f"{column}={name}")]


@pytest.fixture
def application(database_url: str) -> Iterator[Application]:
    made = Application(read_settings({"CITYINDEX_DATABASE_URL": database_url}))
    yield made
    made.engine.dispose()


@pytest.fixture
def call(
    application: Application, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Call:
    monkeypatch.chdir(tmp_path)

    def command(*line: str | Path, ends: int = 0) -> dict[str, Any]:
        monkeypatch.setattr("sys.argv", ["cityindex", *map(str, line), "--json"])
        with pytest.raises(SystemExit) as ended:
            run(application)
        out = capsys.readouterr().out
        assert (ended.value.code or 0) == ends, out[:2000]
        result: dict[str, Any] = json.loads(out)
        return result

    return command


@pytest.fixture
def register(application: Application, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    application.seeding.seed()
    columns = {
        "dla_code": "code", "type": "place_type", "province_code": "province", "district_code": "district",
        "nso_muni_code": "code:nso",
    }  # fmt: skip
    call("import", "places", REGISTER, *mapped(columns), "--skip-bad-values")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.usefixtures("register")
def test_municipal_finance(application: Application, call: Call) -> None:
    options = ("--source", "NSO", "--period", "2566", "--ignore-unknown", *mapped(MONEY))
    result = call("import", "observations", FINANCE, *options, "--map", "dla_code=place", "--map", "population=ignore")
    usable = [row for row in rows(FINANCE) if row["dla_code"] and row["rev_total_mb"]]
    assert result["new"] == len(MONEY) * len(usable) == 4 * 2234
    with application.sessions() as session:
        places = [find_place(session, row["dla_code"]).place.id for row in usable[:50]]
        stored, _ = observation_cube(session, places, list(MONEY.values()), [2023])
    assert stored[0].tolist() == [[float(row[column]) for column in MONEY] for row in usable[:50]]
    again = call("import", "observations", FINANCE, *options, "--map", "nso_muni_code=place:nso", "--map",
                 "population=ignore", "--skip-unknown")  # fmt: skip
    assert (again["new"], again["revised"], again["skipped"]) == (0, 0, 27 * 4)


@pytest.mark.usefixtures("register")
def test_municipal_population(application: Application, call: Call) -> None:
    columns = {"dla_code": "place", "year": "period"}
    result = call("import", "observations", POPULATION, "--source", "DOPA", "--era", "ce", "--ignore-unknown",
                  *mapped(columns))  # fmt: skip
    known = [row for row in rows(POPULATION) if row["dla_code"]]
    assert (result["new"], len(result["periods"])) == (len(known), 27)
    with application.sessions() as session:
        assert sum(item.values for item in coverage(session, ["population"])) == len(known)


@pytest.mark.usefixtures("register")
def test_province_indicators_and_their_dirty_original(call: Call) -> None:
    options = ("--source", "NSO, NESDC, DOPA", "--era", "ce", "--ignore-unknown")
    result = call("import", "observations", PROVINCES, *options, *mapped(PROVINCE_COLUMNS))
    assert result["new"] == sum(
        bool(row[c])
        for row in rows(PROVINCES)
        for c in (*list(PROVINCE_COLUMNS)[2:], "population", "households_thousand", "visitors", "excursionists")
    )
    told = call("import", "observations", DIRTY, *options, *mapped(DIRTY_COLUMNS), "--dry-run")
    first = told["warnings"]["kept"][:20]
    assert any("2018 repeats 2017 for every place in age_0_5_share" in warning for warning in first)
    (zeros,) = [warning for warning in first if "values are zero in" in warning]
    assert zeros.startswith("household_income_month: 462 values are zero in 2014, 2016, 2017, 2018, 2020")

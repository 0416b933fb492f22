"""A small catalogue of data sets, of an operator who says who he is unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cityindex.definitions.catalogue import Text
from cityindex.formats.data_sets import DataCatalogue, DataSet, Distribution, Elsewhere, Publisher, Service

SITE = "https://cities.example.org"
URN = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=TH_CITYINDEX:DF_LIVABLE(1.0.0)"
NAMED = Publisher(
    "สำนักงานตัวอย่าง", "data@example.org", "โทร 1234, data@example.org", Text(f"{SITE}/th/c", f"{SITE}/en/c")
)
UNNAMED = replace(NAMED, name=None, mail=None, contact=None)
DAY = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def words(name: str) -> Text:
    return Text(f"{name} ไทย", f"{name} English")


def scores(**changes: Any) -> DataSet:
    """Two editions of a framework."""
    table = words("table")
    files = (
        Distribution("livable-2023-run7-csv", words("CSV"), table, "csv", f"{SITE}/7.csv", download=True, year=2023),
        Distribution(
            "livable-2023-run7-parquet", words("Parquet"), table, "parquet", f"{SITE}/7.parquet", download=True
        ),
        Distribution("livable-sdmx", words("SDMX"), words("queries"), "sdmx", f"{SITE}/sdmx", service="sdmx"),
    )
    made = DataSet(
        name="livable",
        kind="statistics",
        title=words("livable"),
        description=words("about livable"),
        keywords=(Text("เมือง", "cities"), Text("น้ำ, อากาศ!", "water & air")),
        objectives=("ยุทธศาสตร์ชาติ",),
        covers="เทศบาล/อบต.",
        frequency="year",
        pages=Text(f"{SITE}/th/livable", f"{SITE}/en/livable"),
        sources=("somebody's figures", "others"),
        licence=Text("ตามแหล่งที่มา", "as the source says"),
        distributions=files,
        elsewhere=(
            Elsewhere("CKAN", "livable", f"{SITE}/api/action/package_show?id=livable"),
            Elsewhere("OGC", "livable-2023", f"{SITE}/features/collections/livable-2023"),
            Elsewhere("SDMX", URN, f"{SITE}/sdmx/flow"),
        ),
        years=(2021, 2023),
        days=(date(2020, 10, 1), date(2023, 9, 30)),
        issued=DAY,
        modified=DAY.replace(month=5),
        version="2569.1",
        method=words("method"),
        unit="คะแนน",
    )
    return replace(made, **changes)


def places(**changes: Any) -> DataSet:
    rest = Distribution("api", words("API"), words("rows"), "json", f"{SITE}/api/v1/places", service="api")
    made = scores(
        name="places", kind="records", title=words("places"), objectives=(), covers="เทศบาล/อบต., จังหวัด",
        frequency="irregular", elsewhere=(), years=None, days=None, issued=None, modified=None, method=None, version="",
        distributions=(rest,),
    )  # fmt: skip
    return replace(made, **changes)


def catalogue(*data_sets: DataSet, publisher: Publisher = NAMED) -> DataCatalogue:
    services = (
        Service("api", words("API"), words("all"), f"{SITE}/api/v1", f"{SITE}/api/v1/openapi.json"),
        Service("sdmx", words("SDMX"), words("all"), f"{SITE}/sdmx/3.0", f"{SITE}/sdmx/flows", "https://sdmx.org/"),
    )
    pages = Text(f"{SITE}/th/data", f"{SITE}/en/data")
    licence = Text(f"{SITE}/th/licence", f"{SITE}/en/licence")
    held = data_sets or (scores(), places())
    return DataCatalogue(f"{SITE}/catalog", words("site"), words("about"), publisher, pages, licence, held, services)

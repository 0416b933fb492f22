"""The ways to have a data set: its files, and what answers programs. Each is listed only where it is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, request, url_for

from cityindex.calendars import show_period
from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry, Text
from cityindex.formats.data_sets import FORMS, DataSet, Distribution, Elsewhere, Service
from cityindex.queries.runs.editions import Edition
from cityindex.web.addresses import absolute
from cityindex.web.session import application

AGENCY = "TH_CITYINDEX"
FILES = ("xlsx", "csv", "geojson", "parquet", "sdmx-csv", "zip")
"""Of an edition, for people first."""
CONTENTS = {
    "xlsx": Text("คะแนน อันดับ ค่า และคำอธิบาย แยกแผ่นงาน", "Scores, ranks, values and what they mean, on sheets"),
    "csv": Text("ตารางยาว หนึ่งแถวต่อพื้นที่และรายการ", "The long table: a row for each place and node"),
    "geojson": Text("แนวเขตของแต่ละพื้นที่พร้อมคะแนน", "The boundary of each place with its scores"),
    "parquet": Text("ตารางยาว ค่าเต็มความละเอียด", "The long table in full precision"),
    "sdmx-csv": Text("คะแนนในรูปแบบแลกเปลี่ยนของหน่วยงานสถิติ", "Scores in the exchange format of statistical offices"),
    "zip": Text("ทุกไฟล์ นิยาม คำอธิบายคอลัมน์ และ SHA-256", "Every file, the definition, a dictionary and checksums"),
}
VALUES = Text(
    "ทุกพื้นที่และทุกปี พร้อมสถานะและแหล่งที่มาของแต่ละค่า", "All places and years, with the status and source of each value"
)
MARKS = {
    "provisional": Text("ตัวเลขเบื้องต้น", "Provisional figures"),
    "final": Text("ตัวเลขสุดท้าย", "Final figures"),
}
CORRECTED = Text("แก้ไขแล้ว", "Corrected")
SDMX_TITLE = Text("สอบถามด้วย SDMX", "Queries by SDMX")
SDMX_WORDS = Text("บริการ SDMX REST เลือกพื้นที่ ตัวชี้วัด และปีได้", "SDMX REST: choose places, indicators and periods")
FEATURES_TITLE = Text("ข้อมูลภูมิสารสนเทศ (OGC API – Features)", "Features (OGC API – Features)")
FEATURES_WORDS = Text("เปิดใน QGIS หรืออ่านเป็น GeoJSON ทีละหน้า", "Open in QGIS, or read as pages of GeoJSON")
REST_TITLE = Text("อ่านด้วย REST API", "Read by the REST API")
REST_WORDS = Text("JSON แบ่งหน้า กรองตามพื้นที่และปีได้", "JSON in pages; choose places and periods")


def of_site(path: str) -> str:
    """The absolute address of a path below the root of this site, for those that no route of ours is asked for."""
    return absolute(request.script_root + path)


def pages(endpoint: str, **values: Any) -> Text:
    """The addresses of a page in both languages."""
    th, en = (absolute(url_for(endpoint, language=code, **values)) for code in ("th", "en"))
    return Text(th, en)


def table_files(endpoint: str, said: Text, **values: Any) -> tuple[Distribution, ...]:
    """The files that a page gives of its table."""
    found = []
    for form in ("xlsx", "csv"):
        label, address = FORMS[form].label, absolute(url_for(endpoint, language="th", format=form, **values))
        found.append(Distribution(form, Text(label, label), said, form, address, download=True))
    return tuple(found)


def offers(prefix: str) -> bool:
    """Whether this site answers at addresses that begin like this."""
    return any(rule.rule.startswith(prefix) for rule in current_app.url_map.iter_rules())


def of_editions(entry: FrameworkEntry, editions: Sequence[Edition]) -> tuple[Distribution, ...]:
    """Files of each edition, the newest first; the features of each; then what answers for all of them."""
    found = [_file(entry, one, form) for one in editions for form in FILES]
    found += [_collection(f"{one.framework}-{one.period}", _when(entry, one), one) for one in editions if one.places]
    if entry.code in application().catalogue.frameworks:
        found += _sdmx(flow_of(entry.code))
    return (*found, rest(f"/api/v1/scores?framework={entry.code}"))


def of_observations(used: Sequence[IndicatorEntry]) -> tuple[Distribution, ...]:
    """What answers for all values; then a file for each indicator."""
    return (*_sdmx("DF_OBSERVATIONS"), rest("/api/v1/observations"), *map(_values, used))


def of_places() -> tuple[Distribution, ...]:
    return (collection("places"), rest("/api/v1/places"))


def collection(name: str) -> Distribution:
    """A collection of features."""
    return _collection(name)


def rest(path: str) -> Distribution:
    """What the REST API answers at a path with its query."""
    return Distribution("api", REST_TITLE, REST_WORDS, "json", of_site(path), service="api")


def elsewhere(one: str, *, collections: Sequence[str] = (), flow: str = "") -> tuple[Elsewhere, ...]:
    """The other doors to a data set: the CKAN actions, collections of features, the dataflow."""
    doors = [Elsewhere("CKAN", one, absolute(url_for("ckan.act", action="package_show", id=one)))]
    doors += [Elsewhere("OGC", name, absolute(url_for("features.one_collection", name=name))) for name in collections]
    if flow and offers("/sdmx/"):
        doors.append(Elsewhere("SDMX", urn_of(flow), of_site(f"/sdmx/3.0/structure/dataflow/{AGENCY}/{flow}")))
    return tuple(doors)


def flow_of(framework: str) -> str:
    """The dataflow of a framework's scores."""
    return f"DF_{framework.upper().replace('-', '_')}"


def urn_of(flow: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={AGENCY}:{flow}(1.0.0)"


def services(data_sets: Sequence[DataSet]) -> tuple[Service, ...]:
    """What answers programs, of the services that some data set is had from."""
    used = {part.service for one in data_sets for part in one.distributions}
    pages = absolute(url_for("data.index", language="th"))
    known = (
        Service(
            "api",
            Text("REST API", "REST API"),
            Text("ทุกอย่างที่หน้าเว็บแสดง เป็น JSON", "Everything that the pages show, as JSON"),
            of_site("/api/v1"),
            of_site("/api/v1/openapi.json"),
            "https://spec.openapis.org/oas/v3.1.0",
            absolute(url_for("guide.index", language="th")),
        ),
        Service(
            "sdmx", SDMX_TITLE, SDMX_WORDS, of_site("/sdmx/3.0"), of_site("/sdmx/3.0/structure/dataflow"),
            FORMS["sdmx"].standard, pages,
        ),
        Service(
            "features", FEATURES_TITLE, FEATURES_WORDS, of_site("/features/"), of_site("/features/api"),
            FORMS["features"].standard, pages,
        ),
    )  # fmt: skip
    return tuple(one for one in known if one.id in used)


def _file(entry: FrameworkEntry, one: Edition, form: str) -> Distribution:
    when = _when(entry, one)
    title = Text(f"{when.th} ({FORMS[form].label})", f"{when.en} ({FORMS[form].label})")
    path = url_for("frameworks.download", language="en", code=one.framework, period=one.period, run=one.run, kind=form)
    return Distribution(
        id=f"{one.framework}-{one.period}-run{one.run}-{form}",
        title=title,
        description=_said_of(one, CONTENTS[form]),
        form=form,
        address=absolute(path),
        download=True,
        year=one.period,
        run=one.run,
        issued=one.published_at,
    )


def _values(entry: IndicatorEntry) -> Distribution:
    return Distribution(
        id=f"{entry.code.replace('_', '-')}-csv",
        title=Text(f"{entry.name.th} (CSV)", f"{entry.name.en} (CSV)"),
        description=VALUES,
        form="csv",
        address=absolute(url_for("indicators.values", language="en", code=entry.code)),
        download=True,
    )


def _said_of(one: Edition, words: Text) -> Text:
    """What a file holds, after what is said of its edition: that it is provisional, or what was corrected in it."""
    found = {}
    for code in ("th", "en"):
        mark = MARKS[one.note.mark].get(code) if one.note.mark in MARKS else ""
        changed = one.note.what.get(code) or one.note.what.get("th")
        what = f"{CORRECTED.get(code)}: {changed}" if changed else ""
        found[code] = " · ".join(part for part in (mark, what, words.get(code)) if part)
    return Text(found["th"], found["en"])


def _when(entry: FrameworkEntry, one: Edition) -> Text:
    kind = entry.framework.period
    return Text(
        f"{entry.name.th} {show_period(one.period, kind, 'th')}",
        f"{entry.name.en}, {show_period(one.period, kind, 'en')}",
    )


def _collection(name: str, of: Text | None = None, edition: Edition | None = None) -> Distribution:
    words = Text(*(f"{FEATURES_TITLE.get(code)}: {of.get(code)}" for code in ("th", "en"))) if of else FEATURES_TITLE
    return Distribution(
        id=f"{name}-features",
        title=words,
        description=FEATURES_WORDS,
        form="features",
        address=absolute(url_for("features.items", name=name)),
        service="features",
        year=edition.period if edition else None,
        run=edition.run if edition else None,
        issued=edition.published_at if edition else None,
    )


def _sdmx(flow: str) -> list[Distribution]:
    if not offers("/sdmx/"):
        return []
    address = of_site(f"/sdmx/3.0/data/dataflow/{AGENCY}/{flow}")
    return [Distribution(f"{flow}-sdmx", SDMX_TITLE, SDMX_WORDS, "sdmx", address, service="sdmx")]

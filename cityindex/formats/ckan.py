"""Data sets as packages of CKAN, with the fields of the Thai Government Data Catalog.

Keys and choices are those of its schema (the CKAN extension `thai_gdc`): Thai catalogues compare them letter by letter.
Years are of the Buddhist era, as live Thai catalogues write them; dates are ISO 8601.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cityindex.calendars import buddhist_year
from cityindex.formats.data_sets import FORMS, DataCatalogue, DataSet, Distribution
from cityindex.formats.dcat import NOT_STATED

Package = dict[str, Any]
ORGANISATION = "cityindex-operator"
UNKNOWN, OTHER, UNSAID = "ไม่ทราบ", "อื่นๆ", "ไม่ระบุ"
DATA_TYPES = {
    "statistics": "ข้อมูลสถิติ",
    "records": "ข้อมูลระเบียน",
    "geography": "ข้อมูลภูมิสารสนเทศเชิงพื้นที่",
    "mixed": "ข้อมูลหลากหลายประเภท",
}
FREQUENCIES = {"year": ("ปี", "1"), "irregular": (OTHER, "")}
IRREGULAR = "เมื่อมีการนำเข้าข้อมูลใหม่"
GEO_COVERAGES = (
    "ไม่มี", "โลก", "ทวีป/กลุ่มประเทศในทวีป", "กลุ่มประเทศทางเศรษฐกิจ", "ประเทศ", "ภาค", "จังหวัด", "อำเภอ", "ตำบล",
    "หมู่บ้าน", "เทศบาล/อบต.", "พิกัด", UNKNOWN, OTHER,
)  # fmt: skip
DATA_FORMATS = {"CSV": "CSV", "JSON": "JSON", "GeoJSON": "JSON", "XLSX": "XLS", "OGC API - Features": "JSON"}
"""By label of a form: how the Thai catalogue names it; others are said as they are."""
REFERENCE = "ข้อมูลอ้างอิงสำหรับคะแนนและแผนที่ของระบบนี้"
LICENCE = "License not specified"
LICENCES = (
    LICENCE, "Creative Commons Attributions", "Creative Commons Attribution Share-Alike",
    "Creative Commons Non-Commercial (Any)", "Open Data Common", "GNU Free Documentation License", OTHER,
)  # fmt: skip
OPEN_CHOICES = ("Creative Commons Attributions", "Creative Commons Attribution Share-Alike", "Open Data Common")
PLACES = "ขอบเขตเชิงภูมิศาสตร์หรือเชิงพื้นที่"
MANDATORY = (
    "data_type", "title", "owner_org", "maintainer", "maintainer_email", "tag_string", "notes", "objective",
    "update_frequency_unit", "geo_coverage", "data_source", "data_format", "data_category", "license_id",
)  # fmt: skip
NOT_IN_TAGS = re.compile(r"[^\w\s.\u0e00-\u0e7f-]")


def packages(catalogue: DataCatalogue) -> list[Package]:
    """Every data set as a package, in the order of the catalogue."""
    return [package(catalogue, one) for one in catalogue.data_sets]


def package(catalogue: DataCatalogue, one: DataSet) -> Package:
    """One data set as `package_show` gives it."""
    address = catalogue.address_of(one.name)
    resources = [_resource(catalogue, one, part, at) for at, part in enumerate(one.distributions)]
    tags = _tags(one)
    return {
        "id": _uuid(address),
        "name": one.name,
        "title": one.title.th,
        "notes": f"{one.description.th}\n\n{one.description.en}",
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": one.licence_choice in OPEN_CHOICES,
        "url": one.pages.th,
        "version": one.version or None,
        "author": one.creator or None,
        "author_email": None,
        "metadata_created": _moment(one.issued),
        "metadata_modified": _moment(one.modified or one.issued),
        "owner_org": _uuid(f"{catalogue.address}#publisher"),
        "organization": _short_organisation(catalogue),
        "groups": [],
        "tags": tags,
        "num_tags": len(tags),
        "resources": resources,
        "num_resources": len(resources),
        "relationships_as_subject": [],
        "relationships_as_object": [],
        "extras": _extras(catalogue, one),
        **_thai_fields(catalogue, one),
    }


def organisation(catalogue: DataCatalogue) -> dict[str, Any]:
    """The one organisation there is: whoever runs the site."""
    return {
        **_short_organisation(catalogue),
        "display_name": _operator(catalogue),
        "num_followers": 0,
        "package_count": len(catalogue.data_sets),
        "extras": [],
        "tags": [],
        "users": [],
        "groups": [],
    }


def licences() -> list[dict[str, Any]]:
    """The choices of the Thai catalogue."""
    return [{"id": one, "title": one, "url": "", "status": "active", "is_generic": True} for one in LICENCES]


def tag_names(found: Sequence[Package]) -> list[str]:
    """The tags of packages, each once, by code point."""
    return sorted({tag["name"] for one in found for tag in one["tags"]})


def _thai_fields(catalogue: DataCatalogue, one: DataSet) -> dict[str, Any]:
    """The fields of the Thai catalogue: the mandatory ones always, others where something is known."""
    said = catalogue.publisher
    unit, interval = FREQUENCIES[one.frequency]
    inside = one.covers in GEO_COVERAGES
    fields = {
        "data_type": DATA_TYPES[one.kind],
        "maintainer": said.name or UNSAID,
        "maintainer_email": said.mail or UNSAID,
        "tag_string": ",".join(tag["name"] for tag in _tags(one)),
        "objective": list(one.objectives) or [OTHER],
        "objective_other": "" if one.objectives else REFERENCE,
        "update_frequency_unit": unit,
        "update_frequency_unit_other": IRREGULAR if unit == OTHER else "",
        "update_frequency_interval": interval,
        "geo_coverage": one.covers if inside else OTHER,
        "geo_coverage_other": "" if inside else one.covers,
        "data_source": "; ".join(one.sources) or UNKNOWN,
        **_formats(one),
        "data_category": "ข้อมูลสาธารณะ",
        **_licence(one),
        "accessible_condition": one.licence.th,
        "data_language": ["ไทย", "อังกฤษ"],
        "allow_harvest": str(_may_be_harvested(catalogue, one)),
        "last_updated_date": _day(one.modified),
    }
    return {**fields, **_of_kind(one)}


def _licence(one: DataSet) -> dict[str, str]:
    """A choice of the Thai catalogue; terms that are none of them are said in words."""
    choice = one.licence_choice or (OTHER if one.own_terms else LICENCE)
    return {
        "license_id": choice,
        "license_title": choice,
        "license_id_other": one.licence.th if choice == OTHER else "",
        **({"license_url": one.licence_address} if one.licence_address else {}),
    }


def _of_kind(one: DataSet) -> dict[str, Any]:
    """What the Thai catalogue asks of this kind of data only."""
    if one.kind == "statistics":
        first, last = (str(buddhist_year(year)) for year in one.years) if one.years else ("", "")
        return {
            "first_year_of_data": first,
            "last_year_of_data": last,
            "disaggregate": [PLACES],
            "unit_of_measure": one.unit,
            "unit_of_multiplier": "หน่วย",
            "calculation_method": one.method.th if one.method else "",
        }
    if one.kind == "geography":
        return {"geographic_data_set": "ชั้นข้อมูลขอบเขตการปกครอง", "data_release_date": _day(one.issued)}
    if one.kind == "mixed":
        return {"created_date": _day(one.issued)}
    return {"data_collect": PLACES, "reference_data": "True", "created_date": _day(one.issued)}


def _formats(one: DataSet) -> dict[str, Any]:
    labels = list(dict.fromkeys(FORMS[part.form].label for part in one.distributions))
    known = dict.fromkeys(DATA_FORMATS.get(label, OTHER) for label in labels)
    other = [label for label in labels if label not in DATA_FORMATS]
    return {"data_format": list(known), "data_format_other": ", ".join(other)}


def _may_be_harvested(catalogue: DataCatalogue, one: DataSet) -> bool:
    """Never invented data; and consent is somebody's: of an operator who has said who he is and how he is reached."""
    return not one.demo and bool(catalogue.publisher.name and catalogue.publisher.mail)


def _extras(catalogue: DataCatalogue, one: DataSet) -> list[dict[str, str]]:
    """The same data set at the other doors, its English words, and whether it is invented."""
    found = {
        "identifier": one.name,
        "uri": catalogue.address_of(one.name),
        "title_en": one.title.en,
        "notes_en": one.description.en,
        "demo": str(one.demo),
        "dcat": f"{catalogue.address_of(one.name)}.jsonld",
    }
    for door in ("OGC", "SDMX"):
        others = [other for other in one.elsewhere if other.door == door]
        if others:
            found[f"{door.lower()}_identifier"] = " ".join(other.identifier for other in others)
            found[f"{door.lower()}_address"] = " ".join(other.address for other in others)
    return [{"key": key, "value": value} for key, value in found.items()]


def _resource(catalogue: DataCatalogue, one: DataSet, part: Distribution, position: int) -> dict[str, Any]:
    form = FORMS[part.form]
    year = str(buddhist_year(part.year)) if part.year else ""
    found = {
        "id": _uuid(f"{catalogue.address_of(one.name)}#{part.id}"),
        "package_id": _uuid(catalogue.address_of(one.name)),
        "name": part.title.th,
        "description": f"{part.description.th}\n\n{part.description.en}",
        "url": part.address,
        "url_type": None,
        "format": form.label,
        "mimetype": form.media_type or None,
        "state": "active",
        "position": position,
        "created": _moment(part.issued or one.issued),
        "last_modified": _moment(part.issued or one.modified),
        "metadata_modified": _moment(part.issued or one.modified),
        "resource_type": "file" if part.download else "api",
        "resource_accessible_condition": one.licence.th,
    }
    if one.kind == "statistics":
        first, last = (str(buddhist_year(at)) for at in one.years) if one.years else ("", "")
        found["resource_first_year_of_data"], found["resource_last_year_of_data"] = year or first, year or last
    return found


def _short_organisation(catalogue: DataCatalogue) -> dict[str, Any]:
    return {
        "id": _uuid(f"{catalogue.address}#publisher"),
        "name": ORGANISATION,
        "title": _operator(catalogue),
        "type": "organization",
        "description": catalogue.publisher.contact or "",
        "image_url": "",
        "created": _moment(catalogue.issued),
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def _operator(catalogue: DataCatalogue) -> str:
    return catalogue.publisher.name or NOT_STATED.th


def _tags(one: DataSet) -> list[dict[str, Any]]:
    """Keywords in both languages, each once, as names of tags: letters, digits, blanks, full stops and hyphens."""
    names = dict.fromkeys(_tag(words.get(code)) for code in ("th", "en") for words in one.keywords)
    return [{"id": _uuid(f"tag {name}"), "name": name, "display_name": name, "state": "active", "vocabulary_id": None}
            for name in names]  # fmt: skip


def _tag(words: str) -> str:
    return " ".join(NOT_IN_TAGS.sub(" ", words).split())[:100]


def _uuid(address: str) -> str:
    """Identifiers of CKAN are UUIDs; these follow from the address, so that they stay."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, address))


def _moment(moment: datetime | None) -> str | None:
    """In UTC without saying so, as CKAN writes it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") if moment else None


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def texts_of(one: Mapping[str, Any]) -> str:
    """Everything of a package that its words are searched in."""
    extras = (extra["value"] for extra in one["extras"] if extra["key"] in ("title_en", "identifier"))
    return " ".join([one["name"], one["title"], one["notes"], one["tag_string"], *extras])

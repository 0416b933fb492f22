"""SDMX-JSON structure messages, 1.0 and 2.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from cityindex.definitions.catalogue import Text
from cityindex.formats.sdmx.artefacts import AGENCY, CONCEPTS, TIME, Artefact, Component, Item, Kind, Reference

SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/{}/"
    "sdmx-json-structure-schema.json"
)
LISTS: Mapping[Kind, str] = {
    "agencyscheme": "agencySchemes",
    "codelist": "codelists",
    "conceptscheme": "conceptSchemes",
    "datastructure": "dataStructures",
    "dataflow": "dataflows",
    "contentconstraint": "contentConstraints",
    "categoryscheme": "categorySchemes",
    "categorisation": "categorisations",
}
ITEMS: Mapping[Kind, str] = {
    "agencyscheme": "agencies",
    "codelist": "codes",
    "conceptscheme": "concepts",
    "categoryscheme": "categories",
}


def write_structures(artefacts: Sequence[Artefact], version: str, prepared: datetime, language: str) -> bytes:
    """A structure message of version `1.0` or `2.0`; names in `language` and in both."""
    writer = Writer(version.startswith("2"), language)
    data: dict[str, list[Any]] = {}
    for one in artefacts:
        data.setdefault(writer.list_of(one.kind), []).append(writer.written(one))
    meta = {
        "schema": SCHEMA.format("2.0.0" if writer.newer else "1.0.0"),
        "id": "STRUCTURE",
        "test": False,
        "prepared": prepared.isoformat(),
        "contentLanguages": [language, "en" if language == "th" else "th"],
        "sender": {"id": AGENCY},
    }
    return orjson.dumps({"meta": meta, "data": data})


class Writer:
    """Writes artefacts as one version of the standard has them."""

    def __init__(self, newer: bool, language: str) -> None:
        self.newer, self.language = newer, language

    def list_of(self, kind: Kind) -> str:
        return "dataConstraints" if self.newer and kind == "contentconstraint" else LISTS[kind]

    def written(self, one: Artefact) -> dict[str, Any]:
        said = {"id": one.id, "agencyID": one.agency, "version": one.version, **self._described(one)}
        said["links"] = [{"rel": "self", "urn": one.reference.urn(self.newer)}]
        if not self.newer:
            said["isFinal"] = False
        if one.stub:
            return said | {"isExternalReference": False}
        if one.kind in ITEMS:
            return said | {ITEMS[one.kind]: [self._item(one, item) for item in one.items], "isPartial": one.partial}
        if one.kind == "datastructure":
            return said | {"dataStructureComponents": self._components(one)}
        if one.kind == "dataflow":
            return said | {"structure": self._urn(one.structure)}
        if one.kind == "categorisation":
            return said | {"source": self._urn(one.source), "target": self._urn(one.target)}
        return said | self._constraint(one)

    def _described(self, one: Artefact | Item) -> dict[str, Any]:
        said: dict[str, Any] = self._words("name", one.name)
        return said | (self._words("description", one.description) if one.description else {})

    def _words(self, field: str, words: Text) -> dict[str, Any]:
        both = {code: text for code, text in (("th", words.th), ("en", words.en)) if text}
        return {field: words.get(self.language), f"{field}s": both}

    def _item(self, scheme: Artefact, item: Item) -> dict[str, Any]:
        urn = Reference(scheme.kind, scheme.id, scheme.agency, scheme.version, item.id).urn(self.newer)
        said = {"id": item.id, **self._described(item), "links": [{"rel": "self", "urn": urn}]}
        if item.parent:
            said["parent"] = item.parent
        if item.codelist:
            said["coreRepresentation"] = {"enumeration": self._urn(item.codelist)}
        return said

    def _components(self, one: Artefact) -> dict[str, Any]:
        keys = [self._component(key) | {"position": at} for at, key in enumerate(one.of_role("dimension"))]
        time = self._component(one.of_role("time")[0])
        attributes = [self._attribute(each) for each in one.of_role("attribute")]
        measure = self._component(one.of_role("measure")[0])
        if self.newer:
            dimensions: dict[str, Any] = {"id": "DimensionDescriptor", "dimensions": keys, "timeDimension": time}
            measures: dict[str, Any] = {"id": "MeasureDescriptor", "measures": [measure]}
        else:
            times = [time | {"position": len(keys), "type": "TimeDimension"}]
            keys = [key | {"type": "Dimension"} for key in keys]
            dimensions = {"id": "DimensionDescriptor", "dimensions": keys, "timeDimensions": times}
            measures = {"id": "MeasureDescriptor", "primaryMeasure": measure}
        listed = {"id": "AttributeDescriptor", "attributes": attributes}
        return {"dimensionList": dimensions, "attributeList": listed, "measureList": measures}

    def _component(self, one: Component) -> dict[str, Any]:
        concept = Reference("conceptscheme", CONCEPTS.id, item=one.id)
        return {"id": one.id, "conceptIdentity": concept.urn(self.newer), "localRepresentation": self._values(one)}

    def _values(self, one: Component) -> dict[str, Any]:
        if one.codelist:
            return {"enumeration": one.codelist.urn(self.newer)}
        return {"format" if self.newer else "textFormat": {"textType" if not self.newer else "dataType": one.text_type}}

    def _attribute(self, one: Component) -> dict[str, Any]:
        said = self._component(one)
        if self.newer:
            usage = "mandatory" if one.required else "optional"
            return said | {"usage": usage, "attributeRelationship": {"observation": {}}}
        status = "Mandatory" if one.required else "Conditional"
        return said | {"assignmentStatus": status, "attributeRelationship": {"primaryMeasure": "OBS_VALUE"}}

    def _constraint(self, one: Artefact) -> dict[str, Any]:
        values: list[dict[str, Any]] = [
            {"id": name, "values": [{"value": code} for code in codes] if self.newer else list(codes)}
            for name, codes in one.values.items()
            if name != TIME
        ]
        if TIME in one.values:
            first, last = one.values[TIME][0], one.values[TIME][-1]
            ends = {
                "startPeriod": {"period": first, "isInclusive": True},
                "endPeriod": {"period": last, "isInclusive": True},
            }
            values.append({"id": TIME, "timeRange": ends})
        region = {"include" if self.newer else "isIncluded": True, "keyValues": values}
        return {
            "role" if self.newer else "type": "Actual",
            "constraintAttachment": {"dataflows": [self._urn(one.flow)]},
            "cubeRegions": [region],
        }

    def _urn(self, to: Reference | None) -> str | None:
        return to.urn(self.newer) if to else None

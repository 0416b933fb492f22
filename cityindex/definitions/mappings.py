"""Mappings: which values of another service's SDMX data flow are which indicators here, of which places and years."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cityindex.calendars import Era
from cityindex.definitions import build
from cityindex.definitions.agreements import ACTIVE, DRAFT, ENDED, FREQUENCIES, HTTPS
from cityindex.definitions.catalogue import Text, Verified
from cityindex.definitions.checks import Known, check_listed
from cityindex.definitions.findings import At, Findings
from cityindex.definitions.fingerprint import canonical_json, sha256
from cityindex.definitions.schema import CODE, SLUG, TEXT, VERIFIED, YEAR
from cityindex.definitions.shapes import WRONG, Keys, Reader, list_of, matching, number, one_of, words
from cityindex.definitions.yaml_ import Block

IDENTIFIER = matching(r"[A-Za-z0-9_@$.-]+", "an SDMX identifier", "copy it from the service, letter by letter")
VERSION = matching(r"[0-9]+(\.[0-9]+)*|latest", "a version", 'write it between quotes, such as "1.0", or leave it out')
KEY = matching(r"[A-Za-z0-9_@$.+*-]+", "an SDMX key", "write a key such as A.58.., or leave it out for all")


def by_component(reader: Reader) -> Reader:
    """A mapping whose keys are components of the data flow (dimensions, attributes) or their codes."""

    def read(value: Any, at: At, findings: Findings) -> Any:
        if isinstance(value, Block):
            for name in [name for name in value if not isinstance(name, str)]:
                findings.refuse(at, f"{name} is not text", "write it between quotes")
                return WRONG
        return Keys(dict.fromkeys(value if isinstance(value, Block) else (), reader))(value, at, findings)

    return read


VALUE = Keys(
    {"indicator": CODE},
    {"where": by_component(words), "unit": by_component(words), "multiplier": number(above=0)},
)
MAPPING = Keys(
    {
        "mapping": matching(r"[a-z][a-z0-9_-]{0,31}", "a code", "use at most 32 small letters, digits, _ and -"),
        "version": words,
        "name": TEXT,
        "status": one_of(DRAFT, ACTIVE, ENDED),
        "service": Keys({"name": TEXT, "address": HTTPS}, {"api": one_of("1", "2"), "format": one_of("csv", "xml")}),
        "flow": Keys({"agency": IDENTIFIER, "id": IDENTIFIER}, {"version": VERSION, "key": KEY}),
        "place": Keys(
            {"dimension": IDENTIFIER}, {"scheme": SLUG, "codes": by_component(words), "leave_out": list_of(words)}
        ),
        "period": Keys({"dimension": IDENTIFIER, "era": one_of("be", "ce")}, {"from": YEAR, "to": YEAR}),
        "values": list_of(VALUE, least=1),
        "frequency": one_of(*FREQUENCIES),
        "verified": VERIFIED,
    },
    {"multiplier": IDENTIFIER, "status_codes": by_component(words), "note": TEXT},
)


@dataclass(frozen=True, slots=True)
class Series:
    """Which rows are values of an indicator: those whose components are `where`; `unit` is what they have to say.

    A value is what the file says, times `multiplier`, times ten to the power that the row itself names.
    """

    indicator: str
    where: Map[str, str]
    unit: Map[str, str]
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the data are: `api` is the major version of SDMX REST (1 or 2), `key` empty for all series."""

    address: str
    api: str
    format: str
    agency: str
    id: str
    version: str
    key: str


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """How places are named: by codes of a scheme (empty: their own), of which some are rewritten or left out."""

    dimension: str
    scheme: str
    codes: Map[str, str]
    leave_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """How years are written; `since` and `until` are of the common era, None without limit."""

    dimension: str
    era: Era
    since: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a data flow of another service is read. `status_codes` rewrites codes of OBS_STATUS into letters of SDMX."""

    code: str
    version: str
    name: Text
    status: str
    service: Text
    flow: Flow
    place: PlaceRule
    period: PeriodRule
    series: tuple[Series, ...]
    multiplier: str
    """The attribute with the power of ten."""
    status_codes: Map[str, str]
    frequency: str
    note: Text | None = None
    verified: Verified | None = None
    fingerprint: str = ""

    @property
    def active(self) -> bool:
        return self.status == ACTIVE


def check_mapping(block: Block, known: Known, schemes: Known, findings: Findings) -> None:
    """What a mapping may say: known indicators that are reported, known schemes, and no two series that are alike."""
    place = block.get("place", Block(block.where))
    if schemes:
        check_listed(place, "scheme", schemes, "a scheme (indicators/codelists/place-code-schemes.yaml)", findings)
    years = block.get("period", {})
    if years.get("to", 2400) < years.get("from", 0):
        findings.refuse(block.at("period"), "ends before it begins", "write `from` before `to`")
    seen: list[dict[str, str]] = []
    for value in block.get("values", ()):
        check_listed(value, "indicator", known, "an indicator (indicators/catalogue/)", findings)
        _check_reported(value, known.get(value.get("indicator"), {}), findings)
        where = dict(value.get("where", {}))
        if any(_overlap(where, other) for other in seen):
            findings.refuse(value.where, "a row could be this value or an earlier one", "tell them apart by `where`")
        seen.append(where)


def _check_reported(value: Block, indicator: Map[str, Any], findings: Findings) -> None:
    code = indicator.get("code")
    if indicator.get("type") == "derived" or "formula" in indicator:
        findings.refuse(value.at("indicator"), f"{code} is computed", "name what it is computed from")
    if indicator.get("type") in ("rubric", "yes-no"):
        findings.refuse(value.at("indicator"), f"{code} is answered by the places themselves", "leave it out")


def _overlap(one: Map[str, str], other: Map[str, str]) -> bool:
    """Whether a row may fit both: no component that they share tells them apart."""
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def mapping(block: Block) -> Mapping:
    """A mapping from its checked block."""
    service, flow, place, period = block["service"], block["flow"], block["place"], block["period"]
    return Mapping(
        code=block["mapping"],
        version=block["version"],
        name=build.words(block["name"]),
        status=block["status"],
        service=build.words(service["name"]),
        flow=Flow(
            address=service["address"].rstrip("/"),
            api=service.get("api", "1"),
            format=service.get("format", "csv"),
            agency=flow["agency"],
            id=flow["id"],
            version=flow.get("version", "latest"),
            key=flow.get("key", ""),
        ),
        place=PlaceRule(
            place["dimension"],
            place.get("scheme", ""),
            dict(place.get("codes", {})),
            frozenset(place.get("leave_out", ())),
        ),
        period=PeriodRule(period["dimension"], period["era"], period.get("from"), period.get("to")),
        series=tuple(map(_series, block["values"])),
        multiplier=block.get("multiplier", "UNIT_MULT"),
        status_codes=dict(block.get("status_codes", {})),
        frequency=block["frequency"],
        note=build.text(block.get("note")),
        verified=build.verified(block["verified"]),
        fingerprint=sha256(canonical_json(block)),
    )


def _series(block: Block) -> Series:
    times = Decimal(str(block.get("multiplier", 1)))
    return Series(block["indicator"], dict(block.get("where", {})), dict(block.get("unit", {})), times)

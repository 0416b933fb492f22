"""Agreements on exchange: with whom, which values of which places and years, how often, and on what legal ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cityindex.definitions import build
from cityindex.definitions.catalogue import Text, Verified
from cityindex.definitions.checks import Known, check_listed
from cityindex.definitions.findings import At, Findings
from cityindex.definitions.fingerprint import canonical_json, sha256
from cityindex.definitions.schema import CODE, SLUG, TEXT, VERIFIED, YEAR
from cityindex.definitions.shapes import Keys, boolean, list_of, matching, one_of, words
from cityindex.definitions.tree_checks import check_places, walk
from cityindex.definitions.yaml_ import Block

SEND, RECEIVE = "send", "receive"
PUSH, FETCH = "push", "fetch"
"""The sender brings deliveries, or the receiver comes for them."""
DRAFT, ACTIVE, ENDED = "draft", "active", "ended"
FREQUENCIES = ("daily", "weekly", "monthly", "quarterly", "yearly")
FORMATS = ("csv", "parquet")
NEVER_GIVEN: Mapping[str, str] = {
    "assessments": "answers before they are published",
    "drafts": "answers before they are published",
    "evidence": "files of evidence",
    "people": "names and addresses of people",
    "accounts": "names and addresses of people",
}
"""What somebody may think of asking for, and no agreement can give."""

PROVINCE = matching(r"[0-9]{2}", "the code of a province", 'write its two digits between quotes, such as "50"')
THUMBPRINT = matching(
    r"[A-Za-z0-9_-]{43}", "the id of a key", "copy `kid` from the partner's /.well-known/jwks.json (RFC 7638)"
)
HTTPS = matching(
    r"(https://|http://(127\.0\.0\.1|localhost)[:/])\S+",
    "an encrypted address",
    "write where the partner is: https://…",
)
CONTACT = Keys({"name": TEXT}, {"email": words})
PLACES = Keys(optional={"types": list_of(SLUG, least=1), "programme": SLUG, "provinces": list_of(PROVINCE, least=1)})


def data(value: Any, at: At, findings: Findings) -> Any:
    """What is exchanged. Words for what is never given are answered as such, not as misspelt keys."""
    if isinstance(value, Block):
        for key in [one for one in value if one in NEVER_GIVEN]:
            findings.refuse(value.at(key), "this may not be given", f"leave it out: {NEVER_GIVEN[key]} stay here")
            del value[key]
    return DATA(value, at, findings)


SCORES = Keys({"framework": SLUG}, {"nodes": list_of(CODE, least=1)})
DATA = Keys(optional={"indicators": list_of(CODE, least=1), "scores": list_of(SCORES, least=1)})
AGREEMENT = Keys(
    {
        "agreement": matching(r"[a-z][a-z0-9_-]{0,31}", "a code", "use at most 32 small letters, digits, _ and -"),
        "version": words,
        "name": TEXT,
        "direction": one_of(SEND, RECEIVE),
        "status": one_of(DRAFT, ACTIVE, ENDED),
        "partner": Keys({"name": TEXT}, {"address": HTTPS, "keys": list_of(THUMBPRINT, least=1), "contact": CONTACT}),
        "contact": CONTACT,
        "purpose": TEXT,
        "legal_basis": TEXT,
        "data": data,
        "frequency": one_of(*FREQUENCIES),
        "format": one_of(*FORMATS),
        "verified": VERIFIED,
    },
    {
        "transport": one_of(PUSH, FETCH),
        "places": PLACES,
        "periods": Keys({"from": YEAR}, {"to": YEAR}),
        "demo": boolean,
        "note": TEXT,
    },
)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask."""

    name: Text
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """The other side. `keys` are the only ones whose signatures count; where none is named, those at its address do."""

    name: Text
    address: str | None = None
    keys: tuple[str, ...] = ()
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Whose figures: places of all of these kinds; an empty part leaves nobody out."""

    types: tuple[str, ...] = ()
    programme: str | None = None
    provinces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoresAsked:
    """The scores of the published editions of a framework: at some of its parts, or at all (empty)."""

    framework: str
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two sides have agreed to exchange. Years are of the common era; `until` None: without end."""

    code: str
    version: str
    name: Text
    direction: str
    status: str
    partner: Partner
    contact: Contact
    purpose: Text
    legal_basis: Text
    indicators: tuple[str, ...]
    cohort: Cohort
    since: int | None
    until: int | None
    frequency: str
    format: str
    scores: tuple[ScoresAsked, ...] = ()
    """An agreement is about values or about scores, never about both."""
    transport: str = PUSH
    demo: bool = False
    note: Text | None = None
    verified: Verified | None = None
    fingerprint: str = ""

    @property
    def active(self) -> bool:
        return self.status == ACTIVE

    def in_period(self, year: int) -> bool:
        return (self.since is None or year >= self.since) and (self.until is None or year <= self.until)


def check_agreement(block: Block, known: Known, programmes: Known, types: Known, findings: Findings) -> None:
    """What an agreement may ask for: known indicators that may be given, places that there are, a partner to reach."""
    asked = block.get("data")
    if isinstance(asked, Block):
        check_listed(asked, "indicators", known, "an indicator (indicators/catalogue/)", findings)
        for code in asked.get("indicators", ()):
            _check_given(block, asked, known.get(code, {}), findings)
    cohort = block.get("places", Block(block.where))
    check_listed(cohort, "programme", programmes, "a programme (indicators/programmes/)", findings)
    if types:
        check_places(cohort, "types", types, findings)
    _check_years(block, findings)
    partner = block.get("partner", Block(block.where))
    comes_for_it = block.get("transport") == FETCH and block.get("direction") == SEND and "keys" in partner
    if block.get("status") == ACTIVE and "address" not in partner and not comes_for_it:
        cure = "write the partner's address, or `status: draft`"
        findings.refuse(block.at("status"), "an agreement in force knows where the partner is", cure)


def check_scores(block: Block, frameworks: Known, findings: Findings) -> None:
    """Values or scores, and scores of known parts of known frameworks; an indicator is a value."""
    asked = block.get("data")
    if not isinstance(asked, Block):
        return
    if ("indicators" in asked) == ("scores" in asked):
        cure = "name `indicators` or `scores`; write another agreement for the other"
        findings.refuse(block.at("data"), "is about values or about scores, one of the two", cure)
    for one in asked.get("scores", ()):
        check_listed(one, "framework", frameworks, "a framework (indicators/frameworks/)", findings)
        framework: Mapping[str, Any] = frameworks.get(one.get("framework"), {})
        tree = framework.get("tree", Block(block.where))
        parts = [element["code"] for element in walk(tree) if "code" in element]
        check_listed(one, "nodes", parts, "a part of the framework", findings)


def _check_given(block: Block, asked: Block, indicator: Mapping[str, Any], findings: Findings) -> None:
    code, kind, status = indicator.get("code"), indicator.get("type"), indicator.get("status", "scored")
    at = asked.at("indicators")
    if status in ("pilot", "retired"):
        words = {"pilot": "is on trial", "retired": "is retired"}[status]
        findings.refuse(at, f"{code} {words}, and may not be given", "leave it out of the agreement")
    if kind == "derived" or "formula" in indicator:
        findings.refuse(at, f"{code} is computed, and has no values of its own", "name what it is computed from")
    if block.get("direction") == RECEIVE and kind in ("rubric", "yes-no"):
        findings.refuse(at, f"{code} is answered by the places themselves", "leave it out of what is received")


def _check_years(block: Block, findings: Findings) -> None:
    years = block.get("periods", {})
    if years.get("to", 2400) < years.get("from", 0):
        findings.refuse(block.at("periods"), "ends before it begins", "write `from` before `to`")


def agreement(block: Block) -> Agreement:
    """An agreement from its checked block."""
    cohort, years, partner = block.get("places", {}), block.get("periods", {}), block["partner"]
    return Agreement(
        code=block["agreement"],
        version=block["version"],
        name=build.words(block["name"]),
        direction=block["direction"],
        status=block["status"],
        partner=Partner(
            name=build.words(partner["name"]),
            address=partner["address"].rstrip("/") if "address" in partner else None,
            keys=tuple(partner.get("keys", ())),
            contact=_contact(partner["contact"]) if "contact" in partner else None,
        ),
        contact=_contact(block["contact"]),
        purpose=build.words(block["purpose"]),
        legal_basis=build.words(block["legal_basis"]),
        indicators=tuple(sorted(block["data"].get("indicators", ()))),
        scores=tuple(
            ScoresAsked(one["framework"], tuple(one.get("nodes", ()))) for one in block["data"].get("scores", ())
        ),
        cohort=Cohort(tuple(cohort.get("types", ())), cohort.get("programme"), tuple(cohort.get("provinces", ()))),
        since=years.get("from"),
        until=years.get("to"),
        frequency=block["frequency"],
        format=block["format"],
        transport=block.get("transport", PUSH),
        demo=block.get("demo", False),
        note=build.text(block.get("note")),
        verified=build.verified(block["verified"]),
        fingerprint=sha256(canonical_json(block)),
    )


def _contact(block: Block) -> Contact:
    return Contact(build.words(block["name"]), block.get("email"))

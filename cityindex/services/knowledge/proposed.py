"""What a place says of its proposal or sandbox, in clean words, and all that can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cityindex.calendars import ReadDate
from cityindex.definitions.catalogue import Catalogue
from cityindex.services.knowledge.said import (
    MOST_TAGS,
    Fault,
    WrongKnowledge,
    clean_text,
    date_of,
    fault_of_link,
    faults_of_text,
)
from cityindex.thai import normalise

LINES = {"title_th": 300, "title_en": 300}
TEXTS = dict.fromkeys(("summary", "rule", "evidence", "outcome"), 8000)
WRITTEN_KINDS = ("proposal", "sandbox")
"""What a place may write. Mechanisms and innovations come in lists only."""
NOT_SAID = "unknown"
"""The status of a line whose list says none. A place knows its own."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a place says. `since` and `until` are as it wrote them: a year, a month or a day, in either era."""

    kind: str = ""
    status: str = ""
    title_th: str = ""
    title_en: str = ""
    summary: str = ""
    rule: str = ""
    evidence: str = ""
    outcome: str = ""
    url: str = ""
    since: str = ""
    until: str = ""
    theme: tuple[str, ...] = ()


def checked(said: Proposed, catalogue: Catalogue) -> Mapping[str, Any]:
    """The columns of a version. Raises `WrongKnowledge` with every fault, by field."""
    clean = _clean(said)
    texts = {name: getattr(clean, name) for name in (*LINES, *TEXTS)}
    found = _missing(clean, catalogue) | faults_of_text(texts, {**LINES, **TEXTS}) | _chosen(clean, catalogue)
    dates, wrong = _dates(clean)
    found |= wrong
    if fault := fault_of_link(clean.url):
        found["url"] = fault
    if found:
        raise WrongKnowledge(found)
    themes = "".join(f" {code}" for code in clean.theme) + " " if clean.theme else ""
    return {**texts, **dates, "kind": clean.kind, "status": clean.status, "url": clean.url or None, "themes": themes}


def statuses(catalogue: Catalogue) -> tuple[str, ...]:
    """The statuses that a place may choose from."""
    return tuple(code for code in catalogue.codelist("proposal-statuses").items if code != NOT_SAID)


def _clean(said: Proposed) -> Proposed:
    values: dict[str, Any] = {name: normalise(getattr(said, name)) for name in LINES}
    values |= {name: clean_text(getattr(said, name)) for name in TEXTS}
    return replace(said, **values, url=said.url.strip(), theme=tuple(dict.fromkeys(said.theme)))


def _missing(said: Proposed, catalogue: Catalogue) -> dict[str, Fault]:
    """An exception has a rule that it is an exception to; what is decided has an outcome."""
    needed = ["kind", "status", "title_th", "summary"]
    if said.kind == "sandbox":
        needed += ["rule", "since"]
    status = catalogue.codelist("proposal-statuses").items.get(said.status)
    if status is not None and status.group == "ended":
        needed.append("outcome")
    return {name: Fault.MISSING for name in needed if not getattr(said, name)}


def _chosen(said: Proposed, catalogue: Catalogue) -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    if said.kind and said.kind not in WRITTEN_KINDS:
        found["kind"] = Fault.UNKNOWN
    if said.status and said.status not in statuses(catalogue):
        found["status"] = Fault.UNKNOWN
    if any(code not in catalogue.themes for code in said.theme):
        found["theme"] = Fault.UNKNOWN
    elif len(said.theme) > MOST_TAGS:
        found["theme"] = Fault.TOO_MANY
    return found


def _dates(said: Proposed) -> tuple[dict[str, Any], dict[str, Fault]]:
    since, until = date_of(said.since), date_of(said.until)
    found = {name: fault for name, (_, fault) in (("since", since), ("until", until)) if fault}
    if since[0] and until[0] and _ends_before(until[0], since[0]):
        found["until"] = Fault.ORDER
    columns = {
        "since": since[0].first if since[0] else None,
        "precision": since[0].precision if since[0] else "day",
        "until": until[0].first if until[0] else None,
        "until_precision": until[0].precision if until[0] else "day",
    }
    return columns, found


def _ends_before(until: ReadDate, since: ReadDate) -> bool:
    """By what both are known to: a sandbox of May 2567 may end in 2567."""
    shorter = min(len(str(until)), len(str(since)))
    return str(until)[:shorter] < str(since)[:shorter]

"""Rules that hold between the files of `indicators/`: references, alignment, place types, published versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.definitions.checks import (
    by_code,
    check_aliases,
    check_circles,
    check_indicator,
    check_items,
    check_listed,
)
from cityindex.definitions.findings import Findings
from cityindex.definitions.tree_checks import check_framework, check_places
from cityindex.definitions.yaml_ import Block


@dataclass
class Project:
    """The blocks of every file, by folder, and what `published.yaml` records."""

    folders: Mapping[str, Sequence[Block]]
    published: Sequence[Block] = ()
    indicators: dict[str, Block] = field(default_factory=dict)

    def themed(self) -> Iterator[tuple[Block, str]]:
        """The indicators of the catalogue, each with its theme."""
        for theme in self.folders["catalogue"]:
            yield from ((indicator, theme.get("theme", "")) for indicator in theme.get("indicators", ()))

    def inline(self) -> Iterator[Block]:
        """The indicators that frameworks define themselves."""
        for framework in self.folders["frameworks"]:
            yield from framework.get("indicators", ())

    def items(self, codelist: str) -> dict[str, Block]:
        """The items of a code list by code; none where there is no such list."""
        lists = [block for block in self.folders["codelists"] if block.get("codelist") == codelist]
        return {item["code"]: item for block in lists for item in block.get("items", ()) if "code" in item}


def check_project(project: Project, findings: Findings) -> None:
    """Every rule between files. Fills `project.indicators`."""
    everything = [block for block, _ in project.themed()]
    project.indicators = by_code([*everything, *project.inline()], findings)
    strategy = _check_lists(project, findings)
    for block in project.indicators.values():
        check_indicator(block, project.indicators, findings)
        _check_references(block, strategy, project, findings)
    check_circles(project.indicators, findings)
    _check_frameworks(project, findings)


def _check_lists(project: Project, findings: Findings) -> set[str]:
    """The vocabularies and code lists; gives every strategy code."""
    vocabularies, codelists = project.folders["strategy"], project.folders["codelists"]
    items = by_code((item for block in vocabularies for item in block.get("items", ())), findings)
    for item in items.values():
        check_listed(item, "parent", items, "a code of indicators/strategy/", findings)
    listed = {item.get("code") for block in codelists for item in block.get("items", ())}
    check_items(codelists, findings, listed)
    for block in codelists:
        check_aliases(block, findings)
    return set(items)


def _check_references(block: Block, strategy: set[str], project: Project, findings: Findings) -> None:
    check_listed(block, "aligned_to", strategy, "in the vocabulary (indicators/strategy/)", findings)
    units, types = project.items("units"), project.items("place-types")
    if units:
        check_listed(block, "unit", units, "a unit (indicators/codelists/units.yaml)", findings)
    if types:
        check_places(block, "applies_to", types, findings)
        check_listed(block, "inherits_from", types, "a place type (indicators/codelists/place-types.yaml)", findings)


def _check_frameworks(project: Project, findings: Findings) -> None:
    frameworks = by_code(project.folders["frameworks"], findings, key="framework")
    types = project.items("place-types")
    for block in frameworks.values():
        check_framework(block, project.indicators, findings)
        if types:
            check_places(block, "places", types, findings)
    for block in project.folders["programmes"]:
        check_listed(block, "framework", frameworks, "a framework (indicators/frameworks/)", findings)


def check_published(project: Project, frameworks: Mapping[str, FrameworkEntry], findings: Findings) -> None:
    """A version that was published keeps its content for ever."""
    recorded: dict[tuple[str, str], Block] = {}
    for record in project.published:
        if len(record) < 3:
            continue  # a key is missing or wrong, and that is said already
        if (record["id"], record["version"]) in recorded:
            findings.refuse(
                record.at("id"), f"{record['id']} {record['version']} stands twice", "keep the first record"
            )
        recorded.setdefault((record["id"], record["version"]), record)
    for entry, block in ((frameworks.get(one.get("framework", "")), one) for one in project.folders["frameworks"]):
        record_of = recorded.get((entry.code, entry.version)) if entry else None
        if entry and record_of is not None and record_of["fingerprint"] != entry.fingerprint:
            cure = "give it a new version, or restore the content (its indicators are part of it)"
            findings.refuse(block.at("version"), f"{entry.version} is published, and its content has changed", cure)

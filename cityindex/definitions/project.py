"""Rules that hold between the files of `indicators/`: references, alignment, place types, published versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cityindex.definitions.agreements import check_agreement, check_scores
from cityindex.definitions.catalogue import FrameworkEntry, QuestionnaireEntry
from cityindex.definitions.checks import (
    Known,
    by_code,
    check_aliases,
    check_circles,
    check_indicator,
    check_items,
    check_listed,
    needs,
)
from cityindex.definitions.contradictions import check_contradictions
from cityindex.definitions.findings import Findings
from cityindex.definitions.mappings import check_mapping
from cityindex.definitions.questionnaire_checks import (
    check_crosswalk,
    check_indicators,
    check_places_asked,
    check_questionnaire,
    check_scored,
)
from cityindex.definitions.tree_checks import check_framework, check_places, walk
from cityindex.definitions.yaml_ import Block

Versioned = FrameworkEntry | QuestionnaireEntry
CURES = {
    "framework": "give it a new version, or restore the content (its indicators are part of it)",
    "questionnaire": "give it a new version, or restore the content (its words are part of it)",
}
"""What is published in versions, by the key that holds its code, and what to do when the content has changed."""


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
    frameworks = _check_frameworks(project, findings)
    questionnaires = _check_questionnaires(project, frameworks, findings)
    for block in project.folders["contradictions"]:
        check_contradictions(block, questionnaires, project.indicators, findings)
    for block in project.folders["programmes"]:
        check_listed(block, "framework", frameworks, "a framework (indicators/frameworks/)", findings)
        check_listed(block, "questionnaire", questionnaires, "a questionnaire (indicators/questionnaires/)", findings)
    programmes = {block["programme"]: block for block in project.folders["programmes"] if "programme" in block}
    for block in by_code(project.folders["agreements"], findings, key="agreement").values():
        check_agreement(block, project.indicators, programmes, project.items("place-types"), findings)
        check_scores(block, frameworks, findings)
    for block in by_code(project.folders["mappings"], findings, key="mapping").values():
        check_mapping(block, project.indicators, project.items("place-code-schemes"), findings)


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


def _check_frameworks(project: Project, findings: Findings) -> Known:
    frameworks = by_code(project.folders["frameworks"], findings, key="framework")
    types = project.items("place-types")
    for block in frameworks.values():
        check_framework(block, project.indicators, findings)
        if types:
            check_places(block, "places", types, findings)
    return frameworks


def _check_questionnaires(project: Project, frameworks: Known, findings: Findings) -> Known:
    questionnaires = by_code(project.folders["questionnaires"], findings, key="questionnaire")
    types, schemes = project.items("place-types"), project.items("crosswalk")
    for block in questionnaires.values():
        check_listed(block, "framework", frameworks, "a framework (indicators/frameworks/)", findings)
        if block.get("framework") in frameworks:
            framework = frameworks[block["framework"]]
            used = needed(framework, project.indicators)
            check_scored(block, framework, findings)
            check_indicators(block, {one["code"]: one for one in used}, findings)
        check_questionnaire(block, findings)
        if types:
            check_places_asked(block, types, findings)
        if schemes:
            check_crosswalk(block, schemes, findings)
    return questionnaires


def needed(block: Block, known: Known) -> list[Block]:
    """The indicators of the tree, those that they are computed from, and those that the file defines besides."""
    leaves = [element["indicator"] for element in walk(block.get("tree", Block(block.where))) if "indicator" in element]
    besides = sorted(one["code"] for one in block.get("indicators", ()) if "code" in one)
    found: dict[str, Block] = {}
    for waiting in (leaves, besides):
        for code in waiting:  # grows while it is walked: what an indicator needs comes after it
            if code in known and code not in found:
                found[code] = known[code]
                waiting.extend(needs(known[code]))
    return list(found.values())


def check_published(project: Project, entries: Iterable[Versioned], findings: Findings) -> None:
    """A version that was published keeps its content for ever."""
    recorded: dict[tuple[str, str, str], Block] = {}
    for record in project.published:
        if not {"id", "version", "fingerprint"} <= set(record):
            continue  # a key is missing or wrong, and that is said already
        key = (record.get("kind", FrameworkEntry.kind), record["id"], record["version"])
        if key in recorded:
            findings.refuse(
                record.at("id"), f"{record['id']} {record['version']} stands twice", "keep the first record"
            )
        recorded.setdefault(key, record)
    blocks = {(kind, block.get(kind)): block for kind in CURES for block in project.folders[f"{kind}s"]}
    for entry in entries:
        record_of = recorded.get((entry.kind, entry.code, entry.version))
        if record_of is not None and record_of["fingerprint"] != entry.fingerprint:
            block = blocks[entry.kind, entry.code]
            reason = f"{entry.version} is published, and its content has changed"
            findings.refuse(block.at("version"), reason, CURES[entry.kind])

"""From checked blocks to the entries and the catalogue that the rest of the project reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from cityindex.definitions import build
from cityindex.definitions.agreements import agreement
from cityindex.definitions.canonical import canonical_text
from cityindex.definitions.catalogue import Catalogue, FrameworkEntry, QuestionnaireEntry, Text
from cityindex.definitions.checks import Known
from cityindex.definitions.contradictions import entries_of
from cityindex.definitions.feeds import feed
from cityindex.definitions.fingerprint import canonical_json, sha256
from cityindex.definitions.mappings import mapping
from cityindex.definitions.project import Project, needed
from cityindex.definitions.tree_checks import walk
from cityindex.definitions.yaml_ import Block
from cityindex.errors import Problem


def framework_entry(block: Block, known: Known, warnings: tuple[Problem, ...] = ()) -> FrameworkEntry:
    """A framework with the indicators that it needs, out of all that are known."""
    used = needed(block, known)
    bands = block.get("bands", {}).get("names", ())
    named = {level["code"]: build.text(level.get("name")) for level in block.get("levels", ())}
    return FrameworkEntry(
        framework=build.framework(block, used),
        name=build.text_of(block, block["framework"]),
        names=MappingProxyType(dict(_node_names(block["tree"]))),
        indicators=MappingProxyType({one["code"]: build.indicator_entry(one) for one in used}),
        canonical=canonical_text(block, used),
        description=build.text(block.get("description")),
        owner=build.text(block.get("owner")),
        level_names=MappingProxyType({code: name or Text(code, code) for code, name in named.items()}),
        band_names=MappingProxyType({build.band(name): build.words(name) for name in bands}),
        file=block.where.file,
        warnings=warnings,
    )


def catalogue_of(
    project: Project,
    entries: Mapping[str, FrameworkEntry],
    questionnaires: Iterable[QuestionnaireEntry],
    warnings: tuple[Problem, ...],
) -> Catalogue:
    """The catalogue of a project without problems.

    Frameworks of measured figures come before those that self-assessments fill: pages open on the first.
    """
    questionnaires = tuple(questionnaires)
    assessed = {one.questionnaire.framework for one in questionnaires}
    themed = [build.indicator_entry(block, theme) for block, theme in project.themed()]
    inline = [build.indicator_entry(block) for block in project.inline()]
    folders = project.folders
    return Catalogue(
        indicators=_by_code([*themed, *inline]),
        frameworks=MappingProxyType(dict(sorted(entries.items(), key=lambda item: item[0] in assessed))),
        vocabularies=_by_code(build.vocabulary(block) for block in folders["strategy"]),
        codelists=_by_code(build.codelist(block) for block in folders["codelists"]),
        programmes=_by_code(build.programme(block) for block in folders["programmes"]),
        themes=MappingProxyType({block["theme"]: build.words(block["name"]) for block in folders["catalogue"]}),
        fingerprint=sha256(canonical_json(folders)),
        warnings=warnings,
        questionnaires=_by_code(questionnaires),
        contradictions=MappingProxyType(
            {block["contradictions"]: entries_of(block) for block in folders["contradictions"]}
        ),
        agreements=_by_code(agreement(block) for block in folders["agreements"]),
        feeds=_by_code(feed(block) for block in folders["feeds"]),
        reported=_by_code(build.reported_list(block) for block in folders["reported"]),
        mappings=_by_code(mapping(block) for block in folders["mappings"]),
    )


def _node_names(tree: Block) -> Iterator[tuple[str, Text]]:
    for element in walk(tree):
        if "code" in element:
            yield element["code"], build.text_of(element, element["code"])


def _by_code(records: Iterable[Any]) -> Mapping[str, Any]:
    return MappingProxyType({record.code: record for record in records})

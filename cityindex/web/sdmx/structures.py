"""Which artefacts a structure query means: its own, what they refer to or what refers to them, whole or as stubs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from cityindex.formats.sdmx.artefacts import Artefact, Kind, Library, Reference
from cityindex.web.sdmx.asked import WORD, fits
from cityindex.web.sdmx.errors import NoResults, NotImplementedHere, Syntax

RESOURCES: Mapping[str, Kind] = {
    "agencyscheme": "agencyscheme",
    "codelist": "codelist",
    "conceptscheme": "conceptscheme",
    "datastructure": "datastructure",
    "dataflow": "dataflow",
    "contentconstraint": "contentconstraint",
    "dataconstraint": "contentconstraint",
    "actualconstraint": "contentconstraint",
    "organisationscheme": "agencyscheme",
    "categoryscheme": "categoryscheme",
    "categorisation": "categorisation",
}
NOT_HERE = frozenset(
    [
        "metadatastructure",
        "metadataflow",
        "provisionagreement",
        "dataproviderscheme",
        "dataconsumerscheme",
        "organisationunitscheme",
        "allowedconstraint",
        "attachmentconstraint",
        "structureset",
        "process",
        "reportingtaxonomy",
        "hierarchicalcodelist",
        "hierarchy",
        "hierarchyassociation",
        "metadataconstraint",
        "metadataproviderscheme",
        "valuelist",
        "metadataprovisionagreement",
        "transformationscheme",
        "rulesetscheme",
        "userdefinedoperatorscheme",
        "customtypescheme",
        "namepersonalisationscheme",
        "vtlmappingscheme",
        "structuremap",
        "representationmap",
        "conceptschememap",
        "categoryschememap",
        "organisationschememap",
        "reportingtaxonomymap",
        "geographiccodelist",
        "geogridcodelist",
    ]
)
"""Kinds of artefacts that the standard has and this service has none of."""
REFERENCES = ("none", "parents", "parentsandsiblings", "children", "descendants", "ancestors", "all")
AVAILABILITY_REFERENCES = (
    "none", "all", "datastructure", "conceptscheme", "codelist", "dataflow", "dataproviderscheme",
)  # fmt: skip
DETAILS = (
    "full", "allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs", "referencepartial", "raw",
)  # fmt: skip
Step = Callable[[Iterable[Reference]], list[Reference]]
ANY = ("all", "*", "structure")


@dataclass(frozen=True, slots=True)
class Query:
    """A structure query as its address has it."""

    resource: str = "*"
    agency: str = "*"
    id: str = "*"
    version: str = "latest"
    items: str = ""
    references: str = "none"
    detail: str = "full"


def found(library: Library, query: Query) -> list[Artefact]:
    """The artefacts that are meant, then those that come with them. Raises `NoResults`, `Syntax`."""
    if query.detail not in DETAILS:
        raise Syntax(f"detail: it is not a level of detail (write one of {', '.join(DETAILS)})")
    own = [one for one in _of_kind(library, query.resource) if _meant(one, query)]
    if not own:
        raise NoResults("there is no such artefact")
    more = [library.artefacts[one] for one in _related(library, own, query.references)]
    if query.items and query.items not in ("all", "*"):
        own = [_with_items(one, query.items) for one in own]
    own = [_as(one, query.detail in ("allstubs", "allcompletestubs")) for one in own]
    if query.detail == "referencepartial":
        more = [_partial(library, one, own) for one in more]
    return own + [_as(one, "stubs" in query.detail) for one in more]


def _of_kind(library: Library, resource: str) -> Iterable[Artefact]:
    if resource in ANY:
        return library.artefacts.values()
    if resource in NOT_HERE:
        raise NoResults(f"there are no artefacts of the kind {resource} here")
    if resource not in RESOURCES:
        raise Syntax(f"there is no kind of artefact of that name (write one of {', '.join(RESOURCES)})")
    return library.of_kind(RESOURCES[resource])


def _meant(one: Artefact, query: Query) -> bool:
    versions = [fits(version, one.version) for version in query.version.split(",")]  # all, so that each is read
    return _listed(one.agency, query.agency) and _listed(one.id, query.id) and any(versions)


def _listed(value: str, asked: str) -> bool:
    if asked in ("all", "*"):
        return True
    parts = asked.replace(",", "+").split("+")
    if not all(WORD.fullmatch(part.replace(".", "")) for part in parts):
        raise Syntax("the address holds what is no identifier")
    return value in parts


def _related(library: Library, own: list[Artefact], references: str) -> list[Reference]:
    start = [one.reference for one in own]
    if references == "none":
        return []
    if references in RESOURCES or references in NOT_HERE:
        near = [*_closure(library.children_of, start), *_closure(library.parents_of, start)]
        kind = RESOURCES.get(references)
        return [one for one in dict.fromkeys(near) if one.kind == kind and one not in start]
    if references not in REFERENCES:
        raise Syntax(f"references: write one of {', '.join(REFERENCES)}, or a kind of artefact")
    above = library.parents_of(start)
    reached = {
        "parents": above,
        "parentsandsiblings": [*above, *library.children_of(above)],
        "children": library.children_of(start),
        "descendants": _closure(library.children_of, start),
        "ancestors": _closure(library.parents_of, start),
        "all": [*above, *_closure(library.children_of, [*start, *above])],
    }[references]
    return [one for one in dict.fromkeys(reached) if one not in start]


def _closure(step: Step, start: list[Reference]) -> list[Reference]:
    """Everything that is reached by taking a step again and again."""
    reached: dict[Reference, None] = {}
    now = start
    while now:
        following = [one for one in step(now) if one not in reached]
        reached |= dict.fromkeys(following)
        now = following
    return list(reached)


def _with_items(one: Artefact, items: str) -> Artefact:
    """An item scheme with the items asked for only."""
    if not one.items:
        raise NotImplementedHere(f"{one.kind} has no items to choose from")
    asked = set(items.replace(",", "+").split("+"))
    kept = tuple(item for item in one.items if item.id in asked)
    if not kept:
        raise NoResults("there is no such item in the scheme")
    return replace(one, items=kept, partial=True)


def _as(one: Artefact, stub: bool) -> Artefact:
    return replace(one, stub=True) if stub else one


def with_references(library: Library, constraint: Artefact, references: str) -> list[Artefact]:
    """What is there of a dataflow, and what that refers to: `all`, a kind of artefact, or nothing (`none`).

    Code lists hold the codes that are there. Raises `Syntax`.
    """
    if references not in AVAILABILITY_REFERENCES:
        raise Syntax(f"references: write one of {', '.join(AVAILABILITY_REFERENCES)}")
    below = _closure(library.children_of, [constraint.reference]) if references != "none" else []
    more = [library.artefacts[one] for one in below if references in ("all", one.kind)]
    return [constraint, *(_cut(library, one, [constraint]) for one in more)]


def _partial(library: Library, one: Artefact, own: list[Artefact]) -> Artefact:
    """A code list with the codes that the data of the dataflows asked for has."""
    constraints = [library.find("contentconstraint", f"CR_{flow.id}") for flow in own if flow.kind == "dataflow"]
    return _cut(library, one, [each for each in constraints if each])


def _cut(library: Library, one: Artefact, constraints: list[Artefact]) -> Artefact:
    """A code list with the codes that some constraints have; everything else as it is."""
    if one.kind != "codelist":
        return one
    used: set[str] = set()
    for constraint in constraints:
        flow = library.artefacts[constraint.flow] if constraint.flow else None
        structure = library.artefacts[flow.structure] if flow and flow.structure else None
        for component in structure.components if structure else ():
            if component.codelist == one.reference:
                used |= set(constraint.values.get(component.id, ()))
    kept = tuple(item for item in one.items if item.id in used)
    return replace(one, items=kept, partial=True) if used else one

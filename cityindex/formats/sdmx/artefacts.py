"""The standard's nouns, frozen: what a data structure, a code list or a dataflow is, whatever it is written as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cityindex.definitions.catalogue import Text

AGENCY = "TH_CITYINDEX"
VERSION = "1.0.0"
TIME = "TIME_PERIOD"
VALUE = "OBS_VALUE"
Role = Literal["dimension", "time", "attribute", "measure"]
TextType = Literal["String", "Double", "Integer", "DateTime", "ObservationalTimePeriod", "GregorianYear"]
Kind = Literal[
    "agencyscheme",
    "codelist",
    "conceptscheme",
    "datastructure",
    "dataflow",
    "contentconstraint",
    "categoryscheme",
    "categorisation",
]
"""The kinds of artefacts there are, by their names in addresses of version 2.1."""
CLASSES: Mapping[Kind, str] = {
    "agencyscheme": "base.AgencyScheme",
    "codelist": "codelist.Codelist",
    "conceptscheme": "conceptscheme.ConceptScheme",
    "datastructure": "datastructure.DataStructure",
    "dataflow": "datastructure.Dataflow",
    "contentconstraint": "registry.ContentConstraint",
    "categoryscheme": "categoryscheme.CategoryScheme",
    "categorisation": "categoryscheme.Categorisation",
}
"""Package and class of the information model, as they stand in a URN."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Names an artefact, or an item of one."""

    kind: Kind
    id: str
    agency: str = AGENCY
    version: str = VERSION
    item: str = ""

    def urn(self, newer: bool = False) -> str:
        """The URN; `newer` as SDMX 3.0 names the class, where that differs."""
        name = CLASSES[self.kind]
        if self.item:
            package = name.partition(".")[0]
            name = f"{package}.{ITEMS[self.kind]}"
        if newer and self.kind == "contentconstraint":
            name = "registry.DataConstraint"
        ending = f".{self.item}" if self.item else ""
        return f"urn:sdmx:org.sdmx.infomodel.{name}={self.agency}:{self.id}({self.version}){ending}"


ITEMS: Mapping[str, str] = {
    "agencyscheme": "Agency",
    "codelist": "Code",
    "conceptscheme": "Concept",
    "categoryscheme": "Category",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A code, concept, category or agency. `codelist` is the list that a concept takes its values from."""

    id: str
    name: Text
    description: Text | None = None
    parent: str | None = None
    codelist: Reference | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """A dimension, attribute or measure of a data structure; it takes its concept of the same id."""

    id: str
    role: Role
    codelist: Reference | None = None
    text_type: TextType = "String"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Artefact:
    """One artefact of whichever kind: fields that a kind does not have stay empty.

    `items` of item schemes, `components` of a data structure, `structure` of a dataflow, `flow` and `values` (codes by
    dimension; for `TIME_PERIOD` the first and last year) of a constraint, `source` and `target` of a categorisation.
    """

    kind: Kind
    id: str
    name: Text
    description: Text | None = None
    agency: str = AGENCY
    version: str = VERSION
    items: tuple[Item, ...] = ()
    components: tuple[Component, ...] = ()
    structure: Reference | None = None
    flow: Reference | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: Reference | None = None
    target: Reference | None = None
    stub: bool = False
    """Written with its name only."""
    partial: bool = False
    """Some of its items only."""

    @property
    def reference(self) -> Reference:
        return Reference(self.kind, self.id, self.agency, self.version)

    def of_role(self, *roles: Role) -> tuple[Component, ...]:
        return tuple(one for one in self.components if one.role in roles)

    def children(self) -> Iterator[Reference]:
        """What it refers to."""
        for component in self.components:
            if component.codelist:
                yield component.codelist
            yield CONCEPTS
        for item in self.items:
            if item.codelist:
                yield item.codelist
        for other in (self.structure, self.flow, self.source, self.target):
            if other:
                yield Reference(other.kind, other.id, other.agency, other.version)


CONCEPTS = Reference("conceptscheme", "CS_CITYINDEX")


class Library:
    """All artefacts of the service, found by kind and id, and by what refers to what."""

    def __init__(self, artefacts: Iterable[Artefact]) -> None:
        self.artefacts = {artefact.reference: artefact for artefact in artefacts}
        self.parents: dict[Reference, list[Reference]] = {}
        for reference, artefact in self.artefacts.items():
            for child in dict.fromkeys(artefact.children()):
                self.parents.setdefault(child, []).append(reference)

    def of_kind(self, kind: Kind) -> list[Artefact]:
        return [one for one in self.artefacts.values() if one.kind == kind]

    def find(self, kind: Kind, artefact_id: str) -> Artefact | None:
        return next((one for one in self.of_kind(kind) if one.id == artefact_id), None)

    def children_of(self, references: Iterable[Reference]) -> list[Reference]:
        """What any of them refers to, as far as it is here."""
        found = (child for one in references for child in self.artefacts[one].children())
        return [one for one in dict.fromkeys(found) if one in self.artefacts]

    def parents_of(self, references: Iterable[Reference]) -> list[Reference]:
        """What refers to any of them."""
        return list(dict.fromkeys(parent for one in references for parent in self.parents.get(one, ())))

"""SDMX-ML structure messages, 2.1 and 3.0."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from cityindex.formats.sdmx import xml
from cityindex.formats.sdmx.artefacts import AGENCY, CLASSES, CONCEPTS, TIME, Artefact, Component, Item, Kind, Reference
from cityindex.formats.sdmx.artefacts import ITEMS as ITEM_CLASSES
from cityindex.formats.sdmx.data_ml import SCHEMAS, XSI

SECTIONS: Mapping[str, tuple[tuple[Kind, str], ...]] = {
    "2.1": (
        ("agencyscheme", "OrganisationSchemes"),
        ("dataflow", "Dataflows"),
        ("categoryscheme", "CategorySchemes"),
        ("categorisation", "Categorisations"),
        ("codelist", "Codelists"),
        ("conceptscheme", "Concepts"),
        ("datastructure", "DataStructures"),
        ("contentconstraint", "Constraints"),
    ),
    "3.0": (
        ("agencyscheme", "AgencySchemes"),
        ("categorisation", "Categorisations"),
        ("categoryscheme", "CategorySchemes"),
        ("codelist", "Codelists"),
        ("conceptscheme", "ConceptSchemes"),
        ("contentconstraint", "DataConstraints"),
        ("dataflow", "Dataflows"),
        ("datastructure", "DataStructures"),
    ),
}
"""Which artefacts stand in which part of a message, in the order of the schema."""
TAGS: Mapping[Kind, str] = {
    "agencyscheme": "AgencyScheme",
    "codelist": "Codelist",
    "conceptscheme": "ConceptScheme",
    "datastructure": "DataStructure",
    "dataflow": "Dataflow",
    "contentconstraint": "ContentConstraint",
    "categoryscheme": "CategoryScheme",
    "categorisation": "Categorisation",
}
ITEM_TAGS: Mapping[Kind, str] = {
    "agencyscheme": "Agency",
    "codelist": "Code",
    "conceptscheme": "Concept",
    "categoryscheme": "Category",
}


def write_structures(artefacts: Sequence[Artefact], version: str, prepared: datetime) -> bytes:
    """A structure message of version `2.1` or `3.0` with the artefacts; stubs are written with their names only."""
    writer = Writer(version)
    schema = version.replace(".", "_")
    parts = {"message": "message", "common": "common", "str": "structure"}
    spaces = " ".join([XSI, *(f'xmlns:{prefix}="{SCHEMAS}/v{schema}/{path}"' for prefix, path in parts.items())])
    head = (
        f"{xml.HEAD}<message:Structure {spaces}>\n<message:Header><message:ID>STRUCTURE</message:ID>"
        f"<message:Test>false</message:Test><message:Prepared>{prepared.isoformat()}</message:Prepared>"
        f'<message:Sender id="{AGENCY}"/></message:Header>\n<message:Structures>'
    )
    body = "".join(
        _section(tag, [writer.written(one) for one in artefacts if one.kind == kind]) for kind, tag in SECTIONS[version]
    )
    return f"{head}{body}</message:Structures>\n</message:Structure>\n".encode()


def _section(tag: str, inside: Iterable[str]) -> str:
    text = "".join(inside)
    return f"<str:{tag}>{text}</str:{tag}>\n" if text else ""


class Writer:
    """Writes artefacts as one version of the standard has them."""

    def __init__(self, version: str) -> None:
        self.newer = version == "3.0"

    def written(self, one: Artefact) -> str:
        content: Callable[[Artefact], str] = {
            "datastructure": self._structure,
            "dataflow": lambda flow: f"<str:Structure>{self._ref(flow.structure)}</str:Structure>",
            "contentconstraint": self._constraint,
            "categorisation": lambda one: (
                f"<str:Source>{self._ref(one.source)}</str:Source><str:Target>{self._ref(one.target)}</str:Target>"
            ),
        }.get(one.kind, self._items)
        tag = "DataConstraint" if self.newer and one.kind == "contentconstraint" else TAGS[one.kind]
        inside = "" if one.stub else content(one)
        names = xml.names("common:Name", one.name) + xml.names("common:Description", one.description)
        return f"<str:{tag}{self._attributes(one)}>{names}{inside}</str:{tag}>"

    def _attributes(self, one: Artefact) -> str:
        said: dict[str, str | None] = {"id": one.id, "agencyID": one.agency, "version": one.version}
        if self.newer and one.kind == "agencyscheme":
            del said["version"]
        said["urn"] = one.reference.urn(self.newer)
        if not self.newer:
            said["isFinal"] = "false"
        if one.stub:
            said["isExternalReference"] = "false"
        if one.kind == "contentconstraint" and (self.newer or not one.stub):
            said["role" if self.newer else "type"] = "Actual"
        if one.partial:
            said["isPartial"] = "true"
        return xml.attributes(said)

    def _items(self, scheme: Artefact) -> str:
        return "".join(self._item(scheme, item) for item in scheme.items)

    def _item(self, scheme: Artefact, item: Item) -> str:
        tag = ITEM_TAGS[scheme.kind]
        urn = Reference(scheme.kind, scheme.id, scheme.agency, scheme.version, item.id).urn(self.newer)
        inside = xml.names("common:Name", item.name) + xml.names("common:Description", item.description)
        if item.parent and not self.newer:  # the schema of 3.0 takes no parent that begins with a digit
            inside += f'<str:Parent><Ref id="{xml.value(item.parent)}"/></str:Parent>'
        if item.codelist:
            inside += (
                f"<str:CoreRepresentation><str:Enumeration>{self._ref(item.codelist)}</str:Enumeration>"
                "</str:CoreRepresentation>"
            )
        return f"<str:{tag}{xml.attributes({'id': item.id, 'urn': urn})}>{inside}</str:{tag}>"

    def _structure(self, one: Artefact) -> str:
        keys = [self._dimension(component, number) for number, component in enumerate(one.of_role("dimension"), 1)]
        times = [self._time(component, len(keys) + 1) for component in one.of_role("time")]
        attributes = "".join(map(self._attribute, one.of_role("attribute")))
        measures = "".join(map(self._measure, one.of_role("measure")))
        lists = {
            "DimensionList": ("DimensionDescriptor", "".join([*keys, *times])),
            "AttributeList": ("AttributeDescriptor", attributes),
            "MeasureList": ("MeasureDescriptor", measures),
        }
        made = "".join(
            f'<str:{tag} id="{ident}" urn="{_list_urn(one, ident)}">{inside}</str:{tag}>'
            for tag, (ident, inside) in lists.items()
        )
        return f"<str:DataStructureComponents>{made}</str:DataStructureComponents>"

    def _dimension(self, one: Component, position: int) -> str:
        return (
            f'<str:Dimension id="{one.id}" position="{position}">{self._concept(one)}{self._local(one)}</str:Dimension>'
        )

    def _time(self, one: Component, position: int) -> str:
        at = "" if self.newer else f' position="{position}"'
        return f'<str:TimeDimension id="{TIME}"{at}>{self._concept(one)}{self._local(one)}</str:TimeDimension>'

    def _attribute(self, one: Component) -> str:
        usage = "mandatory" if one.required else "optional"
        status = (
            f'usage="{usage}"' if self.newer else f'assignmentStatus="{"Mandatory" if one.required else "Conditional"}"'
        )
        related = (
            "<str:Observation/>" if self.newer else '<str:PrimaryMeasure><Ref id="OBS_VALUE"/></str:PrimaryMeasure>'
        )
        relation = f"<str:AttributeRelationship>{related}</str:AttributeRelationship>"
        return f'<str:Attribute id="{one.id}" {status}>{self._concept(one)}{self._local(one)}{relation}</str:Attribute>'

    def _measure(self, one: Component) -> str:
        tag = "Measure" if self.newer else "PrimaryMeasure"
        return f'<str:{tag} id="{one.id}">{self._concept(one)}{self._local(one)}</str:{tag}>'

    def _concept(self, one: Component) -> str:
        of = Reference("conceptscheme", CONCEPTS.id, item=one.id)
        return f"<str:ConceptIdentity>{self._ref(of)}</str:ConceptIdentity>"

    def _local(self, one: Component) -> str:
        if one.codelist:
            inside = f"<str:Enumeration>{self._ref(one.codelist)}</str:Enumeration>"
        else:
            inside = f'<str:TextFormat textType="{one.text_type}"/>'
        return f"<str:LocalRepresentation>{inside}</str:LocalRepresentation>"

    def _constraint(self, one: Artefact) -> str:
        space = "str" if self.newer else "common"
        keys = "".join(
            f'<{space}:KeyValue id="{name}">{"".join(_value(space, code) for code in codes)}</{space}:KeyValue>'
            for name, codes in one.values.items()
            if name != TIME
        )
        return (
            f"<str:ConstraintAttachment><str:Dataflow>{self._ref(one.flow)}</str:Dataflow></str:ConstraintAttachment>"
            f'<str:CubeRegion include="true">{keys}{_times(space, one.values.get(TIME))}</str:CubeRegion>'
        )

    def _ref(self, to: Reference | None) -> str:
        if to is None:
            return ""
        if self.newer:
            return to.urn(newer=True)
        package, _, name = CLASSES[to.kind].partition(".")
        said = {"agencyID": to.agency, "id": to.id, "version": to.version, "package": package, "class": name}
        if to.item:
            within = {"maintainableParentID": to.id, "maintainableParentVersion": to.version}
            said = {"agencyID": to.agency, "id": to.item, **within, "package": package, "class": ITEM_CLASSES[to.kind]}
        return f"<Ref{xml.attributes(said)}/>"


def _list_urn(of: Artefact, ident: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.datastructure.{ident}={of.agency}:{of.id}({of.version}).{ident}"


def _value(space: str, code: str) -> str:
    return f"<{space}:Value>{xml.text(code)}</{space}:Value>"


def _times(space: str, years: tuple[str, ...] | None) -> str:
    if not years:
        return ""
    return (
        f'<{space}:KeyValue id="{TIME}"><{space}:TimeRange>'
        f'<{space}:StartPeriod isInclusive="true">{years[0]}</{space}:StartPeriod>'
        f'<{space}:EndPeriod isInclusive="true">{years[-1]}</{space}:EndPeriod></{space}:TimeRange></{space}:KeyValue>'
    )

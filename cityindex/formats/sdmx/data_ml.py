"""SDMX-ML data: 2.1 generic and structure-specific, 3.0 structure-specific.

Whole columns are made into text at once; a row at a time would take a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from cityindex.formats.sdmx import xml
from cityindex.formats.sdmx.artefacts import VALUE
from cityindex.formats.sdmx.dataset import DIMENSIONS, DataSet, as_text

SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
SIGNS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "&#10;"), ("\t", "&#9;"))
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@dataclass(frozen=True, slots=True)
class Flavour:
    """One kind of message: its root, the namespaces it declares, and how it writes."""

    root: str
    namespaces: str
    version: str
    generic: bool


def _namespaces(version: str, **more: str) -> str:
    parts = {"message": "message", "common": "common", **more}
    return " ".join([XSI, *(f'xmlns:{prefix}="{SCHEMAS}/v{version}/{path}"' for prefix, path in parts.items())])


GENERIC = Flavour("GenericData", _namespaces("2_1", generic="data/generic"), "2.1", True)
SPECIFIC = Flavour("StructureSpecificData", _namespaces("2_1", ss="data/structurespecific"), "2.1", False)
SPECIFIC_3 = Flavour("StructureSpecificData", _namespaces("3_0", ss="data/structurespecific"), "3.0", False)


def write_ml(data: DataSet, flavour: Flavour) -> Iterator[bytes]:
    """The data as a message of a flavour; series that hold nothing are not written."""
    urn = f"{data.structure.reference.urn()}:ObsLevelDim:{data.at}"
    declared = flavour.namespaces if flavour.generic else f'{flavour.namespaces} xmlns:ns1="{xml.value(urn)}"'
    head = f"{xml.HEAD}<message:{flavour.root} {declared}>\n"
    yield f"{head}{header(data, flavour, urn)}{_opening(data, flavour)}".encode()
    rows = _generic if flavour.generic else _specific
    for frame in data.frames():
        if frame.height:
            yield rows(as_text(frame), data).encode()
    yield f"</message:DataSet>\n</message:{flavour.root}>\n".encode()


def header(data: DataSet, flavour: Flavour, urn: str) -> str:
    """Who sends what, and which structure the data has."""
    usage, structure = data.flow.reference, data.structure.reference
    if flavour.version == "3.0":
        refers = f"<common:Structure>{xml.text(structure.urn())}</common:Structure>"
    else:
        of = {"agencyID": usage.agency, "id": usage.id, "version": usage.version}
        refers = f"<common:StructureUsage><Ref{xml.attributes(of)}/></common:StructureUsage>"
    said = {"structureID": structure.id, "dimensionAtObservation": data.at}
    if not flavour.generic:
        said["namespace"] = urn
    return (
        f"<message:Header><message:ID>{data.flow.id}</message:ID>"
        f"<message:Test>{str(data.test).lower()}</message:Test>"
        f"<message:Prepared>{data.prepared.isoformat()}</message:Prepared>"
        f'<message:Sender id="{data.flow.agency}"/>'
        f"<message:Structure{xml.attributes(said)}>{refers}</message:Structure></message:Header>\n"
    )


def _opening(data: DataSet, flavour: Flavour) -> str:
    ref = data.structure.id
    if flavour.generic:
        return f'<message:DataSet structureRef="{ref}" action="Replace">\n'
    return (
        f'<message:DataSet ss:structureRef="{ref}" ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" '
        'ss:action="Replace">\n'
    )


def _specific(frame: pl.DataFrame, data: DataSet) -> str:
    key = _attributes(data.series)
    inside = [name for name in frame.columns if name not in data.series]
    observation = pl.concat_str(pl.lit("<Obs"), _attributes(inside), pl.lit("/>"))
    if not data.series:
        return _joined(frame, observation)
    if not data.with_observations:
        return _joined(frame, pl.concat_str(pl.lit("<Series"), key, pl.lit("/>\n")))
    return _grouped(
        frame, data.series, (pl.concat_str(pl.lit("<Series"), key, pl.lit(">")), observation, "</Series>\n")
    )


def _generic(frame: pl.DataFrame, data: DataSet) -> str:
    key = pl.concat_str(pl.lit("<generic:SeriesKey>"), *map(_value, data.series), pl.lit("</generic:SeriesKey>"))
    if data.series and not data.with_observations:
        return _joined(frame, pl.concat_str(pl.lit("<generic:Series>"), key, pl.lit("</generic:Series>\n")))
    attributes = [one.id for one in data.attributes]
    own = pl.concat_str(*map(_value, attributes)) if attributes else pl.lit("")
    values = (
        _present(VALUE, pl.concat_str(pl.lit('<generic:ObsValue value="'), pl.col(VALUE), pl.lit('"/>')))
        if data.with_values
        else pl.lit("")
    )
    held = pl.when(own == "").then(pl.lit("")).otherwise(_within("generic:Attributes", own))
    if not data.series:
        at = pl.concat_str(pl.lit("<generic:ObsKey>"), *map(_value, DIMENSIONS), pl.lit("</generic:ObsKey>"))
        return _joined(frame, _within("generic:Obs", at, values, held))
    at = pl.concat_str(pl.lit('<generic:ObsDimension value="'), _escaped(data.at), pl.lit('"/>'))
    observation = _within("generic:Obs", at, values, held)
    opening = pl.concat_str(pl.lit("<generic:Series>"), key)
    return _grouped(frame, data.series, (opening, observation, "</generic:Series>\n"))


def _grouped(frame: pl.DataFrame, series: tuple[str, ...], how: tuple[pl.Expr, pl.Expr, str]) -> str:
    """`how`: what opens a series, an observation, what ends a series."""
    opening, observation, end = how
    first = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in series)
    starts = pl.when(first).then(pl.concat_str(pl.lit(end), opening)).otherwise(pl.lit(""))
    return _joined(frame, pl.concat_str(starts, observation)).removeprefix(end) + end


def _attributes(names: tuple[str, ...] | list[str]) -> pl.Expr:
    """` NAME="value"` for every column; a missing one is left out."""
    if not names:
        return pl.lit("")
    made = (pl.concat_str(pl.lit(f' {name}="'), _escaped(name), pl.lit('"')) for name in names)
    return pl.concat_str(
        *(pl.when(pl.col(n).is_null()).then(pl.lit("")).otherwise(e) for n, e in zip(names, made, strict=True))
    )


def _value(name: str) -> pl.Expr:
    made = pl.concat_str(pl.lit(f'<generic:Value id="{name}" value="'), _escaped(name), pl.lit('"/>'))
    return _present(name, made)


def _present(name: str, written: pl.Expr) -> pl.Expr:
    """Nothing where a column has no value."""
    return pl.when(pl.col(name).is_null()).then(pl.lit("")).otherwise(written)


def _within(element: str, *inside: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f"<{element}>"), *inside, pl.lit(f"</{element}>"))


def _escaped(name: str) -> pl.Expr:
    text = pl.col(name)
    for sign, written in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ('"', "&quot;"),
        ("\n", "&#10;"),
        ("\t", "&#9;"),
    ):
        text = text.str.replace_all(sign, written, literal=True)
    return text.str.replace_all(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "")


def _joined(frame: pl.DataFrame, row: pl.Expr) -> str:
    return "".join(frame.select(row.alias("text"))["text"].to_list())

"""SDMX-ML data files as tables: generic and structure-specific 2.1, structure-specific 3.0; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from lxml import etree

from cityindex.errors import Invalid
from cityindex.formats.delimited import MAXIMUM_BYTES, Batch
from cityindex.formats.problems import Problems
from cityindex.formats.sdmx.artefacts import TIME, VALUE

ROWS = 100_000
FIRST_ROW = 2
"""An observation's line is its number, counted as if a header were line 1: a message may be one single line."""
ROOTS = ("GenericData", "StructureSpecificData", "GenericTimeSeriesData", "StructureSpecificTimeSeriesData")
Row = dict[str, str]


class SdmxMl:
    """A `.xml` with a data message. A row is an observation, its columns are dimensions and attributes by their ids.

    Entities and document types are refused, and so are groups: what they say of a series, such as its multiplier, would
    be lost.
    """

    separator = None

    def __init__(self, path: Path, problems: Problems) -> None:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise Invalid(f"{path.name} is larger than {MAXIMUM_BYTES >> 30} GiB: split it")
        self.problems, self._path = problems, path
        names = dict.fromkeys(name for row in self._rows() for name in row)
        self.header = tuple(names | {VALUE: None} if names else {})  # a message may hold missing values only
        self.notes = ("SDMX-ML: rows are observations, the first of them is row 2",)

    def batches(self) -> Iterator[Batch]:
        """The rows, once."""
        rows, number = self._rows(), FIRST_ROW
        while held := list(islice(rows, ROWS)):
            columns = {name: pl.Series([row.get(name) for row in held], dtype=pl.String) for name in self.header}
            yield Batch(np.arange(number, number + len(held), dtype=np.int32), pl.DataFrame(columns))
            number += len(held)

    def _rows(self) -> Iterator[Row]:
        with self._path.open("rb") as stream:
            try:
                yield from _Reading(self._path.name).rows(stream)
            except etree.XMLSyntaxError as error:
                raise Invalid(f"{self._path.name} is no XML that can be read ({error}): write it again") from error


class _Reading:
    """The state of reading: what the data set and the series say holds for their observations."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at = TIME
        self.shared: Row = {}
        self.series: Row = {}

    def rows(self, stream: Any) -> Iterator[Row]:
        safe = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
        started = False
        for event, element in etree.iterparse(stream, events=("start", "end"), **safe):
            if not started:
                self._check_root(element)
                started = True
            kind = _local(element)
            if event == "start":
                self._begin(kind, element)
            elif kind == "Obs":
                yield self._observation(element)
                _forget(element)
            else:
                self._end(kind, element)

    def _check_root(self, root: Any) -> None:
        if root.getroottree().docinfo.doctype:
            raise Invalid(f"{self.name} declares a document type: SDMX has none, take it out")
        if _local(root) not in ROOTS:
            raise Invalid(f"{self.name} is no SDMX data message: ask the service for data, not for {_local(root)}")

    def _begin(self, kind: str, element: Any) -> None:
        if kind == "Group":
            raise Invalid(f"{self.name} says things of groups of series, which are not read: ask for SDMX-CSV instead")
        if kind == "Structure" and "dimensionAtObservation" in element.attrib:
            self.at = element.get("dimensionAtObservation")
        elif kind == "DataSet":
            action = next((text for name, text in element.attrib.items() if name.endswith("action")), "Information")
            self.shared = {"ACTION": action[:1], **_plain(element)}
        elif kind == "Series":
            self.series = _plain(element)

    def _end(self, kind: str, element: Any) -> None:
        """Keys and attributes of the generic form, where they are not those of an observation."""
        above = _local(element.getparent()) if element.getparent() is not None else ""
        if kind in ("SeriesKey", "Attributes") and above in ("Series", "DataSet"):
            (self.series if above == "Series" else self.shared).update(_values(element))
        elif kind == "Series":
            self.series = {}
            _forget(element)

    def _observation(self, element: Any) -> Row:
        row = {**self.shared, **self.series, **_plain(element)}
        for child in element:
            match _local(child):
                case "ObsKey" | "Attributes":
                    row |= _values(child)
                case "ObsDimension":
                    row[child.get("id", self.at)] = child.get("value", "")
                case "ObsValue":
                    row[VALUE] = child.get("value", "")
                case other:
                    raise Invalid(f"{self.name}: {other} within an observation is not read: ask for SDMX-CSV instead")
        return row


def _local(element: Any) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def _plain(element: Any) -> Row:
    """Attributes without a namespace: in the structure-specific form they are components."""
    return {name: text for name, text in element.attrib.items() if not name.startswith("{") and name not in OWN}


OWN = ("structureRef", "action", "setID", "dataScope", "type")
"""Attributes of elements that are no components."""


def _values(element: Any) -> Row:
    return {child.get("id"): child.get("value", "") for child in element if _local(child) == "Value"}


def _forget(element: Any) -> None:
    """Leave nothing of what was read in memory."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)

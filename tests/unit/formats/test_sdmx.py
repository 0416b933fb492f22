"""SDMX data on its way out and back in: every form gives the same doubles again; what is unsafe is refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from math import isnan
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityindex.definitions.catalogue import Text
from cityindex.errors import Invalid
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.formats.sdmx import concepts, csv_, data_json, data_ml
from cityindex.formats.sdmx.artefacts import Artefact, Reference
from cityindex.formats.sdmx.dataset import DataSet

NAME = Text("ชื่อ", "Name")
STRUCTURE = Artefact("datastructure", "DSD_X", NAME, components=concepts.observations(Reference("codelist", "CL_X")))
FLOW = Artefact("dataflow", "DF_X", NAME, structure=STRUCTURE.reference)
FLAVOURS = (data_ml.GENERIC, data_ml.SPECIFIC, data_ml.SPECIFIC_3)
NUMBERS = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8)
SOURCE = 'ก & "b" <c>\n'


def data(values: list[float | None], at: str = "TIME_PERIOD") -> DataSet:
    """Two areas with the values, year by year."""
    count = len(values)
    frame = pl.DataFrame(
        {
            "REF_AREA": ["10"] * count + ["50"] * count,
            "INDICATOR": ["roads"] * 2 * count,
            "TIME_PERIOD": [*range(2001, 2001 + count)] * 2,
            "OBS_VALUE": pl.Series(values * 2, dtype=pl.Float64),
            "OBS_STATUS": ["O" if value is None else "A" for value in values] * 2,
            "UNIT_MEASURE": [None] * 2 * count,
            "SOURCE": [SOURCE] * 2 * count,
            "DEMO": pl.Series([None] * 2 * count, dtype=pl.String),
        }
    )
    return DataSet(FLOW, STRUCTURE, lambda: iter([frame[:count], frame[count:]]), datetime(2026, 1, 1, tzinfo=UTC), at)


@given(NUMBERS, st.sampled_from(["1.0.0", "2.0.0"]))
def test_csv_gives_the_same_doubles_again(values: list[float | None], version: str) -> None:
    text = b"".join(csv_.write_csv(data(values), version)).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["OBS_VALUE"]) if row["OBS_VALUE"] else None for row in rows] == values * 2
    assert {row["SOURCE"] for row in rows} == {SOURCE}


@given(NUMBERS, st.sampled_from(["1.0", "2.0"]))
def test_json_gives_the_same_doubles_again(values: list[float | None], version: str) -> None:
    message = json.loads(b"".join(data_json.write_json(data(values, "AllDimensions"), version, "th")))
    assert [one[0] for one in message["data"]["dataSets"][0]["observations"].values()] == values * 2


@settings(max_examples=30)
@given(NUMBERS, st.sampled_from(FLAVOURS), st.sampled_from(["TIME_PERIOD", "AllDimensions"]))
def test_xml_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, values: list[float | None], flavour: data_ml.Flavour, at: str
) -> None:
    file = tmp_path_factory.mktemp("ml") / "x.xml"
    file.write_bytes(b"".join(data_ml.write_ml(data(values, at), flavour)))
    table = read_observations(file, ReadOptions(era="ce"))
    found = [None if isnan(value) else value for value in table.value.tolist()]
    assert table.places == ("10", "50")
    assert table.period.tolist() == [*range(2001, 2001 + len(values))] * 2
    assert found == values * 2
    assert "".join(map(chr, table.status)) == "".join("O" if value is None else "A" for value in values) * 2


def message(inside: str, head: str = "") -> str:
    space = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
    return f'<?xml version="1.0"?>{head}<m:StructureSpecificData xmlns:m="{space}">{inside}</m:StructureSpecificData>'


OBS = '<Obs FREQ="A" REF_AREA="10" INDICATOR="roads" TIME_PERIOD="2566" OBS_VALUE="3"/>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (message(f"<m:DataSet>{OBS}</m:DataSet>", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///x">]>'), "document type"),
        (message("<m:DataSet>&l9;</m:DataSet>", f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'), "document type"),
        (message(f"<m:DataSet>{OBS}"), "no XML"),
        ("<html/>", "no SDMX data message"),
        ("", "no XML"),
        (message(f'<m:DataSet><Group UNIT_MULT="3"/>{OBS}</m:DataSet>'), "groups"),
        (message(f'<m:DataSet action="Delete">{OBS}</m:DataSet>'), "problem"),
        (message(f'<m:DataSet UNIT_MULT="3">{OBS}</m:DataSet>'), "problem"),
        (message(f'<m:DataSet DEMO="true">{OBS}</m:DataSet>'), "problem"),
        (message('<m:DataSet><Obs REF_AREA="10"><Comp/></Obs></m:DataSet>'), "within an observation"),
    ],
)  # fmt: skip
def test_what_is_unsafe_or_means_something_else_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.xml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        read_observations(file)


def test_a_message_in_the_buddhist_era(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text(message(f'<m:DataSet action="Replace">{OBS}</m:DataSet>'), encoding="utf-8")
    assert read_observations(file).periods == (2023,)

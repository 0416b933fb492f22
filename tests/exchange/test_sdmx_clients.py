"""SDMX as other people's programs read it: every dataflow, and exactly the numbers that are published."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import isnan
from typing import Any

import polars as pl
import pytest
import sdmx
from pysdmx.api.fmr import RegistryClient
from pysdmx.api.qb import ApiVersion, DataContext, DataQuery, RestService
from pysdmx.io.format import DataFormat, StructureFormat
from pysdmx.model import Codelist
from sdmx.model import common
from sdmx.reader.xml import v30  # noqa: F401 (it cannot be loaded after a structure-specific message was read)
from sqlalchemy.orm import Session

from cityindex.app import Application
from cityindex.config import read_settings
from cityindex.database import make_engine
from cityindex.formats.sdmx.flows import TARGETS, Flow, flows
from cityindex.queries.sdmx.observations import observation_frames
from cityindex.queries.sdmx.scores import score_frames
from cityindex.queries.sdmx.targets import target_frames
from cityindex.queries.sdmx.wishes import Wish

AGENCY = "TH_CITYINDEX"
WHOLE = os.environ.get("WHOLE") == "1"
SERIES_BY_SERIES = 20_000
"""Observations of a dataflow that are read series by series; larger ones come flat, which is read twice as fast."""
Numbers = dict[tuple[str, str, str], float | None]
"""Values by area, indicator and period."""
Stood = tuple[str, str, str, float, str, str | None]
KEPT = ("REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE", "VALID_FROM", "VALID_TO")
"""A target as it stood for a time, with that time."""


@pytest.fixture(scope="module")
def known(demo_on_postgis: str) -> Mapping[str, Flow]:
    return flows(Application(read_settings({"CITYINDEX_DATABASE_URL": demo_on_postgis})).catalogue)


@pytest.fixture(scope="module")
def published(demo_on_postgis: str, known: Mapping[str, Flow]) -> Mapping[str, Numbers]:
    """The numbers of every dataflow, straight from the database."""
    catalogue = Application(read_settings({"CITYINDEX_DATABASE_URL": demo_on_postgis})).catalogue
    engine = make_engine(demo_on_postgis)
    found = {}
    with Session(engine) as session:
        for name, one in known.items():
            if one.framework:
                frames = score_frames(session, one.framework, Wish())
            else:
                frames = (target_frames if name == TARGETS else observation_frames)(session, catalogue, Wish())
            found[name] = {
                (area, code, str(year)): value
                for frame in frames
                for area, code, year, value in frame.select(
                    "REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE"
                ).iter_rows()
            }
    engine.dispose()
    return found


def same(found: Numbers, published: Numbers) -> None:
    """To the last bit; what is missing is missing."""
    assert found.keys() == published.keys()
    different = {key: (found[key], value) for key, value in published.items() if found[key] != value}
    assert not different


@pytest.fixture(scope="module")
def sdmx1(server: str) -> Iterator[Any]:
    sdmx.add_source({"id": AGENCY, "name": "City Index", "url": f"{server}/sdmx/2.1"}, override=True)
    yield sdmx.Client(AGENCY)
    sdmx.source.sources.pop(AGENCY)


def test_sdmx1_reads_every_dataflow(sdmx1: Any, known: Mapping[str, Flow], published: Mapping[str, Numbers]) -> None:
    assert set(sdmx1.dataflow().dataflow) == set(known) == set(published)
    for name, numbers in published.items():
        told = sdmx1.dataflow(name, params={"references": "all"})
        structure = told.structure[f"DSD_{name.removeprefix('DF_')}"]
        assert [one.id for one in structure.dimensions.components] == ["FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD"]
        # It reads some thousand observations a second. WHOLE=1 reads all of them, which takes minutes.
        areas = sorted({area for area, _, _ in numbers})[:: 1 if WHOLE else 12]
        key = {} if WHOLE else {"key": f".{'+'.join(areas)}."}
        flat = {"dimensionAtObservation": "AllDimensions"} if len(numbers) > SERIES_BY_SERIES else {}
        message = sdmx1.data(name, dsd=structure, params=flat, **key)
        found = {
            _key(observation): None if observation.value is None else float(observation.value)
            for one in message.data
            for observation in one.obs
        }
        wanted = {key: value for key, value in numbers.items() if key[0] in set(areas)}
        same({key: _number(value) for key, value in found.items()}, wanted)


def _key(observation: Any) -> tuple[str, str, str]:
    values = observation.key.values
    area, code, year = (str(values[name].value) for name in ("REF_AREA", "INDICATOR", "TIME_PERIOD"))
    return area, code, year


def _number(value: float | None) -> float | None:
    return None if value is None or isnan(value) else value


def test_sdmx1_reads_the_newer_structures(server: str) -> None:
    newer = {"id": AGENCY, "name": "City Index", "url": f"{server}/sdmx/3.0", "versions": ["3.0.0"]}
    sdmx.add_source(newer, override=True)
    areas = sdmx.Client(AGENCY).codelist("CL_FREQ")
    assert isinstance(areas.codelist["CL_FREQ"], common.Codelist)


@pytest.fixture(scope="module")
def revised(demo_on_postgis: str) -> list[Stood]:
    """The targets of the demo with what they were before, straight from the database."""
    catalogue = Application(read_settings({"CITYINDEX_DATABASE_URL": demo_on_postgis})).catalogue
    engine = make_engine(demo_on_postgis)
    with Session(engine) as session:
        [frame] = target_frames(session, catalogue, Wish(history=True))
    engine.dispose()
    found = list(frame.with_columns(pl.col("TIME_PERIOD").cast(pl.String)).select(*KEPT).iter_rows())
    assert any(until for *_, until in found)
    assert any(until is None for *_, until in found)
    return found


def test_sdmx1_reads_what_targets_were_before(sdmx1: Any, revised: list[Stood]) -> None:
    structure = sdmx1.dataflow(TARGETS, params={"references": "all"}).structure["DSD_TARGETS"]
    message = sdmx1.data(TARGETS, dsd=structure, params={"includeHistory": True})
    found = [_stood(observation) for one in message.data for observation in one.obs]
    assert sorted(found, key=str) == sorted(revised, key=str)
    moment = max(datetime.fromisoformat(since) for *_, since, _ in revised) - timedelta(days=1)
    asked = {"includeHistory": True, "updatedAfter": moment.isoformat()}
    late = sdmx1.data(TARGETS, dsd=structure, params=asked)
    newer = [one for one in revised if datetime.fromisoformat(one[-2]) > moment]
    assert sorted((_stood(one) for part in late.data for one in part.obs), key=str) == sorted(newer, key=str)


def _stood(observation: Any) -> Stood:
    told = {name: str(one.value) for name, one in observation.attached_attribute.items()}
    until = told.get("VALID_TO") or None
    return (*_key(observation), float(observation.value), told["VALID_FROM"], until)


def test_pysdmx_reads_what_targets_were_before(server: str, revised: list[Stood]) -> None:
    service = RestService(f"{server}/sdmx/3.0", ApiVersion.V2_0_0, data_format=DataFormat.SDMX_CSV_2_0_0)
    query = DataQuery(DataContext.DATAFLOW, AGENCY, TARGETS, "1.0.0", include_history=True)
    text = dict.fromkeys((*KEPT[:3], *KEPT[4:]), pl.String)
    frame = pl.read_csv(io.BytesIO(service.data(query)), schema_overrides=text | {"OBS_VALUE": pl.Float64})
    found = [(area, code, year, *rest) for area, code, year, *rest in frame.select(*KEPT).iter_rows()]
    assert sorted(found, key=str) == sorted(revised, key=str)


@pytest.mark.parametrize("form", [DataFormat.SDMX_CSV_2_0_0, DataFormat.SDMX_CSV_1_0_0])
def test_pysdmx_reads_every_dataflow(server: str, published: Mapping[str, Numbers], form: DataFormat) -> None:
    service = RestService(f"{server}/sdmx/3.0", ApiVersion.V2_0_0, data_format=form)
    for name, numbers in published.items():
        body = service.data(DataQuery(DataContext.DATAFLOW, AGENCY, name, "1.0.0"))
        text = dict.fromkeys(("REF_AREA", "INDICATOR", "TIME_PERIOD"), pl.String)
        frame = pl.read_csv(io.BytesIO(body), schema_overrides=text | {"OBS_VALUE": pl.Float64})
        rows = frame.select("REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE").iter_rows()
        same({(area, code, year): value for area, code, year, value in rows}, numbers)


def test_pysdmx_reads_structures(server: str, known: Mapping[str, Flow]) -> None:
    client = RegistryClient(f"{server}/sdmx/3.0", StructureFormat.SDMX_JSON_2_0_0)
    assert {one.id for one in client.get_dataflows(AGENCY)} == set(known)
    areas = client.get_codes(AGENCY, "CL_AREA")
    assert isinstance(areas, Codelist)
    assert {"10", "50"} <= {one.id for one in areas}
    for name in known:
        told = client.get_dataflow_details(AGENCY, name, "1.0.0")
        assert [one.id for one in told.components.dimensions] == ["FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD"]
        assert [one.id for one in told.components.measures] == ["OBS_VALUE"]

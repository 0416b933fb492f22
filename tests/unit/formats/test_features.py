"""Features from files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from shapely import box

from cityindex.errors import Invalid, NotFound
from cityindex.formats import features as module
from cityindex.formats.features import read_features, with_points

SQUARE = shapely.to_wkb(box(100, 15, 101, 16))


def geojson(path: Path, *features: tuple[dict[str, Any], Any], **more: Any) -> Path:
    listed = [{"type": "Feature", "properties": properties, "geometry": shape} for properties, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed, **more}), encoding="utf-8")
    return path


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def write(path: Path, driver: str, crs: str | None, layer: str = "areas", append: bool = False) -> Path:
    names, values = np.array(["code", "people"]), [np.array(["01"], dtype=object), np.array([12])]
    kind = {"geometry_type": "Polygon", "crs": crs, "driver": driver, "layer": layer, "append": append}
    pyogrio.raw.write(path, np.array([SQUARE], dtype=object), values, names, **kind)
    return path


def test_rings_without_numbers_are_no_geometry_and_nothing_else_is_said(tmp_path: Path) -> None:
    ring = [[100, float("nan")], [101, 15], [101, 16], [100, 15]]
    shapes = [{"type": "Polygon", "coordinates": [ring]}, point(100, 15)]
    read = read_features(geojson(tmp_path / "a.geojson", *(({"code": "01"}, shape) for shape in shapes)))
    assert [geometry is None for geometry in read.geometries] == [True, False]


def test_properties_are_text_and_features_are_numbered_from_one(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson",
        ({"code": "01", "people": 12, "share": 0.5, "name": "น้ำ"}, point(100, 15)),
        ({"code": None, "people": None, "share": 2.0, "name": ""}, None),
    )
    read = read_features(path)
    assert list(read.rows()) == [
        (1, {"code": "01", "people": "12", "share": "0.5", "name": "น้ำ"}),
        (2, {"code": "", "people": "", "share": "2", "name": ""}),
    ]
    assert read.geometries[1] is None
    assert read.in_degrees


@pytest.mark.parametrize(("driver", "name"), [("GPKG", "a.gpkg"), ("GeoJSON", "a.json")])
def test_kinds(tmp_path: Path, driver: str, name: str) -> None:
    read = read_features(write(tmp_path / name, driver, "EPSG:4326"))
    assert (read.header, read.properties, read.in_degrees) == (("code", "people"), (("01", "12"),), True)
    assert read.geometries[0].equals(box(100, 15, 101, 16))


def test_a_zipped_shapefile(tmp_path: Path) -> None:
    write(tmp_path / "a.shp", "ESRI Shapefile", "EPSG:4326")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for part in ("shp", "shx", "dbf", "prj"):
            packed.write(tmp_path / f"a.{part}", f"a.{part}")
    read = read_features(tmp_path / "a.zip")
    assert (read.properties, read.in_degrees) == ((("01", "12"),), True)


def test_another_coordinate_system_is_seen(tmp_path: Path) -> None:
    declared = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}
    read = read_features(geojson(tmp_path / "a.geojson", ({"code": "1"}, point(11133000, 1600000)), **declared))
    assert read.crs == "EPSG:3857"
    assert not read.in_degrees


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_no_coordinate_system_is_not_taken_for_degrees(tmp_path: Path) -> None:
    assert not read_features(write(tmp_path / "a.gpkg", "GPKG", None)).in_degrees


def test_several_layers_are_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", "GPKG", "EPSG:4326", "one")
    write(path, "GPKG", "EPSG:4326", "two", append=True)
    with pytest.raises(Invalid, match="one, two"):
        read_features(path)


def test_damaged_and_empty_files(tmp_path: Path) -> None:
    whole = geojson(tmp_path / "a.geojson", ({"code": "1"}, point(100, 15)))
    (tmp_path / "cut.geojson").write_bytes(whole.read_bytes()[:60])
    (tmp_path / "cut.gpkg").write_bytes(b"SQLite format 3\0 no more")
    (tmp_path / "cut.zip").write_bytes(b"PK no more")
    geojson(tmp_path / "none.geojson")
    for name in ("cut.geojson", "cut.gpkg", "cut.zip", "none.geojson"):
        with pytest.raises(Invalid):
            read_features(tmp_path / name)


def test_what_is_not_there_or_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_features(tmp_path / "none.geojson")
    (tmp_path / "a.kml").touch()
    with pytest.raises(Invalid, match="no kind"):
        read_features(tmp_path / "a.kml")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.shp", bytes(2 << 20))
    with pytest.raises(Invalid, match="more than"):
        read_features(tmp_path / "a.zip")


def test_points_become_columns_unless_they_are_there(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", ({"code": "1"}, point(100.5, 15.25)))
    assert list(with_points(read_features(path)).rows()) == [(1, {"code": "1", "lat": "15.25", "lon": "100.5"})]
    own = geojson(tmp_path / "b.geojson", ({"lat": "15"}, point(100.5, 15.25)))
    assert with_points(read_features(own)).header == ("lat",)
    area = geojson(tmp_path / "c.geojson", ({"code": "1"}, shapely.geometry.mapping(box(100, 15, 101, 16))))
    assert with_points(read_features(area)).header == ("code",)

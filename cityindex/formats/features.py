"""Features from files: GeoJSON, GeoPackage and zipped Shapefile, with their properties as text."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from cityindex.errors import Invalid, NotFound

KINDS = (".geojson", ".json", ".gpkg", ".zip")
MAXIMUM_BYTES = 1 << 30
WGS84 = ("EPSG:4326", "OGC:CRS84")
Geometries = NDArray[np.object_]
warnings.filterwarnings(
    "ignore", "Non closed ring"
)  # whoever sent it cannot see the warning: the feature is told by name


@dataclass(frozen=True)
class Features:
    """A layer: `header` names the properties, `geometries` are shapely's, None where there is none.

    `crs` is what the file declares, such as `EPSG:4326` (GeoJSON's when it says nothing); None where it is unknown.
    Features are numbered from 1, in the order of the file.
    """

    path: Path
    header: tuple[str, ...]
    properties: tuple[tuple[str, ...], ...]
    geometries: Geometries
    crs: str | None

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each feature as `(number, {property: text})`; what is null is empty text."""
        for number, values in enumerate(self.properties, start=1):
            yield number, dict(zip(self.header, values, strict=True))

    @property
    def in_degrees(self) -> bool:
        """Longitude and latitude of WGS 84, as declared."""
        return self.crs in WGS84 or (self.crs is not None and _names_wgs84(self.crs))


def is_features(path: Path) -> bool:
    """Whether the name says that it is a file of features."""
    return path.suffix.lower() in KINDS


def read_features(path: Path) -> Features:
    """Read the only layer of a file. Raises `NotFound`, or `Invalid` for a file that is damaged or has no features."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    if not is_features(path):
        raise Invalid(f"{path.name} is of no kind that is read: write {', '.join(KINDS)}")
    _check_size(path)
    try:
        meta, wkb, columns, geometries = _read_layer(path)
    except (DataSourceError, DataLayerError) as error:
        raise Invalid(f"{path.name} is damaged or not what its name says: {error}") from error
    if wkb is None or not len(wkb):
        raise Invalid(f"{path.name} has no features")
    texts = [[_text(value) for value in column.tolist()] for column in columns]
    rows = tuple(zip(*texts, strict=True)) if texts else ((),) * len(wkb)
    return Features(path, tuple(meta["fields"].tolist()), rows, geometries, meta["crs"])


def _read_layer(path: Path) -> tuple[Any, Any, Any, Any]:
    meta, _, wkb, columns = pyogrio.raw.read(path, layer=_only_layer(path), force_2d=True)
    with np.errstate(invalid="ignore"):  # of rings that hold no numbers: such a feature is told by name
        return meta, wkb, columns, None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore")


def with_points(features: Features) -> Features:
    """The features with their points as columns `lat` and `lon`, where all are points and the columns are free."""
    kinds = shapely.get_type_id(features.geometries)
    if not (kinds == 0).all() or {"lat", "lon"} & set(features.header):
        return features
    places = zip(shapely.get_y(features.geometries), shapely.get_x(features.geometries), strict=True)
    rows = tuple(
        (*values, repr(float(lat)), repr(float(lon)))
        for values, (lat, lon) in zip(features.properties, places, strict=True)
    )
    return Features(features.path, (*features.header, "lat", "lon"), rows, features.geometries, features.crs)


def _only_layer(path: Path) -> str:
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if len(layers) != 1:
        listed = f"the layers {', '.join(layers)}" if layers else "no layer with geometry"
        raise Invalid(f"{path.name} has {listed}: write a file with one")
    return layers[0]


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if path.suffix.lower() == ".zip":
        try:
            size = sum(member.file_size for member in zipfile.ZipFile(path).infolist())
        except zipfile.BadZipFile:
            raise Invalid(f"{path.name} is damaged or cut off: write it again") from None
    if size > MAXIMUM_BYTES:
        raise Invalid(f"{path.name} holds more than {MAXIMUM_BYTES >> 30} GiB: simplify or split it")


def _names_wgs84(crs: str) -> bool:
    # A definition without an authority's code, as in the .prj of a Shapefile.
    geographic = crs.startswith(("GEOGCS", "GEOGCRS"))
    return geographic and any(name in crs[:60] for name in ("WGS 84", "WGS84", "WGS_1984"))


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 (not a number, not a time)
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()

"""A collection of features held ready to send: each as the bytes of its GeoJSON, with what they are chosen by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Box = tuple[float, float, float, float]
Interval = tuple[date | None, date | None]
"""From a day to a day, both included; None where an end is open."""
NEVER_BEGAN, NEVER_ENDS = date.min.toordinal(), date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: `geometry` is the text of a GeoJSON geometry, `null` where there is none.

    `properties` are written as they stand (text, numbers, booleans, None); `valid` is when the feature held.
    """

    id: str
    geometry: str
    properties: Mapping[str, Any]
    valid: Interval = (None, None)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which features are wanted. All that is given has to hold; nothing given means all.

    `boxes` in degrees (two where the box crosses the antimeridian); `area` is a geometry that a point of the feature
    lies in; `equal` maps properties to the text they are to have.
    """

    boxes: tuple[Box, ...] = ()
    time: Interval | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    area: Any = None


class FeatureSet:
    """Features in their order. They never change: what they show is named by `version`."""

    def __init__(self, version: str, features: Sequence[Feature]) -> None:
        self.version = version
        self.ids = [feature.id for feature in features]
        self.texts = [_text(feature) for feature in features]
        self.geometries: NDArray[np.object_] = shapely.from_geojson(
            np.array([None if feature.geometry == "null" else feature.geometry for feature in features], object)
        )
        names = list(features[0].properties) if features else []
        self.properties = {name: [feature.properties[name] for feature in features] for name in names}
        self.begins = np.array([_ordinal(one.valid[0], NEVER_BEGAN) for one in features], np.int64)
        self.ends = np.array([_ordinal(one.valid[1], NEVER_ENDS) for one in features], np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size(self) -> int:
        """Bytes held, about: the text, and as much again for geometries and properties."""
        return 2 * sum(map(len, self.texts))

    @cached_property
    def extent(self) -> Box | None:
        """West, south, east, north of everything; None where nothing has a geometry."""
        west, south, east, north = shapely.total_bounds(self.geometries).tolist()
        return None if np.isnan(west) else (west, south, east, north)

    @cached_property
    def lasting(self) -> Interval:
        """From the first beginning to the last end."""
        begins, ends = self.begins, self.ends
        first = int(begins.min(initial=NEVER_ENDS)) if len(self) else NEVER_BEGAN
        last = int(ends.max(initial=NEVER_BEGAN)) if len(self) else NEVER_ENDS
        return (
            None if first == NEVER_BEGAN else date.fromordinal(first),
            None if last == NEVER_ENDS else date.fromordinal(last),
        )

    def row(self, feature_id: str) -> int | None:
        return self._row_of.get(feature_id)

    def choose(self, choice: Choice) -> Rows | None:
        """The rows that are wanted, in order; None means all of them."""
        found: list[Rows] = []
        if choice.boxes:
            found.append(np.concatenate([self._touching(shapely.box(*box)) for box in choice.boxes]))
        if choice.area is not None:
            found.append(self._points.query(choice.area, predicate="intersects"))
        if choice.time is not None:
            first, last = _ordinal(choice.time[0], NEVER_BEGAN), _ordinal(choice.time[1], NEVER_ENDS)
            found.append(np.flatnonzero((self.begins <= last) & (self.ends >= first)))
        found += [self._with(name, text) for name, text in choice.equal.items()]
        if not found:
            return None
        rows = found[0]
        for more in found[1:]:
            rows = np.intersect1d(rows, more)
        return np.unique(rows)

    def page(self, rows: Rows | None, offset: int, limit: int) -> list[bytes]:
        """The texts of `limit` of the rows from `offset` on."""
        if rows is None:
            return self.texts[offset : offset + limit]
        return [self.texts[row] for row in rows[offset : offset + limit].tolist()]

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {feature_id: row for row, feature_id in enumerate(self.ids)}

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.geometries)

    @cached_property
    def _points(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.point_on_surface(self.geometries))

    def _touching(self, box: Any) -> Rows:
        return self._tree.query(box, predicate="intersects")

    def _with(self, name: str, text: str) -> Rows:
        if name not in self._by_property:
            self._by_property[name] = self._index(name)
        return self._by_property[name].get(text, np.empty(0, np.intp))

    @cached_property
    def _by_property(self) -> dict[str, dict[str, Rows]]:
        return {}

    def _index(self, name: str) -> dict[str, Rows]:
        rows: dict[str, list[int]] = {}
        for row, value in enumerate(self.properties.get(name, ())):
            rows.setdefault(as_text(value), []).append(row)
        return {text: np.array(of, np.intp) for text, of in rows.items()}


def as_text(value: Any) -> str:
    """A property as it is written in an address: `true`, `2.5`, `city-municipality`; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _text(feature: Feature) -> bytes:
    return b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (
        orjson.dumps(feature.id),
        feature.geometry.encode(),
        orjson.dumps(dict(feature.properties)),
    )


def _ordinal(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else day.toordinal()

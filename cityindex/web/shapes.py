"""Geometry and values for maps: immutable addresses, compressed once."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import orjson
import shapely
from flask import Blueprint, Response, request

from cityindex.errors import NotFound
from cityindex.maps.columns import packed, packed_codes
from cityindex.maps.topology import packed as packed_shapes
from cityindex.queries.boundaries import boundary_version, feature_collection
from cityindex.queries.editions import run_record, standing_edition
from cityindex.queries.features import standing
from cityindex.queries.map_places import shape_names, shape_texts, spots_by_code
from cityindex.queries.run_arrays import tree_of
from cityindex.web.caching import A_MINUTE, A_YEAR
from cityindex.web.map_layers import EditionSubject, Layer, database_key, reported_subject
from cityindex.web.session import application, database

shapes = Blueprint("shapes", __name__)

KEPT = 64
SPOT_DECIMALS = 3


class Compressed:
    """The most recently asked for bodies, compressed: a boundary set of thousands is compressed once, not a request."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.bodies: OrderedDict[str, bytes] = OrderedDict()
        self.lock = Lock()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        with self.lock:
            if key in self.bodies:
                self.bodies.move_to_end(key)
                return self.bodies[key]
        body = gzip.compress(make(), 9, mtime=0)
        with self.lock:
            self.bodies[key] = body
            while len(self.bodies) > self.size:
                self.bodies.popitem(last=False)
        return body


_kept = Compressed(KEPT)


@shapes.get("/map/boundaries/<fingerprint>/<int:detail>.json")
def boundaries(fingerprint: str, detail: int) -> Response:
    """All shapes of a boundary set as GeoJSON. The fingerprint names the version: the answer is kept for ever."""
    version = boundary_version(database(), fingerprint)
    body = _kept.get(f"{fingerprint}/{detail}", lambda: feature_collection(database(), version, detail).encode())
    return _immutable(body, "application/geo+json")


@shapes.get("/map/shapes/<fingerprint>/<int:detail>.json")
def lines(fingerprint: str, detail: int) -> Response:
    """The same shapes for our own maps, a fifth in size: every border once (`maps.topology`), and the codes."""
    version = boundary_version(database(), fingerprint)
    body = _kept.get(f"lines/{fingerprint}/{detail}", lambda: _lines(version.id, detail))
    return _immutable(body, "application/json")


@shapes.get("/map/names/<fingerprint>.json")
def names(fingerprint: str) -> Response:
    """`{code: [Thai name, English name]}` of the places of a boundary set, by which they are told and found."""
    version = boundary_version(database(), fingerprint)

    def made() -> bytes:
        return orjson.dumps({code: [th, en or th] for code, th, en in shape_names(database(), version.id)})

    return _immutable(_kept.get(f"names/{fingerprint}", made), "application/json")


@shapes.get("/map/values/<int:run>/<node>.json")
def values(run: int, node: str) -> Response:
    """What a published run says at a node or indicator, as columns (`maps.columns`)."""
    record = run_record(database(), run)
    # An edition that a newer one follows still stands: whoever opened its map before may read on.
    edition = standing_edition(database(), record.framework, record.period, run)
    found = next((one for one in tree_of(database(), run) if one.code == node), None)
    if found is None:
        raise NotFound(f"run {run} has no node {node}")
    entry = application().catalogue.framework(record.framework)
    return _columns(EditionSubject(entry, [edition], found).layer(edition.period))


@shapes.get("/map/reported/<indicator>/<int:period>/<int:recording>.json")
def reported(indicator: str, period: int, recording: int) -> Response:
    """Figures as they were reported, as columns. `recording` is the last one about them, which names their state."""
    subject = reported_subject(application().catalogue.indicator(indicator))
    if subject.recordings.get(period) != recording:
        raise NotFound(f"the figures of {indicator} for {period} have changed since recording {recording}")
    return _columns(subject.layer(period))


@shapes.get("/map/positions.json")
def positions() -> Response:
    """Where places lie, for dots and symbols: `codes` and, in thousandths of a degree, `x` and `y`; `people`."""
    now = standing(database()).places
    response = _immutable(_kept.get(f"positions {database_key()} {now}", _positions), "application/json")
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"  # the address does not say which state it is of
    return response


def _positions() -> bytes:
    spots = spots_by_code(database())
    codes = sorted(spots)
    step = 10**SPOT_DECIMALS
    body = {
        "codes": packed_codes(codes),
        "decimals": SPOT_DECIMALS,
        "x": [round(spots[code].longitude * step) for code in codes],
        "y": [round(spots[code].latitude * step) for code in codes],
        "people": [spots[code].population for code in codes],
    }
    return orjson.dumps(body)


def _columns(layer: Layer) -> Response:
    key = " ".join(map(str, (*layer.key, layer.sent_decimals)))
    return _immutable(_kept.get(key, lambda: packed(layer.every, layer.sent_decimals)), "application/json")


def _lines(set_id: int, detail: int) -> bytes:
    found = shape_texts(database(), set_id, detail)
    if not found:
        raise NotFound(f"there is no detail {detail} of these boundaries")
    codes, texts = zip(*found, strict=True)
    return orjson.dumps({"codes": packed_codes(codes), **packed_shapes(shapely.from_geojson(texts).tolist())})


def _immutable(body: bytes, kind: str) -> Response:
    """An answer that never changes. Who cannot unpack it, and there is hardly one, gets it unpacked."""
    unpacks = request.accept_encodings.quality("gzip") > 0
    response = Response(body if unpacks else gzip.decompress(body), mimetype=kind)
    if unpacks:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response

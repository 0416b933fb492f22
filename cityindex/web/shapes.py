"""Geometry and values for maps: immutable addresses, compressed once."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import orjson
from flask import Blueprint, Response, request

from cityindex.queries.boundaries import boundary_version, feature_collection
from cityindex.queries.editions import run_record, standing_edition
from cityindex.queries.places import named_places
from cityindex.queries.run_arrays import node_of, tree_of
from cityindex.queries.scores import MapValue, map_values
from cityindex.web.caching import A_YEAR
from cityindex.web.session import database

shapes = Blueprint("shapes", __name__)

KEPT = 24
DECIMALS = 6


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


@shapes.get("/map/values/<int:run>/<node>.json")
def values(run: int, node: str) -> Response:
    """`{"places": {code: [value, rank, low, high]}}` of a published run: an indicator's value, a node's score.

    `low` and `high` are the ends of the interval of the rank; they are left out where there is none.

    `type` and `province` (a code) leave out the other places.
    """
    record = run_record(database(), run)
    # An edition that a newer one follows still stands: whoever opened its map before may read on.
    standing_edition(database(), record.framework, record.period, run)
    is_indicator = node_of(tree_of(database(), run), node).is_indicator
    results = results_of(run, node, request.args.get("type", ""), request.args.get("province", ""))
    places = {code: _row(result, is_indicator) for code, result in results.items()}
    body = orjson.dumps({"run": run, "node": node, "places": places})
    return _immutable(gzip.compress(body, 6, mtime=0), "application/json")


def results_of(run: int, node: str, place_type: str, province: str) -> dict[str, MapValue]:
    """Results of a run at a node or indicator by the code of the place, of one type or province where one is given."""
    results = map_values(database(), run, node)
    if not place_type and not province:
        return results
    wanted = named_places(database(), place_type=place_type or None, province=province or None)
    return {code: result for code, result in results.items() if code in wanted}


def _row(result: MapValue, is_indicator: bool) -> list[float | int | None]:
    value = result.value if is_indicator else result.score
    interval = [] if result.rank_low is None else [result.rank_low, result.rank_high]
    return [None if value is None else round(value, DECIMALS), result.rank, *interval]


def _immutable(body: bytes, kind: str) -> Response:
    """An answer that never changes. Who cannot unpack it, and there is hardly one, gets it unpacked."""
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(body if packed else gzip.decompress(body), mimetype=kind)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response

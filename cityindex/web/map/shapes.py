"""Geometry and values for maps: immutable addresses, compressed once."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from flask import Blueprint, Response, request

from cityindex.errors import NotFound
from cityindex.maps.columns import packed, packed_codes
from cityindex.maps.topology import stored, with_codes
from cityindex.queries.places.boundaries import boundary_version, feature_collection
from cityindex.queries.places.directory import state_of_places
from cityindex.queries.places.map_places import shape_names, shape_pack, shape_texts, shaped_codes, spots_by_code
from cityindex.queries.runs.arrays import tree_of
from cityindex.queries.runs.editions import run_record, standing_edition
from cityindex.web.caching import A_MINUTE
from cityindex.web.compressed import Compressed, immutable
from cityindex.web.map.layers import EditionSubject, Layer, database_key, reported_subject
from cityindex.web.session import application, database

shapes = Blueprint("shapes", __name__)

KEPT = 64
SPOT_DECIMALS = 3
MOST_SETS = 4


_kept = Compressed(KEPT)


@shapes.get("/map/boundaries/<fingerprint>/<int:detail>.json")
def boundaries(fingerprint: str, detail: int) -> Response:
    """All shapes of a boundary set as GeoJSON. The fingerprint names the version: the answer is kept for ever."""
    version = boundary_version(database(), fingerprint)
    body = _kept.get(f"{fingerprint}/{detail}", lambda: feature_collection(database(), version, detail).encode())
    return immutable(body, "application/geo+json")


@shapes.get("/map/shapes/<fingerprint>/<int:detail>.json")
def lines(fingerprint: str, detail: int) -> Response:
    """The same shapes for our own maps, a fifth in size: every border once (`maps.topology`), and the codes."""
    version = boundary_version(database(), fingerprint)
    body = _kept.get(f"lines/{fingerprint}/{detail}/{state_of_places(database())}", lambda: _lines(version.id, detail))
    return immutable(body, "application/json")


@shapes.get("/map/names/<fingerprint>.json")
def names(fingerprint: str) -> Response:
    """`{code: [Thai name, English name]}` of the places of a boundary set, by which they are told and found."""
    version = boundary_version(database(), fingerprint)

    def made() -> bytes:
        return orjson.dumps({code: [th, en or th] for code, th, en in shape_names(database(), version.id)})

    return immutable(_kept.get(f"names/{fingerprint}/{state_of_places(database())}", made), "application/json")


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
    """Where places lie, for dots and symbols: `codes` and, in thousandths of a degree, `x` and `y`; `people`.

    `besides`, once or more, names a boundary set whose places are left out: they have a shape.
    """
    versions = [boundary_version(database(), one) for one in request.args.getlist("besides")[:MOST_SETS]]
    key = " ".join(["positions", *database_key(), state_of_places(database()), *(one.fingerprint for one in versions)])
    response = immutable(_kept.get(key, lambda: _positions([one.id for one in versions])), "application/json")
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"  # the address does not say which state it is of
    return response


def _positions(sets: Sequence[int]) -> bytes:
    spots = spots_by_code(database())
    codes = sorted(spots.keys() - (shaped_codes(database(), sets) if sets else frozenset()))
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
    return immutable(_kept.get(key, lambda: packed(layer.every, layer.sent_decimals)), "application/json")


def _lines(set_id: int, detail: int) -> bytes:
    """As it was packed at import; another detail, or a set of before that was done, is packed now."""
    found = shape_pack(database(), set_id, detail) or _packed_now(set_id, detail)
    return with_codes(found[0], packed_codes(found[1]))


def _packed_now(set_id: int, detail: int) -> tuple[bytes, list[str]]:
    found = shape_texts(database(), set_id, detail)
    if not found:
        raise NotFound(f"there is no detail {detail} of these boundaries")
    codes, texts = zip(*found, strict=True)
    return stored(texts, detail), list(codes)

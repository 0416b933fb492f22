"""Answers that are compressed once, not at every request: geometry, values, styles and scripts."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from flask import Response, request

from cityindex.web.caching import A_YEAR


class Compressed:
    """The bodies asked for most recently, compressed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.bodies: OrderedDict[str, bytes] = OrderedDict()
        self.lock = Lock()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        with self.lock:
            if key in self.bodies:
                self.bodies.move_to_end(key)
                return self.bodies[key]
        # A higher level takes four times as long and saves a hundredth.
        body = gzip.compress(make(), 6, mtime=0)
        with self.lock:
            self.bodies[key] = body
            while len(self.bodies) > self.size:
                self.bodies.popitem(last=False)
        return body


def immutable(body: bytes, kind: str) -> Response:
    """An answer that never changes, of a compressed body. Who cannot unpack it (hardly one) gets it unpacked."""
    unpacks = request.accept_encodings.quality("gzip") > 0
    response = Response(body if unpacks else gzip.decompress(body), mimetype=kind)
    if unpacks:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response

"""Arrays and JSON objects as compressed bytes, for the results of a run that are kept as a whole."""

from __future__ import annotations

import io
import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cityindex.errors import Invalid

QUICK = 1
"""Level of zlib: the higher ones take five times as long for a tenth less."""


def pack_array(array: NDArray[Any]) -> bytes:
    """An array of numbers as bytes: its dtype and shape are among them, and every bit comes back.

    The bytes of all numbers are sorted by their place in the number first (all first bytes, then all second ones …),
    where they resemble their neighbours and so compress better and faster.
    """
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(np.ascontiguousarray(array)))
    flat = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8).reshape(-1, array.dtype.itemsize)
    return zlib.compress(stream.getvalue() + flat.T.tobytes(), QUICK)


def unpack_array(data: bytes) -> NDArray[Any]:
    """The array that `pack_array` wrote, read-only. Raises `Invalid` for other bytes."""
    try:
        stream = io.BytesIO(zlib.decompress(data))
        np.lib.format.read_magic(stream)
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        shuffled = np.frombuffer(stream.read(), np.uint8).reshape(dtype.itemsize, -1)
        return np.frombuffer(shuffled.T.tobytes(), dtype).reshape(shape)
    except (zlib.error, ValueError) as error:
        raise Invalid(f"this is no stored array ({error}): restore the database from a backup") from error


def pack_json(value: Any) -> bytes:
    """A JSON-able value as bytes; doubles survive to the bit."""
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), QUICK)


def unpack_json(data: bytes) -> Any:
    """What `pack_json` wrote. Raises `Invalid` for other bytes."""
    try:
        return json.loads(zlib.decompress(data))
    except (zlib.error, ValueError) as error:
        raise Invalid(f"this is no stored record ({error}): restore the database from a backup") from error
